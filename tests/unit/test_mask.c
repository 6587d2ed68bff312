#include "test.h"

#include "ws/mask.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	LEN_MAX = 600,
	ALIGNMENTS = 36, /* past the size of a vector */
	GUARD = 0x5a,
};

static void test_equals_its_plain_twin(void **state)
{
	static const uint8_t key[4] = {0x9a, 0x26, 0x5f, 0x9d};
	uint8_t src[LEN_MAX + ALIGNMENTS], fast[LEN_MAX + ALIGNMENTS + 1], plain[LEN_MAX];

	(void)state;
	srandom(1);
	for (size_t i = 0; i < sizeof(src); i++)
		src[i] = (uint8_t)random();
	for (size_t len = 0; len <= LEN_MAX; len += len < 150 ? 1 : 29) {
		for (size_t from = 0; from < ALIGNMENTS; from++) {
			size_t to = from * 7 % ALIGNMENTS;
			uint64_t offset = (len + from) % 9 + (from & 1 ? UINT64_C(1) << 33 : 0);

			ws_mask_plain(plain, src + from, len, key, offset);
			memset(fast, GUARD, sizeof(fast));
			ws_mask(fast + to, src + from, len, key, offset);
			assert_memory_equal(fast + to, plain, len);
			assert_int_equal(fast[to + len], GUARD);
			assert_true(to == 0 || fast[to - 1] == GUARD);
		}
	}
}

static void test_every_alignment_of_both(void **state)
{
	static const uint8_t key[4] = {1, 2, 3, 4};
	uint8_t src[300 + 32] = {0}, fast[300 + 32], plain[300];

	(void)state;
	ws_mask_plain(plain, src, 300, key, 3);
	for (size_t from = 0; from < 32; from++) {
		for (size_t to = 0; to < 32; to++) {
			ws_mask(fast + to, src + from, 300, key, 3);
			assert_memory_equal(fast + to, plain, 300);
		}
	}
}

static void test_in_place_and_in_pieces(void **state)
{
	static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};
	uint8_t bytes[5] = {0x7f, 0x9f, 0x4d, 0x51, 0x58}; /* RFC 6455, section 5.7 */

	(void)state;
	ws_mask(bytes, bytes, 5, key, 0);
	assert_memory_equal(bytes, "Hello", 5);
	for (size_t i = 0; i < 5; i++)
		ws_mask(bytes + i, bytes + i, 1, key, i);
	assert_memory_equal(bytes, "\x7f\x9f\x4d\x51\x58", 5);
}

/* At every alignment, with and without a byte that is not ASCII at each place. */
static void test_sees_what_is_ascii(void **state)
{
	static const uint8_t key[4] = {0x9a, 0x26, 0x5f, 0x9d};
	uint8_t text[200], src[200 + 32], fast[200 + 34], plain[200];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 37 % 128);
	for (size_t len = 0; len <= sizeof(text); len += len < 70 ? 1 : 13) {
		for (size_t bad = 0; bad <= len; bad++) {
			size_t from = (bad + len) % 32, to = (bad * 5 + len) % 32 + 1;
			uint8_t kept = text[bad % sizeof(text)];

			if (bad < len)
				text[bad] |= 0x80;
			ws_mask_plain(src + from, text, len, key, 0);
			ws_mask_plain(plain, src + from, len, key, 0);
			memset(fast, GUARD, sizeof(fast));
			assert_int_equal(ws_mask_ascii(fast + to, src + from, len, key), bad == len);
			assert_memory_equal(fast + to, plain, len);
			assert_true(fast[to + len] == GUARD && fast[to - 1] == GUARD);
			text[bad % sizeof(text)] = kept;
		}
	}
}

static double seconds(void (*mask)(uint8_t *, const uint8_t *, size_t, const uint8_t *, uint64_t), uint8_t *dst,
		      const uint8_t *src, size_t len)
{
	static const uint8_t key[4] = {1, 2, 3, 4};
	struct timespec begin, end;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	for (unsigned i = 0; i < 2000; i++)
		mask(dst + i % 3, src, len, key, i);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

/* Times both; nothing is held against a slow machine but the order. */
static void test_is_faster_than_its_twin(void **state)
{
	enum { LEN = 16384 };
	uint8_t *src = calloc(1, LEN), *dst = malloc(LEN + 3);
	double fast, plain;

	(void)state;
	fast = seconds(ws_mask, dst, src, LEN);
	plain = seconds(ws_mask_plain, dst, src, LEN);
	print_message("# ws_mask %.1f GB/s, plain %.1f GB/s\n", 2000.0 * LEN / fast / 1e9, 2000.0 * LEN / plain / 1e9);
	assert_true(fast < plain);
	free(src);
	free(dst);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_equals_its_plain_twin),   cmocka_unit_test(test_every_alignment_of_both),
	    cmocka_unit_test(test_in_place_and_in_pieces),  cmocka_unit_test(test_sees_what_is_ascii),
	    cmocka_unit_test(test_is_faster_than_its_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
