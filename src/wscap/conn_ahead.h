/* Connections of segments that will come, fetched before they do.
 *
 * With very many of them, neither the slot where a connection is looked for, nor itself, nor what lives on it is near
 * the processor, and each is found only through the one before. So each is asked for a few segments before it is
 * needed, and the next one when it should be there. Nothing is changed by it, and nothing is wrong where the guess was.
 */
#ifndef WSCAP_CONN_AHEAD_H
#define WSCAP_CONN_AHEAD_H

#include "wscap/conn_slots.h"

enum {
	/* Segments between what is asked for: the slot, the connection, what lives on it. CONN_AHEAD, in conn.h, is how
	 * many are between the first and the segment itself. */
	AHEAD_CONN = 2,
	AHEAD_USER = 4,
	AHEAD_RING = 8,
};

struct conn_ahead {
	struct {
		uint64_t hash; /* 0: none */
		const struct conn *conn;
	} ring[AHEAD_RING];
	unsigned at;
};

/* The hash of the segment that will come behind all those that this was told of before; 0: nothing is to be fetched for
 * it. Returns a connection whose segment comes soon, and that may be here by now, or NULL. */
const struct conn *conn_ahead(struct conn_ahead *ahead, const struct conn_slots *slots, uint64_t hash);

#endif
