/* A decoder from one feed to the next: what waits in it, what it skips, what it keeps and what that costs. */
#include "test.h"

#include "frames.h"

#include <stdlib.h>

static struct ws_decoder *decoder; /* each test's own, of what a server sends */
static struct ws_buf text;         /* of what comes out of it */
static struct ws_item item;

static int begin(void **state)
{
	struct ws_decoder_config config = from_server();

	(void)state;
	decoder = ws_decoder_create(&config);
	ws_buf_init(&text, 4096);
	return decoder ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	ws_decoder_destroy(decoder);
	ws_buf_finish(&text);
	return 0;
}

/* In its place, one that is configured otherwise. */
static void begin_as(const struct ws_decoder_config *config)
{
	ws_decoder_destroy(decoder);
	decoder = ws_decoder_create(config);
	assert_non_null(decoder);
}

/* Feeds bytes and writes what comes of them. */
static void feed(struct ws_span bytes)
{
	struct ws_cursor cursor = ws_cursor_of(bytes);

	while (ws_decoder_next(decoder, &cursor, &item) == WS_STEP_ITEM)
		item_write(&item, &text);
	assert_int_equal(ws_cursor_left(&cursor), 0);
}
#define FEED(literal) feed(ws_span_of((literal), sizeof(literal) - 1))

static void assert_text(const char *want)
{
	assert_int_equal(ws_buf_append(&text, ws_span_of("", 1)), WS_OK);
	assert_string_equal((char *)text.data, want);
	ws_buf_clear(&text);
}

static void test_skip_and_restart(void **state)
{
	struct ws_decoder_config config = from_server();

	(void)state;
	config.begin = 100;
	begin_as(&config);
	assert_false(ws_decoder_skip(decoder, 5)); /* at a boundary: it is lost */
	FEED("\x81\x0aHel");
	assert_true(ws_decoder_skip(decoder, 4));
	FEED("end");
	assert_text("text f1 w10 l10 [100,112) missing: Hel\n");
	FEED("\x89\x04p");
	assert_true(ws_decoder_skip(decoder, 3)); /* to the very end */
	FEED("");
	assert_text("ping f1 w4 l4 [112,118) missing: p\n");
	FEED("\x01\x02zw\x89\x04p");
	assert_false(ws_decoder_skip(decoder, 4));
	ws_decoder_restart(decoder, 1000);
	FEED("\x00\x03own\x80\x04 end\x80\x01?\x81\x01!");
	assert_text("ping f1 w4 l4 [122,125) missing: p\ntext f1 w2 l2 [118,125) missing: zw\n"
		    "continuation f2 w7 l7 [1000,1011) missing: own end\n"
		    "! continuation-stray continuation [1011,1013)\ncontinuation f1 w1 l1 [1011,1014): ?\n"
		    "text f1 w1 l1 [1014,1017): !\n");
}

static void test_skip_in_control(void **state)
{
	(void)state;
	FEED("\x88\x08\x03\xe8");
	assert_true(ws_decoder_skip(decoder, 2));
	FEED("b\xff"
	     "ye");
	assert_text("close f1 w8 l8 [0,10) missing 1000: \n");
	FEED("\x89\x01p");
	ws_decoder_restart(decoder, 50); /* who knows whether that was a close frame */
	FEED("\x89\x01p");
	assert_text("! after-close ping [10,12)\nping f1 w1 l1 [10,13): p\nping f1 w1 l1 [50,53): p\n");
}

static void test_pending(void **state)
{
	(void)state;
	assert_false(ws_decoder_pending(decoder, &item));
	FEED("\x81");
	assert_false(ws_decoder_pending(decoder, &item));
	FEED("\x04"
	     "a\xc3");
	assert_true(ws_decoder_pending(decoder, &item));
	item_write(&item, &text);
	assert_text("text f1 w2 l2 [0,4) missing: a\n");
	FEED("\xa4"
	     "b");
	assert_text("text f1 w4 l4 [0,6): a\xc3\xa4"
		    "b\n");
	assert_false(ws_decoder_pending(decoder, &item));
	FEED("\x88\x04\x03\xe8"
	     "b");
	assert_true(ws_decoder_pending(decoder, &item));
	item_write(&item, &text);
	assert_text("close f1 w4 l4 [6,11) missing 1000: b\n");
}

/* Between a violation and the message that it is about. */
static void test_pending_behind_its_violation(void **state)
{
	static const uint8_t bytes[] = {0x81, 0x03, 'a', 0xc3, '('};
	struct ws_cursor in = ws_cursor_of(ws_span_of(bytes, sizeof(bytes)));

	(void)state;
	assert_int_equal(ws_decoder_next(decoder, &in, &item), WS_STEP_ITEM);
	assert_int_equal(item.kind, WS_ITEM_VIOLATION);
	assert_true(ws_decoder_pending(decoder, &item));
	assert_false(item.utf8);
	assert_int_equal(item.cut, WS_CUT_NONE);
	item_write(&item, &text);
	assert_int_equal(ws_decoder_next(decoder, &in, &item), WS_STEP_ITEM);
	item_write(&item, &text);
	assert_text("text f1 w3 l3 [0,5) bytes: a\xc3(\ntext f1 w3 l3 [0,5) bytes: a\xc3(\n");
	assert_false(ws_decoder_pending(decoder, &item));
}

/* Text that can be no UTF-8 any more is known as such as soon as it is here, and each text anew. */
static void test_pending_text(void **state)
{
	(void)state;
	FEED("\x01\x02\xe7\x8c");
	assert_true(ws_decoder_pending(decoder, &item));
	assert_true(item.utf8);
	FEED("\x80\x03\xaa");
	assert_true(ws_decoder_pending(decoder, &item));
	assert_true(item.utf8);
	assert_int_equal(item.payload.len, 3);
	FEED("\xf4");
	assert_true(ws_decoder_pending(decoder, &item));
	assert_true(item.utf8);
	assert_int_equal(item.payload.len, 3);
	FEED("\x90");
	ws_buf_clear(&text);
	FEED("\x81\x03\xf4");
	assert_true(ws_decoder_pending(decoder, &item));
	assert_true(item.utf8);
	FEED("\x90");
	assert_true(ws_decoder_pending(decoder, &item));
	assert_false(item.utf8);
	FEED("x");
	assert_false(ws_decoder_pending(decoder, &item));
}

static void test_a_view_is_no_copy(void **state)
{
	static const uint8_t wire[] = "\x81\x03"
				      "abc";
	struct ws_cursor cursor = ws_cursor_of(ws_span_of(wire, 5));
	size_t memory = ws_decoder_memory(decoder);

	(void)state;
	assert_int_equal(ws_decoder_next(decoder, &cursor, &item), WS_STEP_ITEM);
	assert_ptr_equal(item.payload.data, wire + 2);
	assert_int_equal(ws_decoder_memory(decoder), memory);
	assert_true(memory < 600);
}

/* Sizes that a stranger names cost nothing until the bytes come. */
static void test_memory_follows_the_bytes(void **state)
{
	(void)state;
	FEED("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"
	     "abc");
	assert_true(ws_decoder_memory(decoder) < 2048);
}

/* Between messages, and nowhere else, a new decoder would do as well. */
static void test_at_rest(void **state)
{
	(void)state;
	assert_true(ws_decoder_at_rest(decoder));
	FEED("\x01");
	assert_false(ws_decoder_at_rest(decoder)); /* in a header */
	FEED("\x02"
	     "a");
	assert_false(ws_decoder_at_rest(decoder)); /* in a payload */
	FEED("b");
	assert_false(ws_decoder_at_rest(decoder)); /* between two fragments */
	FEED("\x89\x01"
	     "p");
	assert_false(ws_decoder_at_rest(decoder));
	FEED("\x80\x01"
	     "c");
	assert_true(ws_decoder_at_rest(decoder));
	FEED("\x89\x01");
	assert_false(ws_decoder_at_rest(decoder)); /* in a ping */
	FEED("p");
	assert_true(ws_decoder_at_rest(decoder));
	FEED("\x88\x00");
	assert_false(ws_decoder_at_rest(decoder)); /* what follows a close frame is wrong */
}

/* Behind a restart the context of compression is not known, and a new decoder would take it for known. */
static void test_at_rest_without_context(void **state)
{
	struct ws_decoder_config config = from_server();

	(void)state;
	for (unsigned takeover = 0; takeover < 2; takeover++) {
		config.deflate = (struct ws_deflate_params){.enabled = true, .server_no_context_takeover = !takeover};
		begin_as(&config);
		ws_decoder_restart(decoder, 0);
		assert_false(ws_decoder_at_rest(decoder));
		FEED("\x81\x01"
		     "a");
		assert_int_equal(ws_decoder_at_rest(decoder), !takeover);
	}
}

static void test_large_and_many(void **state)
{
	enum { LARGE = 10 << 20, MANY = 600000 };
	uint8_t *bytes = malloc(LARGE);
	struct ws_decoder_config config = from_client();
	struct frames frames;
	size_t one = 1, all = 0, lines = 0;

	(void)state;
	memset(bytes, 'x', LARGE);
	frames_init(&frames, true);
	frames_add(&frames, 0x81, ws_span_of(bytes, LARGE));
	decode_pieces(&config, ws_buf_span(&frames.wire), same_piece, &one, &text);
	decode_pieces(&config, ws_buf_span(&frames.wire), same_piece, &all, &text);
	assert_text("text m f1 w10485760 l10485760 [0,10485774): 10485760 799c9dc5\n"
		    "text m f1 w10485760 l10485760 [0,10485774): 10485760 799c9dc5\n");
	frames_finish(&frames);
	frames_init(&frames, true);
	for (size_t i = 0; i < MANY; i++)
		FRAME(&frames, 0x82, "!");
	ws_buf_finish(&text);
	ws_buf_init(&text, 64 << 20);
	decode_pieces(&config, ws_buf_span(&frames.wire), same_piece, &all, &text);
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	assert_int_equal(lines, MANY);
	frames_finish(&frames);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_skip_and_restart, begin, end),
	    cmocka_unit_test_setup_teardown(test_skip_in_control, begin, end),
	    cmocka_unit_test_setup_teardown(test_pending, begin, end),
	    cmocka_unit_test_setup_teardown(test_pending_text, begin, end),
	    cmocka_unit_test_setup_teardown(test_pending_behind_its_violation, begin, end),
	    cmocka_unit_test_setup_teardown(test_a_view_is_no_copy, begin, end),
	    cmocka_unit_test_setup_teardown(test_memory_follows_the_bytes, begin, end),
	    cmocka_unit_test_setup_teardown(test_at_rest, begin, end),
	    cmocka_unit_test_setup_teardown(test_at_rest_without_context, begin, end),
	    cmocka_unit_test_setup_teardown(test_large_and_many, begin, end),
	};

	return cmocka_run_group_tests(tests, frames_scratch_init, frames_scratch_finish);
}
