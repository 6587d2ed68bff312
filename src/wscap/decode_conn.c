/* A channel's life: where its decode_conn lives, and what its carrier tells of it.
 *
 * Only this file makes one, moves it and frees it; who else has ended with one says so in c->gone, and settle() does
 * the rest. */
#include "wscap/decode_internal.h"

#include <stdlib.h>

static const struct layer_ops channel_ops;

static struct decode_conn *channel_of(struct layer *layer)
{
	return (struct decode_conn *)layer;
}

static void destroy(struct decode *decode, struct layer *layer)
{
	struct decode_conn *c = channel_of(layer);

	layer_leave(layer);
	free(c->user);
	decode_pending_give(decode, c);
	pool_give(&decode->channels, pool_number(&decode->channels, c));
}

struct decode_conn *decode_conn_create(struct decode *decode, const struct seat *seat)
{
	uint32_t number = pool_take(&decode->channels);
	struct decode_conn *c;

	if (number == POOL_NONE)
		return NULL;
	c = pool_at(&decode->channels, number);
	*c = (struct decode_conn){.layer = {.ops = &channel_ops, .at = *seat}, .began = ++decode->layers};
	c->streams[DIR_C2S].state = STREAM_HEAD;
	c->streams[DIR_S2C].state = STREAM_ANSWERS;
	if (!decode_pending_take(decode, c)) {
		pool_give(&decode->channels, number);
		return NULL;
	}
	decode_request_begin(decode, c->pending);
	layer_enter(&c->layer);
	return c;
}

void decode_conn_forget(struct decode *decode, struct decode_conn *c)
{
	destroy(decode, &c->layer);
}

/* Between plain requests: a new decode_conn would be the same. */
static bool is_idle(const struct decode_conn *c)
{
	const struct stream_pending *client = &c->pending->streams[DIR_C2S], *server = &c->pending->streams[DIR_S2C];

	return c->stage == STAGE_HTTP && c->streams[DIR_C2S].state == STREAM_HEAD &&
	       c->streams[DIR_S2C].state == STREAM_ANSWERS && !client->kept.len && !server->kept.len &&
	       !client->gap_len && !server->gap_len && server->lost_from < 0 && !c->pending->earlier &&
	       !c->pending->request.len && !c->refused;
}

static void charge_decoder(struct decode *decode, struct stream_pending *pending)
{
	size_t held = pending->decoder ? ws_decoder_memory(pending->decoder) : 0;

	if (held == pending->held)
		return;
	decode->decoding += held - pending->held;
	pending->held = held;
}

/* Counts the bytes that it keeps. */
static void charge(struct decode *decode, struct decode_conn *c)
{
	struct decode_pending *pending = c->pending;
	size_t kept = pending->request.cap + pending->streams[0].kept.cap + pending->streams[1].kept.cap;

	decode->kept += kept - pending->charged;
	pending->charged = kept;
	charge_decoder(decode, &pending->streams[DIR_C2S]);
	charge_decoder(decode, &pending->streams[DIR_S2C]);
}

/* Too much is held by all together: who has just asked for more gives its own up. */
static void hold_to_total(struct decode *decode, struct decode_conn *c)
{
	if (decode->decoding <= decode->limits.message_total)
		return;
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		decode_frames_give_up(decode, c, dir);
	charge(decode, c);
}

static void give_up(struct decode *decode, struct decode_conn *c)
{
	struct seat seat = c->layer.at;

	destroy(decode, &c->layer);
	layer_ignore(decode, &seat);
}

/* Something comes that a channel at rest may have to remember. False: there is no memory for it, and c is gone. */
static bool rouse(struct decode *decode, struct decode_conn *c)
{
	if (c->pending || decode_pending_take(decode, c))
		return true;
	decode->stats.no_memory++;
	give_up(decode, c);
	return false;
}

/* After anything has happened: decides whether c lives on. */
static void settle(struct decode *decode, struct decode_conn *c)
{
	if (c->turned && !c->gone)
		decode_turn(decode, c);
	if (c->gone) {
		give_up(decode, c);
		return;
	}
	if (is_idle(c)) {
		decode_conn_forget(decode, c);
		return;
	}
	charge(decode, c);
	hold_to_total(decode, c);
	decode_rest(decode, c);
}

/* Nothing waits, and nothing is kept: the next bytes of this stream go to its frames, and change nothing but those. */
static bool is_running(const struct decode_conn *c, enum dir dir)
{
	const struct decode_stream *stream = &c->streams[dir];

	return c->stage == STAGE_OPEN && stream->state == STREAM_FRAMES && !stream->unseen && !c->waiting &&
	       (!c->pending || !c->pending->streams[dir].kept.len);
}

/* Where a decoder holds the context of compression it is asked at once: nothing else is looked at on the way. */
static size_t run_on(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span bytes)
{
	size_t used = decode_frames_usual(decode, c, dir, offset, bytes);

	if (used < bytes.len && c->pending && c->pending->streams[dir].decoder)
		used += decode_step_frames(decode, c, dir, offset + (int64_t)used, ws_span_from(bytes, used));
	return used;
}

/* It ran on: would settle() find all as it left it? Without a decoder, before and now, it would. */
static bool is_settled(const struct decode *decode, const struct decode_conn *c, enum dir dir)
{
	const struct stream_pending *pending = c->pending ? &c->pending->streams[dir] : NULL;

	if (!pending)
		return true;
	if (!pending->decoder)
		return !pending->held;
	return is_running(c, dir) && ws_decoder_memory(pending->decoder) == pending->held &&
	       decode->decoding <= decode->limits.message_total;
}

/* What has not been used so far. */
static void data(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span bytes)
{
	if (!rouse(decode, c))
		return;
	c->streams[dir].fed = true;
	decode_end_long_wait(decode, c);
	if (c->streams[dir].unseen) {
		c->streams[dir].unseen = false;
		decode_conn_known(decode, c);
	}
	if (c->stage == STAGE_HTTP && decode_match_h2(c, dir, offset, bytes) == MATCH_YES) {
		decode_switch_to_h2(decode, c, dir, offset, bytes);
		return;
	}
	decode_feed(decode, c, dir, offset, bytes);
	if (c->pending->h2c)
		decode_switch_to_h2(decode, c, dir, offset, ws_span_of(NULL, 0));
	else
		settle(decode, c);
}

void decode_conn_run(struct decode *decode, struct decode_conn *c)
{
	if (!rouse(decode, c))
		return;
	decode_run_awake(decode, c);
	settle(decode, c);
}

static void on_lost(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset)
{
	struct decode_conn *c = channel_of(layer);
	struct decode_stream *stream = &c->streams[dir];

	(void)offset;
	if (!rouse(decode, c))
		return;
	if (c->stage == STAGE_OPENING)
		decode_conn_open_unanswered(decode, c);
	if (stream->state == STREAM_FRAMES) {
		decode_frames_end(decode, c, dir);
		decode_stream_set(c, dir, STREAM_SEEK);
	} else if (stream->state != STREAM_CLOSED) {
		decode_stream_drop(c, dir);
		stream->state = STREAM_SEEK;
	}
	decode_conn_run(decode, c);
}

static void mid_stream(struct decode *decode, struct decode_conn *c, enum dir dir)
{
	if (c->stage == STAGE_HTTP)
		c->streams[dir].state = STREAM_SEEK;
	settle(decode, c);
}

/* An empty seat: a new channel, of which settle() decides whether it lives on. NULL: there is no memory for it. */
static struct decode_conn *begin(struct decode *decode, const struct seat *seat)
{
	struct decode_conn *c = decode_conn_create(decode, seat);

	if (!c) {
		decode->stats.no_memory++;
		layer_ignore(decode, seat);
	}
	return c;
}

void decode_conn_data(struct decode *decode, const struct seat *seat, enum dir dir, int64_t offset,
		      struct ws_span bytes)
{
	struct layer *other = layer_choose(decode, seat, dir, bytes, offset == 0);
	struct decode_conn *c;

	if (other)
		other->ops->data(decode, other, dir, offset, bytes);
	else if ((c = begin(decode, seat)))
		data(decode, c, dir, offset, bytes);
}

void decode_conn_gap(struct decode *decode, const struct seat *seat, enum dir dir, int64_t offset, uint64_t len)
{
	struct decode_conn *c = begin(decode, seat);

	if (!c)
		return;
	decode_take_gap(decode, c, dir, offset, len);
	settle(decode, c);
}

void decode_conn_mid_stream(struct decode *decode, const struct seat *seat, enum dir dir)
{
	struct decode_conn *c = begin(decode, seat);

	if (c)
		mid_stream(decode, c, dir);
}

/* Nothing was made of the connection so far but where it begins. */
static bool is_untouched(const struct decode_conn *c, enum dir dir)
{
	return !c->streams[dir].fed && c->stage == STAGE_HTTP;
}

/* The client asked for a tunnel, and goes on: so it was answered. */
static bool goes_on_in_tunnel(const struct decode_conn *c, enum dir dir)
{
	return dir == DIR_C2S && c->stage == STAGE_HTTP && c->pending && c->pending->request.len &&
	       c->streams[dir].state == STREAM_HEAD && !c->pending->streams[dir].kept.len;
}

/* What was asked before this was not captured: it may have been a tunnel. */
static bool may_be_in_tunnel(const struct decode_conn *c, enum dir dir)
{
	const struct stream_pending *pending = c->pending ? &c->pending->streams[dir] : NULL;
	enum stream_state state = c->streams[dir].state;

	return c->stage == STAGE_HTTP && pending && !pending->kept.len &&
	       (state == STREAM_SEEK || (state == STREAM_ANSWERS && pending->lost_from >= 0));
}

/* The first bytes of a stream, or of a tunnel, may be another layer's: it takes the seat then, and them. */
static bool give_to_other(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset,
			  struct ws_span bytes)
{
	const struct decode_conn *c = channel_of(layer);
	bool first = is_untouched(c, dir);
	struct seat seat = layer->at;
	struct layer *other;

	if ((!first && !goes_on_in_tunnel(c, dir) && !may_be_in_tunnel(c, dir)) ||
	    !layer_begins_other(&seat, dir, bytes, first))
		return false;
	destroy(decode, layer);
	other = layer_choose(decode, &seat, dir, bytes, first);
	if (other)
		other->ops->data(decode, other, dir, offset, bytes);
	return true;
}

static void on_data(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct decode_conn *c = channel_of(layer);
	size_t used = 0;

	if (is_running(c, dir)) {
		used = run_on(decode, c, dir, offset, bytes);
		if (used && used == bytes.len && is_settled(decode, c, dir))
			return;
	} else if (give_to_other(decode, layer, dir, offset, bytes)) {
		return;
	}
	data(decode, c, dir, offset + (int64_t)used, ws_span_from(bytes, used));
}

static void on_gap(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset, uint64_t len)
{
	struct decode_conn *c = channel_of(layer);

	if (!rouse(decode, c))
		return;
	decode_take_gap(decode, c, dir, offset, len);
	settle(decode, c);
}

static void on_mid_stream(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset)
{
	struct decode_conn *c = channel_of(layer);

	(void)offset;
	if (c->pending) /* else it is open */
		mid_stream(decode, c, dir);
}

static void on_end(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset)
{
	struct decode_conn *c = channel_of(layer);

	(void)offset;
	if (c->streams[dir].state != STREAM_FRAMES)
		return;
	decode_frames_end(decode, c, dir);
	c->streams[dir].state = STREAM_CLOSED;
	c->streams[dir].silent = true;
}

/* What waits is used, messages under way are told as they are. */
static void on_over(struct decode *decode, struct layer *layer)
{
	struct decode_conn *c = channel_of(layer);

	if (!c->pending)
		return;
	do { /* behind what waited may stand an answer that waits as well */
		decode_stop_waiting(decode, c);
		decode_run_awake(decode, c);
	} while (c->waiting && !c->gone);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C && !c->gone; dir++) {
		const struct stream_pending *pending = &c->pending->streams[dir];

		decode_frames_end(decode, c, dir);
		decode_seek_to(decode, c, dir, pending->kept_offset + (int64_t)pending->kept.len);
		decode_stream_drop(c, dir);
	}
	settle(decode, c);
}

/* Bytes may have waited for the other stream for longer than limits.reorder: they go on without it. */
static void on_tick(struct decode *decode, struct layer *layer)
{
	struct decode_conn *c = channel_of(layer);

	if (!c->pending)
		return;
	decode_end_long_wait(decode, c);
	settle(decode, c);
}

static bool is_websocket(const struct layer *layer)
{
	return ((const struct decode_conn *)layer)->stage != STAGE_HTTP;
}

static const struct layer_ops channel_ops = {
    .data = on_data,
    .gap = on_gap,
    .lost = on_lost,
    .mid_stream = on_mid_stream,
    .end = on_end,
    .tick = on_tick,
    .over = on_over,
    .destroy = destroy,
    .is_websocket = is_websocket,
    .channel = channel_of,
};
