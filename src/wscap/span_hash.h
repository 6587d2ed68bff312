/* Numbers that stand for bytes, for tables whose keys a stranger picks: begin with a secret seed. */
#ifndef WSCAP_SPAN_HASH_H
#define WSCAP_SPAN_HASH_H

#include "ws/span.h"

static inline uint64_t span_hash_mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
	return hash ^ hash >> 32;
}

/* At most eight bytes as a number that no others of that length have. They are read where they lie: what is copied by
 * bytes, and read back as a word, takes longer than all the rest. */
static inline uint64_t span_hash_word(const uint8_t *at, size_t len)
{
	uint32_t first, last;
	uint64_t word;

	if (len == sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		return word;
	}
	if (len >= sizeof(first)) {
		memcpy(&first, at, sizeof(first));
		memcpy(&last, at + len - sizeof(last), sizeof(last));
		return (uint64_t)last << 32 | first;
	}
	return len ? (uint64_t)at[0] << 16 | (uint64_t)at[len / 2] << 8 | at[len - 1] : 0;
}

/* The halves of a product: each bit of both words has its part in it. */
static inline uint64_t span_hash_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Sixteen bytes, into a hash so far. */
static inline uint64_t span_hash_take(uint64_t hash, uint64_t secret, const uint8_t *at)
{
	return span_hash_fold(span_hash_word(at, 8) ^ secret, span_hash_word(at + 8, 8) ^ hash);
}

/* Four words at a time, two each into a hash of its own, as a product takes longer than reading the next words. What is
 * left is taken with what is before it. */
static inline uint64_t span_hash(struct ws_span span, uint64_t seed)
{
	const uint64_t secret = UINT64_C(0x9e3779b97f4a7c15), other = UINT64_C(0x9fb21c651e98df25);
	const uint8_t *at = span.data;
	uint64_t hash = seed ^ secret;
	size_t left = span.len;

	if (left < 16) {
		hash ^= left < 8 ? span_hash_word(at, left) : span_hash_word(at, 8);
		hash = span_hash_fold(hash, other ^ (left < 8 ? 0 : span_hash_word(at + left - 8, 8)));
		return span_hash_fold(hash ^ other, seed ^ span.len ^ secret);
	}
	if (left > 32) {
		uint64_t more = hash + 1;

		for (; left > 32; left -= 32, at += 32) {
			hash = span_hash_take(hash, secret, at);
			more = span_hash_take(more, other, at + 16);
		}
		hash ^= more;
	}
	if (left > 16)
		hash = span_hash_take(hash, secret, at);
	hash = span_hash_take(hash, other, at + left - 16);
	return span_hash_fold(hash ^ other, span.len ^ secret);
}

#endif
