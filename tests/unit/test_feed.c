/* What was given of a window that was lent stays where it is, however its bytes come; and a feed without one moves its
 * own. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>

#include "failmalloc.h"
#include "wscap/feed.h"

enum {
	FILE_SIZE = 3 << 20,
	WINDOWS = 3,
	USUAL_MAX = 5000,            /* bytes of a record; */
	LONG_RECORD = 2 * FEED_TURN, /* and now and then such a one comes */
};

struct reading {
	uint64_t at, size;
	uint32_t seed;
	uint32_t piece_max; /* bytes read at once */
};

static uint32_t dice(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* A file's byte at a place; the first are no magic number. */
static uint8_t byte_at(uint64_t at)
{
	return (uint8_t)(at * 131 + (at >> 8) * 7 + (at >> 16));
}

static ssize_t read_some(void *context, uint8_t *bytes, size_t size)
{
	struct reading *reading = context;
	size_t len = 1 + dice(&reading->seed) % reading->piece_max;

	if (dice(&reading->seed) % 10 == 0)
		return -EAGAIN;
	if (len > size)
		len = size;
	if (len > reading->size - reading->at)
		len = (size_t)(reading->size - reading->at);
	for (size_t i = 0; i < len; i++)
		bytes[i] = byte_at(reading->at++);
	return (ssize_t)len;
}

static void begin(struct feed *feed, struct reading *reading)
{
	enum feed_step step;

	feed_init(feed, read_some, reading);
	while ((step = feed_begin(feed)) == FEED_IDLE)
		;
	assert_int_equal(step, FEED_READY);
}

/* All that was given of a window, as it has to be still. */
struct given {
	struct feed_window window;
	const uint8_t *data;
	uint64_t at;
	size_t len;
};

static void check(const struct given *given)
{
	for (size_t i = 0; i < given->len; i++)
		if (given->data[i] != byte_at(given->at + i))
			fail_msg("byte %zu of %zu from %llu on is another", i, given->len,
				 (unsigned long long)given->at);
}

static void take(struct feed *feed, struct given *given, size_t len)
{
	const uint8_t *data = feed_left(feed).data;

	if (!given->len) {
		given->data = data;
		given->at = feed_offset(feed);
	}
	assert_ptr_equal(data, given->data + given->len);
	assert_int_equal(feed_offset(feed), given->at + given->len);
	given->len += len;
	feed_skip(feed, len);
}

/* in_turn: else the same window comes twice now and then. Returns how many windows were done. */
static unsigned read_all(struct reading *reading, bool in_turn)
{
	struct given given[WINDOWS] = {0};
	unsigned now = 0, turns = 0;
	enum feed_step step;
	struct feed feed;

	begin(&feed, reading);
	assert_int_equal(feed_turn(&feed, &given[now].window), 0);
	do {
		size_t len = dice(&reading->seed) % 100 ? 1 + dice(&reading->seed) % USUAL_MAX : LONG_RECORD;

		while ((step = feed_want(&feed, len)) == FEED_IDLE) {
			if (!feed.full)
				continue;
			for (unsigned i = 0; i < WINDOWS; i++)
				check(&given[i]);
			now = in_turn || dice(&reading->seed) % 2 ? (now + 1) % WINDOWS : now;
			given[now].len = 0;
			assert_int_equal(feed_turn(&feed, &given[now].window), 0);
			turns++;
		}
		if (step == FEED_END)
			len = feed_left(&feed).len;
		take(&feed, &given[now], len);
	} while (step == FEED_READY);
	assert_int_equal(step, FEED_END);
	assert_int_equal(feed_offset(&feed), reading->size);
	feed_finish(&feed);
	for (unsigned i = 0; i < WINDOWS; i++) {
		check(&given[i]);
		free(given[i].window.bytes);
	}
	return turns;
}

static void windows_stay(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 8; seed++) {
		struct reading reading = {
		    .size = FILE_SIZE + seed, .seed = seed, .piece_max = seed % 2 ? FEED_WINDOW : 3000};

		assert_true(read_all(&reading, seed % 3) > 4);
	}
}

static void small_files(void **state)
{
	(void)state;
	for (uint32_t size = 0; size < 20; size++) {
		struct reading reading = {.size = size, .seed = size, .piece_max = 7};

		assert_int_equal(read_all(&reading, true), 0);
	}
}

static void no_memory_for_a_window(void **state)
{
	struct reading reading = {.size = FILE_SIZE, .seed = 1, .piece_max = FEED_WINDOW};
	struct feed_window window = {0};
	struct feed feed;

	(void)state;
	begin(&feed, &reading);
	failmalloc_after(0);
	assert_int_equal(feed_turn(&feed, &window), -ENOMEM);
	failmalloc_after(-1);
	assert_null(window.bytes);
	assert_int_equal(window.size, 0);
	feed_finish(&feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(windows_stay),
	    cmocka_unit_test(small_files),
	    cmocka_unit_test(no_memory_for_a_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
