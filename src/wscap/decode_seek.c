/* A frame boundary in the middle of a stream.
 *
 * Who writes frames mostly begins a segment with one, so each segment's start is a candidate. It is kept, with what
 * follows, as long as it may be a chain of frames, until enough speaks for it. That is counted in bits, roughly: how
 * improbable the same would be among other bytes. A lone short frame, whose first byte is a usual one and whose length
 * fits exactly, is worth 13 of them; only with text in it that is UTF-8, a close code that exists, a longer length that
 * fits, more frames behind it, or the like in the other direction does it reach what is asked for (TRUST_UNKNOWN).
 * What no sender of frames does counts as nothing at all: other protocols read as WebSocket are worse than a WebSocket
 * that is found a message later. */
#include "wscap/decode_internal.h"

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
	TEXT_LOOK = 256,    /* bytes of a text that are looked at */
	CHAIN_MIN = 3,      /* whole frames that it takes where the last one does not end with the segment */
	CHAIN_MAX = 32,     /* whole frames that weigh too little together: not looked at again and again */
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
static struct ws_span look(const struct ws_frame *frame, struct ws_span payload, uint8_t clear[TEXT_LOOK])
{
	struct ws_span begin = ws_span_first(payload, TEXT_LOOK);

	if (!frame->masked || !begin.len)
		return begin;
	ws_mask(clear, begin.data, begin.len, frame->mask, 0);
	return ws_span_of(clear, begin.len);
}

/* What the payload says for the frame; false when it speaks against it. */
static bool weigh_payload(const struct ws_frame *frame, struct ws_span payload, bool whole, uint32_t *bits)
{
	uint8_t clear[TEXT_LOOK];
	struct ws_span begin = look(frame, payload, clear);
	struct ws_cursor at = ws_cursor_of(begin);
	uint16_t code;

	if (frame->opcode == WS_TEXT && !frame->rsv) {
		*bits += begin.len < BITS_TEXT_MAX ? (uint32_t)begin.len : BITS_TEXT_MAX;
		return is_text(begin, whole && begin.len == payload.len);
	}
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

uint32_t decode_weigh(struct ws_span in, bool masked, const char **ret_why)
{
	struct ws_chain chain = ws_frame_chain(in, masked);
	struct ws_cursor at = ws_cursor_of(ws_span_first(in, chain.len));
	enum under_way state = UNDER_WAY_UNKNOWN;
	struct ws_span before = ws_span_of(in.data, 0);
	struct ws_frame frame = {0};
	uint32_t bits = 0;

	if (!chain.frames || !(chain.exact || (chain.plausible && chain.frames >= CHAIN_MIN)))
		return 0;
	*ret_why = chain.frames >= CHAIN_MIN ? "chain" : "exact";
	for (uint32_t i = 0; i < chain.frames && bits < 2 * TRUST_UNKNOWN; i++) {
		struct ws_span payload, whole = ws_span_of(at.at, ws_cursor_left(&at));
		size_t header = ws_frame_parse(whole, &frame);
		uint32_t own = 0;

		at.at += header;
		if (!header || !ws_take_span(&at, (size_t)frame.payload_len, &payload) ||
		    !weigh_frame(&frame, payload, &state, &own))
			return 0;
		whole.len = header + payload.len;
		bits += is_repeated(whole, before) ? 0 : own;
		before = whole;
	}
	if (chain.exact && frame.payload_len)
		bits += frame.len_bytes ? BITS_EXACT_16 : BITS_EXACT;
	return bits;
}

/* A stream without its handshake begins here: said once of each. */
static void tell_joined(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, const char *why)
{
	struct event event = decode_event(decode, c, EVENT_MID_STREAM, dir);

	if (c->handshake_seen || c->streams[dir].joined)
		return;
	decode->stats.mid_stream += !c->mid_stream;
	c->mid_stream = true;
	c->streams[dir].joined = true;
	event.as.mid_stream.offset = offset;
	event.as.mid_stream.why = why;
	decode_emit(decode, &event);
}

void decode_seek_from(struct decode_conn *c, enum dir dir, int64_t offset)
{
	c->streams[dir].pending->lost_from = offset;
}

void decode_seek_to(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset)
{
	struct decode_stream *stream = &c->streams[dir];
	struct event event = decode_event(decode, c, EVENT_GAP, dir);

	if (c->stage != STAGE_HTTP && stream->pending->lost_from >= 0 && offset > stream->pending->lost_from) {
		event.as.gap.offset = stream->pending->lost_from;
		event.as.gap.len = (uint64_t)(offset - stream->pending->lost_from);
		event.as.gap.captured = true;
		decode_emit(decode, &event);
	}
	stream->pending->lost_from = -1;
}

static void trust(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, const char *why)
{
	if (c->stage == STAGE_HTTP) {
		if (conn_role(c->layer.at.conn) == ROLE_UNKNOWN)
			conn_set_client(c->layer.at.conn, DIR_C2S);
		decode_conn_open_unanswered(decode, c);
	}
	c->streams[dir].pending->looked = 0;
	if (!c->handshake_seen && !c->streams[dir].joined) /* EVENT_MID_STREAM says so */
		c->streams[dir].pending->lost_from = -1;
	decode_seek_to(decode, c, dir, offset);
	decode_stream_set(c, dir, STREAM_FRAMES);
	c->streams[dir].doubt = DOUBT_ITEMS;
	c->streams[dir].restart = true;
	tell_joined(decode, c, dir, offset, why);
}

/* That it opened is only a guess: an upgrade was asked for, and its answer not captured. */
static bool may_be_refused(const struct decode_conn *c)
{
	return c->stage == STAGE_OPEN && !c->handshake_seen && !c->mid_stream;
}

/* HTTP may go on behind what was not captured. Returns whether in begins with it. */
static bool seek_head(struct decode_conn *c, enum dir dir, struct ws_span in)
{
	bool guessed = conn_role(c->layer.at.conn) == ROLE_UNKNOWN;
	bool request = decode_match_get(in) == MATCH_YES, answer = decode_match_upgrade(in) == MATCH_YES;

	if ((request || answer) && may_be_refused(c))
		decode_conn_refused(c);
	if (c->stage != STAGE_HTTP || (!request && !answer) || (!guessed && request != (dir == DIR_C2S)))
		return false;
	c->streams[dir].pending->lost_from = -1; /* what was before it was no frames */
	if (request != (dir == DIR_C2S))
		c->turned = true;
	else if (request)
		decode_stream_set(c, dir, STREAM_HEAD);
	else /* the answer waits for its request, if that may still come */
		decode_stream_set(c, dir, c->streams[DIR_C2S].state == STREAM_SEEK ? STREAM_HEAD : STREAM_HELD);
	return true;
}

/* As far as it goes, in may begin as a head does. */
static bool may_be_head(const struct decode_conn *c, struct ws_span in)
{
	return c->stage == STAGE_HTTP && (decode_match_get(in) == MATCH_MORE || decode_match_upgrade(in) == MATCH_MORE);
}

static bool may_be_frames(struct ws_span in, bool masked)
{
	struct ws_chain chain = ws_frame_chain(in, masked);

	return chain.plausible && chain.frames < CHAIN_MAX;
}

/* The answer is there, and waits for a request that was not captured: now that frames were found it is worth a look. */
static bool wake_answer(struct decode_conn *c, enum dir dir)
{
	if (c->stage != STAGE_HTTP || dir != DIR_C2S || c->streams[DIR_S2C].state != STREAM_HELD)
		return false;
	decode_stream_set(c, DIR_S2C, STREAM_HEAD);
	return true;
}

/* Is that enough? Both directions speak for a WebSocket together; that it is one is no reason to believe a boundary. */
static bool is_enough(const struct decode_conn *c, uint32_t bits, uint32_t other)
{
	if (!bits)
		return false;
	return c->stage == STAGE_HTTP ? bits + other >= TRUST_UNKNOWN : bits >= TRUST_KNOWN;
}

/* Looks at a candidate, which is all of in. Returns whether the state changed, or will. */
static bool look_at(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in)
{
	struct decode_stream *stream = &c->streams[dir], *other = &c->streams[dir_other(dir)];
	const char *why = NULL;

	if (seek_head(c, dir, in))
		return true;
	stream->pending->bits = decode_weigh(in, dir == DIR_C2S, &why);
	if (is_enough(c, stream->pending->bits, other->pending->bits)) {
		if (!wake_answer(c, dir))
			trust(decode, c, dir, offset, why);
		return true;
	}
	if (conn_role(c->layer.at.conn) != ROLE_UNKNOWN)
		return false;
	stream->pending->bits_turned = decode_weigh(in, dir == DIR_S2C, &why);
	c->turned =
	    stream->pending->bits_turned && stream->pending->bits_turned + other->pending->bits_turned >= TRUST_UNKNOWN;
	return c->turned;
}

size_t decode_step_seek(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in)
{
	struct decode_stream *stream = &c->streams[dir];
	size_t old = stream->pending->looked;
	bool guessed = conn_role(c->layer.at.conn) == ROLE_UNKNOWN;

	if (stream->pending->lost_from < 0)
		decode_seek_from(c, dir, offset);
	stream->pending->looked = 0;
	if (look_at(decode, c, dir, offset, in))
		return 0;
	/* The new segment by itself may be a better one than what was kept: unless that has something for it. */
	if (old && old < in.len && !stream->pending->bits && !stream->pending->bits_turned &&
	    look_at(decode, c, dir, offset + (int64_t)old, ws_span_from(in, old)))
		return old;
	if (may_be_head(c, in) || may_be_frames(in, dir == DIR_C2S) || (guessed && may_be_frames(in, dir == DIR_S2C))) {
		stream->pending->looked = in.len;
		return 0;
	}
	stream->pending->bits = stream->pending->bits_turned = 0;
	if (old && old < in.len)
		return old;
	c->pending->sought += in.len;
	c->gone = c->stage == STAGE_HTTP && c->pending->sought > LIMIT_UNDECIDED_BYTES;
	return in.len;
}
