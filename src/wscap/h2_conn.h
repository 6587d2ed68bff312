/* One HTTP/2 connection that is watched: RFC 9113, and RFC 8441 for the WebSockets in it. No I/O; bytes of both
 * directions in, what concerns its WebSockets out.
 *
 *     bytes ─► frames ─► DATA ───────────────────────────► data, of the streams that are followed
 *                    └─► HEADERS, CONTINUATION ─► HPACK ─► head
 *                    └─► SETTINGS, WINDOW_UPDATE, … ─────► news
 *
 * Followed are the streams that a CONNECT with :protocol websocket opened; those that a plain CONNECT made a tunnel
 * (RFC 9113, section 8.5), in which a WebSocket may begin as on a connection of its own; and those of which nobody can
 * say what they are, because their request was not captured or not readable. All others cost nothing but the reading
 * of their frames' headers.
 *
 * After bytes that were not captured, frames are looked for again (h2_seek.h). A gap within one frame's payload does
 * not lose them. */
#ifndef WSCAP_H2_CONN_H
#define WSCAP_H2_CONN_H

#include "ws/http.h"
#include "wscap/h2_frame.h"
#include "wscap/stream.h"

/* A stream that is followed. */
struct h2_stream {
	uint32_t id;
	enum h2_stream_stage {
		H2_UNKNOWN, /* its request is not known: it may be anything */
		H2_ASKED,   /* a WebSocket, or a tunnel, was asked for */
		H2_OPEN,    /* …and agreed to */
	} stage;
	bool ended[2];     /* END_STREAM of that direction */
	bool blocked[2];   /* its window is used up, and that was told */
	int64_t window[2]; /* bytes that may be sent in that direction */
	int64_t blocked_at[2];
	bool tunnel;  /* …by a CONNECT without :protocol */
	bool ignored; /* the sink's to set: it carries no WebSocket, its bytes are not wanted */
	bool lingers; /* …when it is told of its reset: it is followed until h2_conn_settle() */
	void *user;   /* the sink's own; NULL at first */
};

/* What happened besides heads and data. stream is 0 for the connection as a whole. */
enum h2_news_kind {
	H2_NEWS_OPEN,       /* the client's preface, or (joined) frames were found */
	H2_NEWS_SETTINGS,   /* the server's first settings: allowed says whether WebSockets are */
	H2_NEWS_END,        /* END_STREAM of a WebSocket's side */
	H2_NEWS_RESET,      /* RST_STREAM of a WebSocket: code */
	H2_NEWS_GOAWAY,     /* code, last (the last stream that is dealt with), text (debug data) */
	H2_NEWS_BLOCKED,    /* dir has used up its window: it has to wait */
	H2_NEWS_UNBLOCKED,  /* …and may go on; waited says after how long */
	H2_NEWS_UNREADABLE, /* header blocks of dir cannot be read from here on: those before were not captured */
	H2_NEWS_LIMIT,      /* name */
	H2_NEWS_VIOLATION,  /* rule */
	H2_NEWS_WITHIN,     /* a tunnel carries HTTP/2 in its turn, which is one too many to be followed; not of
			       h2_conn, that knows no content */
	H2_NEWS_KINDS,
};

struct h2_news {
	enum h2_news_kind kind;
	enum dir dir;
	uint32_t stream;
	uint32_t code;
	uint32_t last;
	bool joined;  /* OPEN: without its beginning */
	bool allowed; /* SETTINGS */
	enum h2_rule rule;
	int64_t waited; /* nanoseconds */
	const char *name;
	struct ws_span text;
};

/* Spans live during the call. offset is where the bytes stand in what was fed in their direction. */
struct h2_sink {
	/* The request for a WebSocket or a tunnel (DIR_C2S), then its answer; head is NULL where it could not be read.
	 * [begin, end) are its frames. */
	void (*head)(void *context, struct h2_stream *stream, enum dir dir, const struct ws_http_head *head,
		     int64_t begin, int64_t end);
	void (*data)(void *context, struct h2_stream *stream, enum dir dir, int64_t offset, struct ws_span bytes);
	/* len bytes of its data are missing; 0: nobody knows how many, if any. */
	void (*gap)(void *context, struct h2_stream *stream, enum dir dir, uint64_t len);
	void (*news)(void *context, const struct h2_news *news);
	/* It is not followed any more: both sides have ended, it was reset or refused, or the connection is over. user
	 * is to be given back. */
	void (*forget)(void *context, struct h2_stream *stream);
	void *context;
};

struct h2_limits {
	size_t head;      /* bytes of a head, and of a frame that has to be whole */
	uint32_t streams; /* that are followed at once */
};

struct h2_conn;

/* joined: its beginning was not captured. sink is copied. NULL when out of memory. */
struct h2_conn *h2_conn_create(const struct h2_limits *limits, bool joined, const struct h2_sink *sink);

/* Forgets all streams, and frees it. NULL is accepted. */
void h2_conn_destroy(struct h2_conn *h2);

/* The next bytes of a direction, at offset. now: nanoseconds. WS_E_MEMORY: it cannot be followed any more. */
int h2_conn_feed(struct h2_conn *h2, enum dir dir, int64_t offset, struct ws_span bytes, int64_t now);

/* Would len bytes that are missing now all be of one stream's data, or of what is passed over? */
bool h2_conn_gap_within(const struct h2_conn *h2, enum dir dir, uint64_t len);

/* len bytes of a direction will not come. */
void h2_conn_gap(struct h2_conn *h2, enum dir dir, uint64_t len);

/* A stream that is followed, or NULL. */
struct h2_stream *h2_conn_find(const struct h2_conn *h2, uint32_t id);

/* Walks the streams that are followed, from at = 0. */
struct h2_stream *h2_conn_next(const struct h2_conn *h2, size_t *at);

/* Forgets streams that linger. */
void h2_conn_settle(struct h2_conn *h2);

uint64_t h2_conn_others(const struct h2_conn *h2); /* requests that were for something else */
size_t h2_conn_memory(const struct h2_conn *h2);   /* bytes */

#endif
