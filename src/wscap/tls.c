/* The layer: what its carrier brings, and what it carries. */
#include "wscap/tls_internal.h"

#include <openssl/crypto.h>
#include <stdlib.h>

static const struct layer_ops tls_ops;

enum {
	HANDSHAKE_TYPE_AT = TLS_HEADER_LEN, /* in the first record of a hello */
};

bool tls_begins(struct ws_span bytes, enum dir dir, bool first)
{
	struct tls_header header = {0};
	int len = tls_header_parse(bytes, &header);
	struct ws_cursor at = ws_cursor_of(ws_span_from(bytes, HANDSHAKE_TYPE_AT));
	uint8_t type;

	if (len < 0 || !bytes.len)
		return false;
	if (first)
		return true;
	return len && header.type == TLS_HANDSHAKE && ws_take_u8(&at, &type) &&
	       type == (dir == DIR_C2S ? TLS_CLIENT_HELLO : TLS_SERVER_HELLO);
}

unsigned tls_depth(const struct seat *seat)
{
	unsigned depth = 0;

	for (; seat->below && !depth; seat = &seat->below->at)
		if (seat->below->ops == &tls_ops) /* it may have outlived those below it, and knows its own */
			depth = tls_of(seat->below)->depth + 1U;
	return depth;
}

struct layer *tls_create(struct decode *decode, const struct seat *seat)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		return NULL;
	tls->layer = (struct layer){.ops = &tls_ops, .at = *seat};
	tls->seat = *seat;
	tls->seat.below = &tls->layer;
	tls->seat.tls = true;
	tls->seat.protocol = PROTOCOL_UNKNOWN;
	tls->depth = (uint8_t)tls_depth(seat);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		struct tls_side *side = &tls->sides[dir];

		side->lost_begin = -1;
		ws_buf_init(&side->partial, 2 * TLS_RECORD_MAX);
		ws_buf_init(&side->message, TLS_MESSAGE_MAX);
	}
	ws_buf_init(&tls->waiting, decode->limits.tls_waiting);
	ws_buf_init(&tls->early, decode->limits.tls_waiting);
	layer_enter(&tls->layer);
	layer_wake(decode, &tls->layer, ++decode->layers, &tls->link);
	return &tls->layer;
}

void tls_destroy(struct decode *decode, struct tls *tls)
{
	layer_rest(decode, &tls->link);
	if (tls->above)
		tls->above->ops->destroy(decode, tls->above);
	if (tls->closed)
		tls_closed_leave(decode, tls);
	else
		layer_leave(&tls->layer);
	tls_forged_finish(decode, tls);
	tls_wait_finish(decode, tls);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		tls_opener_finish(&tls->sides[dir].opener);
		ws_buf_finish(&tls->sides[dir].partial);
		ws_buf_finish(&tls->sides[dir].message);
	}
	ws_buf_finish(&tls->early);
	OPENSSL_cleanse(tls, sizeof(*tls));
	free(tls);
}

static void destroy(struct decode *decode, struct layer *layer)
{
	tls_destroy(decode, tls_of(layer));
}

/* After anything has happened. tls may be gone when it returns. */
static void settle(struct decode *decode, struct tls *tls)
{
	struct seat seat = tls->layer.at;

	if (!tls->done)
		return;
	tls_destroy(decode, tls);
	layer_ignore(decode, &seat);
}

static void on_data(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct tls *tls = tls_of(layer);

	tls_frame(decode, tls, dir, offset, bytes);
	settle(decode, tls);
}

static void on_gap(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset, uint64_t len)
{
	(void)decode;
	tls_frame_gap(tls_of(layer), dir, offset, len);
}

/* The length that is told is only the least. */
static void on_lost(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset)
{
	(void)decode;
	tls_frame_lost(tls_of(layer), dir, offset);
}

/* Its handshake was not captured. What follows may be a ClientHello all the same: then it begins here. */
static void on_mid_stream(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset)
{
	(void)decode;
	tls_of(layer)->sides[dir].next = offset;
}

/* What is lost at the end of a direction has no record behind it that would tell. */
static void tell_lost_end(struct decode *decode, struct tls *tls, enum dir dir)
{
	struct tls_side *side = &tls->sides[dir];

	if (side->lost_begin < 0 || tls->done || !side->begun)
		return;
	if (side->next > side->lost_begin)
		tls_lose(decode, tls, dir, layer_tcp_begin(&tls->layer.at, dir, side->lost_begin),
			 layer_tcp_end(&tls->layer.at, dir, side->next), (uint64_t)(side->next - side->lost_begin),
			 false);
	side->lost_begin = -1;
}

static void on_end(struct decode *decode, struct layer *layer, enum dir dir, int64_t offset)
{
	struct tls *tls = tls_of(layer);

	(void)offset;
	tls_retry(decode, tls, false);
	if (!tls->done && !tls->waiting.len)
		tell_lost_end(decode, tls, dir);
	if (!tls->done && tls->above && !tls->waiting.len)
		tls->above->ops->end(decode, tls->above, dir, tls->sides[dir].plain);
	settle(decode, tls);
}

static void on_tick(struct decode *decode, struct layer *layer)
{
	struct tls *tls = tls_of(layer);

	tls_retry(decode, tls, false);
	if (!tls->done && tls->above)
		tls->above->ops->tick(decode, tls->above);
	settle(decode, tls);
}

static void on_overlap(struct decode *decode, struct layer *layer, enum dir dir, struct conn_overlap *overlap)
{
	tls_forged_overlap(decode, tls_of(layer), dir, overlap);
}

static bool outlive(struct decode *decode, struct layer *layer)
{
	tls_retry(decode, tls_of(layer), false);
	return tls_close(decode, tls_of(layer));
}

void tls_over(struct decode *decode, struct tls *tls)
{
	tls_retry(decode, tls, true);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		tell_lost_end(decode, tls, dir);
	if (!tls->done && tls->above)
		layer_over(decode, tls->above);
}

static void on_over(struct decode *decode, struct layer *layer)
{
	tls_over(decode, tls_of(layer));
	settle(decode, tls_of(layer));
}

static bool is_websocket(const struct layer *layer)
{
	const struct layer *above = ((const struct tls *)layer)->above;

	return above && above->ops->is_websocket(above);
}

static struct decode_conn *channel(struct layer *layer)
{
	struct layer *above = tls_of(layer)->above;

	return above ? above->ops->channel(above) : NULL;
}

static void hold(struct layer *layer, uint32_t stream, struct layer *above)
{
	(void)stream;
	tls_of(layer)->above = above;
}

static void ignore(struct decode *decode, struct layer *layer, uint32_t stream)
{
	(void)decode;
	(void)stream;
	tls_of(layer)->done = true;
}

static int64_t tcp_begin(const struct layer *layer, uint32_t stream, enum dir dir, int64_t offset)
{
	(void)stream;
	return places_begin(&((const struct tls *)layer)->places, dir, offset);
}

static int64_t tcp_end(const struct layer *layer, uint32_t stream, enum dir dir, int64_t offset)
{
	(void)stream;
	return places_end(&((const struct tls *)layer)->places, dir, offset);
}

static const struct layer_ops tls_ops = {
    .data = on_data,
    .gap = on_gap,
    .lost = on_lost,
    .mid_stream = on_mid_stream,
    .end = on_end,
    .tick = on_tick,
    .over = on_over,
    .outlive = outlive,
    .overlap = on_overlap,
    .destroy = destroy,
    .is_websocket = is_websocket,
    .channel = channel,
    .hold = hold,
    .ignore = ignore,
    .tcp_begin = tcp_begin,
    .tcp_end = tcp_end,
};
