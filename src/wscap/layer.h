/* What lies between a connection's streams and the channels that may carry a WebSocket.
 *
 *     conn ─► [tls] ─► channel (decode_conn: HTTP/1 and frames)
 *                 └──► [h2] ─► one channel for each of its streams that carries a WebSocket
 *
 * A layer takes the bytes of a seat: both directions, in order, with gaps. The connection is one seat; a layer that
 * carries others (TLS, HTTP/2) has a seat for each of those. What lives in a seat is decided by its first bytes
 * (layer_data), and may be nothing: a channel between plain requests has nothing to remember. A carrier
 *   - brings what its seats are due with layer_data() and its siblings,
 *   - keeps, for each seat, the one pointer that hold() hands to it, and gives it back at the next call,
 *   - brings nothing any more once ignore() was called,
 *   - passes over() on to what lives in its seats, with data first for what it still has, and destroys it at last.
 * A layer may be gone when a call to it returns: who called looks at its pointer again.
 *
 * Offsets count a seat's own bytes. Whatever is told in an event is an offset of the TCP stream: a carrier knows where
 * the bytes that it brings came from, in the TCP stream, whatever lies between (struct places does that). So a layer
 * that outlives its carriers still has the places of what it has kept. */
#ifndef WSCAP_LAYER_H
#define WSCAP_LAYER_H

#include "wscap/conn.h"

struct decode;
struct decode_conn;
struct layer;

/* What the bytes of a seat are, as far as its carrier knows. */
enum layer_protocol {
	PROTOCOL_UNKNOWN, /* their beginning tells */
	PROTOCOL_HTTP1,   /* …or frames, joined late */
	PROTOCOL_H2,
};

enum {
	H2_DEPTH_MAX = 2, /* HTTP/2 within each other: a stranger's nesting must end, and so must names */
};

/* Small: each WebSocket has one. */
struct seat {
	struct conn *conn;
	struct layer *below;  /* the carrier; NULL: the connection itself */
	uint32_t stream : 31; /* of HTTP/2; 0: none */
	uint32_t tls : 1;     /* what comes here came through TLS */
	/* …and that of the HTTP/2 around this one, in whose tunnel it is, as the how-manieth of the odd numbers: those
	 * are the client's (RFC 9113, section 5.1.1); 0: none */
	uint32_t within : 30;
	uint32_t protocol : 2; /* enum layer_protocol */
};

struct layer_ops {
	void (*data)(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset, struct ws_span bytes);
	void (*gap)(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset, uint64_t len);
	/* bytes are missing before offset, and nobody knows how many */
	void (*lost)(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset);
	/* dir begins here, not at its first byte: before its first data() */
	void (*mid_stream)(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset);
	void (*end)(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset); /* nothing follows */
	void (*tick)(struct decode *decode, struct layer *layer); /* time has passed without a packet */
	void (*over)(struct decode *decode, struct layer *layer); /* the connection, or the capture, is */
	/* may be NULL. The connection is; true: the layer lives on, but not in its seat, instead of over() */
	bool (*outlive)(struct decode *decode, struct layer *layer);
	void (*destroy)(struct decode *decode, struct layer *layer);
	/* may be NULL. Bytes of the connection itself were sent twice, not the same: what the layer knows of them is
	 * filled in */
	void (*overlap)(struct decode *decode, struct layer *layer, enum dir dir, struct conn_overlap *overlap);
	bool (*is_websocket)(const struct layer *layer);
	/* the channel that stands for all of it; NULL: none, or several */
	struct decode_conn *(*channel)(struct layer *layer);

	/* Of a carrier. */
	void (*hold)(struct layer *layer, uint32_t stream, struct layer *above); /* NULL: nothing lives there */
	void (*ignore)(struct decode *decode, struct layer *layer, uint32_t stream);
	/* Where, in the TCP stream, is what begins (or ends) at offset of a seat's stream? See struct places. */
	int64_t (*tcp_begin)(const struct layer *layer, uint32_t stream, enum dir dir, int64_t offset);
	int64_t (*tcp_end)(const struct layer *layer, uint32_t stream, enum dir dir, int64_t offset);
};

/* The beginning of each layer. */
struct layer {
	const struct layer_ops *ops;
	struct seat at;
};

/* A layer's place among those that are awake: that live on a connection itself, and may have something to do when time
 * passes, or at the end. Part of what a layer has only while that is so: of a million WebSockets nearly all rest. */
struct layer_link {
	struct layer *layer; /* NULL: it has no place */
	struct layer_link *prev, *next;
	uint32_t began; /* the how-manieth layer it is */
};

/* Its stream as events name it. */
static inline uint64_t seat_stream(const struct seat *seat)
{
	uint64_t within = seat->within;

	return (within ? 2 * within - 1 : 0) << 32 | seat->stream;
}

/* A stream of the HTTP/2 that lives in below. */
static inline void seat_set_stream(struct seat *seat, uint32_t stream, const struct seat *below)
{
	seat->stream = stream & INT32_MAX;
	seat->within = ((below->stream + 1U) / 2) & ((1U << 30) - 1);
}

/* May HTTP/2 begin here? */
static inline bool seat_takes_h2(const struct seat *seat)
{
	return (seat->stream != 0) + (seat->within != 0) < H2_DEPTH_MAX;
}

/* The layer lives in its seat from now on. */
void layer_enter(struct layer *layer);
/* …and not any more: the seat is free. The layer's memory stays its own. */
void layer_leave(struct layer *layer);
/* What lives in its seat is awake from now on; another carrier than the connection tells what it carries itself. began:
 * as link has it. */
void layer_wake(struct decode *decode, struct layer *layer, uint32_t began, struct layer_link *link);
/* …and not any more: it rests, or leaves. Accepts one that has no place. */
void layer_rest(struct decode *decode, struct layer_link *link);
/* For each that is awake. It may be gone afterwards, but no other is. */
void layer_for_each(struct decode *decode, void (*call)(struct decode *decode, struct layer *layer));
/* The layer that began last becomes the first: what is told at the end does not go by who woke when. */
void layer_sort(struct decode *decode);
/* Nobody needs what comes to this seat. */
void layer_ignore(struct decode *decode, const struct seat *seat);

/* Do these bytes begin something else than a channel can read? first: nothing of dir came before them. A seat whose
 * bytes are known by their carrier (seat->protocol) need not be asked. */
bool layer_begins_other(const struct seat *seat, enum dir dir, struct ws_span bytes, bool first);
/* …then its layer, in its seat. NULL: a channel's, or out of memory. */
struct layer *layer_choose(struct decode *decode, const struct seat *seat, enum dir dir, struct ws_span bytes,
			   bool first);

/* The next bytes of a seat, in which layer lives (NULL: nothing does): they go to it, or to what they begin. */
void layer_data(struct decode *decode, const struct seat *seat, struct layer *layer, enum dir dir, int64_t offset,
		struct ws_span bytes);
void layer_gap(struct decode *decode, const struct seat *seat, struct layer *layer, enum dir dir, int64_t offset,
	       uint64_t len);
void layer_mid_stream(struct decode *decode, const struct seat *seat, struct layer *layer, enum dir dir,
		      int64_t offset);

/* Nothing comes to what lives here any more: it ends, or leaves its seat and waits for secrets by itself. */
void layer_over(struct decode *decode, struct layer *layer);

/* Where, in the TCP stream, is what begins (or ends) at offset of the seat's stream? -1 stays -1. */
int64_t layer_tcp_begin(const struct seat *seat, enum dir dir, int64_t offset);
int64_t layer_tcp_end(const struct seat *seat, enum dir dir, int64_t offset);

/* Where the latest pieces of a stream came from. Zeroes are an empty one. */
enum {
	PLACES = 8, /* pieces of a direction that are remembered: what is older has its place approximated */
};
struct places {
	struct {
		int64_t offset;     /* of the piece's first byte */
		int64_t begin, end; /* of what it came in, in the TCP stream */
	} at[2][PLACES];
	uint64_t count[2];
};
void places_add(struct places *places, enum dir dir, int64_t offset, int64_t begin, int64_t end);
int64_t places_begin(const struct places *places, enum dir dir, int64_t offset);
int64_t places_end(const struct places *places, enum dir dir, int64_t offset);

/* The callbacks of conn. */
void layer_on_open(void *context, struct conn *conn);
void layer_on_close(void *context, struct conn *conn, enum conn_close how);
void layer_on_free(void *context, struct conn *conn);
void layer_on_data(void *context, struct conn *conn, enum dir dir, int64_t offset, struct ws_span bytes);
void layer_on_gap(void *context, struct conn *conn, enum dir dir, int64_t offset, uint64_t len);
void layer_on_mid_stream(void *context, struct conn *conn, enum dir dir, int64_t offset);
void layer_on_end(void *context, struct conn *conn, enum dir dir, int64_t offset);
void layer_on_overlap(void *context, struct conn *conn, enum dir dir, const struct conn_overlap *overlap);
void layer_on_limit(void *context, struct conn *conn, enum dir dir, const char *name);

/* What lives on the connection itself, or NULL. */
struct layer *layer_of(const struct conn *conn);

#endif
