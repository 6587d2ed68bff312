/* WebSockets on streams of HTTP/2, from packets to events: also a byte a segment, shuffled, with gaps, joined late, and
 * with each allocation failing once. */
#include "test.h"

#include "failmalloc.h"
#include "wire.h"

#define LITERAL(name_len, name, value_len, value) "\x40" name_len name value_len value

/* Literals, which go into the table. */
#define VERSION_FIELD LITERAL("\x15", "sec-websocket-version", "\x02", "13")

enum {
	H2_OK_LEN = 10,
};

/* What is sent goes in DATA frames of these streams, each a tunnel in the one before. */
static uint8_t tunnels[2];
static size_t tunnel_count;

static void wrapped(struct wire *wire, enum dir dir, const char *data, size_t len, size_t depth)
{
	char frame[1024] = {0, (char)(len >> 8), (char)len};

	if (!depth) {
		wire_send(wire, dir, ws_span_of(data, len));
		return;
	}
	assert_true(len <= sizeof(frame) - 9);
	frame[8] = (char)tunnels[depth - 1];
	memcpy(frame + 9, data, len);
	wrapped(wire, dir, frame, 9 + len, depth - 1);
}

static void bytes(struct wire *wire, enum dir dir, const char *data, size_t len)
{
	wrapped(wire, dir, data, len, tunnel_count);
}
#define BYTES(wire, dir, literal) bytes((wire), (dir), (literal), sizeof(literal) - 1)

static void greet(struct wire *wire)
{
	BYTES(wire, DIR_S2C, "\0\0\x06\x04\0\0\0\0\0\x00\x08\x00\x00\x00\x01");
	BYTES(wire, DIR_C2S, H2_PREFACE "\0\0\0\x04\0\0\0\0\0");
}

static void preface(struct wire *wire)
{
	wire_syn(wire);
	greet(wire);
}

static void request(struct wire *wire, uint8_t stream)
{
	static const char block[] = LITERAL("\x07", ":method", "\x07", "CONNECT")
	    LITERAL("\x09", ":protocol", "\x09", "websocket") LITERAL("\x07", ":scheme", "\x04", "http")
		LITERAL("\x05", ":path", "\x05", "/chat") LITERAL("\x0a", ":authority", "\x01", "a") VERSION_FIELD;
	char frame[9 + sizeof(block) - 1] = {0, 0, (char)(sizeof(block) - 1), 1, 4, 0, 0, 0, (char)stream};

	memcpy(frame + 9, block, sizeof(block) - 1);
	bytes(wire, DIR_C2S, frame, sizeof(frame));
}

static void answer(struct wire *wire, uint8_t stream)
{
	char frame[H2_OK_LEN] = {0, 0, 1, 1, 4, 0, 0, 0, (char)stream, (char)0x88};

	bytes(wire, DIR_S2C, frame, sizeof(frame));
}

/* WebSocket frames of up to 100 bytes of payload, each in a DATA frame. Masked with zeroes. */
static void data(struct wire *wire, enum dir dir, uint8_t stream, uint8_t flags, const char *text)
{
	size_t len = strlen(text), mask = dir == DIR_C2S ? 4 : 0;
	char frame[9 + 6 + 100] = {0,
				   0,
				   (char)(2 + mask + len),
				   0,
				   (char)flags,
				   0,
				   0,
				   0,
				   (char)stream,
				   (char)0x81,
				   (char)(mask ? 0x80 | len : len)};

	memcpy(frame + 11 + mask, text, len);
	bytes(wire, dir, frame, 11 + mask + len);
}

static void build_talk(struct wire *wire)
{
	preface(wire);
	request(wire, 1);
	answer(wire, 1);
	data(wire, DIR_C2S, 1, 0, "hello");
	data(wire, DIR_S2C, 1, 0, "hello, hello");
	request(wire, 3);
	answer(wire, 3);
	data(wire, DIR_C2S, 3, 0, "another");
	data(wire, DIR_S2C, 1, 0, "still here");
	data(wire, DIR_S2C, 3, 1, "bye");
	BYTES(wire, DIR_S2C, "\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08");
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
	preface(wire);
	request(wire, 1);
	answer(wire, 1);
	wire_lose(wire, DIR_C2S, 40);
	data(wire, DIR_C2S, 1, 0, "hello");
	data(wire, DIR_C2S, 1, 0, "again");
	wire_fin(wire);
}

/* The gap is the connection's, as nobody knows what was in it. The stream goes on at a frame that can be trusted. */
static void test_gap(void **state)
{
	(void)state;
	wire_gives(build_gap, false, "open\nhandshake 200\nclose fin\n",
		   "request /chat\ngap 40\ntext 5 hello\ntext 5 again\n", "h2 0 0\nh2 1 0\n");
}

static void build_joined(struct wire *wire)
{
	for (int i = 0; i < 3; i++) {
		data(wire, DIR_S2C, 1, 0, "is anybody there?");
		data(wire, DIR_C2S, 1, 0, "somebody is here.");
	}
	request(wire, 3);
	answer(wire, 3);
	data(wire, DIR_C2S, 3, 0, "new");
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
	BYTES(wire, DIR_C2S, head);
	BYTES(wire, DIR_S2C, "\0\0\x01\x01\x05\0\0\0\x05\x88");
	request(wire, 7);
	answer(wire, 7);
	data(wire, DIR_C2S, 7, 0, "hello");
	wire_fin(wire);
}

static void build_settings_turned(struct wire *wire)
{
	turn(wire);
	BYTES(wire, DIR_S2C, "\0\0\x06\x04\0\0\0\0\0\x00\x08\x00\x00\x00\x01");
	request(wire, 1);
	answer(wire, 1);
	data(wire, DIR_C2S, 1, 0, "hello");
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
	BYTES(wire, DIR_S2C,
	      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
	      "\0\0\x06\x04\0\0\0\0\0\x00\x08\x00\x00\x00\x01");
	BYTES(wire, DIR_C2S, H2_PREFACE "\0\0\0\x04\0\0\0\0\0");
	answer(wire, 1);
	request(wire, 3);
	answer(wire, 3);
	data(wire, DIR_C2S, 3, 0, "upgraded");
	wire_fin(wire);
}

static void test_upgraded(void **state)
{
	(void)state;
	wire_gives(build_upgraded, false, "open\nupgrade h2c\nhandshake 200\nclose fin\n",
		   "request /chat\ntext 8 upgraded\n", "h2 0 0\nh2 1 0\n");
}

/* A CONNECT, and whether it is answered by 200. */
static void connect(struct wire *wire, uint8_t stream, bool agreed)
{
	static const char block[] =
	    LITERAL("\x07", ":method", "\x07", "CONNECT") LITERAL("\x0a", ":authority", "\x04", "b:80");
	char frame[9 + sizeof(block) - 1] = {0, 0, (char)(sizeof(block) - 1), 1, 4, 0, 0, 0, (char)stream};

	memcpy(frame + 9, block, sizeof(block) - 1);
	bytes(wire, DIR_C2S, frame, sizeof(frame));
	if (agreed)
		answer(wire, stream);
	else /* 404 */
		bytes(wire, DIR_S2C, (char[H2_OK_LEN]){0, 0, 1, 1, 5, 0, 0, 0, (char)stream, (char)0x8d}, H2_OK_LEN);
}

/* Bytes in a DATA frame. */
static void carry(struct wire *wire, enum dir dir, uint8_t stream, const char *what)
{
	size_t len = strlen(what);
	char header[9] = {0, (char)(len >> 8), (char)len, 0, 0, 0, 0, 0, (char)stream};

	bytes(wire, dir, header, sizeof(header));
	bytes(wire, dir, what, len);
}

/* RFC 9113, section 8.5: beside a WebSocket of RFC 8441, one refused, and one with another protocol in it. */
static void build_tunnel(struct wire *wire)
{
	preface(wire);
	connect(wire, 1, false);
	connect(wire, 3, true);
	connect(wire, 5, true);
	carry(wire, DIR_C2S, 3, wire_request);
	carry(wire, DIR_S2C, 5, "220 mail");
	request(wire, 7);
	carry(wire, DIR_S2C, 3, wire_answer);
	data(wire, DIR_C2S, 3, 0, "through");
	data(wire, DIR_C2S, 5, 0, "no WebSocket");
	answer(wire, 7);
	data(wire, DIR_C2S, 7, 0, "beside");
	data(wire, DIR_S2C, 3, 1, "and back");
	wire_fin(wire);
}

static void test_tunnel(void **state)
{
	(void)state;
	wire_gives(
	    build_tunnel, false,
	    "open\ntunnel b:80 404\ntunnel b:80 200\ntunnel b:80 200\nhandshake 101 ok\nhandshake 200\nclose fin\n",
	    "request /chat\nrequest /chat\ntext 7 through\ntext 6 beside\n",
	    "h2 0 0\nh2 1 0\ntext 8 and back\nh2 2 3\n");
}

/* The gap may be anywhere: what was under way goes on where a frame can be trusted. */
static void build_tunnel_gap(struct wire *wire)
{
	preface(wire);
	connect(wire, 1, true);
	connect(wire, 3, true);
	carry(wire, DIR_C2S, 1, wire_request);
	carry(wire, DIR_S2C, 1, wire_answer);
	wire_lose(wire, DIR_C2S, 60);
	data(wire, DIR_C2S, 1, 0, "hello");
	data(wire, DIR_C2S, 1, 0, "again");
	wire_fin(wire);
}

static void test_tunnel_gap(void **state)
{
	(void)state;
	wire_gives(build_tunnel_gap, false, "open\ntunnel b:80 200\ntunnel b:80 200\nhandshake 101 ok\nclose fin\n",
		   "request /chat\ngap 60\ntext 5 hello\ntext 5 again\n", "h2 0 0\nh2 1 0\n");
}

static void enter(uint8_t stream)
{
	tunnels[tunnel_count++] = stream;
}

static void leave(void)
{
	tunnel_count--;
}

/* HTTP/2 in a tunnel of HTTP/2, on streams of the same numbers; beside it a WebSocket in the outer one. */
static void build_h2_within(struct wire *wire)
{
	preface(wire);
	connect(wire, 1, true);
	enter(1);
	greet(wire);
	request(wire, 1);
	answer(wire, 1);
	leave();
	request(wire, 3);
	answer(wire, 3);
	data(wire, DIR_C2S, 3, 0, "beside");
	enter(1);
	data(wire, DIR_C2S, 1, 0, "within");
	request(wire, 3);
	answer(wire, 3);
	data(wire, DIR_C2S, 3, 0, "two");
	data(wire, DIR_S2C, 1, 1, "and back");
	leave();
	wire_fin(wire);
}

static void test_h2_within(void **state)
{
	(void)state;
	wire_gives(build_h2_within, false,
		   "open\ntunnel b:80 200\nhandshake 200\nhandshake 200\nhandshake 200\nclose fin\n",
		   "request /chat\nrequest /chat\ntext 6 beside\ntext 6 within\nrequest /chat\ntext 3 two\n",
		   "h2 0 0\nh2 1 0\nh2 0 1\nh2 1 1\ntext 8 and back\nh2 2 1.1\n");
}

/* How much of it is missing may be known, where it is one DATA frame's, or not: it is found again. */
static void build_h2_within_gap(struct wire *wire)
{
	preface(wire);
	connect(wire, 1, true);
	enter(1);
	greet(wire);
	request(wire, 1);
	answer(wire, 1);
	data(wire, DIR_C2S, 1, 0, "before");
	wire_lose(wire, DIR_C2S, 70);
	for (int i = 0; i < 4; i++)
		data(wire, DIR_C2S, 1, 0, "behind the gap");
	leave();
	wire_fin(wire);
}

static void test_h2_within_gap(void **state)
{
	(void)state;
	wire_gives(build_h2_within_gap, false, "open\ntunnel b:80 200\nhandshake 200\nclose fin\n",
		   "request /chat\ntext 6 before\ngap 70\ntext 14 behind the gap\ntext 14 behind the gap\n"
		   "text 14 behind the gap\ntext 14 behind the gap\n",
		   "h2 0 0\nh2 1 0\nh2 0 1\nh2 1 1\n");
}

/* A third one's streams would have no name: told once, and left alone. */
static void build_h2_within_h2_within(struct wire *wire)
{
	preface(wire);
	connect(wire, 1, true);
	enter(1);
	greet(wire);
	connect(wire, 5, true);
	enter(5);
	greet(wire);
	request(wire, 1);
	answer(wire, 1);
	leave();
	request(wire, 7);
	answer(wire, 7);
	data(wire, DIR_C2S, 7, 0, "still read");
	leave();
	wire_fin(wire);
}

static void test_no_third_h2(void **state)
{
	(void)state;
	wire_gives(build_h2_within_h2_within, false,
		   "open\ntunnel b:80 200\ntunnel b:80 200\nhandshake 200\nclose fin\n",
		   "request /chat\ntext 10 still read\n", "h2 0 0\nh2 1 0\nh2 0 1\nh2 1 1\nh2 10 1.5\n");
}

static void each_allocation(void (*build)(struct wire *wire))
{
	struct limits limits = wire_limits();
	struct wire wire;
	long n = 0;
	bool failed;

	wire_init(&wire, 40);
	build(&wire);
	do {
		struct wire_log log;

		wire_log_init(&log);
		failmalloc_after(n++);
		wire_play(&wire, &limits, &log);
		failed = failmalloc_failed();
		failmalloc_after(-1);
		assert_true(log.stats.messages <= 5);
		wire_log_finish(&log);
	} while (failed);
	assert_true(n > 20);
	wire_finish(&wire);
}

static void test_each_allocation(void **state)
{
	(void)state;
	each_allocation(build_talk);
	each_allocation(build_tunnel);
	each_allocation(build_h2_within);
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
	    cmocka_unit_test(test_joined),
	    cmocka_unit_test(test_joined_with_the_roles_turned),
	    cmocka_unit_test(test_upgraded),
	    cmocka_unit_test(test_tunnel),
	    cmocka_unit_test(test_tunnel_gap),
	    cmocka_unit_test(test_h2_within),
	    cmocka_unit_test(test_h2_within_gap),
	    cmocka_unit_test(test_no_third_h2),
	    cmocka_unit_test(test_each_allocation),
	    cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
