/* Packets that were captured twice: on the way through a bridge, a veth pair, or several devices of "any".
 *
 * A copy equals its original in all that no device changes: addresses, ports, sequence and acknowledgment number,
 * flags, window, length, IP identification and TCP options; not in TTL and checksums. A retransmission differs: a
 * sender counts IP identifications up, or its timestamps have gone on.
 *
 * Where the identification tells nothing (IPv6; IPv4 where it is 0, RFC 6864), equal timestamps must, and the copy must
 * follow sooner. Without those too, a segment that a sender cannot repeat so soon (one that carries something: its
 * timer is longer than that) is a copy, and a pure ACK never is: a receiver may send the same one many times in a row.
 *
 * What was seen is kept in a table of a fixed size, for all connections: a new packet takes the place of an old one. */
#ifndef WSCAP_TWICE_H
#define WSCAP_TWICE_H

#include "wscap/tcp.h"

enum {
	TWICE_NS = 10000000,        /* how far a copy may follow behind its original */
	TWICE_NS_NO_ID = 2000000,   /* …where only timestamps tell */
	TWICE_NS_NOTHING = 1000000, /* …where not even those do */
	TWICE_BITS = 12,            /* 64 KiB: it stays near the processor; copies follow within a few packets */
	TWICE_SEEDS = 6,
};

struct twice_entry {
	uint64_t fingerprint;
	int64_t time;
};

struct twice {
	struct twice_entry entries[1 << TWICE_BITS];
	uint64_t seeds[TWICE_SEEDS]; /* random ones: nobody is to make packets that are taken for copies */
};

/* Where a packet like this one is remembered. It is asked for first, and so is on its way from memory while the rest of
 * what twice_seen() needs is made.
 *
 * Without the seeds, so that one capture is told the same each time. Who makes packets meet here makes us forget one.
 */
struct twice_entry *twice_place(struct twice *twice, const struct tcp *tcp);

/* hash stands for addresses, ports and direction. Was this packet seen a moment ago? It is remembered either way. */
bool twice_seen(const struct twice *twice, struct twice_entry *entry, int64_t now, uint64_t hash, const struct ip *ip,
		const struct tcp *tcp);

#endif
