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

#define EVENT(name, time, packet)                                                                                      \
	"{\"event\":\"" name "\",\"time\":\"1400000000." time "\",\"conn\":1,\"packet\":" packet ","
#define ENDS "\"client\":\"10.0.0.1:50000\",\"server\":\"10.0.0.2:7272\""

static void test_json(void **state)
{
	(void)state;
	gives(
	    &sink_json, build_login,
	    EVENT("tcp_open", "000000000", "1") ENDS "}\n" EVENT("handshake", "000050000", "6") ENDS
	    ",\"path\":\"/chat\",\"host\":\"server.example.com\",\"status\":101,"
	    "\"accept_ok\":true}\n" EVENT(
		"message", "000070000",
		"8") "\"dir\":\"c2s\",\"opcode\":\"text\",\"len\":37,\"wire_len\":37,"
		     "\"frames\":1,\"compressed\":false,\"masked\":true,"
		     "\"text\":\"{\\\"type\\\":\\\"login\\\",\\\"name\\\":\\\"a\\\\u001b[31m\\\"}\"}\n" EVENT(
			 "message", "000090000",
			 "10") "\"dir\":\"s2c\",\"opcode\":\"text\",\"len\":13,\"wire_len\":13,"
			       "\"frames\":1,\"compressed\":false,\"masked\":false,\"text\":\"{\\\"type\\\":\\\"hi\\\"}"
			       "\"}\n" EVENT("control", "000110000",
					     "12") "\"dir\":\"s2c\",\"opcode\":\"close\",\"len\":2,\"wire_len\":2,"
						   "\"frames\":1,\"compressed\":false,\"masked\":false,\"close_code\":"
						   "1001,\"close_reason\":\"\"}\n" EVENT("tcp_close", "000140000",
											 "15") "\"how\":\"fin\"}\n");
}

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

#define BINARY(packet, time, len)                                                                                      \
	EVENT("message", time, packet)                                                                                 \
	"\"dir\":\"s2c\",\"opcode\":\"binary\",\"len\":" len ",\"wire_len\":" len                                      \
	",\"frames\":1,\"compressed\":false,\"masked\":false,"

static void test_json_bytes(void **state)
{
	(void)state;
	gives(
	    &sink_json, build_bytes,
	    EVENT("tcp_open", "000000000", "1") ENDS "}\n" EVENT("handshake", "000050000", "6") ENDS
	    ",\"path\":\"/chat\",\"host\":\"server.example.com\",\"status\":101,"
	    "\"accept_ok\":true}\n" BINARY("8", "000070000", "1") "\"base64\":\"/w==\"}\n" BINARY("10", "000090000", "2") "\"base64\":\"//4=\"}\n" BINARY(
		"12", "000110000",
		"3") "\"base64\":\"//79\"}\n" BINARY("14", "000130000",
						     "4") "\"base64\":\"//79/A==\"}\n" BINARY("16", "000150000",
											      "0") "\"text\":\"\"}"
												   "\n" BINARY(
												       "18",
												       "0001700"
												       "00",
												       "12") "\"text\":"
													     "\"text "
													     "\\\"\\\\"
													     "\\u001b\\"
													     "u007f\\u2"
													     "02e\"}"
													     "\n");
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
