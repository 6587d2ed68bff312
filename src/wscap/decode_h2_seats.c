/* What comes of HTTP/2's streams: a seat for each that carries a WebSocket, or may carry one, and what is told of them.
 *
 * These are the callbacks of h2_conn; they run within one of the layer's calls to it, and never end the layer.
 *
 * A seat's stream counts the bytes of its head, as text, and then those of its DATA frames: so each of them has a place
 * in the stream below. In a tunnel there are only the DATA frames: it begins as a connection of its own would. */
#include "wscap/decode_h2.h"

#include <stdlib.h>

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
	seat->seat = (struct seat){.conn = l->layer.at.conn,
				   .below = &l->layer,
				   .tls = l->layer.at.tls,
				   .protocol = stream->tunnel ? PROTOCOL_UNKNOWN : PROTOCOL_HTTP1};
	seat_set_stream(&seat->seat, stream->id, &l->layer.at);
	ws_buf_init(&seat->target, l->decode->limits.head);
	stream->user = seat;
	return seat;
}

/* A head takes as many bytes of the seat's stream as its text has. Returns where it begins. */
static int64_t add_head(struct h2_seat *seat, enum dir dir, size_t len, int64_t begin, int64_t end)
{
	const struct seat *below = &seat->seat.below->at;
	int64_t at = seat->at[dir];

	places_add(&seat->places, dir, at, layer_tcp_begin(below, dir, begin), layer_tcp_end(below, dir, end));
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

/* RFC 9113, section 8.5: what is in it begins with its first DATA. */
static void on_tunnel_request(struct h2_layer *l, struct h2_stream *stream, const struct ws_http_head *head)
{
	struct h2_seat *seat = take_seat(l, stream);

	if (!seat)
		return;
	if (ws_buf_append(&seat->target, ws_http_field(head, ":authority")) != WS_OK)
		l->decode->stats.no_memory++;
	l->targets += seat->target.cap;
}

static void forget_target(struct h2_layer *l, struct h2_seat *seat)
{
	l->targets -= seat->target.cap;
	ws_buf_finish(&seat->target);
}

static void on_tunnel_answer(struct h2_layer *l, struct h2_stream *stream, const struct ws_http_head *head)
{
	struct h2_seat *seat = stream->user;
	struct event event = h2_layer_event(l, EVENT_TUNNEL, DIR_S2C);

	if (!seat)
		return;
	event.stream = h2_layer_stream(l, stream->id);
	event.channel = channel_of(seat);
	event.as.tunnel.target = ws_buf_span(&seat->target);
	event.as.tunnel.response = head;
	if (head)
		decode_emit(l->decode, &event);
	forget_target(l, seat);
}

static void on_head(void *context, struct h2_stream *stream, enum dir dir, const struct ws_http_head *head,
		    int64_t begin, int64_t end)
{
	struct h2_layer *l = context;
	struct h2_seat *seat = stream->user;
	struct decode_conn *c = channel_of(seat);

	if (stream->tunnel)
		(dir == DIR_C2S ? on_tunnel_request : on_tunnel_answer)(l, stream, head);
	else if (dir == DIR_C2S)
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
	places_add(&seat->places, dir, seat->at[dir], layer_tcp_begin(&l->layer.at, dir, offset),
		   layer_tcp_end(&l->layer.at, dir, offset + (int64_t)bytes.len));
	seat->at[dir] += (int64_t)bytes.len;
	layer_data(l->decode, &seat->seat, seat->above, dir, seat->at[dir] - (int64_t)bytes.len, bytes);
	l->websocket |= is_websocket_seat(seat);
}

/* It goes on elsewhere, and nobody knows where: for who counts records, a byte later at least. */
static void lose(struct h2_layer *l, struct h2_seat *seat, enum dir dir)
{
	int64_t at = seat->at[dir];

	seat->at[dir] += seat->above && seat->above->ops->hold;
	if (seat->above)
		seat->above->ops->lost(l->decode, seat->above, dir, at);
	else
		layer_mid_stream(l->decode, &seat->seat, NULL, dir, at);
}

static void on_stream_gap(void *context, struct h2_stream *stream, enum dir dir, uint64_t len)
{
	struct h2_layer *l = context;
	struct h2_seat *seat = stream->user;

	if (!seat || stream->ignored || !(seat->above || stream->tunnel))
		return;
	if (!len) {
		lose(l, seat, dir);
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
		return is_websocket_seat(h2_seat_of(h2_conn_find(l->h2, news->stream)));
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
	struct event event = h2_layer_event(l, EVENT_H2, news->dir);

	event.stream = h2_layer_stream(l, news->stream);
	event.channel = channel_of(h2_seat_of(h2_conn_find(l->h2, news->stream)));
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
	struct h2_seat *seat = h2_seat_of(h2_conn_find(l->h2, news->stream));

	if (seat && seat->above)
		seat->above->ops->end(l->decode, seat->above, news->dir, seat->at[news->dir]);
}

/* What the other side had sent by then may be still to come: held, as the reset came behind bytes that are missing; or
 * missing itself. */
static void reset_stream(struct h2_layer *l, const struct h2_news *news)
{
	enum dir other = dir_other(news->dir);
	struct h2_stream *stream = h2_conn_find(l->h2, news->stream);

	if (stream && news->dir == DIR_C2S)
		stream->lingers = h2_layer_is_holding(l);
	if (conn_is_behind(l->layer.at.conn, other))
		l->cut[other] = true;
}

static void on_news(void *context, const struct h2_news *news)
{
	struct h2_layer *l = context;

	if (is_told(l, news))
		tell(l, news);
	if (news->kind == H2_NEWS_END)
		end_stream(l, news);
	else if (news->kind == H2_NEWS_RESET)
		reset_stream(l, news);
}

static void on_forget(void *context, struct h2_stream *stream)
{
	struct h2_layer *l = context;
	struct h2_seat *seat = stream->user;

	if (!seat)
		return;
	if (seat->above && !l->gone)
		layer_over(l->decode, seat->above);
	if (seat->above)
		seat->above->ops->destroy(l->decode, seat->above);
	forget_target(l, seat);
	free(seat);
	stream->user = NULL;
}

struct h2_sink h2_seats_sink(struct h2_layer *l)
{
	return (struct h2_sink){.head = on_head,
				.data = on_stream_data,
				.gap = on_stream_gap,
				.news = on_news,
				.forget = on_forget,
				.context = l};
}
