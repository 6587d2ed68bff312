/* Whose segment it is, and what it begins where it is nobody's. */
#include "wscap/conn_table.h"

enum {
	CROWDED = 4096, /* connections: with what lives on them more than fits into the cache beside the processor */
};

/* Who is the client of a connection that begins with this segment? A SYN tells it for sure, later; until then the
 * lower port is the server's. */
static unsigned guess_client(const struct tcp *tcp, unsigned side)
{
	return tcp->src_port < tcp->dst_port ? !side : side;
}

static struct conn *open_conn(struct conn_table *table, int64_t now, const struct conn_key *key, uint64_t hash,
			      unsigned side, const struct tcp *tcp)
{
	struct conn *conn = conn_table_add(table, now, key, hash, guess_client(tcp, side));

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
	if (conn && conn_table_is_crowded(table))
		conn_ahead_began(&table->ahead, conn);
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
		conn_table_remove(table, conn);
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
	if (conn_table_is_due(table, now)) {
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
