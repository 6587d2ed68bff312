#include "test.h"

#include "wire.h"

#include "ws/close.h"
#include "ws/mask.h"

#include <stdlib.h>

enum {
	DLT_RAW_IP = 12, /* libpcap's DLT_RAW on Linux */
	IP_HEADER = 20,
	TCP_HEADER = 20,
	HEADERS = IP_HEADER + TCP_HEADER,
	STEP_NS = 10000,
	MSEC = 1000000,
	SHUFFLES = 20,
	WINDOW = 4,
	SOME = 7, /* bytes of a segment when shuffled */
};

#define REQUEST                                                                                                        \
	"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"              \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
#define ANSWER                                                                                                         \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                            \
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define DEFLATE "Sec-WebSocket-Extensions: permessage-deflate\r\n"

const char wire_request[] = REQUEST "\r\n", wire_answer[] = ANSWER "\r\n";
const char wire_request_deflate[] = REQUEST DEFLATE "\r\n", wire_answer_deflate[] = ANSWER DEFLATE "\r\n";

void wire_init(struct wire *wire, size_t segment)
{
	*wire = (struct wire){
	    .segment = segment,
	    .captured = {true, true},
	    .ports = {50000, 7272},
	    .seq = {0xfffffff0, 0x7ffffff0}, /* wraps soon */
	    .now = 1400000000ll * NSEC_PER_SEC,
	};
}

void wire_finish(struct wire *wire)
{
	for (size_t i = 0; i < wire->count; i++)
		free(wire->packets[i].bytes);
	free(wire->packets);
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static void write_headers(const struct wire *wire, enum dir dir, uint8_t flags, size_t len, uint8_t *at)
{
	memset(at, 0, HEADERS);
	at[0] = 0x45;
	put16(at + 2, (uint32_t)(HEADERS + len));
	put16(at + 4, (uint32_t)wire->count); /* its identification */
	at[8] = 64;
	at[9] = 6;
	memcpy(at + 12, (uint8_t[]){10, 0, 0, (uint8_t)(1 + dir)}, 4);
	memcpy(at + 16, (uint8_t[]){10, 0, 0, (uint8_t)(2 - dir)}, 4);
	at += IP_HEADER;
	put16(at, wire->ports[dir]);
	put16(at + 2, wire->ports[!dir]);
	put32(at + 4, wire->seq[dir]);
	put32(at + 8, flags & TCP_ACK ? wire->seq[!dir] : 0);
	at[12] = (TCP_HEADER / 4) << 4;
	at[13] = flags;
	put16(at + 14, 60000);
}

static void add(struct wire *wire, enum dir dir, uint8_t flags, struct ws_span payload)
{
	struct wire_packet packet = {.time = wire->now, .len = HEADERS + payload.len};

	wire->now += STEP_NS;
	if (wire->captured[dir]) {
		packet.bytes = malloc(packet.len);
		assert_non_null(packet.bytes);
		write_headers(wire, dir, flags, payload.len, packet.bytes);
		if (payload.len)
			memcpy(packet.bytes + HEADERS, payload.data, payload.len);
		if (wire->count == wire->cap) {
			wire->cap = wire->cap ? 2 * wire->cap : 64;
			wire->packets = realloc(wire->packets, wire->cap * sizeof(*wire->packets));
			assert_non_null(wire->packets);
		}
		wire->packets[wire->count++] = packet;
	}
	wire->seq[dir] += (uint32_t)payload.len + (flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
}

static const struct ws_span nothing;

void wire_syn(struct wire *wire)
{
	add(wire, DIR_C2S, TCP_SYN, nothing);
	add(wire, DIR_S2C, TCP_SYN | TCP_ACK, nothing);
	add(wire, DIR_C2S, TCP_ACK, nothing);
}

void wire_send(struct wire *wire, enum dir dir, struct ws_span bytes)
{
	while (bytes.len) {
		struct ws_span piece = ws_span_first(bytes, wire->segment ? wire->segment : bytes.len);

		add(wire, dir, TCP_ACK | TCP_PSH, piece);
		bytes = ws_span_from(bytes, piece.len);
	}
	add(wire, dir_other(dir), TCP_ACK, nothing);
}

void wire_text(struct wire *wire, enum dir dir, const char *text)
{
	wire_send(wire, dir, ws_span_str(text));
}

void wire_frame(struct wire *wire, enum dir dir, uint8_t first, struct ws_span payload)
{
	struct ws_frame frame = {.fin = first & 0x80,
				 .rsv = first >> 4 & 7,
				 .opcode = first & 0xf,
				 .masked = dir == DIR_C2S,
				 .payload_len = payload.len};
	uint8_t *bytes = malloc(WS_FRAME_HEADER_MAX + payload.len);
	uint32_t key = ++wire->frames * 0x9e3779b9;
	size_t header;

	assert_non_null(bytes);
	if (frame.masked)
		memcpy(frame.mask, &key, sizeof(frame.mask));
	header = ws_frame_write(&frame, bytes);
	if (payload.len)
		ws_mask_plain(bytes + header, payload.data, payload.len, frame.mask, 0);
	wire_send(wire, dir, ws_span_of(bytes, header + payload.len));
	free(bytes);
}

void wire_close_frame(struct wire *wire, enum dir dir, uint16_t code)
{
	uint8_t bytes[2];

	put16(bytes, code);
	wire_frame(wire, dir, 0x80 | WS_CLOSE, ws_span_of(bytes, sizeof(bytes)));
}

void wire_lose(struct wire *wire, enum dir dir, size_t len)
{
	wire->seq[dir] += (uint32_t)len;
	add(wire, dir_other(dir), TCP_ACK, nothing);
}

void wire_fin(struct wire *wire)
{
	add(wire, DIR_C2S, TCP_FIN | TCP_ACK, nothing);
	add(wire, DIR_S2C, TCP_FIN | TCP_ACK, nothing);
	add(wire, DIR_C2S, TCP_ACK, nothing);
}

void wire_goodbye(struct wire *wire)
{
	wire_close_frame(wire, DIR_C2S, 1000);
	wire_close_frame(wire, DIR_S2C, 1000);
	wire_fin(wire);
}

void wire_wait(struct wire *wire, int64_t ns)
{
	wire->now += ns;
}

void wire_handshake(struct wire *wire)
{
	wire_text(wire, DIR_C2S, wire_request);
	wire_text(wire, DIR_S2C, wire_answer);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void swap_bytes(struct wire_packet *a, struct wire_packet *b)
{
	struct wire_packet was = *a;

	a->bytes = b->bytes;
	a->len = b->len;
	b->bytes = was.bytes;
	b->len = was.len;
}

void wire_shuffle(struct wire *wire, uint32_t seed, size_t window)
{
	for (size_t i = 3; i < wire->count; i++) { /* behind the handshake of TCP */
		size_t last = i + window < wire->count ? i + window : wire->count;

		swap_bytes(&wire->packets[i], &wire->packets[i + next_random(&seed) % (last - i)]);
	}
}

static void put_item(struct out *out, const struct ws_item *item)
{
	const char *cut[] = {"", " max-message", " max-inflated", " missing", " no-context", " bad-deflate"};

	out_printf(out, "%s %llu%s", ws_opcode_name(item->opcode), (unsigned long long)item->len,
		   item->compressed ? " z" : "");
	if (item->frames > 1)
		out_printf(out, " f%u", item->frames);
	out_str(out, cut[item->cut]);
	if (item->close_code != WS_CLOSE_NO_STATUS)
		out_printf(out, " %u", item->close_code);
	if (item->payload.len > 64) {
		out_printf(out, " %zu bytes", item->payload.len);
	} else if (item->payload.len) {
		out_char(out, ' ');
		out_bytes(out, item->payload.data, item->payload.len);
	}
}

static void put_event(struct wire_log *log, const struct event *event)
{
	static const char *const how[] = {"fin", "rst", "timeout", "reused"};
	struct out *out = &log->streams[event->dir];
	const struct ws_http_head *request, *response;

	switch (event->kind) {
	case EVENT_TCP_OPEN:
		out_lit(&log->conn, "open\n");
		return;
	case EVENT_TCP_CLOSE:
		out_printf(&log->conn, "close %s\n", how[event->as.close]);
		return;
	case EVENT_REQUEST:
		out_lit(out, "request ");
		out_bytes(out, event->as.handshake.request->target.data, event->as.handshake.request->target.len);
		break;
	case EVENT_HANDSHAKE:
		request = event->as.handshake.request;
		response = event->as.handshake.response;
		out_printf(&log->conn, "handshake %u%s%s%s\n", response->status,
			   !event->as.handshake.accept_known ? ""
			   : event->as.handshake.accept_ok   ? " ok"
							     : " wrong",
			   event->as.handshake.deflate.enabled ? " deflate" : "", request ? "" : " no-request");
		return;
	case EVENT_TUNNEL:
		out_printf(&log->conn, "tunnel %.*s %u\n", (int)event->as.tunnel.target.len,
			   (const char *)event->as.tunnel.target.data, event->as.tunnel.response->status);
		return;
	case EVENT_UPGRADE:
		out_printf(&log->conn, "upgrade %.*s\n", (int)event->as.upgrade.protocol.len,
			   (const char *)event->as.upgrade.protocol.data);
		return;
	case EVENT_MESSAGE:
	case EVENT_CONTROL:
		assert_true(event->as.item.begin < event->as.item.end || event->as.item.cut);
		put_item(out, &event->as.item);
		break;
	case EVENT_GAP:
		out_printf(out, "gap %llu%s", (unsigned long long)event->as.gap.len,
			   event->as.gap.captured ? " captured" : "");
		break;
	case EVENT_VIOLATION:
		out_printf(out, "violation %s", event->as.violation.info->id);
		break;
	case EVENT_MID_STREAM:
		out_lit(out, "mid");
		break;
	case EVENT_OVERLAP:
		out_printf(out, "overlap %lld %zu %s", (long long)event->as.overlap.offset, event->as.overlap.first.len,
			   event->as.overlap.kept_last ? "last" : "first");
		break;
	case EVENT_LIMIT:
		out_printf(out, "limit %s", event->as.limit.name);
		break;
	case EVENT_TLS_HELLO:
	case EVENT_TLS_OPEN:
	case EVENT_TLS_ALERT:
		return;
	case EVENT_TLS_LOCKED:
		out_printf(&log->conn, "locked %s\n", tls_lock_names[event->as.tls.lock]);
		return;
	case EVENT_H2:
		out_printf(out, "h2 %d ", event->as.h2.kind);
		if (event_within(event->stream))
			out_printf(out, "%u.", event_within(event->stream));
		out_printf(out, "%u", event_stream(event->stream));
		break;
	case EVENT_COUNT:
		fail();
	}
	out_char(out, '\n');
}

static void on_event(void *context, const struct event *event)
{
	assert_non_null(event->conn);
	assert_true(event->packet > 0);
	put_event(context, event);
}

struct limits wire_limits(void)
{
	return (struct limits){
	    .connections = LIMIT_CONNECTIONS,
	    .waiting = LIMIT_WAITING,
	    .waiting_total = LIMIT_WAITING_TOTAL,
	    .head = LIMIT_HEAD,
	    .message = LIMIT_MESSAGE,
	    .inflated = LIMIT_INFLATED,
	    .message_total = LIMIT_MESSAGE_TOTAL,
	    .fragments = LIMIT_FRAGMENTS,
	    .compared = LIMIT_COMPARED,
	    .streams = LIMIT_STREAMS,
	    .idle = (int64_t)LIMIT_IDLE_SECONDS * NSEC_PER_SEC,
	    .reorder = (int64_t)LIMIT_REORDER_MS * MSEC,
	    .reorder_packets = LIMIT_REORDER_PACKETS,
	    .tls_waiting = LIMIT_TLS_WAITING,
	    .tls_waiting_total = LIMIT_TLS_WAITING_TOTAL,
	    .keys = LIMIT_KEYS,
	};
}

void wire_log_init(struct wire_log *log)
{
	*log = (struct wire_log){0};
	assert_int_equal(out_init(&log->conn, -1), 0);
	assert_int_equal(out_init(&log->streams[DIR_C2S], -1), 0);
	assert_int_equal(out_init(&log->streams[DIR_S2C], -1), 0);
}

void wire_log_finish(struct wire_log *log)
{
	out_finish(&log->conn);
	out_finish(&log->streams[DIR_C2S]);
	out_finish(&log->streams[DIR_S2C]);
}

void wire_feed(const struct wire *wire, struct decode *decode)
{
	for (size_t i = 0; i < wire->count; i++) {
		const struct wire_packet *each = &wire->packets[i];
		struct packet packet = {.number = i + 1,
					.time = each->time,
					.wire_len = (uint32_t)each->len,
					.link_type = DLT_RAW_IP,
					.bytes = ws_span_of(each->bytes, each->len)};
		struct packet_view view;

		decode_ahead(decode, &packet, 1); /* changes nothing */
		decode_packet(decode, &packet, &view);
	}
}

bool wire_play(const struct wire *wire, const struct limits *limits, struct wire_log *log)
{
	struct decode_sink sink = {.event = on_event, .context = log};
	struct decode *decode = decode_create(limits, DECODE_ALL, &sink);

	if (!decode)
		return false;
	wire_feed(wire, decode);
	decode_flush(decode);
	decode_stats(decode, &log->stats);
	decode_destroy(decode);
	return true;
}

static void check(const struct wire *wire, const char *conn, const char *c2s, const char *s2c)
{
	struct limits limits = wire_limits();
	struct wire_log log;

	wire_log_init(&log);
	assert_true(wire_play(wire, &limits, &log));
	out_char(&log.conn, '\0');
	out_char(&log.streams[DIR_C2S], '\0');
	out_char(&log.streams[DIR_S2C], '\0');
	assert_string_equal(log.conn.text, conn);
	assert_string_equal(log.streams[DIR_C2S].text, c2s);
	assert_string_equal(log.streams[DIR_S2C].text, s2c);
	wire_log_finish(&log);
}

static void give(void (*build)(struct wire *wire), size_t segment, uint32_t seed, const char *conn, const char *c2s,
		 const char *s2c)
{
	struct wire wire;

	wire_init(&wire, segment);
	build(&wire);
	if (seed)
		wire_shuffle(&wire, seed, WINDOW);
	check(&wire, conn, c2s, s2c);
	wire_finish(&wire);
}

void wire_gives(void (*build)(struct wire *wire), bool every_way, const char *conn, const char *c2s, const char *s2c)
{
	give(build, 0, 0, conn, c2s, s2c);
	if (!every_way)
		return;
	give(build, 1, 0, conn, c2s, s2c);
	for (uint32_t seed = 1; seed <= SHUFFLES; seed++)
		give(build, SOME, seed, conn, c2s, s2c);
}
