#include "wscap/pool.h"

#include "wscap/huge.h"

#include <string.h>

void pool_init(struct pool *pool, size_t item)
{
	*pool = (struct pool){.item = item, .free = POOL_NONE};
}

static size_t block_bytes(const struct pool *pool, unsigned block)
{
	return ((size_t)1 << (block + POOL_FIRST_BITS)) * pool->item;
}

void pool_finish(struct pool *pool)
{
	for (unsigned i = 0; i < POOL_BLOCKS; i++)
		huge_destroy(pool->blocks[i], block_bytes(pool, i));
	pool_init(pool, pool->item);
}

bool pool_reach(struct pool *pool, uint32_t number)
{
	uint32_t place = number + (1u << POOL_FIRST_BITS);
	unsigned block = 31 - (unsigned)__builtin_clz(place) - POOL_FIRST_BITS;

	if (!pool->blocks[block])
		pool->blocks[block] = huge_create(block_bytes(pool, block));
	return pool->blocks[block];
}

/* The first item in another piece of its block, or that reaches into one: the piece's pages come at once. */
static void ask_ahead(const struct pool *pool, uint32_t number)
{
	uint32_t place = number + (1u << POOL_FIRST_BITS);
	unsigned top = 31 - (unsigned)__builtin_clz(place), block = top - POOL_FIRST_BITS;
	size_t offset = (size_t)(place - (1u << top)) * pool->item, last = offset + pool->item - 1;

	if (last % HUGE_AHEAD < pool->item)
		huge_ahead(pool->blocks[block], block_bytes(pool, block), last / HUGE_AHEAD * HUGE_AHEAD);
}

uint32_t pool_take(struct pool *pool)
{
	uint32_t number = pool->free;

	if (number != POOL_NONE) {
		memcpy(&pool->free, pool_at(pool, number), sizeof(pool->free));
		return number;
	}
	if (pool->used + (1u << POOL_FIRST_BITS) == UINT32_MAX || !pool_reach(pool, pool->used))
		return POOL_NONE;
	ask_ahead(pool, pool->used);
	return pool->used++;
}

void pool_give(struct pool *pool, uint32_t number)
{
	memcpy(pool_at(pool, number), &pool->free, sizeof(pool->free));
	pool->free = number;
}

uint32_t pool_number(const struct pool *pool, const void *item)
{
	for (unsigned block = 0; block < POOL_BLOCKS; block++) {
		size_t offset = (size_t)((uintptr_t)item - (uintptr_t)pool->blocks[block]);

		if (pool->blocks[block] && offset < block_bytes(pool, block))
			return (UINT32_C(1) << (block + POOL_FIRST_BITS)) - (UINT32_C(1) << POOL_FIRST_BITS) +
			       (uint32_t)(offset / pool->item);
	}
	return POOL_NONE;
}

size_t pool_memory(const struct pool *pool)
{
	return pool->used * pool->item;
}
