/* Blocks of 32 bytes at any address, two vectors each. Vectors of 16 bytes are what every machine of ours has: the
 * compiler keeps them in registers, and larger ones, where it is not told that there are such, in memory. Private to
 * libws. */
#ifndef LIBWS_BLOCK_H
#define LIBWS_BLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t vector __attribute__((vector_size(16)));

enum {
	VECTOR = sizeof(vector),
	BLOCK = 2 * VECTOR,
};

static inline vector vector_at(const uint8_t *from)
{
	vector bytes;

	memcpy(&bytes, from, VECTOR);
	return bytes;
}

/* Is none of the bytes above 0x7f? */
static inline bool vector_is_ascii(vector bytes)
{
	return !((bytes[0] | bytes[1]) & UINT64_C(0x8080808080808080));
}

#endif
