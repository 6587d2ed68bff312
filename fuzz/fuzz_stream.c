/* Segments in any order, on two connections between the same hosts: what a stream gives is each byte once, in order.
 *
 * A segment's payload is the low byte of each byte's sequence number, so bytes that follow each other count up, over
 * gaps too. Nine bytes of input make a segment; see struct step. */
#include "wscap/conn.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	PAYLOAD_MAX = 4 * 255,
	SERVER_PORT = 80,
	MS = 1000000,
};

struct step {
	uint8_t flags;     /* TCP's */
	uint8_t from;      /* bit 0: the server; bit 1: the other connection; bit 2: seq and ack are far away */
	uint8_t len;       /* of the payload, in fours */
	uint16_t seq, ack; /* relative to a place near the wrap, where a SYN stands */
	uint8_t cut;       /* bytes of the payload that were not captured, in fours */
	uint8_t wait;      /* milliseconds since the segment before, squared */
};

/* One stream. Who is the client may be found out until the first data: so streams are told apart by who sends. */
struct watched_stream {
	bool begun; /* a byte was told: what follows goes on from it */
	bool gap;   /* a gap was told: next counts */
	bool ended;
	int64_t next;
	uint8_t byte;
};

struct watched {
	bool closed;
	bool data;
	uint16_t client_port; /* when data was told first */
	struct watched_stream streams[2];
};

static void on_open(void *context, struct conn *conn)
{
	struct watched *watched = calloc(1, sizeof(*watched));

	(void)context;
	if (!watched)
		abort();
	conn_set_user(conn, watched);
}

static void on_close(void *context, struct conn *conn, enum conn_close how)
{
	struct watched *watched = conn_user(conn);

	(void)context;
	(void)how;
	if (watched->closed)
		abort();
	watched->closed = true;
}

static void on_free(void *context, struct conn *conn)
{
	(void)context;
	free(conn_user(conn));
}

static struct watched_stream *stream_of(struct conn *conn, enum dir dir)
{
	struct watched *watched = conn_user(conn);
	struct endpoint sender = dir == DIR_C2S ? conn_client(conn) : conn_server(conn);

	if (watched->closed)
		abort();
	return &watched->streams[sender.port == SERVER_PORT];
}

/* Each byte follows the one before it, whether that was data or in a gap. */
static struct watched_stream *goes_on(struct conn *conn, enum dir dir, int64_t offset)
{
	struct watched_stream *stream = stream_of(conn, dir);

	if (stream->ended)
		abort();
	if ((stream->begun || stream->gap) && offset != stream->next)
		abort();
	return stream;
}

/* Roles stay as they were when the first data was told. */
static void check_roles(struct conn *conn)
{
	struct watched *watched = conn_user(conn);

	if (watched->data && watched->client_port != conn_client(conn).port)
		abort();
	watched->data = true;
	watched->client_port = conn_client(conn).port;
}

static void on_data(void *context, struct conn *conn, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct watched_stream *stream = goes_on(conn, dir, offset);

	(void)context;
	if (!bytes.len)
		abort();
	check_roles(conn);
	if (!stream->begun)
		stream->byte = bytes.data[0];
	stream->begun = true;
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.data[i] != stream->byte++)
			abort();
	}
	stream->next = offset + (int64_t)bytes.len;
}

static void on_gap(void *context, struct conn *conn, enum dir dir, int64_t offset, uint64_t len)
{
	struct watched_stream *stream = goes_on(conn, dir, offset);

	(void)context;
	if (!len)
		abort();
	stream->gap = true;
	stream->next = offset + (int64_t)len;
	stream->byte = (uint8_t)(stream->byte + len);
}

static void on_mid_stream(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	(void)context;
	if (goes_on(conn, dir, offset)->begun)
		abort();
}

static void on_end(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	struct watched_stream *stream = goes_on(conn, dir, offset);

	(void)context;
	stream->ended = true;
}

static void on_limit(void *context, struct conn *conn, enum dir dir, const char *name)
{
	(void)context;
	(void)conn;
	(void)dir;
	if (!*name)
		abort();
}

static bool take_step(struct ws_cursor *in, struct step *ret)
{
	return ws_take_u8(in, &ret->flags) && ws_take_u8(in, &ret->from) && ws_take_u8(in, &ret->len) &&
	       ws_take_u16(in, &ret->seq) && ws_take_u16(in, &ret->ack) && ws_take_u8(in, &ret->cut) &&
	       ws_take_u8(in, &ret->wait);
}

static void feed(struct conn_table *table, const struct step *step, int64_t now)
{
	uint8_t payload[PAYLOAD_MAX];
	bool server = step->from & 1;
	uint32_t base = step->from & 4 ? 0x40000000 : 0xffffff00;
	uint16_t client_port = step->from & 2 ? 1001 : 1000;
	size_t len = step->len * 4, cut = step->cut * 4;
	struct ip ip = {.status = LAYER_OK, .version = 4, .protocol = 6, .src = {10, 0, 0, 1}, .dst = {10, 0, 0, 1}};
	struct tcp tcp = {.status = LAYER_OK, .header_len = 20, .window = step->wait, .payload_len = (uint32_t)len};
	struct segment segment;

	tcp.src_port = server ? SERVER_PORT : client_port;
	tcp.dst_port = server ? client_port : SERVER_PORT;
	tcp.flags = step->flags;
	/* a side that begins anew behind the other's back has no order that could be held */
	tcp.seq = step->flags & TCP_SYN ? base : base + step->seq;
	tcp.ack = step->flags & TCP_ACK ? base + step->ack : 0;
	for (size_t i = 0; i < len; i++) /* a SYN stands before the first byte */
		payload[i] = (uint8_t)(tcp.seq + i + (step->flags & TCP_SYN ? 1 : 0));
	tcp.payload = ws_span_of(payload, cut < len ? len - cut : 0);
	ip.payload_wire_len = (uint32_t)(20 + len);
	if (conn_table_segment(table, now, &ip, &tcp, &segment) && segment.new_len > segment.len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct limits limits = {
	    .connections = 2,
	    .waiting = 2000,
	    .waiting_total = 3000,
	    .head = 1000,
	    .message = 1000,
	    .inflated = 1000,
	    .message_total = 10000,
	    .idle = (int64_t)20000 * MS,
	    .reorder = (int64_t)100 * MS,
	    .reorder_packets = 8,
	};
	const struct conn_sink sink = {
	    .open = on_open,
	    .close = on_close,
	    .free = on_free,
	    .data = on_data,
	    .gap = on_gap,
	    .mid_stream = on_mid_stream,
	    .end = on_end,
	    .limit = on_limit,
	};
	struct ws_cursor in = ws_cursor_of(ws_span_of(data, size));
	struct conn_table *table = conn_table_create(&limits, &sink);
	struct conn_stats stats;
	struct step step;
	int64_t now = 0;

	if (!table)
		return 0;
	while (take_step(&in, &step)) {
		now += (int64_t)step.wait * step.wait * MS;
		feed(table, &step, now);
		if (step.wait & 1)
			conn_table_tick(table, now);
	}
	conn_table_flush(table, now);
	conn_table_stats(table, &stats);
	if (stats.open > 2)
		abort();
	conn_table_destroy(table);
	return 0;
}
