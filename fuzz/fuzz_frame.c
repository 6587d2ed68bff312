/* A frame header: what is written is read back the same, and rules are named in order, each once. */
#include "ws/frame.h"
#include "ws/rule.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same_when_written(const struct ws_frame *frame)
{
	uint8_t bytes[WS_FRAME_HEADER_MAX];
	size_t len = ws_frame_write(frame, bytes);
	struct ws_frame back;

	if (len > frame->header_len) /* the shortest form is not longer */
		abort();
	if (ws_frame_parse(ws_span_of(bytes, len), &back) != len || back.fin != frame->fin || back.rsv != frame->rsv ||
	    back.opcode != frame->opcode || back.masked != frame->masked || back.payload_len != frame->payload_len ||
	    memcmp(back.mask, frame->mask, sizeof(back.mask)))
		abort();
	for (size_t i = 0; i < len; i++) {
		if (ws_frame_parse(ws_span_of(bytes, i), &back))
			abort();
	}
}

static void check_rules(const struct ws_frame *frame)
{
	for (unsigned bits = 0; bits < 16; bits++) {
		struct ws_frame_context context = {
		    .from_client = bits & 1, .mid_message = bits & 2, .after_close = bits & 4, .deflate = bits & 8};
		enum ws_rule rule = WS_RULE_NONE, next;

		while ((next = ws_frame_judge(frame, &context, rule)) != WS_RULE_NONE) {
			if (next <= rule || next >= WS_RULE_COUNT || !*ws_rule_info(next)->section)
				abort();
			rule = next;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ws_span in = ws_span_of(data, size);
	struct ws_frame frame;
	size_t len = ws_frame_parse(in, &frame);

	if (len > size || (!len && size >= WS_FRAME_HEADER_MAX))
		abort();
	if (len) {
		if (frame.header_len != len || !*ws_opcode_name(frame.opcode))
			abort();
		/* a length with its sign bit set has no form that may be written */
		if (!(frame.payload_len >> 63))
			check_same_when_written(&frame);
		check_rules(&frame);
	}
	return 0;
}
