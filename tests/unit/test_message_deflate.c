#include "test.h"

#include "frames.h"

#include <stdlib.h>

enum {
	ROOM = 64 << 20,
};

#define SPAN(literal) ws_span_of((literal), sizeof(literal) - 1)

static struct ws_decoder_config server(void)
{
	return (struct ws_decoder_config){
	    .scratch = &frames_scratch,
	    .deflate = {.enabled = true, .server_max_window_bits = 15, .client_max_window_bits = 15}};
}

static void expect(struct ws_decoder_config config, struct frames *frames, const char *want)
{
	assert_items(&config, ws_buf_span(&frames->wire), want);
	frames_finish(frames);
}

/* RFC 7692, section 7.2.3 */
static void test_the_rfcs_examples(void **state)
{
	struct frames frames;

	(void)state;
	frames_init(&frames, false);
	RAW(&frames, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00");
	RAW(&frames, "\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00");
	RAW(&frames, "\xc1\x05\xf2\x00\x11\x00\x00");
	RAW(&frames, "\xc1\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00");
	RAW(&frames, "\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00");
	RAW(&frames, "\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00");
	RAW(&frames, "\xc1\x01\x00");
	expect(server(), &frames,
	       "text z f1 w7 l5 [0,9): Hello\ntext z f2 w7 l5 [9,20): Hello\ntext z f1 w5 l5 [20,27): Hello\n"
	       "text z f1 w11 l5 [27,40): Hello\ntext z f1 w8 l5 [40,50): Hello\n"
	       "text z f1 w13 l5 [50,65): Hello\ntext z f1 w1 l0 [65,68): \n");
}

static void test_bits_that_must_not_be_set(void **state)
{
	struct frames frames;

	(void)state;
	frames_init(&frames, false);
	RAW(&frames, "\xc9\x02hi\x41\x03\xf2\x48\xcd\xc0\x04\xc9\xc9\x07\x00\xa1\x01!");
	expect(server(), &frames,
	       "! compressed-control ping [0,2)\nping f1 w2 l2 [0,4): hi\n"
	       "! compressed-continuation continuation [9,11)\ntext z f2 w7 l5 [4,15): Hello\n"
	       "! reserved-bit text [15,17)\ntext f1 w1 l1 [15,18): !\n");
}

static void test_what_does_not_inflate(void **state)
{
	struct frames frames;

	(void)state;
	frames_init(&frames, false);
	RAW(&frames, "\xc1\x02\xff\xff\x81\x02hi\xc1\x05\xf2\x48\xcd\xc9\xc9\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00");
	expect(server(), &frames,
	       "! inflate text [0,4)\ntext z f1 w2 l0 [0,4) bad-deflate: \ntext f1 w2 l2 [4,8): hi\n"
	       "! inflate text [8,15)\ntext z f1 w5 l4 [8,15) bad-deflate: Hell\n"
	       "text z f1 w7 l5 [15,24): Hello\n");
	frames_init(&frames, false); /* a context that never was */
	RAW(&frames, "\xc1\x05\xf2\x00\x11\x00\x00");
	expect(server(), &frames, "! inflate text [0,7)\ntext z f1 w5 l1 [0,7) bad-deflate: H\n");
	frames_init(&frames, false); /* inflates to what is no UTF-8 */
	RAW(&frames, "\xc1\x07\x00\x01\x00\xfe\xff\xff\x00");
	expect(server(), &frames, "! text-utf8 text [0,9)\ntext z f1 w7 l1 [0,9) bytes: \xff\n");
}

static size_t random_text(uint8_t *text, size_t max)
{
	size_t len = 0, want = (size_t)random() % max;

	while (len + 20 < want) {
		if (random() % 3)
			memcpy(text + len, "{\"type\":\"say\",\"n\": 1", 20);
		else
			for (size_t i = 0; i < 20; i++)
				text[len + i] = (uint8_t)('a' + random() % 26);
		len += 20;
	}
	return len;
}

/* Adds a message in up to four frames, now and then with a ping between, and its line to want. */
static void add_message(struct frames *frames, struct ws_deflate *deflate, bool takeover, struct ws_buf *want)
{
	uint8_t *text = malloc(4000);
	struct ws_span payload = ws_span_of(text, random_text(text, 4000)), wire = payload;
	uint32_t count = (uint32_t)random() % 4 + 1;
	struct ws_item ping = {.kind = WS_ITEM_CONTROL,
			       .opcode = WS_PING,
			       .masked = frames->masked,
			       .frames = 1,
			       .wire_len = 1,
			       .len = 1,
			       .utf8 = true,
			       .payload = SPAN("p")};
	struct ws_item item = {.kind = WS_ITEM_MESSAGE,
			       .opcode = WS_TEXT,
			       .masked = frames->masked,
			       .frames = count,
			       .compressed = deflate && random() % 4,
			       .len = payload.len,
			       .utf8 = true,
			       .payload = payload,
			       .begin = frames->wire.len};
	struct ws_buf small;

	ws_buf_init(&small, ROOM);
	if (item.compressed) {
		assert_int_equal(ws_deflate_message(deflate, payload, takeover, &small), WS_OK);
		wire = ws_buf_span(&small);
	}
	item.wire_len = wire.len;
	for (uint32_t i = 0; i < count; i++) {
		size_t len = i == count - 1 ? wire.len : (size_t)random() % (wire.len + 1);

		frames_add(
		    frames,
		    (uint8_t)((i == 0 ? WS_TEXT | (item.compressed ? 0x40 : 0) : 0) | (i == count - 1 ? 0x80 : 0)),
		    ws_span_first(wire, len));
		wire = ws_span_from(wire, len);
		if (i < count - 1 && random() % 2) {
			ping.begin = frames->wire.len;
			FRAME(frames, 0x89, "p");
			ping.end = frames->wire.len;
			item_write(&ping, want);
		}
	}
	item.end = frames->wire.len;
	item_write(&item, want);
	ws_buf_finish(&small);
	free(text);
}

static void converse(bool from_client, uint8_t bits, bool takeover)
{
	struct ws_decoder_config config = server();
	struct ws_deflate *deflate = ws_deflate_create(bits, 6);
	struct frames frames;
	struct ws_buf want;

	config.from_client = from_client;
	config.deflate.server_max_window_bits = from_client ? 15 : bits;
	config.deflate.client_max_window_bits = from_client ? bits : 15;
	config.deflate.server_no_context_takeover = from_client ? takeover : !takeover;
	config.deflate.client_no_context_takeover = from_client ? !takeover : takeover;
	ws_buf_init(&want, ROOM);
	frames_init(&frames, from_client);
	for (unsigned i = 0; i < 8; i++)
		add_message(&frames, deflate, takeover, &want);
	assert_int_equal(ws_buf_append(&want, SPAN("\0")), WS_OK);
	expect(config, &frames, (char *)want.data);
	ws_buf_finish(&want);
	ws_deflate_destroy(deflate);
}

static void test_every_agreement(void **state)
{
	(void)state;
	srandom(4);
	for (uint8_t bits = 8; bits <= 15; bits++)
		for (unsigned i = 0; i < 4; i++)
			converse(i & 1, bits, i & 2);
}

static void add_compressed(struct frames *frames, struct ws_deflate *deflate, bool takeover, const char *text)
{
	struct ws_buf wire;

	ws_buf_init(&wire, ROOM);
	assert_int_equal(ws_deflate_message(deflate, ws_span_str(text), takeover, &wire), WS_OK);
	frames_add(frames, 0xc1, ws_buf_span(&wire));
	ws_buf_finish(&wire);
}

/* The first message was not captured. */
static void test_joined_late(void **state)
{
	struct ws_deflate *deflate = ws_deflate_create(15, 6);
	struct ws_decoder_config config = server();
	struct frames frames;

	(void)state;
	frames_init(&frames, false);
	add_compressed(&frames, deflate, true, "never seen by who joins late");
	ws_buf_clear(&frames.wire);
	add_compressed(&frames, deflate, true, "never seen by who joins late: first");
	add_compressed(&frames, deflate, true, "42");
	add_compressed(&frames, deflate, true, "again: never seen by who");
	FRAME(&frames, 0x81, "plain");
	add_compressed(&frames, deflate, false, "the context is forgotten");
	add_compressed(&frames, deflate, true, "the context is forgotten: now it is known");
	config.begin = 7;
	assert_joined_items(&config, ws_buf_span(&frames.wire),
			    "text z f1 w12 l0 [7,21) missing-context: \n"
			    "text z f1 w4 l2 [21,27): 42\n"
			    "text z f1 w11 l0 [27,40) missing-context: \n"
			    "text f1 w5 l5 [40,47): plain\n"
			    "text z f1 w26 l24 [47,75): the context is forgotten\n"
			    "text z f1 w18 l41 [75,95): the context is forgotten: now it is known\n");
	frames_finish(&frames);
	ws_deflate_destroy(deflate);
}

/* Without takeover each message stands alone, and a distance too far is the sender's fault again. */
static void test_joined_late_without_takeover(void **state)
{
	struct ws_decoder_config config = server();
	struct frames frames;

	(void)state;
	config.deflate.server_no_context_takeover = true;
	frames_init(&frames, false);
	RAW(&frames, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00");
	assert_joined_items(&config, ws_buf_span(&frames.wire),
			    "text z f1 w7 l5 [0,9): Hello\n! inflate text [9,16)\n"
			    "text z f1 w5 l1 [9,16) bad-deflate: H\n");
	frames_finish(&frames);
}

/* The tail of a message that may have been compressed shows nothing. */
static void test_joined_in_a_message(void **state)
{
	struct ws_decoder_config config = server();
	struct frames frames;

	(void)state;
	frames_init(&frames, false);
	RAW(&frames, "\x00\x03\xcd\xc9\xc9\x80\x02\x07\x00\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00");
	assert_joined_items(&config, ws_buf_span(&frames.wire),
			    "continuation f2 w5 l5 [0,9) missing: \ntext z f1 w7 l5 [9,18): Hello\n");
	frames_finish(&frames);
}

static void test_limits(void **state)
{
	struct ws_decoder_config config = server();
	struct frames frames;

	(void)state;
	config.limits = (struct ws_decoder_limits){.message_max = 100, .inflated_max = 4};
	frames_init(&frames, false);
	RAW(&frames, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"); /* Hello */
	RAW(&frames, "\xc1\x05\xf2\x00\x11\x00\x00");         /* …referred to */
	RAW(&frames, "\xc1\x06\x4a\x4c\x4a\x06\x00\x00");     /* abc */
	expect(config, &frames,
	       "text z f1 w7 l4 [0,9) inflated-limit: Hell\ntext z f1 w5 l0 [9,16) missing-context: \n"
	       "! inflate text [16,24)\ntext z f1 w6 l3 [16,24) bad-deflate: abc\n");
	config.limits = (struct ws_decoder_limits){.message_max = 3, .inflated_max = 4};
	frames_init(&frames, false);
	RAW(&frames, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00");
	expect(config, &frames, "text z f1 w7 l3 [0,9) message-limit: Hel\n");
}

/* 1 MB that inflates to 1 GB: the limit is named, memory stays flat, and it does not take long. */
static void test_bomb(void **state)
{
	enum { PIECE = 16 << 20, PIECES = 64 };
	struct ws_deflate *deflate = ws_deflate_create(15, 1);
	uint8_t *zeroes = calloc(1, PIECE);
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder = ws_decoder_create(&config);
	struct frames frames;
	struct ws_buf bomb;
	struct ws_cursor cursor;
	struct ws_item item;
	size_t most = 0;

	(void)state;
	ws_buf_init(&bomb, ROOM);
	assert_int_equal(ws_deflate_message(deflate, ws_span_of(zeroes, PIECE), true, &bomb), WS_OK);
	for (size_t len = bomb.len, i = 1; i < PIECES; i++) {
		assert_int_equal(ws_buf_reserve(&bomb, len + 4), WS_OK); /* what is appended is its own beginning */
		assert_int_equal(ws_buf_append(&bomb, SPAN("\0\0\xff\xff")), WS_OK);
		assert_int_equal(ws_buf_append(&bomb, ws_span_of(bomb.data, len)), WS_OK);
	}
	frames_init(&frames, false);
	frames_add(&frames, 0xc2, ws_buf_span(&bomb));
	assert_true(frames.wire.len > 1000000 && frames.wire.len < 6000000);
	for (size_t at = 0; at < frames.wire.len; at += 1000) {
		cursor = ws_cursor_of(ws_span_first(ws_span_from(ws_buf_span(&frames.wire), at), 1000));
		if (ws_decoder_next(decoder, &cursor, &item) == WS_STEP_ITEM)
			assert_int_equal(item.cut, WS_CUT_INFLATED_LIMIT);
		else
			assert_true(at + 1000 < frames.wire.len);
		if (ws_decoder_memory(decoder) > most)
			most = ws_decoder_memory(decoder);
	}
	assert_int_equal(item.payload.len, WS_INFLATED_MAX_DEFAULT);
	assert_true(item.wire_len == bomb.len);
	assert_true(most < WS_INFLATED_MAX_DEFAULT + 60000);
	assert_true(ws_decoder_memory(decoder) < 60000);
	ws_decoder_destroy(decoder);
	frames_finish(&frames);
	ws_buf_finish(&bomb);
	free(zeroes);
	ws_deflate_destroy(deflate);
}

/* zlib's state comes with the first compressed message, and not before. */
static void test_memory_when_it_is_needed(void **state)
{
	static const uint8_t plain[] = "\x81\x02hi", compressed[] = "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00";
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder = ws_decoder_create(&config);
	struct ws_cursor cursor = ws_cursor_of(ws_span_of(plain, 4));
	struct ws_item item;

	(void)state;
	assert_int_equal(ws_decoder_next(decoder, &cursor, &item), WS_STEP_ITEM);
	assert_true(ws_decoder_memory(decoder) < 600);
	cursor = ws_cursor_of(ws_span_of(compressed, 9));
	assert_int_equal(ws_decoder_next(decoder, &cursor, &item), WS_STEP_ITEM);
	assert_int_equal(item.payload.len, 5);
	assert_true(ws_decoder_memory(decoder) > 4000 && ws_decoder_memory(decoder) < 50000);
	ws_decoder_destroy(decoder);
}

static void test_skip(void **state)
{
	static const uint8_t wire[] = "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00"
				      "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00";
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder = ws_decoder_create(&config);
	struct ws_cursor cursor = ws_cursor_of(ws_span_of(wire, 5));
	struct ws_item item;

	(void)state;
	assert_int_equal(ws_decoder_next(decoder, &cursor, &item), WS_STEP_MORE);
	assert_true(ws_decoder_skip(decoder, 2));
	cursor = ws_cursor_of(ws_span_of(wire + 7, sizeof(wire) - 8));
	assert_int_equal(ws_decoder_next(decoder, &cursor, &item), WS_STEP_ITEM);
	assert_true(item.cut == WS_CUT_MISSING_BYTES && item.wire_len == 7 && item.payload.len < 5);
	assert_int_equal(ws_decoder_next(decoder, &cursor, &item), WS_STEP_ITEM);
	assert_true(item.cut == WS_CUT_MISSING_CONTEXT && item.payload.len == 0 && item.begin == 9);
	assert_int_equal(ws_decoder_next(decoder, &cursor, &item), WS_STEP_ITEM);
	assert_true(item.cut == WS_CUT_NONE && item.payload.len == 5);
	assert_int_equal(ws_decoder_next(decoder, &cursor, &item), WS_STEP_MORE);
	ws_decoder_destroy(decoder);
}

/* Whatever the bytes behind a restart refer to, it is not what came before it. */
static void test_restart_forgets_the_context(void **state)
{
	static const uint8_t hello[] = "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", again[] = "\xc1\x05\xf2\x00\x11\x00\x00";
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder = ws_decoder_create(&config);
	struct ws_cursor cursor = ws_cursor_of(ws_span_of(hello, 9));
	struct ws_item item;

	(void)state;
	assert_int_equal(ws_decoder_next(decoder, &cursor, &item), WS_STEP_ITEM);
	ws_decoder_restart(decoder, 100);
	cursor = ws_cursor_of(ws_span_of(again, 7));
	assert_int_equal(ws_decoder_next(decoder, &cursor, &item), WS_STEP_ITEM);
	assert_true(item.cut == WS_CUT_MISSING_CONTEXT && !item.payload.len && item.begin == 100);
	ws_decoder_destroy(decoder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_rfcs_examples),
	    cmocka_unit_test(test_bits_that_must_not_be_set),
	    cmocka_unit_test(test_what_does_not_inflate),
	    cmocka_unit_test(test_every_agreement),
	    cmocka_unit_test(test_joined_late),
	    cmocka_unit_test(test_joined_late_without_takeover),
	    cmocka_unit_test(test_joined_in_a_message),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_bomb),
	    cmocka_unit_test(test_memory_when_it_is_needed),
	    cmocka_unit_test(test_skip),
	    cmocka_unit_test(test_restart_forgets_the_context),
	};

	return cmocka_run_group_tests(tests, frames_scratch_init, frames_scratch_finish);
}
