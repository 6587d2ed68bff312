/* One JSON object per event and line: wscap-json(5). A field that does not apply is left out. */
#include "base/i18n.h"
#include "base/safe.h"
#include "ws/close.h"
#include "wscap/sink.h"

#include <arpa/inet.h>

/* Every field but the first is written with its comma before it. */
#define key(out, name) out_lit((out), ",\"" name "\":")

static void put_string(struct out *out, struct ws_span text)
{
	out_char(out, '"');
	safe_json(out, text);
	out_char(out, '"');
}

static void put_bool(struct out *out, bool value)
{
	out_str(out, value ? "true" : "false");
}

/* Seconds since the epoch, nine digits behind the point. */
static void put_time(struct out *out, int64_t time)
{
	uint64_t ns = time < 0 ? -(uint64_t)time : (uint64_t)time;

	out_lit(out, "\"");
	if (time < 0)
		out_char(out, '-');
	out_u64(out, ns / NSEC_PER_SEC);
	out_char(out, '.');
	out_u64_padded(out, ns % NSEC_PER_SEC, 9, '0');
	out_lit(out, "\"");
}

/* "127.0.0.1:60653", "[::1]:7272" */
static void put_endpoint(struct out *out, struct endpoint at)
{
	char text[INET6_ADDRSTRLEN] = "";
	bool six = at.version == 6;

	inet_ntop(six ? AF_INET6 : AF_INET, at.addr, text, sizeof(text));
	out_str(out, six ? "\"[" : "\"");
	out_str(out, text);
	out_str(out, six ? "]:" : ":");
	out_u64(out, at.port);
	out_char(out, '"');
}

static void put_base64(struct out *out, struct ws_span bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct ws_cursor in = ws_cursor_of(bytes);
	size_t left;

	out_char(out, '"');
	while ((left = ws_cursor_left(&in)) > 0) {
		uint8_t three[3] = {0};
		struct ws_span piece;
		char four[4];

		if (!ws_take_span(&in, left < 3 ? left : 3, &piece))
			break;
		memcpy(three, piece.data, piece.len);
		four[0] = digits[three[0] >> 2];
		four[1] = digits[(three[0] & 0x3) << 4 | three[1] >> 4];
		four[2] = piece.len < 2 ? '=' : digits[(three[1] & 0xf) << 2 | three[2] >> 6];
		four[3] = piece.len < 3 ? '=' : digits[three[2] & 0x3f];
		out_bytes(out, four, sizeof(four));
	}
	out_char(out, '"');
}

static void put_ends(struct out *out, const struct event *event)
{
	key(out, "client");
	put_endpoint(out, conn_client(event->conn));
	key(out, "server");
	put_endpoint(out, conn_server(event->conn));
}

static void put_tcp_open(struct out *out, const struct event *event)
{
	put_ends(out, event);
	if (conn_is_mid_stream(event->conn))
		out_lit(out, ",\"mid_stream\":true");
}

static void put_tcp_close(struct out *out, const struct event *event)
{
	static const char *const how[] = {
	    [CONN_CLOSE_FIN] = "\"fin\"",
	    [CONN_CLOSE_RST] = "\"rst\"",
	    [CONN_CLOSE_TIMEOUT] = "\"timeout\"",
	    [CONN_CLOSE_REUSED] = "\"reused\"",
	};

	key(out, "how");
	out_str(out, how[event->as.close]);
}

/* name is the key with its comma and quotes; nothing is written where the head has no such field. */
static void put_field(struct out *out, const char *name, const struct ws_http_head *head, const char *field)
{
	struct ws_span value = ws_http_field(head, field);

	if (!value.data)
		return;
	out_str(out, name);
	put_string(out, value);
}

static void put_handshake(struct out *out, const struct event *event)
{
	const struct ws_http_head *request = event->as.handshake.request, *response = event->as.handshake.response;

	put_ends(out, event);
	if (request) {
		key(out, "path");
		put_string(out, request->target);
		put_field(out, ",\"host\":", request, "Host");
		put_field(out, ",\"origin\":", request, "Origin");
		put_field(out, ",\"user_agent\":", request, "User-Agent");
	}
	put_field(out, ",\"protocol\":", response, "Sec-WebSocket-Protocol");
	put_field(out, ",\"extensions\":", response, "Sec-WebSocket-Extensions");
	key(out, "status");
	out_u64(out, response->status);
	if (event->as.handshake.accept_known) {
		key(out, "accept_ok");
		put_bool(out, event->as.handshake.accept_ok);
	}
}

static void put_dir(struct out *out, const struct event *event)
{
	key(out, "dir");
	out_str(out, event->dir == DIR_C2S ? "\"c2s\"" : "\"s2c\"");
}

static void put_payload(struct out *out, const struct ws_item *item)
{
	if (item->utf8) {
		key(out, "text");
		put_string(out, item->payload);
	} else {
		key(out, "base64");
		put_base64(out, item->payload);
	}
}

static void put_cut(struct out *out, const struct ws_item *item)
{
	const char *cut = sink_cut_name(item->cut);

	if (!cut)
		return;
	key(out, "truncated");
	put_string(out, ws_span_str(cut));
}

static void put_frames(struct out *out, const struct event *event)
{
	const struct ws_item *item = &event->as.item;

	put_dir(out, event);
	key(out, "opcode");
	put_string(out, ws_span_str(ws_opcode_name(item->opcode)));
	key(out, "len");
	out_u64(out, item->len);
	key(out, "wire_len");
	out_u64(out, item->wire_len);
	key(out, "frames");
	out_u64(out, item->frames);
	key(out, "compressed");
	put_bool(out, item->compressed);
	key(out, "masked");
	put_bool(out, item->masked);
}

static void put_message(struct out *out, const struct event *event)
{
	put_frames(out, event);
	put_payload(out, &event->as.item);
	put_cut(out, &event->as.item);
}

static void put_control(struct out *out, const struct event *event)
{
	const struct ws_item *item = &event->as.item;

	put_frames(out, event);
	if (item->opcode != WS_CLOSE) {
		put_payload(out, item);
	} else if (ws_item_has_close_code(item)) {
		key(out, "close_code");
		out_u64(out, item->close_code);
		key(out, "close_reason");
		put_string(out, item->payload);
	}
	put_cut(out, item);
}

static void put_gap(struct out *out, const struct event *event)
{
	put_dir(out, event);
	key(out, "len");
	out_u64(out, event->as.gap.len);
}

static void put_violation(struct out *out, const struct event *event)
{
	const struct ws_rule_info *rule = ws_rule_info(event->as.violation.rule);

	put_dir(out, event);
	key(out, "rule");
	put_string(out, ws_span_str(rule->id));
	key(out, "section");
	put_string(out, ws_span_str(rule->section));
}

static void put_mid_stream(struct out *out, const struct event *event)
{
	put_dir(out, event);
	key(out, "why");
	put_string(out, ws_span_str(event->as.mid_stream.why));
}

static void put_limit(struct out *out, const struct event *event)
{
	put_dir(out, event);
	key(out, "limit");
	put_string(out, ws_span_str(event->as.limit.name));
}

/* A request without its answer yet is for people; a program waits for the answer, which has the request's fields. */
static const struct {
	const char *name;
	void (*put)(struct out *out, const struct event *event);
} kinds[EVENT_COUNT] = {
    [EVENT_TCP_OPEN] = {"tcp_open", put_tcp_open},
    [EVENT_TCP_CLOSE] = {"tcp_close", put_tcp_close},
    [EVENT_HANDSHAKE] = {"handshake", put_handshake},
    [EVENT_MESSAGE] = {"message", put_message},
    [EVENT_CONTROL] = {"control", put_control},
    [EVENT_GAP] = {"gap", put_gap},
    [EVENT_VIOLATION] = {"violation", put_violation},
    [EVENT_MID_STREAM] = {"mid_stream", put_mid_stream},
    [EVENT_LIMIT] = {"limit", put_limit},
};

static int json_open(struct sink *sink)
{
	(void)sink;
	return 0;
}

static void json_event(struct sink *sink, const struct event *event)
{
	struct out *out = sink->out;

	if (!kinds[event->kind].name)
		return;
	out_lit(out, "{\"event\":\"");
	out_str(out, kinds[event->kind].name);
	out_lit(out, "\",\"time\":");
	put_time(out, event->time);
	key(out, "conn");
	out_u64(out, conn_number(event->conn));
	if (event->stream) {
		key(out, "stream");
		out_u64(out, event->stream);
	}
	if (event->tls)
		out_lit(out, ",\"tls\":true");
	key(out, "packet");
	out_u64(out, event->packet);
	kinds[event->kind].put(out, event);
	out_lit(out, "}\n");
}

const struct sink_ops sink_json = {
    .name = "json",
    .help = N_("one JSON object per event and line"),
    .depth = DECODE_ALL,
    .open = json_open,
    .event = json_event,
};
