/* Which connection has a key: open addressing with linear probing, eight bytes a slot, the hash beside the connection's
 * number, so that a look-up touches one line of the table and the connection itself, and growing reads no connection.
 *
 * It doubles at three quarters (at seven eighths who looks for a new one passes 32 slots), and never stops for it: the
 * slots of the smaller table move a few at a time, with each connection that is added; until all have, a key is looked
 * for in both. */
#ifndef WSCAP_CONN_SLOTS_H
#define WSCAP_CONN_SLOTS_H

#include "base/fetch.h"
#include "wscap/conn_internal.h"
#include "wscap/pool.h"

struct slot {
	uint32_t hash;
	uint32_t conn; /* its number in the pool and one; 0: empty; SLOT_LEFT: what stood here has moved, or is gone */
};

struct slot_table {
	struct slot *slots;
	size_t mask, count;
};

struct conn_slots {
	const struct pool *pool; /* of the connections */
	struct slot_table now, old;
	size_t moved; /* slots of old that are empty by now */
};

bool conn_slots_init(struct conn_slots *slots, const struct pool *pool);
void conn_slots_finish(struct conn_slots *slots);

/* NULL when none has it. */
struct conn *conn_slots_find(const struct conn_slots *slots, uint64_t hash, const struct conn_key *key);

/* The connection that conn_slots_find() will look at first, or NULL: it is not looked at now, and may be another. */
struct conn *conn_slots_guess(const struct conn_slots *slots, uint64_t hash);

/* Makes room for one more. False when there is none, and no memory for it. */
bool conn_slots_reserve(struct conn_slots *slots);
/* After conn_slots_reserve(); no other connection has its key. */
void conn_slots_add(struct conn_slots *slots, uint64_t hash, const struct conn *conn);
void conn_slots_remove(struct conn_slots *slots, uint64_t hash, const struct conn *conn);

size_t conn_slots_memory(const struct conn_slots *slots);

/* Where a look-up begins, for who knows that it will come. */
static inline void conn_slots_prefetch(const struct conn_slots *slots, uint64_t hash)
{
	fetch_read(&slots->now.slots[(uint32_t)hash & slots->now.mask]);
	if (slots->old.slots)
		fetch_read(&slots->old.slots[(uint32_t)hash & slots->old.mask]);
}

#endif
