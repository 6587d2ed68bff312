/* Much of everything, and no memory. */
#include "failmalloc.h"
#include "test.h"

#include "wscap/conn.h"

#include <string.h>
#include <time.h>

enum {
	MILLION = 1000000,
	PIECE = 64 << 10,
	WAITING_TOTAL = 16 << 20,
	SECONDS_MAX = 30, /* of the processor, under a sanitizer; a table that does not grow takes hours */
};

struct tally {
	int64_t at[2][2]; /* connection, direction: the stream that was told so far */
	unsigned open;
	uint64_t bytes, gaps;
};

static void count_open(void *context, struct conn *conn)
{
	(void)conn;
	((struct tally *)context)->open++;
}

static void count_free(void *context, struct conn *conn)
{
	(void)conn;
	((struct tally *)context)->open--;
}

static void ignore_close(void *context, struct conn *conn, enum conn_close how)
{
	(void)context;
	(void)conn;
	(void)how;
}

static void count_data(void *context, struct conn *conn, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct tally *tally = context;
	int64_t *at = &tally->at[conn_number(conn) % 2][dir];

	assert_int_equal(offset, *at);
	*at += (int64_t)bytes.len;
	tally->bytes += bytes.len;
}

static void count_gap(void *context, struct conn *conn, enum dir dir, int64_t offset, uint64_t len)
{
	struct tally *tally = context;
	int64_t *at = &tally->at[conn_number(conn) % 2][dir];

	assert_int_equal(offset, *at);
	*at += (int64_t)len;
	tally->gaps += len;
}

static void ignore_place(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	(void)context;
	(void)conn;
	(void)dir;
	(void)offset;
}

static void ignore_limit(void *context, struct conn *conn, enum dir dir, const char *name)
{
	(void)context;
	(void)conn;
	(void)dir;
	(void)name;
}

static struct conn_table *make_table(struct tally *tally, uint32_t connections)
{
	struct conn_sink sink = {.open = count_open,
				 .close = ignore_close,
				 .free = count_free,
				 .data = count_data,
				 .gap = count_gap,
				 .mid_stream = ignore_place,
				 .end = ignore_place,
				 .limit = ignore_limit,
				 .context = tally};
	struct limits limits = {.connections = connections,
				.waiting = LIMIT_WAITING,
				.waiting_total = WAITING_TOTAL,
				.idle = (int64_t)LIMIT_IDLE_SECONDS * NSEC_PER_SEC,
				.reorder = NSEC_PER_SEC,
				.reorder_packets = LIMIT_REORDER_PACKETS};

	return conn_table_create(&limits, &sink);
}

static struct conn *play(struct conn_table *table, int64_t now, uint32_t client, const struct tcp *tcp)
{
	struct ip ip = {.version = 4, .protocol = 6};
	struct segment segment;

	memcpy(ip.src, &client, sizeof(client));
	memset(ip.dst, 0xff, 4);
	return conn_table_segment(table, now, &ip, tcp, &segment);
}

static const struct tcp syn = {.src_port = 40000, .dst_port = 80, .flags = TCP_SYN, .window = 1000, .header_len = 20};

static struct tcp data_at(uint32_t seq, struct ws_span payload, uint32_t len)
{
	struct tcp tcp = syn;

	tcp.flags = TCP_PSH | TCP_ACK;
	tcp.seq = seq;
	tcp.payload = payload;
	tcp.payload_len = len;
	return tcp;
}

/* Without memory bytes may become gaps, and a connection may not be followed; each byte is still accounted for. */
static void test_failing_allocation(void **state)
{
	(void)state;
	for (long n = 0;; n++) {
		struct tally tally = {0};
		struct conn_table *table;
		struct conn_stats stats;
		uint8_t bytes[300] = {0};
		int64_t now = NSEC_PER_SEC;

		failmalloc_after(n);
		table = make_table(&tally, 10);
		if (!table) {
			assert_true(failmalloc_failed());
			continue;
		}
		for (uint32_t client = 1; client <= 2; client++) {
			struct tcp tcp = syn;

			play(table, now, client, &tcp);
			for (uint32_t i = 0; i < 20; i++) {
				tcp = data_at(1 + (i * 7 % 20) * 100, ws_span_of(bytes, 100), 100);
				play(table, now += 1000, client, &tcp);
			}
		}
		conn_table_flush(table, now);
		conn_table_stats(table, &stats);
		if (!failmalloc_failed()) {
			assert_int_equal(tally.bytes, 4000);
			assert_int_equal(tally.gaps, 0);
			assert_int_equal(stats.no_memory, 0);
			conn_table_destroy(table);
			break;
		}
		assert_true(stats.no_memory > 0 || tally.bytes == 4000);
		conn_table_destroy(table);
		assert_int_equal(tally.open, 0);
	}
	failmalloc_after(-1);
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / NSEC_PER_SEC;
}

static void test_a_million_connections(void **state)
{
	static const uint8_t bytes[10];
	struct tally tally = {0};
	struct conn_table *table = make_table(&tally, 2 * MILLION);
	double begin = cpu_seconds();
	struct conn_stats stats;
	int64_t now = NSEC_PER_SEC;

	(void)state;
	for (uint32_t i = 0; i < MILLION; i++)
		assert_non_null(play(table, now += 1000, i, &syn));
	for (uint32_t i = 0; i < MILLION; i++) {
		struct tcp tcp = data_at(1, ws_span_of(bytes, sizeof(bytes)), sizeof(bytes));
		uint32_t client = (uint32_t)((uint64_t)i * 7919 % MILLION); /* each once */
		struct conn *conn = play(table, now += 1000, client, &tcp);

		assert_int_equal(conn_number(conn), client + 1);
		tally.at[0][0] = tally.at[1][0] = 0; /* of the next connection */
	}
	conn_table_stats(table, &stats);
	assert_int_equal(stats.connections, MILLION);
	assert_int_equal(stats.open, MILLION);
	assert_int_equal(tally.bytes, 10 * MILLION);
	assert_true(stats.memory < (size_t)400 * MILLION);
	conn_table_tick(table, now + (int64_t)(LIMIT_IDLE_SECONDS + 10) * NSEC_PER_SEC);
	conn_table_stats(table, &stats);
	assert_int_equal(stats.open, 0);
	assert_int_equal(tally.open, 0);
	conn_table_destroy(table);
	assert_true(cpu_seconds() - begin < SECONDS_MAX);
}

/* Offsets go on where sequence numbers begin again: five times 4 GiB, of which only the headers were captured. */
static void test_more_than_four_gib(void **state)
{
	const int64_t total = (int64_t)20 << 30;
	struct tally tally = {0};
	struct conn_table *table = make_table(&tally, 10);
	int64_t now = NSEC_PER_SEC;

	(void)state;
	play(table, now, 1, &syn);
	for (int64_t at = 0; at < total; at += 2 * (int64_t)PIECE) {
		static const uint8_t byte = 'x';
		struct tcp second = data_at((uint32_t)(at + PIECE + 1), ws_span_of(&byte, 1), PIECE);
		struct tcp first = data_at((uint32_t)(at + 1), ws_span_of(&byte, 1), PIECE);

		play(table, now += 1000, 1, &second);
		play(table, now += 1000, 1, &first);
		assert_int_equal(tally.at[1][DIR_C2S], at + 2 * (int64_t)PIECE);
	}
	assert_int_equal(tally.bytes, total / PIECE);
	assert_int_equal(tally.bytes + tally.gaps, total);
	conn_table_destroy(table);
}

/* Bytes that come one by one, in the worst order: time and memory stay bounded. */
static void test_single_bytes_in_the_worst_order(void **state)
{
	static const uint8_t byte = 'x';
	struct tally tally = {0};
	struct conn_table *table = make_table(&tally, 10);
	double begin = cpu_seconds();
	struct conn_stats stats;
	uint32_t random = 1;
	int64_t now = NSEC_PER_SEC;

	(void)state;
	play(table, now, 1, &syn);
	for (uint32_t i = 0; i < MILLION; i++) {
		struct tcp tcp;

		random = random * 1664525 + 1013904223;
		tcp =
		    data_at(3 + 2 * (i < MILLION / 2 ? (random >> 8) % 500000 : MILLION - i), ws_span_of(&byte, 1), 1);
		play(table, now += 10, 1, &tcp);
		if (i % 1000 == 0) {
			conn_table_stats(table, &stats);
			assert_true(stats.memory < 1 << 20);
		}
	}
	conn_table_flush(table, now);
	conn_table_destroy(table);
	assert_true(cpu_seconds() - begin < SECONDS_MAX);
}

/* What waits over all streams has a limit of its own. */
static void test_all_streams_together(void **state)
{
	static const uint8_t bytes[PIECE];
	struct tally tally = {0};
	struct conn_table *table = make_table(&tally, 10000);
	struct conn_stats stats;
	int64_t now = NSEC_PER_SEC;

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		play(table, now, i, &syn);
		for (uint32_t k = 0; k < 60; k++) {
			struct tcp tcp = data_at(1 + (k + 1) * PIECE, ws_span_of(bytes, PIECE), PIECE);

			play(table, now, i, &tcp);
			tally.at[0][0] = tally.at[1][0] = 0;
			conn_table_stats(table, &stats);
			assert_true(stats.memory < WAITING_TOTAL + (1 << 20));
			if (stats.gaps)
				break;
		}
	}
	assert_true(stats.gaps > 0);
	conn_table_destroy(table);
}

/* Times are a stranger's too. */
static void test_times_at_their_ends(void **state)
{
	static const uint8_t bytes[10];
	const int64_t times[] = {INT64_MAX - 5, INT64_MIN + 5, INT64_MAX, 0, INT64_MIN, INT64_MAX - 1};
	struct tally tally = {0};
	struct conn_table *table = make_table(&tally, 10);
	struct conn_stats stats;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		struct tcp tcp = data_at(1000 - (uint32_t)i * 20, ws_span_of(bytes, sizeof(bytes)), sizeof(bytes));

		play(table, times[i], (uint32_t)i % 2, &tcp);
		conn_table_tick(table, times[i]);
		memset(tally.at, 0, sizeof(tally.at));
	}
	conn_table_stats(table, &stats);
	assert_true(stats.connections >= 2);
	conn_table_destroy(table);
	assert_int_equal(tally.open, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_failing_allocation),   cmocka_unit_test(test_a_million_connections),
	    cmocka_unit_test(test_more_than_four_gib),   cmocka_unit_test(test_single_bytes_in_the_worst_order),
	    cmocka_unit_test(test_all_streams_together), cmocka_unit_test(test_times_at_their_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
