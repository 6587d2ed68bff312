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

static void in_order(void **state)
{
	char *room = malloc(LONG_TEXT + 64);

	(void)state;
	for (unsigned threads = 1; threads <= 4; threads++) {
		struct out expected, out;
		struct press *press;
		uint32_t seed = threads;

		printers_made = printers_gone = 0;
		assert_int_equal(out_init(&expected, -1), 0);
		assert_int_equal(out_init(&out, -1), 0);
		press = press_create(threads, &counting, &out);
		assert_non_null(press);
		assert_int_equal(printers_made, threads + 1);
		for (unsigned i = 0; i < JOBS; i++) {
			struct ws_span text = text_of_job(i, room);

			out_bytes(&expected, text.data, text.len);
			leave(press, text, dice(&seed) % 2000);
			if (dice(&seed) % 3)
				assert_int_equal(press_turn(press), 0);
			if (i == JOBS / 2) {
				assert_int_equal(press_flush(press), 0);
				assert_int_equal(out.len, expected.len);
			}
		}
		assert_int_equal(press_flush(press), 0);
		press_destroy(press);
		assert_int_equal(printers_gone, threads + 1);
		assert_int_equal(out.len, expected.len);
		assert_memory_equal(out.text, expected.text, expected.len);
		out_finish(&out);
		out_finish(&expected);
	}
	free(room);
}

/* What a job prints is how many were printed before it, by its printer: there is one, whatever is asked for. */
static void print_count(void *printer, const void *job, struct out *out)
{
	unsigned *count = printer;

	(void)job;
	out_u64(out, (*count)++);
	out_char(out, '\n');
}

static void by_one_printer(void **state)
{
	struct press_printers printers = counting;
	struct out expected, out;
	struct press *press;

	(void)state;
	printers.in_order = true;
	printers_made = printers_gone = 0;
	assert_int_equal(out_init(&expected, -1), 0);
	assert_int_equal(out_init(&out, -1), 0);
	press = press_create(3, &printers, &out);
	assert_non_null(press);
	assert_int_equal(printers_made, 1);
	for (unsigned i = 0; i < 10 * PAGE_JOBS; i++) {
		out_u64(&expected, i);
		out_char(&expected, '\n');
		press_job(press, print_count, &printers);
		assert_int_equal(i % 3 ? press_turn(press) : press_push(press), 0);
	}
	assert_int_equal(press_flush(press), 0);
	press_destroy(press);
	assert_int_equal(printers_gone, 1);
	assert_int_equal(out.len, expected.len);
	assert_memory_equal(out.text, expected.text, expected.len);
	out_finish(&out);
	out_finish(&expected);
}

/* More jobs of one packet than a page has. */
static void many_of_one_packet(void **state)
{
	static const struct job job = {.text = {(const uint8_t *)"x", 1}};
	struct out out;
	struct press *press;

	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	press = press_create(1, &(struct press_printers){0}, &out);
	assert_non_null(press);
	for (unsigned i = 0; i < 3 * PAGE_JOBS + 1; i++)
		press_job(press, print_job, &job);
	assert_int_equal(press_turn(press), 0);
	assert_int_equal(press_flush(press), 0);
	press_destroy(press);
	assert_int_equal(out.len, 3 * PAGE_JOBS + 1);
	out_finish(&out);
}

/* What was not flushed is lost, and freed. */
static void destroyed_in_the_middle(void **state)
{
	struct out out;
	struct press *press;

	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	press = press_create(2, &counting, &out);
	for (unsigned i = 0; i < 5 * PAGE_JOBS; i++) {
		leave(press, ws_span_str("some text\n"), 100);
		press_turn(press);
	}
	press_destroy(press);
	out_finish(&out);
}

static void errors_are_told(void **state)
{
	struct out out;
	struct press *press;
	int fd = open("/dev/full", O_WRONLY), error = 0;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(out_init(&out, fd), 0);
	press = press_create(1, &(struct press_printers){0}, &out);
	for (unsigned i = 0; i < 100 * PAGE_JOBS && !error; i++) {
		leave(press, ws_span_str("some text\n"), 0);
		error = press_turn(press);
	}
	assert_int_equal(error, ENOSPC);
	assert_int_equal(press_flush(press), ENOSPC);
	press_destroy(press);
	out_finish(&out);
	close(fd);
}

/* Whichever allocation fails: no press, or an error and nothing after what was lost; never a part of it out of order.
 */
static void no_memory(void **state)
{
	bool failed = true;

	(void)state;
	for (long nth = 0; failed; nth++) {
		struct out out;
		struct press *press;
		int error = 0;

		assert_int_equal(out_init(&out, -1), 0);
		failmalloc_after(nth);
		press = press_create(1, &counting, &out);
		for (unsigned i = 0; press && i < 40; i++) {
			leave(press, ws_span_of((const uint8_t[100000]){0}, 100000), 0);
			error = press_turn(press);
		}
		if (press)
			error = press_flush(press);
		failed = failmalloc_failed();
		failmalloc_after(-1);
		if (press && !failed)
			assert_int_equal(out.len, 40 * 100000);
		if (press && failed)
			assert_int_equal(error, ENOMEM);
		press_destroy(press);
		out_finish(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_order),           cmocka_unit_test(by_one_printer),
	    cmocka_unit_test(many_of_one_packet), cmocka_unit_test(destroyed_in_the_middle),
	    cmocka_unit_test(errors_are_told),    cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
