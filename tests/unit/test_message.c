/* Messages out of frames: fragments, control frames between them, closing, UTF-8, limits. */
#include "test.h"

#include "frames.h"

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
	expect(from_server(), &frames,
	       "text f1 w5 l5 [0,7): Hello\n"
	       "text f2 w5 l5 [7,16): Hello\n"
	       "ping f1 w5 l5 [16,23): Hello\n");
	frames_init(&frames, false);
	RAW(&frames, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
	expect(from_client(), &frames, "text m f1 w5 l5 [0,11): Hello\npong m f1 w5 l5 [11,22): Hello\n");
	frames_init(&frames, false);
	RAW(&frames, "\x82\x7e\x01\x00");
	frames_raw(&frames, ws_span_of(bytes, 256));
	RAW(&frames, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00");
	frames_raw(&frames, ws_span_of(bytes, 65536));
	expect(from_server(), &frames,
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
		expect(masked ? from_client() : from_server(), &frames,
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
		expect(from_server(), &frames, cases[i].want);
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
	expect(from_server(), &frames,
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
	expect(from_client(), &frames,
	       "text m f3 w3 l3 [0,21): \xe2\x82\xac\n"
	       "! text-utf8 text [21,35)\ntext m f2 w2 l2 [21,35) bytes: \xe2\x82\n");
}

static void test_limit(void **state)
{
	struct ws_decoder_config config = from_client();
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
	expect(from_server(), &frames,
	       "ping f1 w125 l125 [0,127): 125 995e1f9f\n! control-length ping [127,137)\n"
	       "ping f1 w70000 l70000 [127,70137) message-limit: 125 995e1f9f\n");
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
	};

	return cmocka_run_group_tests(tests, frames_scratch_init, frames_scratch_finish);
}
