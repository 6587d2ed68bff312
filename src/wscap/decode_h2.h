/* What the two files of HTTP/2's layer share: decode_h2.c, the layer itself, and decode_h2_seats.c, what sits on its
 * streams. */
#ifndef WSCAP_DECODE_H2_H
#define WSCAP_DECODE_H2_H

#include "wscap/decode_internal.h"
#include "wscap/h2_conn.h"

struct h2_layer {
	struct layer layer;
	struct layer_link link;
	struct decode *decode; /* during a call */
	struct h2_conn *h2;
	struct ws_buf held; /* of the server's, while the client's direction is behind */
	int64_t held_at;    /* offset of its first byte */
	bool held_end;      /* nothing follows it */
	size_t targets;     /* bytes of those of tunnels that were not answered yet */
	size_t charged;     /* what it keeps, as it was counted last */
	bool websocket;     /* there was one */
	bool cut[2];        /* a stream was reset while bytes of this direction were missing: they may be its */
	bool gone;
};

/* What an h2_stream's user is. */
struct h2_seat {
	struct seat seat;
	struct layer *above;
	struct ws_buf target; /* of a tunnel, until it is answered: whom the client asked for */
	bool begun[2];        /* of an unknown stream: its middle was told */
	int64_t at[2];        /* offset of the next byte */
	struct places places;
};

/* NULL: nothing was ever there. */
static inline struct h2_seat *h2_seat_of(const struct h2_stream *stream)
{
	return stream ? stream->user : NULL;
}

/* An event of this moment, of the connection, or of the tunnel that it is in. */
struct event h2_layer_event(const struct h2_layer *l, enum event_kind kind, enum dir dir);

/* A stream of it, as events name it; 0: all of it. */
static inline uint64_t h2_layer_stream(const struct h2_layer *l, uint32_t id)
{
	return id ? (uint64_t)l->layer.at.stream << 32 | id : l->layer.at.stream;
}

/* Does it, or one that it is in, hold bytes of the server back? */
bool h2_layer_is_holding(const struct h2_layer *l);

/* What h2_conn tells goes to l's seats. */
struct h2_sink h2_seats_sink(struct h2_layer *l);

#endif
