/* Conversations cut, shuffled, repeated and lost at random give the same bytes, and account for each of them. */
#include "test.h"

#include "wscap/conn.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	ROUNDS = 400,
	STREAM_MAX = 3000,
	SEGMENTS_MAX = 20000,
	MSS_MAX = 90,
	MS = 1000000,
};

struct random_state {
	uint64_t state;
};

/* xorshift64*: the same numbers everywhere. */
static uint32_t below(struct random_state *random, uint32_t limit)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return (uint32_t)((random->state * 0x2545f4914f6cdd1d) >> 33) % limit;
}

struct planned {
	struct tcp tcp;
	uint64_t order;
	uint16_t id;
	bool from_server;
};

/* A conversation, and what came of it. */
struct talk {
	struct random_state random;
	uint32_t isn[2];
	size_t len[2];
	size_t mss;
	bool no_acks;
	uint8_t bytes[2][STREAM_MAX];
	struct planned *planned;
	size_t count;

	int64_t at[2]; /* the stream that was told so far */
	uint64_t gaps[2];
	unsigned opened, closed, ended, mid, limits, freed;
};

static void plan(struct talk *talk, unsigned side, uint16_t flags, int64_t offset, size_t len, int64_t ack)
{
	struct planned *planned = &talk->planned[talk->count];

	assert_true(talk->count < SEGMENTS_MAX);
	*planned = (struct planned){.id = (uint16_t)(talk->count + 1), .from_server = side == 1};
	planned->order = (uint64_t)talk->count++ << 8;
	planned->tcp = (struct tcp){
	    .src_port = side == 0 ? 50000 : 80,
	    .dst_port = side == 0 ? 80 : 50000,
	    .seq = talk->isn[side] + 1 + (uint32_t)offset,
	    .flags = flags,
	    .window = 5000,
	    .header_len = 20,
	    .payload = ws_span_of(talk->bytes[side] + (offset < 0 ? 0 : offset), len),
	    .payload_len = (uint32_t)len,
	};
	if (!talk->no_acks && ack >= 0) {
		planned->tcp.flags |= TCP_ACK;
		planned->tcp.ack = talk->isn[!side] + 1 + (uint32_t)ack;
	}
}

/* Both directions, in pieces of random sizes, with repetitions that are cut elsewhere. */
static void plan_talk(struct talk *talk, unsigned repeat_percent)
{
	int64_t sent[2] = {0, 0};

	plan(talk, 0, TCP_SYN, -1, 0, -1);
	plan(talk, 1, TCP_SYN, -1, 0, 0);
	plan(talk, 0, 0, 0, 0, 0);
	while (sent[0] < (int64_t)talk->len[0] || sent[1] < (int64_t)talk->len[1]) {
		unsigned side = below(&talk->random, 2);
		size_t left = talk->len[side] - (size_t)sent[side];
		size_t len = 1 + below(&talk->random, (uint32_t)talk->mss);

		if (!left)
			continue;
		len = len < left ? len : left;
		plan(talk, side, TCP_PSH, sent[side], len, sent[!side]);
		sent[side] += (int64_t)len;
		if (below(&talk->random, 100) < repeat_percent) {
			int64_t back = below(&talk->random, 200);

			back = back < sent[side] ? back : sent[side];
			len = 1 + below(&talk->random, (uint32_t)back + 1);
			len = (int64_t)len < back ? len : (size_t)back;
			plan(talk, side, TCP_PSH, sent[side] - back, len, sent[!side]);
		}
		plan(talk, !side, 0, sent[!side], 0, sent[side]);
	}
	plan(talk, 0, TCP_FIN, sent[0], 0, sent[1]);
	plan(talk, 1, TCP_FIN, sent[1], 0, sent[0] + 1);
	plan(talk, 0, 0, sent[0] + 1, 0, sent[1] + 1);
}

static int by_order(const void *a, const void *b)
{
	const struct planned *x = a, *y = b;

	return x->order < y->order ? -1 : x->order > y->order;
}

/* No segment moves by more than window places. */
static void shuffle(struct talk *talk, size_t from, uint32_t window)
{
	for (size_t i = from; i < talk->count; i++)
		talk->planned[i].order += (uint64_t)below(&talk->random, window + 1) << 8;
	for (size_t i = 0; i < talk->count; i++)
		talk->planned[i].order |= below(&talk->random, 256);
	qsort(talk->planned, talk->count, sizeof(*talk->planned), by_order);
}

static void on_open(void *context, struct conn *conn)
{
	(void)conn;
	((struct talk *)context)->opened++;
}

static void on_close(void *context, struct conn *conn, enum conn_close how)
{
	(void)conn;
	assert_int_equal(how, CONN_CLOSE_FIN);
	((struct talk *)context)->closed++;
}

static void on_free(void *context, struct conn *conn)
{
	(void)conn;
	((struct talk *)context)->freed++;
}

static void on_data(void *context, struct conn *conn, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct talk *talk = context;

	assert_int_equal(conn_client(conn).port, 50000);
	assert_int_equal(offset, talk->at[dir]);
	assert_true(offset + (int64_t)bytes.len <= (int64_t)talk->len[dir]);
	assert_memory_equal(bytes.data, talk->bytes[dir] + offset, bytes.len);
	talk->at[dir] += (int64_t)bytes.len;
}

static void on_gap(void *context, struct conn *conn, enum dir dir, int64_t offset, uint64_t len)
{
	struct talk *talk = context;

	(void)conn;
	assert_int_equal(offset, talk->at[dir]);
	assert_true(len > 0);
	talk->at[dir] += (int64_t)len;
	talk->gaps[dir] += len;
}

static void on_mid_stream(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	(void)conn;
	(void)dir;
	(void)offset;
	((struct talk *)context)->mid++;
}

static void on_end(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	struct talk *talk = context;

	(void)conn;
	assert_int_equal(offset, talk->at[dir]);
	talk->ended++;
}

static void on_limit(void *context, struct conn *conn, enum dir dir, const char *name)
{
	(void)conn;
	(void)dir;
	(void)name;
	((struct talk *)context)->limits++;
}

static const struct limits roomy = {
    .connections = 10,
    .waiting = 1 << 20,
    .waiting_total = 1 << 20,
    .idle = (int64_t)3600 * NSEC_PER_SEC,
    .reorder = (int64_t)1000 * MS,
    .reorder_packets = LIMIT_REORDER_PACKETS,
};

static const struct conn_sink talk_sink = {
    .open = on_open,
    .close = on_close,
    .free = on_free,
    .data = on_data,
    .gap = on_gap,
    .mid_stream = on_mid_stream,
    .end = on_end,
    .limit = on_limit,
};

/* Plays it, but for loss_percent of the segments; returns the statistics before the end. */
static void play(struct talk *talk, const struct limits *limits, unsigned loss_percent, struct conn_stats *ret)
{
	struct conn_sink sink = talk_sink;
	struct conn_table *table;
	int64_t now = (int64_t)1400000000 * NSEC_PER_SEC;

	sink.context = talk;
	table = conn_table_create(limits, &sink);
	assert_non_null(table);
	for (size_t i = 0; i < talk->count; i++) {
		const struct planned *planned = &talk->planned[i];
		struct ip ip = {.version = 4, .protocol = 6, .id = planned->id};
		struct segment segment;

		ip.src[0] = planned->from_server ? 2 : 1;
		ip.dst[0] = planned->from_server ? 1 : 2;
		now += MS / 10;
		if (i >= 3 && below(&talk->random, 100) < loss_percent)
			continue;
		assert_non_null(conn_table_segment(table, now, &ip, &planned->tcp, &segment));
	}
	conn_table_flush(table, now);
	conn_table_stats(table, ret);
	conn_table_destroy(table);
	assert_int_equal(talk->freed, talk->opened);
}

static void talk_init(struct talk *talk, uint64_t seed)
{
	static struct planned planned[SEGMENTS_MAX];

	*talk = (struct talk){.random = {seed * 0x9e3779b97f4a7c15 | 1}, .mss = MSS_MAX, .planned = planned};
	for (unsigned side = 0; side < 2; side++) {
		talk->len[side] = below(&talk->random, STREAM_MAX);
		talk->isn[side] = below(&talk->random, 2) ? 0u - below(&talk->random, STREAM_MAX) : seed & 0xffffffff;
		for (size_t i = 0; i < talk->len[side]; i++)
			talk->bytes[side][i] = (uint8_t)below(&talk->random, 256);
	}
}

static void whole(const struct talk *talk, const struct conn_stats *stats)
{
	assert_int_equal(talk->opened, 1);
	assert_int_equal(talk->closed, 1);
	assert_int_equal(talk->ended, 2);
	assert_int_equal(talk->mid, 0);
	assert_int_equal(talk->limits, 0);
	assert_int_equal(stats->gaps, 0);
	assert_int_equal(stats->mid_stream, 0);
	assert_int_equal(talk->at[0], talk->len[0]);
	assert_int_equal(talk->at[1], talk->len[1]);
}

static void test_shuffled(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct talk talk;
		struct conn_stats stats;

		talk_init(&talk, round + 1);
		plan_talk(&talk, round % 3 * 20);
		shuffle(&talk, 3, 1 + round % 20);
		play(&talk, &roomy, 0, &stats);
		whole(&talk, &stats);
	}
}

/* The handshake too, as far as a stream waits for its SYN. */
static void test_shuffled_handshake(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct talk talk;
		struct conn_stats stats;

		talk_init(&talk, round + 1000);
		plan_talk(&talk, 0);
		shuffle(&talk, 0, 1 + round % 6);
		play(&talk, &roomy, 0, &stats);
		whole(&talk, &stats);
	}
}

static void test_byte_by_byte(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		struct talk talk;
		struct conn_stats stats;

		talk_init(&talk, round + 2000);
		talk.mss = 1;
		plan_talk(&talk, 10);
		if (round % 2)
			shuffle(&talk, 3, 20);
		play(&talk, &roomy, 0, &stats);
		whole(&talk, &stats);
	}
}

/* Only one direction's segments tell anything, and nobody acknowledges. */
static void test_without_acknowledgments(void **state)
{
	(void)state;
	for (unsigned round = 0; round < ROUNDS / 4; round++) {
		struct talk talk;
		struct conn_stats stats;

		talk_init(&talk, round + 3000);
		talk.no_acks = true;
		plan_talk(&talk, 20);
		shuffle(&talk, 3, 20);
		play(&talk, &roomy, 0, &stats);
		whole(&talk, &stats);
	}
}

/* What is not delivered is a gap: together they are the stream. */
static void test_lost(void **state)
{
	uint64_t gaps = 0;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct talk talk;
		struct conn_stats stats;

		talk_init(&talk, round + 4000);
		plan_talk(&talk, 0);
		shuffle(&talk, 3, round % 10);
		play(&talk, &roomy, 1 + round % 30, &stats);
		assert_int_equal(talk.opened, 1);
		assert_true(talk.at[0] <= (int64_t)talk.len[0] + 1); /* a FIN that was lost but acknowledged counts */
		assert_true(talk.at[1] <= (int64_t)talk.len[1] + 1);
		assert_int_equal(stats.gap_bytes, talk.gaps[0] + talk.gaps[1]);
		if (talk.ended == 2)
			assert_int_equal(talk.at[0] + talk.at[1], talk.len[0] + talk.len[1]);
		gaps += stats.gaps;
	}
	assert_true(gaps > ROUNDS);
}

/* Little room: bytes become gaps before their time, and still each is accounted for. */
static void test_little_room(void **state)
{
	unsigned limits_met = 0;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct limits limits = roomy;
		struct talk talk;
		struct conn_stats stats;

		limits.waiting = 1 + round * 2;
		limits.waiting_total = round % 2 ? limits.waiting : limits.waiting * 3 / 2;
		talk_init(&talk, round + 5000);
		plan_talk(&talk, 10);
		shuffle(&talk, 3, 20);
		play(&talk, &limits, 0, &stats);
		assert_int_equal(talk.at[0], talk.len[0]);
		assert_int_equal(talk.at[1], talk.len[1]);
		assert_int_equal(talk.ended, 2);
		assert_true((stats.gaps > 0) == (talk.limits > 0));
		limits_met += talk.limits;
	}
	assert_true(limits_met > ROUNDS / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shuffled),     cmocka_unit_test(test_shuffled_handshake),
	    cmocka_unit_test(test_byte_by_byte), cmocka_unit_test(test_without_acknowledgments),
	    cmocka_unit_test(test_lost),         cmocka_unit_test(test_little_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
