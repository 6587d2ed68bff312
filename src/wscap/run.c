#include "wscap/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "wscap/comments.h"
#include "wscap/privileges.h"
#include "wscap/report.h"
#include "wscap/secrets.h"
#include "wscap/signals.h"
#include "wscap/writer.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define LOOKS_FOR_LEAKS
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define LOOKS_FOR_LEAKS
#endif

struct run {
	const struct options *options;
	struct source *source;
	struct writer *writer;  /* NULL without -w, or after it ended */
	struct secrets secrets; /* of TLS, where something is decoded */
	struct comments comments;
	bool commenting;       /* for the file that is written */
	struct decode *decode; /* NULL when nothing is told of packets */
	struct sink sink;
	void (*on_packet)(struct sink *sink, const struct packet_view *view); /* the sink's, or NULL */
	struct out out;
	uint64_t captured;
	unsigned ahead;  /* packets that were looked at before they came */
	bool plain;      /* packets are only decoded and told, all of them */
	bool flush_each; /* each packet is shown at once, however fast they come */
	bool turned;     /* the press's next page goes on */
	bool done;
	bool source_failed;
	bool out_ended; /* it failed, or who read it went away; that was said */
	int status;     /* the exit status so far */
};

static void fail(struct run *run, const char *sentence)
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
		fail(run, writer_error(run->writer));
	writer_close(run->writer);
	run->writer = NULL;
}

/* Everything that is printed so far is to be seen. */
static void flush_out(struct run *run)
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

static void before_wait(void *context)
{
	flush_out(context);
}

static void write_secrets(void *context, struct ws_span lines)
{
	struct run *run = context;

	if (run->writer)
		writer_secrets(run->writer, lines);
}

static void tell_sink(void *context, const struct event *event)
{
	struct run *run = context;

	run->sink.ops->event(&run->sink, event);
}

static void tell_comments(void *context, const struct event *event)
{
	struct run *run = context;

	comments_event(&run->comments, event);
	if (run->sink.ops && run->sink.ops->event)
		run->sink.ops->event(&run->sink, event);
}

static void forward_segment(void *context, const struct packet_view *view)
{
	struct run *run = context;

	if (run->commenting)
		comments_segment(&run->comments, view);
	if (run->sink.ops && run->sink.ops->segment)
		run->sink.ops->segment(&run->sink, view);
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
			flush_out(run);
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
	flush_out(run);
	check_out(run);
}

/* Where there are very many connections, those of the next packets are fetched meanwhile. */
static __attribute__((noinline)) void look_ahead(struct run *run)
{
	struct packet packet;

	for (; run->ahead < CONN_AHEAD && source_ahead(run->source, &packet); run->ahead++)
		decode_ahead(run->decode, &packet);
	if (run->ahead)
		run->ahead--;
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
		if (run->decode && decode_is_crowded(run->decode))
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
		fail(run, strerror(ENOMEM));
	while (!run->done && !run->turned && !press_is_full(run->sink.press))
		take_step(run);
	if (run->done)
		wind_up(run);
	if (source_leave(run->source, run->done) < 0)
		fail(run, strerror(ENOMEM));
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

static bool open_writer(struct run *run, char error[static SENTENCE_SIZE])
{
	const struct options *options = run->options;

	if (!options->write_file)
		return true;
	run->writer = writer_open(options, source_link_type(run->source), source_snaplen(run->source), error);
	if (!run->writer)
		return false;
	writer_watch(run->writer, run->source);
	if (options->verbose && options_live(options) && !options->print)
		signals_every_second();
	return true;
}

/* What decodes, for the sink and for comments. Returns 0 or a negative errno. */
static int open_decode(struct run *run)
{
	const struct sink_ops *ops = run->sink.ops;
	const struct decode_sink events = {.event = run->commenting     ? tell_comments
						    : ops && ops->event ? tell_sink
									: NULL,
					   .segment = forward_segment,
					   .context = run};

	run->decode = decode_create(&run->options->limits, run->commenting ? DECODE_ALL : ops->depth, &events);
	return run->decode ? 0 : -ENOMEM;
}

static bool open_sink(struct run *run, const struct sink_ops *ops, char error[static SENTENCE_SIZE])
{
	const struct options *options = run->options;
	int failed = out_init(&run->out, STDOUT_FILENO);

	run->flush_each = options->line_buffered || isatty(STDOUT_FILENO);
	if (!failed && run->commenting)
		failed = comments_init(&run->comments, options);
	if (!failed && options_print(options)) {
		run->sink = (struct sink){.ops = ops, .options = options, .out = &run->out};
		failed = ops->open(&run->sink);
	}
	if (!failed && (run->sink.ops || run->commenting))
		failed = open_decode(run);
	run->on_packet = run->sink.ops ? run->sink.ops->packet : NULL;
	run->plain = run->decode && !run->writer && !run->flush_each && !options->count;
	if (failed)
		snprintf(error, SENTENCE_SIZE, "%s", strerror(-failed));
	return !failed;
}

/* In tcpdump's order: what needs root, then -Z, then what is written. */
static bool open_all(struct run *run, const struct sink_ops *ops)
{
	char error[SENTENCE_SIZE];

	run->source = source_open(run->options, error);
	if (!run->source) {
		fail(run, error);
		return false;
	}
	signals_handle(run->source);
	run->commenting = writer_is_pcapng(run->options);
	if (((options_print(run->options) && ops->depth == DECODE_ALL) || run->commenting) &&
	    !secrets_open(&run->secrets, run->options, error)) {
		fail(run, error);
		return false;
	}
	if (run->options->drop_user && !privileges_drop(run->options->drop_user, error, sizeof(error))) {
		fail(run, error);
		return false;
	}
	if (!open_writer(run, error) || !open_sink(run, ops, error)) {
		fail(run, error);
		return false;
	}
	if (run->secrets.keyring)
		secrets_use(&run->secrets, run->decode, run->source);
	if (run->commenting && run->options->write_keys)
		decode_on_secrets(run->decode, write_secrets, run);
	source_on_wait(run->source, before_wait, run);
	source_announce(run->source);
	return true;
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
		fail(run, source_error(run->source));
	if (signals_ended() && isatty(STDERR_FILENO))
		log_line("%s", ""); /* behind the terminal's ^C */
	report_capture(run->source, run->captured, false);
	if (run->decode && run->sink.ops && run->sink.ops->depth == DECODE_ALL) {
		decode_stats(run->decode, &stats);
		report_decode(&stats, run->sink.copies);
	}
}

/* Very many connections are left to the system, which takes all memory back at once, and not given back one by one.
 * Where somebody looks for leaks nothing is left. */
static void end_decode(struct run *run)
{
#ifdef LOOKS_FOR_LEAKS
	bool leave = false;
#else
	bool leave = run->decode && decode_is_crowded(run->decode);
#endif

	if (!leave)
		decode_destroy(run->decode);
}

static void close_all(struct run *run)
{
	press_destroy(run->sink.press);
	end_decode(run);
	secrets_close(&run->secrets);
	if (run->sink.ops && run->sink.ops->close)
		run->sink.ops->close(&run->sink);
	comments_finish(&run->comments);
	out_finish(&run->out);
	writer_close(run->writer);
	source_close(run->source);
}

int run(const struct options *options, const struct sink_ops *ops)
{
	struct run run = {.options = options};

	if (open_all(&run, ops)) {
		loop(&run);
		finish(&run);
	}
	close_all(&run);
	return run.status;
}
