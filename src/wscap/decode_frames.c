/* Frames: what libws's decoders find, as events. */
#include "wscap/decode_internal.h"

enum {
	DECODER_SMALL = 4096, /* bytes: one that holds less keeps no message and inflates nothing */
};

/* The decoder of a stream, made at its first frame. Where the place was found in the middle, it begins anew. */
static struct ws_decoder *decoder_at(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset)
{
	struct ws_decoder **decoder = &c->pending->streams[dir].decoder;
	struct decode_stream *stream = &c->streams[dir];
	struct ws_decoder_config config = {
	    .from_client = dir == DIR_C2S,
	    .deflate = c->deflate,
	    .begin = (uint64_t)offset,
	    .limits = {.message_max = decode->limits.message, .inflated_max = decode->limits.inflated},
	    .scratch = &decode->scratch,
	};

	if (!*decoder)
		*decoder = ws_decoder_create(&config);
	if (*decoder && stream->restart)
		ws_decoder_restart(*decoder, (uint64_t)offset);
	stream->restart = false;
	return *decoder;
}

/* Does this break the form of a header, or the content it tells of, so that, where the boundary was only guessed, the
 * guess is at fault? */
static bool breaks_form(enum ws_rule rule)
{
	switch (rule) {
	case WS_RULE_RSV:
	case WS_RULE_OPCODE:
	case WS_RULE_LENGTH_FORM:
	case WS_RULE_LENGTH_SIGN:
	case WS_RULE_CLIENT_UNMASKED:
	case WS_RULE_SERVER_MASKED:
	case WS_RULE_CONTROL_FRAGMENTED:
	case WS_RULE_CONTROL_LENGTH:
	case WS_RULE_RSV1_CONTROL:
	case WS_RULE_RSV1_CONTINUATION:
	case WS_RULE_INFLATE:
		return true;
	default:
		return false;
	}
}

static void tell_item(struct decode *decode, struct decode_conn *c, enum dir dir, const struct ws_item *item)
{
	struct event event;

	if (item->kind == WS_ITEM_VIOLATION) {
		decode_violation(decode, c, dir, item->rule);
		return;
	}
	if (item->kind == WS_ITEM_MESSAGE && item->cut == WS_CUT_MESSAGE_LIMIT)
		decode_limit(decode, c, dir, "max-message");
	else if (item->kind == WS_ITEM_MESSAGE && item->cut == WS_CUT_INFLATED_LIMIT)
		decode_limit(decode, c, dir, "max-inflated");
	decode_event_set(decode, c, item->kind == WS_ITEM_CONTROL ? EVENT_CONTROL : EVENT_MESSAGE, dir, &event);
	event.as.item = *item;
	decode_emit(decode, &event);
}

static void give_back(struct decode_conn *c, enum dir dir)
{
	struct stream_pending *pending = &c->pending->streams[dir];

	ws_decoder_destroy(pending->decoder);
	pending->decoder = NULL;
}

/* Close frames went both ways: nothing is expected any more, and the decoders are given back. */
static void close_both(struct decode_conn *c)
{
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		give_back(c, dir);
		decode_stream_set(c, dir, STREAM_CLOSED);
	}
}

/* False: this stream has no frames any more. */
static bool take_item(struct decode *decode, struct decode_conn *c, enum dir dir, const struct ws_item *item)
{
	struct decode_stream *stream = &c->streams[dir];

	if (stream->doubt && item->kind == WS_ITEM_VIOLATION && breaks_form(item->rule)) {
		decode_stream_set(c, dir, STREAM_SEEK);
		decode_seek_from(c, dir, (int64_t)item->begin);
		return false;
	}
	if (stream->doubt)
		stream->doubt--;
	tell_item(decode, c, dir, item);
	if (item->kind != WS_ITEM_CONTROL || item->opcode != WS_CLOSE)
		return true;
	stream->close_seen = true;
	if (!c->streams[dir_other(dir)].close_seen)
		return true;
	close_both(c);
	return false;
}

/* Between two messages it is given back: the usual ones need none, and there are many connections. */
static void rest(struct decode_conn *c, enum dir dir)
{
	struct ws_decoder *decoder = c->pending->streams[dir].decoder;

	if (decoder && ws_decoder_at_rest(decoder))
		give_back(c, dir);
}

size_t decode_frames_usual(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset,
			   struct ws_span in)
{
	struct decode_stream *stream = &c->streams[dir];
	const struct ws_whole_config config = {
	    .from_client = dir == DIR_C2S, .message_max = decode->limits.message, .scratch = &decode->scratch};
	size_t used = 0, len;

	if ((c->pending && c->pending->streams[dir].decoder) || stream->restart)
		return 0;
	do {
		struct event event;

		len = ws_message_whole(ws_span_from(in, used), &config, (uint64_t)offset + used, &event.as.item);
		if (!len)
			break;
		decode_event_set(decode, c, event.as.item.kind == WS_ITEM_CONTROL ? EVENT_CONTROL : EVENT_MESSAGE, dir,
				 &event);
		if (stream->doubt)
			stream->doubt--;
		used += len;
		decode_emit(decode, &event);
	} while (used < in.len);
	return used;
}

/* What is not usual, up to where it is again. Returns how many bytes that took; fewer than there are where the decoder
 * rests, or where frames end. */
static size_t run_decoder(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in)
{
	struct decode_stream *stream = &c->streams[dir];
	struct ws_decoder *decoder = decoder_at(decode, c, dir, offset);
	struct ws_cursor at = ws_cursor_of(in);

	while (decoder) {
		const uint8_t *before = at.at;
		struct ws_item item;
		enum ws_step step = ws_decoder_next(decoder, &at, &item);

		if (step == WS_STEP_MORE)
			return in.len;
		if (step == WS_STEP_ITEM && !take_item(decode, c, dir, &item))
			return stream->state == STREAM_CLOSED ? (size_t)(at.at - in.data) : in.len;
		if (step == WS_STEP_ITEM && ws_decoder_at_rest(decoder))
			return (size_t)(at.at - in.data);
		decode->stats.no_memory += step == WS_STEP_MEMORY;
		if (step == WS_STEP_MEMORY && at.at == before)
			break;
	}
	if (!decoder)
		decode->stats.no_memory++;
	decode_stream_set(c, dir, STREAM_SEEK);
	decode_seek_from(c, dir, offset + (int64_t)(at.at - in.data));
	return in.len;
}

size_t decode_step_frames(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in)
{
	size_t used = decode_frames_usual(decode, c, dir, offset, in);

	if (used < in.len || !in.len) {
		used += run_decoder(decode, c, dir, offset + (int64_t)used, ws_span_from(in, used));
		rest(c, dir);
	}
	return used;
}

size_t decode_step_closed(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in)
{
	struct decode_stream *stream = &c->streams[dir];

	(void)offset;
	if (!stream->silent)
		decode_violation(decode, c, dir, WS_RULE_AFTER_CLOSE);
	stream->silent = true;
	return in.len;
}

void decode_frames_gap(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, uint64_t len)
{
	struct ws_decoder *decoder = c->pending->streams[dir].decoder;

	if (decoder && ws_decoder_skip(decoder, len))
		decode_step_frames(decode, c, dir, offset + (int64_t)len, ws_span_of(NULL, 0));
	else
		decode_stream_set(c, dir, STREAM_SEEK);
}

void decode_frames_end(struct decode *decode, struct decode_conn *c, enum dir dir)
{
	struct ws_decoder *decoder = c->pending ? c->pending->streams[dir].decoder : NULL;
	struct ws_item item;

	if (!decoder)
		return;
	if (ws_decoder_pending(decoder, &item))
		tell_item(decode, c, dir, &item);
	give_back(c, dir);
}

void decode_frames_give_up(struct decode *decode, struct decode_conn *c, enum dir dir)
{
	struct ws_decoder *decoder = c->pending->streams[dir].decoder;
	struct event event = decode_event(decode, c, EVENT_MESSAGE, dir);
	bool pending;

	if (!decoder || ws_decoder_memory(decoder) < DECODER_SMALL)
		return;
	pending = ws_decoder_pending(decoder, &event.as.item);
	decode_limit(decode, c, dir, "max-message-total");
	if (pending && event.as.item.kind == WS_ITEM_MESSAGE) {
		event.as.item.cut = WS_CUT_MESSAGE_LIMIT;
		decode_emit(decode, &event);
	}
	give_back(c, dir);
	if (c->streams[dir].state == STREAM_FRAMES)
		decode_stream_set(c, dir, STREAM_SEEK);
}
