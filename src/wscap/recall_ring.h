/* Places that are taken in turn and found by a hash. The place that was taken longest ago goes to who comes next: not
 * one that happens to collide, because hashes are seeded and one capture is to be told the same each time. */
#ifndef WSCAP_RECALL_RING_H
#define WSCAP_RECALL_RING_H

#include <stdint.h>

enum {
	RING_PLACES = 512,
	RING_BUCKETS = 1024, /* a power of two */
	RING_NONE = UINT16_MAX,
};

/* Zeroes are an empty one: places are kept with one added. */
struct recall_ring {
	uint64_t hash[RING_PLACES];
	uint16_t next[RING_PLACES];
	uint16_t bucket[RING_BUCKETS];
	uint32_t taken; /* how many ever were, modulo twice the places: beyond that only the turn counts */
};

static inline uint16_t *recall_ring_bucket(struct recall_ring *ring, uint64_t hash)
{
	return &ring->bucket[(hash >> 1) % RING_BUCKETS];
}

/* The place with this hash, or RING_NONE. */
static inline uint16_t recall_ring_find(const struct recall_ring *ring, uint64_t hash)
{
	uint16_t at = ring->bucket[(hash >> 1) % RING_BUCKETS];

	while (at && ring->hash[at - 1] != hash)
		at = ring->next[at - 1];
	return at ? (uint16_t)(at - 1) : RING_NONE;
}

static inline void recall_ring_forget(struct recall_ring *ring, uint16_t place)
{
	uint16_t *at = recall_ring_bucket(ring, ring->hash[place]);

	while (*at != place + 1)
		at = &ring->next[*at - 1];
	*at = ring->next[place];
}

/* The next place in turn, for a hash that has none. */
static inline uint16_t recall_ring_take(struct recall_ring *ring, uint64_t hash)
{
	uint16_t place = (uint16_t)(ring->taken % RING_PLACES);
	uint16_t *bucket = recall_ring_bucket(ring, hash);

	if (ring->taken >= RING_PLACES)
		recall_ring_forget(ring, place);
	ring->taken = ring->taken + 1 < 2 * RING_PLACES ? ring->taken + 1 : RING_PLACES;
	ring->hash[place] = hash;
	ring->next[place] = *bucket;
	*bucket = (uint16_t)(place + 1);
	return place;
}

#endif
