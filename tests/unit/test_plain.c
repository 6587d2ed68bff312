#include "test.h"

#include "base/plain.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	LEN_MAX = 300,
	ALIGNMENTS = 20, /* past the size of a vector */
	GUARD = 0x5a,
};

/* Text in which about one byte of `rarity` is a quote or a backslash, and one in ten times as many is not plain. */
static void random_text(uint8_t *text, size_t len, long rarity)
{
	static const uint8_t odd[] = {0x00, 0x1f, 0x7f, 0x80, 0xff, '\n', 0xe4};

	for (size_t i = 0; i < len; i++) {
		text[i] = (uint8_t)(0x20 + random() % (0x7e - 0x20 + 1));
		if (random() % rarity == 0)
			text[i] = random() % 3 ? '"' : '\\';
		if (random() % (rarity * 10) == 0)
			text[i] = odd[(size_t)random() % sizeof(odd)];
	}
}

/* The copy stands in memory of its own size, so that the sanitizers see a read behind it. */
static struct ws_span copy_of(const uint8_t *text, size_t len, size_t alignment, uint8_t **ret_memory)
{
	uint8_t *memory = malloc(alignment + len + !(alignment + len));

	assert_non_null(memory);
	memcpy(memory + alignment, text, len);
	*ret_memory = memory;
	return ws_span_of(memory + alignment, len);
}

static void compare_copies(struct ws_span text, size_t to)
{
	char fast[LEN_MAX + 2 * ALIGNMENTS], twin[LEN_MAX];
	size_t len;

	memset(fast, GUARD, sizeof(fast));
	len = plain_copy(text, fast + to);
	assert_int_equal(len, plain_copy_bytewise(text, twin));
	assert_memory_equal(fast + to, twin, len);
	assert_true(to == 0 || fast[to - 1] == GUARD);
	for (size_t i = to + text.len; i < sizeof(fast); i++)
		assert_int_equal(fast[i], GUARD);
}

static void compare_short(struct ws_span text)
{
	char within[2 * PLAIN_SHORT];

	memset(within, 1, sizeof(within)); /* what is behind it does not count */
	if (text.len && text.len <= sizeof(within))
		memcpy(within, text.data, text.len);
	assert_int_equal(plain_is_short(within, text.len),
			 text.len <= PLAIN_SHORT && plain_len_bytewise(text) == text.len);
}

static void compare(struct ws_span text, size_t to)
{
	char fast[2 * LEN_MAX + PLAIN_ESCAPE_ROOM + ALIGNMENTS], twin[2 * LEN_MAX];
	size_t fast_len = 0, twin_len = 0;

	assert_int_equal(plain_len(text), plain_len_bytewise(text));
	assert_int_equal(plain_string_len(text), plain_string_len_bytewise(text));
	compare_short(text);
	compare_copies(text, to);
	memset(fast, GUARD, sizeof(fast));
	assert_int_equal(plain_escape(text, fast + to, &fast_len), plain_escape_bytewise(text, twin, &twin_len));
	assert_int_equal(fast_len, twin_len);
	assert_memory_equal(fast + to, twin, twin_len);
	assert_true(to == 0 || fast[to - 1] == GUARD);
	for (size_t i = to + fast_len + PLAIN_ESCAPE_ROOM; i < sizeof(fast); i++)
		assert_int_equal(fast[i], GUARD);
}

static void test_equals_its_twin(void **state)
{
	static const long rarities[] = {1, 4, 30, 10000};
	uint8_t text[LEN_MAX], *memory;

	(void)state;
	srandom(1);
	for (size_t len = 0; len <= LEN_MAX; len += len < 150 ? 1 : 17) {
		for (size_t from = 0; from < ALIGNMENTS; from++) {
			random_text(text, len, rarities[(len + from) % 4]);
			compare(copy_of(text, len, from, &memory), from * 7 % ALIGNMENTS);
			free(memory);
		}
	}
}

/* Every byte at every place of a vector and of a block. */
static void test_every_byte(void **state)
{
	uint8_t text[130];

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		for (size_t at = 0; at < sizeof(text); at++) {
			memset(text, 'a', sizeof(text));
			text[at] = (uint8_t)byte;
			compare(ws_span_of(text, sizeof(text)), 0);
		}
	}
}

static double seconds(size_t (*escape)(struct ws_span, char *, size_t *), struct ws_span text, char *to)
{
	struct timespec begin, end;
	size_t len;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	for (unsigned i = 0; i < 20000; i++)
		escape(text, to + i % 3, &len);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	return (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}

/* Times both; nothing is held against a slow machine. */
static void test_time(void **state)
{
	static const char json[] = "{\"type\":\"say\",\"from_uid\":783600077,\"name\":\"user77\",\"to_uid\":\"all\","
				   "\"content\":\"tomorrow coffee server late late\",\"time\":\"2026-01-01 11:00:00\"}";
	char to[2 * sizeof(json) + PLAIN_ESCAPE_ROOM + 3];

	(void)state;
	print_message("# %zu bytes of JSON: %.0f ns, its twin %.0f ns\n", sizeof(json) - 1,
		      seconds(plain_escape, ws_span_str(json), to) / 20000 * 1e9,
		      seconds(plain_escape_bytewise, ws_span_str(json), to) / 20000 * 1e9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_equals_its_twin),
	    cmocka_unit_test(test_every_byte),
	    cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
