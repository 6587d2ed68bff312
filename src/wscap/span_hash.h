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

/* Four words at a time, each into a hash of its own, as a product takes longer than reading the next word. */
static inline uint64_t span_hash(struct ws_span span, uint64_t seed)
{
	uint64_t hash = span_hash_mix(seed, span.len);
	const uint8_t *at = span.data;
	size_t left = span.len;

	if (left >= 32) {
		uint64_t a = hash, b = hash + 1, c = hash + 2, d = hash + 3;

		for (; left >= 32; left -= 32, at += 32) {
			a = span_hash_mix(a, span_hash_word(at, 8));
			b = span_hash_mix(b, span_hash_word(at + 8, 8));
			c = span_hash_mix(c, span_hash_word(at + 16, 8));
			d = span_hash_mix(d, span_hash_word(at + 24, 8));
		}
		hash = span_hash_mix(span_hash_mix(span_hash_mix(a, b), c), d);
	}
	for (; left >= 8; left -= 8, at += 8)
		hash = span_hash_mix(hash, span_hash_word(at, 8));
	return left ? span_hash_mix(hash, span_hash_word(at, left)) : hash;
}

#endif
