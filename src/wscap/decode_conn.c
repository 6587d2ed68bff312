/* A channel's life: where its decode_conn lives, what its states turn into, and what its carrier tells of it. */
#include "wscap/decode_internal.h"

#include <stdlib.h>

static const struct layer_ops channel_ops;

/* A channel in the caller's storage. */
static void init(struct decode_conn *c, struct decode_pending *pending, const struct seat *seat,
		 const struct limits *limits)
{
	*c = (struct decode_conn){.layer = {.ops = &channel_ops, .at = *seat}};
	c->streams[DIR_C2S].state = STREAM_HEAD;
	c->streams[DIR_S2C].state = STREAM_ANSWERS;
	decode_pending_init(c, pending, limits);
}

static void finish(struct decode_conn *c)
{
	decode_pending_finish(c);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		ws_decoder_destroy(c->streams[dir].decoder);
	free(c->user);
}

static struct decode_conn *channel_of(struct layer *layer)
{
	return (struct decode_conn *)layer;
}

static void destroy(struct decode *decode, struct layer *layer)
{
	struct decode_conn *c = channel_of(layer);

	layer_leave(decode, layer);
	decode->decoding -= (size_t)c->streams[DIR_C2S].held + c->streams[DIR_S2C].held;
	finish(c);
	decode_pending_give(decode, c);
	pool_give(&decode->channels, c->number);
}

void decode_stream_set(struct decode_conn *c, enum dir dir, enum stream_state state)
{
	struct decode_stream *stream = &c->streams[dir];

	if (stream->state == STREAM_HELD)
		c->waiting = false;
	stream->state = state;
	stream->wake = true;
}

void decode_stream_drop(struct decode_stream *stream)
{
	ws_buf_finish(&stream->pending->kept);
	stream->pending->looked = 0;
	stream->pending->bits = stream->pending->bits_turned = 0;
}

void decode_conn_known(struct decode *decode, struct decode_conn *c)
{
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		struct decode_stream *stream = &c->streams[dir];

		if (!stream->pending->gap_len || stream->unseen)
			continue;
		decode_gap(decode, c, dir, stream->pending->gap_offset, stream->pending->gap_len);
		stream->pending->gap_len = 0;
	}
}

void decode_conn_open(struct decode *decode, struct decode_conn *c)
{
	struct decode_stream *client = &c->streams[DIR_C2S], *server = &c->streams[DIR_S2C];

	decode_conn_known(decode, c);
	c->stage = STAGE_OPEN;
	decode_stream_set(c, DIR_C2S, client->state == STREAM_HELD ? STREAM_FRAMES : STREAM_SEEK);
	decode_stream_set(c, DIR_S2C, server->state == STREAM_HEAD ? STREAM_FRAMES : STREAM_SEEK);
	ws_buf_finish(&c->pending->request);
}

void decode_conn_refused(struct decode_conn *c)
{
	c->stage = STAGE_HTTP;
	c->streams[DIR_C2S].pending->lost_from = c->streams[DIR_S2C].pending->lost_from = -1;
	if (c->streams[DIR_C2S].state == STREAM_HELD)
		decode_stream_set(c, DIR_C2S, STREAM_HEAD);
	decode_stream_set(c, DIR_S2C, STREAM_ANSWERS);
	ws_buf_finish(&c->pending->request);
	c->pending->request_begin = -1;
}

/* Whoever did not agree on compression does not set its bit, so it may be taken as agreed. */
void decode_conn_open_unanswered(struct decode *decode, struct decode_conn *c)
{
	c->deflate =
	    (struct ws_deflate_params){.enabled = true, .server_max_window_bits = 15, .client_max_window_bits = 15};
	decode_conn_known(decode, c);
	c->stage = STAGE_OPEN;
	decode_stream_drop(&c->streams[DIR_S2C]);
	decode_stream_set(c, DIR_C2S, STREAM_SEEK);
	decode_stream_set(c, DIR_S2C, STREAM_SEEK);
	ws_buf_finish(&c->pending->request);
}

/* Moves c, which lives on the stack, to the heap. */
static struct decode_conn *move_to_heap(struct decode *decode, const struct decode_conn *c)
{
	struct decode_pending *pending = decode_pending_take(decode);
	struct decode_conn *copy;
	uint32_t number;

	if (!pending)
		return NULL;
	number = pool_take(&decode->channels);
	if (number == POOL_NONE) {
		pool_give(&decode->pending, pending->number);
		return NULL;
	}
	copy = pool_at(&decode->channels, number);
	*copy = *c;
	decode_pending_move(copy, pending);
	copy->number = number;
	copy->on_heap = true;
	layer_enter(decode, &copy->layer);
	return copy;
}

struct decode_conn *decode_conn_create(struct decode *decode, const struct seat *seat)
{
	struct decode_pending pending;
	struct decode_conn c;

	init(&c, &pending, seat, &decode->limits);
	return move_to_heap(decode, &c);
}

static void forget(struct decode *decode, struct decode_conn *c)
{
	if (c->on_heap)
		destroy(decode, &c->layer);
	else
		finish(c);
}

/* Between plain requests: a new decode_conn would be the same. */
static bool is_idle(const struct decode_conn *c)
{
	const struct decode_stream *client = &c->streams[DIR_C2S], *server = &c->streams[DIR_S2C];

	return c->stage == STAGE_HTTP && client->state == STREAM_HEAD && server->state == STREAM_ANSWERS &&
	       !client->pending->kept.len && !server->pending->kept.len && !client->pending->gap_len &&
	       !server->pending->gap_len && !c->pending->earlier && !c->pending->request.len;
}

/* More than four gigabytes are counted as these. */
static void charge_decoder(struct decode *decode, struct decode_stream *stream)
{
	size_t held = stream->decoder ? ws_decoder_memory(stream->decoder) : 0;

	decode->decoding -= stream->held;
	stream->held = held < UINT32_MAX ? (uint32_t)held : UINT32_MAX;
	decode->decoding += stream->held;
}

/* Counts the bytes that it keeps. */
static void charge(struct decode *decode, struct decode_conn *c)
{
	struct decode_pending *pending = c->pending;
	size_t kept = pending->request.cap + pending->streams[0].kept.cap + pending->streams[1].kept.cap;

	decode->kept += kept - pending->charged;
	pending->charged = kept;
	charge_decoder(decode, &c->streams[DIR_C2S]);
	charge_decoder(decode, &c->streams[DIR_S2C]);
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

/* Something comes that a channel at rest may have to remember. False: there is no memory for it, and c is gone. */
static bool rouse(struct decode *decode, struct decode_conn *c)
{
	struct seat seat = c->layer.at;

	if (decode_rouse(decode, c))
		return true;
	decode->stats.no_memory++;
	destroy(decode, &c->layer);
	layer_ignore(decode, &seat);
	return false;
}

/* After anything has happened: decides where c lives on, if it does. */
static void settle(struct decode *decode, struct decode_conn *c)
{
	struct seat seat = c->layer.at;

	if (c->turned && !c->gone)
		decode_turn(decode, c);
	if (c->gone) {
		forget(decode, c);
		layer_ignore(decode, &seat);
		return;
	}
	if (is_idle(c)) {
		forget(decode, c);
		return;
	}
	if (!c->on_heap) {
		struct decode_conn *copy = move_to_heap(decode, c);

		if (!copy) {
			decode->stats.no_memory++;
			finish(c);
			layer_ignore(decode, &seat);
			return;
		}
		c = copy;
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
	       (!stream->pending || !stream->pending->kept.len);
}

/* It is HTTP/2: another layer takes its seat, and what is kept, and then the bytes that told so. */
static void switch_to_h2(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset,
			 struct ws_span bytes)
{
	bool joined = c->streams[DIR_C2S].state == STREAM_SEEK || c->streams[DIR_S2C].state == STREAM_SEEK;
	const enum stream_state states[2] = {c->streams[DIR_C2S].state, c->streams[DIR_S2C].state};
	struct stream_pending pending[2] = {*c->streams[DIR_C2S].pending, *c->streams[DIR_S2C].pending};
	struct seat seat = c->layer.at;
	bool turned = joined && decode_h2_is_turned(&seat, dir, bytes);
	struct layer *h2;

	for (enum dir each = DIR_C2S; each <= DIR_S2C; each++)
		ws_buf_init(&c->streams[each].pending->kept, 0);
	forget(decode, c);
	if (turned)
		conn_set_client(seat.conn, DIR_S2C);
	h2 = decode_h2_create(decode, &seat, joined);
	if (!h2) {
		decode->stats.no_memory++;
		layer_ignore(decode, &seat);
	}
	/* What is kept of the other direction came before. */
	for (int i = 1; i >= 0; i--) {
		enum dir each = i ? dir_other(dir) : dir;
		struct stream_pending *stream = &pending[each];

		if (h2 && stream->kept.len && states[each] != STREAM_SEEK)
			h2->ops->data(decode, h2, turned ? dir_other(each) : each, stream->kept_offset,
				      ws_buf_span(&stream->kept));
		ws_buf_finish(&stream->kept);
	}
	if (h2 && bytes.len)
		h2->ops->data(decode, h2, turned ? dir_other(dir) : dir, offset, bytes);
}

/* Where a decoder holds the context of compression it is asked at once: nothing else is looked at on the way. */
static size_t run_on(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span bytes)
{
	size_t used = decode_frames_usual(decode, c, dir, offset, bytes);

	if (used < bytes.len && c->streams[dir].decoder && c->pending)
		used += decode_step_frames(decode, c, dir, offset + (int64_t)used, ws_span_from(bytes, used));
	return used;
}

/* It ran on: would settle() find all as it left it? Without a decoder, before and now, it would. */
static bool is_settled(const struct decode *decode, const struct decode_conn *c, enum dir dir)
{
	const struct decode_stream *stream = &c->streams[dir];

	if (!stream->decoder)
		return !stream->held;
	return is_running(c, dir) && ws_decoder_memory(stream->decoder) == stream->held &&
	       decode->decoding <= decode->limits.message_total;
}

static void data(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span bytes)
{
	size_t used = is_running(c, dir) ? run_on(decode, c, dir, offset, bytes) : 0;

	if (used && used == bytes.len && is_settled(decode, c, dir))
		return;
	if (!rouse(decode, c))
		return;
	offset += (int64_t)used;
	bytes = ws_span_from(bytes, used);
	c->streams[dir].fed = true;
	decode_end_long_wait(decode, c);
	if (c->streams[dir].unseen) {
		c->streams[dir].unseen = false;
		decode_conn_known(decode, c);
	}
	if (decode_match_h2(c, dir, offset, bytes) == MATCH_YES) {
		switch_to_h2(decode, c, dir, offset, bytes);
		return;
	}
	decode_feed(decode, c, dir, offset, bytes);
	if (c->h2c)
		switch_to_h2(decode, c, dir, offset, ws_span_of(NULL, 0));
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

void decode_conn_lost(struct decode *decode, struct decode_conn *c, enum dir dir)
{
	struct decode_stream *stream = &c->streams[dir];

	if (!rouse(decode, c))
		return;
	if (c->stage == STAGE_OPENING)
		decode_conn_open_unanswered(decode, c);
	if (stream->state == STREAM_FRAMES) {
		decode_frames_end(decode, c, dir);
		decode_stream_set(c, dir, STREAM_SEEK);
	} else if (stream->state != STREAM_CLOSED) {
		decode_stream_drop(stream);
		stream->state = STREAM_SEEK;
	}
	decode_conn_run(decode, c);
}

static void remember_gap(struct decode_stream *stream, int64_t offset, uint64_t len)
{
	if (!stream->pending->gap_len)
		stream->pending->gap_offset = offset;
	stream->pending->gap_len += len;
}

/* Before anything says that this is a WebSocket. A request may be lost: then both streams may be at frames. */
static void client_gap_undecided(struct decode_conn *c, int64_t offset, uint64_t len)
{
	struct decode_stream *client = &c->streams[DIR_C2S];

	remember_gap(client, offset, len);
	decode_stream_drop(client);
	client->state = STREAM_SEEK;
	c->streams[DIR_S2C].state = STREAM_SEEK;
}

/* An answer may be lost: of a request that was lost too, or of a client of which nothing was captured. */
static void server_gap_undecided(struct decode_conn *c, int64_t offset, uint64_t len)
{
	struct decode_stream *server = &c->streams[DIR_S2C];

	if (server->state == STREAM_ANSWERS && offset > 0)
		return; /* in an answer to a plain request */
	remember_gap(server, offset, len);
	decode_stream_drop(server);
	c->waiting = false;
	if (server->state != STREAM_ANSWERS || !c->streams[DIR_C2S].fed)
		server->state = STREAM_SEEK;
}

static void gap(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, uint64_t len)
{
	struct decode_stream *stream = &c->streams[dir];

	if (c->stage == STAGE_HTTP) { /* what was before it counts */
		decode_stop_waiting(decode, c);
		decode_run_awake(decode, c);
	}
	if (c->gone || decode_body_gap(c, dir, len))
		return;
	if (c->stage == STAGE_HTTP) {
		if (dir == DIR_C2S)
			client_gap_undecided(c, offset, len);
		else
			server_gap_undecided(c, offset, len);
		return;
	}
	if (stream->state == STREAM_CLOSED)
		return;
	if (stream->unseen) {
		remember_gap(stream, offset, len);
		return;
	}
	decode_seek_to(decode, c, dir, offset);
	decode_gap(decode, c, dir, offset, len);
	if (c->stage == STAGE_OPENING && (dir == DIR_S2C || stream->pending->kept.len)) {
		decode_conn_open_unanswered(decode, c);
		decode_run_awake(decode, c);
	}
	if (stream->state == STREAM_HELD)
		stream->state = STREAM_SEEK;
	else if (stream->state == STREAM_SEEK)
		decode_stream_drop(stream);
	else if (stream->state == STREAM_FRAMES)
		decode_frames_gap(decode, c, dir, offset, len);
	if (c->stage == STAGE_OPEN && stream->state == STREAM_SEEK)
		decode_seek_from(c, dir, offset + (int64_t)len);
}

static void mid_stream(struct decode *decode, struct decode_conn *c, enum dir dir)
{
	if (c->stage == STAGE_HTTP)
		c->streams[dir].state = STREAM_SEEK;
	settle(decode, c);
}

/* An empty seat: a new channel, of which settle() decides whether it lives on. */
void decode_conn_data(struct decode *decode, const struct seat *seat, enum dir dir, int64_t offset,
		      struct ws_span bytes)
{
	struct layer *other = layer_choose(decode, seat, dir, bytes, offset == 0);
	struct decode_pending pending;
	struct decode_conn fresh;

	if (other) {
		other->ops->data(decode, other, dir, offset, bytes);
		return;
	}
	init(&fresh, &pending, seat, &decode->limits);
	data(decode, &fresh, dir, offset, bytes);
}

void decode_conn_gap(struct decode *decode, const struct seat *seat, enum dir dir, int64_t offset, uint64_t len)
{
	struct decode_pending pending;
	struct decode_conn fresh;

	init(&fresh, &pending, seat, &decode->limits);
	gap(decode, &fresh, dir, offset, len);
	settle(decode, &fresh);
}

void decode_conn_mid_stream(struct decode *decode, const struct seat *seat, enum dir dir)
{
	struct decode_pending pending;
	struct decode_conn fresh;

	init(&fresh, &pending, seat, &decode->limits);
	mid_stream(decode, &fresh, dir);
}

/* Nothing was made of the connection so far but where it begins. */
static bool is_untouched(const struct decode_conn *c, enum dir dir)
{
	return !c->streams[dir].fed && c->stage == STAGE_HTTP;
}

static void on_data(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct decode_conn *c = channel_of(layer);

	if (is_untouched(c, dir)) {
		struct seat seat = layer->at;
		struct layer *other;

		if (layer_begins_other(&seat, dir, bytes, true)) {
			destroy(decode, layer);
			other = layer_choose(decode, &seat, dir, bytes, true);
			if (other)
				other->ops->data(decode, other, dir, offset, bytes);
			return;
		}
	}
	data(decode, c, dir, offset, bytes);
}

static void on_gap(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset, uint64_t len)
{
	struct decode_conn *c = channel_of(layer);

	if (!rouse(decode, c))
		return;
	gap(decode, c, dir, offset, len);
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
	decode_stop_waiting(decode, c);
	decode_run_awake(decode, c);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C && !c->gone; dir++) {
		const struct decode_stream *stream = &c->streams[dir];

		decode_frames_end(decode, c, dir);
		decode_seek_to(decode, c, dir, stream->pending->kept_offset + (int64_t)stream->pending->kept.len);
		decode_stream_drop(&c->streams[dir]);
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
    .mid_stream = on_mid_stream,
    .end = on_end,
    .tick = on_tick,
    .over = on_over,
    .destroy = destroy,
    .is_websocket = is_websocket,
    .channel = channel_of,
};
