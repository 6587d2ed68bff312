/* Connections: who talks to whom, and the two streams between them.
 *
 * A table that grows, with a seeded hash (whoever sends the packets picks the ports), keyed by both endpoints. A new
 * SYN on a known key is a new connection. Idle ones expire by capture time. One that turned out not to be WebSocket is
 * told so with conn_ignore() and costs its entry and nothing more. */
#ifndef WSCAP_CONN_H
#define WSCAP_CONN_H

#include "wscap/stream.h"

struct endpoint {
	uint8_t version; /* of IP: 4 or 6 */
	uint8_t addr[16];
	uint16_t port;
};

enum conn_role {
	ROLE_UNKNOWN, /* guessed by port until something tells: the lower port is the server's */
	ROLE_KNOWN,   /* by SYN, by the handshake, or by masked frames */
};

enum conn_close {
	CONN_CLOSE_FIN, /* both directions ended */
	CONN_CLOSE_RST,
	CONN_CLOSE_TIMEOUT, /* idle, or given up at --max-connections */
	CONN_CLOSE_REUSED,  /* a new SYN took its ports, or segments that cannot be its own */
};

enum {
	CONN_BATCH = 4,  /* segments that conn_table_ahead() is best told of at a time */
	CONN_AHEAD = 12, /* …and how many of those that it was told of are to come then */
};

struct conn; /* private to conn.c and stream.c: conn_internal.h */

/* Which of two versions the receiver reads, as its ACKs tell. */
enum receiver_has {
	RECEIVER_UNKNOWN,
	RECEIVER_FIRST, /* it had acknowledged them before the second came */
	RECEIVER_LAST,  /* it had said that it missed them: RFC 2018 */
};

/* Bytes were sent again with other contents. */
struct conn_overlap {
	int64_t offset;             /* of its stream; -1: not known, as the stream has not begun */
	struct ws_span first, last; /* of the same length, from the first byte that differs to the last */
	bool kept_last;             /* what came first was not read yet, and the others take its place */
	enum receiver_has receiver;
	bool authentic; /* …and as a record of TLS tells, which is authentic with that one only */
	bool again;     /* told before: what the record tells is new */
};

/* What happens to a connection, in the order of the capture. */
struct conn_sink {
	void (*open)(void *context, struct conn *conn);                       /* first packet; mid-stream or not */
	void (*close)(void *context, struct conn *conn, enum conn_close how); /* at most once; the last call but free */
	void (*free)(void *context, struct conn *conn);                       /* give back what conn_user() holds */
	/* as struct stream_sink has them */
	void (*data)(void *context, struct conn *conn, enum dir dir, int64_t offset, struct ws_span bytes);
	void (*gap)(void *context, struct conn *conn, enum dir dir, int64_t offset, uint64_t len);
	void (*mid_stream)(void *context, struct conn *conn, enum dir dir, int64_t offset);
	void (*end)(void *context, struct conn *conn, enum dir dir, int64_t offset);
	void (*limit)(void *context, struct conn *conn, enum dir dir, const char *name);
	void (*overlap)(void *context, struct conn *conn, enum dir dir,
			const struct conn_overlap *overlap); /* may be NULL */
	void *context;
};

struct conn_table;

/* limits and sink are copied. NULL when out of memory. */
struct conn_table *conn_table_create(const struct limits *limits, const struct conn_sink *sink);

/* Closes nothing, frees everything (with the sink's free). */
void conn_table_destroy(struct conn_table *table);

/* A TCP segment. Finds or makes its connection, places it, and calls the sink for all that follows from it. Returns the
 * connection (valid until the next call), or NULL when out of memory (counted in the statistics). */
struct conn *conn_table_segment(struct conn_table *table, int64_t now, const struct ip *ip, const struct tcp *tcp,
				struct segment *ret);

/* So many connections that finding one is mostly waiting for memory. */
bool conn_table_is_crowded(const struct conn_table *table);

/* Segments are looked at before they come, CONN_BATCH of them at a time and in their order: this begins with the next
 * ones. Nothing changes by it, and what is told of them may never come. */
void conn_table_ahead_begin(struct conn_table *table);

/* One of them is between these ends (nothing else of ip and tcp is looked at), and the one before it between others:
 * its connection is fetched meanwhile. */
void conn_table_ahead(struct conn_table *table, const struct ip *ip, const struct tcp *tcp);

/* Time has passed without a packet: what waits too long becomes a gap, what is idle too long expires. */
void conn_table_tick(struct conn_table *table, int64_t now);

/* The capture is over: what still waits is delivered behind its gaps. Connections stay open. */
void conn_table_flush(struct conn_table *table, int64_t now);

struct conn_stats {
	uint64_t connections; /* ever */
	uint64_t mid_stream;
	uint64_t gaps, gap_bytes;
	uint64_t given_up; /* at --max-connections */
	uint64_t no_memory;
	size_t open, memory;
};
void conn_table_stats(const struct conn_table *table, struct conn_stats *ret);

uint64_t conn_number(const struct conn *conn); /* from 1, printed #3 */
struct endpoint conn_client(const struct conn *conn);
struct endpoint conn_server(const struct conn *conn);
enum conn_role conn_role(const struct conn *conn);

/* Its start was not captured: so far neither a SYN nor an HTTP request, or not the first bytes behind the SYN. */
bool conn_is_mid_stream(const struct conn *conn);

/* The SYN of one of its directions was captured. */
bool conn_saw_syn(const struct conn *conn);

/* Whoever decodes found out who is the client: dir is the direction (as numbered so far) of the client's bytes. When
 * that turns the roles round, directions that the sink is told from now on are turned too; it may only be called before
 * or at the first data() of the connection, and never when the role is known. */
void conn_set_client(struct conn *conn, enum dir client_dir);

/* It is no WebSocket: keep nothing of its bytes from now on. Segments' facts are still told; data() and gap() are not
 * called. */
void conn_ignore(struct conn *conn);

/* A copy that tells who it was between when the table has forgotten it: on the heap, the caller's, in no table, without
 * a decoder's own. NULL when out of memory. */
struct conn *conn_copy(const struct conn *conn);
void conn_copy_free(struct conn *copy); /* NULL is accepted */

bool conn_is_ignored(const struct conn *conn);

/* More of dir's bytes is known of than was given to the sink: a piece is missing, or the stream has not begun. What the
 * other direction says may go back on them. */
bool conn_is_behind(const struct conn *conn, enum dir dir);

/* The decoder's own. */
void *conn_user(const struct conn *conn);
void conn_set_user(struct conn *conn, void *user);

#endif
