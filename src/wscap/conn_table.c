/* The table of connections: which there are, until they expire. */
#include "wscap/conn_table.h"

#include "base/seed.h"

#include <stdlib.h>

enum {
	CLOSED_SECONDS = 60, /* how long a closed connection is remembered for what comes late: TIME-WAIT on Linux */
};

const struct conn_sink *conn_table_sink(const struct conn_table *table)
{
	return &table->sink;
}

const struct limits *conn_table_limits(const struct conn_table *table)
{
	return &table->limits;
}

struct recent *conn_table_recent(struct conn_table *table)
{
	return table->recent;
}

uint32_t *conn_table_restless(struct conn_table *table)
{
	return &table->restless;
}

struct waiting_account *conn_table_account(struct conn_table *table)
{
	return &table->account;
}

struct conn_stats *conn_table_counters(struct conn_table *table)
{
	return &table->counters;
}

void conn_table_watch(struct conn *conn, int64_t deadline)
{
	if (deadline != INT64_MAX || conn_troubles(conn)->watched)
		watch_set(&conn->table->watch, conn, deadline);
}

struct troubles *conn_table_troubles(const struct conn *conn)
{
	return pool_at(&conn->table->troubles, conn->number_in_pool);
}

void conn_table_closed(struct conn *conn)
{
	conn_lists_remove(&conn->table->lists, conn);
	conn_lists_add(&conn->table->lists, conn);
}

struct conn_table *conn_table_create(const struct limits *limits, const struct conn_sink *sink)
{
	struct conn_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	pool_init(&table->pool, sizeof(struct conn));
	pool_init(&table->troubles, sizeof(struct troubles));
	if (!conn_slots_init(&table->slots, &table->pool)) {
		free(table);
		return NULL;
	}
	conn_lists_init(&table->lists, &table->pool);
	table->now = INT64_MIN;
	table->limits = *limits;
	if (!table->limits.connections)
		table->limits.connections = 1;
	table->sink = *sink;
	table->recent = recent_create(limits->compared); /* without it nothing is compared */
	table->account = (struct waiting_account){.stream_max = limits->waiting, .total_max = limits->waiting_total};
	seed_make(&table->seed, sizeof(table->seed));
	seed_make(table->twice.seeds, sizeof(table->twice.seeds));
	return table;
}

static void free_conn(struct conn_table *table, struct conn *conn)
{
	table->sink.free(table->sink.context, conn);
	conn_table_watch(conn, INT64_MAX);
	for (unsigned side = 0; side < 2; side++)
		stream_free_waiting(conn, side);
}

void conn_table_remove(struct conn_table *table, struct conn *conn)
{
	conn_lists_remove(&table->lists, conn);
	conn_ends_forget(&table->ends, conn);
	conn_ahead_forget(&table->ahead, conn);
	conn_slots_remove(&table->slots, conn_hash(&table->seed, &conn->key), conn);
	free_conn(table, conn);
	pool_give(&table->pool, conn->number_in_pool);
	table->count--;
	if (table->found.conn == conn)
		table->found.conn = NULL;
}

static void free_list(struct conn_table *table, const struct conn_list *list)
{
	for (struct conn *conn = list->oldest; conn; conn = conn_lists_newer(&table->lists, conn))
		free_conn(table, conn);
}

void conn_table_destroy(struct conn_table *table)
{
	if (!table)
		return;
	free_list(table, &table->lists.open);
	free_list(table, &table->lists.closed);
	watch_finish(&table->watch);
	conn_slots_finish(&table->slots);
	pool_finish(&table->pool);
	pool_finish(&table->troubles);
	recent_destroy(table->recent);
	free(table);
}

/* The longest idle one goes; one that is closed already goes first, and nothing is lost with it. */
static void give_up_one(struct conn_table *table)
{
	struct conn *conn = table->lists.closed.oldest;

	if (!conn) {
		conn = table->lists.open.oldest;
		table->counters.given_up++;
		conn_end_as(conn, CONN_CLOSE_TIMEOUT);
	}
	conn_table_remove(table, conn);
}

struct conn *conn_table_add(struct conn_table *table, int64_t now, const struct conn_key *key, uint64_t hash,
			    unsigned client_side)
{
	struct conn *conn;
	uint32_t number;

	while (table->count >= table->limits.connections)
		give_up_one(table);
	if (!conn_slots_reserve(&table->slots))
		return NULL;
	number = pool_take(&table->pool);
	if (number == POOL_NONE)
		return NULL;
	if (!pool_reach(&table->troubles, number)) {
		pool_give(&table->pool, number);
		return NULL;
	}
	conn = pool_at(&table->pool, number);
	conn_init(conn, table, key, ++table->counters.connections, client_side);
	conn->number_in_pool = number;
	conn->last = now;
	conn->listed = conn_lists_time(now);
	conn_slots_add(&table->slots, hash, conn);
	table->count++;
	table->restless++;
	conn_lists_add(&table->lists, conn);
	return conn;
}

/* When the oldest of a list expires at the earliest: it may still be moved. */
static int64_t expires(const struct conn_list *list, int64_t after)
{
	return list->oldest ? time_after(list->oldest->last, after) : INT64_MAX;
}

static void expire(struct conn_table *table, int64_t now)
{
	const int64_t keep_closed = (int64_t)CLOSED_SECONDS * NSEC_PER_SEC;
	int64_t closed, open;
	struct conn *conn;

	while ((conn = table->lists.closed.oldest) && time_since(now, conn->last) > keep_closed)
		conn_table_remove(table, conn);
	while ((conn = table->lists.open.oldest) && time_since(now, conn->last) > table->limits.idle) {
		conn_end_as(conn, CONN_CLOSE_TIMEOUT);
		conn_table_remove(table, conn);
	}
	closed = expires(&table->lists.closed, keep_closed);
	open = expires(&table->lists.open, table->limits.idle);
	table->lists.look_at = closed < open ? closed : open;
}

void conn_table_tick(struct conn_table *table, int64_t now)
{
	struct conn *conn;

	while ((conn = watch_due(&table->watch, now)))
		conn_settle(conn, now);
	if (now > table->lists.look_at || now < table->now)
		expire(table, now);
	if (now < table->now) /* with the packet that follows, the last one of the oldest may be older than it was */
		table->lists.look_at = INT64_MIN;
	table->now = now;
}

void conn_table_flush(struct conn_table *table, int64_t now)
{
	struct conn *newer;

	if (!table->restless) /* to go along the list takes long, from anywhere to anywhere in memory */
		return;
	for (struct conn *conn = table->lists.open.oldest; conn; conn = newer) {
		newer = conn_lists_newer(&table->lists, conn);
		if (conn->calm) /* nothing waits, nothing is missing: its streams need not be looked at */
			continue;
		conn_flush(conn);
		conn_settle(conn, now);
	}
}

void conn_table_stats(const struct conn_table *table, struct conn_stats *ret)
{
	*ret = table->counters;
	ret->open = table->count;
	ret->memory = sizeof(*table) + conn_slots_memory(&table->slots) + pool_memory(&table->pool) +
		      table->watch.cap * sizeof(*table->watch.entries) + table->account.total;
}
