/* What a channel has only until it is open, or while something is wrong with it: apart from the little that it has for
 * as long as it lives, because there may be a million, and nearly all of them rest between two messages. */
#include "wscap/decode_internal.h"

/* Nothing is pending, as at a channel's beginning. */
static void clear(struct decode_pending *pending, const struct limits *limits)
{
	*pending = (struct decode_pending){.request_begin = -1};
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		pending->streams[dir].lost_from = -1;
		ws_buf_init(&pending->streams[dir].kept, limits->head);
	}
	ws_buf_init(&pending->request, limits->head);
}

static void use(struct decode_conn *c, struct decode_pending *pending)
{
	c->pending = pending;
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		c->streams[dir].pending = pending ? &pending->streams[dir] : NULL;
}

void decode_pending_init(struct decode_conn *c, struct decode_pending *pending, const struct limits *limits)
{
	clear(pending, limits);
	use(c, pending);
}

void decode_pending_finish(struct decode_conn *c)
{
	if (!c->pending)
		return;
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		ws_buf_finish(&c->pending->streams[dir].kept);
	ws_buf_finish(&c->pending->request);
}

struct decode_pending *decode_pending_take(struct decode *decode)
{
	uint32_t number = pool_take(&decode->pending);
	struct decode_pending *pending;

	if (number == POOL_NONE)
		return NULL;
	pending = pool_at(&decode->pending, number);
	pending->number = number;
	return pending;
}

void decode_pending_give(struct decode *decode, struct decode_conn *c)
{
	if (!c->pending)
		return;
	decode_pending_finish(c);
	decode->kept -= c->pending->charged;
	pool_give(&decode->pending, c->pending->number);
	use(c, NULL);
}

void decode_pending_move(struct decode_conn *c, struct decode_pending *pending)
{
	const struct decode_pending *from = c->pending;
	bool turned = c->streams[DIR_C2S].pending != &from->streams[DIR_C2S];
	uint32_t number = pending->number;

	*pending = *from;
	pending->number = number;
	c->pending = pending;
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		c->streams[dir].pending = &pending->streams[turned ? dir_other(dir) : dir];
}

static bool is_at_rest(const struct decode_stream *stream)
{
	const struct stream_pending *pending = stream->pending;

	return (stream->state == STREAM_FRAMES || stream->state == STREAM_CLOSED) && !stream->decoder &&
	       !stream->wake && !stream->unseen && !pending->kept.len && !pending->gap_len && !pending->bits &&
	       !pending->bits_turned && pending->lost_from < 0;
}

/* Not where a decoder is held, as for compression: what follows will hardly be usual. Nor where that it is open is only
 * a guess. */
void decode_rest(struct decode *decode, struct decode_conn *c)
{
	if (c->stage != STAGE_OPEN || !c->handshake_seen || c->waiting || c->pending->request.len ||
	    !is_at_rest(&c->streams[DIR_C2S]) || !is_at_rest(&c->streams[DIR_S2C]))
		return;
	decode_pending_give(decode, c);
}

bool decode_rouse(struct decode *decode, struct decode_conn *c)
{
	struct decode_pending *pending;
	uint32_t number;

	if (c->pending)
		return true;
	pending = decode_pending_take(decode);
	if (!pending)
		return false;
	number = pending->number;
	decode_pending_init(c, pending, &decode->limits);
	pending->number = number;
	return true;
}
