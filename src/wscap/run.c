/* What is done with each packet, and with what comes between them. */
#include "wscap/run_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "wscap/report.h"
#include "wscap/signals.h"

enum {
	LOOK_AGAIN = 64, /* packets, whether there are so many connections by now */
};

void run_fail(struct run *run, const char *sentence)
{
	log_error("%s", sentence);
	run->status = 1;
	run->done = true;
}

static void take_writer_step(struct run *run, enum writer_step step)
{
	if (step == WRITER_DONE)
		return;
	run->done = true;
	if (step == WRITER_FULL)
		log_line("Maximum file limit reached: %u", run->options->rotate_files);
	if (step == WRITER_ERROR)
		run_fail(run, writer_error(run->writer));
	writer_close(run->writer);
	run->writer = NULL;
}

void run_flush(struct run *run)
{
	if (run->sink.press)
		press_push(run->sink.press);
	else
		out_flush(&run->out);
}

/* A reader that went away is no error. */
static void end_out(struct run *run, int error)
{
	if (run->out_ended)
		return;
	run->out_ended = true;
	run->done = true;
	if (error == EPIPE)
		return;
	log_error("%s: %s", _("standard output"), strerror(error));
	run->status = 1;
}

/* A packet, or what happened without one, was printed. */
static inline void check_out(struct run *run)
{
	int error = run->sink.press ? press_error(run->sink.press) : out_error(&run->out);

	if (error)
		end_out(run, error);
}

static void answer_signals(struct run *run)
{
	if (signals_take(REQUEST_COUNTERS))
		report_capture(run->source, run->captured, true);
	if (signals_take(REQUEST_FLUSH) && run->writer)
		take_writer_step(run, writer_flush(run->writer));
	if (signals_take(REQUEST_PROGRESS))
		fprintf(stderr, "Got %llu\r", (unsigned long long)run->captured);
}

/* With comments it is told before it is written, and else behind that: a file's last packet ends the run. */
static __attribute__((noinline)) bool write_packet(struct run *run, const struct packet *packet,
						   struct packet_view *view)
{
	struct ws_span comment = {0};

	if (run->commenting) {
		decode_packet(run->decode, packet, view);
		comment = comments_packet(&run->comments, view);
	}
	take_writer_step(run, writer_packet(run->writer, packet, comment));
	return !run->done;
}

static inline void tell_packet(struct run *run, const struct packet *packet)
{
	struct packet_view view;

	decode_packet(run->decode, packet, &view);
	if (run->on_packet)
		run->on_packet(&run->sink, &view);
	check_out(run);
}

/* A packet of which more is asked than that it is told. */
static __attribute__((noinline)) void take_packet(struct run *run, const struct packet *packet)
{
	struct packet_view view;

	if (run->writer && !write_packet(run, packet, &view))
		return;
	if (run->decode) {
		if (!run->commenting)
			decode_packet(run->decode, packet, &view);
		if (run->on_packet)
			run->on_packet(&run->sink, &view);
		if (run->flush_each)
			run_flush(run);
		check_out(run);
	}
	if (run->captured == run->options->count)
		run->done = true;
}

static void take_idle(struct run *run, int64_t now)
{
	if (!run->decode)
		return;
	decode_tick(run->decode, now);
	if (run->sink.ops && run->sink.ops->flush)
		run->sink.ops->flush(&run->sink);
	run_flush(run);
	check_out(run);
}

/* Where there are very many connections, those of the next packets are fetched meanwhile. */
static __attribute__((noinline)) void look_ahead(struct run *run)
{
	struct packet packets[CONN_BATCH];
	size_t count = CONN_BATCH;

	if (!run->decode || !decode_is_crowded(run->decode)) {
		run->ahead = 0;
		run->look_in = LOOK_AGAIN;
		return;
	}
	run->ahead -= run->ahead < CONN_BATCH ? run->ahead : CONN_BATCH;
	run->look_in = CONN_BATCH - 1;
	while (run->ahead < CONN_AHEAD + CONN_BATCH && count == CONN_BATCH) {
		count = source_ahead(run->source, packets, CONN_BATCH);
		decode_ahead(run->decode, packets, count);
		run->ahead += (unsigned)count;
	}
}

/* No packet came. now: SOURCE_IDLE's. */
static __attribute__((noinline)) void take_other_step(struct run *run, enum source_step step, int64_t now)
{
	switch (step) {
	case SOURCE_PACKET:
		break;
	case SOURCE_IDLE:
		take_idle(run, now);
		break;
	case SOURCE_TURN:
		run->turned = true;
		break;
	case SOURCE_END:
		run->done = true;
		break;
	case SOURCE_ERROR:
		run->done = true;
		run->source_failed = true;
		break;
	}
}

static void take_step(struct run *run)
{
	struct packet packet;
	enum source_step step = source_next(run->source, &packet);

	if (step == SOURCE_PACKET) {
		run->captured = packet.number;
		if (run->look_in-- == 0)
			look_ahead(run);
		if (run->plain)
			tell_packet(run, &packet);
		else
			take_packet(run, &packet);
	} else {
		take_other_step(run, step, packet.time);
	}
	if (signals_asked())
		answer_signals(run);
}

/* No packet comes any more: what waits is told. */
static void wind_up(struct run *run)
{
	secrets_finish(&run->secrets);
	if (!run->decode || run->out_ended)
		return;
	decode_flush(run->decode);
	if (run->sink.ops && run->sink.ops->flush)
		run->sink.ops->flush(&run->sink);
	if (run->commenting && run->writer)
		writer_words(run->writer, comments_end(&run->comments));
}

static void fetch(void *context, struct feed_window *window)
{
	source_fetch(((struct run *)context)->source, window);
}

/* A page of the press. */
static bool fill_page(void *context, struct feed_window *window)
{
	struct run *run = context;

	run->turned = false;
	if (source_turn(run->source, window) < 0)
		run_fail(run, strerror(ENOMEM));
	while (!run->done && !run->turned && !press_is_full(run->sink.press))
		take_step(run);
	if (run->done)
		wind_up(run);
	if (source_leave(run->source, run->done) < 0)
		run_fail(run, strerror(ENOMEM));
	return !run->done;
}

static void run_press(struct run *run)
{
	const struct press_work work = {.fetch = fetch, .fill = fill_page, .context = run};

	press_run(run->sink.press, &work);
	press_destroy(run->sink.press);
	run->sink.press = NULL;
}

static void loop(struct run *run)
{
	if (run->sink.press) {
		run_press(run);
		return;
	}
	while (!run->done)
		take_step(run);
	wind_up(run);
}

/* Everything that was printed is shown and written; only then is said what went wrong, and what there was. */
static void finish(struct run *run)
{
	const struct options *options = run->options;
	struct decode_stats stats;

	if (options->count_only && !options_live(options))
		out_printf(&run->out, "%llu packet%s\n", (unsigned long long)run->captured,
			   run->captured == 1 ? "" : "s");
	out_flush(&run->out);
	check_out(run);
	if (run->writer)
		take_writer_step(run, writer_end(run->writer));
	if (run->source_failed || source_left_out(run->source))
		run_fail(run, source_error(run->source));
	if (signals_ended() && isatty(STDERR_FILENO))
		log_line("%s", ""); /* behind the terminal's ^C */
	report_capture(run->source, run->captured, false);
	if (run->decode && run->sink.ops && run->sink.ops->depth == DECODE_ALL) {
		decode_stats(run->decode, &stats);
		report_decode(&stats, run->sink.copies);
	}
}

int run(const struct options *options, const struct sink_ops *ops)
{
	struct run run = {.options = options};

	if (run_open(&run, ops)) {
		loop(&run);
		finish(&run);
	}
	run_close(&run);
	return run.status;
}
