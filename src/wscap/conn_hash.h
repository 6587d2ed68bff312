/* The hash of a connection's key. Whoever sends the packets picks addresses and ports, and must not be able to pick
 * ones that meet in the table.
 *
 * Each product is of two words that secret ones hide, so that who does not know those cannot tell which keys collide:
 * of any two given keys, about one in 2^32 choices of the secret makes them (NH: Black and others, UMAC, 1999). Unlike
 * SipHash it would not keep its secret from who sees hashes; nobody does, nothing that is told depends on them. It
 * takes a third of the time.
 *
 * Two keys are not all, though: a client's ports often follow each other, and products of what does that stand at even
 * steps, which with some secrets heap up in one part of the table. So the last product is mixed once more. */
#ifndef WSCAP_CONN_HASH_H
#define WSCAP_CONN_HASH_H

#include "wscap/conn_internal.h"

struct conn_hash_seed {
	uint64_t words[KEY_WORDS + 1];
};

static inline uint64_t conn_hash_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* One to one: no more keys meet than did. What stood at even steps has no order any more; the high half, where it is
 * least, becomes the low one, which is the one that counts. */
static inline uint64_t conn_hash_mix(uint64_t hash)
{
	uint64_t mixed = (hash ^ hash >> 32) * 0xbf58476d1ce4e5b9;

	return mixed << 32 | mixed >> 32;
}

static inline uint64_t conn_hash(const struct conn_hash_seed *seed, const struct conn_key *key)
{
	const uint64_t *words = key->words, *secret = seed->words;
	uint64_t low = conn_hash_fold(words[0] + secret[0], words[2] + secret[1]);
	uint64_t high = conn_hash_fold(words[1] + secret[2], words[3] + secret[3]);

	return conn_hash_mix(conn_hash_fold((low ^ high) + secret[4], words[4] + secret[5]));
}

#endif
