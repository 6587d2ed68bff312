/* Where frames are looked for, and bytes without end are no frames, or too long for what may be kept. */
#include "test.h"

#include "wire.h"

enum {
	MANY = 2 << 20, /* bytes: more than are searched for a boundary */
};

/* Noise of many kinds, without end: nothing is found, and after a while nothing is looked for. */
static void test_noise(void **state)
{
	struct limits limits = wire_limits();

	(void)state;
	for (uint32_t seed = 1; seed <= 20; seed++) {
		struct wire_log log;
		struct wire wire;
		uint8_t bytes[1400];
		uint32_t random = seed;

		wire_init(&wire, 0);
		wire_log_init(&log);
		for (size_t sent = 0; sent < MANY; sent += sizeof(bytes)) {
			for (size_t i = 0; i < sizeof(bytes); i++) {
				random = random * 1664525 + 1013904223;
				bytes[i] = (uint8_t)(random >> 24);
			}
			wire_send(&wire, random >> 8 & 1 ? DIR_C2S : DIR_S2C, ws_span_of(bytes, sizeof(bytes)));
		}
		for (int i = 0; i < 5; i++) { /* what would be found, if somebody still looked */
			FRAME(&wire, DIR_C2S, 0x81, "{\"type\":\"say\"}");
			FRAME(&wire, DIR_S2C, 0x81, "{\"type\":\"said\"}");
		}
		assert_true(wire_play(&wire, &limits, &log));
		assert_int_equal(log.stats.messages, 0);
		assert_int_equal(log.stats.mid_stream, 0);
		wire_log_finish(&log);
		wire_finish(&wire);
	}
}

/* Behind a gap, where it is known that there are frames, and each byte is a candidate. */
static void test_noise_where_frames_are(void **state)
{
	struct limits limits = wire_limits();

	(void)state;
	for (uint32_t seed = 1; seed <= 10; seed++) {
		struct wire_log log;
		struct wire wire;
		uint8_t bytes[10000];
		uint32_t random = seed;

		wire_init(&wire, 1);
		wire_log_init(&log);
		wire_syn(&wire);
		wire_handshake(&wire);
		wire_lose(&wire, DIR_S2C, 100);
		for (size_t i = 0; i < sizeof(bytes); i++) {
			random = random * 1664525 + 1013904223;
			bytes[i] = (uint8_t)(random >> 24);
		}
		wire_send(&wire, DIR_S2C, ws_span_of(bytes, sizeof(bytes)));
		assert_true(wire_play(&wire, &limits, &log));
		assert_int_equal(log.stats.messages, 0);
		assert_int_equal(log.stats.control, 0);
		wire_log_finish(&log);
		wire_finish(&wire);
	}
}

/* A candidate that is longer than what may be kept, in segments of every size: nothing hangs, the next ones are found.
 */
static void test_long_candidates(void **state)
{
	static uint8_t bytes[100000];
	struct limits limits = wire_limits();

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	for (limits.head = 64; limits.head <= sizeof(bytes) / 2; limits.head *= 8) {
		for (size_t segment = 7; segment <= 60000; segment = segment * 20) {
			struct wire_log log;
			struct wire wire;

			wire_init(&wire, segment);
			wire_log_init(&log);
			wire.ports[DIR_C2S] = segment % 2 ? 50000 : 1000;
			wire_frame(&wire, DIR_S2C, 0x81, ws_span_of(bytes, sizeof(bytes)));
			wire.segment = 0;
			FRAME(&wire, DIR_S2C, 0x81, "{\"type\":\"said\"}");
			FRAME(&wire, DIR_S2C, 0x81, "{\"type\":\"said\",\"more\":2}");
			assert_true(wire_play(&wire, &limits, &log));
			assert_int_equal(log.stats.limits, 0);
			assert_in_range(log.stats.messages, 1, 2);
			wire_log_finish(&log);
			wire_finish(&wire);
		}
	}
}

/* What all connections keep together has a limit, too. */
static void test_all_that_is_kept(void **state)
{
	struct limits limits = wire_limits();
	struct wire_log log;
	struct wire wire;

	(void)state;
	limits.waiting_total = 30000;
	wire_init(&wire, 0);
	wire_log_init(&log);
	for (uint16_t port = 40000; port < 40050; port++) {
		wire.ports[DIR_C2S] = port;
		wire_syn(&wire);
		wire_text(&wire, DIR_C2S, "GET /a-head-that-does-not-end HTTP/1.1\r\n");
		for (int i = 0; i < 20; i++)
			wire_text(&wire, DIR_C2S, "Field: a value of about fifty characters, again and again\r\n");
	}
	assert_true(wire_play(&wire, &limits, &log));
	assert_true(log.stats.limits > 10 && log.stats.limits < 50);
	wire_log_finish(&log);
	wire_finish(&wire);
}

/* An answer that waits for its request, both without an end, and more of it than there is room for: it is given up
 * once.
 */
static void test_answer_without_room(void **state)
{
	static char answer[600] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nField: ";
	struct limits limits = wire_limits();
	struct wire_log log;
	struct wire wire;

	(void)state;
	memset(answer + strlen(answer), 'x', sizeof(answer) - strlen(answer));
	limits.waiting_total = 400;
	wire_init(&wire, 0);
	wire_log_init(&log);
	wire_syn(&wire);
	wire_text(&wire, DIR_C2S, "GET /chat HTTP/1.1\r\nHost: a");
	wire_send(&wire, DIR_S2C, ws_span_of(answer, sizeof(answer)));
	assert_true(wire_play(&wire, &limits, &log));
	assert_in_range(log.stats.limits, 1, 2);
	wire_log_finish(&log);
	wire_finish(&wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_noise),
	    cmocka_unit_test(test_noise_where_frames_are),
	    cmocka_unit_test(test_long_candidates),
	    cmocka_unit_test(test_all_that_is_kept),
	    cmocka_unit_test(test_answer_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
