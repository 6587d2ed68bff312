/* Who sends to whom, of more WebSockets than texts are kept of: each line says it right, whether its text was kept, is
 * made by the short way, or by the one that any is made by. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "wire.h"
#include "wscap/ends.h"
#include "wscap/options.h"
#include "wscap/sink.h"

enum {
	CONNS = ENDS_KEPT + ENDS_KEPT / 2, /* the places of a third are shared by two */
	ROUNDS = 4,
	FIRST_PORT = 9700, /* of clients: with four digits, and with five */
	NAMED = 7,         /* every so manieth tells its name, in the second round */
	COLUMN = 200,
};

static struct sink sink;

static void on_event(void *context, const struct event *event)
{
	(void)context;
	if (sink.ops->event)
		sink.ops->event(&sink, event);
}

static bool is_named(unsigned conn, unsigned round)
{
	return conn % NAMED == 0 && round > 0;
}

static void build(struct wire *wire)
{
	static uint32_t seq[CONNS][2];

	for (unsigned round = 0; round <= ROUNDS; round++)
		for (unsigned i = 0; i < CONNS; i++) {
			wire->ports[DIR_C2S] = (uint16_t)(FIRST_PORT + i);
			memcpy(wire->seq, seq[i], sizeof(seq[i]));
			if (round == 0) {
				wire_syn(wire);
				wire_handshake(wire);
			} else if (is_named(i, round)) {
				FRAME(wire, DIR_C2S, 0x81, "{\"name\":\"me\"}");
				FRAME(wire, DIR_C2S, 0x81, "again");
			} else {
				FRAME(wire, DIR_C2S, 0x81, "one");
				FRAME(wire, DIR_S2C, 0x81, "two");
				FRAME(wire, DIR_C2S, 0x81, "three");
			}
			memcpy(seq[i], wire->seq, sizeof(seq[i]));
		}
}

/* One line of out, from at on: its column, and one space behind it or more. Returns the next one. */
static const char *check(const char *at, unsigned conn, enum dir dir, bool named)
{
	char client[COLUMN / 4], want[COLUMN];
	int len;

	snprintf(client, sizeof(client), "10.0.0.1.%u%s", FIRST_PORT + conn, named ? " (me)" : "");
	len = snprintf(want, sizeof(want), "#%u %s > %s", conn + 1, dir == DIR_C2S ? client : "10.0.0.2.7272",
		       dir == DIR_C2S ? "10.0.0.2.7272" : client);
	memset(want + len, ' ', sizeof(want) - (size_t)len);
	assert_memory_equal(at, want, ENDS_WIDTH_MIN + 1);
	assert_int_not_equal(at[ENDS_WIDTH_MIN + 1], ' ');
	at = strchr(at, '\n');
	assert_non_null(at);
	return at + 1;
}

static void texts_are_right(void **state)
{
	struct decode_sink events = {.event = on_event};
	struct options options;
	struct decode *decode;
	struct wire wire;
	struct out out;
	const char *at;

	(void)state;
	options_init(&options);
	options.no_names = 1;
	options.time = TIME_NONE;
	assert_int_equal(out_init(&out, -1), 0);
	sink = (struct sink){.ops = &sink_messages, .options = &options, .out = &out};
	assert_int_equal(sink.ops->open(&sink), 0);
	decode = decode_create(&options.limits, sink.ops->depth, &events);
	assert_non_null(decode);
	wire_init(&wire, 0);
	build(&wire);
	wire_feed(&wire, decode);
	out_char(&out, '\0');
	at = out.text;
	for (unsigned round = 0; round <= ROUNDS; round++)
		for (unsigned i = 0; i < CONNS; i++) {
			at = check(at, i, DIR_C2S, is_named(i, round));
			if (is_named(i, round)) {
				at = check(at, i, DIR_C2S, true);
			} else if (round > 0) {
				at = check(at, i, DIR_S2C, false);
				at = check(at, i, DIR_C2S, false);
			}
		}
	assert_int_equal(*at, '\0');
	sink.ops->close(&sink);
	decode_destroy(decode);
	wire_finish(&wire);
	out_finish(&out);
	options_finish(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_are_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
