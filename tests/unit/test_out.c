#include "test.h"

#include "base/out.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void gathered(struct out *out, const char *want)
{
	assert_int_equal(out->error, 0);
	assert_int_equal(out->len, strlen(want));
	assert_memory_equal(out->text, want, out->len);
	out->len = 0;
}

static void test_shapes(void **state)
{
	struct out out;

	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	out_u64(&out, 0);
	out_char(&out, ' ');
	out_u64(&out, UINT64_MAX);
	gathered(&out, "0 18446744073709551615");
	out_i64(&out, INT64_MIN);
	gathered(&out, "-9223372036854775808");
	out_u64_padded(&out, 7, 2, '0');
	out_u64_padded(&out, 12345, 2, '0');
	gathered(&out, "0712345");
	out_hex(&out, 0xbeef, 2);
	out_char(&out, ' ');
	out_hex(&out, 1, 4);
	gathered(&out, "beef 0001");
	out_printf(&out, "%d %s", 3, "x");
	out_lit(&out, "!");
	out_repeat(&out, '-', 3);
	gathered(&out, "3 x!---");
	out_finish(&out);
}

static void test_gathers_without_end(void **state)
{
	struct out out;
	size_t total = 3 * (size_t)OUT_SIZE + 5;

	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	out_repeat(&out, 'a', total);
	assert_int_equal(out.len, total);
	for (size_t i = 0; i < total; i++)
		assert_int_equal(out.text[i], 'a');
	out_finish(&out);
}

/* A full buffer is written up to a round place, also behind a flush, which writes all. */
static void test_a_full_buffer_is_written_in_steps(void **state)
{
	char path[] = "/tmp/test_out.XXXXXX";
	int fd = mkstemp(path);
	struct out out;
	off_t at = 0;
	size_t put = 0;
	char byte;

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(out_init(&out, fd), 0);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned writes = 0; writes < 4; put += 100) {
			off_t now;

			out_repeat(&out, (char)('a' + put / 100 % 26), 100);
			now = lseek(fd, 0, SEEK_CUR);
			if (now == at)
				continue;
			assert_int_equal(now % OUT_STEP, 0);
			at = now;
			writes++;
		}
		assert_int_equal(out_flush(&out), 0);
		at = lseek(fd, 0, SEEK_CUR);
		assert_int_equal(at, put);
	}
	for (size_t i = 0; i < put; i += 50) {
		assert_int_equal(pread(fd, &byte, 1, (off_t)i), 1);
		assert_int_equal(byte, 'a' + i / 100 % 26);
	}
	out_finish(&out);
	close(fd);
}

static void test_writes_in_order(void **state)
{
	char path[] = "/tmp/test_out.XXXXXX";
	int fd = mkstemp(path);
	struct out out;
	char *back;

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(out_init(&out, fd), 0);
	for (unsigned i = 0; i < 200000; i++)
		out_u64_padded(&out, i, 6, '0');
	assert_int_equal(out_flush(&out), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), 1200000);
	back = malloc(1200000);
	assert_int_equal(pread(fd, back, 1200000, 0), 1200000);
	for (unsigned i = 0; i < 200000; i++)
		assert_int_equal(strtoul((char[7]){back[i * 6], back[i * 6 + 1], back[i * 6 + 2], back[i * 6 + 3],
						   back[i * 6 + 4], back[i * 6 + 5]},
					 NULL, 10),
				 i);
	free(back);
	out_finish(&out);
	close(fd);
}

/* Text that lies elsewhere goes up to a round place, where it reaches one, and else whole. */
static void test_most_goes_through(void **state)
{
	static char text[3 * OUT_STEP];
	char path[] = "/tmp/test_out.XXXXXX";
	int fd = mkstemp(path);
	struct out out;

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(out_init(&out, fd), 0);
	out_lit(&out, "12345");
	assert_int_equal(out_through_most(&out, text, sizeof(text)), sizeof(text) - 5);
	assert_int_equal(lseek(out.fd, 0, SEEK_END), sizeof(text));
	assert_int_equal(out_through_most(&out, text, 5), 5);
	assert_int_equal(out_through_most(&out, text, OUT_STEP), OUT_STEP - 5);
	assert_int_equal(lseek(out.fd, 0, SEEK_END), sizeof(text) + OUT_STEP);
	out_finish(&out);
	assert_int_equal(out_init(&out, -1), 0);
	assert_int_equal(out_through_most(&out, text, OUT_STEP + 1), OUT_STEP + 1);
	assert_int_equal(out.len, OUT_STEP + 1);
	out_finish(&out);
	close(fd);
}

static void test_remembers_the_first_error(void **state)
{
	struct out out;

	(void)state;
	assert_int_equal(out_init(&out, 1000), 0); /* no such descriptor */
	out_str(&out, "lost");
	assert_int_equal(out_flush(&out), -EBADF);
	assert_int_equal(out_error(&out), EBADF);
	out_repeat(&out, 'x', 10 * (size_t)OUT_SIZE); /* dropped, without end */
	assert_int_equal(out_flush(&out), -EBADF);
	out_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shapes),
	    cmocka_unit_test(test_gathers_without_end),
	    cmocka_unit_test(test_writes_in_order),
	    cmocka_unit_test(test_a_full_buffer_is_written_in_steps),
	    cmocka_unit_test(test_most_goes_through),
	    cmocka_unit_test(test_remembers_the_first_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
