#include "ws/mask.h"

#include "libws/block.h"

enum {
	WORD = sizeof(uint64_t),
};

#define HIGH_BITS UINT64_C(0x8080808080808080)

void ws_mask_plain(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4], uint64_t offset)
{
	for (size_t i = 0; i < len; i++)
		dst[i] = src[i] ^ key[(offset + i) & 3];
}

/* Returns what it wrote. */
static inline vector mask_vector(uint8_t *dst, const uint8_t *src, vector key)
{
	vector bytes = vector_at(src) ^ key;

	memcpy(dst, &bytes, VECTOR);
	return bytes;
}

static inline vector mask_block(uint8_t *dst, const uint8_t *src, vector key)
{
	return mask_vector(dst, src, key) | mask_vector(dst + VECTOR, src + VECTOR, key);
}

static inline uint64_t mask_word(uint8_t *dst, const uint8_t *src, uint64_t key)
{
	uint64_t bytes;

	memcpy(&bytes, src, WORD);
	bytes ^= key;
	memcpy(dst, &bytes, WORD);
	return bytes;
}

/* The key over and over, from offset on. */
static inline uint64_t turn(const uint8_t key[4], uint64_t offset)
{
	const uint8_t once[4] = {key[offset & 3], key[(offset + 1) & 3], key[(offset + 2) & 3], key[(offset + 3) & 3]};
	uint32_t word;

	memcpy(&word, once, sizeof(word));
	return (uint64_t)word << 32 | word;
}

static inline vector turned(uint64_t key)
{
	return (vector){key, key};
}

void ws_mask(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4], uint64_t offset)
{
	size_t at = 0;
	uint64_t keys;

	if (len < WORD) {
		ws_mask_plain(dst, src, len, key, offset);
		return;
	}
	/* Every block and word begins at a multiple of four from here. */
	keys = turn(key, offset);
	for (; len - at >= 4 * BLOCK; at += 4 * BLOCK) {
		mask_block(dst + at, src + at, turned(keys));
		mask_block(dst + at + BLOCK, src + at + BLOCK, turned(keys));
		mask_block(dst + at + 2 * BLOCK, src + at + 2 * BLOCK, turned(keys));
		mask_block(dst + at + 3 * BLOCK, src + at + 3 * BLOCK, turned(keys));
	}
	for (; len - at >= WORD; at += WORD)
		mask_word(dst + at, src + at, keys);
	ws_mask_plain(dst + at, src + at, len - at, key, offset + at);
}

/* Fewer bytes than a block. */
static bool mask_short(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4])
{
	uint64_t seen = 0, keys = turn(key, 0);
	size_t at = 0;

	for (; len - at >= WORD; at += WORD)
		seen |= mask_word(dst + at, src + at, keys);
	for (; at < len; at++) {
		dst[at] = src[at] ^ key[at & 3];
		seen |= dst[at];
	}
	return !(seen & HIGH_BITS);
}

bool ws_mask_ascii(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4])
{
	vector keys, seen = {0};

	if (len < BLOCK)
		return mask_short(dst, src, len, key);
	keys = turned(turn(key, 0));
	for (size_t at = 0; len - at > BLOCK; at += BLOCK)
		seen |= mask_block(dst + at, src + at, keys);
	/* The last block ends where the payload does; what it has in common with the one before is written twice. */
	seen |= mask_block(dst + len - BLOCK, src + len - BLOCK, turned(turn(key, len - BLOCK)));
	return vector_is_ascii(seen);
}
