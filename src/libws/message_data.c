/* Data frames: a message from its fragments, unmasked and inflated. RFC 6455, section 5.4; RFC 7692, section 6. */
#include "libws/message_internal.h"
#include "ws/mask.h"

enum {
	UNMASK_STEP = 4096, /* bytes unmasked at once on their way to zlib */
};

static void cut(struct ws_decoder *decoder, enum ws_cut why)
{
	if (!decoder->message.cut)
		decoder->message.cut = why;
	decoder->stopped = true;
}

/* The message under way is given up for lack of memory. */
static int drop(struct ws_decoder *decoder)
{
	cut(decoder, WS_CUT_MISSING_BYTES);
	decoder->dropped = true;
	ws_buf_finish(&decoder->kept);
	return WS_STEP_MEMORY;
}

/* What a compressed message is kept to: both limits hold for what comes out. */
static size_t inflated_limit(const struct ws_decoder *decoder, enum ws_cut *ret_cut)
{
	bool by_message = decoder->message_max < decoder->inflated_max;

	*ret_cut = by_message ? WS_CUT_MESSAGE_LIMIT : WS_CUT_INFLATED_LIMIT;
	return by_message ? decoder->message_max : decoder->inflated_max;
}

static int begin_inflate(struct ws_decoder *decoder)
{
	if (!decoder->inflate)
		decoder->inflate = ws_inflate_create(WINDOW_BITS);
	else if (!decoder->takeover)
		ws_inflate_reset(decoder->inflate);
	return decoder->inflate ? STEP_ON : drop(decoder);
}

/* The frame begins a message, or what is taken for one: a continuation of nothing, a reserved opcode. */
static int begin_message(struct ws_decoder *decoder)
{
	const struct ws_frame *frame = &decoder->frame;
	bool tail = decoder->joined && frame->opcode == WS_CONTINUATION;

	decoder->message = (struct ws_item){
	    .kind = WS_ITEM_MESSAGE,
	    .opcode = frame->opcode,
	    .masked = frame->masked,
	    .compressed = decoder->deflate && (frame->rsv & WS_RSV1) && frame->opcode != WS_CONTINUATION,
	    .close_code = WS_CLOSE_NO_STATUS,
	    .begin = decoder->frame_at,
	    .frames = 1,
	};
	memcpy(decoder->message.mask, frame->mask, sizeof(frame->mask));
	decoder->begun = true;
	decoder->joined = false;
	decoder->dropped = false;
	decoder->utf8 = (struct ws_utf8){0};
	decoder->looked = 0;
	/* The end of a message whose beginning was not seen, and with it whether it is compressed. */
	decoder->stopped = tail && decoder->deflate;
	if (tail)
		decoder->message.cut = WS_CUT_MISSING_BYTES;
	return decoder->message.compressed ? begin_inflate(decoder) : STEP_ON;
}

int data_begin(struct ws_decoder *decoder)
{
	if (decoder->begun && decoder->frame.opcode != WS_CONTINUATION) {
		data_cut_off(decoder, decoder->frame_at);
		return STEP_ON;
	}
	decoder->state = STATE_DATA;
	if (!decoder->begun)
		return begin_message(decoder);
	decoder->message.frames++;
	return STEP_ON;
}

static int add_plain(struct ws_decoder *decoder, struct ws_span piece, uint64_t at, struct ws_buf *out)
{
	size_t room = decoder->message_max - out->len;
	size_t len = piece.len < room ? piece.len : room;

	if (len) {
		if (ws_buf_reserve(out, len) < 0)
			return drop(decoder);
		ws_mask(out->data + out->len, piece.data, len, decoder->frame.mask, at);
		out->len += len;
	}
	if (len < piece.len)
		cut(decoder, WS_CUT_MESSAGE_LIMIT);
	return STEP_ON;
}

static int inflated(struct ws_decoder *decoder, enum ws_inflate_status status, struct ws_buf *out)
{
	enum ws_cut limit;

	switch (status) {
	case WS_INFLATE_DONE:
		break;
	case WS_INFLATE_MEMORY:
		return drop(decoder);
	case WS_INFLATE_LIMIT:
		inflated_limit(decoder, &limit);
		cut(decoder, limit);
		break;
	case WS_INFLATE_MISSING_CONTEXT:
		/* Whoever has the whole context can tell that there never was such a distance. */
		cut(decoder, decoder->context_known ? WS_CUT_BAD_DEFLATE : WS_CUT_MISSING_CONTEXT);
		if (!decoder->context_known)
			ws_buf_clear(out);
		break;
	case WS_INFLATE_BAD:
		cut(decoder, WS_CUT_BAD_DEFLATE);
		break;
	}
	return STEP_ON;
}

static int add_compressed(struct ws_decoder *decoder, struct ws_span piece, uint64_t at, struct ws_buf *out)
{
	bool last = decoder->frame.fin && !decoder->left;
	size_t max = out->max;
	enum ws_cut limit;
	enum ws_inflate_status status;

	out->max = inflated_limit(decoder, &limit);
	do {
		uint8_t bytes[UNMASK_STEP];
		struct ws_span some = piece;

		if (decoder->frame.masked) {
			some = ws_span_first(piece, sizeof(bytes));
			ws_mask(bytes, some.data, some.len, decoder->frame.mask, at);
			at += some.len;
			some.data = bytes;
		}
		piece = ws_span_from(piece, some.len);
		status = ws_inflate_feed(decoder->inflate, some, last && !piece.len, out);
	} while (piece.len && status == WS_INFLATE_DONE);
	out->max = max;
	return inflated(decoder, status, out);
}

/* Without the inflated bytes that an unknown context could refer to, the next compressed message is tried with none. */
static void settle_context(struct ws_decoder *decoder)
{
	if (!decoder->takeover || !decoder->message.compressed)
		return;
	if (decoder->message.cut) {
		if (decoder->inflate)
			ws_inflate_reset(decoder->inflate);
		decoder->context_known = false;
		decoder->context_len = 0;
	} else if (!decoder->context_known) {
		decoder->context_len += (size_t)decoder->message.len;
		decoder->context_known = decoder->context_len >= WINDOW_SIZE;
	}
}

/* All of the message that will come is here. Returns the rule that its payload breaks; *payload may lose the beginning
 * of a character that was cut. */
static enum ws_rule settle(struct ws_decoder *decoder, struct ws_span *payload)
{
	struct ws_item *item = &decoder->message;
	struct ws_utf8 utf8 = decoder->utf8;
	bool complete;

	item->len = item->compressed ? payload->len : item->wire_len;
	if (!decoder->kept.data)
		ws_utf8_feed(&utf8, *payload);
	if (item->cut && item->opcode == WS_TEXT)
		item->utf8 = decoder_trim(payload, &utf8, &complete);
	else
		item->utf8 = ws_utf8_good(&utf8) && ws_utf8_complete(&utf8);
	settle_context(decoder);
	if (item->cut == WS_CUT_BAD_DEFLATE)
		return WS_RULE_INFLATE;
	return item->opcode == WS_TEXT && !item->utf8 ? WS_RULE_UTF8 : WS_RULE_NONE;
}

/* A kept payload goes to the scratch buffer, so that no memory stays with the decoder. */
static void hand_over(struct ws_decoder *decoder)
{
	struct ws_buf *scratch = decoder->scratch, *kept = &decoder->kept;
	struct ws_buf spare = *scratch;

	if (kept->cap > scratch->cap) {
		scratch->data = kept->data;
		scratch->cap = kept->cap;
		kept->data = spare.data;
	} else if (kept->len) {
		memcpy(scratch->data, kept->data, kept->len);
	}
	scratch->len = kept->len;
	ws_buf_finish(kept);
}

static int tell(struct ws_decoder *decoder, struct ws_span payload, struct ws_item *ret)
{
	if (decoder->kept.data) {
		hand_over(decoder);
		payload = ws_buf_span(decoder->scratch);
	}
	decoder->begun = false;
	*ret = decoder->message;
	ret->payload = payload;
	return WS_STEP_ITEM;
}

int data_tell(struct ws_decoder *decoder, struct ws_item *ret)
{
	decoder->due &= (uint8_t)~DUE_MESSAGE;
	return tell(decoder, ws_span_of(NULL, 0), ret);
}

/* The message is whole. What is told behind its violation must outlive this call, and is kept. */
static int end_message(struct ws_decoder *decoder, struct ws_span payload, struct ws_item *ret)
{
	enum ws_rule rule;

	decoder->state = STATE_HEADER;
	decoder->message.end = decoder->offset;
	rule = settle(decoder, &payload);
	if (decoder->dropped) {
		decoder->begun = false;
		return STEP_ON;
	}
	if (decoder->kept.data)
		decoder->kept.len = payload.len;
	if (!rule)
		return tell(decoder, payload, ret);
	if (!decoder->kept.data && payload.len) {
		ws_buf_init(&decoder->kept, payload.len);
		if (ws_buf_append(&decoder->kept, payload) < 0) {
			decoder->begun = false;
			return WS_STEP_MEMORY;
		}
	}
	decoder->due |= DUE_MESSAGE;
	return decoder_violation(&decoder->message, rule, ret);
}

/* The message is this one frame, and all of its payload is in the input. */
static bool lies_whole(const struct ws_decoder *decoder, const struct ws_cursor *in)
{
	const struct ws_frame *frame = &decoder->frame;

	return frame->fin && decoder->message.frames == 1 && decoder->left == frame->payload_len &&
	       decoder->left <= ws_cursor_left(in) && !decoder->stopped;
}

static struct ws_span view(struct ws_decoder *decoder, struct ws_span piece)
{
	if (piece.len > decoder->message_max)
		cut(decoder, WS_CUT_MESSAGE_LIMIT);
	return ws_span_first(piece, decoder->message_max);
}

/* Adds the next bytes of the payload to out. */
static int add(struct ws_decoder *decoder, struct ws_span piece, uint64_t at, struct ws_buf *out)
{
	if (decoder->missing)
		cut(decoder, WS_CUT_MISSING_BYTES);
	if (decoder->stopped)
		return STEP_ON;
	if (decoder->message.compressed)
		return add_compressed(decoder, piece, at, out);
	return add_plain(decoder, piece, at, out);
}

/* What is kept is looked at as it comes: who asks what is pending may ask after each byte. */
static void look(struct ws_decoder *decoder)
{
	struct ws_span kept = ws_buf_span(&decoder->kept);

	if (kept.len < decoder->looked) {
		decoder->utf8 = (struct ws_utf8){0};
		decoder->looked = 0;
	}
	ws_utf8_feed(&decoder->utf8, ws_span_from(kept, decoder->looked));
	decoder->looked = kept.len;
}

int data_step(struct ws_decoder *decoder, struct ws_cursor *in, struct ws_item *ret)
{
	bool whole = lies_whole(decoder, in);
	struct ws_buf *out = whole ? decoder->scratch : &decoder->kept;
	struct ws_span payload = {0};
	uint64_t at;
	struct ws_span piece = decoder_take(decoder, in, &at);
	int status = STEP_ON;

	decoder->message.wire_len += piece.len;
	if (whole && !decoder->message.masked && !decoder->message.compressed) {
		payload = view(decoder, piece);
	} else {
		if (whole)
			ws_buf_clear(out);
		else if (!out->data)
			ws_buf_init(out, decoder->scratch->max);
		status = add(decoder, piece, at, out);
		if (!whole)
			look(decoder);
		payload = ws_buf_span(out);
	}
	if (status != STEP_ON)
		return status;
	if (decoder->left)
		return WS_STEP_MORE;
	if (decoder->frame.fin)
		return end_message(decoder, payload, ret);
	decoder->state = STATE_HEADER;
	return STEP_ON;
}

void data_cut_off(struct ws_decoder *decoder, uint64_t end)
{
	struct ws_span payload = ws_buf_span(&decoder->kept);

	cut(decoder, WS_CUT_MISSING_BYTES);
	decoder->message.end = end;
	settle(decoder, &payload);
	decoder->kept.len = payload.len;
	if (decoder->dropped)
		decoder->begun = false;
	else
		decoder->due |= DUE_MESSAGE;
}

bool data_pending(const struct ws_decoder *decoder, struct ws_item *ret)
{
	bool complete;

	if (!decoder->begun || decoder->dropped)
		return false;
	*ret = decoder->message;
	ret->payload = ws_buf_span(&decoder->kept);
	if (decoder->due & DUE_MESSAGE) /* it is settled, and only waits to be told */
		return true;
	ret->len = ret->compressed ? ret->payload.len : ret->wire_len;
	ret->end = decoder->offset;
	ret->utf8 = decoder_trim(&ret->payload, &decoder->utf8, &complete);
	if (!ret->cut)
		ret->cut = WS_CUT_MISSING_BYTES;
	return true;
}
