/* Each allocation of a conversation fails once: nothing leaks, nothing breaks, and what can go on goes on. */
#include "test.h"

#include "failmalloc.h"
#include "wire.h"

static void build(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, wire_request_deflate);
	wire_text(wire, DIR_S2C, wire_answer_deflate);
	FRAME(wire, DIR_S2C, 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00");
	FRAME(wire, DIR_C2S, 0x41, "\xf2\x48\xcd");
	FRAME(wire, DIR_C2S, 0x80, "\xc9\xc9\x07\x00");
	FRAME(wire, DIR_S2C, 0x82, "\xff\xfe");
	wire_close_frame(wire, DIR_C2S, 1000);
	wire_close_frame(wire, DIR_S2C, 1000);
	wire_fin(wire);
	wire->ports[DIR_C2S] = 50001; /* joined late, behind a page */
	wire_text(wire, DIR_S2C, "</html>");
	wire_handshake(wire);
	FRAME(wire, DIR_S2C, 0x81, "welcome");
}

/* The log must not need memory while an allocation is to fail: its room is made before. */
static bool play(const struct wire *wire, long countdown, struct decode_stats *ret, bool *ret_failed)
{
	struct limits limits = wire_limits();
	struct wire_log log;
	bool made;

	wire_log_init(&log);
	failmalloc_after(countdown);
	made = wire_play(wire, &limits, &log);
	*ret_failed = failmalloc_failed();
	failmalloc_after(-1);
	*ret = log.stats;
	wire_log_finish(&log);
	return made;
}

static void test_each_allocation(void **state)
{
	static const size_t segments[] = {0, 1, 50};
	struct decode_stats whole, stats;

	(void)state;
	for (size_t i = 0; i < sizeof(segments) / sizeof(*segments); i++) {
		struct wire wire;
		long n = 0;
		bool failed;

		wire_init(&wire, segments[i]);
		build(&wire);
		assert_true(play(&wire, -1, &whole, &failed));
		assert_int_equal(whole.messages, 4);
		do {
			if (play(&wire, n++, &stats, &failed)) {
				assert_true(stats.messages <= whole.messages);
				assert_int_equal(stats.violations, 0);
				assert_int_equal(stats.packets, whole.packets);
			}
		} while (failed);
		assert_true(n > 10);
		wire_finish(&wire);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
