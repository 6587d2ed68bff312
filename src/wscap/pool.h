/* Items of one size, taken and given back one by one, each named by a small number.
 *
 * They lie in blocks that double, so a number is turned into an address by one look into a table that is always near,
 * and the blocks that are there never move. What is given back is kept for the next one. */
#ifndef WSCAP_POOL_H
#define WSCAP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	POOL_FIRST_BITS = 6, /* 64 items in the first block, and in each one as many as in all before it, and 64 */
	POOL_BLOCKS = 32 - POOL_FIRST_BITS,
};

#define POOL_NONE UINT32_MAX

struct pool {
	size_t item;   /* bytes of each */
	uint32_t used; /* items that were ever taken */
	uint32_t free; /* the first of those that were given back; each holds the number of the next. Or POOL_NONE */
	uint8_t *blocks[POOL_BLOCKS];
};

/* item: bytes of each, at least four; a multiple of the alignment that they need. */
void pool_init(struct pool *pool, size_t item);

/* Frees the blocks. Zeroes are accepted. */
void pool_finish(struct pool *pool);

/* An item with any content; POOL_NONE when out of memory. */
uint32_t pool_take(struct pool *pool);
void pool_give(struct pool *pool, uint32_t number);

/* The number of an item, whose block is looked for; POOL_NONE: it is not the pool's. */
uint32_t pool_number(const struct pool *pool, const void *item);

/* Of a pool whose items have the numbers of another's and are neither taken nor given: is there memory for this one? It
 * is not touched; it has any content. */
bool pool_reach(struct pool *pool, uint32_t number);

/* Bytes of memory that are in use or were. */
size_t pool_memory(const struct pool *pool);

static inline void *pool_at(const struct pool *pool, uint32_t number)
{
	uint32_t place = number + (1u << POOL_FIRST_BITS);
	unsigned top = 31 - (unsigned)__builtin_clz(place);

	return pool->blocks[top - POOL_FIRST_BITS] + (size_t)(place - (1u << top)) * pool->item;
}

#endif
