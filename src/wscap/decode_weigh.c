/* What speaks for bytes in being frames.
 *
 * That is counted in bits, roughly: how improbable the same would be among other bytes. A lone short frame, whose first
 * byte is a usual one and whose length fits exactly, is worth 13 of them, but fewer where it is a ping of bytes; text
 * in it that is UTF-8, a close code that exists, a payload that inflates, a longer length that fits, more frames behind
 * it are worth more. What no sender of frames does counts as nothing at all. */
#include "wscap/decode_internal.h"
#include "wscap/trial.h"

#include "ws/close.h"
#include "ws/mask.h"
#include "ws/utf8.h"

enum {
	BITS_FIRST_BYTE = 5, /* FIN, no reserved bit, one of the six opcodes: about 7 of 256 values */
	BITS_MASKED = 1,
	BITS_EXACT = 8,     /* a length of one byte that fits */
	BITS_EXACT_16 = 23, /* …of two behind its mark, or of eight */
	BITS_CODE = 6,      /* a close code that may be sent: about 2,000 of 65,536 */
	BITS_TEXT_MAX = 16, /* a printable byte is worth one bit */
	BITS_PING = 3,      /* so many fewer for a ping or pong that is no text */
	PING_USUAL = 16,    /* …and of more than so many bytes is hardly ever one */
	TEXT_LOOK = 256,    /* bytes of a text that are looked at */
	LOOK_MAX = TRIAL_LOOK,
	CHAIN_MIN = 3, /* whole frames that it takes where the last one does not end with the segment */
};

/* Is it text as people and programs write it? UTF-8 (as far as it goes) without control characters. */
static bool is_text(struct ws_span text, bool whole)
{
	struct ws_utf8 utf8 = {0};

	if (!ws_utf8_feed(&utf8, text) || (whole && !ws_utf8_complete(&utf8)))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < ' ' && text.data[i] != '\t' && text.data[i] != '\n' && text.data[i] != '\r')
			return false;
	return true;
}

/* The beginning of the payload, unmasked. */
static struct ws_span look(const struct ws_frame *frame, struct ws_span payload, uint8_t clear[LOOK_MAX])
{
	struct ws_span begin = ws_span_first(payload, frame->rsv & WS_RSV1 ? TRIAL_LOOK : TEXT_LOOK);

	if (!frame->masked || !begin.len)
		return begin;
	ws_mask(clear, begin.data, begin.len, frame->mask, 0);
	return ws_span_of(clear, begin.len);
}

/* A compressed one: RFC 7692, section 6. */
static bool weigh_compressed(struct ws_span begin, bool all, uint32_t *bits)
{
	enum trial trial = trial_inflate(begin, all);

	*bits += trial == TRIAL_SUCCEEDS ? TRIAL_BITS : 0;
	return trial != TRIAL_FAILS;
}

/* What the payload says for the frame; false when it speaks against it. */
static bool weigh_payload(const struct ws_frame *frame, struct ws_span payload, bool whole, uint32_t *bits)
{
	uint8_t clear[LOOK_MAX];
	struct ws_span begin = look(frame, payload, clear);
	struct ws_cursor at = ws_cursor_of(begin);
	uint16_t code;

	if (frame->rsv & WS_RSV1)
		return weigh_compressed(begin, whole && begin.len == payload.len, bits);
	if (frame->opcode == WS_TEXT && !frame->rsv) {
		*bits += begin.len < BITS_TEXT_MAX ? (uint32_t)begin.len : BITS_TEXT_MAX;
		return is_text(begin, whole && begin.len == payload.len);
	}
	if ((frame->opcode == WS_PING || frame->opcode == WS_PONG) && !is_text(begin, true)) /* mostly they are */
		*bits = payload.len > PING_USUAL || *bits < BITS_PING ? 0 : *bits - BITS_PING;
	if (frame->opcode == WS_CLOSE && payload.len) {
		*bits += BITS_CODE;
		return ws_take_u16(&at, &code) && ws_close_code_sendable(code) &&
		       is_text(ws_span_of(at.at, ws_cursor_left(&at)), true);
	}
	return true;
}

/* Whether a message is under way: not known at first. */
enum under_way {
	UNDER_WAY_UNKNOWN,
	UNDER_WAY_NO,
	UNDER_WAY_YES,
};

/* A message's frames follow each other (RFC 6455, section 5.4). */
static bool in_order(const struct ws_frame *frame, enum under_way *state)
{
	bool continues = frame->opcode == WS_CONTINUATION;

	if (ws_opcode_is_control(frame->opcode))
		return true;
	if (*state == (continues ? UNDER_WAY_NO : UNDER_WAY_YES))
		return false;
	*state = frame->fin ? UNDER_WAY_NO : UNDER_WAY_YES;
	return true;
}

/* One whole frame; false when it contradicts. Empty ones, and beginnings that zeroes would make too, weigh nothing. */
static bool weigh_frame(const struct ws_frame *frame, struct ws_span payload, enum under_way *state, uint32_t *bits)
{
	bool whole = frame->fin && *state != UNDER_WAY_YES;

	if (!in_order(frame, state))
		return false;
	if (!payload.len)
		return true;
	if (frame->fin && frame->opcode != WS_CONTINUATION)
		*bits += BITS_FIRST_BYTE;
	*bits += frame->masked ? BITS_MASKED : 0;
	return weigh_payload(frame, payload, whole, bits);
}

/* What comes again and again says no more than what came once: among equal bytes, or such that are masked with one key,
 * frames that are none follow each other as well as real ones. */
static bool is_repeated(struct ws_span frame, struct ws_span before)
{
	return frame.len && frame.len == before.len && memcmp(frame.data, before.data, frame.len) == 0;
}

/* What a length says that fits. */
static uint32_t fit(const struct ws_frame *frame)
{
	if (!frame->payload_len)
		return 0;
	return frame->len_bytes ? BITS_EXACT_16 : BITS_EXACT;
}

/* The next frame of the chain. False when it contradicts. */
static bool weigh_next(struct ws_cursor *at, enum under_way *state, struct ws_span *before, struct decode_weight *ret)
{
	struct ws_span payload, whole = ws_span_of(at->at, ws_cursor_left(at));
	struct decode_weighed *weighed = &ret->frames[ret->count++];
	struct ws_frame frame;
	size_t header = ws_frame_parse(whole, &frame);
	uint32_t own = 0;

	at->at += header;
	if (!header || !ws_take_span(at, (size_t)frame.payload_len, &payload) ||
	    !weigh_frame(&frame, payload, state, &own))
		return false;
	whole.len = header + payload.len;
	ret->bits += is_repeated(whole, *before) ? 0 : own;
	*before = whole;
	*weighed = (struct decode_weighed){.len = whole.len, .bits = ret->bits, .fit = fit(&frame)};
	return true;
}

void decode_weigh(struct ws_span in, bool masked, struct decode_weight *ret)
{
	struct ws_chain chain = ws_frame_chain(in, masked);
	struct ws_cursor at = ws_cursor_of(ws_span_first(in, chain.len));
	enum under_way state = UNDER_WAY_UNKNOWN;
	struct ws_span before = ws_span_of(in.data, 0);

	ret->bits = ret->exact = ret->count = 0;
	if (!chain.frames || !(chain.exact || (chain.plausible && chain.frames >= CHAIN_MIN)))
		return;
	ret->why = chain.frames >= CHAIN_MIN ? "chain" : "exact";
	while (ret->count < chain.frames && ret->count < WEIGHED_MAX && ret->bits < 2 * TRUST_UNKNOWN) {
		if (!weigh_next(&at, &state, &before, ret)) {
			ret->bits = ret->count = 0;
			return;
		}
	}
	if (chain.exact && ret->count == chain.frames)
		ret->exact = ret->frames[ret->count - 1].fit;
	ret->bits += ret->exact;
}

/* What stands behind a frame speaks for it only as far as its length led there: bytes that are none may do so too, by
 * chance, and what follows is still a chain. */
bool decode_weight_begin(const struct decode_weight *weight, uint32_t bits, size_t *ret)
{
	*ret = 0;
	for (uint32_t i = 0; i < weight->count; i++) {
		const struct decode_weighed *frame = &weight->frames[i];
		uint32_t behind = weight->bits - frame->bits;

		if (frame->bits + (behind < frame->fit ? behind : frame->fit) >= bits)
			return true;
		*ret += frame->len;
	}
	return false;
}
