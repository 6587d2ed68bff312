#include "test.h"

#include "ws/utf8.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>

/* Another opinion: the C library's. */
static bool libc_says(const uint8_t *bytes, size_t len)
{
	static iconv_t converter;
	char out[64], *in = (char *)(uintptr_t)bytes, *to = out;
	size_t out_left = sizeof(out);

	if (!converter)
		converter = iconv_open("UTF-32LE", "UTF-8");
	iconv(converter, NULL, NULL, NULL, NULL);
	return iconv(converter, &in, &len, &to, &out_left) == 0;
}

static bool we_say(const uint8_t *bytes, size_t len)
{
	bool whole = ws_utf8_valid(ws_span_of(bytes, len));
	struct ws_utf8 utf8 = {0};
	bool good = true;

	for (size_t i = 0; i < len; i++)
		good = ws_utf8_feed(&utf8, ws_span_of(bytes + i, 1));
	assert_int_equal(whole, good && ws_utf8_complete(&utf8));
	assert_int_equal(ws_utf8_valid_ascii(ws_span_of(bytes, len)), whole);
	return whole;
}

static void test_every_character(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x200000; c += c < 0x3000 || c > 0x10ff00 ? 1 : 7) {
		uint8_t bytes[4] = {(uint8_t)(0xf0 | c >> 18), (uint8_t)(0x80 | (c >> 12 & 63)),
				    (uint8_t)(0x80 | (c >> 6 & 63)), (uint8_t)(0x80 | (c & 63))};

		assert_int_equal(we_say(bytes, 4), c >= 0x10000 && c <= 0x10ffff);
		bytes[1] = (uint8_t)(0xe0 | (c >> 12 & 15));
		assert_int_equal(we_say(bytes + 1, 3), (c & 0xffff) >= 0x800 && ((c & 0xffff) >> 11) != 0x1b);
		bytes[2] = (uint8_t)(0xc0 | (c >> 6 & 31));
		assert_int_equal(we_say(bytes + 2, 2), (c & 0x7ff) >= 0x80);
		bytes[3] = (uint8_t)c;
		assert_int_equal(we_say(bytes + 3, 1), (c & 0xff) < 0x80);
	}
}

static void test_agrees_with_the_c_library(void **state)
{
	static const uint8_t likely[] = {'a',  0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
					 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
	uint8_t bytes[8];

	(void)state;
	srandom(2);
	for (unsigned round = 0; round < 300000; round++) {
		size_t len = (size_t)random() % sizeof(bytes) + 1;

		for (size_t i = 0; i < len; i++)
			bytes[i] = likely[(size_t)random() % sizeof(likely)];
		assert_int_equal(we_say(bytes, len), libc_says(bytes, len));
	}
}

static void test_a_bad_byte_at_every_place(void **state)
{
	uint8_t text[200];

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t from = 0; from < 40; from++) {
		for (size_t at = from; at < sizeof(text); at++) {
			text[at] = 0xff;
			assert_false(ws_utf8_valid(ws_span_of(text + from, sizeof(text) - from)));
			assert_false(ws_utf8_valid_ascii(ws_span_of(text + from, sizeof(text) - from)));
			text[at] = 'a';
		}
		assert_true(ws_utf8_valid(ws_span_of(text + from, sizeof(text) - from)));
		assert_true(ws_utf8_valid_ascii(ws_span_of(text + from, sizeof(text) - from)));
	}
}

static size_t put_character(uint8_t *at, unsigned kind)
{
	static const char *const kinds[] = {"a",      "\u00e9", "\u4f60",     "\U0001f600",
					    "\uffff", "\u0800", "\U0010ffff", "z"};
	size_t len = strlen(kinds[kind % 8]);

	memcpy(at, kinds[kind % 8], len);
	return len;
}

/* Text of all kinds at every alignment, in two pieces, now and then with a byte that does not belong there. */
static void test_equals_its_plain_twin(void **state)
{
	uint8_t bytes[400];

	(void)state;
	srandom(3);
	for (unsigned round = 0; round < 60000; round++) {
		size_t from = (size_t)random() % 32, len = from, cut;
		unsigned kinds = (unsigned)random();
		struct ws_utf8 fast = {0}, plain = {0};

		for (size_t count = (size_t)random() % 80; count; count--)
			len += put_character(bytes + len, random() % 4 ? kinds % 8 : (unsigned)random());
		if (len > from && random() % 2)
			bytes[from + (size_t)random() % (len - from)] ^= (uint8_t)(1 << random() % 8);
		cut = from + (size_t)random() % (len - from + 1);
		assert_int_equal(ws_utf8_feed(&fast, ws_span_of(bytes + from, cut - from)),
				 ws_utf8_feed_plain(&plain, ws_span_of(bytes + from, cut - from)));
		assert_int_equal(fast.state, plain.state);
		assert_int_equal(ws_utf8_feed(&fast, ws_span_of(bytes + cut, len - cut)),
				 ws_utf8_feed_plain(&plain, ws_span_of(bytes + cut, len - cut)));
		assert_int_equal(fast.state, plain.state);
		assert_int_equal(ws_utf8_valid_ascii(ws_span_of(bytes + from, len - from)), ws_utf8_complete(&plain));
	}
}

static void test_stays_bad(void **state)
{
	struct ws_utf8 utf8 = {0};

	(void)state;
	assert_true(ws_utf8_valid(ws_span_of(NULL, 0)));
	assert_true(ws_utf8_valid_ascii(ws_span_of(NULL, 0)));
	assert_true(ws_utf8_feed(&utf8, ws_span_str("\xe2\x82")));
	assert_false(ws_utf8_complete(&utf8));
	assert_true(ws_utf8_feed(&utf8, ws_span_of(NULL, 0)));
	assert_true(ws_utf8_feed(&utf8, ws_span_str("\xac")));
	assert_true(ws_utf8_complete(&utf8));
	assert_false(ws_utf8_feed(&utf8, ws_span_str("\xed\xa0\x80")));
	assert_false(ws_utf8_feed(&utf8, ws_span_str("a")));
	assert_false(ws_utf8_complete(&utf8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_character),
	    cmocka_unit_test(test_agrees_with_the_c_library),
	    cmocka_unit_test(test_a_bad_byte_at_every_place),
	    cmocka_unit_test(test_equals_its_plain_twin),
	    cmocka_unit_test(test_stays_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
