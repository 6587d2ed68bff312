#include "ws/mask.h"

#include <string.h>

/* 32 bytes at any address; the compiler makes of it what the machine has. */
typedef uint8_t block __attribute__((vector_size(32)));

enum {
	WORD = sizeof(uint64_t),
	BLOCK = sizeof(block),
};

void ws_mask_plain(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4], uint64_t offset)
{
	for (size_t i = 0; i < len; i++)
		dst[i] = src[i] ^ key[(offset + i) & 3];
}

static inline void mask_block(uint8_t *dst, const uint8_t *src, const block *key)
{
	block bytes;

	memcpy(&bytes, src, BLOCK);
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

void ws_mask(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4], uint64_t offset)
{
	size_t at = 0;
	block keys;

	if (len < WORD) {
		ws_mask_plain(dst, src, len, key, offset);
		return;
	}
	/* The key, turned to where src begins; every block and word begins at a multiple of four from there. */
	for (size_t i = 0; i < BLOCK; i++)
		keys[i] = key[(offset + i) & 3];
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
