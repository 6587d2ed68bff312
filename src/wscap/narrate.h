/* From events and segments to words: the only place that does it.
 *
 * Text goes into narrator->out, which gathers (out_gathers()), as lines of a comment block, with the signs of
 * story_block.h around them.
 *
 * What an event means beyond itself (whose it is, what it answers) comes from recall.h; the sink brings the two
 * together. Nothing here decides what is remembered. */
#ifndef WSCAP_NARRATE_H
#define WSCAP_NARRATE_H

#include "wscap/event.h"
#include "wscap/fragments.h"
#include "wscap/narrate_format.h"
#include "wscap/narrate_kept.h"
#include "wscap/recall.h"
#include "wscap/story_block.h"
#include "wscap/user_agent.h"

enum {
	TEXT_SHOWN_MAX = 4096, /* bytes of a message or a head that the story shows */
	HEX_SHOWN_MAX = 128,   /* bytes of a binary one */
	SENTENCE_COLUMNS = 100 /* a sentence that passes them begins a line of its own */
};

struct narrator {
	struct words words;
	const struct block_signs *signs;
	struct out *out;
	bool indent_json;
	bool below;    /* a paragraph stands above: an empty line goes before the next title */
	bool has_text; /* of the line under way */
	size_t line;   /* where in out its words begin */
	struct kept kept;
};

/* Who is talked about: a connection's two sides. */
struct scene {
	uint64_t conn;   /* its number */
	uint64_t stream; /* of HTTP/2, as events have it; 0: none */
	bool tls;        /* what is told came through TLS */
	struct party client, server;
	int64_t time; /* now */
};

/* What a message has to do with others. */
struct ties {
	struct ws_span label; /* empty where it has none */
	struct ws_span name;  /* the user's, when this message is the first to tell it */
	struct copy copy;
	struct carried carried;
	struct ws_span list; /* the key of its first list, and how many values it has */
	uint64_t list_len;
	bool list_of_users;
	int64_t round_trip; /* of a pong; -1 */
	bool answers_close; /* of a close frame: the other side sent one before */
};

/* What an ACK tells, and what happened to the connection with this packet. */
struct tidings {
	const struct sent *acked; /* the latest of them */
	size_t acked_count;
	uint32_t all_have_it;   /* with this ACK: so many connections have a message that went out to them, or 0 */
	bool gap_told;          /* what is missing before it has been given up as a gap: it waits for nothing */
	bool alone;             /* no event was told: the block needs a title */
	bool open;              /* frames are what comes now */
	bool not_websocket;     /* it is known not to be one, and that is news */
	bool closed;            /* by both ends, with this packet */
	bool answers_fin;       /* FIN, and the other side's came before */
	bool refused;           /* RST instead of a SYN+ACK */
	int64_t handshake_took; /* with SEGMENT_ESTABLISHES: nanoseconds since the SYN; -1 */
	uint32_t captured;      /* bytes of its payload */
};

/* Everything is initialised but out and indent_json; the signs are BLOCK_PLAIN's. After the locale is set. */
void narrator_init(struct narrator *narrator);

void narrate_request(struct narrator *narrator, const struct scene *scene, const struct event *event,
		     const struct user_agent *agent);
void narrate_answer(struct narrator *narrator, const struct scene *scene, const struct event *event);
void narrate_refusal(struct narrator *narrator, const struct ws_http_head *response); /* why, within narrate_answer() */
void narrate_tunnel(struct narrator *narrator, const struct scene *scene, const struct event *event);
void narrate_upgrade(struct narrator *narrator, const struct scene *scene, const struct event *event);
void narrate_h2(struct narrator *narrator, const struct scene *scene, const struct h2_news *news);
/* A message in two steps, as others may have a word between its title and itself. */
void narrate_message_title(struct narrator *narrator, const struct scene *scene, enum dir dir,
			   const struct ws_item *item, const struct ties *ties);
void narrate_message_itself(struct narrator *narrator, const struct scene *scene, const struct ws_item *item,
			    const struct ties *ties);
void narrate_control(struct narrator *narrator, const struct scene *scene, enum dir dir, const struct ws_item *item,
		     const struct ties *ties);
void narrate_segment(struct narrator *narrator, const struct scene *scene, const struct segment *segment,
		     const struct tidings *tidings);

/* Bytes that were not captured, by direction, and where decoding could begin (why is NULL where it did not). */
struct gaps {
	uint64_t len[2];
	uint64_t unread[2]; /* …that were captured, but among which no frame was found */
	const char *why[2];
	bool joined; /* the handshake is among what was not captured */
};
void narrate_gaps(struct narrator *narrator, const struct scene *scene, const struct gaps *gaps);
void narrate_violation(struct narrator *narrator, const struct scene *scene, enum dir dir,
		       const struct ws_rule_info *info);
void narrate_overlap(struct narrator *narrator, const struct scene *scene, const struct event *event);
void narrate_limit(struct narrator *narrator, const struct scene *scene, enum dir dir, const char *name);
void narrate_tls_hello(struct narrator *narrator, const struct scene *scene, const struct event *event);
void narrate_tls_open(struct narrator *narrator, const struct scene *scene, const struct event *event);
void narrate_tls_alert(struct narrator *narrator, const struct scene *scene, const struct event *event);
void narrate_tls_locked(struct narrator *narrator, const struct scene *scene, const struct event *event);
void narrate_given_up(struct narrator *narrator, const struct scene *scene, enum conn_close how);
/* alone: nothing else was told of its packet, so that it needs a title. */
void narrate_fragment(struct narrator *narrator, const struct fragment *fragment, bool alone);
void narrate_late(struct narrator *narrator);                  /* words that come behind their packet */
void narrate_more(struct narrator *narrator, uint64_t events); /* that are not told one by one */

#endif
