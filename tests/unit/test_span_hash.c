#include "test.h"

#include "wscap/span_hash.h"

enum {
	WORD = sizeof(uint64_t),
};

/* Any byte that is another makes another word, at every length and alignment; what is behind them makes none. */
static void test_words_tell_bytes_apart(void **state)
{
	uint8_t bytes[3 * WORD];

	(void)state;
	for (size_t from = 0; from < WORD; from++) {
		for (size_t len = 1; len <= WORD; len++) {
			uint64_t word;

			for (size_t i = 0; i < sizeof(bytes); i++)
				bytes[i] = (uint8_t)(i * 37);
			word = span_hash_word(bytes + from, len);
			for (size_t i = 0; i < WORD + 4; i++) {
				bytes[from + i] ^= 0x10;
				if (i < len)
					assert_true(span_hash_word(bytes + from, len) != word);
				else
					assert_true(span_hash_word(bytes + from, len) == word);
				bytes[from + i] ^= 0x10;
			}
		}
	}
	assert_true(span_hash_word(NULL, 0) == 0);
}

static void test_hashes_of_each_length(void **state)
{
	uint8_t bytes[80] = {0}, other[80] = {0};

	(void)state;
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		assert_true(span_hash(ws_span_of(bytes, len), 1) == span_hash(ws_span_of(other, len), 1));
		assert_true(span_hash(ws_span_of(bytes, len), 1) != span_hash(ws_span_of(bytes, len), 2));
		if (len)
			assert_true(span_hash(ws_span_of(bytes, len), 1) != span_hash(ws_span_of(bytes, len - 1), 1));
		for (size_t i = 0; i < len; i++) {
			other[i] = 1;
			assert_true(span_hash(ws_span_of(bytes, len), 1) != span_hash(ws_span_of(other, len), 1));
			other[i] = 0;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words_tell_bytes_apart),
	    cmocka_unit_test(test_hashes_of_each_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
