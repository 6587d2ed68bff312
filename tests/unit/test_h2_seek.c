/* Frame boundaries behind a gap: found in pieces of every size, and never where there are none. */
#include "test.h"

#include <stdlib.h>

#include "wscap/h2_seek.h"

enum {
	FRAMES = 12,
	PAYLOAD = 3000,
	FRAME = H2_HEADER_LEN + PAYLOAD,
	SMALL = 500,
	NOISE = 1 << 20,
};

static uint32_t random_state = 1;

static uint8_t random_byte(void)
{
	random_state = random_state * 1103515245 + 12345;
	return (uint8_t)(random_state >> 16);
}

/* DATA frames of stream 5 behind each other, as of a large message. */
static void make_frames(uint8_t *bytes)
{
	static const uint8_t head[H2_HEADER_LEN] = {0, PAYLOAD >> 8, PAYLOAD & 0xff, H2_DATA, 0, 0, 0, 0, 5};

	for (size_t i = 0; i < FRAMES; i++, bytes += FRAME) {
		memcpy(bytes, head, sizeof(head));
		for (size_t j = 0; j < PAYLOAD; j++)
			bytes[H2_HEADER_LEN + j] = random_byte();
	}
}

/* Where the first boundary is found from the byte at `from` on, in pieces of that size; SIZE_MAX: nowhere. */
static size_t find(const uint8_t *bytes, size_t len, size_t from, size_t size)
{
	struct h2_seek seek = {0};

	for (size_t at = from; at < len; at += size) {
		struct ws_span piece = ws_span_of(bytes + at, size < len - at ? size : len - at);
		size_t skip = h2_seek(&seek, (int64_t)at, piece);

		if (skip < piece.len)
			return at + skip;
	}
	return SIZE_MAX;
}

/* Joined in the middle of a frame: no piece begins with one. Small pieces may split every header that could be
 * the first of a chain: then nothing is found, and nothing wrong. */
static void test_long_frames(void **state)
{
	uint8_t *bytes = malloc(FRAMES * FRAME);

	(void)state;
	assert_non_null(bytes);
	make_frames(bytes);
	for (size_t size = 10; size < 2 * FRAME; size += 13) {
		size_t found = find(bytes, FRAMES * FRAME, 1234, size);

		assert_true(found % FRAME == 0 || (found == SIZE_MAX && size < SMALL));
		assert_true(found <= (size_t)6 * FRAME || size < SMALL);
	}
	free(bytes);
}

/* A header in the chain that is none: what follows is not believed for it. */
static void test_broken_chain(void **state)
{
	uint8_t *bytes = malloc(FRAMES * FRAME);

	(void)state;
	assert_non_null(bytes);
	make_frames(bytes);
	for (size_t i = 2; i < FRAMES; i += 2)
		bytes[i * FRAME + 3] = 0x99;
	assert_true(find(bytes, FRAMES * FRAME, 1234, 1448) == SIZE_MAX);
	free(bytes);
}

static void test_noise(void **state)
{
	uint8_t *bytes = malloc(NOISE);

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < NOISE; i++)
		bytes[i] = random_byte();
	assert_true(find(bytes, NOISE, 0, 1448) == SIZE_MAX);
	memset(bytes, 0, NOISE);
	assert_true(find(bytes, NOISE, 0, 1448) == SIZE_MAX);
	assert_true(find(bytes, 0, 0, 1448) == SIZE_MAX);
	free(bytes);
}

/* What is followed has its maximum: more headers than that in one piece are not. */
static void test_many_candidates(void **state)
{
	static const uint8_t head[] = {0, 0x3f, 0xff, H2_DATA, 0, 0, 0, 1, 0x11};
	uint8_t bytes[64 * sizeof(head)];
	struct h2_seek seek = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = head[i % sizeof(head)];
	assert_int_equal(h2_seek(&seek, 0, ws_span_of(bytes, sizeof(bytes))), sizeof(bytes));
	assert_int_equal(seek.count, H2_CANDIDATES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_long_frames),
	    cmocka_unit_test(test_broken_chain),
	    cmocka_unit_test(test_noise),
	    cmocka_unit_test(test_many_candidates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
