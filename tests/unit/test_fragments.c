/* fragments: IP packets from their pieces. */
#include "test.h"

#include "wscap/fragments.h"

#define MS ((int64_t)1000000)

enum {
	MAX = 100000,
	PACKET = 4000,
};

static struct fragments *fragments;
static struct fragment got;
static uint8_t bytes[FRAGMENTS_PACKET_MAX + 8];
static uint64_t number;

static int setup(void **state)
{
	(void)state;
	fragments = fragments_create(MAX);
	assert_non_null(fragments);
	number = 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + (i >> 8));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fragments_destroy(fragments);
	return 0;
}

/* captured bytes of [begin, end) of packet id. */
static enum fragment_result take_cut(int64_t now, uint32_t id, size_t begin, size_t end, bool more, size_t captured)
{
	struct ip ip = {
	    .version = 4,
	    .protocol = 6,
	    .fragment = true,
	    .fragment_id = id,
	    .fragment_offset = (uint16_t)begin,
	    .more_fragments = more,
	    .payload = ws_span_of(bytes + begin, captured),
	    .payload_wire_len = (uint32_t)(end - begin),
	};

	fragments_take(fragments, now, ++number, &ip, &got);
	return got.result;
}

static enum fragment_result take(uint32_t id, size_t begin, size_t end, bool more)
{
	return take_cut(0, id, begin, end, more, end - begin);
}

static void expect_whole(size_t len)
{
	assert_int_equal(got.result, FRAGMENT_WHOLE);
	assert_int_equal(got.wire_len, len);
	assert_int_equal(got.packet.len, len);
	assert_memory_equal(got.packet.data, bytes, len);
	assert_int_equal(got.protocol, 6);
}

static struct fragments_stats stats(void)
{
	struct fragments_stats ret;

	fragments_stats(fragments, &ret);
	return ret;
}

/* Four pieces in each of their 24 orders. */
static void every_order(void **state)
{
	static const size_t cuts[] = {0, 8, 1480, 2960, PACKET + 1};

	(void)state;
	for (uint32_t order = 0; order < 256; order++) {
		unsigned pieces[4], seen = 0;

		for (unsigned i = 0; i < 4; i++) {
			pieces[i] = order >> (2 * i) & 3;
			seen |= 1U << pieces[i];
		}
		if (seen != 15)
			continue;
		for (unsigned i = 0; i < 4; i++) {
			unsigned piece = pieces[i];
			enum fragment_result result = take(order, cuts[piece], cuts[piece + 1], piece < 3);

			assert_int_equal(result, i < 3 ? FRAGMENT_WAITS : FRAGMENT_WHOLE);
			assert_int_equal(got.count, i + 1);
		}
		expect_whole(PACKET + 1);
		assert_int_equal(got.first_packet, number - 3);
	}
	assert_int_equal(stats().put_together, 24);
	assert_int_equal(stats().dropped, 0);
}

static void the_same_again(void **state)
{
	(void)state;
	assert_int_equal(take(1, 0, 800, true), FRAGMENT_WAITS);
	assert_int_equal(take(1, 0, 800, true), FRAGMENT_REPEATED);
	assert_int_equal(take(1, 800, 900, false), FRAGMENT_WHOLE);
	expect_whole(900);
	/* a copy that a bridge made; and, later, another packet with the same number */
	assert_int_equal(take_cut(MS, 1, 800, 900, false, 100), FRAGMENT_REPEATED);
	assert_int_equal(take_cut(FRAGMENTS_COPY_NS + 2 * MS, 1, 0, 800, true, 800), FRAGMENT_WAITS);
	assert_int_equal(take_cut(FRAGMENTS_COPY_NS + 2 * MS, 1, 800, 900, false, 100), FRAGMENT_WHOLE);
	expect_whole(900);
}

/* RFC 5722, section 3: all of it is dropped, and what still comes of it. */
static void overlaps(void **state)
{
	static const struct {
		size_t begin, end;
		bool more;
	} second[] = {
	    {792, 1600, true}, /* over its end */
	    {80, 160, true},   /* inside: teardrop's */
	    {0, 1600, true},   /* around it, from the same place */
	    {0, 80, true},
	};

	(void)state;
	for (uint32_t i = 0; i < sizeof(second) / sizeof(second[0]); i++) {
		assert_int_equal(take(i, 0, 800, true), FRAGMENT_WAITS);
		assert_int_equal(take(i, second[i].begin, second[i].end, second[i].more), FRAGMENT_OVERLAPS);
		assert_int_equal(take(i, 800, 900, false), FRAGMENT_DROPPED);
		assert_int_equal(take(i, 0, 800, true), FRAGMENT_DROPPED);
	}
	/* before the first one */
	assert_int_equal(take(10, 800, 1600, true), FRAGMENT_WAITS);
	assert_int_equal(take(10, 0, 808, true), FRAGMENT_OVERLAPS);
	/* the same place, other bytes */
	assert_int_equal(take(11, 0, 800, true), FRAGMENT_WAITS);
	bytes[5] ^= 1;
	assert_int_equal(take(11, 0, 800, true), FRAGMENT_OVERLAPS);
	assert_int_equal(stats().dropped, 6);
	assert_int_equal(stats().put_together, 0);
}

static void what_cannot_be(void **state)
{
	(void)state;
	assert_int_equal(take(1, 0, 801, true), FRAGMENT_BAD);        /* more, but no multiple of eight */
	assert_int_equal(take(2, 8, 8, true), FRAGMENT_BAD);          /* nothing */
	assert_int_equal(take(3, 65528, 65536, false), FRAGMENT_BAD); /* the ping of death */
	assert_int_equal(take(4, 800, 900, false), FRAGMENT_WAITS);
	assert_int_equal(take(4, 1600, 1700, false), FRAGMENT_BAD); /* two ends */
	assert_int_equal(take(5, 800, 904, false), FRAGMENT_WAITS);
	assert_int_equal(take(5, 904, 912, true), FRAGMENT_BAD); /* behind the end */
	assert_int_equal(take(6, 1600, 1680, true), FRAGMENT_WAITS);
	assert_int_equal(take(6, 800, 904, false), FRAGMENT_BAD); /* an end before what was there */
	assert_int_equal(take(7, 65520, 65535, false), FRAGMENT_WAITS);
}

/* Neither address, number, version nor (in IPv4) protocol may be mixed. */
static void packets_apart(void **state)
{
	struct ip ip = {.version = 4,
			.protocol = 6,
			.fragment = true,
			.fragment_id = 1,
			.more_fragments = true,
			.payload = ws_span_of(bytes, 8),
			.payload_wire_len = 8};
	struct ip others[5];

	(void)state;
	for (size_t i = 0; i < 5; i++)
		others[i] = ip;
	others[0].src[0] = 1;
	others[1].dst[15] = 1;
	others[2].fragment_id = 0x10001;
	others[3].version = 6;
	others[4].protocol = 17;
	fragments_take(fragments, 0, 1, &ip, &got);
	for (size_t i = 0; i < 5; i++) {
		others[i].fragment_offset = 8;
		others[i].more_fragments = false;
		fragments_take(fragments, 0, 2, &others[i], &got);
		assert_int_equal(got.result, FRAGMENT_WAITS);
	}
	assert_int_equal(stats().packets, 6);
}

static void cut_by_the_snap_length(void **state)
{
	(void)state;
	assert_int_equal(take_cut(0, 1, 0, 800, true, 60), FRAGMENT_WAITS);
	assert_int_equal(take_cut(0, 1, 800, 900, false, 60), FRAGMENT_WHOLE);
	assert_int_equal(got.wire_len, 900);
	assert_int_equal(got.packet.len, 60);
	assert_memory_equal(got.packet.data, bytes, 60);
	assert_int_equal(take_cut(0, 2, 0, 800, true, 800), FRAGMENT_WAITS);
	assert_int_equal(take_cut(0, 2, 800, 900, false, 60), FRAGMENT_WHOLE);
	assert_int_equal(got.packet.len, 860);
}

static void time_and_room(void **state)
{
	(void)state;
	assert_int_equal(take_cut(0, 1, 0, 800, true, 800), FRAGMENT_WAITS);
	assert_int_equal(take_cut(FRAGMENTS_NS - 1, 1, 800, 1600, true, 800), FRAGMENT_WAITS);
	assert_int_equal(got.count, 2);
	assert_int_equal(take_cut(FRAGMENTS_NS, 1, 1600, 2400, true, 800), FRAGMENT_WAITS);
	assert_int_equal(got.count, 1);
	assert_int_equal(stats().given_up, 1);
	/* the one that waits longest goes first */
	for (uint32_t id = 100; id < 400; id++) {
		assert_int_equal(take_cut(FRAGMENTS_NS, id, 0, 8000, true, 8000), FRAGMENT_WAITS);
		assert_true(stats().held <= MAX);
	}
	assert_true(stats().packets > 8 && stats().packets < 14);
	assert_int_equal(take_cut(FRAGMENTS_NS, 399, 8000, 8008, false, 8), FRAGMENT_WHOLE);
	/* one that takes all there is keeps what it has, and says so */
	for (size_t i = 0; i < 7; i++)
		take_cut(FRAGMENTS_NS, 500, i * 8000, i * 8000 + 8000, true, 8000);
	assert_int_equal(got.result, FRAGMENT_WAITS);
	fragments_destroy(fragments);
	fragments = fragments_create(1000);
	assert_int_equal(take(1, 0, 400, true), FRAGMENT_WAITS);
	assert_int_equal(take(1, 400, 1200, true), FRAGMENT_LIMIT);
	assert_int_equal(take(1, 400, 480, false), FRAGMENT_WHOLE);
	expect_whole(480);
	fragments_destroy(fragments);
	fragments = fragments_create(0);
	assert_int_equal(take(1, 0, 400, true), FRAGMENT_LIMIT);
}

static void many_small_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < FRAGMENTS_PIECES_MAX; i++)
		assert_int_equal(take(1, 8 * i, 8 * i + 8, true), FRAGMENT_WAITS);
	assert_int_equal(take(1, 8 * (size_t)FRAGMENTS_PIECES_MAX, 8 * (size_t)FRAGMENTS_PIECES_MAX + 8, false),
			 FRAGMENT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_order, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_same_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(overlaps, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_cannot_be, setup, teardown),
	    cmocka_unit_test_setup_teardown(packets_apart, setup, teardown),
	    cmocka_unit_test_setup_teardown(cut_by_the_snap_length, setup, teardown),
	    cmocka_unit_test_setup_teardown(time_and_room, setup, teardown),
	    cmocka_unit_test_setup_teardown(many_small_ones, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
