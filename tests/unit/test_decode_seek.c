/* Frame boundaries in the middle of a stream: joined late, behind gaps; and what is not to be taken for one. */
#include "test.h"

#include "wire.h"

static void build_joined(struct wire *wire)
{
	for (int i = 0; i < 5; i++) {
		FRAME(wire, DIR_C2S, 0x81, "{\"type\":\"say\"}");
		FRAME(wire, DIR_S2C, 0x81, "{\"type\":\"said\"}");
	}
}

static const char five_say[] =
    "mid\ntext 14 {\"type\":\"say\"}\ntext 14 {\"type\":\"say\"}\ntext 14 {\"type\":\"say\"}\n"
    "text 14 {\"type\":\"say\"}\ntext 14 {\"type\":\"say\"}\n";
static const char five_said[] = "mid\ntext 15 {\"type\":\"said\"}\ntext 15 {\"type\":\"said\"}\n"
				"text 15 {\"type\":\"said\"}\ntext 15 {\"type\":\"said\"}\n"
				"text 15 {\"type\":\"said\"}\n";

static void test_joined(void **state)
{
	(void)state;
	wire_gives(build_joined, false, "open\n", five_say, five_said);
}

/* RFC 7692, section 7.2.3.1: only the client was captured, and it compresses; that is enough. */
static void build_joined_compressed(struct wire *wire)
{
	wire_text(wire, DIR_C2S, "the end of something");
	FRAME(wire, DIR_C2S, 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00");
	FRAME(wire, DIR_C2S, 0xc1, "\xf2\x00\x11\x00\x00");
	wire_wait(wire, NSEC_PER_SEC);
	FRAME(wire, DIR_C2S, 0x81, "and more");
}

/* The same bytes as binary frames' content tell less. */
static void build_joined_short(struct wire *wire)
{
	wire_text(wire, DIR_C2S, "the end of something");
	FRAME(wire, DIR_C2S, 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x01");
	FRAME(wire, DIR_C2S, 0x82, "\xf2\x00\x11\x00\x00");
}

static void test_joined_compressed(void **state)
{
	(void)state;
	wire_gives(build_joined_compressed, false, "open\n", "mid\ntext 5 z Hello\ntext 5 z Hello\ntext 8 and more\n",
		   "");
	wire_gives(build_joined_short, false, "open\n", "", "");
}

/* The client has the lower port: only the masks tell. */
static void build_joined_turned(struct wire *wire)
{
	wire->ports[DIR_C2S] = 1000;
	build_joined(wire);
}

static void test_joined_with_the_roles_turned(void **state)
{
	(void)state;
	wire_gives(build_joined_turned, false, "open\n", five_say, five_said);
}

static void build_http_turned(struct wire *wire)
{
	wire->ports[DIR_C2S] = 1000;
	wire_handshake(wire);
	FRAME(wire, DIR_C2S, 0x81, "hello");
	FRAME(wire, DIR_S2C, 0x81, "welcome");
}

static void test_handshake_with_the_roles_turned(void **state)
{
	(void)state;
	wire_gives(build_http_turned, false, "open\nhandshake 101 ok\n", "request /chat\ntext 5 hello\n",
		   "text 7 welcome\n");
}

/* An answer that is the first packet tells the roles, too. */
static void build_answer_turned(struct wire *wire)
{
	wire->ports[DIR_C2S] = 1000;
	wire_text(wire, DIR_S2C, wire_answer);
	FRAME(wire, DIR_S2C, 0x81, "welcome");
	wire_wait(wire, 2ll * NSEC_PER_SEC);
	FRAME(wire, DIR_S2C, 0x81, "welcome");
}

static void test_answer_with_the_roles_turned(void **state)
{
	(void)state;
	wire_gives(build_answer_turned, false, "open\nhandshake 101 no-request\n", "",
		   "text 7 welcome\ntext 7 welcome\n");
}

/* One short binary frame is not enough; what waits is told when the other direction speaks for it. */
static void build_weak(struct wire *wire)
{
	FRAME(wire, DIR_S2C, 0x82, "\1\2\3\4");
}

static void build_weak_both(struct wire *wire)
{
	FRAME(wire, DIR_C2S, 0x82, "\1\2\3\4");
	FRAME(wire, DIR_S2C, 0x82, "\5\6\7\10");
}

static void build_long(struct wire *wire)
{
	static uint8_t bytes[300];

	wire_frame(wire, DIR_S2C, 0x82, ws_span_of(bytes, sizeof(bytes)));
}

static void build_close(struct wire *wire)
{
	wire_close_frame(wire, DIR_S2C, 1001);
	FRAME(wire, DIR_S2C, 0x89, "");
}

static void test_how_much_is_enough(void **state)
{
	(void)state;
	wire_gives(build_weak, false, "open\n", "", "");
	wire_gives(build_weak_both, false, "open\n", "mid\nbinary 4 \1\2\3\4\n", "mid\nbinary 4 \5\6\7\10\n");
	wire_gives(build_long, false, "open\n", "", "mid\nbinary 300 300 bytes\n");
	wire_gives(build_close, false, "open\n", "", "");
}

/* Other protocols, joined in their middle. */
static void build_other(struct wire *wire)
{
	static const char *const said[] = {"220 ready\r\n", "A1 OK done\r\n", "BYE\r\n", "+OK\r\n",
					   "\x16\x03\x01\x02\x01"};
	static const struct ws_span binary[] = {
	    {(const uint8_t *)"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16},    /* zeroes look like empty frames */
	    {(const uint8_t *)"\x02\x01\x05\x02\x01\x06\x02\x01\x07", 9}, /* ASN.1 looks like fragments */
	    {(const uint8_t *)"\x82\x0b\x00\x01\x00\x06topic/\x00", 13},  /* MQTT's SUBSCRIBE has a frame's length */
	    {(const uint8_t *)"\x81\x00\x00\x00\x00\x00\x00\x00", 8},     /* memcached */
	    {(const uint8_t *)"\x81\x05\xff\xfe\xfd\xfc\xfb", 7},         /* text that is none */
	    {(const uint8_t *)"\x88\x02\x00\x01\x88\x02\x00\x02", 8},     /* close codes that are none */
	};

	for (int round = 0; round < 10; round++) {
		for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++)
			wire_text(wire, round % 2 ? DIR_C2S : DIR_S2C, said[i]);
		for (size_t i = 0; i < sizeof(binary) / sizeof(*binary); i++)
			wire_send(wire, i == 2 ? DIR_C2S : round % 2 ? DIR_C2S : DIR_S2C, binary[i]);
	}
}

static void test_other_protocols(void **state)
{
	(void)state;
	wire_gives(build_other, false, "open\n", "", "");
}

/* What begins like a frame and is none is not held against anybody, and frames behind it are found. */
static void build_doubt(struct wire *wire)
{
	wire_send(wire, DIR_S2C, ws_span_of("\x81\x08{\"a\":12}", 10));
	wire_text(wire, DIR_S2C, "something else entirely, with no frames in it");
	build_joined(wire);
}

static void test_doubt(void **state)
{
	struct wire_log log;
	struct wire wire;
	struct limits limits = wire_limits();

	(void)state;
	wire_init(&wire, 0);
	wire_log_init(&log);
	build_doubt(&wire);
	assert_true(wire_play(&wire, &limits, &log));
	assert_int_equal(log.stats.violations, 0);
	assert_int_equal(log.stats.mid_stream, 1);
	assert_int_equal(log.stats.messages_c2s, 5);
	assert_int_equal(log.stats.messages_s2c, 6);
	wire_log_finish(&log);
	wire_finish(&wire);
}

/* The document's capture: the beginning of both directions was not captured, a long time ago. */
static void build_blind(struct wire *wire)
{
	wire_syn(wire);
	wire_wait(wire, 450ll * NSEC_PER_SEC);
	wire->seq[DIR_C2S] += 815;
	wire->seq[DIR_S2C] += 435;
	FRAME(wire, DIR_S2C, 0x81, "{\"type\":\"login\"}");
	FRAME(wire, DIR_S2C, 0x81, "{\"type\":\"say\"}");
}

static void test_blind_for_a_while(void **state)
{
	(void)state;
	wire_gives(build_blind, false, "open\n", "gap 815\n",
		   "gap 435\nmid\ntext 16 {\"type\":\"login\"}\ntext 14 {\"type\":\"say\"}\n");
}

/* Bytes are missing within a payload, with a whole frame, and over a frame's end. */
static void build_gaps(struct wire *wire)
{
	wire_syn(wire);
	wire_handshake(wire);
	wire_text(wire, DIR_S2C, "\x81\x0aleft-");
	wire_lose(wire, DIR_S2C, 3);
	wire_text(wire, DIR_S2C, "-r");
	FRAME(wire, DIR_S2C, 0x81, "whole");
	wire_lose(wire, DIR_S2C, 100);
	FRAME(wire, DIR_S2C, 0x81, "found");
	wire_text(wire, DIR_S2C,
		  "\x81\x0a"
		  "begun");
	wire_lose(wire, DIR_S2C, 50);
	wire_text(wire, DIR_S2C, "the rest of something");
	FRAME(wire, DIR_S2C, 0x81, "found again");
}

static void test_gaps(void **state)
{
	(void)state;
	wire_gives(build_gaps, false, "open\nhandshake 101 ok\n", "request /chat\n",
		   "gap 3\ntext 10 missing left-\ntext 5 whole\ngap 100\ntext 5 found\ngap 50\n"
		   "gap 21 captured\ntext 5 missing begun\ntext 11 found again\n");
}

/* In the rest of a message stands what could be a frame, and ends where a true one begins. */
static void build_lucky(struct wire *wire)
{
	wire_syn(wire);
	wire_handshake(wire);
	wire_lose(wire, DIR_S2C, 100);
	wire_text(wire, DIR_S2C, "the rest of something");
	wire_text(wire, DIR_S2C,
		  "\x82\x05"
		  "lucky"
		  "\x81\x05"
		  "found");
}

static void test_lucky(void **state)
{
	(void)state;
	wire_gives(build_lucky, false, "open\nhandshake 101 ok\n", "request /chat\n",
		   "gap 100\ngap 28 captured\ntext 5 found\n");
}

/* As likely among other bytes as any short frame, and sent far less: a ping of bytes needs one before it. */
static void build_pings(struct wire *wire)
{
	wire_syn(wire);
	wire_handshake(wire);
	wire_lose(wire, DIR_C2S, 100);
	FRAME(wire, DIR_C2S, 0x89, "\xd9\xa6\xda\x38\x19\x78\x77");
	FRAME(wire, DIR_C2S, 0x89, "\xd9\xa6\xda\x38\x19\x78\x78");
	wire_lose(wire, DIR_S2C, 100);
	FRAME(wire, DIR_S2C, 0x89, "\xd9\xa6\xda\x38");
	FRAME(wire, DIR_S2C, 0x81, "found");
}

static void build_ping_of_text(struct wire *wire)
{
	wire_syn(wire);
	wire_handshake(wire);
	wire_lose(wire, DIR_C2S, 100);
	FRAME(wire, DIR_C2S, 0x8a, "12345");
}

static void test_pings(void **state)
{
	(void)state;
	wire_gives(build_pings, false, "open\nhandshake 101 ok\n",
		   "request /chat\ngap 100\ngap 13 captured\nping 7 \xd9\xa6\xda\x38\x19\x78\x78\n",
		   "gap 100\ngap 6 captured\ntext 5 found\n");
	wire_gives(build_ping_of_text, false, "open\nhandshake 101 ok\n", "request /chat\ngap 100\npong 5 12345\n", "");
}

/* The answer is lost: frames are found behind the gap, compressed ones too. */
static void build_answer_lost(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, wire_request_deflate);
	wire_lose(wire, DIR_S2C, 200);
	FRAME(wire, DIR_C2S, 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00");
	FRAME(wire, DIR_S2C, 0x81, "welcome");
}

static void test_answer_lost(void **state)
{
	(void)state;
	wire_gives(build_answer_lost, false, "open\n", "request /chat\nmid\ntext 5 z Hello\n",
		   "gap 200\nmid\ntext 7 welcome\n");
}

/* The request is lost: the answer says enough. */
static void build_request_lost(struct wire *wire)
{
	wire_syn(wire);
	wire_lose(wire, DIR_C2S, 150);
	wire_text(wire, DIR_S2C, wire_answer);
	FRAME(wire, DIR_C2S, 0x81, "hello");
	FRAME(wire, DIR_S2C, 0x81, "welcome");
}

static void test_request_lost(void **state)
{
	(void)state;
	wire_gives(build_request_lost, false, "open\nhandshake 101 no-request\n", "gap 150\ntext 5 hello\n",
		   "text 7 welcome\n");
}

/* A page was being sent when the capture began; the WebSocket comes on the same connection. */
static void build_joined_page(struct wire *wire)
{
	wire_text(wire, DIR_S2C, "the rest of a page</html>");
	wire_handshake(wire);
	FRAME(wire, DIR_C2S, 0x81, "hello");
	FRAME(wire, DIR_S2C, 0x81, "welcome");
}

static void test_joined_in_a_page(void **state)
{
	(void)state;
	wire_gives(build_joined_page, false, "open\nhandshake 101 ok\n", "request /chat\ntext 5 hello\n",
		   "text 7 welcome\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_joined),
	    cmocka_unit_test(test_joined_compressed),
	    cmocka_unit_test(test_joined_with_the_roles_turned),
	    cmocka_unit_test(test_handshake_with_the_roles_turned),
	    cmocka_unit_test(test_answer_with_the_roles_turned),
	    cmocka_unit_test(test_how_much_is_enough),
	    cmocka_unit_test(test_other_protocols),
	    cmocka_unit_test(test_doubt),
	    cmocka_unit_test(test_blind_for_a_while),
	    cmocka_unit_test(test_gaps),
	    cmocka_unit_test(test_lucky),
	    cmocka_unit_test(test_pings),
	    cmocka_unit_test(test_answer_lost),
	    cmocka_unit_test(test_request_lost),
	    cmocka_unit_test(test_joined_in_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
