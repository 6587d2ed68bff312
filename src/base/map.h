/* A hash table of pointers that grows: open addressing, linear probing, no holes left by removal.
 *
 * The table does not know its keys: the caller hashes (siphash.h, with a secret seed where a stranger picks the keys)
 * and says what is equal. Items stay the caller's. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot {
	uint64_t hash;
	void *item; /* NULL: free */
};

/* Zeroes are an empty map. */
struct map {
	struct map_slot *slots;
	size_t count, cap; /* cap is 0 or a power of two */
};

/* The item with this hash for which equal(item, key) holds, or NULL. */
void *map_find(const struct map *map, uint64_t hash, bool (*equal)(const void *item, const void *key), const void *key);

/* Adds an item whose key is not in the map. 0 or -ENOMEM (the map is as it was). */
int map_add(struct map *map, uint64_t hash, void *item);

/* Takes this very item out; it must be in the map. */
void map_remove(struct map *map, uint64_t hash, const void *item);

/* Walks all items in no order: start with *at 0; NULL ends it. The map must not change meanwhile. */
void *map_next(const struct map *map, size_t *at);

void map_finish(struct map *map); /* frees the table, not the items */

#endif
