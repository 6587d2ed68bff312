/* HTTP/2 connections: what is told is the same however the bytes are cut. */
#include "test.h"

#include "failmalloc.h"
#include "h2_script.h"

#include <stdlib.h>

#define ASKED                                                                                                          \
	"c2s 1 asks /chat\n"                                                                                           \
	"s2c 1 answers 200\n"

static void ask(struct h2_script *script, uint32_t stream)
{
	h2_headers(script, DIR_C2S, 0, stream, h2_request);
	h2_headers(script, DIR_S2C, 0, stream, h2_answer);
}

static void test_a_websocket(void **state)
{
	struct h2_script script;

	(void)state;
	h2_begin(&script);
	ask(&script, 1);
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "hello");
	H2_FRAME(&script, DIR_S2C, H2_PING, 0, 0, "12345678");
	H2_FRAME(&script, DIR_C2S, H2_DATA, H2_PADDED, 1, "\x04 and on\0\0\0\0");
	H2_FRAME(&script, DIR_S2C, H2_DATA, H2_END_STREAM, 1, "bye");
	H2_FRAME(&script, DIR_C2S, H2_DATA, H2_END_STREAM, 1, "");
	h2_ends(&script, H2_OPENED ASKED "c2s 1 data hello and on\n"
					 "s2c 1 data bye\n"
					 "s2c 1 end\n"
					 "c2s 1 end\n"
					 "1 forgotten");
}

static void test_others_are_passed_over(void **state)
{
	struct h2_script script;

	(void)state;
	h2_begin(&script);
	h2_headers(&script, DIR_C2S, H2_END_STREAM, 1, ":method: GET\n:scheme: https\n:path: /\n:authority: a\n");
	h2_headers(&script, DIR_C2S, 0, 3, ":method: POST\n:scheme: https\n:path: /\n:authority: a\n");
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 3, "form");
	h2_headers(&script, DIR_S2C, 0, 1, ":status: 200\ncontent-type: text/html\n");
	H2_FRAME(&script, DIR_S2C, H2_DATA, H2_END_STREAM, 1, "<html>");
	h2_headers(&script, DIR_C2S, H2_END_STREAM, 3, "trailer: yes\n");
	h2_headers(&script, DIR_C2S, 0, 5, ":method: CONNECT\n:protocol: connect-udp\n:scheme: https\n:path: /\n");
	H2_FRAME(&script, DIR_C2S, H2_RST_STREAM, 0, 5, "\0\0\0\x08");
	H2_FRAME(&script, DIR_C2S, 0x21, 0xff, 7, "an extension");
	h2_headers(&script, DIR_C2S, 0, 7, h2_request);
	h2_ends(&script, H2_OPENED "c2s 7 asks /chat\n7 forgotten");
}

/* RFC 9113, section 8.5: what is in a tunnel is data, whatever it is. */
static void test_a_tunnel(void **state)
{
	struct h2_script script;

	(void)state;
	h2_begin(&script);
	h2_headers(&script, DIR_C2S, 0, 1, ":method: CONNECT\n:authority: a:1\n");
	h2_headers(&script, DIR_S2C, H2_END_STREAM, 1, ":status: 502\n");
	h2_headers(&script, DIR_C2S, 0, 3, ":method: CONNECT\n:authority: a:443\n");
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 3, "early");
	h2_headers(&script, DIR_S2C, 0, 3, ":status: 200\n");
	H2_FRAME(&script, DIR_S2C, H2_DATA, H2_END_STREAM, 3, "bye");
	H2_FRAME(&script, DIR_C2S, H2_DATA, H2_END_STREAM, 3, "");
	h2_ends(&script, H2_OPENED "c2s 1 asks a:1\n"
				   "s2c 1 answers 502\n"
				   "1 forgotten\n"
				   "c2s 3 asks a:443\n"
				   "c2s 3 data early\n"
				   "s2c 3 answers 200\n"
				   "s2c 3 data bye\n"
				   "s2c 3 end\n"
				   "c2s 3 end\n"
				   "3 forgotten");
}

static void test_refused_reset_goaway(void **state)
{
	struct h2_script script;

	(void)state;
	h2_begin(&script);
	h2_headers(&script, DIR_C2S, 0, 1, h2_request);
	h2_headers(&script, DIR_S2C, 0, 1, ":status: 103\nlink: x\n");
	h2_headers(&script, DIR_S2C, H2_END_STREAM, 1, ":status: 403\n");
	ask(&script, 3);
	H2_FRAME(&script, DIR_S2C, H2_RST_STREAM, 0, 3, "\0\0\0\x0b");
	H2_FRAME(&script, DIR_S2C, H2_DATA, 0, 3, "late");
	H2_FRAME(&script, DIR_S2C, H2_GOAWAY, 0, 0, "\0\0\0\x03\0\0\0\x00maintenance");
	h2_ends(&script, H2_OPENED "c2s 1 asks /chat\n"
				   "s2c 1 answers 403\n"
				   "1 forgotten\n"
				   "c2s 3 asks /chat\n"
				   "s2c 3 answers 200\n"
				   "s2c 3 reset ENHANCE_YOUR_CALM\n"
				   "3 forgotten\n"
				   "s2c 0 goaway NO_ERROR last 3 maintenance");
}

static void test_headers_in_pieces(void **state)
{
	struct h2_script script;
	struct ws_buf block;
	struct ws_span all;

	(void)state;
	h2_begin(&script);
	block = h2_block(&script, DIR_C2S, h2_request);
	all = ws_buf_span(&block);
	h2_frame(&script, DIR_C2S, H2_HEADERS, 0, 1, ws_span_first(all, 3));
	for (size_t i = 3; i < all.len; i += 7)
		h2_frame(&script, DIR_C2S, H2_CONTINUATION, i + 7 >= all.len ? H2_END_HEADERS : 0, 1,
			 ws_span_first(ws_span_from(all, i), 7));
	ws_buf_finish(&block);
	assert_true(script.count < H2_STEPS_MAX);
	h2_ends(&script, H2_OPENED "c2s 1 asks /chat\n1 forgotten");
}

/* Priority, padding, and both. */
static void test_headers_with_more(void **state)
{
	struct h2_script script;
	struct ws_buf block, frame;

	(void)state;
	h2_begin(&script);
	block = h2_block(&script, DIR_C2S, h2_request);
	ws_buf_init(&frame, 1000);
	ws_buf_append(&frame, ws_span_of("\x02\0\0\0\0\x10", 6));
	ws_buf_append(&frame, ws_buf_span(&block));
	ws_buf_append(&frame, ws_span_of("\0\0", 2));
	h2_frame(&script, DIR_C2S, H2_HEADERS, H2_END_HEADERS | H2_PADDED | H2_WITH_PRIORITY, 1, ws_buf_span(&frame));
	ws_buf_finish(&block);
	ws_buf_finish(&frame);
	h2_ends(&script, H2_OPENED "c2s 1 asks /chat\n1 forgotten");
}

static void test_windows(void **state)
{
	struct h2_script script;
	static uint8_t much[16384];

	(void)state;
	memset(much, 'x', sizeof(much));
	h2_begin(&script);
	script.limits.head = 65536;
	H2_FRAME(&script, DIR_S2C, H2_SETTINGS, 0, 0, "\x00\x04\x00\x00\x00\x0a"); /* ten bytes */
	h2_headers(&script, DIR_C2S, 0, 1, h2_request);
	h2_headers(&script, DIR_S2C, 0, 1, h2_answer);
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "123456789");
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "0");
	H2_FRAME(&script, DIR_S2C, H2_WINDOW_UPDATE, 0, 1, "\0\0\0\x05");
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "abcde");
	H2_FRAME(&script, DIR_S2C, H2_SETTINGS, 0, 0, "\x00\x04\x00\x00\xff\xff");
	h2_frame(&script, DIR_C2S, H2_DATA, 0, 5, ws_span_of(much, 16384)); /* another's, on the same connection */
	h2_frame(&script, DIR_C2S, H2_DATA, 0, 5, ws_span_of(much, 16384));
	h2_frame(&script, DIR_C2S, H2_DATA, 0, 5, ws_span_of(much, 16384));
	h2_frame(&script, DIR_C2S, H2_DATA, 0, 5, ws_span_of(much, 65535 - 3 * 16384 - 15));
	H2_FRAME(&script, DIR_S2C, H2_WINDOW_UPDATE, 0, 0, "\0\0\0\x01");
	h2_ends(&script, H2_OPENED ASKED "c2s 1 data 123456789\n"
					 "c2s 1 blocked\n"
					 "c2s 1 data 0\n"
					 "c2s 1 unblocked\n"
					 "c2s 1 blocked\n"
					 "c2s 1 data abcde\n"
					 "c2s 1 unblocked\n"
					 "c2s 0 blocked\n"
					 "c2s 0 unblocked\n"
					 "1 forgotten");
}

/* A frame of which the middle is missing is still a frame. */
static void test_gap_within_data(void **state)
{
	struct h2_script script;

	(void)state;
	h2_begin(&script);
	ask(&script, 1);
	h2_raw(&script, DIR_S2C,
	       ws_span_of("\0\0\x0a\0\0\0\0\0\x01"
			  "0123",
			  13));
	h2_raw(&script, DIR_S2C, ws_span_str("456"));
	h2_lose(&script, script.count - 1);
	h2_raw(&script, DIR_S2C, ws_span_str("789"));
	H2_FRAME(&script, DIR_S2C, H2_DATA, 0, 1, "next");
	h2_ends(&script, H2_OPENED ASKED "s2c 1 data 0123\n"
					 "s2c 1 gap 3\n"
					 "s2c 1 data 789next\n"
					 "1 forgotten");
}

/* Frames are missing: which, nobody knows. What follows is found again, and what a lost block did to the table is not
 * guessed: the second request repeats the first, and cannot be read. */
static void test_gap_over_frames(void **state)
{
	struct h2_script script;
	struct out log;

	(void)state;
	h2_begin(&script);
	h2_headers(&script, DIR_C2S, 0, 1, h2_request);
	h2_lose(&script, script.count - 1);
	h2_headers(&script, DIR_S2C, 0, 1, h2_answer);
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "first");
	h2_headers(&script, DIR_C2S, 0, 3, h2_request);
	h2_headers(&script, DIR_S2C, 0, 3, h2_answer);
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 3, "second");
	H2_FRAME(&script, DIR_S2C, H2_DATA, 0, 3, "answer");
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "third");
	assert_int_equal(out_init(&log, -1), 0);
	assert_true(h2_play(&script, 0, &log));
	out_char(&log, '\0');
	assert_string_equal(log.text, "\n" H2_OPENED "c2s 1 data first\n"
				      "c2s 3 unreadable\n"
				      "c2s 3 data second\n"
				      "s2c 3 data answer\n"
				      "c2s 1 data third\n"
				      "3 forgotten\n"
				      "1 forgotten");
	out_finish(&log);
	h2_script_finish(&script);
}

/* What is found behind a gap may be the content of DATA, with frames in it: that one ends a stream is not held against
 * those behind it. */
static void test_gap_and_end(void **state)
{
	struct h2_script script;
	struct out log;

	(void)state;
	h2_begin(&script);
	h2_headers(&script, DIR_C2S, 0, 1, h2_request);
	h2_headers(&script, DIR_S2C, 0, 1, h2_answer);
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "lost");
	h2_lose(&script, script.count - 1);
	H2_FRAME(&script, DIR_C2S, H2_DATA, H2_END_STREAM, 1, "inner");
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "outer");
	assert_int_equal(out_init(&log, -1), 0);
	assert_true(h2_play(&script, 0, &log));
	out_char(&log, '\0');
	assert_string_equal(log.text, "\n" H2_OPENED "c2s 1 asks /chat\n"
				      "s2c 1 answers 200\n"
				      "c2s 1 gap 0\n"
				      "c2s 1 data inner\n"
				      "c2s 1 end\n"
				      "1 forgotten");
	out_finish(&log);
	h2_script_finish(&script);
}

/* …and where it is over, what is no frame there is not held against the sender: what follows is found again. Here a
 * header block within it is cut by the next DATA's header. */
static void test_gap_and_content(void **state)
{
	struct h2_script script;
	struct out log;

	(void)state;
	h2_begin(&script);
	h2_headers(&script, DIR_C2S, 0, 1, h2_request);
	h2_headers(&script, DIR_S2C, 0, 1, h2_answer);
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "lost");
	h2_lose(&script, script.count - 1);
	H2_FRAME(&script, DIR_C2S, H2_PING, 0, 0, "01234567");
	H2_FRAME(&script, DIR_C2S, H2_HEADERS, 0, 3, "block");
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "outer");
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "again");
	assert_int_equal(out_init(&log, -1), 0);
	assert_true(h2_play(&script, 0, &log));
	out_char(&log, '\0');
	assert_string_equal(log.text, "\n" H2_OPENED "c2s 1 asks /chat\n"
				      "s2c 1 answers 200\n"
				      "c2s 1 gap 0\n"
				      "c2s 1 gap 0\n"
				      "c2s 1 data again\n"
				      "1 forgotten");
	out_finish(&log);
	h2_script_finish(&script);
}

static void test_joined(void **state)
{
	struct h2_script script;
	struct out log;

	(void)state;
	h2_script_init(&script);
	script.joined = true;
	h2_raw(&script, DIR_S2C, ws_span_str("the rest of a frame that began before"));
	H2_FRAME(&script, DIR_S2C, H2_DATA, 0, 1, "hello");
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "world");
	h2_headers(&script, DIR_S2C, 0, 3, ":status: 200\ncontent-type: text/html\n");
	h2_headers(&script, DIR_C2S, 0, 5, h2_request);
	h2_headers(&script, DIR_S2C, 0, 5, h2_answer);
	assert_int_equal(out_init(&log, -1), 0);
	assert_true(h2_play(&script, 0, &log));
	out_char(&log, '\0');
	assert_string_equal(log.text, "\ns2c 0 open\n"
				      "s2c 1 data hello\n"
				      "c2s 1 data world\n"
				      "c2s 5 asks /chat\n"
				      "s2c 5 answers 200\n"
				      "5 forgotten\n"
				      "1 forgotten");
	out_finish(&log);
	h2_script_finish(&script);
}

static void test_each_allocation(void **state)
{
	struct h2_script script;
	struct out log;
	long n = 0;
	bool failed;

	(void)state;
	h2_begin(&script);
	ask(&script, 1);
	H2_FRAME(&script, DIR_C2S, H2_DATA, 0, 1, "hello");
	h2_headers(&script, DIR_C2S, H2_END_STREAM, 3, ":method: GET\n:path: /\ncookie: abc\n");
	for (uint32_t id = 5; id < 17; id += 2)
		ask(&script, id);
	assert_int_equal(out_init(&log, -1), 0);
	assert_true(h2_play(&script, 0, &log)); /* the log has room from here on */
	do {
		log.len = 0;
		failmalloc_after(n++);
		h2_play(&script, n % 2 ? 0 : 7, &log);
		failed = failmalloc_failed();
		failmalloc_after(-1);
	} while (failed);
	assert_true(n > 20);
	out_finish(&log);
	h2_script_finish(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_websocket),       cmocka_unit_test(test_others_are_passed_over),
	    cmocka_unit_test(test_a_tunnel),          cmocka_unit_test(test_refused_reset_goaway),
	    cmocka_unit_test(test_headers_in_pieces), cmocka_unit_test(test_headers_with_more),
	    cmocka_unit_test(test_windows),           cmocka_unit_test(test_gap_within_data),
	    cmocka_unit_test(test_gap_over_frames),   cmocka_unit_test(test_gap_and_end),
	    cmocka_unit_test(test_gap_and_content),   cmocka_unit_test(test_joined),
	    cmocka_unit_test(test_each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
