/* The connections whose segments came lately, found by what stands in a segment's headers: of IPv4, both addresses and
 * ports, in the order of its direction. It is asked before the table is, and saves making a key, its hash and the walk
 * to what has it; what is not found here is looked for there.
 *
 * A place for each of them, by a hash without a secret: whoever sends packets that meet here finds the table's way, and
 * that is all. A connection that leaves the table leaves its places here, too (conn_ends_forget()). */
#ifndef WSCAP_CONN_ENDS_H
#define WSCAP_CONN_ENDS_H

#include "wscap/conn_internal.h"

enum {
	CONN_ENDS_BITS = 11, /* 64 KiB, of which two half lines for each connection are in use */
};

struct conn_ends_entry {
	uint64_t addresses; /* as they stand on the wire: the sender's below, the receiver's above */
	uint32_t ports;     /* the receiver's below, the sender's above */
	uint32_t side;      /* of the sender */
	uint64_t hash;      /* conn's, of its key */
	struct conn *conn;  /* NULL: there is none */
};

struct conn_ends {
	struct conn_ends_entry entries[1 << CONN_ENDS_BITS];
};

static inline struct conn_ends_entry *conn_ends_place(struct conn_ends *ends, uint64_t addresses, uint32_t ports)
{
	uint64_t hash = (addresses ^ ports * UINT64_C(0x5bd1e995)) * 0x9e3779b97f4a7c15;

	return &ends->entries[hash >> (64 - CONN_ENDS_BITS)];
}

static inline uint64_t conn_ends_addresses(const struct ip *ip)
{
	uint32_t src, dst;

	memcpy(&src, ip->src, sizeof(src));
	memcpy(&dst, ip->dst, sizeof(dst));
	return (uint64_t)dst << 32 | src;
}

static inline uint32_t conn_ends_ports(const struct tcp *tcp)
{
	return (uint32_t)tcp->src_port << 16 | tcp->dst_port;
}

/* Where this segment's connection is, or NULL where it is not known here. */
static inline const struct conn_ends_entry *conn_ends_find(struct conn_ends *ends, const struct ip *ip,
							   const struct tcp *tcp)
{
	uint64_t addresses = conn_ends_addresses(ip);
	uint32_t ports = conn_ends_ports(tcp);
	const struct conn_ends_entry *entry = conn_ends_place(ends, addresses, ports);

	if (entry->addresses != addresses || entry->ports != ports || ip->version != 4 || !entry->conn)
		return NULL;
	return entry;
}

/* found: whose segment it is. The next one of the same direction is found here. */
static inline void conn_ends_learn(struct conn_ends *ends, const struct ip *ip, const struct tcp *tcp,
				   const struct conn_ends_entry *found)
{
	uint64_t addresses = conn_ends_addresses(ip);
	uint32_t ports = conn_ends_ports(tcp);
	struct conn_ends_entry *entry = conn_ends_place(ends, addresses, ports);

	if (ip->version != 4)
		return;
	*entry = *found;
	entry->addresses = addresses;
	entry->ports = ports;
}

/* It leaves the table. */
static inline void conn_ends_forget(struct conn_ends *ends, const struct conn *conn)
{
	const uint64_t *words = conn->key.words;
	uint32_t ports = (uint32_t)(words[KEY_WORDS - 1] >> 32);
	struct conn_ends_entry *from_low = conn_ends_place(ends, words[2] << 32 | (uint32_t)words[0], ports);
	struct conn_ends_entry *from_high =
	    conn_ends_place(ends, words[0] << 32 | (uint32_t)words[2], ports << 16 | ports >> 16);

	if (from_low->conn == conn)
		from_low->conn = NULL;
	if (from_high->conn == conn)
		from_high->conn = NULL;
}

#endif
