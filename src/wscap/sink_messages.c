/* One line per message: time, connection, from > to, kind, length, label, text. What else a developer wants to see
 * (handshakes, gaps, violations, the end) stands in lines that begin with the same columns. */
#include "base/i18n.h"
#include "base/plain.h"
#include "base/put.h"
#include "base/safe.h"
#include "ws/close.h"
#include "wscap/ends.h"
#include "wscap/line.h"
#include "wscap/sink.h"
#include "wscap/sink_tls.h"

#include <errno.h>
#include <stdlib.h>

enum {
	KIND_WIDTH = 10, /* "mid-stream" */
	KIND_ROOM = 16,  /* the longest, and a space: "continuation " */
	OPCODES = 16,
	PIECE = 4096, /* bytes that are looked at, and copied, at once */
	LEN_WIDTH = 6,
	LEN_SHORT = 1000000, /* the first length that is wider */
	/* a column that grows with what it has to show */
	LABEL_WIDTH_MIN = 10,
	LABEL_WIDTH_MAX = 24,
	HEX_BYTES = 32, /* of a binary payload that are shown */
};

/* The column as it is printed. */
struct kind {
	char text[KIND_ROOM];
	size_t len;
};

struct messages {
	struct line *line;
	struct kind opcodes[OPCODES];
	struct out text; /* of a label that is not plain */
	size_t label_width;
	struct ends ends;
};

static void messages_close(struct sink *sink)
{
	struct messages *messages = sink->state;

	if (!messages)
		return;
	line_destroy(messages->line);
	out_finish(&messages->text);
	ends_finish(&messages->ends);
	free(messages);
	sink->state = NULL;
}

static void make_kind(const char *name, struct kind *ret)
{
	size_t len = strlen(name);

	memset(ret->text, ' ', KIND_ROOM);
	memcpy(ret->text, name, len);
	ret->len = (len > KIND_WIDTH ? len : KIND_WIDTH) + 1;
}

static int messages_open(struct sink *sink)
{
	struct messages *messages = calloc(1, sizeof(*messages));

	sink->state = messages;
	if (!messages)
		return -ENOMEM;
	messages->label_width = LABEL_WIDTH_MIN;
	for (unsigned opcode = 0; opcode < OPCODES; opcode++)
		make_kind(ws_opcode_name((uint8_t)opcode), &messages->opcodes[opcode]);
	messages->line = line_create(sink->options);
	if (messages->line && out_init(&messages->text, -1) == 0 && ends_init(&messages->ends, messages->line) == 0)
		return 0;
	messages_close(sink);
	return -ENOMEM;
}

/* The columns that all lines have, up to the kind. */
static void put_begin(struct sink *sink, const struct event *event, enum dir dir, const char *name)
{
	struct messages *messages = sink->state;
	struct kind kind;

	make_kind(name, &kind);
	line_time(messages->line, event->time, sink->out);
	ends_put(&messages->ends, event, dir, sink->out);
	out_bytes(sink->out, kind.text, kind.len);
}

/* In the place of the length and of the label. */
static void put_no_len(struct sink *sink)
{
	const struct messages *messages = sink->state;

	out_repeat(sink->out, ' ', LEN_WIDTH + 1 + messages->label_width + 1);
}

static void put_hex(struct out *out, struct ws_span bytes)
{
	struct ws_cursor in = ws_cursor_of(ws_span_first(bytes, HEX_BYTES));
	uint8_t byte;

	while (ws_take_u8(&in, &byte))
		out_hex(out, byte, 2);
	if (bytes.len > HEX_BYTES)
		out_lit(out, "...");
}

/* How many bytes the label's column takes with the space behind it. */
static size_t widen(struct messages *messages, size_t len)
{
	size_t *width = &messages->label_width;

	if (len > *width)
		*width = len < LABEL_WIDTH_MAX ? len : LABEL_WIDTH_MAX;
	return (len > *width ? len : *width) + 1;
}

static char *put_number(char *at, uint64_t len)
{
	return put_char(len < LEN_SHORT ? put_right(at, (uint32_t)len, LEN_WIDTH) : put_u64(at, len), ' ');
}

static void put_len(struct sink *sink, uint64_t len)
{
	char *room = out_room(sink->out, PUT_ROOM + 1);

	if (room)
		out_advance(sink->out, (size_t)(put_number(room, len) - room));
}

static void put_label(struct messages *messages, struct ws_span text, struct out *out)
{
	char *room;

	if (plain_len(text) < text.len) {
		messages->text.len = 0;
		safe_text(&messages->text, text, SAFE_ONE_LINE, "");
		text = ws_span_of(messages->text.text, messages->text.len);
	}
	room = out_room(out, text.len + LABEL_WIDTH_MAX + 1);
	if (!room)
		return;
	if (text.len)
		memcpy(room, text.data, text.len);
	memset(room + text.len, ' ', LABEL_WIDTH_MAX + 1);
	out_advance(out, widen(messages, text.len));
}

/* Of a message: its kind, its length and its label, the same as put_label() has it, but at once where that is short and
 * plain, as nearly all are. */
static void put_columns(struct messages *messages, const struct ws_item *item, const struct label_text *label,
			struct out *out)
{
	const struct kind *kind = &messages->opcodes[item->opcode % OPCODES];
	bool plain = plain_is_short(label->text, label->len);
	char *room = out_room(out, KIND_ROOM + PUT_ROOM + 1 + PLAIN_SHORT + LABEL_WIDTH_MAX + 1), *at;

	if (!room)
		return;
	memcpy(room, kind->text, KIND_ROOM);
	at = put_number(room + kind->len, item->len);
	if (plain) {
		memcpy(at, label->text, PLAIN_SHORT);
		memset(at + label->len, ' ', LABEL_WIDTH_MAX + 1);
		at += widen(messages, label->len);
	}
	out_advance(out, (size_t)(at - room));
	if (!plain)
		put_label(messages, label_span(label), out);
}

/* What is plain at the start of a text: mostly all. Returns what is left of it. */
static inline struct ws_span put_plain(struct out *out, struct ws_span text)
{
	char *room = text.len <= PIECE ? out_room(out, text.len) : NULL;
	size_t len;

	if (!room)
		return text;
	len = plain_copy(text, room);
	out_advance(out, len);
	return ws_span_from(text, len);
}

static inline void put_text(struct out *out, struct ws_span text)
{
	struct ws_span rest = put_plain(out, text);

	if (rest.len)
		safe_text(out, rest, SAFE_ONE_LINE, "");
}

static void put_any_payload(struct sink *sink, const struct ws_item *item)
{
	const char *cut = sink_cut_name(item->cut);

	if (cut) {
		out_char(sink->out, '[');
		out_str(sink->out, cut);
		out_lit(sink->out, "] ");
	}
	if (item->opcode == WS_BINARY || !item->utf8)
		put_hex(sink->out, item->payload);
	else
		safe_text(sink->out, item->payload, SAFE_ONE_LINE, "");
}

static inline void put_payload(struct sink *sink, const struct ws_item *item)
{
	if (item->cut || item->opcode == WS_BINARY || !item->utf8)
		put_any_payload(sink, item);
	else
		put_text(sink->out, item->payload);
}

static void put_message(struct sink *sink, const struct event *event)
{
	const struct ws_item *item = &event->as.item;
	struct messages *messages = sink->state;
	bool from_client = event->dir == DIR_C2S;
	struct label label;

	if (item->opcode == WS_TEXT) {
		label_find(item->payload, from_client && !decode_user(event)->len, &label);
		decode_learn_user(event, &label.user);
	} else {
		label.label.len = 0;
	}
	line_time(messages->line, event->time, sink->out);
	ends_put(&messages->ends, event, event->dir, sink->out);
	put_columns(messages, item, &label.label, sink->out);
	put_payload(sink, item);
}

static void put_control(struct sink *sink, const struct event *event)
{
	const struct ws_item *item = &event->as.item;

	put_begin(sink, event, event->dir, ws_opcode_name(item->opcode));
	put_len(sink, item->len);
	put_label(sink->state, ws_span_of(NULL, 0), sink->out);
	if (ws_item_has_close_code(item)) {
		out_u64(sink->out, item->close_code);
		out_char(sink->out, ' ');
		out_str(sink->out, ws_close_code_text(item->close_code));
		if (item->payload.len)
			out_lit(sink->out, ": ");
	}
	put_payload(sink, item);
}

static void put_handshake(struct sink *sink, const struct event *event)
{
	const struct ws_http_head *request = event->as.handshake.request, *response = event->as.handshake.response;

	put_begin(sink, event, DIR_C2S, "handshake");
	put_no_len(sink);
	if (request) {
		put_text(sink->out, request->method);
		out_char(sink->out, ' ');
		put_text(sink->out, request->target);
		out_lit(sink->out, ": ");
	}
	out_u64(sink->out, response->status);
	out_char(sink->out, ' ');
	put_text(sink->out, response->reason);
	if (event->as.handshake.accept_known && !event->as.handshake.accept_ok)
		out_lit(sink->out, " [wrong accept value]");
	if (event->as.handshake.deflate.enabled)
		out_lit(sink->out, " [permessage-deflate]");
}

static void put_tunnel(struct sink *sink, const struct event *event)
{
	put_begin(sink, event, DIR_C2S, "tunnel");
	put_no_len(sink);
	put_text(sink->out, event->as.tunnel.target);
	out_lit(sink->out, ": ");
	out_u64(sink->out, event->as.tunnel.response->status);
	if (event->as.tunnel.response->reason.len) /* HTTP/2 has none */
		out_char(sink->out, ' ');
	put_text(sink->out, event->as.tunnel.response->reason);
}

static void put_upgrade(struct sink *sink, const struct event *event)
{
	put_begin(sink, event, DIR_C2S, "upgrade");
	put_no_len(sink);
	put_text(sink->out, event->as.upgrade.protocol);
}

static void put_gap(struct sink *sink, const struct event *event)
{
	put_begin(sink, event, event->dir, "gap");
	put_len(sink, event->as.gap.len);
	put_label(sink->state, ws_span_of(NULL, 0), sink->out);
	out_str(sink->out, event->as.gap.captured ? "no frame found" : "not captured");
}

static void put_violation(struct sink *sink, const struct event *event)
{
	const struct ws_rule_info *rule = event->as.violation.info;

	put_begin(sink, event, event->dir, "violation");
	put_no_len(sink);
	out_str(sink->out, rule->id);
	out_lit(sink->out, ": ");
	out_str(sink->out, rule->section);
}

static void put_mid_stream(struct sink *sink, const struct event *event)
{
	put_begin(sink, event, event->dir, "mid-stream");
	put_no_len(sink);
	out_str(sink->out, event->as.mid_stream.why);
}

static void put_limit(struct sink *sink, const struct event *event)
{
	put_begin(sink, event, event->dir, "limit");
	put_no_len(sink);
	out_str(sink->out, event->as.limit.name);
}

static void put_overlap(struct sink *sink, const struct event *event)
{
	put_begin(sink, event, event->dir, "overlap");
	put_len(sink, event->as.overlap.first.len);
	put_label(sink->state, ws_span_of(NULL, 0), sink->out);
	out_str(sink->out,
		event->as.overlap.kept_last ? "sent twice, the last counts" : "sent twice, the first counts");
}

/* Only what befell a WebSocket, or all of them. */
static void put_h2(struct sink *sink, const struct event *event)
{
	static const char *const kinds[H2_NEWS_KINDS] = {
	    [H2_NEWS_END] = "h2-end",         [H2_NEWS_RESET] = "h2-reset",        [H2_NEWS_GOAWAY] = "h2-goaway",
	    [H2_NEWS_BLOCKED] = "h2-blocked", [H2_NEWS_UNREADABLE] = "h2-headers", [H2_NEWS_WITHIN] = "h2-within",
	};
	const struct h2_news *news = &event->as.h2;
	const char *name = h2_error_name(news->code);

	put_begin(sink, event, event->dir, kinds[news->kind]);
	put_no_len(sink);
	if (news->kind == H2_NEWS_BLOCKED)
		out_str(sink->out,
			news->stream ? "the stream's window is used up" : "the connection's window is used up");
	else if (news->kind == H2_NEWS_UNREADABLE)
		out_str(sink->out, "not readable");
	else if (news->kind == H2_NEWS_WITHIN)
		out_str(sink->out, "not followed");
	else if (news->kind == H2_NEWS_RESET || news->kind == H2_NEWS_GOAWAY)
		name ? out_str(sink->out, name) : out_u64(sink->out, news->code);
}

static void put_close(struct sink *sink, const struct event *event)
{
	static const char *const how[] = {
	    [CONN_CLOSE_FIN] = "fin",
	    [CONN_CLOSE_RST] = "rst",
	    [CONN_CLOSE_TIMEOUT] = "timeout",
	    [CONN_CLOSE_REUSED] = "reused",
	};

	put_begin(sink, event, DIR_C2S, "tcp-close");
	put_no_len(sink);
	out_str(sink->out, how[event->as.close]);
}

static void put_tls(struct sink *sink, const struct event *event)
{
	put_begin(sink, event, DIR_C2S, "tls");
	put_no_len(sink);
	sink_tls_text(sink->out, event);
}

static void put_tls_alert(struct sink *sink, const struct event *event)
{
	put_begin(sink, event, event->dir, "tls-alert");
	put_no_len(sink);
	sink_tls_alert_text(sink->out, event);
}

static void put_tls_locked(struct sink *sink, const struct event *event)
{
	put_begin(sink, event, DIR_C2S, "tls-locked");
	put_no_len(sink);
	sink_tls_locked_text(sink->out, event);
}

static bool is_shown(const struct h2_news *news)
{
	return news->kind != H2_NEWS_OPEN && news->kind != H2_NEWS_SETTINGS && news->kind != H2_NEWS_UNBLOCKED;
}

static void (*const puts_by_kind[EVENT_COUNT])(struct sink *sink, const struct event *event) = {
    [EVENT_TCP_CLOSE] = put_close,     [EVENT_HANDSHAKE] = put_handshake,
    [EVENT_TUNNEL] = put_tunnel,       [EVENT_UPGRADE] = put_upgrade,
    [EVENT_CONTROL] = put_control,     [EVENT_GAP] = put_gap,
    [EVENT_VIOLATION] = put_violation, [EVENT_MID_STREAM] = put_mid_stream,
    [EVENT_LIMIT] = put_limit,         [EVENT_TLS_OPEN] = put_tls,
    [EVENT_TLS_ALERT] = put_tls_alert, [EVENT_TLS_LOCKED] = put_tls_locked,
    [EVENT_OVERLAP] = put_overlap,     [EVENT_H2] = put_h2,
};

static bool is_told(const struct event *event)
{
	if (!puts_by_kind[event->kind])
		return false;
	if (event->kind == EVENT_TLS_ALERT && event->as.tls.code == TLS_ALERT_CLOSE_NOTIFY)
		return false; /* how each of them ends */
	if (event->kind == EVENT_TCP_CLOSE)
		return decode_is_websocket(event->conn);
	return event->kind != EVENT_H2 || is_shown(&event->as.h2);
}

static void messages_event(struct sink *sink, const struct event *event)
{
	if (event->kind == EVENT_MESSAGE)
		put_message(sink, event);
	else if (is_told(event))
		puts_by_kind[event->kind](sink, event);
	else
		return;
	out_char(sink->out, '\n');
}

const struct sink_ops sink_messages = {
    .name = "messages",
    .help = N_("one line per WebSocket message: time, connection, from > to, kind, length, label, text"),
    .depth = DECODE_ALL,
    .open = messages_open,
    .event = messages_event,
    .close = messages_close,
};
