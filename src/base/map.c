#include "base/map.h"

#include <errno.h>
#include <stdlib.h>

enum {
	MAP_FIRST = 16, /* slots of the first table */
};

void *map_find(const struct map *map, uint64_t hash, bool (*equal)(const void *item, const void *key), const void *key)
{
	if (!map->cap)
		return NULL;
	for (size_t i = hash & (map->cap - 1); map->slots[i].item; i = (i + 1) & (map->cap - 1))
		if (map->slots[i].hash == hash && equal(map->slots[i].item, key))
			return map->slots[i].item;
	return NULL;
}

static void put(struct map_slot *slots, size_t cap, struct map_slot slot)
{
	size_t i = slot.hash & (cap - 1);

	while (slots[i].item)
		i = (i + 1) & (cap - 1);
	slots[i] = slot;
}

/* At most three quarters full, so that every search finds an end. */
static int make_room(struct map *map)
{
	size_t cap = map->cap ? map->cap * 2 : MAP_FIRST;
	struct map_slot *slots;

	if (map->cap && map->count + 1 <= map->cap / 4 * 3)
		return 0;
	slots = calloc(cap, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < map->cap; i++)
		if (map->slots[i].item)
			put(slots, cap, map->slots[i]);
	free(map->slots);
	map->slots = slots;
	map->cap = cap;
	return 0;
}

int map_add(struct map *map, uint64_t hash, void *item)
{
	int status = make_room(map);

	if (status < 0)
		return status;
	put(map->slots, map->cap, (struct map_slot){.hash = hash, .item = item});
	map->count++;
	return 0;
}

void map_remove(struct map *map, uint64_t hash, const void *item)
{
	size_t mask = map->cap - 1;
	size_t hole = hash & mask;

	while (map->slots[hole].item != item)
		hole = (hole + 1) & mask;
	/* Whatever follows without a break moves up, where its own place does not lie behind the hole. */
	for (size_t i = (hole + 1) & mask; map->slots[i].item; i = (i + 1) & mask) {
		size_t home = map->slots[i].hash & mask;

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			map->slots[hole] = map->slots[i];
			hole = i;
		}
	}
	map->slots[hole] = (struct map_slot){0};
	map->count--;
}

void *map_next(const struct map *map, size_t *at)
{
	while (*at < map->cap) {
		void *item = map->slots[(*at)++].item;

		if (item)
			return item;
	}
	return NULL;
}

void map_finish(struct map *map)
{
	free(map->slots);
	*map = (struct map){0};
}
