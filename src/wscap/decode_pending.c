/* What a channel has only until it is open, or while something is wrong with it: apart from the little that it has for
 * as long as it lives, because there may be a million, and nearly all of them rest between two messages. */
#include "wscap/decode_internal.h"

enum {
	REQUEST_USUAL = 4096, /* bytes of room for one that are kept for the next */
};

/* Nothing is pending. Field by field: together they are so many that a compiler takes the slow way to clear them. */
static void clear(struct decode_pending *pending, const struct limits *limits)
{
	const struct stream_pending nothing = {.kept = {.max = limits->head}, .lost_from = -1};

	pending->link.layer = NULL;
	pending->streams[DIR_C2S] = nothing;
	pending->streams[DIR_S2C] = nothing;
	ws_buf_init(&pending->request, limits->head);
	pending->request_begin = -1;
	pending->request_time = pending->waiting_since = 0;
	pending->sought = 0;
	pending->charged = 0;
	pending->earlier_head = pending->earlier = 0;
	pending->h2c = false;
	pending->places.known = false;
}

static void give_stream(struct decode *decode, struct stream_pending *pending)
{
	if (pending->kept.data)
		ws_buf_finish(&pending->kept);
	if (pending->decoder)
		ws_decoder_destroy(pending->decoder);
	decode->decoding -= pending->held;
}

void decode_request_begin(struct decode *decode, struct decode_pending *pending)
{
	if (!decode->request.data)
		return;
	pending->request = decode->request;
	ws_buf_init(&decode->request, decode->limits.head);
}

void decode_request_end(struct decode *decode, struct decode_pending *pending)
{
	struct ws_buf *request = &pending->request;

	if (!request->data)
		return;
	if (decode->request.data || request->cap > REQUEST_USUAL) {
		ws_buf_finish(request);
		return;
	}
	decode->request = *request;
	ws_buf_clear(&decode->request);
	ws_buf_init(request, decode->limits.head);
}

void decode_pending_give(struct decode *decode, struct decode_conn *c)
{
	struct decode_pending *pending = c->pending;

	if (!pending)
		return;
	layer_rest(decode, &pending->link);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		give_stream(decode, &pending->streams[dir]);
	decode_request_end(decode, pending);
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
	layer_wake(decode, &c->layer, c->began, &pending->link);
	return true;
}
