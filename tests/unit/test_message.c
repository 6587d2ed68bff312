#include "test.h"

#include "frames.h"

#include <stdlib.h>

static struct ws_buf scratch;

static struct ws_decoder_config server(void)
{
	return (struct ws_decoder_config){.scratch = &scratch};
}

static struct ws_decoder_config client(void)
{
	return (struct ws_decoder_config){.scratch = &scratch, .from_client = true};
}

static void expect(struct ws_decoder_config config, struct frames *frames, const char *want)
{
	assert_items(&config, ws_buf_span(&frames->wire), want);
	frames_finish(frames);
}

/* RFC 6455, section 5.7 */
static void test_the_rfcs_examples(void **state)
{
	struct frames frames;
	uint8_t bytes[65536] = {0};

	(void)state;
	frames_init(&frames, false);
	RAW(&frames, "\x81\x05Hello\x01\x03Hel\x80\x02lo\x89\x05Hello");
	expect(server(), &frames,
	       "text f1 w5 l5 [0,7): Hello\n"
	       "text f2 w5 l5 [7,16): Hello\n"
	       "ping f1 w5 l5 [16,23): Hello\n");
	frames_init(&frames, false);
	RAW(&frames, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
	expect(client(), &frames, "text m f1 w5 l5 [0,11): Hello\npong m f1 w5 l5 [11,22): Hello\n");
	frames_init(&frames, false);
	RAW(&frames, "\x82\x7e\x01\x00");
	frames_raw(&frames, ws_span_of(bytes, 256));
	RAW(&frames, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00");
	frames_raw(&frames, ws_span_of(bytes, 65536));
	expect(server(), &frames,
	       "binary f1 w256 l256 [0,260): 256 e6a1d1c5\nbinary f1 w65536 l65536 [260,65806): 65536 5e509dc5\n");
}

static void test_control_between_fragments(void **state)
{
	struct frames frames;

	(void)state;
	for (int masked = 0; masked < 2; masked++) {
		frames_init(&frames, masked);
		FRAME(&frames, 0x01, "one ");
		FRAME(&frames, 0x89, "p1");
		FRAME(&frames, 0x00, "two ");
		FRAME(&frames, 0x8a, "");
		FRAME(&frames, 0x00, "");
		FRAME(&frames, 0x80, "three");
		FRAME(&frames, 0x82, "\xff");
		FRAME(&frames, 0x81, "");
		expect(masked ? client() : server(), &frames,
		       masked ? "ping m f1 w2 l2 [10,18): p1\npong m f1 w0 l0 [28,34): \n"
				"text m f4 w13 l13 [0,51): one two three\n"
				"binary m f1 w1 l1 [51,58) bytes: \xff\ntext m f1 w0 l0 [58,64): \n"
			      : "ping f1 w2 l2 [6,10): p1\npong f1 w0 l0 [16,18): \n"
				"text f4 w13 l13 [0,27): one two three\n"
				"binary f1 w1 l1 [27,30) bytes: \xff\ntext f1 w0 l0 [30,32): \n");
	}
}

static void test_close(void **state)
{
	static const struct {
		const char *body;
		size_t len;
		const char *want;
	} cases[] = {
	    {"", 0, "close f1 w0 l0 [0,2) 1005: \n"},
	    {"\x03\xe8", 2, "close f1 w2 l2 [0,4) 1000: \n"},
	    {"\x03\xe9 bye", 6, "close f1 w6 l6 [0,8) 1001:  bye\n"},
	    {"\x03", 1, "! close-length close [0,3)\nclose f1 w1 l1 [0,3) 1005: \n"},
	    {"\x03\xed", 2, "! close-code close [0,4)\nclose f1 w2 l2 [0,4) 1005: \n"},
	    {"\x03\xe7\xff", 3,
	     "! close-code close [0,5)\n! close-utf8 close [0,5)\nclose f1 w3 l3 [0,5) bytes 999: \xff\n"},
	    {"\x03\xe8\xe2\x82", 4, "! close-utf8 close [0,6)\nclose f1 w4 l4 [0,6) bytes 1000: \xe2\x82\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct frames frames;

		frames_init(&frames, false);
		frames_add(&frames, 0x88, ws_span_of(cases[i].body, cases[i].len));
		expect(server(), &frames, cases[i].want);
	}
}

static void test_goes_on_after_violations(void **state)
{
	struct frames frames;

	(void)state;
	frames_init(&frames, false);
	FRAME(&frames, 0x80, "stray");
	FRAME(&frames, 0x01, "begun");
	FRAME(&frames, 0x81, "new");
	FRAME(&frames, 0x83, "three");
	FRAME(&frames, 0xc1, "rsv");
	FRAME(&frames, 0x8b, "b");
	FRAME(&frames, 0x09, "fragment");
	RAW(&frames, "\x81\x7e\x00\x02hi");
	RAW(&frames, "\x81\x81\x01\x01\x01\x01\x60");
	FRAME(&frames, 0x81, "\xc3(");
	FRAME(&frames, 0x88, "");
	FRAME(&frames, 0x81, "after");
	expect(server(), &frames,
	       "! continuation-stray continuation [0,2)\ncontinuation f1 w5 l5 [0,7): stray\n"
	       "! continuation-expected text [14,16)\ntext f1 w5 l5 [7,14) missing: begun\ntext f1 w3 l3 [14,19): new\n"
	       "! reserved-opcode reserved [19,21)\nreserved f1 w5 l5 [19,26): three\n"
	       "! reserved-bit text [26,28)\ntext f1 w3 l3 [26,31): rsv\n"
	       "! reserved-opcode reserved [31,33)\nreserved f1 w1 l1 [31,34): b\n"
	       "! control-fragmented ping [34,36)\nping f1 w8 l8 [34,44): fragment\n"
	       "! length-form text [44,48)\ntext f1 w2 l2 [44,50): hi\n"
	       "! server-masked text [50,56)\ntext m f1 w1 l1 [50,57): a\n"
	       "! text-utf8 text [57,61)\ntext f1 w2 l2 [57,61) bytes: \xc3(\n"
	       "close f1 w0 l0 [61,63) 1005: \n"
	       "! after-close text [63,65)\ntext f1 w5 l5 [63,70): after\n");
}

static void test_utf8_across_fragments(void **state)
{
	struct frames frames;

	(void)state;
	frames_init(&frames, true);
	FRAME(&frames, 0x01, "\xe2");
	FRAME(&frames, 0x00, "\x82");
	FRAME(&frames, 0x80, "\xac");
	FRAME(&frames, 0x01, "\xe2\x82");
	FRAME(&frames, 0x80, "");
	expect(client(), &frames,
	       "text m f3 w3 l3 [0,21): \xe2\x82\xac\n"
	       "! text-utf8 text [21,35)\ntext m f2 w2 l2 [21,35) bytes: \xe2\x82\n");
}

static void test_limit(void **state)
{
	struct ws_decoder_config config = client();
	struct frames frames;

	(void)state;
	config.limits.message_max = 6;
	frames_init(&frames, true);
	FRAME(&frames, 0x81, "123456");
	FRAME(&frames, 0x81, "1234567");
	FRAME(&frames, 0x01, "1234");
	FRAME(&frames, 0x80, "5678");
	FRAME(&frames, 0x81, "12345\xe2\x82\xac");
	expect(config, &frames,
	       "text m f1 w6 l6 [0,12): 123456\ntext m f1 w7 l7 [12,25) message-limit: 123456\n"
	       "text m f2 w8 l8 [25,45) message-limit: 123456\n"
	       "text m f1 w8 l8 [45,59) message-limit: 12345\n");
	config.from_client = false;
	frames_init(&frames, false);
	FRAME(&frames, 0x82, "1234567");
	FRAME(&frames, 0x82, "123456");
	expect(config, &frames, "binary f1 w7 l7 [0,9) message-limit: 123456\nbinary f1 w6 l6 [9,17): 123456\n");
}

static void test_control_of_any_length(void **state)
{
	struct frames frames;
	uint8_t bytes[70000];

	(void)state;
	memset(bytes, 'p', sizeof(bytes));
	frames_init(&frames, false);
	frames_add(&frames, 0x89, ws_span_of(bytes, 125));
	frames_add(&frames, 0x89, ws_span_of(bytes, sizeof(bytes)));
	expect(server(), &frames,
	       "ping f1 w125 l125 [0,127): 125 995e1f9f\n! control-length ping [127,137)\n"
	       "ping f1 w70000 l70000 [127,70137) message-limit: 125 995e1f9f\n");
}

/* Feeds bytes and writes what comes of them. */
static void feed(struct ws_decoder *decoder, struct ws_span bytes, struct ws_buf *text)
{
	struct ws_cursor cursor = ws_cursor_of(bytes);
	struct ws_item item;

	while (ws_decoder_next(decoder, &cursor, &item) == WS_STEP_ITEM)
		item_write(&item, text);
	assert_int_equal(ws_cursor_left(&cursor), 0);
}
#define FEED(literal) feed(decoder, ws_span_of((literal), sizeof(literal) - 1), &text)

static void assert_text(struct ws_buf *text, const char *want)
{
	assert_int_equal(ws_buf_append(text, ws_span_of("", 1)), WS_OK);
	assert_string_equal((char *)text->data, want);
	ws_buf_clear(text);
}

static void test_skip_and_restart(void **state)
{
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder;
	struct ws_buf text;

	(void)state;
	config.begin = 100;
	decoder = ws_decoder_create(&config);
	ws_buf_init(&text, 4096);
	assert_false(ws_decoder_skip(decoder, 5)); /* at a boundary: it is lost */
	FEED("\x81\x0aHel");
	assert_true(ws_decoder_skip(decoder, 4));
	FEED("end");
	assert_text(&text, "text f1 w10 l10 [100,112) missing: Hel\n");
	FEED("\x89\x04p");
	assert_true(ws_decoder_skip(decoder, 3)); /* to the very end */
	FEED("");
	assert_text(&text, "ping f1 w4 l4 [112,118) missing: p\n");
	FEED("\x01\x02zw\x89\x04p");
	assert_false(ws_decoder_skip(decoder, 4));
	ws_decoder_restart(decoder, 1000);
	FEED("\x00\x03own\x80\x04 end\x80\x01?\x81\x01!");
	assert_text(&text, "ping f1 w4 l4 [122,125) missing: p\ntext f1 w2 l2 [118,125) missing: zw\n"
			   "continuation f2 w7 l7 [1000,1011) missing: own end\n"
			   "! continuation-stray continuation [1011,1013)\ncontinuation f1 w1 l1 [1011,1014): ?\n"
			   "text f1 w1 l1 [1014,1017): !\n");
	ws_decoder_destroy(decoder);
	ws_buf_finish(&text);
}

static void test_skip_in_control(void **state)
{
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder = ws_decoder_create(&config);
	struct ws_buf text;

	(void)state;
	ws_buf_init(&text, 4096);
	FEED("\x88\x08\x03\xe8");
	assert_true(ws_decoder_skip(decoder, 2));
	FEED("b\xff"
	     "ye");
	assert_text(&text, "close f1 w8 l8 [0,10) missing 1000: \n");
	FEED("\x89\x01p");
	ws_decoder_restart(decoder, 50); /* who knows whether that was a close frame */
	FEED("\x89\x01p");
	assert_text(&text, "! after-close ping [10,12)\nping f1 w1 l1 [10,13): p\nping f1 w1 l1 [50,53): p\n");
	ws_decoder_destroy(decoder);
	ws_buf_finish(&text);
}

static void test_pending(void **state)
{
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder = ws_decoder_create(&config);
	struct ws_item item;
	struct ws_buf text;

	(void)state;
	ws_buf_init(&text, 4096);
	assert_false(ws_decoder_pending(decoder, &item));
	FEED("\x81");
	assert_false(ws_decoder_pending(decoder, &item));
	FEED("\x04"
	     "a\xc3");
	assert_true(ws_decoder_pending(decoder, &item));
	item_write(&item, &text);
	assert_text(&text, "text f1 w2 l2 [0,4) missing: a\n");
	FEED("\xa4"
	     "b");
	assert_text(&text, "text f1 w4 l4 [0,6): a\xc3\xa4"
			   "b\n");
	assert_false(ws_decoder_pending(decoder, &item));
	FEED("\x88\x04\x03\xe8"
	     "b");
	assert_true(ws_decoder_pending(decoder, &item));
	item_write(&item, &text);
	assert_text(&text, "close f1 w4 l4 [6,11) missing 1000: b\n");
	ws_decoder_destroy(decoder);
	ws_buf_finish(&text);
}

/* Text that can be no UTF-8 any more is known as such as soon as it is here, and each text anew. */
static void test_pending_text(void **state)
{
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder = ws_decoder_create(&config);
	struct ws_item item;
	struct ws_buf text;

	(void)state;
	ws_buf_init(&text, 4096);
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
	ws_decoder_destroy(decoder);
	ws_buf_finish(&text);
}

static void test_a_view_is_no_copy(void **state)
{
	static const uint8_t wire[] = "\x81\x03"
				      "abc";
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder = ws_decoder_create(&config);
	struct ws_cursor cursor = ws_cursor_of(ws_span_of(wire, 5));
	size_t memory = ws_decoder_memory(decoder);
	struct ws_item item;

	(void)state;
	assert_int_equal(ws_decoder_next(decoder, &cursor, &item), WS_STEP_ITEM);
	assert_ptr_equal(item.payload.data, wire + 2);
	assert_int_equal(ws_decoder_memory(decoder), memory);
	assert_true(memory < 600);
	ws_decoder_destroy(decoder);
}

/* Sizes that a stranger names cost nothing until the bytes come. */
static void test_memory_follows_the_bytes(void **state)
{
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder = ws_decoder_create(&config);
	struct ws_buf text;

	(void)state;
	ws_buf_init(&text, 4096);
	FEED("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"
	     "abc");
	assert_true(ws_decoder_memory(decoder) < 2048);
	ws_decoder_destroy(decoder);
	ws_buf_finish(&text);
}

/* Between messages, and nowhere else, a new decoder would do as well. */
static void test_at_rest(void **state)
{
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder = ws_decoder_create(&config);
	struct ws_buf text;

	(void)state;
	ws_buf_init(&text, 4096);
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
	ws_decoder_destroy(decoder);
	ws_buf_finish(&text);
}

/* Behind a restart the context of compression is not known, and a new decoder would take it for known. */
static void test_at_rest_without_context(void **state)
{
	struct ws_decoder_config config = server();
	struct ws_decoder *decoder;
	struct ws_buf text;

	(void)state;
	for (unsigned takeover = 0; takeover < 2; takeover++) {
		config.deflate = (struct ws_deflate_params){.enabled = true, .server_no_context_takeover = !takeover};
		decoder = ws_decoder_create(&config);
		ws_buf_init(&text, 4096);
		ws_decoder_restart(decoder, 0);
		assert_false(ws_decoder_at_rest(decoder));
		FEED("\x81\x01"
		     "a");
		assert_int_equal(ws_decoder_at_rest(decoder), !takeover);
		ws_decoder_destroy(decoder);
		ws_buf_finish(&text);
	}
}

static void test_large_and_many(void **state)
{
	enum { LARGE = 10 << 20, MANY = 600000 };
	uint8_t *bytes = malloc(LARGE);
	struct ws_decoder_config config = client();
	struct frames frames;
	struct ws_buf text;
	size_t one = 1, all = 0, lines = 0;

	(void)state;
	memset(bytes, 'x', LARGE);
	frames_init(&frames, true);
	frames_add(&frames, 0x81, ws_span_of(bytes, LARGE));
	ws_buf_init(&text, 1 << 20);
	decode_pieces(&config, ws_buf_span(&frames.wire), same_piece, &one, &text);
	decode_pieces(&config, ws_buf_span(&frames.wire), same_piece, &all, &text);
	assert_text(&text, "text m f1 w10485760 l10485760 [0,10485774): 10485760 799c9dc5\n"
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
	ws_buf_finish(&text);
	free(bytes);
}

static void test_chain(void **state)
{
	struct ws_chain chain;

	(void)state;
	chain = ws_frame_chain(ws_span_str("\x01\x02hi\x89\x01p\x80\x03"
					   "end"),
			       false);
	assert_true(chain.frames == 3 && chain.len == 12 && chain.exact && chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x01\x02hi\x89\x01p\x80\x03"
					   "e"),
			       false);
	assert_true(chain.frames == 2 && chain.len == 7 && !chain.exact && chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x81\x02hi\x93"), false);
	assert_true(chain.frames == 1 && !chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x81\x02hi\x89"), false);
	assert_true(chain.frames == 1 && chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x81\x02hi\x89\x7e"), false);
	assert_true(chain.frames == 1 && !chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x01\x02hi\x81\x02hi"), false); /* a message within a message */
	assert_true(chain.frames == 1 && !chain.plausible);
	chain = ws_frame_chain(ws_span_of("\x81\x02hi\x82\x7e\x01", 7), false);
	assert_true(chain.frames == 1 && chain.plausible);
	chain = ws_frame_chain(ws_span_of("\x81\x02hi\x88\x00\x89\x00", 8), false); /* nothing follows a close frame */
	assert_true(chain.frames == 2 && !chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x81\x02hi"), true);
	assert_true(chain.frames == 0 && !chain.plausible);
	chain = ws_frame_chain(ws_span_str("\xc1\x82"
					   "keyshi"),
			       true);
	assert_true(chain.frames == 1 && chain.exact);
	chain = ws_frame_chain(ws_span_str("GET / HTTP/1.1\r\n"), false);
	assert_true(chain.frames == 0 && !chain.plausible);
	chain = ws_frame_chain(ws_span_of(NULL, 0), false);
	assert_true(chain.frames == 0 && !chain.exact && chain.plausible);
}

static int setup(void **state)
{
	(void)state;
	ws_buf_init(&scratch, 64 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ws_buf_finish(&scratch);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_rfcs_examples),
	    cmocka_unit_test(test_control_between_fragments),
	    cmocka_unit_test(test_close),
	    cmocka_unit_test(test_goes_on_after_violations),
	    cmocka_unit_test(test_utf8_across_fragments),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_control_of_any_length),
	    cmocka_unit_test(test_skip_and_restart),
	    cmocka_unit_test(test_skip_in_control),
	    cmocka_unit_test(test_pending),
	    cmocka_unit_test(test_pending_text),
	    cmocka_unit_test(test_a_view_is_no_copy),
	    cmocka_unit_test(test_memory_follows_the_bytes),
	    cmocka_unit_test(test_at_rest),
	    cmocka_unit_test(test_at_rest_without_context),
	    cmocka_unit_test(test_large_and_many),
	    cmocka_unit_test(test_chain),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
