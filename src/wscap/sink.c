#include "wscap/sink.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "wscap/options.h"

const struct sink_ops *const sinks[] = {&sink_story, &sink_packets, &sink_messages, &sink_json, &sink_null, NULL};

const struct sink_ops *sink_find(const char *name)
{
	for (const struct sink_ops *const *ops = sinks; *ops; ops++)
		if (strcmp((*ops)->name, name) == 0)
			return *ops;
	return NULL;
}

const char *sink_cut_name(enum ws_cut cut)
{
	static const char *const names[] = {
	    [WS_CUT_NONE] = NULL,
	    [WS_CUT_MESSAGE_LIMIT] = "max-message",
	    [WS_CUT_INFLATED_LIMIT] = "max-inflated",
	    [WS_CUT_MISSING_BYTES] = "missing-bytes",
	    [WS_CUT_MISSING_CONTEXT] = "missing-context",
	    [WS_CUT_BAD_DEFLATE] = "bad-deflate",
	};

	return names[cut];
}

/* Are there two cores that this process may use? */
static bool has_cores(void)
{
	cpu_set_t cores;

	return sched_getaffinity(0, sizeof(cores), &cores) == 0 && CPU_COUNT(&cores) > 1;
}

/* What pays where nobody has said: a file is read to be done with it. On the wire, cores are for what is watched. */
static unsigned threads_that_pay(const struct options *options)
{
	return !options_live(options) && has_cores() ? 2 : 1;
}

void sink_start_press(struct sink *sink, const struct press_printers *printers)
{
	const struct options *options = sink->options;
	unsigned threads = options->threads ? options->threads : threads_that_pay(options);

	/* Where each packet is shown at once there is nothing to do beside it; and a file that is followed may become
	 * another, while nobody reads it ahead. */
	if (threads < 2 || options->line_buffered || options->follow || sink->out->fd < 0 || isatty(sink->out->fd))
		return;
	sink->press = press_create(threads, printers, sink->out);
}
