/* The sinks that machines read: bytes as they are promised. */
#include "test.h"

#include "wire.h"
#include "wscap/options.h"
#include "wscap/sink.h"

static struct sink sink;

static void on_event(void *context, const struct event *event)
{
	(void)context;
	if (sink.ops->event)
		sink.ops->event(&sink, event);
}

static void gives(const struct sink_ops *ops, void (*build)(struct wire *wire), const char *want)
{
	struct decode_sink events = {.event = on_event};
	struct options options;
	struct decode *decode;
	struct wire wire;
	struct out out;

	options_init(&options);
	options.no_names = 1;
	options.time = TIME_EPOCH;
	assert_int_equal(out_init(&out, -1), 0);
	sink = (struct sink){.ops = ops, .options = &options, .out = &out};
	assert_int_equal(ops->open(&sink), 0);
	decode = decode_create(&options.limits, ops->depth, &events);
	assert_non_null(decode);
	wire_init(&wire, 0);
	build(&wire);
	wire_feed(&wire, decode);
	decode_flush(decode);
	if (ops->close)
		ops->close(&sink);
	decode_destroy(decode);
	out_char(&out, '\0');
	assert_string_equal(out.text, want);
	out_finish(&out);
	wire_finish(&wire);
	options_finish(&options);
}

static void build_login(struct wire *wire)
{
	wire_syn(wire);
	wire_handshake(wire);
	FRAME(wire, DIR_C2S, 0x81, "{\"type\":\"login\",\"name\":\"a\\u001b[31m\"}");
	FRAME(wire, DIR_S2C, 0x81, "{\"type\":\"hi\"}");
	wire_close_frame(wire, DIR_S2C, 1001);
	wire_fin(wire);
}

/* One line of JSON is one line here. */
/* clang-format off */
#define EVENT(name, time, packet)                                                                                      \
	"{\"event\":\"" name "\",\"time\":\"1400000000." time "\",\"conn\":1,\"packet\":" packet ","
#define ENDS "\"client\":\"10.0.0.1:50000\",\"server\":\"10.0.0.2:7272\""
#define MESSAGE(time, packet, dir, opcode, len, masked)                                                                \
	EVENT("message", time, packet) "\"dir\":\"" dir "\",\"opcode\":\"" opcode "\",\"len\":" len                    \
	",\"wire_len\":" len ",\"frames\":1,\"compressed\":false,\"masked\":" masked ","
#define BEGINNING                                                                                                      \
	EVENT("tcp_open", "000000000", "1") ENDS "}\n"                                                                 \
	EVENT("handshake", "000050000", "6") ENDS ",\"path\":\"/chat\",\"host\":\"server.example.com\","               \
	"\"status\":101,\"accept_ok\":true}\n"

static void test_json(void **state)
{
	(void)state;
	gives(&sink_json, build_login,
	      BEGINNING
	      MESSAGE("000070000", "8", "c2s", "text", "37", "true")
	      "\"text\":\"{\\\"type\\\":\\\"login\\\",\\\"name\\\":\\\"a\\\\u001b[31m\\\"}\"}\n"
	      MESSAGE("000090000", "10", "s2c", "text", "13", "false")
	      "\"text\":\"{\\\"type\\\":\\\"hi\\\"}\"}\n"
	      EVENT("control", "000110000", "12") "\"dir\":\"s2c\",\"opcode\":\"close\",\"len\":2,\"wire_len\":2,"
	      "\"frames\":1,\"compressed\":false,\"masked\":false,\"close_code\":1001,\"close_reason\":\"\"}\n"
	      EVENT("tcp_close", "000140000", "15") "\"how\":\"fin\"}\n");
}

static void build_bytes(struct wire *wire)
{
	wire_syn(wire);
	wire_handshake(wire);
	FRAME(wire, DIR_S2C, 0x82, "\xff");
	FRAME(wire, DIR_S2C, 0x82, "\xff\xfe");
	FRAME(wire, DIR_S2C, 0x82, "\xff\xfe\xfd");
	FRAME(wire, DIR_S2C, 0x82, "\xff\xfe\xfd\xfc");
	FRAME(wire, DIR_S2C, 0x82, "");
	FRAME(wire, DIR_S2C, 0x82, "text \"\\\x1b\x7f\xe2\x80\xae");
}

static void test_json_bytes(void **state)
{
	(void)state;
	gives(&sink_json, build_bytes,
	      BEGINNING
	      MESSAGE("000070000", "8", "s2c", "binary", "1", "false") "\"base64\":\"/w==\"}\n"
	      MESSAGE("000090000", "10", "s2c", "binary", "2", "false") "\"base64\":\"//4=\"}\n"
	      MESSAGE("000110000", "12", "s2c", "binary", "3", "false") "\"base64\":\"//79\"}\n"
	      MESSAGE("000130000", "14", "s2c", "binary", "4", "false") "\"base64\":\"//79/A==\"}\n"
	      MESSAGE("000150000", "16", "s2c", "binary", "0", "false") "\"text\":\"\"}\n"
	      MESSAGE("000170000", "18", "s2c", "binary", "12", "false")
	      "\"text\":\"text \\\"\\\\\\u001b\\u007f\\u202e\"}\n");
}
/* clang-format on */

static void test_messages(void **state)
{
	(void)state;
	gives(&sink_messages, build_login,
	      "1400000000.000050 #1 10.0.0.1.50000 > 10.0.0.2.7272            handshake                    "
	      "GET /chat: 101 Switching Protocols\n"
	      "1400000000.000070 #1 10.0.0.1.50000 (a\\x1b[31m) > 10.0.0.2.7272 text           37 login      "
	      "{\"type\":\"login\",\"name\":\"a\\u001b[31m\"}\n"
	      "1400000000.000090 #1 10.0.0.2.7272 > 10.0.0.1.50000 (a\\x1b[31m) text           13 hi         "
	      "{\"type\":\"hi\"}\n"
	      "1400000000.000110 #1 10.0.0.2.7272 > 10.0.0.1.50000 (a\\x1b[31m) close           2            "
	      "1001 going away\n"
	      "1400000000.000140 #1 10.0.0.1.50000 (a\\x1b[31m) > 10.0.0.2.7272 tcp-close                    fin\n");
}

static void build_before_1970(struct wire *wire)
{
	wire->now = -1500000000;
	wire_syn(wire);
	wire->now = INT64_MIN;
	wire->ports[DIR_C2S] = 1;
	wire_syn(wire);
}

static void test_json_times(void **state)
{
	(void)state;
	gives(&sink_json, build_before_1970,
	      "{\"event\":\"tcp_open\",\"time\":\"-1.500000000\",\"conn\":1,\"packet\":1," ENDS "}\n"
	      "{\"event\":\"tcp_open\",\"time\":\"-9223372036.854775808\",\"conn\":2,\"packet\":4,"
	      "\"client\":\"10.0.0.1:1\",\"server\":\"10.0.0.2:7272\"}\n");
}

static void test_null(void **state)
{
	(void)state;
	gives(&sink_null, build_login, "");
}

static void test_table(void **state)
{
	(void)state;
	for (const struct sink_ops *const *each = sinks; *each; each++)
		assert_ptr_equal(sink_find((*each)->name), *each);
	assert_null(sink_find("stories"));
	assert_null(sink_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_json),       cmocka_unit_test(test_messages), cmocka_unit_test(test_json_bytes),
	    cmocka_unit_test(test_json_times), cmocka_unit_test(test_null),     cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
