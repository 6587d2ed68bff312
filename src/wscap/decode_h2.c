/* HTTP/2 as a layer (layer.h): its frames in, a seat for each of its streams that carries a WebSocket, or may carry
 * one.
 *
 * A seat's stream counts the bytes of its head, as text, and then those of its DATA frames: so each of them has a place
 * in the stream below.
 *
 * What one side says goes back on what the other has said: the answer on its request, DATA on what opened its window.
 * So while a piece of one direction is missing, the other one is held, up to --max-waiting. */
#include "wscap/decode_internal.h"

#include <stdlib.h>

struct h2_layer {
	struct layer layer;
	struct decode *decode; /* during a call */
	struct h2_conn *h2;
	struct ws_buf held; /* of the server's, while the client's direction is behind */
	int64_t held_at;    /* offset of its first byte */
	bool held_end;      /* nothing follows it */
	size_t charged;     /* what it keeps, as it was counted last */
	bool websocket;     /* there was one */
	bool gone;
};

/* What an h2_stream's user is. */
struct h2_seat {
	struct seat seat;
	struct layer *above;
	bool begun[2]; /* of an unknown stream: its middle was told */
	int64_t at[2]; /* offset of the next byte */
	struct places places;
};

static struct event h2_event(const struct h2_layer *l, enum event_kind kind, enum dir dir)
{
	return (struct event){
	    .kind = kind,
	    .dir = dir,
	    .time = l->decode->now,
	    .packet = l->decode->packet,
	    .conn = l->layer.at.conn,
	    .tls = l->layer.at.tls,
	};
}

static struct h2_seat *seat_of(const struct h2_stream *stream)
{
	return stream ? stream->user : NULL;
}

static struct decode_conn *channel_of(const struct h2_seat *seat)
{
	return seat && seat->above ? seat->above->ops->channel(seat->above) : NULL;
}

static bool is_websocket_seat(const struct h2_seat *seat)
{
	return seat && seat->above && seat->above->ops->is_websocket(seat->above);
}

/* Its seat, made at the first call. NULL without memory: it is passed over. */
static struct h2_seat *take_seat(struct h2_layer *l, struct h2_stream *stream)
{
	struct h2_seat *seat = stream->user;

	if (seat)
		return seat;
	seat = calloc(1, sizeof(*seat));
	if (!seat) {
		l->decode->stats.no_memory++;
		stream->ignored = true;
		return NULL;
	}
	seat->seat =
	    (struct seat){.conn = l->layer.at.conn, .below = &l->layer, .stream = stream->id, .tls = l->layer.at.tls};
	stream->user = seat;
	return seat;
}

/* A head takes as many bytes of the seat's stream as its text has. Returns where it begins. */
static int64_t add_head(struct h2_seat *seat, enum dir dir, size_t len, int64_t begin, int64_t end)
{
	int64_t at = seat->at[dir];

	places_add(&seat->places, dir, at, begin, end);
	seat->at[dir] += (int64_t)len;
	return at;
}

static void on_request(struct h2_layer *l, struct h2_stream *stream, const struct ws_http_head *head, int64_t begin,
		       int64_t end)
{
	struct h2_seat *seat = take_seat(l, stream);
	struct decode_conn *c = seat ? decode_conn_create(l->decode, &seat->seat) : NULL;

	if (!c) {
		l->decode->stats.no_memory += seat != NULL;
		stream->ignored = true;
		return;
	}
	l->websocket = true;
	decode_h2_request(l->decode, c, add_head(seat, DIR_C2S, head->all.len, begin, end), head);
}

static void on_head(void *context, struct h2_stream *stream, enum dir dir, const struct ws_http_head *head,
		    int64_t begin, int64_t end)
{
	struct h2_layer *l = context;
	struct h2_seat *seat = stream->user;
	struct decode_conn *c = channel_of(seat);

	if (dir == DIR_C2S)
		on_request(l, stream, head, begin, end);
	else if (c)
		decode_h2_answer(l->decode, c, add_head(seat, DIR_S2C, head ? head->all.len : 0, begin, end), head);
}

static void on_stream_data(void *context, struct h2_stream *stream, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct h2_layer *l = context;
	struct h2_seat *seat = take_seat(l, stream);

	if (!seat)
		return;
	if (stream->stage == H2_UNKNOWN && !seat->begun[dir]) {
		seat->begun[dir] = true;
		layer_mid_stream(l->decode, &seat->seat, seat->above, dir, seat->at[dir]);
		if (stream->ignored)
			return;
	}
	places_add(&seat->places, dir, seat->at[dir], offset, offset + (int64_t)bytes.len);
	seat->at[dir] += (int64_t)bytes.len;
	layer_data(l->decode, &seat->seat, seat->above, dir, seat->at[dir] - (int64_t)bytes.len, bytes);
	l->websocket |= is_websocket_seat(seat);
}

static void on_stream_gap(void *context, struct h2_stream *stream, enum dir dir, uint64_t len)
{
	struct h2_layer *l = context;
	struct h2_seat *seat = stream->user;
	struct decode_conn *c = channel_of(seat);

	if (!c || stream->ignored)
		return;
	if (!len) {
		decode_conn_lost(l->decode, c, dir);
		return;
	}
	seat->at[dir] += (int64_t)len;
	layer_gap(l->decode, &seat->seat, seat->above, dir, seat->at[dir] - (int64_t)len, len);
}

/* Is it told? Of streams that may be anything only what they carry is. */
static bool is_told(const struct h2_layer *l, const struct h2_news *news)
{
	switch (news->kind) {
	case H2_NEWS_END:
	case H2_NEWS_RESET:
		return is_websocket_seat(seat_of(h2_conn_find(l->h2, news->stream)));
	case H2_NEWS_BLOCKED:
	case H2_NEWS_UNBLOCKED:
		return l->websocket;
	case H2_NEWS_VIOLATION: /* who opens a window too far for what was seen may have seen more */
		return news->rule != H2_RULE_WINDOW_OVER || !conn_is_behind(l->layer.at.conn, dir_other(news->dir));
	default:
		return true;
	}
}

static void tell(struct h2_layer *l, const struct h2_news *news)
{
	struct event event = h2_event(l, EVENT_H2, news->dir);

	event.stream = news->stream;
	event.channel = channel_of(seat_of(h2_conn_find(l->h2, news->stream)));
	if (news->kind == H2_NEWS_VIOLATION) {
		event.kind = EVENT_VIOLATION;
		event.as.violation.info = h2_rule_info(news->rule);
	} else if (news->kind == H2_NEWS_LIMIT) {
		event.kind = EVENT_LIMIT;
		event.as.limit.name = news->name;
	} else {
		event.as.h2 = *news;
	}
	decode_emit(l->decode, &event);
}

/* A message under way ends with its stream. */
static void end_stream(struct h2_layer *l, const struct h2_news *news)
{
	struct h2_seat *seat = seat_of(h2_conn_find(l->h2, news->stream));

	if (seat && seat->above)
		seat->above->ops->end(l->decode, seat->above, news->dir, seat->at[news->dir]);
}

static void on_news(void *context, const struct h2_news *news)
{
	struct h2_layer *l = context;

	if (is_told(l, news))
		tell(l, news);
	if (news->kind == H2_NEWS_END)
		end_stream(l, news);
}

static void on_forget(void *context, struct h2_stream *stream)
{
	struct h2_layer *l = context;
	struct h2_seat *seat = stream->user;

	if (!seat)
		return;
	if (seat->above && !l->gone)
		seat->above->ops->over(l->decode, seat->above);
	if (seat->above)
		seat->above->ops->destroy(l->decode, seat->above);
	free(seat);
	stream->user = NULL;
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
	layer_leave(decode, layer);
	decode->kept -= l->charged;
	free(l);
}

/* Counts what it keeps: against --max-waiting-total, as heads that are not whole are. False: it was too much. */
static bool charge(struct decode *decode, struct h2_layer *l)
{
	size_t kept = h2_conn_memory(l->h2) + l->held.cap;

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
	event = h2_event(l, EVENT_LIMIT, dir);
	event.as.limit.name = "max-waiting-total";
	decode_emit(decode, &event);
	give_up(decode, l);
	return false;
}

/* Has the server to wait? */
static bool must_wait(const struct h2_layer *l)
{
	return conn_is_behind(l->layer.at.conn, DIR_C2S);
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

/* What is missing of one WebSocket's data is told by its channel; what else, of the connection, before what follows
 * from it. */
static void on_gap(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset, uint64_t len)
{
	struct h2_layer *l = layer_h2(layer);
	struct event event;

	l->decode = decode;
	if (dir == DIR_S2C && !release(decode, l))
		return;
	if (!h2_conn_gap_within(l->h2, dir, len)) {
		event = h2_event(l, EVENT_GAP, dir);
		event.as.gap.offset = layer_tcp_begin(&layer->at, dir, offset);
		event.as.gap.len = len;
		decode_emit(decode, &event);
	}
	h2_conn_gap(l->h2, dir, len);
	if (dir == DIR_C2S && !must_wait(l))
		release(decode, l);
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

		if (seat && seat->above)
			(over ? seat->above->ops->over : seat->above->ops->tick)(decode, seat->above);
	}
}

static void on_tick(struct decode *decode, struct layer *layer)
{
	for_each(decode, layer, false);
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
	struct h2_seat *seat = seat_of(h2_conn_find(layer_h2(layer)->h2, stream));

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

static int64_t begin_below(const struct layer *layer, uint32_t stream, enum dir dir, int64_t offset)
{
	const struct h2_seat *seat = seat_of(h2_conn_find(((const struct h2_layer *)layer)->h2, stream));

	return seat ? places_begin(&seat->places, dir, offset) : -1;
}

static int64_t end_below(const struct layer *layer, uint32_t stream, enum dir dir, int64_t offset)
{
	const struct h2_seat *seat = seat_of(h2_conn_find(((const struct h2_layer *)layer)->h2, stream));

	return seat ? places_end(&seat->places, dir, offset) : -1;
}

static const struct layer_ops h2_ops = {
    .data = on_data,
    .gap = on_gap,
    .mid_stream = on_mid_stream,
    .end = on_end,
    .tick = on_tick,
    .over = on_over,
    .destroy = destroy,
    .is_websocket = is_websocket,
    .channel = no_channel,
    .hold = hold,
    .ignore = ignore,
    .begin_below = begin_below,
    .end_below = end_below,
};

struct layer *decode_h2_create(struct decode *decode, const struct seat *seat, bool joined)
{
	struct h2_limits limits = {.head = decode->limits.head, .streams = decode->limits.streams};
	struct h2_layer *l = calloc(1, sizeof(*l));
	struct h2_sink sink = {.head = on_head,
			       .data = on_stream_data,
			       .gap = on_stream_gap,
			       .news = on_news,
			       .forget = on_forget,
			       .context = l};

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
	layer_enter(decode, &l->layer);
	return &l->layer;
}
