/* One JSON object per event and line: wscap-json(5). A field that does not apply is left out. */
#include "base/i18n.h"
#include "ws/close.h"
#include "ws/utf8.h"
#include "wscap/sink.h"
#include "wscap/sink_fragment.h"
#include "wscap/sink_json_put.h"
#include "wscap/sink_tls.h"

static void put_ends(struct out *out, const struct event *event)
{
	json_key(out, "client");
	json_endpoint(out, conn_client(event->conn));
	json_key(out, "server");
	json_endpoint(out, conn_server(event->conn));
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

	json_key(out, "how");
	out_str(out, how[event->as.close]);
}

/* name is the key with its comma and quotes; nothing is written where the head has no such field. */
static void put_field(struct out *out, const char *name, const struct ws_http_head *head, const char *field)
{
	struct ws_span value = ws_http_field(head, field);

	if (!value.data)
		return;
	out_str(out, name);
	json_string(out, value);
}

/* Why something was not done. */
static void put_refusal(struct out *out, const struct ws_http_head *response)
{
	if (response->reason.len) {
		json_key(out, "reason");
		json_string(out, response->reason);
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
		json_key(out, "path");
		json_string(out, request->target);
		put_field(out, ",\"host\":", request, "Host");
		put_field(out, ",\"origin\":", request, "Origin");
		put_field(out, ",\"user_agent\":", request, "User-Agent");
	}
	put_field(out, ",\"protocol\":", response, "Sec-WebSocket-Protocol");
	put_field(out, ",\"extensions\":", response, "Sec-WebSocket-Extensions");
	json_key(out, "status");
	out_u64(out, response->status);
	if (event->as.handshake.accept_known) {
		json_key(out, "accept_ok");
		json_bool(out, event->as.handshake.accept_ok);
	}
	if (!event_opens(response))
		put_refusal(out, response);
}

static void put_tunnel(struct out *out, const struct event *event)
{
	const struct ws_http_head *response = event->as.tunnel.response;

	json_key(out, "target");
	json_string(out, event->as.tunnel.target);
	json_key(out, "status");
	out_u64(out, response->status);
	if (response->status / 100 != 2)
		put_refusal(out, response);
}

static void put_upgrade(struct out *out, const struct event *event)
{
	if (!event->as.upgrade.protocol.data)
		return;
	json_key(out, "protocol");
	json_string(out, event->as.upgrade.protocol);
}

static void put_dir(struct out *out, const struct event *event)
{
	json_key(out, "dir");
	out_str(out, event->dir == DIR_C2S ? "\"c2s\"" : "\"s2c\"");
}

static void put_payload(struct out *out, const struct ws_item *item)
{
	if (item->utf8) {
		json_key(out, "text");
		json_string(out, item->payload);
	} else {
		json_key(out, "base64");
		json_base64(out, item->payload);
	}
}

static void put_cut(struct out *out, const struct ws_item *item)
{
	const char *cut = sink_cut_name(item->cut);

	if (!cut)
		return;
	json_key(out, "truncated");
	json_string(out, ws_span_str(cut));
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
	at = json_own(at, ws_opcode_name(item->opcode));
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
		json_key(out, "close_code");
		out_u64(out, item->close_code);
		json_key(out, "close_reason");
		json_string(out, item->payload);
	}
	put_cut(out, item);
}

static void put_gap(struct out *out, const struct event *event)
{
	put_dir(out, event);
	json_key(out, "len");
	out_u64(out, event->as.gap.len);
	if (event->as.gap.captured)
		out_lit(out, ",\"captured\":true");
}

static void put_violation(struct out *out, const struct event *event)
{
	const struct ws_rule_info *rule = event->as.violation.info;

	put_dir(out, event);
	json_key(out, "rule");
	json_string(out, ws_span_str(rule->id));
	json_key(out, "section");
	json_string(out, ws_span_str(rule->section));
}

static void put_mid_stream(struct out *out, const struct event *event)
{
	put_dir(out, event);
	json_key(out, "why");
	json_string(out, ws_span_str(event->as.mid_stream.why));
}

static void put_limit(struct out *out, const struct event *event)
{
	put_dir(out, event);
	json_key(out, "limit");
	json_string(out, ws_span_str(event->as.limit.name));
}

/* One of two versions: as text, or where it is no UTF-8 in base64. */
#define put_version(out, name, bytes)                                                                                  \
	do {                                                                                                           \
		if (ws_utf8_valid(bytes)) {                                                                            \
			json_key(out, name "_text");                                                                   \
			json_string(out, bytes);                                                                       \
		} else {                                                                                               \
			json_key(out, name "_base64");                                                                 \
			json_base64(out, bytes);                                                                       \
		}                                                                                                      \
	} while (0)

static void put_overlap(struct out *out, const struct event *event)
{
	put_dir(out, event);
	if (event->as.overlap.offset >= 0) {
		json_key(out, "offset");
		out_u64(out, (uint64_t)event->as.overlap.offset);
	}
	json_key(out, "len");
	out_u64(out, event->as.overlap.first.len);
	put_version(out, "first", event->as.overlap.first);
	put_version(out, "last", event->as.overlap.last);
	json_key(out, "kept");
	out_str(out, event->as.overlap.kept_last ? "\"last\"" : "\"first\"");
	if (event->as.overlap.receiver == RECEIVER_UNKNOWN)
		return;
	json_key(out, "receiver");
	out_str(out, event->as.overlap.receiver == RECEIVER_LAST ? "\"last\"" : "\"first\"");
	if (!event->as.overlap.authentic)
		return;
	json_key(out, "authentic");
	out_lit(out, "true");
}

/* An error's name, or its number as text: "CANCEL", "4711". */
static void put_code(struct out *out, uint32_t code)
{
	const char *name = h2_error_name(code);

	json_key(out, "code");
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
	json_key(out, "last_stream");
	out_u64(out, event->as.h2.last);
	if (!event->as.h2.text.len)
		return;
	json_key(out, "debug");
	json_string(out, event->as.h2.text);
}

static void put_h2_open(struct out *out, const struct event *event)
{
	if (event->as.h2.joined)
		out_lit(out, ",\"mid_stream\":true");
}

static void put_h2_settings(struct out *out, const struct event *event)
{
	json_key(out, "websocket");
	json_bool(out, event->as.h2.allowed);
}

static void put_h2_reset(struct out *out, const struct event *event)
{
	put_dir(out, event);
	put_code(out, event->as.h2.code);
}

static void put_h2_unblocked(struct out *out, const struct event *event)
{
	put_dir(out, event);
	json_key(out, "waited");
	json_seconds(out, event->as.h2.waited);
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
    [H2_NEWS_WITHIN] = {"h2_within", put_dir},
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
	at = json_own(at, name);
	at = put_lit(at, "\",\"time\":");
	at = json_time(at, event->time);
	at = put_lit(at, ",\"conn\":");
	at = put_u64(at, conn_number(event->conn));
	if (event->stream)
		at = put_u64(put_lit(at, ",\"stream\":"), event_stream(event->stream));
	if (event_within(event->stream))
		at = put_u64(put_lit(at, ",\"within\":"), event_within(event->stream));
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
	at = json_time(put_lit(at, "{\"event\":\"fragment\",\"time\":"), view->packet->time);
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
