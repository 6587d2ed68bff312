/* Pieces of 802.11 frames: in order, repeated, missing, of several frames at once, too late, too long. */
#include "test.h"

#include "wscap/wifi_join.h"

static struct wifi_join *join;
static struct ws_span whole;
static uint8_t text[WIFI_JOIN_MAX + 1];

static int set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7 + i / 256);
	join = wifi_join_create();
	return join ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	wifi_join_destroy(join);
	return 0;
}

enum {
	MORE = 1,
	AGAIN = 2,
};

/* A piece with the bytes of text from begin to end. */
static bool take(int64_t now, uint16_t sequence, uint8_t number, unsigned flags, size_t begin, size_t end)
{
	const struct wifi_piece piece = {
	    .ends = {1, [6] = 2}, .sequence = sequence, .number = number, .more = flags & MORE, .again = flags & AGAIN};

	whole = ws_span_of(NULL, 0);
	return wifi_join_take(join, now, &piece, ws_span_of(text + begin, end - begin), &whole);
}

static void is_whole(size_t len)
{
	assert_int_equal(whole.len, len);
	assert_memory_equal(whole.data, text, len);
}

static void in_order(void **state)
{
	(void)state;
	for (uint16_t sequence = 4090; sequence < 4100; sequence++) {
		for (uint8_t number = 0; number < 15; number++)
			assert_false(
			    take(sequence, sequence & 0xfff, number, MORE, number * 100u, number * 100u + 100));
		assert_true(take(sequence, sequence & 0xfff, 15, 0, 1500, 1501));
		is_whole(1501);
		assert_false(
		    take(sequence, sequence & 0xfff, 15, AGAIN, 1500, 1501)); /* its acknowledgement was lost */
	}
}

static void repeated(void **state)
{
	(void)state;
	assert_false(take(0, 1, 0, MORE, 0, 10));
	assert_false(take(0, 1, 0, MORE | AGAIN, 0, 10));
	assert_false(take(0, 1, 1, MORE, 10, 20));
	assert_false(take(0, 1, 0, MORE | AGAIN, 0, 10));
	assert_false(take(0, 1, 1, MORE | AGAIN, 10, 20));
	assert_true(take(0, 1, 2, 0, 20, 30));
	is_whole(30);
}

/* A piece was not captured: nothing is made of the others. */
static void missing(void **state)
{
	(void)state;
	assert_false(take(0, 1, 1, MORE, 10, 20));
	assert_false(take(0, 1, 2, 0, 20, 30));
	assert_false(take(0, 1, 0, MORE, 0, 10));
	assert_false(take(0, 1, 2, 0, 20, 30));
	assert_false(take(0, 1, 1, 0, 10, 20));
	/* the first again only because it was sent again: that is the one that was not captured */
	assert_false(take(0, 2, 0, MORE | AGAIN, 0, 10));
	assert_true(take(0, 2, 1, 0, 10, 20));
	is_whole(20);
	/* the number has come around: another frame's first piece */
	assert_false(take(0, 3, 0, MORE, 100, 110));
	assert_false(take(0, 3, 0, MORE, 0, 10));
	assert_true(take(0, 3, 1, 0, 10, 20));
	is_whole(20);
}

static void several_at_once(void **state)
{
	(void)state;
	for (uint16_t frame = 0; frame < WIFI_JOIN_FRAMES + 1; frame++)
		assert_false(take(frame, frame, 0, MORE, 0, 50));
	for (uint16_t frame = 0; frame < WIFI_JOIN_FRAMES + 1; frame++) {
		assert_int_equal(take(100, frame, 1, 0, 50, 99), frame > 0); /* the oldest was given up */
		if (frame)
			is_whole(99);
	}
}

static void whose(void **state)
{
	struct wifi_piece piece = {.ends = {1, [6] = 2}, .sequence = 9, .more = true};

	(void)state;
	assert_false(wifi_join_take(join, 0, &piece, ws_span_of(text, 10), &whole));
	piece.number = 1;
	piece.more = false;
	piece.traffic = 3;
	assert_false(wifi_join_take(join, 0, &piece, ws_span_of(text, 10), &whole));
	piece.traffic = 0;
	piece.ends[11] = 1;
	assert_false(wifi_join_take(join, 0, &piece, ws_span_of(text, 10), &whole));
	piece.ends[11] = 0;
	assert_true(wifi_join_take(join, 0, &piece, ws_span_of(text + 10, 10), &whole));
	is_whole(20);
}

static void too_late(void **state)
{
	static const int64_t times[] = {WIFI_JOIN_NS + 1, -WIFI_JOIN_NS - 1, INT64_MAX, INT64_MIN};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		assert_false(take(0, 1, 0, MORE, 0, 10));
		assert_false(take(times[i], 1, 1, 0, 10, 20));
	}
	assert_false(take(0, 1, 0, MORE, 0, 10));
	assert_true(take(WIFI_JOIN_NS, 1, 1, 0, 10, 20));
}

static void too_long(void **state)
{
	(void)state;
	assert_false(take(0, 1, 0, MORE, 0, WIFI_JOIN_MAX));
	assert_false(take(0, 1, 1, 0, 0, 1));
	assert_false(take(0, 2, 0, MORE, 0, WIFI_JOIN_MAX - 1));
	assert_true(take(0, 2, 1, 0, WIFI_JOIN_MAX - 1, WIFI_JOIN_MAX));
	is_whole(WIFI_JOIN_MAX);
	assert_false(take(0, 3, 0, MORE, 0, WIFI_JOIN_MAX + 1));
	assert_false(take(0, 3, 1, 0, 0, 1));
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {EACH(in_order), EACH(repeated), EACH(missing), EACH(several_at_once),
					   EACH(whose),    EACH(too_late), EACH(too_long)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
