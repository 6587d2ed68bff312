#include "ws/mask.h"

#include "libws/block.h"

typedef uint32_t words __attribute__((vector_size(32)));

enum {
	WORD = sizeof(uint64_t),
};

#define HIGH_BITS UINT64_C(0x8080808080808080)

void ws_mask_plain(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4], uint64_t offset)
{
	for (size_t i = 0; i < len; i++)
		dst[i] = src[i] ^ key[(offset + i) & 3];
}

static inline void mask_block(uint8_t *dst, const uint8_t *src, const block *key)
{
	block bytes;

	block_get(src, &bytes);
	bytes ^= *key;
	memcpy(dst, &bytes, BLOCK);
}

static inline void mask_word(uint8_t *dst, const uint8_t *src, const void *key)
{
	uint64_t bytes, mask;

	memcpy(&mask, key, WORD);
	memcpy(&bytes, src, WORD);
	bytes ^= mask;
	memcpy(dst, &bytes, WORD);
}

/* The key over and over, from offset on. */
static inline void turn(const uint8_t key[4], uint64_t offset, block *ret)
{
	const uint8_t once[4] = {key[offset & 3], key[(offset + 1) & 3], key[(offset + 2) & 3], key[(offset + 3) & 3]};
	uint32_t word;
	words all;

	memcpy(&word, once, sizeof(word));
	all = (words){0} + word;
	memcpy(ret, &all, BLOCK);
}

void ws_mask(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4], uint64_t offset)
{
	size_t at = 0;
	block keys;

	if (len < WORD) {
		ws_mask_plain(dst, src, len, key, offset);
		return;
	}
	/* Every block and word begins at a multiple of four from here. */
	turn(key, offset, &keys);
	for (; len - at >= 4 * BLOCK; at += 4 * BLOCK) {
		mask_block(dst + at, src + at, &keys);
		mask_block(dst + at + BLOCK, src + at + BLOCK, &keys);
		mask_block(dst + at + 2 * BLOCK, src + at + 2 * BLOCK, &keys);
		mask_block(dst + at + 3 * BLOCK, src + at + 3 * BLOCK, &keys);
	}
	for (; len - at >= WORD; at += WORD)
		mask_word(dst + at, src + at, &keys);
	ws_mask_plain(dst + at, src + at, len - at, key, offset + at);
}

static inline void mask_and_see(uint8_t *dst, const uint8_t *src, const block *key, block *seen)
{
	block bytes;

	block_get(src, &bytes);
	bytes ^= *key;
	*seen |= bytes;
	memcpy(dst, &bytes, BLOCK);
}

/* Fewer bytes than a block. */
static bool mask_short(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4])
{
	uint64_t seen = 0, bytes, mask;
	size_t at = 0;
	block keys;

	turn(key, 0, &keys);
	memcpy(&mask, &keys, WORD);
	for (; len - at >= WORD; at += WORD) {
		memcpy(&bytes, src + at, WORD);
		bytes ^= mask;
		memcpy(dst + at, &bytes, WORD);
		seen |= bytes;
	}
	for (; at < len; at++) {
		dst[at] = src[at] ^ key[at & 3];
		seen |= dst[at];
	}
	return !(seen & HIGH_BITS);
}

bool ws_mask_ascii(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4])
{
	block keys, seen = {0};

	if (len < BLOCK)
		return mask_short(dst, src, len, key);
	turn(key, 0, &keys);
	for (size_t at = 0; len - at > BLOCK; at += BLOCK)
		mask_and_see(dst + at, src + at, &keys, &seen);
	/* The last block ends where the payload does; what it has in common with the one before is written twice. */
	turn(key, len - BLOCK, &keys);
	mask_and_see(dst + len - BLOCK, src + len - BLOCK, &keys, &seen);
	return block_is_ascii(&seen);
}
