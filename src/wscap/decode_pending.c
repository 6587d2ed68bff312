/* What a channel has only until it is open, or while something is wrong with it: apart from the little that it has for
 * as long as it lives, because there may be a million, and nearly all of them rest between two messages. */
#include "wscap/decode_internal.h"

/* Nothing is pending. */
static void clear(struct decode_pending *pending, const struct limits *limits)
{
	memset(pending, 0, offsetof(struct decode_pending, places));
	pending->places.known = false;
	pending->request_begin = -1;
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		pending->streams[dir].lost_from = -1;
		ws_buf_init(&pending->streams[dir].kept, limits->head);
	}
	ws_buf_init(&pending->request, limits->head);
}

void decode_pending_give(struct decode *decode, struct decode_conn *c)
{
	struct decode_pending *pending = c->pending;

	if (!pending)
		return;
	layer_rest(decode, &pending->link);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		ws_buf_finish(&pending->streams[dir].kept);
		ws_decoder_destroy(pending->streams[dir].decoder);
		decode->decoding -= pending->streams[dir].held;
	}
	ws_buf_finish(&pending->request);
	decode->kept -= pending->charged;
	pool_give(&decode->pending, pending->number);
	c->pending = NULL;
}

static bool is_at_rest(const struct decode_conn *c, enum dir dir)
{
	const struct decode_stream *stream = &c->streams[dir];
	const struct stream_pending *pending = &c->pending->streams[dir];

	return (stream->state == STREAM_FRAMES || stream->state == STREAM_CLOSED) && !pending->decoder &&
	       !stream->wake && !stream->unseen && !pending->kept.len && !pending->gap_len && !pending->bits &&
	       !pending->bits_turned && pending->lost_from < 0;
}

/* Not where a decoder is held, as for compression: what follows will hardly be usual. Nor where that it is open is only
 * a guess. */
void decode_rest(struct decode *decode, struct decode_conn *c)
{
	if (c->stage != STAGE_OPEN || !c->handshake_seen || c->waiting || c->pending->request.len ||
	    !is_at_rest(c, DIR_C2S) || !is_at_rest(c, DIR_S2C))
		return;
	decode_pending_give(decode, c);
}

bool decode_rouse(struct decode *decode, struct decode_conn *c)
{
	return c->pending || decode_pending_take(decode, c);
}

bool decode_pending_take(struct decode *decode, struct decode_conn *c)
{
	uint32_t number = pool_take(&decode->pending);
	struct decode_pending *pending;

	if (number == POOL_NONE)
		return false;
	pending = pool_at(&decode->pending, number);
	clear(pending, &decode->limits);
	pending->number = number;
	c->pending = pending;
	layer_wake(decode, &c->layer, &pending->link);
	return true;
}
