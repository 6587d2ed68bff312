/* Which layer takes whose bytes: the callbacks of conn, and the choice that a seat's first bytes make. */
#include "wscap/decode_internal.h"

/* Stands for the layer of a connection whose opening was not told yet. Never written, never called. */
static struct layer untold;

struct layer *layer_of(const struct conn *conn)
{
	struct layer *layer = conn_user(conn);

	return layer == &untold ? NULL : layer;
}

void layer_enter(struct layer *layer)
{
	if (layer->at.below) {
		layer->at.below->ops->hold(layer->at.below, layer->at.stream, layer);
		return;
	}
	conn_set_user(layer->at.conn, layer);
}

void layer_leave(struct layer *layer)
{
	if (layer->at.below) {
		layer->at.below->ops->hold(layer->at.below, layer->at.stream, NULL);
		return;
	}
	conn_set_user(layer->at.conn, NULL);
}

void layer_wake(struct decode *decode, struct layer *layer, uint32_t began, struct layer_link *link)
{
	if (layer->at.below)
		return;
	*link = (struct layer_link){.layer = layer, .next = decode->awake, .began = began};
	if (link->next)
		link->next->prev = link;
	decode->awake = link;
}

void layer_rest(struct decode *decode, struct layer_link *link)
{
	if (!link->layer)
		return;
	*(link->prev ? &link->prev->next : &decode->awake) = link->next;
	if (link->next)
		link->next->prev = link->prev;
	link->layer = NULL;
}

void layer_for_each(struct decode *decode, void (*call)(struct decode *decode, struct layer *layer))
{
	struct layer_link *next;

	for (struct layer_link *link = decode->awake; link; link = next) {
		next = link->next;
		call(decode, link->layer);
	}
}

/* Two lists, each with the latest layer first, as one. */
static struct layer_link *merge(struct layer_link *a, struct layer_link *b)
{
	struct layer_link *merged, **end = &merged;

	while (a && b) {
		struct layer_link **first = a->began > b->began ? &a : &b;

		*end = *first;
		end = &(*first)->next;
		*first = *end;
	}
	*end = a ? a : b;
	return merged;
}

/* The first count of a list, taken off its front. */
static struct layer_link *take_sorted(struct layer_link **list, size_t count)
{
	struct layer_link *first = *list;

	if (count > 1) {
		first = take_sorted(list, count / 2);
		return merge(first, take_sorted(list, count - count / 2));
	}
	*list = first->next;
	first->next = NULL;
	return first;
}

void layer_sort(struct decode *decode)
{
	struct layer_link *prev = NULL, *list = decode->awake;
	size_t count = 0;

	for (const struct layer_link *link = list; link; link = link->next)
		count++;
	if (count)
		decode->awake = take_sorted(&list, count);
	for (struct layer_link *link = decode->awake; link; prev = link, link = link->next)
		link->prev = prev;
}

void layer_ignore(struct decode *decode, const struct seat *seat)
{
	if (seat->below)
		seat->below->ops->ignore(decode, seat->below, seat->stream);
	else
		conn_ignore(seat->conn);
}

int64_t layer_tcp_begin(const struct seat *seat, enum dir dir, int64_t offset)
{
	return seat->below && offset >= 0 ? seat->below->ops->tcp_begin(seat->below, seat->stream, dir, offset)
					  : offset;
}

int64_t layer_tcp_end(const struct seat *seat, enum dir dir, int64_t offset)
{
	return seat->below && offset >= 0 ? seat->below->ops->tcp_end(seat->below, seat->stream, dir, offset) : offset;
}

void places_add(struct places *places, enum dir dir, int64_t offset, int64_t begin, int64_t end)
{
	uint64_t at = places->count[dir]++ % PLACES;

	places->at[dir][at].offset = offset;
	places->at[dir][at].begin = begin;
	places->at[dir][at].end = end;
}

/* The slot of the newest piece that begins at offset or before it; else of the oldest. There is one. */
static uint64_t place_of(const struct places *places, enum dir dir, int64_t offset)
{
	uint64_t back = 1;

	while (back < PLACES && back < places->count[dir] &&
	       places->at[dir][(places->count[dir] - back) % PLACES].offset > offset)
		back++;
	return (places->count[dir] - back) % PLACES;
}

int64_t places_begin(const struct places *places, enum dir dir, int64_t offset)
{
	return places->count[dir] ? places->at[dir][place_of(places, dir, offset)].begin : -1;
}

/* What ends at offset has its last byte before it. */
int64_t places_end(const struct places *places, enum dir dir, int64_t offset)
{
	return places->count[dir] ? places->at[dir][place_of(places, dir, offset - 1)].end : -1;
}

/* Where its carrier knows what begins there, TLS still may behind something else: in a tunnel. */
bool layer_begins_other(const struct seat *seat, enum dir dir, struct ws_span bytes, bool first)
{
	return tls_begins(bytes, dir, first && seat->protocol == PROTOCOL_UNKNOWN) && tls_depth(seat) < TLS_DEPTH_MAX;
}

struct layer *layer_choose(struct decode *decode, const struct seat *seat, enum dir dir, struct ws_span bytes,
			   bool first)
{
	struct layer *layer;

	if (!layer_begins_other(seat, dir, bytes, first))
		return NULL;
	layer = tls_create(decode, seat);
	if (!layer)
		decode->stats.no_memory++;
	return layer;
}

void layer_data(struct decode *decode, const struct seat *seat, struct layer *layer, enum dir dir, int64_t offset,
		struct ws_span bytes)
{
	if (layer)
		layer->ops->data(decode, layer, dir, offset, bytes);
	else
		decode_conn_data(decode, seat, dir, offset, bytes);
}

void layer_gap(struct decode *decode, const struct seat *seat, struct layer *layer, enum dir dir, int64_t offset,
	       uint64_t len)
{
	if (layer)
		layer->ops->gap(decode, layer, dir, offset, len);
	else
		decode_conn_gap(decode, seat, dir, offset, len);
}

void layer_mid_stream(struct decode *decode, const struct seat *seat, struct layer *layer, enum dir dir, int64_t offset)
{
	if (layer)
		layer->ops->mid_stream(decode, layer, dir, offset);
	else
		decode_conn_mid_stream(decode, seat, dir);
}

void layer_over(struct decode *decode, struct layer *layer)
{
	if (!layer->ops->outlive || !layer->ops->outlive(decode, layer))
		layer->ops->over(decode, layer);
}

/* The connection as a whole, whatever it carries; what the event tells besides is its caller's to fill in. */
static void set_event(const struct decode *decode, struct conn *conn, enum event_kind kind, struct event *ret)
{
	struct layer *layer = layer_of(conn);

	ret->kind = kind;
	ret->dir = DIR_C2S;
	ret->time = decode->now;
	ret->packet = decode->packet;
	ret->conn = conn;
	ret->stream = 0;
	ret->tls = false;
	ret->channel = layer ? layer->ops->channel(layer) : NULL;
}

static __attribute__((noinline)) void tell_open_now(struct decode *decode, struct conn *conn)
{
	struct event event;

	set_event(decode, conn, EVENT_TCP_OPEN, &event);
	conn_set_user(conn, NULL);
	decode_emit(decode, &event);
}

/* EVENT_TCP_OPEN, if it was not told yet: first thing in each callback. */
static inline void tell_open(struct decode *decode, struct conn *conn)
{
	if (conn_user(conn) == &untold)
		tell_open_now(decode, conn);
}

void layer_on_open(void *context, struct conn *conn)
{
	conn_set_user(conn, &untold);
	/* Without its SYN, which may still come, it is told once the first byte's place is decided. */
	if (!conn_is_mid_stream(conn))
		tell_open(context, conn);
}

void layer_on_close(void *context, struct conn *conn, enum conn_close how)
{
	struct decode *decode = context;
	struct layer *layer;
	struct event event;

	tell_open(decode, conn);
	layer = layer_of(conn);
	if (layer)
		layer_over(decode, layer);
	set_event(decode, conn, EVENT_TCP_CLOSE, &event);
	event.as.close = how;
	decode_emit(decode, &event);
}

void layer_on_free(void *context, struct conn *conn)
{
	struct layer *layer = layer_of(conn);

	if (layer)
		layer->ops->destroy(context, layer);
}

/* Nothing lives on the connection yet. */
static __attribute__((noinline)) void begin_data(struct decode *decode, struct conn *conn, enum dir dir, int64_t offset,
						 struct ws_span bytes)
{
	tell_open(decode, conn);
	layer_data(decode, &(struct seat){.conn = conn}, layer_of(conn), dir, offset, bytes);
}

void layer_on_data(void *context, struct conn *conn, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct layer *layer = conn_user(conn);

	if (layer && layer != &untold)
		layer->ops->data(context, layer, dir, offset, bytes);
	else
		begin_data(context, conn, dir, offset, bytes);
}

void layer_on_gap(void *context, struct conn *conn, enum dir dir, int64_t offset, uint64_t len)
{
	tell_open(context, conn);
	layer_gap(context, &(struct seat){.conn = conn}, layer_of(conn), dir, offset, len);
}

void layer_on_mid_stream(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	tell_open(context, conn);
	layer_mid_stream(context, &(struct seat){.conn = conn}, layer_of(conn), dir, offset);
}

void layer_on_end(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	struct layer *layer;

	tell_open(context, conn);
	layer = layer_of(conn);
	if (layer)
		layer->ops->end(context, layer, dir, offset);
}

void layer_on_overlap(void *context, struct conn *conn, enum dir dir, const struct conn_overlap *overlap)
{
	struct decode *decode = context;
	struct layer *layer;
	struct event event;

	tell_open(decode, conn);
	layer = layer_of(conn);
	set_event(decode, conn, EVENT_OVERLAP, &event);
	event.dir = dir;
	event.as.overlap = *overlap;
	if (layer && layer->ops->overlap)
		layer->ops->overlap(decode, layer, dir, &event.as.overlap);
	decode_emit(decode, &event);
}

void layer_on_limit(void *context, struct conn *conn, enum dir dir, const char *name)
{
	struct decode *decode = context;
	struct event event;

	tell_open(decode, conn);
	set_event(decode, conn, EVENT_LIMIT, &event);
	event.dir = dir;
	event.as.limit.name = name;
	decode_emit(decode, &event);
}
