/* Finding a frame boundary in a stream whose beginning was not seen. */
#include "ws/message.h"

enum {
	FIRST_TWO = 2, /* bytes of a header that say all but the length's extension and the key */
};

/* Judges a frame of a stream that may have begun anywhere: with what extensions, and in the middle of what, is not
 * known until a frame tells. */
static bool good_frame(const struct ws_frame *frame, struct ws_frame_context *context, bool *mid_known)
{
	struct ws_frame_context here = *context;
	bool control = ws_opcode_is_control(frame->opcode);

	if (!*mid_known)
		here.mid_message = frame->opcode == WS_CONTINUATION;
	if (ws_frame_judge(frame, &here, WS_RULE_NONE))
		return false;
	if (frame->opcode == WS_CLOSE)
		context->after_close = true;
	if (!control) {
		context->mid_message = !frame->fin;
		*mid_known = true;
	}
	return true;
}

/* Of a header that is cut off: what its first two bytes say, with a length that is good wherever one can be. */
static bool good_beginning(struct ws_span in, struct ws_frame_context *context, bool *mid_known)
{
	uint8_t bytes[WS_FRAME_HEADER_MAX] = {0};
	struct ws_frame frame;

	bytes[1] = context->from_client ? 0x80 : 0;
	memcpy(bytes, in.data, in.len < FIRST_TWO ? in.len : FIRST_TWO);
	if (!ws_frame_parse(ws_span_of(bytes, sizeof(bytes)), &frame))
		return false;
	if (frame.len_bytes && ws_opcode_is_control(frame.opcode))
		return false;
	frame.len_bytes = 0;
	return good_frame(&frame, context, mid_known);
}

struct ws_chain ws_frame_chain(struct ws_span in, bool masked)
{
	struct ws_frame_context context = {.from_client = masked, .deflate = true};
	struct ws_cursor cursor = ws_cursor_of(in);
	struct ws_chain chain = {.plausible = true};
	bool mid_known = false;

	while (cursor.at < cursor.end) {
		struct ws_span rest = ws_span_of(cursor.at, ws_cursor_left(&cursor));
		struct ws_frame frame;
		size_t header = ws_frame_parse(rest, &frame);

		if (!header) {
			chain.plausible = good_beginning(rest, &context, &mid_known);
			return chain;
		}
		if (!good_frame(&frame, &context, &mid_known)) {
			chain.plausible = false;
			return chain;
		}
		if (frame.payload_len > rest.len - header)
			return chain;
		ws_take_span(&cursor, header + (size_t)frame.payload_len, &rest);
		chain.frames++;
		chain.len = in.len - ws_cursor_left(&cursor);
	}
	chain.exact = chain.frames > 0;
	return chain;
}
