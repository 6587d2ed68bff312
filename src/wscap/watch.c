#include "wscap/watch.h"

#include <stdlib.h>

enum {
	WATCH_FIRST = 64, /* entries of the first allocation */
};

static void put(struct watch *watch, uint32_t at, struct watch_entry entry)
{
	watch->entries[at] = entry;
	conn_troubles_set(entry.conn)->watched = at + 1;
}

static uint32_t place_of(const struct conn *conn)
{
	return conn_troubles(conn)->watched - 1;
}

static void move_up(struct watch *watch, uint32_t at)
{
	struct watch_entry entry = watch->entries[at];

	while (at > 0 && watch->entries[(at - 1) / 2].deadline > entry.deadline) {
		put(watch, at, watch->entries[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(watch, at, entry);
}

static void move_down(struct watch *watch, uint32_t at)
{
	struct watch_entry entry = watch->entries[at];

	for (;;) {
		uint32_t child = at * 2 + 1;

		if (child + 1 < watch->count && watch->entries[child + 1].deadline < watch->entries[child].deadline)
			child++;
		if (child >= watch->count || watch->entries[child].deadline >= entry.deadline)
			break;
		put(watch, at, watch->entries[child]);
		at = child;
	}
	put(watch, at, entry);
}

static void take_out(struct watch *watch, uint32_t at)
{
	struct watch_entry last = watch->entries[--watch->count];

	conn_troubles_set(watch->entries[at].conn)->watched = 0;
	if (at == watch->count)
		return;
	put(watch, at, last);
	move_up(watch, at);
	move_down(watch, place_of(last.conn));
}

static bool reserve(struct watch *watch)
{
	uint32_t cap = watch->cap ? watch->cap * 2 : WATCH_FIRST;
	struct watch_entry *entries;

	if (watch->count < watch->cap)
		return true;
	entries = realloc(watch->entries, cap * sizeof(*entries));
	if (!entries)
		return false;
	watch->entries = entries;
	watch->cap = cap;
	return true;
}

void watch_set(struct watch *watch, struct conn *conn, int64_t deadline)
{
	bool watched = conn_troubles(conn)->watched;
	uint32_t at = watched ? place_of(conn) : watch->count;

	if (deadline == INT64_MAX) {
		if (watched)
			take_out(watch, at);
		return;
	}
	if (!watched) {
		if (!reserve(watch))
			return;
		watch->count++;
	}
	put(watch, at, (struct watch_entry){.deadline = deadline, .conn = conn});
	move_up(watch, at);
	move_down(watch, place_of(conn));
}

struct conn *watch_due(const struct watch *watch, int64_t now)
{
	return watch->count && watch->entries[0].deadline <= now ? watch->entries[0].conn : NULL;
}

void watch_finish(struct watch *watch)
{
	free(watch->entries);
	*watch = (struct watch){0};
}
