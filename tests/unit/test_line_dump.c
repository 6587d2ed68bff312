/* -A, -X and -x: each routine against its plain twin, over random bytes of every length at every alignment. */
#include "test.h"

#include "wscap/line_internal.h"

#include <stdlib.h>

enum {
	LEN_MAX = 300,
	ALIGNMENTS = 17, /* past the size of a row */
};

typedef void dump(struct out *out, struct ws_span bytes);

static const struct pair {
	dump *fast, *plain;
} pairs[] = {
    {line_dump_ascii, line_dump_ascii_plain},
    {line_dump_hex, line_dump_hex_plain},
    {line_dump_hex_ascii, line_dump_hex_ascii_plain},
    {line_dump_hex_words, line_dump_hex_plain},
    {line_dump_hex_ascii_words, line_dump_hex_ascii_plain},
};

static struct out fast, plain;

static int setup(void **state)
{
	(void)state;
	srandom(1);
	return out_init(&fast, -1) || out_init(&plain, -1);
}

static int teardown(void **state)
{
	(void)state;
	out_finish(&fast);
	out_finish(&plain);
	return 0;
}

/* Both dumps of bytes, the fast one to each place in turn. */
static void compare(struct ws_span bytes, size_t to)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		fast.len = 0;
		plain.len = 0;
		out_repeat(&fast, '-', to % ALIGNMENTS);
		out_repeat(&plain, '-', to % ALIGNMENTS);
		pairs[i].fast(&fast, bytes);
		pairs[i].plain(&plain, bytes);
		assert_int_equal(fast.len, plain.len);
		assert_memory_equal(fast.text, plain.text, plain.len);
	}
}

/* The bytes stand at a block's end, so that a sanitizer sees who reads past them. */
static void every_length_and_alignment(uint8_t (*byte)(void))
{
	for (size_t len = 1; len <= LEN_MAX; len += len < 50 ? 1 : 7) {
		for (size_t from = 0; from < ALIGNMENTS; from++) {
			uint8_t *block = malloc(from + len);

			assert_non_null(block);
			for (size_t i = 0; i < from + len; i++)
				block[i] = byte();
			compare(ws_span_of(block + from, len), len * 5 + from);
			free(block);
		}
	}
}

static uint8_t any_byte(void)
{
	return (uint8_t)random();
}

/* What -A treats apart, next to each other in all orders. */
static uint8_t white_byte(void)
{
	return (uint8_t) "\r\r\n\t x\r\n"[random() % 8];
}

static void random_bytes(void **state)
{
	(void)state;
	every_length_and_alignment(any_byte);
}

static void ends_of_lines(void **state)
{
	(void)state;
	every_length_and_alignment(white_byte);
}

static void every_byte_everywhere(void **state)
{
	uint8_t bytes[16 + 256];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t from = 0; from < 16; from++)
		compare(ws_span_of(bytes + from, 256), from);
}

/* Longer than what room is asked for at once, and with offsets of more than four digits. */
static void long_dumps(void **state)
{
	static uint8_t bytes[SNAPLEN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = any_byte();
	for (size_t len = sizeof(bytes) - 20; len <= sizeof(bytes); len++)
		compare(ws_span_of(bytes, len), len);
	for (size_t len = 2040; len <= 2060; len++)
		compare(ws_span_of(bytes, len), len);
	for (size_t len = 4090; len <= 4130; len++)
		compare(ws_span_of(bytes, len), len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_bytes),
	    cmocka_unit_test(ends_of_lines),
	    cmocka_unit_test(every_byte_everywhere),
	    cmocka_unit_test(long_dumps),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
