/* Packets of two connections, from the wire up, through decode to the machine's sinks.
 *
 * The input is a list of steps: a byte that says what happens, a length, and so many bytes of payload. The sender's
 * sequence numbers go on by themselves, so that what is written as a conversation arrives as one. */
#include "base/out.h"
#include "ws/close.h"
#include "ws/utf8.h"
#include "wscap/sink.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	DLT_RAW_IP = 12, /* libpcap's DLT_RAW on Linux */
	HEADERS = 40,
	PAYLOAD_MAX = 255,
	MSEC = 1000000,
};

/* Bits of a step's first byte. */
enum {
	FROM_SERVER = 1 << 0,
	OTHER_CONN = 1 << 1,
	LOSE = 1 << 2,   /* the payload was sent, but not captured */
	CUT = 1 << 3,    /* its last byte was cut off */
	AGAIN = 1 << 4,  /* sequence numbers do not go on: the next segment overlaps this one */
	TIME = 1 << 5,   /* a second passes */
	FLAG = 1 << 6,   /* the payload's first byte is TCP's flags */
	ANSWER = 1 << 7, /* the real answer to the request of the sample goes out, whatever the payload */
};

static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
			      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
			     "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

struct side {
	uint32_t seq;
	bool syn;
};

struct run {
	struct decode *decode;
	struct sink sink;
	struct out out;
	struct limits limits;
	struct packet packet;
	struct side sides[2][2];
	uint64_t messages, control, violations, limits_met;
	uint8_t bytes[HEADERS + PAYLOAD_MAX + sizeof(request) + sizeof(answer)];
};

static void check(bool good)
{
	if (!good)
		abort();
}

/* What every sink may rely on. */
static void check_item(const struct run *run, const struct ws_item *item)
{
	check(item->begin < item->end || item->cut);
	check(item->frames > 0);
	check(!item->utf8 || ws_utf8_valid(item->payload));
	check(item->payload.len <= run->limits.message || item->kind == WS_ITEM_CONTROL);
	check(!item->compressed || item->payload.len <= run->limits.inflated);
	check(item->opcode == WS_CLOSE || item->close_code == WS_CLOSE_NO_STATUS);
}

static void check_event(struct run *run, const struct event *event)
{
	check(event->conn && conn_number(event->conn) > 0);
	check(event->packet == run->packet.number);
	switch (event->kind) {
	case EVENT_REQUEST:
		check(event->as.handshake.request && !event->as.handshake.response);
		break;
	case EVENT_HANDSHAKE:
		check(event->as.handshake.response && event->as.handshake.response->is_response);
		check(!event->as.handshake.accept_ok || event->as.handshake.accept_known);
		break;
	case EVENT_MESSAGE:
		check_item(run, &event->as.item);
		run->messages++;
		break;
	case EVENT_CONTROL:
		check_item(run, &event->as.item);
		run->control++;
		break;
	case EVENT_GAP:
		check(event->as.gap.len > 0);
		break;
	case EVENT_VIOLATION:
		check(event->as.violation.info && *event->as.violation.info->section);
		run->violations++;
		break;
	case EVENT_LIMIT:
		run->limits_met++;
		break;
	default:
		break;
	}
}

static void on_event(void *context, const struct event *event)
{
	struct run *run = context;

	check_event(run, event);
	run->out.len = 0;
	sink_json.event(&run->sink, event);
	if (!run->out.len)
		return;
	/* One line, of text that drives no terminal. */
	check(run->out.text[run->out.len - 1] == '\n');
	check(ws_utf8_valid(ws_span_of(run->out.text, run->out.len)));
	for (size_t i = 0; i + 1 < run->out.len; i++)
		check((uint8_t)run->out.text[i] >= ' ' && run->out.text[i] != 0x7f);
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

static void write_headers(struct run *run, unsigned conn, unsigned dir, uint8_t flags, size_t len)
{
	static const uint16_t ports[2][2] = {{50000, 80}, {80, 50000}}; /* who is the client cannot be told by these */
	uint8_t *at = run->bytes;

	memset(at, 0, HEADERS);
	at[0] = 0x45;
	put16(at + 2, (uint32_t)(HEADERS + len));
	put16(at + 4, (uint32_t)run->packet.number);
	at[9] = 6;
	memcpy(at + 12, (uint8_t[]){10, 0, (uint8_t)conn, (uint8_t)(1 + dir)}, 4);
	memcpy(at + 16, (uint8_t[]){10, 0, (uint8_t)conn, (uint8_t)(2 - dir)}, 4);
	put16(at + 20, ports[conn][dir]);
	put16(at + 22, ports[conn][!dir]);
	put32(at + 24, run->sides[conn][dir].seq);
	put32(at + 28, run->sides[conn][!dir].seq);
	at[32] = 5 << 4;
	at[33] = flags;
	put16(at + 34, 1000);
}

static void send_packet(struct run *run, uint8_t how, uint8_t flags, struct ws_span payload)
{
	unsigned conn = how & OTHER_CONN ? 1 : 0, dir = how & FROM_SERVER ? 1 : 0;
	struct packet_view view;

	run->packet.number += !(how & LOSE);
	if (how & TIME && how & AGAIN && how & CUT) /* a clock that jumps */
		run->packet.time = run->packet.time > 0 ? INT64_MIN : INT64_MAX;
	else if (run->packet.time < INT64_MAX - NSEC_PER_SEC)
		run->packet.time += how & TIME ? NSEC_PER_SEC : MSEC;
	write_headers(run, conn, dir, flags, payload.len);
	if (payload.len)
		memcpy(run->bytes + HEADERS, payload.data, payload.len);
	if (!(how & AGAIN))
		run->sides[conn][dir].seq += (uint32_t)payload.len + (flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
	if (how & LOSE)
		return;
	run->packet.wire_len = (uint32_t)(HEADERS + payload.len);
	run->packet.bytes = ws_span_of(run->bytes, HEADERS + payload.len - (how & CUT && payload.len ? 1 : 0));
	decode_ahead(run->decode, &run->packet, 1);
	decode_packet(run->decode, &run->packet, &view);
}

static void step(struct run *run, struct ws_cursor *in)
{
	struct ws_span payload;
	uint8_t how = 0, len = 0, flags = TCP_ACK;
	struct ws_cursor inside;

	ws_take_u8(in, &how);
	ws_take_u8(in, &len);
	ws_take_span(in, len < ws_cursor_left(in) ? len : ws_cursor_left(in), &payload);
	inside = ws_cursor_of(payload);
	if (how & FLAG && ws_take_u8(&inside, &flags))
		payload = ws_span_of(inside.at, ws_cursor_left(&inside));
	if (how & ANSWER)
		payload = how & FROM_SERVER ? ws_span_str(answer) : ws_span_str(request);
	send_packet(run, how, flags, payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = {
	    .limits = {.connections = 8,
		       .waiting = 1 << 16,
		       .waiting_total = 1 << 17,
		       .head = 1 << 12,
		       .message = 1 << 12,
		       .inflated = 1 << 14,
		       .message_total = 1 << 16,
		       .streams = 8,
		       .idle = 100ll * NSEC_PER_SEC,
		       .reorder = NSEC_PER_SEC,
		       .reorder_packets = 16},
	    .packet = {.link_type = DLT_RAW_IP, .time = NSEC_PER_SEC},
	    .sink = {.ops = &sink_json, .out = &run.out},
	};
	struct decode_sink sink = {.event = on_event, .context = &run};
	struct ws_cursor in = ws_cursor_of(ws_span_of(data, size));
	struct decode_stats stats;

	if (out_init(&run.out, -1) < 0)
		return 0;
	run.decode = decode_create(&run.limits, DECODE_ALL, &sink);
	check(run.decode);
	while (ws_cursor_left(&in))
		step(&run, &in);
	decode_tick(run.decode, run.packet.time);
	decode_flush(run.decode);
	decode_stats(run.decode, &stats);
	check(stats.messages == run.messages && stats.messages == stats.messages_c2s + stats.messages_s2c);
	check(stats.control == run.control && stats.violations == run.violations && stats.limits == run.limits_met);
	decode_destroy(run.decode);
	out_finish(&run.out);
	return 0;
}
