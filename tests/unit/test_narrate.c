/* Everything that can be told, in every language: a title, sentences that are finished, no place left open. */
#include "test.h"

#include "base/i18n.h"
#include "wscap/narrate.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	FACTS = 25,
	OPCODES = 16,
};

static struct narrator narrator;
static struct out out;
static const char *language;
static struct scene scene = {
    .conn = 7,
    .client = {.kind = PARTY_BROWSER, .port = 60653},
    .server = {.kind = PARTY_SERVER, .port = 7272},
};

static void begin(void)
{
	out.len = 0;
	narrator.out = &out;
	narrator.below = false;
	narrator.signs = &block_signs[BLOCK_COLOR];
}

/* What was told has a title, and nothing in it looks as if a word were missing. */
static void is_whole(const char *what, unsigned which)
{
	const struct block_sign *title = &block_signs[BLOCK_COLOR].title;

	out_char(&out, '\0');
	if (out.len < 4 || strncmp(out.text, title->text, title->len) != 0 || out.text[out.len - 2] != '\n')
		fail_msg("%s %u in %s: no title: %s", what, which, language, out.text);
	if (strchr(out.text, '%') || strstr(out.text, "  ") || strstr(out.text, " .") || strstr(out.text, "\n\n\n"))
		fail_msg("%s %u in %s: something is missing: %s", what, which, language, out.text);
}

/* TCP's facts, alone and beside an event; where they are told at all. */
static void tell_facts(void)
{
	struct sent acked[2] = {{.kind = SENT_MESSAGE, .label_len = 3, .label = "say"}, {.kind = SENT_PING}};

	for (unsigned fact = 0; fact < FACTS; fact++) {
		for (unsigned way = 0; way < 8; way++) {
			struct segment segment = {.facts = UINT32_C(1) << fact,
						  .dir = way & 1 ? DIR_S2C : DIR_C2S,
						  .len = way & 2 ? 10 : 0,
						  .missing = 5,
						  .new_len = 3,
						  .since_ns = way & 2 ? 1000000 : 0,
						  .acks_fin = way & 4};
			struct tidings tidings = {.acked = &acked[way % 2],
						  .acked_count = way & 4 ? 1 + way % 2 : 0,
						  .all_have_it = way & 4 ? way - 2 : 0,
						  .alone = true,
						  .open = way & 1,
						  .closed = way & 4,
						  .refused = way == 7,
						  .answers_fin = way & 1,
						  .not_websocket = way == 3,
						  .handshake_took = way & 2 ? 5000 : -1};

			begin();
			narrate_segment(&narrator, &scene, &segment, &tidings);
			is_whole("fact", fact);
		}
	}
}

static void tell_acks(void)
{
	for (unsigned kind = SENT_REQUEST; kind <= SENT_CLOSE; kind++)
		for (unsigned len = 0; len < 2; len++) {
			struct sent acked = {.kind = (enum sent_kind)kind};
			struct segment segment = {.facts = SEGMENT_ACKS_NEW, .dir = DIR_S2C, .len = len};
			struct tidings tidings = {
			    .acked = &acked, .acked_count = 1, .alone = true, .handshake_took = -1};

			begin();
			narrate_segment(&narrator, &scene, &segment, &tidings);
			is_whole("ack of", kind);
			assert_non_null(strchr(out.text, '\n') + 1);
			assert_true(strlen(strchr(out.text, '\n') + 1) > 3); /* a sentence stands under the title */
		}
}

static void tell_messages(void)
{
	static const uint8_t bytes[] = {'a', 'b'};

	for (uint8_t opcode = 0; opcode < OPCODES; opcode++)
		for (unsigned way = 0; way <= WS_CUT_BAD_DEFLATE; way++) {
			struct ws_item item = {.opcode = opcode,
					       .masked = way & 1,
					       .compressed = way > 2,
					       .utf8 = way & 1,
					       .cut = (enum ws_cut)way,
					       .frames = 1 + way,
					       .wire_len = 4,
					       .len = way == WS_CUT_MISSING_CONTEXT ? 0 : way * 2,
					       .payload = ws_span_of(bytes, way == 1 ? 2 : 0),
					       .close_code = (uint16_t)(999 + way * 800)};
			struct ties ties = {
			    .label = ws_span_of(bytes, way & 1 ? 2 : 0),
			    .name = ws_span_of(bytes, way & 1 ? 2 : 0),
			    .copy = {.number = way, .packet = 3, .since = 5},
			    .carried = {.conn = way & 4, .whole = way & 1, .key = {bytes, 2}, .packet = 1},
			    .list = {bytes, 2},
			    .list_len = way,
			    .list_of_users = way & 1,
			    .round_trip = way & 1 ? 70 : -1,
			    .answers_close = way & 2};

			begin();
			if (ws_opcode_is_control(opcode)) {
				narrate_control(&narrator, &scene, DIR_C2S, &item, &ties);
			} else {
				narrate_message_title(&narrator, &scene, DIR_S2C, &item, &ties);
				narrate_message_itself(&narrator, &scene, &item, &ties);
			}
			if (!item.payload.len || opcode == WS_TEXT ||
			    ws_opcode_is_control(opcode)) /* else rows of hex */
				is_whole("message with opcode", opcode);
		}
}

static void tell_trouble(void)
{
	for (unsigned rule = WS_RULE_NONE + 1; rule < WS_RULE_COUNT; rule++) {
		begin();
		narrate_violation(&narrator, &scene, DIR_C2S, ws_rule_info((enum ws_rule)rule));
		is_whole("rule", rule);
	}
	for (unsigned way = 1; way < 16; way++) {
		struct gaps gaps = {.len = {way & 1, way & 2 ? 1000 : 0},
				    .why = {way & 4 ? "exact" : NULL, way & 8 ? "chain" : NULL},
				    .joined = way & 8};

		begin();
		narrate_gaps(&narrator, &scene, &gaps);
		is_whole("gap", way);
	}
	begin();
	narrate_limit(&narrator, &scene, DIR_S2C, "max-message");
	is_whole("limit", 0);
	begin();
	narrate_given_up(&narrator, &scene, CONN_CLOSE_TIMEOUT);
	is_whole("given up", CONN_CLOSE_TIMEOUT);
	begin();
	narrate_given_up(&narrator, &scene, CONN_CLOSE_REUSED);
	is_whole("given up", CONN_CLOSE_REUSED);
	begin();
	narrate_late(&narrator);
	is_whole("late", 0);
	begin();
	narrate_more(&narrator, 1);
	is_whole("more", 1);
}

static void test_everything_in_every_language(void **state)
{
	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	for (const char *const *at = i18n_languages; *at; at++) {
		language = *at;
		assert_true(i18n_init(language));
		narrator_init(&narrator);
		scene.client.user = ws_span_of(NULL, 0);
		tell_facts();
		scene.client.user = ws_span_str("mynick");
		tell_facts();
		tell_acks();
		tell_messages();
		tell_trouble();
	}
	out_finish(&out);
}

/* A message's title or the bare ACK of it, with names and labels of these lengths. */
static void tell_usual(struct narrator *to, unsigned port, size_t label, size_t user, unsigned way)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
	struct scene usual = scene;
	struct sent acked = {.kind = SENT_MESSAGE, .label_len = (uint8_t)label};
	struct segment segment = {.facts = SEGMENT_ACKS_NEW, .dir = way & 1 ? DIR_S2C : DIR_C2S};
	struct tidings tidings = {.acked = &acked, .acked_count = 1, .all_have_it = way >> 2, .alone = true};
	struct ws_item item = {.opcode = way & 4 ? WS_TEXT : WS_BINARY};
	struct ties ties = {.label = ws_span_of(letters, label)};

	memcpy(acked.label, letters, label);
	usual.conn = port;
	usual.client.port = (uint16_t)port;
	usual.client.user = ws_span_of(letters, user);
	if (way & 2)
		narrate_segment(to, &usual, &segment, &tidings);
	else
		narrate_message_title(to, &usual, segment.dir, &item, &ties);
}

/* What is kept reads as what is made, whatever else is kept, and beside what was told before. */
static void test_lines_that_are_kept(void **state)
{
	enum { TOLD = 4000, PORTS = 40, LABELS = 36, USERS = 50, WAYS = 16 };
	static struct narrator fresh;
	struct out made;
	uint32_t seed = 1;

	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	assert_int_equal(out_init(&made, -1), 0);
	assert_true(i18n_init("zh_CN"));
	narrator_init(&narrator);
	narrator.out = &out;
	fresh = narrator;
	fresh.out = &made;
	for (unsigned i = 0; i < TOLD; i++) {
		unsigned port, way;
		size_t label, user;

		seed = seed * 1664525 + 1013904223;
		port = 1 + (seed >> 8) % PORTS;
		label = i % 3 ? 1 + i % 3 : (seed >> 12) % LABELS;
		label = label < RECALL_LABEL ? label : RECALL_LABEL;
		user = i % 5 ? 0 : (seed >> 16) % USERS;
		way = (seed >> 20) % WAYS;
		made.len = 0;
		memset(&fresh.kept, 0, sizeof(fresh.kept));
		fresh.below = i & 1;
		tell_usual(&fresh, port, label, user, way);
		for (unsigned again = 0; again < 2; again++) {
			out.len = 0;
			narrator.below = i & 1;
			tell_usual(&narrator, port, label, user, way);
			assert_int_equal(out.len, made.len);
			assert_memory_equal(out.text, made.text, out.len);
			assert_true(narrator.below && !narrator.has_text);
		}
	}
	out_finish(&out);
	out_finish(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines_that_are_kept),
	    cmocka_unit_test(test_everything_in_every_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
