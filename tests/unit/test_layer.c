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

/* Connections with a message under way each: begun by one after the other, but not as they opened. */
static void build_under_way(struct wire *wire, size_t conns)
{
	static const size_t begins[CONNS] = {2, 0, 11, 5, 1, 9, 12, 3, 8, 4, 10, 7, 6};
	uint32_t seq[CONNS][2];

	wire_init(wire, 0);
	for (size_t i = 0; i < conns; i++) {
		wire->ports[DIR_C2S] = (uint16_t)(40000 + i);
		wire_handshake(wire);
		memcpy(seq[i], wire->seq, sizeof(seq[i]));
	}
	for (size_t i = 0; i < CONNS; i++) {
		if (begins[i] >= conns)
			continue;
		wire->ports[DIR_C2S] = (uint16_t)(40000 + begins[i]);
		memcpy(wire->seq, seq[begins[i]], sizeof(wire->seq));
		FRAME(wire, DIR_C2S, 0x01, "not all of it");
	}
}

/* The latest connection first, whoever woke when; and each of them once. */
static void test_order_at_the_end(void **state)
{
	struct limits limits = wire_limits();

	(void)state;
	for (size_t conns = 1; conns <= CONNS; conns++) {
		struct over over = {0};
		struct decode_sink sink = {.event = on_event, .context = &over};
		struct decode *decode = decode_create(&limits, DECODE_ALL, &sink);
		struct wire wire;

		assert_non_null(decode);
		build_under_way(&wire, conns);
		wire_feed(&wire, decode);
		assert_int_equal(over.count, 0);
		decode_flush(decode);
		assert_int_equal(over.count, conns);
		for (size_t i = 0; i < conns; i++)
			assert_int_equal(over.order[i], conns - i);
		decode_destroy(decode);
		wire_finish(&wire);
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
