/* Control frames: RFC 6455, section 5.5. They come whole or not at all, and are short, so each is put together in the
 * decoder itself; of one that is too long the first 125 bytes are kept. */
#include "libws/message_internal.h"
#include "ws/mask.h"

void control_begin(struct ws_decoder *decoder)
{
	const struct ws_frame *frame = &decoder->frame;

	decoder->control = (struct ws_item){
	    .kind = WS_ITEM_CONTROL,
	    .opcode = frame->opcode,
	    .masked = frame->masked,
	    .frames = 1,
	    .wire_len = frame->payload_len,
	    .len = frame->payload_len,
	    .close_code = WS_CLOSE_NO_STATUS,
	    .begin = decoder->frame_at,
	};
	memcpy(decoder->control.mask, frame->mask, sizeof(frame->mask));
	decoder->control_len = 0;
}

static void control_keep(struct ws_decoder *decoder, struct ws_span piece, uint64_t at)
{
	size_t room = sizeof(decoder->control_bytes) - decoder->control_len;
	size_t len = piece.len < room ? piece.len : room;

	if (decoder->missing && !decoder->control.cut)
		decoder->control.cut = WS_CUT_MISSING_BYTES;
	if (decoder->control.cut)
		return;
	ws_mask(decoder->control_bytes + decoder->control_len, piece.data, len, decoder->frame.mask, at);
	decoder->control_len += (uint8_t)len;
	if (len < piece.len)
		decoder->control.cut = WS_CUT_MESSAGE_LIMIT;
}

/* What the bytes say. Section 5.5.1: a close frame's body is nothing, or a code and a reason. */
static void control_read(const struct ws_decoder *decoder, struct ws_item *ret)
{
	struct ws_cursor body = ws_cursor_of(ws_span_of(decoder->control_bytes, decoder->control_len));
	bool complete;

	*ret = decoder->control;
	if (ret->opcode == WS_CLOSE && !ws_take_u16(&body, &ret->close_code))
		body.at = body.end;
	ret->payload = ws_span_of(body.at, ws_cursor_left(&body));
	ret->utf8 = ret->cut ? decoder_trim_text(&ret->payload, &complete) : ws_utf8_valid(ret->payload);
}

static bool control_breaks(const struct ws_decoder *decoder, const struct ws_item *item, enum ws_rule rule)
{
	switch (rule) {
	case WS_RULE_CLOSE_LENGTH:
		return item->wire_len == 1;
	case WS_RULE_CLOSE_CODE:
		return decoder->control_len >= sizeof(item->close_code) && !ws_close_code_sendable(item->close_code);
	case WS_RULE_CLOSE_UTF8:
		return !item->utf8;
	default:
		return false;
	}
}

static enum ws_rule control_judge(const struct ws_decoder *decoder, const struct ws_item *item, enum ws_rule after)
{
	enum ws_rule rule = after < WS_RULE_CLOSE_LENGTH ? WS_RULE_CLOSE_LENGTH : after + 1;

	if (item->opcode != WS_CLOSE)
		return WS_RULE_NONE;
	for (; rule <= WS_RULE_CLOSE_UTF8; rule++)
		if (control_breaks(decoder, item, rule))
			return rule;
	return WS_RULE_NONE;
}

int control_tell(struct ws_decoder *decoder, struct ws_item *ret)
{
	decoder->due &= (uint8_t)~DUE_CONTROL;
	control_read(decoder, ret);
	return WS_STEP_ITEM;
}

int control_step(struct ws_decoder *decoder, struct ws_cursor *in, struct ws_item *ret)
{
	uint64_t at;
	struct ws_span piece = decoder_take(decoder, in, &at);
	struct ws_item item;

	control_keep(decoder, piece, at);
	if (decoder->left)
		return WS_STEP_MORE;
	decoder->control.end = decoder->offset;
	control_read(decoder, &item);
	decoder->judged = control_judge(decoder, &item, decoder->judged);
	if (decoder->judged)
		return decoder_violation(&item, decoder->judged, ret);
	if (item.opcode == WS_CLOSE)
		decoder->after_close = true;
	decoder->state = STATE_HEADER;
	*ret = item;
	return WS_STEP_ITEM;
}

void control_cut_off(struct ws_decoder *decoder)
{
	if (!decoder->control.cut)
		decoder->control.cut = WS_CUT_MISSING_BYTES;
	decoder->control.end = decoder->offset;
	decoder->due |= DUE_CONTROL;
}

bool control_pending(const struct ws_decoder *decoder, struct ws_item *ret)
{
	if (decoder->state != STATE_CONTROL)
		return false;
	control_read(decoder, ret);
	ret->end = decoder->offset;
	if (!ret->cut)
		ret->cut = WS_CUT_MISSING_BYTES;
	return true;
}
