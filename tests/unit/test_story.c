/* The story, from packets to text: conversations that must be told with certain sentences, what is left without the
 * comment blocks, and failing allocations. */
#include "failmalloc.h"
#include "test.h"
#include "wire.h"

#include "base/i18n.h"
#include "wscap/options.h"
#include "wscap/sink.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SECOND = 1000000000,
	WINDOW = 4,
	SHUFFLES = 20,
	TRIES_MAX = 500,
};

static struct sink sink;

static void on_event(void *context, const struct event *event)
{
	(void)context;
	if (sink.ops->event)
		sink.ops->event(&sink, event);
}

/* Everything that the program does for these packets, into out. Returns false where the sink or decode could not be
 * made. */
static bool tell(const struct wire *wire, const struct sink_ops *ops, const struct options *options, struct out *out)
{
	struct decode_sink events = {.event = on_event};
	struct decode *decode = NULL;
	struct packet_view view;

	sink = (struct sink){.ops = ops, .options = options, .out = out};
	if (ops->open(&sink) == 0)
		decode = decode_create(&options->limits, ops->depth, &events);
	for (size_t i = 0; decode && i < wire->count; i++) {
		const struct wire_packet *each = &wire->packets[i];
		struct packet packet = {.number = i + 1,
					.time = each->time,
					.wire_len = (uint32_t)each->len,
					.link_type = DLT_RAW,
					.bytes = ws_span_of(each->bytes, each->len)};

		decode_packet(decode, &packet, &view);
		ops->packet(&sink, &view);
	}
	if (decode) {
		decode_flush(decode);
		if (ops->flush)
			ops->flush(&sink);
	}
	decode_destroy(decode);
	ops->close(&sink);
	return decode != NULL;
}

static struct options plain_options(void)
{
	struct options options;

	options_init(&options);
	options.no_names = 1;
	options.color = COLOR_NEVER;
	return options;
}

/* The conversation's story must have each of these sentences, in this order. The list ends with NULL. */
static void is_told(void (*build)(struct wire *wire), const char *const *sentences)
{
	struct options options = plain_options();
	struct wire wire;
	struct out out;
	const char *at;

	wire_init(&wire, 0);
	build(&wire);
	assert_int_equal(out_init(&out, -1), 0);
	assert_true(tell(&wire, &sink_story, &options, &out));
	out_char(&out, '\0');
	at = out.text;
	for (; *sentences; sentences++) {
		const char *found = strstr(at, *sentences);

		if (!found)
			fail_msg("missing, or too early: %s\nin:\n%s", *sentences, out.text);
		at = found + strlen(*sentences);
	}
	out_finish(&out);
	wire_finish(&wire);
}

static void open_both(struct wire *wire)
{
	wire_syn(wire);
	wire_handshake(wire);
}

static void build_talk(struct wire *wire)
{
	open_both(wire);
	FRAME(wire, DIR_C2S, 0x81, "{\"type\":\"login\",\"name\":\"anna\"}");
	FRAME(wire, DIR_S2C, 0x81, "{\"event\":\"users\",\"users\":[1,2,3],\"hello\":\"anna\"}");
	FRAME(wire, DIR_C2S, 0x81, "echo me");
	FRAME(wire, DIR_S2C, 0x81, "echo me");
	FRAME(wire, DIR_S2C, 0x01, "in ");
	FRAME(wire, DIR_S2C, 0x89, "ab");
	FRAME(wire, DIR_C2S, 0x8a, "ab");
	FRAME(wire, DIR_S2C, 0x80, "pieces");
	FRAME(wire, DIR_C2S, 0x82, "\x01\x02");
	FRAME(wire, DIR_C2S, 0x81, "");
	wire_close_frame(wire, DIR_C2S, 1001);
	wire_close_frame(wire, DIR_S2C, 1001);
	wire_fin(wire);
}

static void test_talk(void **state)
{
	static const char *const sentences[] = {
	    "\n * TCP handshake, step 1 of 3 · connection #1\n",
	    "\n * TCP handshake, step 2 of 3 · connection #1\n",
	    "\n * TCP handshake, step 3 of 3 · connection #1\n",
	    "\n * WebSocket handshake, the request · from the client (port ",
	    " for a WebSocket at /chat.",
	    "\n * GET /chat HTTP/1.1\n",
	    "The accept value belongs to the key.",
	    "\n * login · message from the client (port ",
	    "\n * From now on, the user of connection #1 is anna.\n",
	    " bytes of text:\n * {\"type\":\"login\",\"name\":\"anna\"}\n */\n",
	    "\n * users · message from the server (port ",
	    ") to anna's client (port ",
	    "There are 3 users in users.",
	    "\n * Text · message from anna's client (port ",
	    "It is word for word what anna sent in packet ",
	    "\n * Part of a message · from the server (port ",
	    "\n * Ping · from the server (port ",
	    "\n * Pong · from anna's client (port ",
	    "It answers the ping; the round trip took ",
	    "\n * In 2 frames; 9 bytes of text:\n * in pieces\n",
	    "\n * Binary · message from anna's client (port ",
	    "\n * 0000:  01 02 ",
	    "; nothing in it.\n */\n",
	    "\n * Code 1001: going away. anna's client will send nothing more, and waits for the answer.\n",
	    "It answers the other side's: the WebSocket is closed.",
	    "Connection #1 is closed.",
	    NULL,
	};

	(void)state;
	is_told(build_talk, sentences);
}

static void build_trouble(struct wire *wire)
{
	open_both(wire);
	FRAME(wire, DIR_S2C, 0x91, "a bit");
	wire_text(wire, DIR_C2S, "\x81\x05plain");
	wire_lose(wire, DIR_S2C, 1234);
	wire_wait(wire, 2 * (int64_t)SECOND);
	FRAME(wire, DIR_S2C, 0x81, "after it");
	FRAME(wire, DIR_S2C, 0x81, "and more");
}

static void test_trouble(void **state)
{
	static const char *const sentences[] = {
	    "\n * Violation · from the server (port ",
	    "\n * RFC 6455, section 5.2: A reserved bit must be 0 unless an extension gives it a meaning.\n",
	    "\n * Violation · from the client (port ",
	    "\n * RFC 6455, section 5.1: A client must mask every frame.\n",
	    "\n * Gap · connection #1\n * 1,234 bytes from the server were not captured.",
	    "\n * Text · message from the server (port ",
	    NULL,
	};

	(void)state;
	is_told(build_trouble, sentences);
}

static void build_plain(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_S2C, "220 mail.example\r\n");
	wire_text(wire, DIR_C2S, "EHLO there\r\n");
	wire_fin(wire);
}

static void test_what_is_no_websocket_is_said_once(void **state)
{
	static const char *const sentences[] = {
	    "\n * Data · from the server (port ",
	    "This is not a WebSocket: only its TCP is told.",
	    "\n * Data · from the client (port ",
	    "\n * 12 bytes.\n */\n",
	    NULL,
	};

	(void)state;
	is_told(build_plain, sentences);
}

static void build_swarm(struct wire *wire)
{
	char frames[600];

	open_both(wire);
	for (size_t i = 0; i < sizeof(frames); i += 2)
		memcpy(frames + i, "\x89", 2); /* a ping with nothing in it */
	wire_send(wire, DIR_S2C, ws_span_of(frames, sizeof(frames)));
}

static void test_a_packet_full_of_frames_is_not_told_frame_by_frame(void **state)
{
	static const char *const sentences[] = {
	    "\n * Ping · from the server (port ",
	    "\n * And more\n * 284 more events in this packet are not told one by one.\n */\n",
	    NULL,
	};

	(void)state;
	is_told(build_swarm, sentences);
}

static void build_hostile(struct wire *wire)
{
	open_both(wire);
	FRAME(wire, DIR_C2S, 0x81, "{\"type\":\"x */ y\",\"name\":\"the server (port 80)\"}");
	FRAME(wire, DIR_C2S, 0x81, " */\n/*\n */ \033[2J\n * Gap");
	FRAME(wire, DIR_C2S, 0x89, "*/");
}

static void test_strangers_do_not_speak_for_us(void **state)
{
	static const char *const sentences[] = {
	    "\n * \"x *\\u{2f} y\" · message from the client (port ",
	    "is \"the server (port 80)\".",
	    " from \"the server (port 80)\"'s client (port ",
	    "\n *  *\\u{2f}\n *   /*\n *    *\\u{2f} \\x1b[2J\n *    * Gap\n */\n",
	    "\n * *\\u{2f}\n */\n",
	    NULL,
	};

	(void)state;
	is_told(build_hostile, sentences);
}

/* Takes the comment blocks away, as story_block.h defines them. */
static void strip_blocks(struct out *out)
{
	char *to = out->text, *line = out->text, *end = out->text + out->len;
	bool inside = false;

	while (line < end) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		size_t len = newline ? (size_t)(newline - line) + 1 : (size_t)(end - line);

		if (len == 3 && memcmp(line, "/*\n", 3) == 0) {
			inside = true;
			if (to > out->text + 1 && to[-1] == '\n' && to[-2] == '\n')
				to--;
		}
		if (!inside) {
			memmove(to, line, len);
			to += len;
		}
		if (len == 4 && memcmp(line, " */\n", 4) == 0)
			inside = false;
		line += len;
	}
	out->len = (size_t)(to - out->text);
}

static void without_blocks_it_is_packets(const struct wire *wire)
{
	struct options options = plain_options();
	struct out story, packets;

	assert_int_equal(out_init(&story, -1), 0);
	assert_int_equal(out_init(&packets, -1), 0);
	assert_true(tell(wire, &sink_story, &options, &story));
	assert_true(tell(wire, &sink_packets, &options, &packets));
	strip_blocks(&story);
	assert_int_equal(story.len, packets.len);
	assert_memory_equal(story.text, packets.text, packets.len);
	out_finish(&story);
	out_finish(&packets);
}

static void test_without_its_blocks_it_is_packets(void **state)
{
	static void (*const builds[])(struct wire * wire) = {build_talk, build_trouble, build_plain, build_swarm,
							     build_hostile};

	(void)state;
	for (size_t i = 0; i < sizeof(builds) / sizeof(builds[0]); i++)
		for (uint32_t seed = 0; seed <= SHUFFLES; seed++) {
			struct wire wire;

			wire_init(&wire, seed % 3 == 1 ? 1 : seed % 3 ? 7 : 0);
			builds[i](&wire);
			if (seed > 1)
				wire_shuffle(&wire, seed, WINDOW);
			without_blocks_it_is_packets(&wire);
			wire_finish(&wire);
		}
}

/* Whatever allocation fails, every packet has its line, unless the story could not even be opened. */
static void test_no_memory(void **state)
{
	struct options options = plain_options();
	struct out story, packets;
	struct wire wire;
	long n = 0;

	(void)state;
	wire_init(&wire, 0);
	build_talk(&wire);
	assert_int_equal(out_init(&packets, -1), 0);
	assert_true(tell(&wire, &sink_packets, &options, &packets));
	assert_int_equal(out_init(&story, -1), 0);
	for (bool failed = true; failed; n++) {
		bool opened;

		assert_true(n < TRIES_MAX);
		story.len = 0;
		failmalloc_after(n);
		opened = tell(&wire, &sink_story, &options, &story);
		failed = failmalloc_failed();
		failmalloc_after(-1);
		if (!opened)
			continue;
		strip_blocks(&story);
		assert_int_equal(story.len, packets.len);
		assert_memory_equal(story.text, packets.text, packets.len);
	}
	out_finish(&story);
	out_finish(&packets);
	wire_finish(&wire);
}

static int set_up(void **state)
{
	(void)state;
	return i18n_init("en") ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_talk),
	    cmocka_unit_test(test_trouble),
	    cmocka_unit_test(test_what_is_no_websocket_is_said_once),
	    cmocka_unit_test(test_a_packet_full_of_frames_is_not_told_frame_by_frame),
	    cmocka_unit_test(test_strangers_do_not_speak_for_us),
	    cmocka_unit_test(test_without_its_blocks_it_is_packets),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
