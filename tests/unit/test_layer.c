/* Where what a carrier brings came from; and who is told that the capture is over, and in which order. */
#include "test.h"

#include "wire.h"
#include "wscap/layer.h"

/* Three pieces of ten bytes, from records of twenty. */
static void test_places(void **state)
{
	struct places places = {0};

	(void)state;
	assert_int_equal(places_begin(&places, DIR_S2C, 0), -1);
	assert_int_equal(places_end(&places, DIR_S2C, 5), -1);
	for (int64_t i = 0; i < 3; i++)
		places_add(&places, DIR_S2C, 10 * i, 100 + 20 * i, 120 + 20 * i);
	assert_int_equal(places_begin(&places, DIR_S2C, 0), 100);
	assert_int_equal(places_begin(&places, DIR_S2C, 9), 100);
	assert_int_equal(places_begin(&places, DIR_S2C, 10), 120);
	assert_int_equal(places_end(&places, DIR_S2C, 10), 120); /* its last byte is the first piece's */
	assert_int_equal(places_end(&places, DIR_S2C, 11), 140);
	assert_int_equal(places_end(&places, DIR_S2C, 30), 160);
	assert_int_equal(places_end(&places, DIR_C2S, 30), -1);
}

/* Of what is older than the ring there is an approximation, never something newer than the oldest piece. */
static void test_older_than_the_ring(void **state)
{
	struct places places = {0};

	(void)state;
	for (int64_t i = 0; i < PLACES + 3; i++)
		places_add(&places, DIR_C2S, 10 * i, 20 * i, 20 * i + 20);
	assert_int_equal(places_begin(&places, DIR_C2S, 0), 20 * 3);
	assert_int_equal(places_begin(&places, DIR_C2S, 35), 20 * 3);
	assert_int_equal(places_begin(&places, DIR_C2S, 45), 20 * 4);
	assert_int_equal(places_end(&places, DIR_C2S, 10 * (PLACES + 3)), 20 * (PLACES + 3));
}

enum {
	CONNS = 13,
};

struct over {
	uint64_t order[CONNS]; /* numbers of connections */
	size_t count;
};

static void on_event(void *context, const struct event *event)
{
	struct over *over = context;

	if (event->kind != EVENT_MESSAGE)
		return;
	assert_true(over->count < CONNS);
	over->order[over->count++] = conn_number(event->conn);
}

/* As many of these as there are connections: in that order they ask for a WebSocket, and begin a message. */
static const size_t asks[CONNS] = {7, 3, 12, 0, 9, 5, 1, 10, 2, 11, 6, 4, 8};
static const size_t begins[CONNS] = {2, 0, 11, 5, 1, 9, 12, 3, 8, 4, 10, 7, 6};

struct under_way {
	struct wire wire;
	uint32_t seq[CONNS][2];
	size_t conns;
};

/* For each connection, in some order. */
static void each(struct under_way *under_way, const size_t order[CONNS], void (*act)(struct wire *wire))
{
	struct wire *wire = &under_way->wire;

	for (size_t i = 0; i < CONNS; i++) {
		uint32_t *seq = under_way->seq[order[i]];

		if (order[i] >= under_way->conns)
			continue;
		wire->ports[DIR_C2S] = (uint16_t)(40000 + order[i]);
		memcpy(wire->seq, seq, sizeof(wire->seq));
		act(wire);
		memcpy(seq, wire->seq, sizeof(wire->seq));
	}
}

static void begin_message(struct wire *wire)
{
	FRAME(wire, DIR_C2S, 0x01, "not all of it");
}

/* Connections that open one after the other. */
static void build_under_way(struct under_way *under_way)
{
	static const size_t opens[CONNS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

	wire_init(&under_way->wire, 0);
	for (size_t i = 0; i < CONNS; i++)
		memcpy(under_way->seq[i], under_way->wire.seq, sizeof(under_way->wire.seq));
	each(under_way, opens, wire_syn);
	each(under_way, asks, wire_handshake);
	each(under_way, begins, begin_message);
}

/* Who asked last first, whoever woke when; and each of them once. */
static void assert_order(const struct over *over, size_t conns)
{
	size_t at = conns;

	assert_int_equal(over->count, conns);
	for (size_t i = 0; i < CONNS; i++)
		if (asks[i] < conns)
			assert_int_equal(over->order[--at], asks[i] + 1);
}

static void test_order_at_the_end(void **state)
{
	struct limits limits = wire_limits();

	(void)state;
	for (size_t conns = 1; conns <= CONNS; conns++) {
		struct over over = {0};
		struct decode_sink sink = {.event = on_event, .context = &over};
		struct decode *decode = decode_create(&limits, DECODE_ALL, &sink);
		struct under_way under_way = {.conns = conns};

		assert_non_null(decode);
		build_under_way(&under_way);
		wire_feed(&under_way.wire, decode);
		assert_int_equal(over.count, 0);
		decode_flush(decode);
		assert_order(&over, conns);
		decode_destroy(decode);
		wire_finish(&under_way.wire);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_older_than_the_ring),
	    cmocka_unit_test(test_order_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
