/* WebSockets on streams of HTTP/2, from packets to events: also a byte a segment, shuffled, with gaps, joined late, and
 * with each allocation failing once. */
#include "test.h"

#include "h2_wire.h"

static void build_talk(struct wire *wire)
{
	h2w_preface(wire);
	h2w_request(wire, 1);
	h2w_answer(wire, 1);
	h2w_data(wire, DIR_C2S, 1, 0, "hello");
	h2w_data(wire, DIR_S2C, 1, 0, "hello, hello");
	h2w_request(wire, 3);
	h2w_answer(wire, 3);
	h2w_data(wire, DIR_C2S, 3, 0, "another");
	h2w_data(wire, DIR_S2C, 1, 0, "still here");
	h2w_data(wire, DIR_S2C, 3, 1, "bye");
	H2W_BYTES(wire, DIR_S2C, "\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08");
	wire_fin(wire);
}

static const char talk_c2s[] = "request /chat\ntext 5 hello\nrequest /chat\ntext 7 another\n";

static void test_talk(void **state)
{
	(void)state;
	wire_gives(build_talk, false, "open\nhandshake 200\nhandshake 200\nclose fin\n", talk_c2s,
		   "h2 0 0\nh2 1 0\ntext 12 hello, hello\ntext 10 still here\ntext 3 bye\nh2 2 3\nh2 3 1\n");
}

/* A byte a segment, and out of order within a direction: of each direction the bytes come in order all the same. */
static void test_cut(void **state)
{
	struct limits limits = wire_limits();
	struct wire wire;
	struct wire_log log;

	(void)state;
	wire_init(&wire, 1);
	build_talk(&wire);
	wire_log_init(&log);
	assert_true(wire_play(&wire, &limits, &log));
	out_char(&log.streams[DIR_C2S], '\0');
	assert_string_equal(log.streams[DIR_C2S].text, talk_c2s);
	assert_int_equal(log.stats.messages, 5);
	assert_int_equal(log.stats.violations, 0);
	wire_log_finish(&log);
	wire_finish(&wire);
}

static void build_gap(struct wire *wire)
{
	h2w_preface(wire);
	h2w_request(wire, 1);
	h2w_answer(wire, 1);
	wire_lose(wire, DIR_C2S, 40);
	h2w_data(wire, DIR_C2S, 1, 0, "hello");
	h2w_data(wire, DIR_C2S, 1, 0, "again");
	wire_fin(wire);
}

/* The gap is the connection's, as nobody knows what was in it. The stream goes on at a frame that can be trusted. */
static void test_gap(void **state)
{
	(void)state;
	wire_gives(build_gap, false, "open\nhandshake 200\nclose fin\n",
		   "request /chat\ngap 40\ntext 5 hello\ntext 5 again\n", "h2 0 0\nh2 1 0\n");
}

/* The stream is reset while bytes of the other direction are still missing: when they are given up, nobody is there any
 * more whose they might be, and they are told all the same. */
static void build_reset_in_gap(struct wire *wire)
{
	h2w_preface(wire);
	h2w_request(wire, 1);
	h2w_answer(wire, 1);
	H2W_BYTES(wire, DIR_S2C, "\0\0\x14\0\0\0\0\0\x01\x82\x12some");
	wire_lose(wire, DIR_S2C, 10);
	H2W_BYTES(wire, DIR_S2C, "more");
	H2W_BYTES(wire, DIR_C2S, "\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08");
	wire_fin(wire);
}

static void test_reset_in_gap(void **state)
{
	(void)state;
	wire_gives(build_reset_in_gap, false, "open\nhandshake 200\nclose fin\n", "request /chat\nh2 3 1\n",
		   "h2 0 0\nh2 1 0\nbinary 4 missing some\ngap 10\n");
}

/* The reset is read while what the server had sent before it is held, as bytes of the client's are missing: that is
 * told. */
static void build_reset_before_held(struct wire *wire)
{
	h2w_preface(wire);
	h2w_request(wire, 1);
	h2w_answer(wire, 1);
	H2W_BYTES(wire, DIR_C2S, "\0\0\x14\0\0\0\0\0\x01\x82\x8e\0\0\0\0");
	wire_lose(wire, DIR_C2S, 10);
	H2W_BYTES(wire, DIR_C2S, "more");
	h2w_data(wire, DIR_S2C, 1, 0, "and back");
	H2W_BYTES(wire, DIR_C2S, "\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08");
	wire_fin(wire);
}

static void test_reset_before_held(void **state)
{
	(void)state;
	wire_gives(build_reset_before_held, false, "open\nhandshake 200\nclose fin\n",
		   "request /chat\ngap 10\nbinary 14 missing\nh2 3 1\n", "h2 0 0\nh2 1 0\ntext 8 and back\n");
}

static void build_joined(struct wire *wire)
{
	for (int i = 0; i < 3; i++) {
		h2w_data(wire, DIR_S2C, 1, 0, "is anybody there?");
		h2w_data(wire, DIR_C2S, 1, 0, "somebody is here.");
	}
	h2w_request(wire, 3);
	h2w_answer(wire, 3);
	h2w_data(wire, DIR_C2S, 3, 0, "new");
	wire_fin(wire);
}

static void test_joined(void **state)
{
	(void)state;
	wire_gives(build_joined, false, "open\nhandshake 200\nclose fin\n",
		   "h2 0 0\nmid\ntext 17 somebody is here.\ntext 17 somebody is here.\ntext 17 somebody is here.\n"
		   "request /chat\ntext 3 new\n",
		   "mid\ntext 17 is anybody there?\ntext 17 is anybody there?\ntext 17 is anybody there?\n");
}

static void turn(struct wire *wire)
{
	wire->ports[DIR_C2S] = 1000; /* the lower one, so that it passes for the server's */
}

static void build_joined_turned(struct wire *wire)
{
	turn(wire);
	build_joined(wire);
}

/* As encoders write it, :method is an entry of the static table. */
static void build_head_turned(struct wire *wire)
{
	static const char head[] = "\0\0\x10\x01\x04\0\0\0\x05\x82\x84\x86\x41\x01"
				   "a"
				   "\x40\x01"
				   "b"
				   "\x06"
				   "filler";

	turn(wire);
	H2W_BYTES(wire, DIR_C2S, head);
	H2W_BYTES(wire, DIR_S2C, "\0\0\x01\x01\x05\0\0\0\x05\x88");
	h2w_request(wire, 7);
	h2w_answer(wire, 7);
	h2w_data(wire, DIR_C2S, 7, 0, "hello");
	wire_fin(wire);
}

static void build_settings_turned(struct wire *wire)
{
	turn(wire);
	H2W_BYTES(wire, DIR_S2C, "\0\0\x06\x04\0\0\0\0\0\x00\x08\x00\x00\x00\x01");
	h2w_request(wire, 1);
	h2w_answer(wire, 1);
	h2w_data(wire, DIR_C2S, 1, 0, "hello");
	wire_fin(wire);
}

/* Joined late, the frames tell who is the client, and not the ports. */
static void test_joined_with_the_roles_turned(void **state)
{
	(void)state;
	wire_gives(build_joined_turned, false, "open\nhandshake 200\nclose fin\n",
		   "h2 0 0\nmid\ntext 17 somebody is here.\ntext 17 somebody is here.\ntext 17 somebody is here.\n"
		   "request /chat\ntext 3 new\n",
		   "mid\ntext 17 is anybody there?\ntext 17 is anybody there?\ntext 17 is anybody there?\n");
	wire_gives(build_head_turned, false, "open\nhandshake 200\nclose fin\n",
		   "h2 0 0\nrequest /chat\ntext 5 hello\n", "");
	wire_gives(build_settings_turned, false, "open\nhandshake 200\nclose fin\n",
		   "h2 0 0\nrequest /chat\ntext 5 hello\n", "h2 1 0\n");
}

static void build_upgraded(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S,
		  "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
		  "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
	H2W_BYTES(wire, DIR_S2C,
		  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
		  "\0\0\x06\x04\0\0\0\0\0\x00\x08\x00\x00\x00\x01");
	H2W_BYTES(wire, DIR_C2S, H2_PREFACE "\0\0\0\x04\0\0\0\0\0");
	h2w_answer(wire, 1);
	h2w_request(wire, 3);
	h2w_answer(wire, 3);
	h2w_data(wire, DIR_C2S, 3, 0, "upgraded");
	wire_fin(wire);
}

static void test_upgraded(void **state)
{
	(void)state;
	wire_gives(build_upgraded, false, "open\nupgrade h2c\nhandshake 200\nclose fin\n",
		   "request /chat\ntext 8 upgraded\n", "h2 0 0\nh2 1 0\n");
}

static void test_each_allocation(void **state)
{
	(void)state;
	h2w_each_allocation(build_talk);
}

/* What a connection keeps is counted: past the limit it is given up, and that is said. */
static void test_limit(void **state)
{
	struct limits limits = wire_limits();
	struct wire wire;
	struct wire_log log;

	(void)state;
	limits.waiting_total = 1000;
	wire_init(&wire, 0);
	build_talk(&wire);
	wire_log_init(&log);
	assert_true(wire_play(&wire, &limits, &log));
	assert_int_equal(log.stats.limits, 1);
	assert_int_equal(log.stats.messages, 0);
	wire_log_finish(&log);
	wire_finish(&wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_talk),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_gap),
	    cmocka_unit_test(test_reset_in_gap),
	    cmocka_unit_test(test_reset_before_held),
	    cmocka_unit_test(test_joined),
	    cmocka_unit_test(test_joined_with_the_roles_turned),
	    cmocka_unit_test(test_upgraded),
	    cmocka_unit_test(test_each_allocation),
	    cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
