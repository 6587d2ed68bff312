/* The key of a segment's connection: pure, and inline, as each packet needs one. */
#ifndef WSCAP_CONN_KEY_H
#define WSCAP_CONN_KEY_H

#include "wscap/conn_internal.h"

#include <endian.h>

struct conn_key_address {
	uint64_t words[2];
};

static inline struct conn_key_address conn_key_address(const uint8_t *bytes)
{
	struct conn_key_address address;

	memcpy(&address, bytes, sizeof(address));
	return address;
}

/* As memcmp() has it; addresses of IPv4 differ in their first words, if they do. */
static inline bool conn_key_is_higher(struct conn_key_address src, struct conn_key_address dst, const struct tcp *tcp)
{
	uint64_t a = be64toh(src.words[0]), b = be64toh(dst.words[0]);

	if (a == b) {
		a = be64toh(src.words[1]);
		b = be64toh(dst.words[1]);
	}
	return a != b ? a > b : tcp->src_port > tcp->dst_port;
}

/* Behind an IPv4 address are zeroes: with its port it fits into one word. */
static inline unsigned conn_key_make_4(const struct ip *ip, const struct tcp *tcp, struct conn_key *ret)
{
	uint64_t src_port = tcp->src_port, dst_port = tcp->dst_port, turn;
	uint32_t src, dst;
	unsigned side;

	memcpy(&src, ip->src, sizeof(src));
	memcpy(&dst, ip->dst, sizeof(dst));
	side = ((uint64_t)be32toh(src) << 16 | src_port) > ((uint64_t)be32toh(dst) << 16 | dst_port);
	turn = -(uint64_t)side;
	ret->words[0] = src ^ ((src ^ dst) & (uint32_t)turn);
	ret->words[1] = 0;
	ret->words[2] = dst ^ ((src ^ dst) & (uint32_t)turn);
	ret->words[3] = 0;
	turn &= src_port ^ dst_port;
	ret->words[KEY_WORDS - 1] = (src_port ^ turn) << 48 | (dst_port ^ turn) << 32 | 4;
	return side;
}

static inline unsigned conn_key_make_any(const struct ip *ip, const struct tcp *tcp, struct conn_key *ret)
{
	struct conn_key_address src = conn_key_address(ip->src), dst = conn_key_address(ip->dst);
	uint64_t src_port = tcp->src_port, dst_port = tcp->dst_port;
	unsigned side = conn_key_is_higher(src, dst, tcp);
	uint64_t turn = -(uint64_t)side;

	for (size_t i = 0; i < 2; i++) {
		uint64_t both = (src.words[i] ^ dst.words[i]) & turn;

		ret->words[i] = src.words[i] ^ both;
		ret->words[2 + i] = dst.words[i] ^ both;
	}
	turn &= src_port ^ dst_port;
	ret->words[KEY_WORDS - 1] = (src_port ^ turn) << 48 | (dst_port ^ turn) << 32 | ip->version;
	return side;
}

/* Both directions have the same key. Returns the side of the sender. Which one it is changes with nearly every packet:
 * nothing here branches on it. */
static inline __attribute__((always_inline)) unsigned conn_key_make(const struct ip *ip, const struct tcp *tcp,
								    struct conn_key *ret)
{
	return ip->version == 4 ? conn_key_make_4(ip, tcp, ret) : conn_key_make_any(ip, tcp, ret);
}

#endif
