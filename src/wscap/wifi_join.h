/* IEEE 802.11 data frames that were sent in pieces, put together: section 10.5.
 *
 * A transmitter sends the pieces of a frame one after the other and waits for each to be acknowledged. So they come in
 * order, perhaps more than once; where one was not captured, the frame is not put together, and what it would have
 * carried is a gap.
 *
 * WIFI_JOIN_FRAMES may be under way at once; the one begun longest ago is given up for a new one, and every one after
 * WIFI_JOIN_NS of capture time. */
#ifndef WSCAP_WIFI_JOIN_H
#define WSCAP_WIFI_JOIN_H

#include "wscap/packet.h"

enum {
	WIFI_JOIN_FRAMES = 64,
	WIFI_JOIN_MAX = 2400, /* bytes of a frame: 2304 are allowed, and mesh headers */
};

#define WIFI_JOIN_NS ((int64_t)NSEC_PER_SEC) /* a receiver gives up after half of that */

/* A piece, as its header says. */
struct wifi_piece {
	uint8_t ends[12];  /* the addresses of who receives and who transmits */
	uint16_t sequence; /* the frame's number, 0 to 4095 */
	uint8_t traffic;   /* its class, which has numbers of its own */
	uint8_t number;    /* of the piece, from 0 */
	bool more;         /* it is not the last one */
	bool again;        /* it was sent before */
};

struct wifi_join;

/* NULL when out of memory. */
struct wifi_join *wifi_join_create(void);
void wifi_join_destroy(struct wifi_join *join);

/* bytes: all of the piece's body. True when it was the last one; ret is the frame's body then, and lives until the next
 * call. */
bool wifi_join_take(struct wifi_join *join, int64_t now, const struct wifi_piece *piece, struct ws_span bytes,
		    struct ws_span *ret);

#endif
