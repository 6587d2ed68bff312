/* Handshakes and frames of connections whose beginning was captured. */
#include "test.h"

#include "wire.h"

static void build_talk(struct wire *wire)
{
	wire_syn(wire);
	wire_handshake(wire);
	FRAME(wire, DIR_C2S, 0x81, "hello");
	FRAME(wire, DIR_S2C, 0x81, "hello, hello");
	FRAME(wire, DIR_S2C, 0x01, "two ");
	FRAME(wire, DIR_S2C, 0x89, "1");
	FRAME(wire, DIR_S2C, 0x80, "parts");
	FRAME(wire, DIR_C2S, 0x8a, "1");
	FRAME(wire, DIR_C2S, 0x82, "");
	wire_goodbye(wire);
}

static void test_talk(void **state)
{
	(void)state;
	wire_gives(build_talk, true, "open\nhandshake 101 ok\nclose fin\n",
		   "request /chat\ntext 5 hello\npong 1 1\nbinary 0\nclose 2 1000\n",
		   "text 12 hello, hello\nping 1 1\ntext 9 f2 two parts\nclose 2 1000\n");
}

static void build_deflate(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, wire_request_deflate);
	wire_text(wire, DIR_S2C, wire_answer_deflate);
	/* RFC 7692, section 7.2.3: "Hello", and again with the context of the first */
	FRAME(wire, DIR_S2C, 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00");
	FRAME(wire, DIR_S2C, 0xc1, "\xf2\x00\x11\x00\x00");
	FRAME(wire, DIR_C2S, 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00");
	FRAME(wire, DIR_C2S, 0x81, "plain");
	wire_goodbye(wire);
}

static void test_deflate(void **state)
{
	(void)state;
	wire_gives(build_deflate, true, "open\nhandshake 101 ok deflate\nclose fin\n",
		   "request /chat\ntext 5 z Hello\ntext 5 plain\nclose 2 1000\n",
		   "text 5 z Hello\ntext 5 z Hello\nclose 2 1000\n");
}

static void build_refused(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, wire_request);
	wire_text(wire, DIR_S2C, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\n\r\nno!");
	wire_handshake(wire);
	FRAME(wire, DIR_C2S, 0x81, "hello");
	wire_goodbye(wire);
}

static void test_refused_and_tried_again(void **state)
{
	(void)state;
	wire_gives(build_refused, false, "open\nhandshake 401\nhandshake 101 ok\nclose fin\n",
		   "request /chat\nrequest /chat\ntext 5 hello\nclose 2 1000\n", "close 2 1000\n");
}

static void build_early_hints(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, wire_request);
	wire_text(wire, DIR_S2C, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
	wire_text(wire, DIR_S2C, wire_answer);
	wire_goodbye(wire);
}

static void test_answers_that_are_not_the_last(void **state)
{
	(void)state;
	wire_gives(build_early_hints, true, "open\nhandshake 101 ok\nclose fin\n", "request /chat\nclose 2 1000\n",
		   "close 2 1000\n");
}

static void build_wrong_accept(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, wire_request);
	wire_text(wire, DIR_S2C,
		  "HTTP/1.1 101 Yes\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\n"
		  "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n");
	wire_goodbye(wire);
}

static void test_wrong_accept(void **state)
{
	(void)state;
	wire_gives(build_wrong_accept, true, "open\nhandshake 101 wrong\nclose fin\n", "request /chat\nclose 2 1000\n",
		   "violation response-accept\nclose 2 1000\n");
}

/* The capture has the client's frames, or the server's answer, before what they follow. */
static void build_out_of_turn(struct wire *wire)
{
	wire_syn(wire);
	wire_handshake(wire);
	FRAME(wire, DIR_C2S, 0x81, "hello");
	FRAME(wire, DIR_S2C, 0x81, "welcome");
	wire_goodbye(wire);
}

static void test_out_of_turn(void **state)
{
	(void)state;
	for (size_t a = 3; a < 10; a++) {
		for (size_t b = 3; b < 10; b++) {
			struct limits limits = wire_limits();
			struct wire_packet moved;
			struct wire_log log;
			struct wire wire;

			wire_init(&wire, 0);
			wire_log_init(&log);
			build_out_of_turn(&wire);
			moved = wire.packets[a];
			wire.packets[a] = wire.packets[b];
			wire.packets[b] = moved;
			assert_true(wire_play(&wire, &limits, &log));
			assert_int_equal(log.stats.handshakes, 1);
			assert_int_equal(log.stats.messages, 2);
			assert_int_equal(log.stats.control, 2);
			assert_int_equal(log.stats.violations, 0);
			wire_log_finish(&log);
			wire_finish(&wire);
		}
	}
}

static void build_after_close(struct wire *wire)
{
	wire_syn(wire);
	wire_handshake(wire);
	wire_close_frame(wire, DIR_C2S, 1000);
	FRAME(wire, DIR_S2C, 0x81, "may still be said");
	FRAME(wire, DIR_C2S, 0x81, "may not");
	wire_close_frame(wire, DIR_S2C, 1000);
	FRAME(wire, DIR_S2C, 0x81, "nor this");
	FRAME(wire, DIR_S2C, 0x81, "but once is enough");
	wire_fin(wire);
}

static void test_after_close(void **state)
{
	(void)state;
	wire_gives(build_after_close, false, "open\nhandshake 101 ok\nclose fin\n",
		   "request /chat\nclose 2 1000\nviolation after-close\ntext 7 may not\n",
		   "text 17 may still be said\nclose 2 1000\nviolation after-close\n");
}

static void build_cut_off(struct wire *wire)
{
	wire_syn(wire);
	wire_handshake(wire);
	wire_text(wire, DIR_S2C, "\x81\x05hel");
	FRAME(wire, DIR_C2S, 0x01, "the first part");
}

static void test_cut_off_by_the_end(void **state)
{
	(void)state;
	wire_gives(build_cut_off, true, "open\nhandshake 101 ok\n", "request /chat\ntext 14 missing the first part\n",
		   "text 3 missing hel\n");
}

static void build_not_http(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, "EHLO example.com\r\n");
	FRAME(wire, DIR_S2C, 0x81, "this looks like a frame, and even like text");
	FRAME(wire, DIR_C2S, 0x81, "this looks like a frame, and even like text");
	wire_fin(wire);
}

static void build_server_first(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_S2C, "220 mail\r\n");
	wire_text(wire, DIR_C2S, wire_request);
	wire_text(wire, DIR_S2C, wire_answer);
	wire_fin(wire);
}

static void build_http_2(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
	wire_handshake(wire);
	wire_fin(wire);
}

static void build_other_upgrade(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: irc\r\n\r\n");
	wire_text(wire, DIR_S2C, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: irc\r\n\r\n");
	FRAME(wire, DIR_S2C, 0x81, "this looks like a frame, and even like text");
	wire_fin(wire);
}

static void test_no_websocket(void **state)
{
	(void)state;
	wire_gives(build_not_http, true, "open\nclose fin\n", "", "");
	wire_gives(build_server_first, false, "open\nclose fin\n", "", "");
	/* behind HTTP/2's preface, what is HTTP/1.1 is a frame without end */
	wire_gives(build_http_2, false, "open\nclose fin\n", "h2 0 0\nviolation h2-frame-size\n", "");
	wire_gives(build_other_upgrade, false, "open\nupgrade irc\nclose fin\n", "", "");
}

static void build_one_sided(struct wire *wire, enum dir dir)
{
	wire->captured[dir_other(dir)] = false;
	wire_syn(wire);
	wire_handshake(wire);
	for (int i = 0; i < 3; i++) {
		FRAME(wire, DIR_C2S, 0x81, "hello");
		FRAME(wire, DIR_S2C, 0x81, "welcome");
	}
	wire_close_frame(wire, DIR_C2S, 1000);
	wire_close_frame(wire, DIR_S2C, 1000);
}

static void build_client_only(struct wire *wire)
{
	build_one_sided(wire, DIR_C2S);
}

static void build_server_only(struct wire *wire)
{
	build_one_sided(wire, DIR_S2C);
}

static void test_one_side(void **state)
{
	(void)state;
	wire_gives(build_client_only, true, "open\n",
		   "request /chat\nmid\ntext 5 hello\ntext 5 hello\ntext 5 hello\nclose 2 1000\n", "");
	wire_gives(build_server_only, true, "open\nhandshake 101 no-request\n", "",
		   "text 7 welcome\ntext 7 welcome\ntext 7 welcome\nclose 2 1000\n");
}

static void test_limits(void **state)
{
	struct limits limits = wire_limits();
	struct wire_log log;
	struct wire wire;
	char line[200];

	(void)state;
	limits.head = 1000;
	memset(line, 'x', sizeof(line));
	memcpy(line, "X-Long: ", 8);
	memcpy(line + sizeof(line) - 3, "\r\n", 3);
	wire_init(&wire, 0);
	wire_log_init(&log);
	wire_syn(&wire);
	wire_text(&wire, DIR_C2S, "GET / HTTP/1.1\r\n");
	for (int i = 0; i < 10; i++)
		wire_text(&wire, DIR_C2S, line);
	wire_handshake(&wire);
	assert_true(wire_play(&wire, &limits, &log));
	assert_int_equal(log.stats.limits, 1);
	assert_int_equal(log.stats.handshakes, 1); /* behind it */
	wire_log_finish(&log);
	wire_finish(&wire);
}

/* More bytes wait for the answer than may: they go on without it. */
static void test_too_much_to_hold(void **state)
{
	struct limits limits = wire_limits();
	struct wire_log log;
	struct wire wire;

	(void)state;
	limits.head = 300;
	wire_init(&wire, 0);
	wire_log_init(&log);
	wire_syn(&wire);
	wire_text(&wire, DIR_C2S, wire_request);
	for (int i = 0; i < 10; i++)
		FRAME(&wire, DIR_C2S, 0x81, "forty bytes of text, and one or two more");
	assert_true(wire_play(&wire, &limits, &log));
	assert_int_equal(log.stats.limits, 0);
	assert_int_equal(log.stats.mid_stream, 1);
	assert_int_equal(log.stats.messages_c2s, 10);
	wire_log_finish(&log);
	wire_finish(&wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_talk),
	    cmocka_unit_test(test_deflate),
	    cmocka_unit_test(test_refused_and_tried_again),
	    cmocka_unit_test(test_answers_that_are_not_the_last),
	    cmocka_unit_test(test_wrong_accept),
	    cmocka_unit_test(test_out_of_turn),
	    cmocka_unit_test(test_after_close),
	    cmocka_unit_test(test_cut_off_by_the_end),
	    cmocka_unit_test(test_no_websocket),
	    cmocka_unit_test(test_one_side),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_too_much_to_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
