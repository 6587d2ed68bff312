#include "wscap/pool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	HUGE_PAGE = 2 << 20,
};

void pool_init(struct pool *pool, size_t item)
{
	*pool = (struct pool){.item = item, .free = POOL_NONE};
}

void pool_finish(struct pool *pool)
{
	for (size_t i = 0; i < POOL_BLOCKS; i++)
		free(pool->blocks[i]);
	pool_init(pool, pool->item);
}

/* A system without huge pages has small ones. */
static uint8_t *block_create(size_t bytes)
{
	uint8_t *block;

	if (bytes < HUGE_PAGE)
		return malloc(bytes);
	block = aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
	if (block)
		madvise(block, bytes, MADV_HUGEPAGE);
	return block;
}

uint32_t pool_take(struct pool *pool)
{
	uint32_t number = pool->free;
	uint32_t place = pool->used + (1u << POOL_FIRST_BITS);
	unsigned top = 31 - (unsigned)__builtin_clz(place);
	uint8_t **block = &pool->blocks[top - POOL_FIRST_BITS];

	if (number != POOL_NONE) {
		memcpy(&pool->free, pool_at(pool, number), sizeof(pool->free));
		return number;
	}
	if (place == UINT32_MAX)
		return POOL_NONE;
	if (!*block)
		*block = block_create(((size_t)1 << top) * pool->item);
	return *block ? pool->used++ : POOL_NONE;
}

void pool_give(struct pool *pool, uint32_t number)
{
	memcpy(pool_at(pool, number), &pool->free, sizeof(pool->free));
	pool->free = number;
}

size_t pool_memory(const struct pool *pool)
{
	return pool->used * pool->item;
}
