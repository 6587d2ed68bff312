/* The table of connections: they lie in a pool (pool.h) and are found by their keys (conn_slots.h), the one of the
 * packet before without a look-up. Where there are few, a segment that is usual is its connection's without a look at
 * the table (conn_ends.h); where there are very many, it was looked for before its turn (conn_ahead.h). In which order
 * they expire: conn_lists.h.
 *
 *     conn_table.c  which there are, until they expire
 *     conn_take.c   whose segment one is, and what it begins. */
#ifndef WSCAP_CONN_TABLE_H
#define WSCAP_CONN_TABLE_H

#include "wscap/conn_ahead.h"
#include "wscap/conn_ends.h"
#include "wscap/conn_hash.h"
#include "wscap/conn_key.h"
#include "wscap/conn_lists.h"
#include "wscap/conn_slots.h"
#include "wscap/twice.h"
#include "wscap/watch.h"

struct conn_table {
	struct pool pool;
	struct pool troubles; /* those of a connection have its number, and a page without any is never touched */
	struct conn_slots slots;
	uint32_t count;
	uint32_t restless; /* see conn_table_restless() */
	struct conn_lists lists;
	int64_t now; /* of the last look at what is due */
	struct limits limits;
	struct conn_sink sink;
	struct conn_stats counters;
	struct waiting_account account;
	struct recent *recent;
	struct watch watch;
	struct conn_ahead ahead;
	struct conn_hash_seed seed;
	struct twice twice;
	struct conn_ends ends;
	struct conn_ends_entry found; /* by the table's last look-up, or made then; no connection when it is gone */
	struct conn_key key;          /* …what was looked for */
};

/* May there be something to do, now that it is this late? Nearly never. */
static inline bool conn_table_is_due(const struct conn_table *table, int64_t now)
{
	return table->watch.count || now > table->lists.look_at || now < table->now;
}

/* A connection more, whose key is in no other, with what room there is: the longest idle one makes place. NULL: there
 * is no memory. */
struct conn *conn_table_add(struct conn_table *table, int64_t now, const struct conn_key *key, uint64_t hash,
			    unsigned client_side);

/* Nobody finds it any more, and what it has is freed; that it ends was told before. */
void conn_table_remove(struct conn_table *table, struct conn *conn);

#endif
