/* HTTP/2 as a layer (layer.h): its frames in; what becomes of its streams is decode_h2_seats.c's.
 *
 * What one side says goes back on what the other has said: the answer on its request, DATA on what opened its window.
 * So while a piece of one direction is missing, the other one is held, up to --max-waiting. */
#include "wscap/decode_h2.h"

#include <stdlib.h>

struct event h2_layer_event(const struct h2_layer *l, enum event_kind kind, enum dir dir)
{
	return (struct event){
	    .kind = kind,
	    .dir = dir,
	    .time = l->decode->now,
	    .packet = l->decode->packet,
	    .conn = l->layer.at.conn,
	    .stream = h2_layer_stream(l, 0),
	    .tls = l->layer.at.tls,
	};
}

static struct h2_layer *layer_h2(struct layer *layer)
{
	return (struct h2_layer *)layer;
}

static void destroy(struct decode *decode, struct layer *layer)
{
	struct h2_layer *l = layer_h2(layer);

	l->decode = decode;
	l->gone = true;
	h2_conn_destroy(l->h2);
	ws_buf_finish(&l->held);
	layer_leave(layer);
	layer_rest(decode, &l->link);
	decode->kept -= l->charged;
	free(l);
}

/* Counts what it keeps: against --max-waiting-total, as heads that are not whole are. False: it was too much. */
static bool charge(struct decode *decode, struct h2_layer *l)
{
	size_t kept = h2_conn_memory(l->h2) + l->held.cap + l->targets;

	decode->kept += kept - l->charged;
	l->charged = kept;
	return decode->kept <= decode->limits.waiting_total;
}

static void give_up(struct decode *decode, struct h2_layer *l)
{
	struct seat seat = l->layer.at;

	destroy(decode, &l->layer);
	layer_ignore(decode, &seat);
}

/* False: it is gone. */
static bool feed(struct decode *decode, struct h2_layer *l, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct event event;

	if (h2_conn_feed(l->h2, dir, offset, bytes, decode->now) != WS_OK) {
		decode->stats.no_memory++;
		give_up(decode, l);
		return false;
	}
	if (charge(decode, l))
		return true;
	event = h2_layer_event(l, EVENT_LIMIT, dir);
	event.as.limit.name = "max-waiting-total";
	decode_emit(decode, &event);
	give_up(decode, l);
	return false;
}

/* Has the server to wait? In a tunnel it has, by then. */
static bool must_wait(const struct h2_layer *l)
{
	return !l->layer.at.stream && conn_is_behind(l->layer.at.conn, DIR_C2S);
}

static void end_streams(struct h2_layer *l, enum dir dir)
{
	struct h2_stream *stream;
	size_t at = 0;

	while ((stream = h2_conn_next(l->h2, &at))) {
		struct h2_seat *seat = stream->user;

		if (seat && seat->above)
			seat->above->ops->end(l->decode, seat->above, dir, seat->at[dir]);
	}
}

/* Streams that the client has reset, while what the server had sent on them by then was held. */
static void settle(struct h2_layer *l)
{
	if (!h2_layer_is_holding(l))
		h2_conn_settle(l->h2);
}

/* What is held goes on. False: all is gone. */
static bool release(struct decode *decode, struct h2_layer *l)
{
	struct ws_buf held = l->held;
	bool there;

	if (!held.len)
		return true;
	ws_buf_init(&l->held, held.max);
	there = feed(decode, l, DIR_S2C, l->held_at, ws_buf_span(&held));
	ws_buf_finish(&held);
	if (there && l->held_end)
		end_streams(l, DIR_S2C);
	if (there)
		settle(l);
	return there;
}

/* Without room (a buffer grows to twice what is in it), or memory, it goes on as it is. */
static bool hold_back(struct decode *decode, struct h2_layer *l, int64_t offset, struct ws_span bytes)
{
	if (decode->kept + l->held.len + 2 * bytes.len > decode->limits.waiting_total ||
	    ws_buf_append(&l->held, bytes) != WS_OK)
		return false;
	if (l->held.len == bytes.len)
		l->held_at = offset;
	charge(decode, l);
	return true;
}

static void on_data(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct h2_layer *l = layer_h2(layer);

	l->decode = decode;
	if (dir == DIR_C2S) {
		if (feed(decode, l, dir, offset, bytes) && !must_wait(l))
			release(decode, l);
	} else if (!must_wait(l) || !hold_back(decode, l, offset, bytes)) {
		if (release(decode, l))
			feed(decode, l, dir, offset, bytes);
	}
}

/* What is missing of one WebSocket's data is told by its channel, unless that is gone; what else, of the connection,
 * before what follows from it. */
static void on_gap(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset, uint64_t len)
{
	struct h2_layer *l = layer_h2(layer);
	struct event event;

	l->decode = decode;
	if (dir == DIR_S2C && !release(decode, l))
		return;
	if (l->cut[dir] || !h2_conn_gap_within(l->h2, dir, len)) {
		event = h2_layer_event(l, EVENT_GAP, dir);
		event.as.gap.offset = layer_tcp_begin(&layer->at, dir, offset);
		event.as.gap.len = len;
		decode_emit(decode, &event);
	}
	l->cut[dir] = false;
	h2_conn_gap(l->h2, dir, len);
	if (dir == DIR_C2S && !must_wait(l))
		release(decode, l);
}

/* In a tunnel, and nobody knows how much: that bytes are missing is told of the connection. */
static void on_lost(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset)
{
	(void)offset;
	layer_h2(layer)->decode = decode;
	h2_conn_gap(layer_h2(layer)->h2, dir, UINT64_MAX);
}

static void on_mid_stream(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset)
{
	(void)decode;
	(void)layer;
	(void)dir;
	(void)offset;
}

static void on_end(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset)
{
	struct h2_layer *l = layer_h2(layer);

	(void)offset;
	l->decode = decode;
	if (dir == DIR_S2C && l->held.len)
		l->held_end = true;
	else
		end_streams(l, dir);
}

/* For each seat that something lives in. */
static void for_each(struct decode *decode, struct layer *layer, bool over)
{
	struct h2_layer *l = layer_h2(layer);
	struct h2_stream *stream;
	size_t at = 0;

	l->decode = decode;
	while ((stream = h2_conn_next(l->h2, &at))) {
		struct h2_seat *seat = stream->user;

		if (seat && seat->above && over)
			layer_over(decode, seat->above);
		else if (seat && seat->above)
			seat->above->ops->tick(decode, seat->above);
	}
}

static void on_tick(struct decode *decode, struct layer *layer)
{
	for_each(decode, layer, false);
	settle(layer_h2(layer));
}

static void on_over(struct decode *decode, struct layer *layer)
{
	struct h2_layer *l = layer_h2(layer);

	l->decode = decode;
	if (!release(decode, l))
		return;
	for_each(decode, layer, true);
}

static bool is_websocket(const struct layer *layer)
{
	return ((const struct h2_layer *)layer)->websocket;
}

static struct decode_conn *no_channel(struct layer *layer)
{
	(void)layer;
	return NULL;
}

static void hold(struct layer *layer, uint32_t stream, struct layer *above)
{
	struct h2_seat *seat = h2_seat_of(h2_conn_find(layer_h2(layer)->h2, stream));

	if (seat)
		seat->above = above;
}

static void ignore(struct decode *decode, struct layer *layer, uint32_t id)
{
	struct h2_stream *stream = h2_conn_find(layer_h2(layer)->h2, id);

	(void)decode;
	if (stream)
		stream->ignored = true;
}

static int64_t tcp_begin(const struct layer *layer, uint32_t stream, enum dir dir, int64_t offset)
{
	const struct h2_seat *seat = h2_seat_of(h2_conn_find(((const struct h2_layer *)layer)->h2, stream));

	return seat ? places_begin(&seat->places, dir, offset) : -1;
}

static int64_t tcp_end(const struct layer *layer, uint32_t stream, enum dir dir, int64_t offset)
{
	const struct h2_seat *seat = h2_seat_of(h2_conn_find(((const struct h2_layer *)layer)->h2, stream));

	return seat ? places_end(&seat->places, dir, offset) : -1;
}

static const struct layer_ops h2_ops = {
    .data = on_data,
    .gap = on_gap,
    .lost = on_lost,
    .mid_stream = on_mid_stream,
    .end = on_end,
    .tick = on_tick,
    .over = on_over,
    .destroy = destroy,
    .is_websocket = is_websocket,
    .channel = no_channel,
    .hold = hold,
    .ignore = ignore,
    .tcp_begin = tcp_begin,
    .tcp_end = tcp_end,
};

bool h2_layer_is_holding(const struct h2_layer *l)
{
	for (const struct layer *layer = &l->layer; layer; layer = layer->at.below)
		if (layer->ops == &h2_ops && ((const struct h2_layer *)layer)->held.len)
			return true;
	return false;
}

struct layer *decode_h2_create(struct decode *decode, const struct seat *seat, bool joined)
{
	struct h2_limits limits = {.head = decode->limits.head, .streams = decode->limits.streams};
	struct h2_layer *l = calloc(1, sizeof(*l));
	struct h2_sink sink = h2_seats_sink(l);

	if (!l)
		return NULL;
	l->layer = (struct layer){.ops = &h2_ops, .at = *seat};
	ws_buf_init(&l->held, decode->limits.waiting);
	l->h2 = h2_conn_create(&limits, joined, &sink);
	if (!l->h2) {
		free(l);
		return NULL;
	}
	/* Where the roles are only guessed, they stay as they are: both directions stand on them. */
	if (conn_role(seat->conn) == ROLE_UNKNOWN)
		conn_set_client(seat->conn, DIR_C2S);
	layer_enter(&l->layer);
	layer_wake(decode, &l->layer, ++decode->layers, &l->link);
	return &l->layer;
}
