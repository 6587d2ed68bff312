/* What a run reads from, decodes with and prints to: opened and closed. */
#include "wscap/run_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wscap/privileges.h"
#include "wscap/signals.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define LOOKS_FOR_LEAKS
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define LOOKS_FOR_LEAKS
#endif

static void before_wait(void *context)
{
	run_flush(context);
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

bool run_open(struct run *run, const struct sink_ops *ops)
{
	char error[SENTENCE_SIZE];

	run->source = source_open(run->options, error);
	if (!run->source) {
		run_fail(run, error);
		return false;
	}
	signals_handle(run->source);
	run->commenting = writer_is_pcapng(run->options);
	if (((options_print(run->options) && ops->depth == DECODE_ALL) || run->commenting) &&
	    !secrets_open(&run->secrets, run->options, error)) {
		run_fail(run, error);
		return false;
	}
	if (run->options->drop_user && !privileges_drop(run->options->drop_user, error, sizeof(error))) {
		run_fail(run, error);
		return false;
	}
	if (!open_writer(run, error) || !open_sink(run, ops, error)) {
		run_fail(run, error);
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

void run_close(struct run *run)
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
