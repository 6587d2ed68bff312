#include "test.h"

#include "ws/deflate.h"

#include <stdlib.h>

enum {
	MESSAGE_MAX = 100000,
};

#define SPAN(literal) ws_span_of((literal), sizeof(literal) - 1)

static void assert_inflates(struct ws_inflate *inflate, struct ws_span in, const char *want)
{
	struct ws_buf out;

	ws_buf_init(&out, 1000);
	assert_int_equal(ws_inflate_feed(inflate, in, true, &out), WS_INFLATE_DONE);
	assert_int_equal(out.len, strlen(want));
	if (out.len)
		assert_memory_equal(out.data, want, out.len);
	ws_buf_finish(&out);
}

/* RFC 7692, section 7.2.3 */
static void test_the_rfcs_examples(void **state)
{
	struct ws_inflate *inflate = ws_inflate_create(15);

	(void)state;
	assert_inflates(inflate, SPAN("\xf2\x48\xcd\xc9\xc9\x07\x00"), "Hello");
	assert_inflates(inflate, SPAN("\xf2\x00\x11\x00\x00"), "Hello");
	assert_inflates(inflate, SPAN("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"), "Hello");
	assert_inflates(inflate, SPAN("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), "Hello");
	assert_inflates(inflate, SPAN("\xf2\x00\x11\x00\x00"), "Hello"); /* BFINAL took no context away */
	assert_inflates(inflate, SPAN("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), "Hello");
	assert_inflates(inflate, SPAN("\x00"), "");
	assert_inflates(inflate, SPAN(""), "");
	assert_inflates(inflate, SPAN("\xf3\x48\xcd\xc9\xc9\x07\x00"), "Hello"); /* no 00 behind BFINAL */
	assert_inflates(inflate, SPAN("\xf2\x48\xcd\xc9\xc9\x07\x00"), "Hello");
	ws_inflate_destroy(inflate);
	ws_inflate_destroy(NULL);
}

static void test_compresses_like_the_rfc(void **state)
{
	struct ws_deflate *deflate = ws_deflate_create(15, 6);
	struct ws_buf out;

	(void)state;
	ws_buf_init(&out, 1000);
	assert_int_equal(ws_deflate_message(deflate, SPAN("Hello"), true, &out), WS_OK);
	assert_int_equal(out.len, 7);
	assert_memory_equal(out.data, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
	ws_buf_clear(&out);
	assert_int_equal(ws_deflate_message(deflate, SPAN("Hello"), true, &out), WS_OK);
	assert_int_equal(out.len, 5);
	assert_memory_equal(out.data, "\xf2\x00\x11\x00\x00", 5);
	ws_buf_clear(&out);
	assert_int_equal(ws_deflate_message(deflate, SPAN("Hello"), false, &out), WS_OK);
	assert_memory_equal(out.data, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
	ws_buf_clear(&out);
	assert_int_equal(ws_deflate_message(deflate, SPAN(""), true, &out), WS_OK);
	assert_int_equal(out.len, 1);
	assert_int_equal(out.data[0], 0);
	ws_buf_finish(&out);
	ws_deflate_destroy(deflate);
	ws_deflate_destroy(NULL);
}

static void test_what_is_wrong(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum ws_inflate_status want;
	} cases[] = {
	    {"\xff\xff\xff", 3, WS_INFLATE_BAD},             /* a block of the reserved type */
	    {"\x00\x05\x00\x00\x00", 5, WS_INFLATE_BAD},     /* a stored length that is not its complement */
	    {"\x00\x64\x00\x9b\xff\x48", 6, WS_INFLATE_BAD}, /* 99 of 100 stored bytes are not there */
	    {"\xf2\x48\xcd\xc9\xc9", 5, WS_INFLATE_BAD},     /* cut short */
	    {"\xf2\x48\xcd\xc9\xc9\x07", 6, WS_INFLATE_BAD}, /* …by the last byte */
	    {"\xf2\x00\x11\x00\x00", 5, WS_INFLATE_MISSING_CONTEXT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ws_inflate *inflate = ws_inflate_create(15);
		struct ws_buf out;

		ws_buf_init(&out, 1000);
		assert_int_equal(ws_inflate_feed(inflate, ws_span_of(cases[i].bytes, cases[i].len), true, &out),
				 cases[i].want);
		ws_buf_finish(&out);
		ws_inflate_reset(inflate);
		assert_inflates(inflate, SPAN("\xf2\x48\xcd\xc9\xc9\x07\x00"), "Hello");
		ws_inflate_destroy(inflate);
	}
}

/* JSON-like text, with words that come again near and far. */
static size_t random_text(uint8_t *text, size_t max)
{
	static const char *const words[] = {"{\"type\":", "\"say\"", "client",
					    "0123456789", ",",       "\xe4\xbd\xa0\xe5\xa5\xbd"};
	size_t len = 0, want = (size_t)random() % (random() % 4 ? 300 : max - 50);

	while (len < want) {
		const char *word = words[(size_t)random() % 6];

		if (random() % 3 == 0)
			text[len++] = (uint8_t)random();
		memcpy(text + len, word, strlen(word));
		len += strlen(word);
	}
	return len;
}

static void round_trip(uint8_t bits, uint8_t reader_bits, bool takeover, bool reset, size_t piece)
{
	struct ws_deflate *deflate = ws_deflate_create(bits, 1 + (int)(random() % 9));
	struct ws_inflate *inflate = ws_inflate_create(reader_bits);
	uint8_t *text = malloc(MESSAGE_MAX);
	struct ws_buf wire, back;

	ws_buf_init(&wire, MESSAGE_MAX * 2);
	ws_buf_init(&back, MESSAGE_MAX);
	for (unsigned message = 0; message < 12; message++) {
		size_t len = random_text(text, piece ? MESSAGE_MAX / 20 : MESSAGE_MAX), at = 0;

		ws_buf_clear(&wire);
		ws_buf_clear(&back);
		assert_int_equal(ws_deflate_message(deflate, ws_span_of(text, len), takeover, &wire), WS_OK);
		if (reset)
			ws_inflate_reset(inflate);
		do {
			struct ws_span some =
			    ws_span_first(ws_span_from(ws_buf_span(&wire), at), piece ? piece : wire.len);
			uint8_t *exact = malloc(some.len);

			memcpy(exact, some.data, some.len);
			some.data = exact;
			at += some.len;
			assert_int_equal(ws_inflate_feed(inflate, some, at == wire.len, &back), WS_INFLATE_DONE);
			free(exact);
		} while (at < wire.len);
		assert_int_equal(back.len, len);
		assert_memory_equal(back.data, text, len);
	}
	ws_buf_finish(&wire);
	ws_buf_finish(&back);
	free(text);
	ws_deflate_destroy(deflate);
	ws_inflate_destroy(inflate);
}

static void test_every_window_and_takeover(void **state)
{
	(void)state;
	srandom(3);
	for (uint8_t bits = 8; bits <= 15; bits++) {
		for (size_t piece = 0; piece < 4; piece++) {
			round_trip(bits, bits, true, false, piece);
			round_trip(bits, bits, false, false, piece);
			round_trip(bits, bits, false, true, piece);
			round_trip(bits, 15, true, false, piece);
		}
	}
}

/* Not one byte more than out may hold, and exactly so many are no reason to complain. */
static void test_limit(void **state)
{
	uint8_t zeroes[5000] = {0};
	struct ws_deflate *deflate = ws_deflate_create(15, 9);
	struct ws_buf wire, out;

	(void)state;
	ws_buf_init(&wire, 10000);
	assert_int_equal(ws_deflate_message(deflate, ws_span_of(zeroes, 5000), true, &wire), WS_OK);
	for (size_t max = 4990; max < 5010; max++) {
		for (size_t piece = 1; piece <= wire.len; piece++) {
			struct ws_inflate *inflate = ws_inflate_create(15);
			enum ws_inflate_status status = WS_INFLATE_DONE;

			ws_buf_init(&out, max);
			for (size_t at = 0; at < wire.len && status == WS_INFLATE_DONE; at += piece)
				status =
				    ws_inflate_feed(inflate, ws_span_first(ws_span_from(ws_buf_span(&wire), at), piece),
						    at + piece >= wire.len, &out);
			assert_int_equal(status, max < 5000 ? WS_INFLATE_LIMIT : WS_INFLATE_DONE);
			assert_int_equal(out.len, max < 5000 ? max : 5000);
			ws_buf_finish(&out);
			ws_inflate_destroy(inflate);
		}
	}
	ws_buf_finish(&wire);
	ws_deflate_destroy(deflate);
}

/* What did not fit is not referred to by what follows. */
static void test_a_message_that_did_not_fit(void **state)
{
	struct ws_buf out;

	(void)state;
	for (size_t max = 0; max < 20; max++) {
		struct ws_deflate *deflate = ws_deflate_create(15, 9);
		struct ws_inflate *inflate = ws_inflate_create(15);

		ws_buf_init(&out, max);
		assert_int_equal(ws_deflate_message(deflate, SPAN("what does not fit is not sent"), true, &out),
				 WS_E_LIMIT);
		assert_int_equal(out.len, 0);
		ws_buf_finish(&out);
		ws_buf_init(&out, 1000);
		assert_int_equal(ws_deflate_message(deflate, SPAN("what does not fit"), true, &out), WS_OK);
		assert_inflates(inflate, ws_buf_span(&out), "what does not fit");
		ws_buf_finish(&out);
		ws_deflate_destroy(deflate);
		ws_inflate_destroy(inflate);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_rfcs_examples),
	    cmocka_unit_test(test_compresses_like_the_rfc),
	    cmocka_unit_test(test_what_is_wrong),
	    cmocka_unit_test(test_every_window_and_takeover),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_a_message_that_did_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
