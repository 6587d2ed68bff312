#include "wscap/h2_frame.h"

size_t h2_frame_parse(struct ws_span in, struct h2_frame *ret)
{
	struct ws_cursor at = ws_cursor_of(in);
	uint16_t high;
	uint8_t low;

	if (in.len < H2_HEADER_LEN || !ws_take_u16(&at, &high) || !ws_take_u8(&at, &low) ||
	    !ws_take_u8(&at, &ret->type) || !ws_take_u8(&at, &ret->flags) || !ws_take_u32(&at, &ret->stream))
		return 0;
	ret->len = (uint32_t)high << 8 | low;
	ret->reserved = ret->stream >> 31;
	ret->stream &= H2_STREAM_MAX;
	return H2_HEADER_LEN;
}

/* What a type wants of its header: section 6. */
static const struct form {
	enum {
		ON_STREAM,
		ON_CONNECTION,
		ON_EITHER,
	} where;
	uint32_t least, most; /* payload */
	uint32_t multiple;    /* …of which it is one */
	uint8_t flags;        /* that are defined */
} forms[H2_TYPES] = {
    [H2_DATA] = {ON_STREAM, 0, H2_FRAME_MAX_MAX, 1, H2_END_STREAM | H2_PADDED},
    [H2_HEADERS] = {ON_STREAM, 0, H2_FRAME_MAX_MAX, 1, H2_END_STREAM | H2_END_HEADERS | H2_PADDED | H2_WITH_PRIORITY},
    [H2_PRIORITY] = {ON_STREAM, 5, 5, 1, 0},
    [H2_RST_STREAM] = {ON_STREAM, 4, 4, 1, 0},
    [H2_SETTINGS] = {ON_CONNECTION, 0, H2_FRAME_MAX_MAX, 6, H2_ACK},
    [H2_PUSH_PROMISE] = {ON_STREAM, 4, H2_FRAME_MAX_MAX, 1, H2_END_HEADERS | H2_PADDED},
    [H2_PING] = {ON_CONNECTION, 8, 8, 1, H2_ACK},
    [H2_GOAWAY] = {ON_CONNECTION, 8, H2_FRAME_MAX_MAX, 1, 0},
    [H2_WINDOW_UPDATE] = {ON_EITHER, 4, 4, 1, 0},
    [H2_CONTINUATION] = {ON_STREAM, 0, H2_FRAME_MAX_MAX, 1, H2_END_HEADERS},
};

enum h2_rule h2_frame_judge(const struct h2_frame *frame, uint32_t max_frame)
{
	const struct form *form = &forms[frame->type < H2_TYPES ? frame->type : 0];

	if (frame->len > max_frame)
		return H2_RULE_FRAME_SIZE;
	if (frame->type >= H2_TYPES)
		return H2_RULE_NONE;
	if ((form->where == ON_STREAM && !frame->stream) || (form->where == ON_CONNECTION && frame->stream))
		return H2_RULE_FRAME_STREAM;
	if (frame->len < form->least || frame->len > form->most || frame->len % form->multiple ||
	    (frame->type == H2_SETTINGS && (frame->flags & H2_ACK) && frame->len))
		return H2_RULE_FRAME_LENGTH;
	return H2_RULE_NONE;
}

bool h2_frame_content(const struct h2_frame *frame, struct ws_span payload, struct ws_span *ret)
{
	struct ws_cursor at = ws_cursor_of(payload);
	uint8_t padding = 0;
	struct ws_span priority;

	if ((frame->flags & H2_PADDED) && !ws_take_u8(&at, &padding))
		return false;
	if (frame->type == H2_HEADERS && (frame->flags & H2_WITH_PRIORITY) && !ws_take_span(&at, 5, &priority))
		return false;
	return ws_cursor_left(&at) >= padding && ws_take_span(&at, ws_cursor_left(&at) - padding, ret);
}

bool h2_take_setting(struct ws_cursor *payload, uint16_t *ret_id, uint32_t *ret_value)
{
	return ws_take_u16(payload, ret_id) && ws_take_u32(payload, ret_value);
}

enum {
	/* The length's and the stream's upper bits, the reserved one, the type and the flags: each frame that is
	 * written has about so many bits that other bytes would not have. */
	BITS_HEADER = 24,
	BITS_EXACT = 16, /* …and a length that fits */
	HEADERS_MIN = 2,
	HEADERS_ENOUGH = 4,
	STREAM_USUAL = 1 << 22, /* two million requests on one connection: nobody keeps one so long */
};

bool h2_frame_is_usual(const struct h2_frame *frame)
{
	return frame->type < H2_TYPES && !frame->reserved && !(frame->flags & ~forms[frame->type].flags) &&
	       frame->stream < STREAM_USUAL && h2_frame_judge(frame, H2_FRAME_MIN_MAX) == H2_RULE_NONE;
}

uint32_t h2_weigh(struct ws_span in)
{
	struct ws_cursor at = ws_cursor_of(in);
	struct ws_span payload;
	struct h2_frame frame;
	uint32_t headers = 0;

	while (headers < HEADERS_ENOUGH && h2_frame_parse(ws_span_of(at.at, ws_cursor_left(&at)), &frame)) {
		if (!h2_frame_is_usual(&frame))
			return 0;
		headers++;
		if (!ws_take_span(&at, H2_HEADER_LEN + frame.len, &payload))
			return headers >= HEADERS_MIN ? headers * BITS_HEADER : 0;
	}
	if (!headers || (headers < HEADERS_MIN && ws_cursor_left(&at)))
		return 0;
	return headers * BITS_HEADER + (ws_cursor_left(&at) ? 0 : BITS_EXACT);
}

bool h2_may_be_preface(struct ws_span in)
{
	struct ws_span begin = ws_span_first(in, H2_PREFACE_LEN);

	return ws_span_equal(begin, ws_span_of(H2_PREFACE, begin.len));
}

bool h2_may_be_settings(struct ws_span in)
{
	static const uint8_t want[H2_HEADER_LEN] = {0, 0, 0, H2_SETTINGS};
	struct ws_span begin = ws_span_first(in, H2_HEADER_LEN);

	for (size_t i = 0; i < begin.len; i++)
		if (i == 2 ? begin.data[i] % 6 : begin.data[i] != want[i])
			return false;
	return true;
}

const char *h2_error_name(uint32_t code)
{
	static const char *const names[] = {
	    "NO_ERROR",
	    "PROTOCOL_ERROR",
	    "INTERNAL_ERROR",
	    "FLOW_CONTROL_ERROR",
	    "SETTINGS_TIMEOUT",
	    "STREAM_CLOSED",
	    "FRAME_SIZE_ERROR",
	    "REFUSED_STREAM",
	    "CANCEL",
	    "COMPRESSION_ERROR",
	    "CONNECT_ERROR",
	    "ENHANCE_YOUR_CALM",
	    "INADEQUATE_SECURITY",
	    "HTTP_1_1_REQUIRED",
	};

	return code < sizeof(names) / sizeof(*names) ? names[code] : NULL;
}
