/* Sixteen bytes at once: the compiler makes of them what the machine has.
 *
 * Comparing two vectors gives one with ff where it holds and 00 where it does not; vector_bits() makes a number of it,
 * so that the first place is found by counting zeroes. */
#ifndef BASE_VECTOR_H
#define BASE_VECTOR_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef uint8_t vector __attribute__((vector_size(16)));
typedef int8_t signed_vector __attribute__((vector_size(16)));

enum {
	VECTOR = sizeof(vector),
};

/* From any address. */
static inline vector vector_at(const uint8_t *from)
{
	vector bytes;

	memcpy(&bytes, from, VECTOR);
	return bytes;
}

/* A bit for each byte that is ff, the first one's lowest. */
static inline uint64_t vector_bits(vector bytes)
{
#ifdef __SSE2__
	return (uint64_t)_mm_movemask_epi8((__m128i)bytes);
#else
	uint64_t bits = 0;

	for (unsigned i = 0; i < VECTOR; i++)
		bits |= (uint64_t)(bytes[i] & 1) << i;
	return bits;
#endif
}

#endif
