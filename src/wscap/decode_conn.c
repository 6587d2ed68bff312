/* A channel's life: where its decode_conn lives, what its states turn into, and what its carrier tells of it. */
#include "wscap/decode_internal.h"

#include <stdlib.h>

static const struct layer_ops channel_ops;

static void init(struct decode_conn *c, const struct seat *seat, const struct limits *limits)
{
	*c = (struct decode_conn){.layer = {.ops = &channel_ops, .at = *seat}, .conn = seat->conn, .request_begin = -1};
	c->streams[DIR_C2S].state = STREAM_HEAD;
	c->streams[DIR_S2C].state = STREAM_ANSWERS;
	c->streams[DIR_C2S].lost_from = c->streams[DIR_S2C].lost_from = -1;
	ws_buf_init(&c->streams[DIR_C2S].kept, limits->head);
	ws_buf_init(&c->streams[DIR_S2C].kept, limits->head);
	ws_buf_init(&c->request, limits->head);
}

static void finish(struct decode_conn *c)
{
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		ws_buf_finish(&c->streams[dir].kept);
		ws_decoder_destroy(c->streams[dir].decoder);
	}
	ws_buf_finish(&c->request);
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
	decode->kept -= c->charged;
	decode->decoding -= c->decoding;
	finish(c);
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
	ws_buf_finish(&stream->kept);
	stream->looked = 0;
	stream->bits = stream->bits_turned = 0;
}

void decode_conn_known(struct decode *decode, struct decode_conn *c)
{
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		struct decode_stream *stream = &c->streams[dir];

		if (!stream->gap_len || stream->unseen)
			continue;
		decode_gap(decode, c, dir, stream->gap_offset, stream->gap_len);
		stream->gap_len = 0;
	}
}

void decode_conn_open(struct decode *decode, struct decode_conn *c)
{
	struct decode_stream *client = &c->streams[DIR_C2S], *server = &c->streams[DIR_S2C];

	decode_conn_known(decode, c);
	c->stage = STAGE_OPEN;
	decode_stream_set(c, DIR_C2S, client->state == STREAM_HELD ? STREAM_FRAMES : STREAM_SEEK);
	decode_stream_set(c, DIR_S2C, server->state == STREAM_HEAD ? STREAM_FRAMES : STREAM_SEEK);
	ws_buf_finish(&c->request);
}

void decode_conn_refused(struct decode_conn *c)
{
	c->stage = STAGE_HTTP;
	c->streams[DIR_C2S].lost_from = c->streams[DIR_S2C].lost_from = -1;
	if (c->streams[DIR_C2S].state == STREAM_HELD)
		decode_stream_set(c, DIR_C2S, STREAM_HEAD);
	decode_stream_set(c, DIR_S2C, STREAM_ANSWERS);
	ws_buf_finish(&c->request);
	c->request_begin = -1;
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
	ws_buf_finish(&c->request);
}

/* Moves c, which lives on the stack, to the heap. */
static struct decode_conn *move_to_heap(struct decode *decode, const struct decode_conn *c)
{
	uint32_t number = pool_take(&decode->channels);
	struct decode_conn *copy;

	if (number == POOL_NONE)
		return NULL;
	copy = pool_at(&decode->channels, number);
	*copy = *c;
	copy->number = number;
	copy->on_heap = true;
	layer_enter(decode, &copy->layer);
	return copy;
}

struct decode_conn *decode_conn_create(struct decode *decode, const struct seat *seat)
{
	struct decode_conn c;

	init(&c, seat, &decode->limits);
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
	       !client->kept.len && !server->kept.len && !client->gap_len && !server->gap_len && !c->earlier &&
	       !c->request.len;
}

static size_t held(const struct decode_stream *stream)
{
	return stream->decoder ? ws_decoder_memory(stream->decoder) : 0;
}

/* Counts the bytes that it keeps. */
static void charge(struct decode *decode, struct decode_conn *c)
{
	size_t kept = c->request.cap + c->streams[DIR_C2S].kept.cap + c->streams[DIR_S2C].kept.cap;

	decode->kept += kept - c->charged;
	c->charged = kept;
	kept = held(&c->streams[DIR_C2S]) + held(&c->streams[DIR_S2C]);
	decode->decoding += kept - c->decoding;
	c->decoding = kept;
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
}

/* Nothing waits, and nothing is kept: the next bytes of this stream go to its frames, and change nothing but those. */
static bool is_running(const struct decode_conn *c, enum dir dir)
{
	const struct decode_stream *stream = &c->streams[dir];

	return c->stage == STAGE_OPEN && stream->state == STREAM_FRAMES && !stream->kept.len && !stream->unseen &&
	       !c->waiting;
}

/* It is HTTP/2: another layer takes its seat, and what is kept, and then the bytes that told so. */
static void switch_to_h2(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset,
			 struct ws_span bytes)
{
	bool joined = c->streams[DIR_C2S].state == STREAM_SEEK || c->streams[DIR_S2C].state == STREAM_SEEK;
	struct decode_stream streams[2] = {c->streams[DIR_C2S], c->streams[DIR_S2C]};
	struct seat seat = c->layer.at;
	struct layer *h2;

	for (enum dir each = DIR_C2S; each <= DIR_S2C; each++)
		ws_buf_init(&c->streams[each].kept, 0);
	forget(decode, c);
	h2 = decode_h2_create(decode, &seat, joined);
	if (!h2) {
		decode->stats.no_memory++;
		layer_ignore(decode, &seat);
	}
	/* What is kept of the other direction came before. */
	for (int i = 1; i >= 0; i--) {
		struct decode_stream *stream = &streams[i ? dir_other(dir) : dir];

		if (h2 && stream->kept.len && stream->state != STREAM_SEEK)
			h2->ops->data(decode, h2, i ? dir_other(dir) : dir, stream->kept_offset,
				      ws_buf_span(&stream->kept));
		ws_buf_finish(&stream->kept);
	}
	if (h2 && bytes.len)
		h2->ops->data(decode, h2, dir, offset, bytes);
}

static void data(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span bytes)
{
	size_t used = is_running(c, dir) ? decode_frames_usual(decode, c, dir, offset, bytes) : 0;

	if (used && used == bytes.len)
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
	decode_run_awake(decode, c);
	settle(decode, c);
}

void decode_conn_lost(struct decode *decode, struct decode_conn *c, enum dir dir)
{
	struct decode_stream *stream = &c->streams[dir];

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
	if (!stream->gap_len)
		stream->gap_offset = offset;
	stream->gap_len += len;
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
	if (c->stage == STAGE_OPENING && (dir == DIR_S2C || stream->kept.len)) {
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
	struct decode_conn fresh;

	if (other) {
		other->ops->data(decode, other, dir, offset, bytes);
		return;
	}
	init(&fresh, seat, &decode->limits);
	data(decode, &fresh, dir, offset, bytes);
}

void decode_conn_gap(struct decode *decode, const struct seat *seat, enum dir dir, int64_t offset, uint64_t len)
{
	struct decode_conn fresh;

	init(&fresh, seat, &decode->limits);
	gap(decode, &fresh, dir, offset, len);
	settle(decode, &fresh);
}

void decode_conn_mid_stream(struct decode *decode, const struct seat *seat, enum dir dir)
{
	struct decode_conn fresh;

	init(&fresh, seat, &decode->limits);
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
	gap(decode, channel_of(layer), dir, offset, len);
	settle(decode, channel_of(layer));
}

static void on_mid_stream(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset)
{
	(void)offset;
	mid_stream(decode, channel_of(layer), dir);
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

	decode_stop_waiting(decode, c);
	decode_run_awake(decode, c);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C && !c->gone; dir++) {
		const struct decode_stream *stream = &c->streams[dir];

		decode_frames_end(decode, c, dir);
		decode_seek_to(decode, c, dir, stream->kept_offset + (int64_t)stream->kept.len);
		decode_stream_drop(&c->streams[dir]);
	}
	settle(decode, c);
}

/* Bytes may have waited for the other stream for longer than limits.reorder: they go on without it. */
static void on_tick(struct decode *decode, struct layer *layer)
{
	decode_end_long_wait(decode, channel_of(layer));
	settle(decode, channel_of(layer));
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
