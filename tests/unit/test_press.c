/* What goes through the press comes out as it would without: in order, whole, on any number of threads. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "failmalloc.h"
#include "wscap/press.h"

enum {
	JOBS = 20000,
	LONG_TEXT = 3 << 20,
	MANY = 5000, /* jobs */
	PIECE = sizeof(unsigned),
};

struct job {
	struct ws_span text;
	unsigned work; /* what it takes to print it: turns of an idle loop */
};

static uint32_t dice(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void print_job(void *printer, const void *at, struct out *out)
{
	const struct job *job = at;
	volatile unsigned spent = 0;

	if (printer)
		++*(unsigned *)printer;
	while (spent < job->work)
		spent++;
	out_bytes(out, job->text.data, job->text.len);
}

static void leave(struct press *press, struct ws_span text, unsigned work)
{
	struct job *job = press_take(press, sizeof(*job));

	if (!job)
		return;
	*job = (struct job){.text = press_keep(press, text), .work = work};
	press_job(press, print_job, job);
}

/* A text of its own for each job; now and then one of megabytes. */
static struct ws_span text_of_job(unsigned number, char *room)
{
	int len = snprintf(room, 64, "%u of %u\n", number, JOBS);

	if (number % 7000 != 6999)
		return ws_span_of(room, (size_t)len);
	memset(room + len, "abcdefghijklmnop"[number % 16], LONG_TEXT);
	return ws_span_of(room, (size_t)len + LONG_TEXT);
}

static unsigned printers_made, printers_gone;

static void *create_printer(void *context)
{
	assert_ptr_equal(context, &printers_made);
	printers_made++;
	return calloc(1, sizeof(unsigned));
}

static void destroy_printer(void *printer)
{
	printers_gone++;
	free(printer);
}

static const struct press_printers counting = {
    .create = create_printer, .destroy = destroy_printer, .context = &printers_made};

static void fetch_nothing(void *context, struct feed_window *window)
{
	(void)context;
	(void)window;
}

static void run(struct press *press, bool (*fill)(void *context, struct feed_window *window), void *context)
{
	press_run(press, &(const struct press_work){.fetch = fetch_nothing, .fill = fill, .context = context});
}

/* What is to be filled, and what has to come of it. */
struct work {
	struct press *press;
	struct out expected;
	unsigned job, jobs;
	uint32_t seed;
	unsigned fills;
	int fd;
	char *room;
};

static void begin(struct work *work, unsigned threads, const struct press_printers *printers, struct out *out)
{
	*work = (struct work){.seed = threads, .jobs = JOBS, .room = malloc(LONG_TEXT + 64)};
	assert_int_equal(out_init(&work->expected, -1), 0);
	printers_made = printers_gone = 0;
	work->press = press_create(threads, printers, out);
	assert_non_null(work->press);
}

static void end(struct work *work, const struct out *out)
{
	press_destroy(work->press);
	assert_int_equal(printers_gone, printers_made);
	assert_int_equal(out->len, work->expected.len);
	assert_memory_equal(out->text, work->expected.text, work->expected.len);
	out_finish(&work->expected);
	free(work->room);
}

/* Pages of any length, also empty ones, and now and then what is there is pushed. */
static bool fill_some(void *context, struct feed_window *window)
{
	struct work *work = context;

	(void)window;
	work->fills++;
	while (work->job < work->jobs && !press_is_full(work->press) && dice(&work->seed) % 300) {
		struct ws_span text = text_of_job(work->job++, work->room);

		out_bytes(&work->expected, text.data, text.len);
		leave(work->press, text, dice(&work->seed) % 2000);
		if (dice(&work->seed) % 500 == 0)
			press_push(work->press);
	}
	return work->job < work->jobs;
}

static void in_order(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 5; threads++) {
		struct work work;
		struct out out;

		assert_int_equal(out_init(&out, -1), 0);
		begin(&work, threads, &counting, &out);
		assert_int_equal(printers_made, threads);
		run(work.press, fill_some, &work);
		assert_true(work.fills > 10);
		assert_int_equal(press_error(work.press), 0);
		end(&work, &out);
		out_finish(&out);
	}
}

/* What a job prints is how many were printed before it, by its printer: there is one, whatever is asked for. */
static void print_count(void *printer, const void *job, struct out *out)
{
	unsigned *count = printer;

	(void)job;
	out_u64(out, (*count)++);
	out_char(out, '\n');
}

static bool fill_counts(void *context, struct feed_window *window)
{
	struct work *work = context;

	(void)window;
	for (unsigned i = 0; i < 100; i++, work->job++) {
		out_u64(&work->expected, work->job);
		out_char(&work->expected, '\n');
		press_job(work->press, print_count, work);
		if (dice(&work->seed) % 100 == 0)
			press_push(work->press);
	}
	return work->job < work->jobs;
}

static void by_one_printer(void **state)
{
	struct press_printers printers = counting;
	struct work work;
	struct out out;

	(void)state;
	printers.in_order = true;
	assert_int_equal(out_init(&out, -1), 0);
	begin(&work, 4, &printers, &out);
	assert_int_equal(printers_made, 1);
	run(work.press, fill_counts, &work);
	end(&work, &out);
	out_finish(&out);
}

/* What was pushed is written when press_push() returns, whoever has the page before. */
static bool fill_and_look(void *context, struct feed_window *window)
{
	struct work *work = context;
	struct ws_span text = text_of_job(work->job, work->room);

	(void)window;
	out_bytes(&work->expected, text.data, text.len);
	leave(work->press, text, 20000);
	if (work->job % 3 == 2) {
		press_push(work->press);
		assert_int_equal(lseek(work->fd, 0, SEEK_END), work->expected.len);
	}
	return ++work->job < 300;
}

static void pushed_is_written(void **state)
{
	char name[] = "/tmp/test_press.XXXXXX";
	int fd = mkstemp(name);
	struct work work;
	struct out out;

	(void)state;
	assert_true(fd > 0);
	unlink(name);
	assert_int_equal(out_init(&out, fd), 0);
	begin(&work, 3, &(struct press_printers){0}, &out);
	work.fd = fd;
	run(work.press, fill_and_look, &work);
	press_destroy(work.press);
	assert_int_equal(lseek(fd, 0, SEEK_END), work.expected.len);
	out_finish(&work.expected);
	out_finish(&out);
	free(work.room);
	close(fd);
}

/* More jobs of one packet than a page has room for. */
static bool fill_many(void *context, struct feed_window *window)
{
	static struct job job = {.text = {(const uint8_t *)"x", 1}};

	(void)window;
	for (unsigned i = 0; i < MANY; i++)
		press_job(context, print_job, &job);
	return false;
}

static void many_of_one_packet(void **state)
{
	struct out out;
	struct press *press;

	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	press = press_create(1, &(struct press_printers){0}, &out);
	assert_non_null(press);
	run(press, fill_many, press);
	press_destroy(press);
	assert_int_equal(out.len, MANY);
	out_finish(&out);
}

static void print_letters(void *printer, const void *job, struct out *out)
{
	(void)printer;
	out_repeat(out, 'y', *(const size_t *)job);
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
	assert_null(press_last(press, print_job));
	++*(size_t *)press_last(press, print_letters);
	leave(press, ws_span_str("x"), 0);
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
	struct press *press;

	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	press = press_create(1, &(struct press_printers){0}, &out);
	assert_non_null(press);
	run(press, fill_last, press);
	press_destroy(press);
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
	struct press *press;

	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	press = press_create(1, &(struct press_printers){0}, &out);
	assert_non_null(press);
	run(press, fill_long, press);
	press_destroy(press);
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
	struct press *press;

	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	press = press_create(1, &(struct press_printers){0}, &out);
	run(press, fill_window, press);
	press_destroy(press);
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

static void never_run(void **state)
{
	struct out out;

	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	press_destroy(press_create(2, &counting, &out));
	press_destroy(NULL);
	out_finish(&out);
}

static bool fill_until_error(void *context, struct feed_window *window)
{
	struct work *work = context;

	(void)window;
	for (unsigned i = 0; i < 1000; i++)
		leave(work->press, ws_span_str("some text\n"), 0);
	return !press_error(work->press) && ++work->fills < JOBS;
}

static void errors_are_told(void **state)
{
	struct work work = {0};
	struct out out;
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(out_init(&out, fd), 0);
	work.press = press_create(2, &(struct press_printers){0}, &out);
	run(work.press, fill_until_error, &work);
	assert_true(work.fills < JOBS);
	assert_int_equal(press_error(work.press), ENOSPC);
	press_destroy(work.press);
	out_finish(&out);
	close(fd);
}

static bool fill_large(void *context, struct feed_window *window)
{
	static const uint8_t large[100000];
	struct work *work = context;

	(void)window;
	while (work->job < 40 && !press_is_full(work->press)) {
		leave(work->press, ws_span_of(large, sizeof(large)), 0);
		work->job++;
	}
	return work->job < 40 && !press_error(work->press);
}

/* Whichever allocation fails: no press, or an error and nothing after what was lost; never a part of it out of order.
 */
static void no_memory(void **state)
{
	bool failed = true;

	(void)state;
	for (long nth = 0; failed; nth++) {
		struct work work = {0};
		struct out out;

		assert_int_equal(out_init(&out, -1), 0);
		failmalloc_after(nth);
		work.press = press_create(1, &counting, &out);
		if (work.press)
			run(work.press, fill_large, &work);
		failed = failmalloc_failed();
		failmalloc_after(-1);
		if (work.press && !failed)
			assert_int_equal(out.len, 40 * 100000);
		if (work.press && failed)
			assert_int_equal(press_error(work.press), ENOMEM);
		press_destroy(work.press);
		out_finish(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_order),
	    cmocka_unit_test(by_one_printer),
	    cmocka_unit_test(pushed_is_written),
	    cmocka_unit_test(many_of_one_packet),
	    cmocka_unit_test(last_job_takes_more),
	    cmocka_unit_test(goes_out_while_printed),
	    cmocka_unit_test(windows_are_not_copied),
	    cmocka_unit_test(pieces_in_order),
	    cmocka_unit_test(never_run),
	    cmocka_unit_test(errors_are_told),
	    cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
