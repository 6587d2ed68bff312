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
	    cmocka_unit_test(in_order),           cmocka_unit_test(by_one_printer), cmocka_unit_test(pushed_is_written),
	    cmocka_unit_test(many_of_one_packet), cmocka_unit_test(never_run),      cmocka_unit_test(errors_are_told),
	    cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
