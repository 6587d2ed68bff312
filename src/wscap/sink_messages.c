/* One line per message: time, connection, from > to, kind, length, label, text. What else a developer wants to see
 * (handshakes, gaps, violations, the end) stands in lines that begin with the same columns. */
#include "base/i18n.h"
#include "base/safe.h"
#include "ws/close.h"
#include "wscap/line.h"
#include "wscap/sink.h"

#include <errno.h>
#include <stdlib.h>

enum {
	KIND_WIDTH = 10, /* "mid-stream" */
	LEN_WIDTH = 6,
	/* columns that grow with what they have to show */
	ENDS_WIDTH_MIN = 44,
	ENDS_WIDTH_MAX = 80,
	LABEL_WIDTH_MIN = 10,
	LABEL_WIDTH_MAX = 24,
	HEX_BYTES = 32, /* of a binary payload that are shown */
};

struct messages {
	struct line *line;
	struct out ends;   /* connection, from > to, of the line under way */
	size_t ends_width; /* the widest so far */
	size_t label_width;
};

static void messages_close(struct sink *sink)
{
	struct messages *messages = sink->state;

	if (!messages)
		return;
	line_destroy(messages->line);
	out_finish(&messages->ends);
	free(messages);
	sink->state = NULL;
}

static int messages_open(struct sink *sink)
{
	struct messages *messages = calloc(1, sizeof(*messages));

	sink->state = messages;
	if (!messages)
		return -ENOMEM;
	messages->ends_width = ENDS_WIDTH_MIN;
	messages->label_width = LABEL_WIDTH_MIN;
	messages->line = line_create(sink->options);
	if (messages->line && out_init(&messages->ends, -1) == 0)
		return 0;
	messages_close(sink);
	return -ENOMEM;
}

/* Fills up to width, at least one space, and makes the column as wide as this one, up to max. */
static void pad(struct out *out, size_t len, size_t *width, size_t max)
{
	if (len > *width)
		*width = len < max ? len : max;
	out_repeat(out, ' ', len < *width ? *width - len + 1 : 1);
}

static void put_client(struct messages *messages, const struct event *event)
{
	const struct label_text *user = decode_user(event);
	struct endpoint client = conn_client(event->conn);

	line_endpoint(messages->line, &client, &messages->ends);
	if (!user->len)
		return;
	out_lit(&messages->ends, " (");
	safe_text(&messages->ends, label_span(user), SAFE_ONE_LINE, "");
	out_char(&messages->ends, ')');
}

/* "#2 127.0.0.1.60653 (mynick) > 127.0.0.1.7272 ", or the other way round. */
static void put_ends(struct messages *messages, const struct event *event, enum dir dir, struct out *out)
{
	struct out *ends = &messages->ends;
	struct endpoint server = conn_server(event->conn);

	ends->len = 0;
	out_char(ends, '#');
	out_u64(ends, conn_number(event->conn));
	if (event->stream) {
		out_char(ends, '.');
		out_u64(ends, event->stream);
	}
	out_char(ends, ' ');
	if (dir == DIR_C2S) {
		put_client(messages, event);
		out_lit(ends, " > ");
		line_endpoint(messages->line, &server, ends);
	} else {
		line_endpoint(messages->line, &server, ends);
		out_lit(ends, " > ");
		put_client(messages, event);
	}
	out_bytes(out, ends->text, ends->len);
	pad(out, ends->len, &messages->ends_width, ENDS_WIDTH_MAX);
}

/* The columns that all lines have, up to the kind. */
static void put_begin(struct sink *sink, const struct event *event, enum dir dir, const char *kind)
{
	size_t width = KIND_WIDTH;

	line_time(((struct messages *)sink->state)->line, event->time, sink->out);
	put_ends(sink->state, event, dir, sink->out);
	out_str(sink->out, kind);
	pad(sink->out, strlen(kind), &width, KIND_WIDTH);
}

static void put_len(struct sink *sink, uint64_t len)
{
	out_u64_padded(sink->out, len, LEN_WIDTH, ' ');
	out_char(sink->out, ' ');
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

static void put_label(struct messages *messages, const struct label_text *label, struct out *out)
{
	struct out *text = &messages->ends;

	text->len = 0;
	safe_text(text, label_span(label), SAFE_ONE_LINE, "");
	out_bytes(out, text->text, text->len);
	pad(out, text->len, &messages->label_width, LABEL_WIDTH_MAX);
}

static void put_payload(struct sink *sink, const struct ws_item *item)
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

static void put_message(struct sink *sink, const struct event *event)
{
	const struct ws_item *item = &event->as.item;
	struct label label = {0};
	bool from_client = event->dir == DIR_C2S;

	if (item->opcode == WS_TEXT) {
		label_find(item->payload, from_client && !decode_user(event)->len, &label);
		decode_learn_user(event, &label.user);
	}
	put_begin(sink, event, event->dir, ws_opcode_name(item->opcode));
	put_len(sink, item->len);
	put_label(sink->state, &label.label, sink->out);
	put_payload(sink, item);
}

static void put_control(struct sink *sink, const struct event *event)
{
	const struct ws_item *item = &event->as.item;

	put_begin(sink, event, event->dir, ws_opcode_name(item->opcode));
	put_len(sink, item->len);
	put_label(sink->state, &(struct label_text){0}, sink->out);
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
		safe_text(sink->out, request->method, SAFE_ONE_LINE, "");
		out_char(sink->out, ' ');
		safe_text(sink->out, request->target, SAFE_ONE_LINE, "");
		out_lit(sink->out, ": ");
	}
	out_u64(sink->out, response->status);
	out_char(sink->out, ' ');
	safe_text(sink->out, response->reason, SAFE_ONE_LINE, "");
	if (event->as.handshake.accept_known && !event->as.handshake.accept_ok)
		out_lit(sink->out, " [wrong accept value]");
	if (event->as.handshake.deflate.enabled)
		out_lit(sink->out, " [permessage-deflate]");
}

static void put_gap(struct sink *sink, const struct event *event)
{
	put_begin(sink, event, event->dir, "gap");
	put_len(sink, event->as.gap.len);
	put_label(sink->state, &(struct label_text){0}, sink->out);
	out_lit(sink->out, "not captured");
}

static void put_violation(struct sink *sink, const struct event *event)
{
	const struct ws_rule_info *rule = ws_rule_info(event->as.violation.rule);

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

static void (*const puts_by_kind[EVENT_COUNT])(struct sink *sink, const struct event *event) = {
    [EVENT_TCP_CLOSE] = put_close,
    [EVENT_HANDSHAKE] = put_handshake,
    [EVENT_MESSAGE] = put_message,
    [EVENT_CONTROL] = put_control,
    [EVENT_GAP] = put_gap,
    [EVENT_VIOLATION] = put_violation,
    [EVENT_MID_STREAM] = put_mid_stream,
    [EVENT_LIMIT] = put_limit,
};

static void messages_event(struct sink *sink, const struct event *event)
{
	if (!puts_by_kind[event->kind])
		return;
	if (event->kind == EVENT_TCP_CLOSE && !decode_is_websocket(event->conn))
		return;
	puts_by_kind[event->kind](sink, event);
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
