/* The short way for segments in order does what the long way does: two tables are told the same segments, one of them
 * without the short way, and must tell the same. */
#include "test.h"

#include "base/out.h"
#include "wscap/conn_internal.h"

#include <stdio.h>

enum {
	ROUNDS = 600,
	SEGMENTS = 200,
	CLIENTS = 3,
	DATA_MAX = 40,
};

static bool short_way;
static unsigned short_taken;

bool __real_conn_in_order(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret);
bool __wrap_conn_in_order(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret);

bool __wrap_conn_in_order(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	bool taken = short_way && __real_conn_in_order(conn, now, side, tcp, ret);

	short_taken += taken;
	return taken;
}

/* xorshift64*: the same numbers everywhere. */
static uint64_t state = 0x2545f4914f6cdd1d;

static uint32_t below(uint32_t limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * 0x2545f4914f6cdd1d) >> 33) % limit;
}

/* What a table told. */
struct told {
	struct conn_table *table;
	struct out log;
};

static void tell(void *context, const struct conn *conn, const char *what, enum dir dir, int64_t offset, uint64_t len)
{
	struct told *told = context;

	out_printf(&told->log, "#%llu %s %d %lld %llu\n", (unsigned long long)conn_number(conn), what, dir,
		   (long long)offset, (unsigned long long)len);
}

static void on_open(void *context, struct conn *conn)
{
	tell(context, conn, "open", 0, 0, 0);
}

static void on_close(void *context, struct conn *conn, enum conn_close how)
{
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

static void told_init(struct told *told)
{
	const struct limits limits = {.connections = 8,
				      .waiting = 400,
				      .waiting_total = 10000,
				      .idle = (int64_t)20 * NSEC_PER_SEC,
				      .reorder = NSEC_PER_SEC,
				      .reorder_packets = 16};
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

static void told_finish(struct told *told)
{
	conn_table_destroy(told->table);
	out_finish(&told->log);
}

static void told_segment(struct told *told, int64_t now, const struct ip *ip, const struct tcp *tcp)
{
	struct segment s;
	struct conn *conn = conn_table_segment(told->table, now, ip, tcp, &s);

	assert_non_null(conn);
	out_printf(&told->log, "#%llu %x dir %d at %d %lld len %u %u ack %d %lld-%lld %d missing %u since %lld w %u\n",
		   (unsigned long long)conn_number(conn), s.facts, s.dir, s.placed, s.placed ? (long long)s.offset : 0,
		   s.len, s.new_len, s.ack_placed, s.ack_placed ? (long long)s.acked_from : 0,
		   s.ack_placed ? (long long)s.acked_to : 0, s.acks_fin, s.missing, (long long)s.since_ns, s.window);
}

/* One side of a conversation: its next sequence number, and what it has acknowledged. */
struct talker {
	uint32_t next, acked;
};

/* Most segments go on from where things stand; one in some does not. */
static void next_segment(struct talker talkers[2], unsigned from, unsigned step, bool wild, struct tcp *ret)
{
	struct talker *sender = &talkers[from], *other = &talkers[!from];
	uint32_t len = below(2) ? below(DATA_MAX) : 0;
	int32_t off = 0;

	*ret = (struct tcp){.status = LAYER_OK, .header_len = 20, .flags = TCP_ACK, .window = 500};
	if (step < 3) {
		len = 0;
		ret->flags = step == 0 ? TCP_SYN : step == 1 ? TCP_SYN | TCP_ACK : TCP_ACK;
	} else if (wild) {
		static const uint16_t flags[] = {0, TCP_FIN | TCP_ACK, TCP_RST, TCP_SYN, TCP_ACK | TCP_URG, TCP_ACK};
		static const int32_t offs[] = {-1, 1, -10, 10, 60, 1 << 30};

		ret->flags = flags[below(6)];
		ret->window = (uint16_t)(below(3) * 250);
		off = offs[below(6)];
		len = below(4) ? len : 1;
	}
	ret->seq = sender->next + (uint32_t)(below(2) ? off : 0);
	ret->ack = other->next + (uint32_t)(below(3) ? 0 : off);
	ret->payload_len = len;
	if (!off)
		sender->next += len + (ret->flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
}

static void play(struct told *told, uint64_t seed, uint32_t wild)
{
	static const uint8_t bytes[DATA_MAX] = "GET / HTTP/1.1";
	struct talker talkers[CLIENTS][2];
	unsigned steps[CLIENTS] = {0};
	int64_t now = 0;

	state = seed;
	for (unsigned i = 0; i < CLIENTS; i++) {
		talkers[i][0].next = below(2) ? UINT32_MAX - below(100) : below(1000);
		talkers[i][1].next = below(2) ? UINT32_MAX - below(100) : below(1000);
		steps[i] = below(3) ? 0 : 3;
	}
	for (unsigned i = 0; i < SEGMENTS; i++) {
		unsigned who = below(CLIENTS), from = steps[who] < 3 ? steps[who] == 1 : below(2);
		struct ip ip = {.status = LAYER_OK, .version = 4, .protocol = 6, .id = (uint16_t)(i + 1)};
		struct tcp tcp;

		next_segment(talkers[who], from, steps[who]++, below(wild) == 0, &tcp);
		tcp.src_port = (uint16_t)(from ? 80 : 1000 + who);
		tcp.dst_port = (uint16_t)(from ? 1000 + who : 80);
		ip.src[3] = (uint8_t)from;
		ip.dst[3] = (uint8_t)!from;
		tcp.payload = ws_span_of(bytes, below(wild) ? tcp.payload_len : tcp.payload_len / 2);
		now += below(wild) ? below(1000000) : (int64_t)below(5) * NSEC_PER_SEC / 2 - NSEC_PER_SEC / 2;
		told_segment(told, now, &ip, &tcp);
	}
	conn_table_flush(told->table, now);
}

static void test_same(void **unused)
{
	(void)unused;
	short_taken = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct told with = {0}, without = {0};
		uint64_t seed = UINT64_C(0x9e3779b97f4a7c15) * (round + 1);

		told_init(&with);
		told_init(&without);
		short_way = true;
		play(&with, seed, 4 + round % 30);
		short_way = false;
		play(&without, seed, 4 + round % 30);
		assert_int_equal(with.log.len, without.log.len);
		assert_memory_equal(with.log.text, without.log.text, with.log.len);
		told_finish(&with);
		told_finish(&without);
	}
	assert_true(short_taken > ROUNDS * SEGMENTS / 10); /* it was worth looking */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_same)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
