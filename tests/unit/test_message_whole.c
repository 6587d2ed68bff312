/* The short way for a message in one frame does what a decoder does, or leaves it to one. */
#include "test.h"

#include "frames.h"

#include <stdlib.h>
#include <string.h>

static struct ws_buf scratch, other_scratch;

/* What a new decoder tells first, and how many bytes it took. False when it tells nothing. */
static bool decoder_says(struct ws_span in, bool from_client, bool deflate, struct ws_item *ret, size_t *ret_len,
			 bool *ret_rest, struct ws_buf *text)
{
	const struct ws_decoder_config config = {.from_client = from_client,
						 .deflate = {.enabled = deflate},
						 .begin = 1000,
						 .limits = {.message_max = 300},
						 .scratch = &other_scratch};
	struct ws_decoder *decoder = ws_decoder_create(&config);
	struct ws_cursor cursor = ws_cursor_of(in);
	bool told = ws_decoder_next(decoder, &cursor, ret) == WS_STEP_ITEM;

	*ret_len = (size_t)(cursor.at - in.data);
	*ret_rest = ws_decoder_at_rest(decoder);
	if (told)
		item_write(ret, text);
	ws_decoder_destroy(decoder);
	return told;
}

/* Returns whether the short way was taken. */
static bool compare(struct ws_span in, bool from_client, bool deflate)
{
	const struct ws_whole_config config = {.from_client = from_client, .message_max = 300, .scratch = &scratch};
	struct ws_item item, expected;
	struct ws_buf text, expected_text;
	size_t len = ws_message_whole(in, &config, 1000, &item), expected_len;
	bool rest;

	if (!len)
		return false;
	ws_buf_init(&text, 1 << 20);
	ws_buf_init(&expected_text, 1 << 20);
	assert_true(decoder_says(in, from_client, deflate, &expected, &expected_len, &rest, &expected_text));
	assert_true(rest);
	assert_int_equal(len, expected_len);
	item_write(&item, &text);
	assert_int_equal(text.len, expected_text.len);
	assert_memory_equal(text.data, expected_text.data, text.len);
	assert_int_equal(item.kind, expected.kind);
	assert_int_equal(item.rule, expected.rule);
	assert_int_equal(item.opcode, expected.opcode);
	assert_int_equal(item.masked, expected.masked);
	assert_int_equal(item.compressed, expected.compressed);
	assert_int_equal(item.utf8, expected.utf8);
	assert_memory_equal(item.mask, expected.mask, sizeof(item.mask));
	assert_int_equal(item.frames, expected.frames);
	assert_int_equal(item.wire_len, expected.wire_len);
	assert_int_equal(item.len, expected.len);
	assert_int_equal(item.close_code, expected.close_code);
	assert_int_equal(item.begin, expected.begin);
	assert_int_equal(item.end, expected.end);
	assert_int_equal(item.payload.len, expected.payload.len);
	ws_buf_finish(&text);
	ws_buf_finish(&expected_text);
	return true;
}

/* Frames of every first byte, some cut off, some with a bit turned. */
static void test_equals_a_decoder(void **state)
{
	static const char text[] = "{\"type\":\"say\",\"content\":\"\xe4\xbd\xa0\xe5\xa5\xbd, caf\xc3\xa9\"}";
	unsigned taken = 0;

	(void)state;
	srandom(5);
	for (unsigned round = 0; round < 60000; round++) {
		bool masked = random() % 2, from_client = random() % 10 ? masked : !masked;
		uint8_t first = random() % 2 ? (uint8_t)(0x80 | (1 + random() % 2)) : (uint8_t)random();
		uint8_t payload[400], *bytes;
		size_t len = (size_t)random() % (random() % 2 ? 60 : sizeof(payload));
		struct frames frames;

		for (size_t i = 0; i < len; i++)
			payload[i] = (uint8_t)text[i % (sizeof(text) - 1)];
		frames_init(&frames, masked);
		frames_add(&frames, first, ws_span_of(payload, len));
		frames_add(&frames, 0x81, ws_span_str("behind"));
		if (random() % 3 == 0)
			frames.wire.data[(size_t)random() % frames.wire.len] ^= (uint8_t)(1 << random() % 8);
		len = frames.wire.len - (random() % 3 ? 0 : (size_t)random() % frames.wire.len);
		bytes = malloc(len);
		memcpy(bytes, frames.wire.data, len);
		taken += compare(ws_span_of(bytes, len), from_client, random() % 2);
		free(bytes);
		frames_finish(&frames);
	}
	assert_true(taken > 10000);
}

static void takes(bool from_client, const char *bytes, size_t len, bool want)
{
	assert_int_equal(compare(ws_span_of(bytes, len), from_client, true), want);
}
#define TAKES(from_client, literal, want) takes((from_client), (literal), sizeof(literal) - 1, (want))

/* It is the short way for what it is meant for: the examples of RFC 6455, section 5.7. */
static void test_is_taken(void **state)
{
	(void)state;
	TAKES(false, "\x81\x05Hello", true);
	TAKES(true, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", true);
	TAKES(false, "\x89\x05Hello", true);
	TAKES(true, "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", true);
	TAKES(false, "\x82\x00", true);
	TAKES(false, "\x82\x01\xff", true);
	TAKES(false, "\x81\x01\xff", false);     /* no UTF-8 */
	TAKES(false, "\x01\x03Hel", false);      /* a fragment */
	TAKES(false, "\x80\x02lo", false);       /* …and the last */
	TAKES(false, "\xc1\x02\x03\x00", false); /* compressed */
	TAKES(false, "\x88\x02\x03\xe8", false); /* a close frame */
	TAKES(false,
	      "\x81\x7e\x00\x01"
	      "a",
	      false);                        /* not the shortest form */
	TAKES(false, "\x81\x05Hell", false); /* cut off */
	TAKES(true, "\x81\x05Hello", false); /* not masked */
	TAKES(false, "", false);
}

static int setup(void **state)
{
	(void)state;
	ws_buf_init(&scratch, 64 << 20);
	ws_buf_init(&other_scratch, 64 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ws_buf_finish(&scratch);
	ws_buf_finish(&other_scratch);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_equals_a_decoder),
	    cmocka_unit_test(test_is_taken),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
