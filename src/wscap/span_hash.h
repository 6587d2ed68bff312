/* Numbers that stand for bytes, for tables whose keys a stranger picks: begin with a secret seed. */
#ifndef WSCAP_SPAN_HASH_H
#define WSCAP_SPAN_HASH_H

#include "ws/span.h"

static inline uint64_t span_hash_mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
	return hash ^ hash >> 32;
}

static inline uint64_t span_hash_byte(uint64_t hash, uint8_t byte)
{
	return span_hash_mix(hash, byte);
}

/* Eight bytes at a time. */
static inline uint64_t span_hash(struct ws_span span, uint64_t seed)
{
	uint64_t hash = span_hash_mix(seed, span.len), word = 0;
	size_t at = 0;

	for (; span.len - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, span.data + at, sizeof(word));
		hash = span_hash_mix(hash, word);
	}
	word = 0;
	if (span.len > at)
		memcpy(&word, span.data + at, span.len - at);
	return span_hash_mix(hash, word);
}

#endif
