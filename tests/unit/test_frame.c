#include "test.h"

#include "ws/close.h"
#include "ws/frame.h"
#include "ws/rule.h"

#include <stdlib.h>

static struct ws_frame parsed(const char *bytes, size_t len)
{
	struct ws_frame frame;

	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *exact = malloc(cut + 1); /* so that a sanitizer sees a read past the end */

		memcpy(exact + 1, bytes, cut);
		assert_int_equal(ws_frame_parse(ws_span_of(exact + 1, cut), &frame), 0);
		free(exact);
	}
	assert_int_equal(ws_frame_parse(ws_span_of(bytes, len), &frame), len);
	assert_int_equal(frame.header_len, len);
	return frame;
}
#define PARSED(literal) parsed(literal, sizeof(literal) - 1)

/* RFC 6455, section 5.7 */
static void test_the_rfcs_headers(void **state)
{
	struct ws_frame frame;

	(void)state;
	frame = PARSED("\x81\x05");
	assert_true(frame.fin && !frame.masked && frame.opcode == WS_TEXT && frame.payload_len == 5);
	frame = PARSED("\x81\x85\x37\xfa\x21\x3d");
	assert_true(frame.fin && frame.masked && frame.payload_len == 5);
	assert_memory_equal(frame.mask, "\x37\xfa\x21\x3d", 4);
	frame = PARSED("\x01\x03");
	assert_true(!frame.fin && frame.opcode == WS_TEXT && frame.payload_len == 3);
	frame = PARSED("\x80\x02");
	assert_true(frame.fin && frame.opcode == WS_CONTINUATION && frame.payload_len == 2);
	frame = PARSED("\x89\x05");
	assert_int_equal(frame.opcode, WS_PING);
	frame = PARSED("\x82\x7e\x01\x00");
	assert_true(frame.payload_len == 256 && frame.len_bytes == 2);
	frame = PARSED("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00");
	assert_true(frame.payload_len == 65536 && frame.len_bytes == 8);
}

static void test_any_bits_parse(void **state)
{
	struct ws_frame frame = PARSED("\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04");

	(void)state;
	assert_false(frame.fin);
	assert_int_equal(frame.rsv, 7);
	assert_int_equal(frame.opcode, 15);
	assert_true(frame.payload_len == UINT64_MAX);
}

static void test_what_is_written_parses_back(void **state)
{
	static const uint64_t lengths[] = {0, 1, 125, 126, 127, 65535, 65536, UINT32_MAX, INT64_MAX};

	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			for (int masked = 0; masked < 2; masked++) {
				struct ws_frame frame = {.fin = first & 0x80,
							 .rsv = first >> 4 & 7,
							 .opcode = first & 15,
							 .masked = masked,
							 .payload_len = lengths[i]};
				struct ws_frame back;
				uint8_t out[WS_FRAME_HEADER_MAX];
				size_t len;

				if (masked)
					memcpy(frame.mask, "key!", 4);
				len = ws_frame_write(&frame, out);
				assert_int_equal(ws_frame_parse(ws_span_of(out, len), &back), len);
				assert_int_equal(out[0], first);
				assert_true(back.payload_len == frame.payload_len && back.masked == frame.masked);
				assert_memory_equal(back.mask, frame.mask, 4);
			}
		}
	}
}

/* Every rule about headers, each broken alone by one frame. */
static void test_each_rule(void **state)
{
	static const struct {
		enum ws_rule rule;
		struct ws_frame frame;
		struct ws_frame_context context;
	} cases[] = {
	    {WS_RULE_NONE, {.fin = 1, .opcode = WS_TEXT}, {0}},
	    {WS_RULE_NONE, {.fin = 1, .opcode = WS_TEXT, .masked = 1}, {.from_client = 1}},
	    {WS_RULE_NONE, {.fin = 1, .opcode = WS_TEXT, .rsv = WS_RSV1}, {.deflate = 1}},
	    {WS_RULE_NONE, {.fin = 1, .opcode = WS_CONTINUATION}, {.mid_message = 1}},
	    {WS_RULE_NONE, {.fin = 1, .opcode = WS_PING, .payload_len = 125}, {.mid_message = 1}},
	    {WS_RULE_RSV, {.fin = 1, .opcode = WS_TEXT, .rsv = WS_RSV1}, {0}},
	    {WS_RULE_RSV, {.fin = 1, .opcode = WS_TEXT, .rsv = WS_RSV2}, {.deflate = 1}},
	    {WS_RULE_RSV, {.fin = 1, .opcode = WS_TEXT, .rsv = WS_RSV3}, {0}},
	    {WS_RULE_OPCODE, {.fin = 1, .opcode = 3}, {0}},
	    {WS_RULE_OPCODE, {.fin = 1, .opcode = 7}, {0}},
	    {WS_RULE_OPCODE, {.fin = 1, .opcode = 11}, {0}},
	    {WS_RULE_OPCODE, {.fin = 1, .opcode = 15}, {0}},
	    {WS_RULE_LENGTH_FORM, {.fin = 1, .opcode = WS_TEXT, .len_bytes = 2, .payload_len = 125}, {0}},
	    {WS_RULE_LENGTH_FORM, {.fin = 1, .opcode = WS_TEXT, .len_bytes = 8, .payload_len = 65535}, {0}},
	    {WS_RULE_LENGTH_SIGN, {.fin = 1, .opcode = WS_TEXT, .len_bytes = 8, .payload_len = UINT64_MAX}, {0}},
	    {WS_RULE_CLIENT_UNMASKED, {.fin = 1, .opcode = WS_TEXT}, {.from_client = 1}},
	    {WS_RULE_SERVER_MASKED, {.fin = 1, .opcode = WS_TEXT, .masked = 1}, {0}},
	    {WS_RULE_CONTROL_FRAGMENTED, {.opcode = WS_PING}, {0}},
	    {WS_RULE_CONTROL_LENGTH, {.fin = 1, .opcode = WS_PONG, .len_bytes = 2, .payload_len = 126}, {0}},
	    {WS_RULE_CONTINUATION_STRAY, {.fin = 1, .opcode = WS_CONTINUATION}, {0}},
	    {WS_RULE_CONTINUATION_EXPECTED, {.fin = 1, .opcode = WS_TEXT}, {.mid_message = 1}},
	    {WS_RULE_AFTER_CLOSE, {.fin = 1, .opcode = WS_TEXT}, {.after_close = 1}},
	    {WS_RULE_RSV1_CONTROL, {.fin = 1, .opcode = WS_PING, .rsv = WS_RSV1}, {.deflate = 1}},
	    {WS_RULE_RSV1_CONTINUATION,
	     {.fin = 1, .opcode = WS_CONTINUATION, .rsv = WS_RSV1},
	     {.deflate = 1, .mid_message = 1}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum ws_rule rule = ws_frame_judge(&cases[i].frame, &cases[i].context, WS_RULE_NONE);

		assert_int_equal(rule, cases[i].rule);
		if (rule)
			assert_int_equal(ws_frame_judge(&cases[i].frame, &cases[i].context, rule), WS_RULE_NONE);
	}
}

static void test_several_rules_at_once(void **state)
{
	struct ws_frame frame = {.opcode = 15, .rsv = 7, .masked = 1, .len_bytes = 8, .payload_len = UINT64_MAX};
	struct ws_frame_context context = {.after_close = 1};
	static const enum ws_rule want[] = {WS_RULE_RSV,
					    WS_RULE_OPCODE,
					    WS_RULE_LENGTH_SIGN,
					    WS_RULE_SERVER_MASKED,
					    WS_RULE_CONTROL_FRAGMENTED,
					    WS_RULE_CONTROL_LENGTH,
					    WS_RULE_AFTER_CLOSE,
					    WS_RULE_NONE};
	enum ws_rule rule = WS_RULE_NONE;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		rule = ws_frame_judge(&frame, &context, rule);
		assert_int_equal(rule, want[i]);
	}
}

static void test_each_rule_is_told(void **state)
{
	(void)state;
	for (enum ws_rule rule = WS_RULE_NONE + 1; rule < WS_RULE_COUNT; rule++) {
		const struct ws_rule_info *info = ws_rule_info(rule);

		assert_true(info->id && info->section && info->text);
		assert_true(strlen(info->id) > 0 && strlen(info->text) > 0);
		assert_int_equal(strncmp(info->section, "RFC ", 4), 0);
		assert_true(ws_close_code_sendable(info->close_code));
		for (enum ws_rule other = WS_RULE_NONE; other < rule; other++)
			assert_string_not_equal(info->id, ws_rule_info(other)->id);
	}
	assert_string_equal(ws_rule_info(WS_RULE_COUNT)->id, "none");
	assert_string_equal(ws_rule_info((enum ws_rule) - 1)->id, "none");
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(ws_opcode_name(WS_CONTINUATION), "continuation");
	assert_string_equal(ws_opcode_name(WS_TEXT), "text");
	assert_string_equal(ws_opcode_name(WS_PONG), "pong");
	assert_string_equal(ws_opcode_name(3), "reserved");
	assert_string_equal(ws_opcode_name(255), "reserved");
}

static void test_close_codes(void **state)
{
	unsigned sendable = 0;

	(void)state;
	for (unsigned code = 0; code <= UINT16_MAX; code++) {
		sendable += ws_close_code_sendable((uint16_t)code);
		assert_true(strlen(ws_close_code_text((uint16_t)code)) > 0);
	}
	assert_int_equal(sendable, 4 + 8 + 2000);
	assert_false(ws_close_code_sendable(WS_CLOSE_NO_STATUS));
	assert_false(ws_close_code_sendable(WS_CLOSE_ABNORMAL));
	assert_false(ws_close_code_sendable(WS_CLOSE_TLS_FAILED));
	assert_string_equal(ws_close_code_text(WS_CLOSE_NORMAL), "normal closure");
	assert_string_equal(ws_close_code_text(WS_CLOSE_TLS_FAILED), "TLS handshake failed");
	assert_string_equal(ws_close_code_text(4321), "private to the application");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_rfcs_headers),
	    cmocka_unit_test(test_any_bits_parse),
	    cmocka_unit_test(test_what_is_written_parses_back),
	    cmocka_unit_test(test_each_rule),
	    cmocka_unit_test(test_several_rules_at_once),
	    cmocka_unit_test(test_each_rule_is_told),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_close_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
