/* HTTP/2 from who breaks its rules, sends without end, or does not speak it: told as far as it can be, within limits.
 */
#include "test.h"

#include "h2_script.h"

static void test_violations(void **state)
{
	struct h2_script script;

	(void)state;
	h2_begin(&script);
	H2_FRAME(&script, DIR_C2S, H2_SETTINGS, 0, 3, "");                         /* on a stream */
	H2_FRAME(&script, DIR_C2S, H2_RST_STREAM, 0, 3, "12345");                  /* five bytes */
	H2_FRAME(&script, DIR_S2C, H2_SETTINGS, 0, 0, "\x00\x04\x80\x00\x00\x00"); /* 2^31 */
	H2_FRAME(&script, DIR_S2C, H2_SETTINGS, 0, 0, "\x00\x05\x00\x00\x00\x01");
	H2_FRAME(&script, DIR_S2C, H2_WINDOW_UPDATE, 0, 0, "\0\0\0\0");
	H2_FRAME(&script, DIR_S2C, H2_WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff");
	H2_FRAME(&script, DIR_C2S, H2_PUSH_PROMISE, H2_END_HEADERS, 1, "\0\0\0\x02");
	H2_FRAME(&script, DIR_C2S, H2_CONTINUATION, H2_END_HEADERS, 1, "");
	H2_FRAME(&script, DIR_C2S, H2_DATA, H2_PADDED, 1, "\x09pad");
	H2_FRAME(&script, DIR_C2S, H2_DATA, H2_PADDED, 1, "");
	h2_headers(&script, DIR_C2S, 0, 2, h2_request);
	h2_headers(&script, DIR_C2S, 0, 5, ":method: CONNECT\n:protocol: websocket\n:authority: a\n");
	h2_headers(&script, DIR_C2S, 0, 3, h2_request);
	h2_headers(&script, DIR_S2C, 0, 5, h2_answer);
	H2_FRAME(&script, DIR_C2S, H2_DATA, H2_END_STREAM, 5, "x");
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 5, "y");
	h2_headers(&script, DIR_C2S, 0, 7, ":method: CONNECT\n");
	h2_headers(&script, DIR_C2S, 0, 9, ":method: CONNECT\n:authority: a\n:path: /\n");
	h2_headers(&script, DIR_C2S, 0, 11, ":method: CONNECT\n:authority: a\n:scheme: https\n");
	h2_ends(&script, H2_OPENED "c2s 3 violation h2-frame-stream\n"
				   "c2s 3 violation h2-frame-length\n"
				   "s2c 0 violation h2-setting\n"
				   "s2c 0 violation h2-setting\n"
				   "s2c 0 violation h2-window-zero\n"
				   "s2c 0 violation h2-window-over\n"
				   "c2s 1 violation h2-push\n"
				   "c2s 1 violation h2-headers-open\n"
				   "c2s 1 violation h2-padding\n"
				   "c2s 1 violation h2-padding\n"
				   "c2s 2 violation h2-stream-id\n"
				   "c2s 5 asks \n"
				   "c2s 5 violation h2-connect-fields\n"
				   "c2s 3 violation h2-stream-id\n"
				   "s2c 5 answers 200\n"
				   "c2s 5 data x\n"
				   "c2s 5 end\n"
				   "c2s 5 violation h2-stream-ended\n"
				   "c2s 7 asks \n"
				   "c2s 7 violation h2-tunnel-fields\n"
				   "c2s 9 asks a\n"
				   "c2s 9 violation h2-tunnel-fields\n"
				   "c2s 11 asks a\n"
				   "c2s 11 violation h2-tunnel-fields\n"
				   "11 forgotten\n"
				   "9 forgotten\n"
				   "7 forgotten\n"
				   "5 forgotten");
}

static void test_not_allowed(void **state)
{
	struct h2_script script;

	(void)state;
	h2_script_init(&script);
	h2_raw(&script, DIR_C2S, ws_span_str(H2_PREFACE));
	H2_FRAME(&script, DIR_S2C, H2_SETTINGS, 0, 0, "");
	h2_headers(&script, DIR_C2S, 0, 1, h2_request);
	h2_ends(&script, "s2c 0 open\n"
			 "s2c 0 settings not allowed\n"
			 "c2s 1 asks /chat\n"
			 "c2s 1 violation h2-connect-not-enabled\n"
			 "1 forgotten");
}

/* A block under way is broken into: what it says is not read, and neither is what stands on it. */
static void test_block_broken_into(void **state)
{
	struct h2_script script;

	(void)state;
	h2_begin(&script);
	H2_FRAME(&script, DIR_C2S, H2_HEADERS, 0, 1, "\x40");
	H2_FRAME(&script, DIR_C2S, H2_PING, 0, 0, "12345678");
	H2_FRAME(&script, DIR_C2S, H2_HEADERS, H2_END_HEADERS, 3, "\xff\xff\xff\xff\xff\xff");
	H2_FRAME(&script, DIR_S2C, H2_HEADERS, H2_END_HEADERS, 3, "\xff\xff\xff\xff\xff\xff");
	h2_ends(&script, H2_OPENED "c2s 1 violation h2-headers-open\n"
				   "c2s 1 unreadable\n"
				   "s2c 3 violation h2-hpack\n"
				   "s2c 3 unreadable\n"
				   "3 forgotten\n"
				   "1 forgotten");
}

/* A field of 4,000 bytes is put into the table once, and then named 60,000 times: 240 MB of fields in 60 kB. The text
 * stays within --max-head (h2_play() looks at the memory), and what follows is read. */
static void test_bomb(void **state)
{
	struct h2_script script;
	struct ws_buf block;
	static uint8_t again[16000];

	(void)state;
	memset(again, 0x80 | 62, sizeof(again));
	h2_begin(&script);
	ws_buf_init(&block, 10000);
	ws_buf_append(&block, ws_span_of("\x02\x07"
					 "CONNECT"
					 "\x40\x01x\x7f\xa1\x1e",
					 9 + 6));
	while (block.len < 9 + 6 + 4000)
		ws_buf_append(&block, ws_span_str("v"));
	h2_frame(&script, DIR_C2S, H2_HEADERS, 0, 1, ws_buf_span(&block));
	for (int i = 0; i < 4; i++)
		h2_frame(&script, DIR_C2S, H2_CONTINUATION, i == 3 ? H2_END_HEADERS : 0, 1,
			 ws_span_of(again, sizeof(again)));
	ws_buf_finish(&block);
	h2_headers(&script, DIR_C2S, 0, 3, h2_request);
	h2_ends(&script, H2_OPENED "c2s 1 limit max-head\n"
				   "c2s 3 asks /chat\n"
				   "3 forgotten");
}

/* CONTINUATION frames that never end, settings without end: nothing is kept of them. */
static void test_floods(void **state)
{
	struct h2_script script;
	struct ws_buf flood;

	(void)state;
	h2_begin(&script);
	ws_buf_init(&flood, 1 << 20);
	for (int i = 0; i < 20000; i++)
		ws_buf_append(&flood, ws_span_of("\0\0\x06\x04\0\0\0\0\0\x00\x04\x00\x00\xff\xff", 15));
	h2_raw(&script, DIR_S2C, ws_buf_span(&flood));
	ws_buf_clear(&flood);
	H2_FRAME(&script, DIR_C2S, H2_HEADERS, 0, 1, "\x82");
	for (int i = 0; i < 20000; i++)
		ws_buf_append(&flood, ws_span_of("\0\0\x04\x09\0\0\0\0\x01\x82\x82\x82\x82", 13));
	h2_raw(&script, DIR_C2S, ws_buf_span(&flood));
	ws_buf_finish(&flood);
	H2_FRAME(&script, DIR_C2S, H2_CONTINUATION, H2_END_HEADERS, 1, "\x82");
	h2_headers(&script, DIR_C2S, 0, 3, h2_request);
	h2_ends(&script, H2_OPENED "c2s 3 asks /chat\n3 forgotten");
}

static void test_many_streams(void **state)
{
	struct h2_script script;

	(void)state;
	h2_begin(&script);
	script.limits.streams = 2;
	for (uint32_t id = 1; id <= 7; id += 2)
		h2_headers(&script, DIR_C2S, 0, id, h2_request);
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 7, "not followed");
	H2_FRAME(&script, DIR_C2S, H2_RST_STREAM, 0, 1, "\0\0\0\x08");
	h2_headers(&script, DIR_C2S, 0, 9, h2_request);
	h2_ends(&script, H2_OPENED "c2s 1 asks /chat\n"
				   "c2s 3 asks /chat\n"
				   "c2s 5 limit max-streams\n"
				   "c2s 7 limit max-streams\n"
				   "c2s 1 reset CANCEL\n"
				   "1 forgotten\n"
				   "c2s 9 asks /chat\n"
				   "9 forgotten\n"
				   "3 forgotten");
}

/* A head or settings too long for --max-head is passed over; the block is unreadable, its stream unknown. */
static void test_long_frame(void **state)
{
	struct h2_script script;

	(void)state;
	h2_begin(&script);
	script.limits.head = 40;
	h2_headers(&script, DIR_C2S, 0, 1, h2_request);
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "x");
	h2_ends(&script, H2_OPENED "c2s 1 limit max-head\n"
				   "c2s 1 unreadable\n"
				   "c2s 1 data x\n"
				   "1 forgotten");
}

/* What is no HTTP/2 behind a preface is looked through, and nothing of it is told. */
static void test_noise(void **state)
{
	struct h2_script script;
	static uint8_t noise[5000];
	uint32_t random = 1;
	struct out log;

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++) {
		random = random * 1103515245 + 12345;
		noise[i] = (uint8_t)(random >> 16);
	}
	h2_script_init(&script);
	script.joined = true;
	h2_raw(&script, DIR_C2S, ws_span_of(noise, sizeof(noise)));
	memset(noise, 0, sizeof(noise));
	h2_raw(&script, DIR_S2C, ws_span_of(noise, sizeof(noise)));
	for (size_t i = 7; i < sizeof(noise); i += 8)
		noise[i] = 1;
	h2_raw(&script, DIR_C2S, ws_span_of(noise, sizeof(noise)));
	assert_int_equal(out_init(&log, -1), 0);
	assert_true(h2_play(&script, 0, &log));
	assert_true(h2_play(&script, 7, &log));
	assert_int_equal(log.len, 0);
	out_finish(&log);
	h2_script_finish(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_violations),
	    cmocka_unit_test(test_not_allowed),
	    cmocka_unit_test(test_block_broken_into),
	    cmocka_unit_test(test_bomb),
	    cmocka_unit_test(test_floods),
	    cmocka_unit_test(test_many_streams),
	    cmocka_unit_test(test_long_frame),
	    cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
