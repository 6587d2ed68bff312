/* What becomes of the press's pages: their windows, their jobs, their text, and whose turn it is to fill one. */
#include "test.h"

#include <stdlib.h>

#include "wscap/press.h"

enum {
	LONG_TEXT = 3 << 20,
	PIECE = sizeof(unsigned),
};

static void fetch_nothing(void *context, struct feed_window *window)
{
	(void)context;
	(void)window;
}

/* One page, filled on one thread. fill gets the press. */
static void press_page(bool (*fill)(void *context, struct feed_window *window), struct out *out)
{
	struct press *press;

	assert_int_equal(out_init(out, -1), 0);
	press = press_create(1, &(struct press_printers){0}, out);
	assert_non_null(press);
	press_run(press, &(const struct press_work){.fetch = fetch_nothing, .fill = fill, .context = press});
	press_destroy(press);
}

static void print_letters(void *printer, const void *job, struct out *out)
{
	(void)printer;
	out_repeat(out, 'y', *(const size_t *)job);
}

static void print_x(void *printer, const void *job, struct out *out)
{
	(void)printer;
	(void)job;
	out_char(out, 'x');
}

/* More goes into the last job until another one stands behind it, or it is printed. */
static bool fill_last(void *context, struct feed_window *window)
{
	struct press *press = context;
	size_t *letters = press_take(press, sizeof(*letters));

	(void)window;
	assert_null(press_last(press, print_letters));
	*letters = 1;
	press_job(press, print_letters, letters);
	assert_ptr_equal(press_last(press, print_letters), letters);
	assert_null(press_last(press, print_x));
	++*(size_t *)press_last(press, print_letters);
	press_job(press, print_x, NULL);
	assert_null(press_last(press, print_letters));
	press_job(press, print_letters, letters);
	++*(size_t *)press_last(press, print_letters);
	press_push(press);
	assert_null(press_last(press, print_letters));
	return false;
}

static void last_job_takes_more(void **state)
{
	struct out out;

	(void)state;
	press_page(fill_last, &out);
	assert_int_equal(out.len, 7);
	assert_memory_equal(out.text, "yyyxyyy", out.len);
	out_finish(&out);
}

/* Where nobody has to be waited for, a page's text does not gather until all of it is there. */
static void print_long(void *printer, const void *job, struct out *out)
{
	size_t *longest = (size_t *)(uintptr_t)job;

	(void)printer;
	if (out->len > *longest)
		*longest = out->len;
	out_repeat(out, 'z', LONG_TEXT / 100);
}

static size_t longest;

static bool fill_long(void *context, struct feed_window *window)
{
	(void)window;
	for (unsigned i = 0; i < 100; i++)
		press_job(context, print_long, &longest);
	return false;
}

static void goes_out_while_printed(void **state)
{
	struct out out;

	(void)state;
	press_page(fill_long, &out);
	assert_int_equal(out.len, LONG_TEXT / 100 * 100);
	assert_in_range(longest, 1, LONG_TEXT / 4);
	out_finish(&out);
}

/* Bytes in the page's window are not copied, and others are. */
static bool fill_window(void *context, struct feed_window *window)
{
	struct press *press = context;
	struct ws_span apart = ws_span_str("apart"), kept;

	*window = (struct feed_window){.bytes = calloc(1, 100), .size = 100};
	assert_ptr_equal(press_keep(press, ws_span_of(window->bytes, 100)).data, window->bytes);
	assert_ptr_equal(press_keep(press, ws_span_of(window->bytes + 99, 1)).data, window->bytes + 99);
	kept = press_keep(press, apart);
	assert_ptr_not_equal(kept.data, apart.data);
	assert_int_equal(kept.len, apart.len);
	assert_memory_equal(kept.data, apart.data, apart.len);
	return false;
}

static void windows_are_not_copied(void **state)
{
	struct out out;

	(void)state;
	press_page(fill_window, &out);
	out_finish(&out);
}

/* Pieces are fetched in the order of the turns in which they are filled, one at a time, up to the threads' number
 * ahead.
 */
struct pieces {
	struct press *press;
	_Atomic unsigned fetching;
	unsigned fetched, filled;
	struct out expected;
};

static void fetch_piece(void *context, struct feed_window *window)
{
	struct pieces *pieces = context;

	assert_int_equal(pieces->fetching++, 0);
	if (!window->bytes)
		*window = (struct feed_window){.bytes = malloc(PIECE), .size = PIECE};
	memcpy(window->bytes, &(unsigned){pieces->fetched++}, sizeof(unsigned));
	pieces->fetching--;
}

static void print_piece(void *printer, const void *job, struct out *out)
{
	unsigned number;

	(void)printer;
	memcpy(&number, job, sizeof(number));
	out_u64(out, number);
	out_char(out, '\n');
}

static bool fill_piece(void *context, struct feed_window *window)
{
	struct pieces *pieces = context;

	out_u64(&pieces->expected, pieces->filled);
	out_char(&pieces->expected, '\n');
	press_job(pieces->press, print_piece, window->bytes);
	return ++pieces->filled < 2000;
}

static void pieces_in_order(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 4; threads++) {
		struct pieces pieces = {0};
		struct out out;

		assert_int_equal(out_init(&out, -1), 0);
		assert_int_equal(out_init(&pieces.expected, -1), 0);
		pieces.press = press_create(threads, &(struct press_printers){0}, &out);
		press_run(pieces.press,
			  &(const struct press_work){.fetch = fetch_piece, .fill = fill_piece, .context = &pieces});
		press_destroy(pieces.press);
		assert_int_equal(pieces.filled, 2000);
		assert_in_range(pieces.fetched, 2000, 2000 + threads);
		assert_int_equal(out.len, pieces.expected.len);
		assert_memory_equal(out.text, pieces.expected.text, out.len);
		out_finish(&pieces.expected);
		out_finish(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(last_job_takes_more),
	    cmocka_unit_test(goes_out_while_printed),
	    cmocka_unit_test(windows_are_not_copied),
	    cmocka_unit_test(pieces_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
