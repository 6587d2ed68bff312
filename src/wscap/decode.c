#include "wscap/decode_internal.h"
#include "wscap/usual.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#include "wscap/tls_record.h"

enum {
	LOOK_FOR_KEYS = 64, /* packets between two looks for the secrets of what is over */
};

void decode_event_set(const struct decode *decode, const struct decode_conn *c, enum event_kind kind, enum dir dir,
		      struct event *ret)
{
	ret->kind = kind;
	ret->dir = dir;
	ret->time = decode->now;
	ret->packet = decode->packet;
	ret->conn = c->layer.at.conn;
	ret->stream = seat_stream(&c->layer.at);
	ret->tls = c->layer.at.tls;
	ret->channel = (struct decode_conn *)c;
}

struct event decode_event(const struct decode *decode, const struct decode_conn *c, enum event_kind kind, enum dir dir)
{
	struct event event = {0};

	decode_event_set(decode, c, kind, dir, &event);
	return event;
}

static void count_other(struct decode_stats *stats, const struct event *event)
{
	switch (event->kind) {
	case EVENT_HANDSHAKE:
		*(event_opens(event->as.handshake.response) ? &stats->handshakes : &stats->refused) += 1;
		break;
	case EVENT_CONTROL:
		stats->control++;
		break;
	case EVENT_VIOLATION:
		stats->violations++;
		break;
	case EVENT_LIMIT:
		stats->limits++;
		break;
	case EVENT_TLS_OPEN:
		stats->tls++;
		break;
	case EVENT_TLS_LOCKED:
		stats->tls_locked++;
		break;
	case EVENT_OVERLAP:
		stats->overlaps += !event->as.overlap.again;
		break;
	default:
		break;
	}
}

static inline void count(struct decode_stats *stats, const struct event *event)
{
	if (event->kind == EVENT_MESSAGE)
		*(event->dir == DIR_C2S ? &stats->messages_c2s : &stats->messages_s2c) += 1;
	else
		count_other(stats, event);
}

/* Events tell offsets of the TCP stream. */
static __attribute__((noinline)) void place(struct event *event, const struct seat *seat)
{
	enum dir dir = event->dir;

	if (event->kind == EVENT_REQUEST || event->kind == EVENT_HANDSHAKE) {
		event->as.handshake.request_begin = layer_tcp_begin(seat, DIR_C2S, event->as.handshake.request_begin);
		event->as.handshake.request_end = layer_tcp_end(seat, DIR_C2S, event->as.handshake.request_end);
		event->as.handshake.response_begin = layer_tcp_begin(seat, DIR_S2C, event->as.handshake.response_begin);
		event->as.handshake.response_end = layer_tcp_end(seat, DIR_S2C, event->as.handshake.response_end);
	} else if (event->kind == EVENT_MESSAGE || event->kind == EVENT_CONTROL) {
		event->as.item.begin = (uint64_t)layer_tcp_begin(seat, dir, (int64_t)event->as.item.begin);
		event->as.item.end = (uint64_t)layer_tcp_end(seat, dir, (int64_t)event->as.item.end);
	} else if (event->kind == EVENT_GAP) {
		event->as.gap.offset = layer_tcp_begin(seat, dir, event->as.gap.offset);
	} else if (event->kind == EVENT_MID_STREAM) {
		event->as.mid_stream.offset = layer_tcp_begin(seat, dir, event->as.mid_stream.offset);
	}
}

void decode_emit(struct decode *decode, struct event *event)
{
	if (event->channel && event->channel->layer.at.below)
		place(event, &event->channel->layer.at);
	count(&decode->stats, event);
	if (decode->sink.event)
		decode->sink.event(decode->sink.context, event);
}

void decode_violation(struct decode *decode, struct decode_conn *c, enum dir dir, enum ws_rule rule)
{
	struct event event = decode_event(decode, c, EVENT_VIOLATION, dir);

	event.as.violation.rule = rule;
	event.as.violation.info = ws_rule_info(rule);
	decode_emit(decode, &event);
}

void decode_limit(struct decode *decode, struct decode_conn *c, enum dir dir, const char *name)
{
	struct event event = decode_event(decode, c, EVENT_LIMIT, dir);

	event.as.limit.name = name;
	decode_emit(decode, &event);
}

void decode_gap(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, uint64_t len)
{
	struct event event = decode_event(decode, c, EVENT_GAP, dir);

	event.as.gap.offset = offset;
	event.as.gap.len = len;
	decode_emit(decode, &event);
}

struct decode *decode_create(const struct limits *limits, enum decode_depth depth, const struct decode_sink *sink)
{
	struct decode *decode = calloc(1, sizeof(*decode));
	struct conn_sink conn_sink = {
	    .open = layer_on_open,
	    .close = layer_on_close,
	    .free = layer_on_free,
	    .data = layer_on_data,
	    .gap = layer_on_gap,
	    .mid_stream = layer_on_mid_stream,
	    .end = layer_on_end,
	    .limit = layer_on_limit,
	    .overlap = layer_on_overlap,
	    .context = decode,
	};

	if (!decode)
		return NULL;
	decode->limits = *limits;
	decode->depth = depth;
	decode->sink = *sink;
	pool_init(&decode->channels, sizeof(struct decode_conn));
	pool_init(&decode->pending, sizeof(struct decode_pending));
	ws_buf_init(&decode->scratch, limits->message > limits->inflated ? limits->message : limits->inflated);
	ws_buf_init(&decode->request, limits->head);
	ws_buf_init(&decode->unfolded, limits->head);
	if (depth == DECODE_ALL) {
		decode->table = conn_table_create(limits, &conn_sink);
		decode->fragments = fragments_create(limits->fragments);
		decode->alike = alike_create();
		if (!decode->table || !decode->fragments || !decode->alike) {
			decode_destroy(decode);
			return NULL;
		}
	}
	return decode;
}

void decode_destroy(struct decode *decode)
{
	if (!decode)
		return;
	tls_closed_drop(decode);
	if (decode->keyring)
		tls_keyring_on_added(decode->keyring, NULL, NULL);
	if (decode->table)
		conn_table_destroy(decode->table);
	fragments_destroy(decode->fragments);
	alike_destroy(decode->alike);
	wifi_join_destroy(decode->wifi);
	pool_finish(&decode->channels);
	pool_finish(&decode->pending);
	ws_buf_finish(&decode->request);
	ws_buf_finish(&decode->scratch);
	ws_buf_finish(&decode->unfolded);
	for (unsigned depth = 0; depth < TLS_DEPTH_MAX; depth++) {
		if (decode->tls_plain[depth])
			OPENSSL_cleanse(decode->tls_plain[depth], TLS_SEALED_MAX);
		free(decode->tls_plain[depth]);
	}
	free(decode);
}

void decode_use_keys(struct decode *decode, struct tls_keyring *keyring, void (*refresh)(void *context, bool now),
		     void *context)
{
	decode->keyring = keyring;
	tls_keyring_on_added(keyring, tls_closed_secret, decode);
	decode->refresh_keys = refresh;
	decode->refresh_context = context;
}

void decode_keys_may_come(struct decode *decode, enum decode_keys keys)
{
	if (keys > decode->keys)
		decode->keys = keys;
}

void decode_on_secrets(struct decode *decode, void (*secrets)(void *context, struct ws_span lines), void *context)
{
	decode->on_secrets = secrets;
	decode->secrets_context = context;
}

void decode_keys_came(struct decode *decode)
{
	tls_closed_retry(decode);
}

void decode_refresh_keys(struct decode *decode, bool now)
{
	if (decode->refresh_keys)
		decode->refresh_keys(decode->refresh_context, now);
}

void decode_segment(struct decode *decode, const struct packet *packet, struct packet_view *ret)
{
	ret->conn = conn_table_segment(decode->table, packet->time, &ret->ip, &ret->tcp, &ret->segment);
	ret->is_segment = ret->conn;
}

static __attribute__((noinline)) void decode_unusual(struct decode *decode, const struct packet *packet,
						     struct packet_view *ret)
{
	ret->is_segment = false;
	ret->conn = NULL;
	link_parse(packet, &ret->link);
	ip_parse(&ret->link, &ret->ip);
	tcp_parse(&ret->ip, &ret->tcp);
	if (ret->tcp.status == LAYER_OK && !ret->ip.fragment)
		decode_segment(decode, packet, ret);
	else
		decode_below(decode, packet, ret);
}

void decode_packet(struct decode *decode, const struct packet *packet, struct packet_view *ret)
{
	decode->now = packet->time;
	decode->packet = packet->number;
	decode->stats.packets++;
	ret->packet = packet;
	if (!decode->table) {
		ret->is_segment = false;
		ret->conn = NULL;
		return;
	}
	if (packet->number % LOOK_FOR_KEYS == 0 && tls_closed_any(&decode->tls_closed))
		tls_closed_retry(decode);
	ret->fragment.result = FRAGMENT_NONE;
	if (usual_parse(packet, &ret->link, &ret->ip, &ret->tcp))
		decode_segment(decode, packet, ret);
	else
		decode_unusual(decode, packet, ret);
}

bool decode_is_crowded(const struct decode *decode)
{
	return decode->table && conn_table_is_crowded(decode->table);
}

/* What has another shape, as IPv6 has, is read here and again at its turn: that is less than memory is waited for. */
static void look_ahead_at_other(struct decode *decode, const struct packet *packet)
{
	struct link link;
	struct tcp tcp;
	struct ip ip;

	link_parse(packet, &link);
	ip_parse(&link, &ip);
	tcp_parse(&ip, &tcp);
	if (tcp.status == LAYER_OK && !ip.fragment)
		conn_table_ahead(decode->table, &ip, &tcp);
}

static inline void look_ahead(struct decode *decode, const struct packet *packet)
{
	struct usual_ends ends;
	uint64_t both;
	struct tcp tcp;
	struct ip ip;

	if (!usual_ends(packet, &ends)) {
		look_ahead_at_other(decode, packet);
		return;
	}
	/* The same for both directions. Nearly always it tells one connection from the next, and more is not needed. */
	both = ((uint64_t)(ends.src ^ ends.dst) << 32) + ((ends.ports >> 16) + (ends.ports & UINT16_MAX));
	if (both == decode->ahead)
		return;
	decode->ahead = both;
	usual_set_ends(&ends, &ip, &tcp);
	conn_table_ahead(decode->table, &ip, &tcp);
}

void decode_ahead(struct decode *decode, const struct packet *packets, size_t count)
{
	if (!decode->table)
		return;
	conn_table_ahead_begin(decode->table);
	for (size_t i = 0; i < count; i++)
		look_ahead(decode, &packets[i]);
}

static void tick_layer(struct decode *decode, struct layer *layer)
{
	layer->ops->tick(decode, layer);
}

static void end_layer(struct decode *decode, struct layer *layer)
{
	layer->ops->over(decode, layer);
}

void decode_tick(struct decode *decode, int64_t now)
{
	if (!decode->table)
		return;
	decode->now = now;
	conn_table_tick(decode->table, now);
	tls_closed_retry(decode);
	layer_for_each(decode, tick_layer);
}

void decode_flush(struct decode *decode)
{
	if (!decode->table)
		return;
	conn_table_flush(decode->table, decode->now);
	decode->ending = true;
	tls_closed_end(decode);
	layer_sort(decode);
	layer_for_each(decode, end_layer);
}

void decode_stats(const struct decode *decode, struct decode_stats *ret)
{
	*ret = decode->stats;
	ret->messages = ret->messages_c2s + ret->messages_s2c;
	if (decode->table)
		conn_table_stats(decode->table, &ret->conn);
	if (decode->fragments)
		fragments_stats(decode->fragments, &ret->fragments);
}

bool decode_is_websocket(const struct conn *conn)
{
	const struct layer *layer = layer_of(conn);

	return layer && layer->ops->is_websocket(layer);
}

const struct label_text *decode_user(const struct event *event)
{
	static const struct label_text nobody;

	return event->channel && event->channel->user ? event->channel->user : &nobody;
}

void decode_learn_user(const struct event *event, const struct label_text *name)
{
	struct decode_conn *c = event->channel;

	if (!c || c->user || !name->len)
		return;
	c->user = malloc(sizeof(*c->user)); /* without memory nobody is known yet */
	if (c->user)
		*c->user = *name;
}
