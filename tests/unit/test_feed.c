/* Read by turns, a feed gives the same bytes as ever, however they come, and what it gave of a window stays there. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>

#include "failmalloc.h"
#include "wscap/feed.h"

enum {
	FILE_SIZE = 5 << 20,
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

/* One turn: records until the window is done, or now and then not all of it. False at the end. ret_want is how long the
 * record is that did not fit. */
static bool read_turn(struct feed *feed, struct given *given, struct reading *reading, size_t *want)
{
	for (;;) {
		enum feed_step step;

		if (!*want)
			*want = dice(&reading->seed) % 300 ? 1 + dice(&reading->seed) % USUAL_MAX : LONG_RECORD;
		step = feed_want(feed, *want);
		if (step == FEED_END) {
			take(feed, given, feed_left(feed).len);
			return false;
		}
		if (step == FEED_IDLE && feed->full)
			return true;
		if (step == FEED_IDLE)
			continue;
		assert_int_equal(step, FEED_READY);
		take(feed, given, *want);
		*want = 0;
		if (dice(&reading->seed) % 1000 == 0)
			return true;
	}
}

/* Fetches up to `ahead` windows ahead of the turn. Returns how many turns there were. */
static unsigned read_all(struct reading *reading, unsigned ahead)
{
	struct given given[WINDOWS] = {0};
	unsigned turns = 0, fetched = 0;
	size_t want = 0;
	struct feed feed;
	bool goes_on;

	begin(&feed, reading);
	do {
		struct given *now = &given[turns % WINDOWS];

		for (; fetched <= turns + ahead; fetched++) {
			struct given *next = &given[fetched % WINDOWS];

			check(next);
			next->len = 0;
			feed_fetch(&feed, &next->window);
		}
		assert_int_equal(feed_turn(&feed, &now->window), 0);
		goes_on = read_turn(&feed, now, reading, &want);
		if (!goes_on)
			assert_int_equal(feed_offset(&feed), reading->size);
		assert_int_equal(feed_leave(&feed), 0);
		turns++;
	} while (goes_on);
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
	for (uint32_t seed = 1; seed <= 9; seed++) {
		struct reading reading = {
		    .size = FILE_SIZE + seed, .seed = seed, .piece_max = seed % 2 ? FEED_WINDOW : 5000};

		assert_true(read_all(&reading, seed % WINDOWS) > 4);
	}
}

static void small_files(void **state)
{
	(void)state;
	for (uint32_t size = 0; size < 20; size++) {
		struct reading reading = {.size = size, .seed = size, .piece_max = 7};

		assert_true(read_all(&reading, size % WINDOWS) >= 1);
	}
}

/* What a turn has no memory for ends the reading, and loses nothing to be freed. */
static void no_memory(void **state)
{
	bool failed = true;

	(void)state;
	for (long nth = 0; failed; nth++) {
		struct reading reading = {.size = FILE_SIZE, .seed = 1, .piece_max = FEED_WINDOW};
		struct feed_window window = {0};
		bool given = false;
		struct feed feed;

		begin(&feed, &reading);
		failmalloc_after(nth);
		feed_fetch(&feed, &window);
		if (feed_turn(&feed, &window) == 0) {
			given = feed_want(&feed, FEED_TURN / 2) == FEED_READY;
			given = feed_leave(&feed) == 0 && given;
		}
		failed = failmalloc_failed();
		failmalloc_after(-1);
		assert_int_equal(given, !failed);
		feed_finish(&feed);
		free(window.bytes);
	}
}

static ssize_t read_nothing(void *context, uint8_t *bytes, size_t size)
{
	unsigned *calls = context;

	memset(bytes, 'x', size < 10 ? size : 10);
	return ++*calls == 1 ? 10 : -EIO;
}

/* What came with the first bytes does not wait for others. What went wrong while it was fetched is said in its turn,
 * behind what came before, and nothing more is fetched. */
static void errors_wait_for_their_turn(void **state)
{
	struct feed_window windows[3] = {0};
	unsigned calls = 0;
	struct feed feed;

	(void)state;
	feed_init(&feed, read_nothing, &calls);
	assert_int_equal(feed_begin(&feed), FEED_READY);
	feed_fetch(&feed, &windows[0]);
	assert_int_equal(calls, 1);
	feed_fetch(&feed, &windows[1]);
	feed_fetch(&feed, &windows[2]);
	assert_int_equal(calls, 2);
	assert_int_equal(feed_turn(&feed, &windows[0]), 0);
	assert_int_equal(feed_want(&feed, 10), FEED_READY);
	feed_skip(&feed, 10);
	assert_int_equal(feed_want(&feed, 1), FEED_IDLE);
	assert_true(feed.full);
	assert_int_equal(feed_leave(&feed), 0);
	assert_int_equal(feed_turn(&feed, &windows[1]), 0);
	assert_int_equal(feed_want(&feed, 1), FEED_ERROR);
	assert_non_null(strstr(feed.error, "Input/output error"));
	assert_int_equal(feed_leave(&feed), 0);
	feed_finish(&feed);
	for (size_t i = 0; i < 3; i++)
		free(windows[i].bytes);
}

static ssize_t note_place(void *context, uint8_t *bytes, size_t size)
{
	const uint8_t **place = context;

	memset(bytes, 'x', size);
	*place = bytes;
	return (ssize_t)size;
}

/* A piece of a file lies at the same place of a page in each window, and at none that the kernel copies to slowly:
 * right behind that which it comes from, its beginning. */
static void pieces_lie_well(void **state)
{
	struct feed_window windows[WINDOWS] = {0};
	uintptr_t first = 0;
	const uint8_t *place;
	struct feed feed;

	(void)state;
	feed_init(&feed, note_place, &place);
	assert_int_equal(feed_begin(&feed), FEED_READY);
	for (unsigned turns = 0; turns < 2 * WINDOWS; turns++) {
		struct feed_window *window = &windows[turns % WINDOWS];

		feed_fetch(&feed, window);
		assert_int_equal(feed_turn(&feed, window), 0);
		if (turns == 1) /* what came with the first bytes is the first one's */
			first = (uintptr_t)place % 4096;
		if (turns)
			assert_int_equal((uintptr_t)place % 4096, first);
		feed_skip(&feed, feed_left(&feed).len);
		assert_int_equal(feed_leave(&feed), 0);
	}
	assert_in_range(first, 32, 4095);
	feed_finish(&feed);
	for (size_t i = 0; i < WINDOWS; i++)
		free(windows[i].bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(windows_stay),    cmocka_unit_test(small_files),
	    cmocka_unit_test(no_memory),       cmocka_unit_test(errors_wait_for_their_turn),
	    cmocka_unit_test(pieces_lie_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
