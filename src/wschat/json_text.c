#include "wschat/json_text.h"

#include <stdio.h>

static void put(struct json_text *json, struct ws_span text)
{
	if (json->error == 0)
		json->error = ws_buf_append(json->buf, text);
}

void json_raw(struct json_text *json, const char *text)
{
	put(json, ws_span_str(text));
}

void json_number(struct json_text *json, uint64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);

	put(json, ws_span_of(digits, (size_t)len));
}

/* What stands for a byte inside a string, or NULL where it stands for itself. */
static const char *json_escape(uint8_t byte, char room[8])
{
	switch (byte) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		if (byte >= 0x20 && byte != 0x7f)
			return NULL;
		snprintf(room, 8, "\\u%04x", byte);
		return room;
	}
}

static const char *html_escape(uint8_t byte, char room[8])
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#039;";
	case '\n':
		return "<br />\\n";
	default:
		return json_escape(byte, room);
	}
}

/* Runs without anything to escape go in whole. */
static void escaped(struct json_text *json, struct ws_span text, const char *(*escape)(uint8_t byte, char room[8]))
{
	size_t run = 0;
	char room[8];

	for (size_t i = 0; i < text.len; i++) {
		const char *instead = escape(text.data[i], room);

		if (!instead)
			continue;
		put(json, ws_span_of(text.data + run, i - run));
		json_raw(json, instead);
		run = i + 1;
	}
	if (run < text.len)
		put(json, ws_span_from(text, run));
}

void json_string(struct json_text *json, struct ws_span text)
{
	json_raw(json, "\"");
	escaped(json, text, json_escape);
	json_raw(json, "\"");
}

/* Text up to each carriage return; one before a newline is dropped, a lone one becomes a newline. */
static void html_lines(struct json_text *json, struct ws_span text)
{
	const uint8_t *end;

	while (text.len && (end = memchr(text.data, '\r', text.len))) {
		size_t len = (size_t)(end - text.data);

		escaped(json, ws_span_first(text, len), html_escape);
		text = ws_span_from(text, len + 1);
		if (!text.len || text.data[0] != '\n')
			escaped(json, ws_span_str("\n"), html_escape);
	}
	escaped(json, text, html_escape);
}

void json_html(struct json_text *json, const char *prefix, struct ws_span prefix_text, const char *infix,
	       struct ws_span text)
{
	json_raw(json, "\"");
	json_raw(json, prefix);
	html_lines(json, prefix_text);
	json_raw(json, infix);
	html_lines(json, text);
	json_raw(json, "\"");
}
