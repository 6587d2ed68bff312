#include "conn_twins.h"

#include "test.h"

#include "wscap/conn_internal.h"

bool twins_short_way;
unsigned twins_in_order, twins_opening;

bool __real_conn_in_order(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret);
bool __wrap_conn_in_order(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret);
bool __real_conn_opening(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret);
bool __wrap_conn_opening(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret);
bool __real_conn_opens(const struct tcp *tcp);
bool __wrap_conn_opens(const struct tcp *tcp);

bool __wrap_conn_in_order(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	bool taken = twins_short_way && __real_conn_in_order(conn, now, side, tcp, ret);

	twins_in_order += taken;
	return taken;
}

bool __wrap_conn_opening(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	bool taken = twins_short_way && __real_conn_opening(conn, now, side, tcp, ret);

	twins_opening += taken;
	return taken;
}

bool __wrap_conn_opens(const struct tcp *tcp)
{
	bool taken = twins_short_way && __real_conn_opens(tcp);

	twins_opening += taken;
	return taken;
}

static uint64_t state;

void twins_seed(uint64_t seed)
{
	state = seed;
}

uint32_t twins_below(uint32_t limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1d) >> 33) % limit;
}

static void tell(void *context, const struct conn *conn, const char *what, enum dir dir, int64_t offset, uint64_t len)
{
	struct told *told = context;

	out_printf(&told->log, "#%llu %s %d %lld %llu mid %d syn %d role %d\n", (unsigned long long)conn_number(conn),
		   what, dir, (long long)offset, (unsigned long long)len, conn_is_mid_stream(conn), conn_saw_syn(conn),
		   conn_role(conn));
}

static void on_open(void *context, struct conn *conn)
{
	((struct told *)context)->open++;
	tell(context, conn, "open", 0, 0, 0);
}

static void on_close(void *context, struct conn *conn, enum conn_close how)
{
	((struct told *)context)->open--;
	tell(context, conn, "close", 0, how, 0);
}

static void on_free(void *context, struct conn *conn)
{
	tell(context, conn, "free", 0, 0, 0);
}

static void on_data(void *context, struct conn *conn, enum dir dir, int64_t offset, struct ws_span bytes)
{
	tell(context, conn, "data", dir, offset, bytes.len);
	if (conn_number(conn) % 5 == 0 && offset > 200)
		conn_ignore(conn);
	if (conn_number(conn) % 3 == 0)
		conn_set_client(conn, dir);
}

static void on_gap(void *context, struct conn *conn, enum dir dir, int64_t offset, uint64_t len)
{
	tell(context, conn, "gap", dir, offset, len);
}

static void on_mid_stream(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	tell(context, conn, "mid-stream", dir, offset, 0);
}

static void on_end(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	tell(context, conn, "end", dir, offset, 0);
}

static void on_limit(void *context, struct conn *conn, enum dir dir, const char *name)
{
	tell(context, conn, name, dir, 0, 0);
}

void told_init(struct told *told, bool acknowledged)
{
	const struct limits limits = {.connections = 8,
				      .waiting = 400,
				      .waiting_total = 10000,
				      .idle = (int64_t)20 * NSEC_PER_SEC,
				      .reorder = NSEC_PER_SEC,
				      .reorder_packets = 16,
				      .acknowledged = acknowledged};
	const struct conn_sink sink = {.open = on_open,
				       .close = on_close,
				       .free = on_free,
				       .data = on_data,
				       .gap = on_gap,
				       .mid_stream = on_mid_stream,
				       .end = on_end,
				       .limit = on_limit,
				       .context = told};

	assert_int_equal(out_init(&told->log, -1), 0);
	told->table = conn_table_create(&limits, &sink);
	assert_non_null(told->table);
}

/* Who is restless is counted right: once all are idle, and closed, nobody is. */
void told_finish(struct told *told)
{
	conn_table_tick(told->table, told->now + (int64_t)1000 * NSEC_PER_SEC);
	assert_int_equal(told->open, 0);
	assert_int_equal(*conn_table_restless(told->table), 0);
	conn_table_destroy(told->table);
	out_finish(&told->log);
}

static void log_stream(struct out *log, const struct conn *conn, unsigned side)
{
	const struct stream *s = &conn->streams[side];

	out_printf(log, "  next %lld acked %lld fin %lld sent %u %lld flight %u %lld base %u window %u scale %u ",
		   (long long)s->next, (long long)s->acked, (long long)stream_fin_at(conn, side), s->sent_seq,
		   (long long)s->sent_time, s->flight_seq, (long long)s->flight_time, s->base, s->window,
		   conn->scales[side]);
	out_printf(log, "%d%d%d%d %d%d%d%d %d%d%d%d %d waiting %d strange %d\n", s->placed, s->begun, s->syn,
		   s->syn_answers, s->captured, s->captured_data, s->ack_known, s->window_known, s->watching,
		   s->fin == FIN_ENDED, stream_trouble(conn, side)->missed, s->limit_told, s->keep_alive,
		   s->has_waiting, s->strange);
}

/* All but whether it is calm: that says which way was taken. */
static void log_conn(struct out *log, const struct conn *conn)
{
	out_printf(log,
		   "  last %lld packets %u watched %d client %u role %d mid %d established %d told %d quiet %d%d\n",
		   (long long)conn->last, conn->packets, conn_troubles(conn)->watched != 0, conn->client_side,
		   conn->role_known, conn->mid_stream, conn->established, conn->told_data, conn->ignored, conn->closed);
	log_stream(log, conn, 0);
	log_stream(log, conn, 1);
}

void told_segment(struct told *told, int64_t now, const struct ip *ip, const struct tcp *tcp)
{
	struct segment s;
	struct conn *conn = conn_table_segment(told->table, now, ip, tcp, &s);

	assert_non_null(conn);
	told->now = now;
	/* A connection is calm by a short way only. */
	assert_true(twins_short_way ? *conn_table_restless(told->table) <= told->open
				    : *conn_table_restless(told->table) == told->open);
	out_printf(&told->log, "#%llu %x dir %d at %d %lld len %u %u ack %d %lld-%lld %d missing %u since %lld w %u\n",
		   (unsigned long long)conn_number(conn), s.facts, s.dir, s.placed, s.placed ? (long long)s.offset : 0,
		   s.len, s.new_len, s.ack_placed, s.ack_placed ? (long long)s.acked_from : 0,
		   s.ack_placed ? (long long)s.acked_to : 0, s.acks_fin, s.missing, (long long)s.since_ns, s.window);
	log_conn(&told->log, conn);
}

void twins_compare(void (*play)(struct told *told, uint64_t seed, uint32_t kind), uint64_t seed, uint32_t kind,
		   bool acknowledged)
{
	struct told with = {0}, without = {0};

	told_init(&with, acknowledged);
	told_init(&without, acknowledged);
	twins_short_way = true;
	play(&with, seed, kind);
	twins_short_way = false;
	play(&without, seed, kind);
	assert_int_equal(with.log.len, without.log.len);
	assert_memory_equal(with.log.text, without.log.text, with.log.len);
	told_finish(&with);
	told_finish(&without);
}
