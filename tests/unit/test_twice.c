#include "test.h"

#include "wscap/twice.h"

#include <stdlib.h>

enum {
	HASH = 4711,
	NS = 1,
	MS = 1000000 * NS,
};

/* NOP, NOP, timestamps (RFC 7323, section 3.2). */
static const uint8_t timestamps[] = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};

/* A data segment with timestamps in an IPv4 packet, and what remembers it. */
struct fixture {
	struct twice twice;
	struct ip ip;
	struct tcp tcp;
	uint8_t options[sizeof(timestamps)];
	int64_t now;
};

static void begin(struct fixture *fixture)
{
	*fixture = (struct fixture){
	    .twice = {.seeds = {11, 22, 33, 44, 55, 66}},
	    .ip = {.status = LAYER_OK, .version = 4, .id = 1000, .ttl = 64},
	    .tcp =
		{.seq = 1, .ack = 2, .flags = TCP_ACK | TCP_PSH, .window = 512, .header_len = 32, .payload_len = 100},
	    .now = 1407865000 * (int64_t)1000 * MS,
	};
	memcpy(fixture->options, timestamps, sizeof(timestamps));
	fixture->tcp.options = ws_span_of(fixture->options, sizeof(timestamps));
}

/* The packet as it is now, some nanoseconds later: a copy? */
static bool seen_as(struct fixture *fixture, uint64_t hash, int64_t later)
{
	fixture->now += later;
	return twice_seen(&fixture->twice, twice_place(&fixture->twice, &fixture->tcp), fixture->now, hash,
			  &fixture->ip, &fixture->tcp);
}

static bool seen(struct fixture *fixture, int64_t later)
{
	return seen_as(fixture, HASH, later);
}

/* How far a copy may follow behind: later than that, it is another packet. */
static void follows_within(struct fixture *fixture, int64_t limit)
{
	assert_false(seen(fixture, 0));
	assert_true(seen(fixture, limit - 1));
	assert_true(seen(fixture, 0));
	assert_false(seen(fixture, limit));
}

static void test_a_copy_follows_soon(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	follows_within(&fixture, TWICE_NS);
	/* Devices of "any" are not in order of time. */
	assert_true(seen(&fixture, -TWICE_NS + 1));
	assert_false(seen(&fixture, -TWICE_NS));
}

static void test_without_identification(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fixture.ip.id = 0;
	follows_within(&fixture, TWICE_NS_NO_ID);
	fixture.tcp.seq++;
	fixture.tcp.options = ws_span_of(NULL, 0);
	follows_within(&fixture, TWICE_NS_NOTHING);
}

/* A receiver may send the same ACK as often as it likes; what a timer of the sender's repeats is not so soon. */
static void test_a_pure_ack_without_anything_is_none(void **state)
{
	static const uint16_t carrying[] = {TCP_SYN, TCP_FIN | TCP_ACK, TCP_RST};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fixture.ip.id = 0;
	fixture.tcp.options = ws_span_of(NULL, 0);
	fixture.tcp.payload_len = 0;
	fixture.tcp.flags = TCP_ACK;
	assert_false(seen(&fixture, 0));
	assert_false(seen(&fixture, 0));
	for (size_t i = 0; i < sizeof(carrying) / sizeof(*carrying); i++) {
		fixture.tcp.flags = carrying[i];
		assert_false(seen(&fixture, 0));
		assert_true(seen(&fixture, 0));
	}
}

/* Each thing that no device changes tells a packet from another; what devices change does not. */
static void test_what_makes_it_another(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	assert_false(seen(&fixture, 0));
	fixture.ip.ttl--;
	fixture.tcp.checksum++;
	assert_true(seen(&fixture, 0));
	assert_false(seen_as(&fixture, HASH + 1, 0));
	assert_false(seen(&fixture, 0));
#define CHANGED(what)                                                                                                  \
	(what)++;                                                                                                      \
	assert_false(seen(&fixture, 0));                                                                               \
	assert_true(seen(&fixture, 0))
	CHANGED(fixture.tcp.seq);
	CHANGED(fixture.tcp.ack);
	CHANGED(fixture.tcp.flags);
	CHANGED(fixture.tcp.window);
	CHANGED(fixture.tcp.urgent);
	CHANGED(fixture.tcp.payload_len);
	CHANGED(fixture.tcp.header_len);
	CHANGED(fixture.ip.id);
	for (size_t i = 0; i < sizeof(fixture.options); i++) {
		CHANGED(fixture.options[i]);
	}
#undef CHANGED
}

/* Options of each length, also cut off by the snap length: read to their end, and no further. */
static void test_options_of_each_length(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	for (size_t len = 0; len <= 40; len++) {
		uint8_t *options = calloc(len + 1, 1); /* a tool that watches memory sees what is read behind it */

		assert_non_null(options);
		fixture.tcp.options = ws_span_of(options, len);
		fixture.tcp.header_len = (uint8_t)(20 + len);
		assert_false(seen(&fixture, 0));
		assert_true(seen(&fixture, 0));
		if (len) {
			options[len - 1] = 1;
			assert_false(seen(&fixture, 0));
		}
		options[len] = 1; /* behind them */
		assert_true(seen(&fixture, 0));
		free(options);
	}
}

/* Seeds are secret, so that nobody makes packets that are taken for copies: other seeds, other fingerprints. */
static void test_seeds_make_fingerprints(void **state)
{
	struct fixture one, other;

	(void)state;
	for (size_t i = 0; i < TWICE_SEEDS; i++) {
		struct twice_entry *here, *there;

		begin(&one);
		begin(&other);
		other.twice.seeds[i]++;
		here = twice_place(&one.twice, &one.tcp);
		there = twice_place(&other.twice, &other.tcp);
		assert_int_equal(here - one.twice.entries, there - other.twice.entries);
		seen(&one, 0);
		seen(&other, 0);
		assert_true(here->fingerprint != there->fingerprint);
	}
}

/* Whatever is written in a capture for a time. */
static void test_times_at_the_ends(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fixture.now = INT64_MIN;
	assert_false(seen(&fixture, 0));
	fixture.now = INT64_MAX;
	assert_false(seen(&fixture, 0));
	fixture.now = INT64_MIN;
	assert_false(seen(&fixture, 0));
	assert_true(seen(&fixture, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_copy_follows_soon),
	    cmocka_unit_test(test_without_identification),
	    cmocka_unit_test(test_a_pure_ack_without_anything_is_none),
	    cmocka_unit_test(test_what_makes_it_another),
	    cmocka_unit_test(test_options_of_each_length),
	    cmocka_unit_test(test_seeds_make_fingerprints),
	    cmocka_unit_test(test_times_at_the_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
