/* SipHash-1-3 (Aumasson and Bernstein, 2012) over 64-bit words: for tables whose keys a stranger picks.
 *
 * With a secret seed nobody outside can make keys collide. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_seed {
	uint64_t k0, k1;
};

static inline uint64_t siphash_rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void siphash_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = siphash_rotate(v[1], 13) ^ v[0];
	v[3] = siphash_rotate(v[3], 16) ^ v[2];
	v[0] = siphash_rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = siphash_rotate(v[1], 17) ^ v[2];
	v[3] = siphash_rotate(v[3], 21) ^ v[0];
	v[2] = siphash_rotate(v[2], 32);
}

/* Words as they stand in memory: the result differs between machines of different byte order. */
static inline uint64_t siphash_words(const struct siphash_seed *seed, const uint64_t *words, size_t count)
{
	uint64_t v[4] = {seed->k0 ^ 0x736f6d6570736575, seed->k1 ^ 0x646f72616e646f6d, seed->k0 ^ 0x6c7967656e657261,
			 seed->k1 ^ 0x7465646279746573};
	uint64_t last = (uint64_t)(count * sizeof(*words)) << 56;

	for (size_t i = 0; i < count; i++) {
		v[3] ^= words[i];
		siphash_round(v);
		v[0] ^= words[i];
	}
	v[3] ^= last;
	siphash_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		siphash_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
