/* Where events and packets go. One table is the dispatch and the help text: sink.c. */
#ifndef WSCAP_SINK_H
#define WSCAP_SINK_H

#include "base/out.h"
#include "wscap/decode.h"
#include "wscap/press.h"

struct options;

struct sink {
	const struct sink_ops *ops;
	const struct options *options;
	struct out *out;     /* standard output; the program flushes it */
	struct press *press; /* where it leaves what is to be printed; NULL: it prints into out, at once */
	void *state;         /* the sink's own */
	uint64_t copies;     /* messages that it found to be copies of others, for the report */
};

struct sink_ops {
	const char *name;
	const char *help; /* one line, for --help, to be translated */
	enum decode_depth depth;
	int (*open)(struct sink *sink);                              /* 0, or a negative errno */
	void (*event)(struct sink *sink, const struct event *event); /* may be NULL */
	/* may be NULL; a segment beside another one in the same packet, after its events and before the next one's */
	void (*segment)(struct sink *sink, const struct packet_view *view);
	void (*packet)(struct sink *sink, const struct packet_view *view); /* may be NULL; after the packet's events */
	void (*flush)(
	    struct sink *sink); /* may be NULL; after events that no packet follows: time passes, or the end */
	void (*close)(struct sink *sink); /* may be NULL; frees state */
};

extern const struct sink_ops sink_story, sink_packets, sink_messages, sink_json, sink_null;

/* Not by name: what the story says of each packet, as plain text and without tcpdump's lines. */
extern const struct sink_ops sink_comments;

/* For a sink's open(): printers print beside it, on other threads, if options and what out is let them; else
 * sink->press stays NULL, as it does when there is no memory or no thread for it. Call it last. */
void sink_start_press(struct sink *sink, const struct press_printers *printers);

/* By name, or NULL. */
const struct sink_ops *sink_find(const char *name);

/* Why a payload is not whole, as a machine reads it: "max-message", or NULL when it is. */
const char *sink_cut_name(enum ws_cut cut);

/* All of them, ended by NULL. */
extern const struct sink_ops *const sinks[];

#endif
