/* tcpdump's relative sequence numbers: a table of its own, apart from conn.c, because tcpdump counts from the first
 * segment with an ACK that it sees, whatever that is, and starts again at each SYN with ACK. */
#ifndef WSCAP_RELSEQ_H
#define WSCAP_RELSEQ_H

#include "ws/span.h"

struct relseq;

/* max: connections of each version of IP that are remembered (at least): where more come, all are forgotten, and
 * numbers begin again. NULL when out of memory. */
struct relseq *relseq_create(uint32_t max);
void relseq_destroy(struct relseq *relseq);

struct relseq_segment {
	const uint8_t *src, *dst; /* addresses, in the packet */
	size_t address_len;       /* 4 or 16 bytes */
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
	bool syn;
};

/* What is printed. Zeroes, but for seq and ack, when nothing is known: absolute numbers. */
struct relseq_view {
	uint32_t seq, ack;
	uint32_t other_base; /* what the other direction's numbers (SACK blocks) are relative to */
};

/* For a segment with ACK. When out of memory its numbers stay absolute. */
struct relseq_view relseq_look(struct relseq *relseq, const struct relseq_segment *segment);

/* With very many connections: where a look-up that will come begins, RELSEQ_SLOT bytes that may be fetched meanwhile.
 * Else NULL. Nothing changes. */
enum {
	RELSEQ_SLOT = 24, /* of IPv4; those of IPv6 are twice as large */
};
const void *relseq_far(const struct relseq *relseq, const struct relseq_segment *segment);

#endif
