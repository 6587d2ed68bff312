/* The table of connections: they lie in a pool (pool.h) and are found by their keys (conn_slots.h), the one of the
 * packet before without a look-up. Where there are few, a segment that is usual is its connection's without a look at
 * the table (conn_ends.h); where there are very many, it was looked for before its turn (conn_ahead.h). In which order
 * they expire: conn_lists.h. */
#include "base/seed.h"
#include "wscap/conn_ahead.h"
#include "wscap/conn_ends.h"
#include "wscap/conn_hash.h"
#include "wscap/conn_key.h"
#include "wscap/conn_lists.h"
#include "wscap/conn_slots.h"
#include "wscap/twice.h"
#include "wscap/watch.h"

#include <stdlib.h>

enum {
	CROWDED = 4096, /* connections: with what lives on them more than fits into the cache beside the processor */
	CLOSED_SECONDS = 60, /* how long a closed connection is remembered for what comes late: TIME-WAIT on Linux */
};

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

static void remove_conn(struct conn_table *table, struct conn *conn)
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
	remove_conn(table, conn);
}

static struct conn *add_conn(struct conn_table *table, int64_t now, const struct conn_key *key, uint64_t hash,
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
		remove_conn(table, conn);
	while ((conn = table->lists.open.oldest) && time_since(now, conn->last) > table->limits.idle) {
		conn_end_as(conn, CONN_CLOSE_TIMEOUT);
		remove_conn(table, conn);
	}
	closed = expires(&table->lists.closed, keep_closed);
	open = expires(&table->lists.open, table->limits.idle);
	table->lists.look_at = closed < open ? closed : open;
}

/* May there be something to do, now that it is this late? Nearly never. */
static bool is_due(const struct conn_table *table, int64_t now)
{
	return table->watch.count || now > table->lists.look_at || now < table->now;
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

/* Who is the client of a connection that begins with this segment? A SYN tells it for sure, later; until then the
 * lower port is the server's. */
static unsigned guess_client(const struct tcp *tcp, unsigned side)
{
	return tcp->src_port < tcp->dst_port ? !side : side;
}

static struct conn *open_conn(struct conn_table *table, int64_t now, const struct conn_key *key, uint64_t hash,
			      unsigned side, const struct tcp *tcp)
{
	struct conn *conn = add_conn(table, now, key, hash, guess_client(tcp, side));

	if (!conn) {
		table->counters.no_memory++;
		return NULL;
	}
	if (tcp->flags & TCP_SYN)
		conn_set_client(conn, (side == conn->client_side) != !!(tcp->flags & TCP_ACK) ? DIR_C2S : DIR_S2C);
	else if (stream_http_head(tcp->payload) != STREAM_HEAD_REQUEST)
		conn_set_mid_stream(conn, true);
	table->sink.open(table->sink.context, conn);
	return conn;
}

/* Not this connection's segment, but a new one's on the same ports. */
static bool is_another(struct conn *conn, unsigned side, const struct tcp *tcp)
{
	if (tcp->flags & TCP_SYN && !(tcp->flags & TCP_RST))
		return !conn_has_syn(conn, side, tcp);
	return conn_is_strange(conn, side, tcp);
}

/* The connection that begins with this segment. Its key was looked for, and not found. */
static struct conn *begin_conn(struct conn_table *table, int64_t now, unsigned side, uint64_t hash,
			       const struct tcp *tcp, struct segment *ret)
{
	struct conn *conn = open_conn(table, now, &table->key, hash, side, tcp);

	table->found.conn = conn;
	table->found.hash = hash;
	if (conn && conn_opens(tcp)) {
		conn_opened(conn, side, tcp, ret);
		return conn;
	}
	*ret = (struct segment){.facts = conn && conn->mid_stream ? SEGMENT_MID_STREAM : 0};
	if (conn)
		conn_segment(conn, now, side, tcp, ret);
	return conn;
}

/* What is not in order, or begins a connection. conn: the one that has its key, which has that hash, or NULL: then it
 * was looked for. */
static __attribute__((noinline)) struct conn *take_any(struct conn_table *table, int64_t now, struct conn *conn,
						       unsigned side, uint64_t hash, const struct tcp *tcp,
						       struct segment *ret)
{
	if (conn && conn_opening(conn, now, side, tcp, ret)) {
		conn_lists_touch(&table->lists, conn, now);
		return conn;
	}
	if (conn && is_another(conn, side, tcp)) {
		table->key = conn->key;
		conn_end_as(conn, CONN_CLOSE_REUSED);
		remove_conn(table, conn);
		conn = NULL;
	}
	if (!conn)
		return begin_conn(table, now, side, hash, tcp, ret);
	conn_lists_touch(&table->lists, conn, now);
	*ret = (struct segment){0};
	conn_segment(conn, now, side, tcp, ret);
	return conn;
}

static struct conn *captured_twice(struct conn *conn, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	*ret = (struct segment){.facts = SEGMENT_CAPTURED_TWICE, .dir = conn_dir(conn, side), .len = tcp->payload_len};
	return conn;
}

bool conn_table_is_crowded(const struct conn_table *table)
{
	return table->count >= CROWDED;
}

/* Whose segment it is, by the table. Half of the packets are of the connection that the one before was of. */
static __attribute__((noinline)) const struct conn_ends_entry *look_up(struct conn_table *table, const struct ip *ip,
								       const struct tcp *tcp)
{
	struct conn_ends_entry *found = &table->found;
	struct conn_key key;

	found->side = conn_key_make(ip, tcp, &key);
	if (!found->conn || !conn_key_equal(&table->key, &key)) {
		table->key = key;
		found->hash = conn_hash(&table->seed, &key);
		found->conn = conn_slots_find(&table->slots, found->hash, &key);
	}
	if (found->conn && conn_table_is_crowded(table))
		conn_ahead_learn(&table->ahead, ip, tcp, found);
	else if (found->conn)
		conn_ends_learn(&table->ends, ip, tcp, found);
	return found;
}

struct conn *conn_table_segment(struct conn_table *table, int64_t now, const struct ip *ip, const struct tcp *tcp,
				struct segment *ret)
{
	struct twice_entry *seen = twice_place(&table->twice, tcp);
	const struct conn_ends_entry *found;
	struct conn *conn;
	uint64_t hash;
	unsigned side;
	bool twice;

	if (conn_table_is_crowded(table))
		found = conn_ahead_find(&table->ahead, ip, tcp);
	else
		found = conn_ends_find(&table->ends, ip, tcp);
	if (!found)
		found = look_up(table, ip, tcp);
	conn = found->conn;
	hash = found->hash;
	side = found->side;
	twice = twice_seen(&table->twice, seen, now, hash + side, ip, tcp);
	if (is_due(table, now)) {
		conn_table_tick(table, now);
		conn = look_up(table, ip, tcp)->conn; /* it may have expired just now */
	}
	table->now = now;
	if (conn && twice)
		return captured_twice(conn, side, tcp, ret);
	if (!conn || !conn_in_order(conn, now, side, tcp, ret))
		return take_any(table, now, conn, side, hash, tcp, ret);
	conn_lists_touch(&table->lists, conn, now);
	return conn;
}

void conn_table_ahead_begin(struct conn_table *table)
{
	conn_ahead_begin(&table->ahead, &table->slots, &table->lists, table->now);
}

void conn_table_ahead(struct conn_table *table, const struct ip *ip, const struct tcp *tcp)
{
	struct conn_ends_entry about = {0};
	struct conn_key key;

	about.side = conn_key_make(ip, tcp, &key);
	about.hash = conn_hash(&table->seed, &key);
	conn_ahead_add(&table->ahead, &table->slots, ip, tcp, &about);
}

void conn_table_stats(const struct conn_table *table, struct conn_stats *ret)
{
	*ret = table->counters;
	ret->open = table->count;
	ret->memory = sizeof(*table) + conn_slots_memory(&table->slots) + pool_memory(&table->pool) +
		      table->watch.cap * sizeof(*table->watch.entries) + table->account.total;
}
