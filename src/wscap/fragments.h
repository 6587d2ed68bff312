/* IP packets that were cut into fragments on their way, put together: RFC 791, section 3.2; RFC 8200, section 4.5.
 *
 * Receivers disagree about fragments that overlap, which is how things are smuggled past who watches. None is right: a
 * packet whose fragments overlap is dropped whole, with all that still comes of it (RFC 5722, section 3; Linux does the
 * same for IPv4). The same fragment once more is no overlap. What is dropped is missing from the TCP stream, which says
 * so as for any other loss.
 *
 * Pieces are kept against limits.fragments; the packet that waits longest is given up for a new one, and every one
 * after FRAGMENTS_NS of capture time. */
#ifndef WSCAP_FRAGMENTS_H
#define WSCAP_FRAGMENTS_H

#include "wscap/ip.h"

enum {
	FRAGMENTS_PIECES_MAX = 256,   /* of one packet: what an insertion in the worst order costs */
	FRAGMENTS_PACKET_MAX = 65535, /* bytes that a packet may have behind its headers */
	FRAGMENTS_COPY_NS = 10000000, /* a packet that was whole is remembered for that long: copies of its pieces */
};

#define FRAGMENTS_NS ((int64_t)30 * NSEC_PER_SEC) /* as Linux has it */

enum fragment_result {
	FRAGMENT_NONE,     /* it is no fragment */
	FRAGMENT_WAITS,    /* it is kept; others are missing */
	FRAGMENT_WHOLE,    /* it was the last one that was missing */
	FRAGMENT_REPEATED, /* the same one was there */
	FRAGMENT_OVERLAPS, /* with another one: the packet is dropped */
	FRAGMENT_BAD,      /* it cannot be right (it ends behind the longest packet, or behind its own end): dropped */
	FRAGMENT_DROPPED,  /* it is of a packet that was dropped */
	FRAGMENT_LIMIT,    /* there is no room for it */
};

/* A fragment as a sink tells of it; and the packet, when it is FRAGMENT_WHOLE. */
struct fragment {
	enum fragment_result result;
	uint32_t id;
	uint32_t begin, len;   /* its bytes in the packet, behind the IP header */
	uint32_t count;        /* fragments that are there, this one included */
	uint64_t first_packet; /* the number of the one that came first */
	uint8_t protocol;
	uint32_t wire_len; /* of the whole packet */
	struct ws_span
	    packet; /* its captured bytes: up to where the first fragment was cut; lives until the next call */
};

struct fragments_stats {
	uint64_t put_together, dropped; /* packets */
	uint64_t given_up;              /* for want of room or of time */
	size_t held;                    /* bytes */
	size_t packets;                 /* that wait, or are remembered */
};

struct fragments;

/* max: bytes that pieces and what keeps them may take. NULL when out of memory. */
struct fragments *fragments_create(size_t max);
void fragments_destroy(struct fragments *fragments);

/* ip->fragment holds; number is the packet's. */
void fragments_take(struct fragments *fragments, int64_t now, uint64_t number, const struct ip *ip,
		    struct fragment *ret);

void fragments_stats(const struct fragments *fragments, struct fragments_stats *ret);

#endif
