/* One JSON object per event and line: wscap-json(5). A field that does not apply is left out. */
#include "base/i18n.h"
#include "base/put.h"
#include "base/safe.h"
#include "ws/close.h"
#include "ws/utf8.h"
#include "wscap/sink.h"
#include "wscap/sink_fragment.h"
#include "wscap/sink_tls.h"

#include <arpa/inet.h>

enum {
	FIELDS_MAX = 512, /* more than what is written at once can take: keys, numbers, and names of our own */
};

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

/* Text of our own, which fits. */
static char *put_str(char *at, const char *text)
{
	size_t len = strlen(text);

	return (char *)memcpy(at, text, len) + len;
}

/* Seconds since the epoch, nine digits behind the point. */
static char *put_time(char *at, int64_t time)
{
	uint64_t ns = time < 0 ? -(uint64_t)time : (uint64_t)time;
	uint32_t fraction = (uint32_t)(ns % NSEC_PER_SEC);

	at = put_char(at, '"');
	if (time < 0)
		at = put_char(at, '-');
	at = put_u64(at, ns / NSEC_PER_SEC);
	at = put_char(at, '.');
	at = put_digits(at, fraction / 10, 8);
	at = put_char(at, (char)('0' + fraction % 10));
	return put_char(at, '"');
}

static void put_seconds(struct out *out, int64_t time)
{
	char *room = out_room(out, FIELDS_MAX);

	if (room)
		out_advance(out, (size_t)(put_time(room, time) - room));
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

/* Why something was not done. */
static void put_refusal(struct out *out, const struct ws_http_head *response)
{
	if (response->reason.len) {
		key(out, "reason");
		put_string(out, response->reason);
	}
	put_field(out, ",\"location\":", response, "Location");
	put_field(out, ",\"retry_after\":", response, "Retry-After");
	put_field(out, ",\"authenticate\":", response,
		  response->status == 407 ? "Proxy-Authenticate" : "WWW-Authenticate");
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
	if (!event_opens(response))
		put_refusal(out, response);
}

static void put_tunnel(struct out *out, const struct event *event)
{
	const struct ws_http_head *response = event->as.tunnel.response;

	key(out, "target");
	put_string(out, event->as.tunnel.target);
	key(out, "status");
	out_u64(out, response->status);
	if (response->status / 100 != 2)
		put_refusal(out, response);
}

static void put_upgrade(struct out *out, const struct event *event)
{
	if (!event->as.upgrade.protocol.data)
		return;
	key(out, "protocol");
	put_string(out, event->as.upgrade.protocol);
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

/* All of it at once: there is one for each message. */
static void put_frames(struct out *out, const struct event *event)
{
	const struct ws_item *item = &event->as.item;
	char *begin = out_room(out, FIELDS_MAX), *at = begin;

	if (!at)
		return;
	at = event->dir == DIR_C2S ? put_lit(at, ",\"dir\":\"c2s\"") : put_lit(at, ",\"dir\":\"s2c\"");
	at = put_lit(at, ",\"opcode\":\"");
	at = put_str(at, ws_opcode_name(item->opcode));
	at = put_lit(at, "\",\"len\":");
	at = put_u64(at, item->len);
	at = put_lit(at, ",\"wire_len\":");
	at = put_u64(at, item->wire_len);
	at = put_lit(at, ",\"frames\":");
	at = put_u64(at, item->frames);
	at = item->compressed ? put_lit(at, ",\"compressed\":true") : put_lit(at, ",\"compressed\":false");
	at = item->masked ? put_lit(at, ",\"masked\":true") : put_lit(at, ",\"masked\":false");
	out_advance(out, (size_t)(at - begin));
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
	if (event->as.gap.captured)
		out_lit(out, ",\"captured\":true");
}

static void put_violation(struct out *out, const struct event *event)
{
	const struct ws_rule_info *rule = event->as.violation.info;

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

/* One of two versions: as text, or where it is no UTF-8 in base64. */
#define put_version(out, name, bytes)                                                                                  \
	do {                                                                                                           \
		if (ws_utf8_valid(bytes)) {                                                                            \
			key(out, name "_text");                                                                        \
			put_string(out, bytes);                                                                        \
		} else {                                                                                               \
			key(out, name "_base64");                                                                      \
			put_base64(out, bytes);                                                                        \
		}                                                                                                      \
	} while (0)

static void put_overlap(struct out *out, const struct event *event)
{
	put_dir(out, event);
	if (event->as.overlap.offset >= 0) {
		key(out, "offset");
		out_u64(out, (uint64_t)event->as.overlap.offset);
	}
	key(out, "len");
	out_u64(out, event->as.overlap.first.len);
	put_version(out, "first", event->as.overlap.first);
	put_version(out, "last", event->as.overlap.last);
	key(out, "kept");
	out_str(out, event->as.overlap.kept_last ? "\"last\"" : "\"first\"");
}

/* An error's name, or its number as text: "CANCEL", "4711". */
static void put_code(struct out *out, uint32_t code)
{
	const char *name = h2_error_name(code);

	key(out, "code");
	out_char(out, '"');
	if (name)
		out_str(out, name);
	else
		out_u64(out, code);
	out_char(out, '"');
}

static void put_h2_goaway(struct out *out, const struct event *event)
{
	put_dir(out, event);
	put_code(out, event->as.h2.code);
	key(out, "last_stream");
	out_u64(out, event->as.h2.last);
	if (!event->as.h2.text.len)
		return;
	key(out, "debug");
	put_string(out, event->as.h2.text);
}

static void put_h2_open(struct out *out, const struct event *event)
{
	if (event->as.h2.joined)
		out_lit(out, ",\"mid_stream\":true");
}

static void put_h2_settings(struct out *out, const struct event *event)
{
	key(out, "websocket");
	put_bool(out, event->as.h2.allowed);
}

static void put_h2_reset(struct out *out, const struct event *event)
{
	put_dir(out, event);
	put_code(out, event->as.h2.code);
}

static void put_h2_unblocked(struct out *out, const struct event *event)
{
	put_dir(out, event);
	key(out, "waited");
	put_seconds(out, event->as.h2.waited);
}

/* HTTP/2's news are events of their own. */
static const struct kind {
	const char *name;
	void (*put)(struct out *out, const struct event *event);
} h2_kinds[H2_NEWS_KINDS] = {
    [H2_NEWS_OPEN] = {"h2_open", put_h2_open},
    [H2_NEWS_SETTINGS] = {"h2_settings", put_h2_settings},
    [H2_NEWS_END] = {"h2_end", put_dir},
    [H2_NEWS_RESET] = {"h2_reset", put_h2_reset},
    [H2_NEWS_GOAWAY] = {"h2_goaway", put_h2_goaway},
    [H2_NEWS_BLOCKED] = {"h2_blocked", put_dir},
    [H2_NEWS_UNBLOCKED] = {"h2_unblocked", put_h2_unblocked},
    [H2_NEWS_UNREADABLE] = {"h2_unreadable", put_dir},
};

/* A request without its answer yet is for people; a program waits for the answer, which has the request's
 * fields. */
static const struct kind kinds[EVENT_COUNT] = {
    [EVENT_TCP_OPEN] = {"tcp_open", put_tcp_open},
    [EVENT_TCP_CLOSE] = {"tcp_close", put_tcp_close},
    [EVENT_HANDSHAKE] = {"handshake", put_handshake},
    [EVENT_TUNNEL] = {"tunnel", put_tunnel},
    [EVENT_UPGRADE] = {"upgrade", put_upgrade},
    [EVENT_MESSAGE] = {"message", put_message},
    [EVENT_CONTROL] = {"control", put_control},
    [EVENT_GAP] = {"gap", put_gap},
    [EVENT_VIOLATION] = {"violation", put_violation},
    [EVENT_MID_STREAM] = {"mid_stream", put_mid_stream},
    [EVENT_LIMIT] = {"limit", put_limit},
    [EVENT_TLS_OPEN] = {"tls", sink_tls_json},
    [EVENT_TLS_ALERT] = {"tls_alert", sink_tls_alert_json},
    [EVENT_TLS_LOCKED] = {"tls_locked", sink_tls_locked_json},
    [EVENT_OVERLAP] = {"overlap", put_overlap},
};

static int json_open(struct sink *sink)
{
	(void)sink;
	return 0;
}

/* The fields that every event has. */
static void put_begin(struct out *out, const struct event *event, const char *name)
{
	char *begin = out_room(out, FIELDS_MAX), *at = begin;

	if (!at)
		return;
	at = put_lit(at, "{\"event\":\"");
	at = put_str(at, name);
	at = put_lit(at, "\",\"time\":");
	at = put_time(at, event->time);
	at = put_lit(at, ",\"conn\":");
	at = put_u64(at, conn_number(event->conn));
	if (event->stream)
		at = put_u64(put_lit(at, ",\"stream\":"), event->stream);
	if (event->tls)
		at = put_lit(at, ",\"tls\":true");
	at = put_lit(at, ",\"packet\":");
	at = put_u64(at, event->packet);
	out_advance(out, (size_t)(at - begin));
}

static void json_event(struct sink *sink, const struct event *event)
{
	const struct kind *kind = event->kind == EVENT_H2 ? &h2_kinds[event->as.h2.kind] : &kinds[event->kind];

	if (!kind->name)
		return;
	put_begin(sink->out, event, kind->name);
	kind->put(sink->out, event);
	out_lit(sink->out, "}\n");
}

/* A fragment is no connection's, before it is whole. */
static void json_packet(struct sink *sink, const struct packet_view *view)
{
	struct out *out = sink->out;
	char *begin, *at;

	if (view->fragment.result == FRAGMENT_NONE || !(at = begin = out_room(out, FIELDS_MAX)))
		return;
	at = put_time(put_lit(at, "{\"event\":\"fragment\",\"time\":"), view->packet->time);
	at = put_u64(put_lit(at, ",\"packet\":"), view->packet->number);
	out_advance(out, (size_t)(at - begin));
	sink_fragment_json(out, &view->fragment);
	out_lit(out, "}\n");
}

const struct sink_ops sink_json = {
    .name = "json",
    .help = N_("one JSON object per event and line"),
    .depth = DECODE_ALL,
    .open = json_open,
    .event = json_event,
    .packet = json_packet,
};
