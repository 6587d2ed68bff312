/* The story of a WebSocket whose messages, names and reasons are a stranger's: blocks stay whole, and nothing in them
 * drives a terminal.
 *
 * The input is a byte of options, and then frames: a byte of which the low half is the opcode and the high half says
 * how it is sent, a length, and so many bytes of payload. */
#include "ws/frame.h"
#include "ws/utf8.h"
#include "wscap/options.h"
#include "wscap/sink.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	DLT_RAW_IP = 12, /* libpcap's DLT_RAW on Linux */
	HEADERS = 40,
	PACKET_MAX = 1024,
	MSEC = 1000000,
	INDENT = 1 << 0,
};

enum {
	OPCODE = 0x0f,
	FROM_SERVER = 1 << 4,
	OTHER_CONN = 1 << 5,
	LOSE = 1 << 6,
	NOT_LAST = 1 << 7, /* FIN is not set */
};

static const char request[] = "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			      "User-Agent: Mozilla/5.0 Firefox/31.0\r\n"
			      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct run {
	struct decode *decode;
	struct sink sink;
	struct options options;
	struct out out;
	struct packet packet;
	uint32_t seq[2][2];
	uint8_t bytes[PACKET_MAX];
};

static void check(bool good)
{
	if (!good)
		abort();
}

static void on_event(void *context, const struct event *event)
{
	struct run *run = context;

	sink_story.event(&run->sink, event);
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

static void send_packet(struct run *run, unsigned conn, unsigned dir, uint8_t flags, struct ws_span payload, bool lose)
{
	uint16_t ports[2] = {(uint16_t)(50000 + conn), 80};
	uint8_t *at = run->bytes;
	struct packet_view view;

	memset(at, 0, HEADERS);
	at[0] = 0x45;
	put16(at + 2, (uint32_t)(HEADERS + payload.len));
	put16(at + 4, (uint32_t)++run->packet.number);
	at[9] = 6;
	memcpy(at + 12, (uint8_t[]){10, 0, 0, (uint8_t)(1 + dir)}, 4);
	memcpy(at + 16, (uint8_t[]){10, 0, 0, (uint8_t)(2 - dir)}, 4);
	put16(at + 20, ports[dir]);
	put16(at + 22, ports[!dir]);
	put32(at + 24, run->seq[conn][dir]);
	put32(at + 28, run->seq[conn][!dir]);
	at[32] = 5 << 4;
	at[33] = flags;
	put16(at + 34, 1000);
	memcpy(at + HEADERS, payload.data, payload.len);
	run->seq[conn][dir] += (uint32_t)payload.len + (flags & TCP_SYN ? 1 : 0);
	run->packet.time += MSEC;
	if (lose)
		return;
	run->packet.wire_len = (uint32_t)(HEADERS + payload.len);
	run->packet.bytes = ws_span_of(at, HEADERS + payload.len);
	decode_packet(run->decode, &run->packet, &view);
	sink_story.packet(&run->sink, &view);
}

static void open_conn(struct run *run, unsigned conn)
{
	send_packet(run, conn, DIR_C2S, TCP_SYN, ws_span_str(""), false);
	send_packet(run, conn, DIR_S2C, TCP_SYN | TCP_ACK, ws_span_str(""), false);
	send_packet(run, conn, DIR_C2S, TCP_ACK, ws_span_str(request), false);
	send_packet(run, conn, DIR_S2C, TCP_ACK, ws_span_str(answer), false);
}

static void step(struct run *run, struct ws_cursor *in)
{
	uint8_t how = 0, len = 0, frame[WS_FRAME_HEADER_MAX + UINT8_MAX];
	unsigned conn, dir;
	struct ws_frame header;
	struct ws_span payload;
	size_t header_len;

	ws_take_u8(in, &how);
	ws_take_u8(in, &len);
	ws_take_span(in, len < ws_cursor_left(in) ? len : ws_cursor_left(in), &payload);
	conn = how & OTHER_CONN ? 1 : 0;
	dir = how & FROM_SERVER ? DIR_S2C : DIR_C2S;
	header = (struct ws_frame){
	    .fin = !(how & NOT_LAST), .opcode = how & OPCODE, .masked = dir == DIR_C2S, .payload_len = payload.len};
	header_len = ws_frame_write(&header, frame); /* the key is zeroes: what is sent is what is read */
	if (payload.len)
		memcpy(frame + header_len, payload.data, payload.len);
	send_packet(run, conn, dir, TCP_ACK | TCP_PSH, ws_span_of(frame, header_len + payload.len), how & LOSE);
}

/* A line of a block begins with " *" and has no way to close it. */
static void check_block_line(struct ws_span line)
{
	check(line.len >= 2 && memcmp(line.data, " *", 2) == 0 && (line.len == 2 || line.data[2] == ' '));
	check(!memmem(line.data, line.len, "*/", 2));
	for (size_t i = 0; i < line.len; i++)
		check((line.data[i] >= ' ' && line.data[i] != 0x7f) || line.data[i] == '\t');
}

static void check_story(struct ws_span story)
{
	static const struct ws_span begin = {(const uint8_t *)"/*", 2}, end = {(const uint8_t *)" */", 3};
	bool inside = false;

	check(ws_utf8_valid(story));
	while (story.len) {
		const uint8_t *newline = memchr(story.data, '\n', story.len);
		struct ws_span line = ws_span_first(story, newline ? (size_t)(newline - story.data) : story.len);

		check(newline);
		if (inside && !ws_span_equal(line, end))
			check_block_line(line);
		if (!inside)
			check(!ws_span_equal(line, end));
		inside = ws_span_equal(line, begin) || (inside && !ws_span_equal(line, end));
		story = ws_span_from(story, line.len + 1);
	}
	check(!inside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct run run;
	struct decode_sink events = {.event = on_event, .context = &run};
	struct ws_cursor in = ws_cursor_of(ws_span_of(data, size));
	uint8_t how = 0;

	run = (struct run){.packet = {.link_type = DLT_RAW_IP}};
	options_init(&run.options);
	ws_take_u8(&in, &how);
	run.options.no_names = 1;
	run.options.color = COLOR_NEVER;
	run.options.indent_json = how & INDENT;
	if (out_init(&run.out, -1) < 0)
		return 0;
	run.sink = (struct sink){.ops = &sink_story, .options = &run.options, .out = &run.out};
	check(sink_story.open(&run.sink) == 0);
	run.decode = decode_create(&run.options.limits, DECODE_ALL, &events);
	check(run.decode);
	open_conn(&run, 0);
	open_conn(&run, 1);
	while (ws_cursor_left(&in))
		step(&run, &in);
	decode_flush(run.decode);
	sink_story.flush(&run.sink);
	check_story(ws_span_of(run.out.text, run.out.len));
	decode_destroy(run.decode);
	sink_story.close(&run.sink);
	out_finish(&run.out);
	options_finish(&run.options);
	return 0;
}
