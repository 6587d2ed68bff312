#include "wscap/decode_internal.h"

#include <stdlib.h>

struct event decode_event(const struct decode *decode, const struct decode_conn *c, enum event_kind kind, enum dir dir)
{
	return (struct event){.kind = kind, .dir = dir, .time = decode->now, .packet = decode->packet, .conn = c->conn};
}

static void count(struct decode_stats *stats, const struct event *event)
{
	switch (event->kind) {
	case EVENT_HANDSHAKE:
		*(event->as.handshake.response->status == 101 ? &stats->handshakes : &stats->refused) += 1;
		break;
	case EVENT_MESSAGE:
		stats->messages++;
		*(event->dir == DIR_C2S ? &stats->messages_c2s : &stats->messages_s2c) += 1;
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
	default:
		break;
	}
}

void decode_emit(struct decode *decode, const struct event *event)
{
	count(&decode->stats, event);
	decode->sink.event(decode->sink.context, event);
}

void decode_violation(struct decode *decode, struct decode_conn *c, enum dir dir, enum ws_rule rule)
{
	struct event event = decode_event(decode, c, EVENT_VIOLATION, dir);

	event.as.violation.rule = rule;
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

/* The connection as a whole, whatever it carries. */
static struct event conn_event(const struct decode *decode, struct conn *conn, enum event_kind kind)
{
	return (struct event){.kind = kind, .time = decode->now, .packet = decode->packet, .conn = conn};
}

/* Stands for the decode_conn of a connection whose opening was not told yet. Never written. */
static struct decode_conn untold;

void decode_tell_open(struct decode *decode, struct conn *conn)
{
	struct event event = conn_event(decode, conn, EVENT_TCP_OPEN);

	if (conn_user(conn) != &untold)
		return;
	conn_set_user(conn, NULL);
	decode_emit(decode, &event);
}

static void on_open(void *context, struct conn *conn)
{
	conn_set_user(conn, &untold);
	/* Without its SYN, which may still come, it is told once the first byte's place is decided. */
	if (!conn_is_mid_stream(conn))
		decode_tell_open(context, conn);
}

static void on_close(void *context, struct conn *conn, enum conn_close how)
{
	struct decode *decode = context;
	struct event event = conn_event(decode, conn, EVENT_TCP_CLOSE);

	decode_tell_open(decode, conn);
	if (conn_user(conn))
		decode_conn_over(decode, conn_user(conn));
	event.as.close = how;
	decode_emit(decode, &event);
}

static void on_free(void *context, struct conn *conn)
{
	if (conn_user(conn) && conn_user(conn) != &untold)
		decode_conn_destroy(context, conn_user(conn));
}

static void on_limit(void *context, struct conn *conn, enum dir dir, const char *name)
{
	struct decode *decode = context;
	struct event event = conn_event(decode, conn, EVENT_LIMIT);

	decode_tell_open(decode, conn);
	event.dir = dir;
	event.as.limit.name = name;
	decode_emit(decode, &event);
}

struct decode *decode_create(const struct limits *limits, enum decode_depth depth, const struct decode_sink *sink)
{
	struct decode *decode = calloc(1, sizeof(*decode));
	struct conn_sink conn_sink = {
	    .open = on_open,
	    .close = on_close,
	    .free = on_free,
	    .data = decode_on_data,
	    .gap = decode_on_gap,
	    .mid_stream = decode_on_mid_stream,
	    .end = decode_on_end,
	    .limit = on_limit,
	    .context = decode,
	};

	if (!decode)
		return NULL;
	decode->limits = *limits;
	decode->depth = depth;
	decode->sink = *sink;
	ws_buf_init(&decode->scratch, limits->message > limits->inflated ? limits->message : limits->inflated);
	if (depth == DECODE_ALL) {
		decode->table = conn_table_create(limits, &conn_sink);
		if (!decode->table) {
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
	if (decode->table)
		conn_table_destroy(decode->table);
	ws_buf_finish(&decode->scratch);
	free(decode);
}

void decode_packet(struct decode *decode, const struct packet *packet, struct packet_view *ret)
{
	decode->now = packet->time;
	decode->packet = packet->number;
	decode->stats.packets++;
	ret->packet = packet;
	ret->is_segment = false;
	ret->conn = NULL;
	link_parse(packet, &ret->link);
	ip_parse(&ret->link, &ret->ip);
	tcp_parse(&ret->ip, &ret->tcp);
	if (!decode->table || ret->tcp.status != LAYER_OK)
		return;
	ret->conn = conn_table_segment(decode->table, packet->time, &ret->ip, &ret->tcp, &ret->segment);
	ret->is_segment = ret->conn;
}

void decode_tick(struct decode *decode, int64_t now)
{
	struct decode_conn *next;

	if (!decode->table)
		return;
	decode->now = now;
	conn_table_tick(decode->table, now);
	for (struct decode_conn *c = decode->first; c; c = next) {
		next = c->next;
		decode_conn_tick(decode, c);
	}
}

void decode_flush(struct decode *decode)
{
	struct decode_conn *next;

	if (!decode->table)
		return;
	conn_table_flush(decode->table, decode->now);
	for (struct decode_conn *c = decode->first; c; c = next) {
		next = c->next;
		decode_conn_over(decode, c);
	}
}

void decode_stats(const struct decode *decode, struct decode_stats *ret)
{
	*ret = decode->stats;
	if (decode->table)
		conn_table_stats(decode->table, &ret->conn);
}

bool decode_is_websocket(const struct conn *conn)
{
	const struct decode_conn *c = conn_user(conn);

	return c && c->stage != STAGE_HTTP;
}

const struct label_text *decode_user(const struct conn *conn)
{
	static const struct label_text nobody;
	const struct decode_conn *c = conn_user(conn);

	return c ? &c->user : &nobody;
}

void decode_learn_user(struct conn *conn, const struct label_text *name)
{
	struct decode_conn *c = conn_user(conn);

	if (c && !c->user.len)
		c->user = *name;
}
