/* What the story says of each packet, as a text for the packet's comment in a pcapng file. */
#ifndef WSCAP_COMMENTS_H
#define WSCAP_COMMENTS_H

#include "wscap/sink.h"

enum {
	COMMENT_MAX = 60000, /* bytes; an option of a pcapng block holds 65,535 */
};

struct comments {
	struct sink sink;
	struct out out; /* the packet's words */
	bool taken;     /* they were: the next ones begin */
};

/* 0 or a negative errno. Finish it either way. options must outlive it. */
int comments_init(struct comments *comments, const struct options *options);
void comments_finish(struct comments *comments);

/* Events come before their packet, as to a sink. */
void comments_event(struct comments *comments, const struct event *event);

/* Likewise a segment beside another one in the same packet. */
void comments_segment(struct comments *comments, const struct packet_view *view);

/* The packet's comment: UTF-8 without a newline at its end, cut at COMMENT_MAX; empty where there is nothing to say.
 * Valid until the next call. */
struct ws_span comments_packet(struct comments *comments, const struct packet_view *view);

/* Likewise what is left to say when no packet follows. */
struct ws_span comments_end(struct comments *comments);

#endif
