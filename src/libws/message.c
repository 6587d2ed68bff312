#include "libws/message_internal.h"

#include <stdlib.h>

static size_t limit_or(size_t limit, size_t otherwise, size_t max)
{
	limit = limit ? limit : otherwise;
	return limit < max ? limit : max;
}

struct ws_decoder *ws_decoder_create(const struct ws_decoder_config *config)
{
	const struct ws_deflate_params *deflate = &config->deflate;
	struct ws_decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder)
		return NULL;
	decoder->scratch = config->scratch;
	decoder->from_client = config->from_client;
	decoder->deflate = deflate->enabled;
	decoder->takeover =
	    !(config->from_client ? deflate->client_no_context_takeover : deflate->server_no_context_takeover);
	decoder->message_max = limit_or(config->limits.message_max, WS_MESSAGE_MAX_DEFAULT, config->scratch->max);
	decoder->inflated_max = limit_or(config->limits.inflated_max, WS_INFLATED_MAX_DEFAULT, config->scratch->max);
	decoder->offset = config->begin;
	decoder->context_known = true;
	return decoder;
}

void ws_decoder_destroy(struct ws_decoder *decoder)
{
	if (!decoder)
		return;
	ws_inflate_destroy(decoder->inflate);
	ws_buf_finish(&decoder->kept);
	free(decoder);
}

struct ws_span decoder_take(struct ws_decoder *decoder, struct ws_cursor *in, uint64_t *ret_at)
{
	size_t here = ws_cursor_left(in);
	struct ws_span piece = {0};

	*ret_at = decoder->frame.payload_len - decoder->left;
	ws_take_span(in, decoder->left < here ? (size_t)decoder->left : here, &piece);
	decoder->left -= piece.len;
	decoder->offset += piece.len;
	return piece;
}

int decoder_violation(const struct ws_item *item, enum ws_rule rule, struct ws_item *ret)
{
	*ret = *item;
	ret->kind = WS_ITEM_VIOLATION;
	ret->rule = rule;
	ret->payload = ws_span_of(NULL, 0);
	return WS_STEP_ITEM;
}

/* Most headers lie whole in the input; what is there of one that does not is put aside. */
static bool take_header(struct ws_decoder *decoder, struct ws_cursor *in)
{
	size_t here = ws_cursor_left(in), len = 0;
	struct ws_span unused;

	if (!here)
		return false;
	if (!decoder->header_len)
		len = ws_frame_parse(ws_span_of(in->at, here), &decoder->frame);
	if (len) {
		ws_take_span(in, len, &unused);
		decoder->offset += len;
		return true;
	}
	while (!len && ws_take_u8(in, &decoder->header[decoder->header_len])) {
		decoder->header_len++;
		decoder->offset++;
		len = ws_frame_parse(ws_span_of(decoder->header, decoder->header_len), &decoder->frame);
	}
	if (len)
		decoder->header_len = 0;
	return len > 0;
}

static int header_step(struct ws_decoder *decoder, struct ws_cursor *in)
{
	if (!take_header(decoder, in))
		return WS_STEP_MORE;
	decoder->frame_at = decoder->offset - decoder->frame.header_len;
	decoder->left = decoder->frame.payload_len;
	decoder->missing = false;
	decoder->judged = WS_RULE_NONE;
	decoder->state = STATE_JUDGE;
	return STEP_ON;
}

static int header_violation(const struct ws_decoder *decoder, struct ws_item *ret)
{
	const struct ws_frame *frame = &decoder->frame;
	struct ws_item item = {
	    .opcode = frame->opcode,
	    .masked = frame->masked,
	    .frames = 1,
	    .wire_len = frame->payload_len,
	    .len = frame->payload_len,
	    .close_code = WS_CLOSE_NO_STATUS,
	    .begin = decoder->frame_at,
	    .end = decoder->offset,
	};

	memcpy(item.mask, frame->mask, sizeof(item.mask));
	return decoder_violation(&item, decoder->judged, ret);
}

static int judge_step(struct ws_decoder *decoder, struct ws_item *ret)
{
	struct ws_frame_context context = {
	    .from_client = decoder->from_client,
	    .mid_message = decoder->begun || (decoder->joined && decoder->frame.opcode == WS_CONTINUATION),
	    .after_close = decoder->after_close,
	    .deflate = decoder->deflate,
	};

	decoder->judged = ws_frame_judge(&decoder->frame, &context, decoder->judged);
	if (decoder->judged)
		return header_violation(decoder, ret);
	decoder->state = STATE_BEGIN;
	return STEP_ON;
}

static int begin_step(struct ws_decoder *decoder)
{
	if (!ws_opcode_is_control(decoder->frame.opcode))
		return data_begin(decoder);
	control_begin(decoder);
	decoder->state = STATE_CONTROL;
	return STEP_ON;
}

static int step(struct ws_decoder *decoder, struct ws_cursor *in, struct ws_item *ret)
{
	if (decoder->due & DUE_CONTROL)
		return control_tell(decoder, ret);
	if (decoder->due & DUE_MESSAGE)
		return data_tell(decoder, ret);
	switch ((enum decoder_state)decoder->state) {
	case STATE_HEADER:
		return header_step(decoder, in);
	case STATE_JUDGE:
		return judge_step(decoder, ret);
	case STATE_BEGIN:
		return begin_step(decoder);
	case STATE_DATA:
		return data_step(decoder, in, ret);
	case STATE_CONTROL:
		return control_step(decoder, in, ret);
	}
	return WS_STEP_MORE;
}

enum ws_step ws_decoder_next(struct ws_decoder *decoder, struct ws_cursor *in, struct ws_item *ret)
{
	int status;

	do {
		status = step(decoder, in, ret);
	} while (status == STEP_ON);
	return (enum ws_step)status;
}

bool ws_decoder_skip(struct ws_decoder *decoder, uint64_t len)
{
	bool in_payload = decoder->state == STATE_DATA || decoder->state == STATE_CONTROL;

	if (!len)
		return true;
	if (!in_payload || len > decoder->left)
		return false;
	if (decoder->state == STATE_DATA)
		decoder->message.wire_len += len;
	decoder->left -= len;
	decoder->offset += len;
	decoder->missing = true;
	return true;
}

void ws_decoder_restart(struct ws_decoder *decoder, uint64_t offset)
{
	if (decoder->state == STATE_CONTROL)
		control_cut_off(decoder);
	if (decoder->begun && !(decoder->due & DUE_MESSAGE))
		data_cut_off(decoder, decoder->offset);
	if (decoder->inflate)
		ws_inflate_reset(decoder->inflate);
	decoder->context_known = !decoder->takeover;
	decoder->context_len = 0;
	decoder->state = STATE_HEADER;
	decoder->header_len = 0;
	decoder->left = 0;
	decoder->after_close = false;
	decoder->joined = true;
	decoder->offset = offset;
}

bool ws_decoder_pending(const struct ws_decoder *decoder, struct ws_item *ret)
{
	return data_pending(decoder, ret) || control_pending(decoder, ret);
}

bool ws_decoder_at_rest(const struct ws_decoder *decoder)
{
	bool context = decoder->deflate && decoder->takeover && (decoder->inflate || !decoder->context_known);

	return decoder->state == STATE_HEADER && !decoder->header_len && !decoder->begun && !decoder->due &&
	       !decoder->after_close && !decoder->joined && !context;
}

size_t ws_decoder_memory(const struct ws_decoder *decoder)
{
	return sizeof(*decoder) + decoder->kept.cap + ws_inflate_memory(decoder->inflate);
}

bool decoder_trim(struct ws_span *payload, const struct ws_utf8 *utf8, bool *ret_complete)
{
	bool good = ws_utf8_good(utf8);

	*ret_complete = ws_utf8_complete(utf8);
	if (!good || *ret_complete)
		return good;
	while (payload->len && (payload->data[payload->len - 1] & 0xc0) == 0x80)
		payload->len--;
	payload->len--; /* the character's first byte: it is there, or nothing would have begun */
	return true;
}

bool decoder_trim_text(struct ws_span *payload, bool *ret_complete)
{
	struct ws_utf8 utf8 = {0};

	ws_utf8_feed(&utf8, *payload);
	return decoder_trim(payload, &utf8, ret_complete);
}
