/* 32 bytes at any address: the compiler makes of them what the machine has. They are handed on by pointers, as how they
 * are handed on by value depends on the machine. Private to libws. */
#ifndef LIBWS_BLOCK_H
#define LIBWS_BLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t block __attribute__((vector_size(32)));

enum {
	BLOCK = sizeof(block),
	BLOCK_WORDS = BLOCK / sizeof(uint64_t),
};

static inline void block_get(const uint8_t *from, block *ret)
{
	memcpy(ret, from, BLOCK);
}

/* Is none of its bytes above 0x7f? */
static inline bool block_is_ascii(const block *bytes)
{
	uint64_t words[BLOCK_WORDS];

	memcpy(words, bytes, BLOCK);
	return !((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080));
}

#endif
