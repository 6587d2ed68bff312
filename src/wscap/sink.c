#include "wscap/sink.h"

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

void sink_start_press(struct sink *sink, const struct press_printers *printers)
{
	const struct options *options = sink->options;
	unsigned threads = options->threads;

	/* Where each packet is shown at once there is nothing to do beside it. */
	if (threads < 2 || options->line_buffered || sink->out->fd < 0 || isatty(sink->out->fd))
		return;
	sink->press = press_create(threads - 1, printers, sink->out);
}
