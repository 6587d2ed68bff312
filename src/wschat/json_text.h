/* JSON on its way out, appended to a buffer: the few shapes that the chat's messages have.
 * A failure (WS_E_MEMORY, WS_E_LIMIT) is remembered in the writer; what follows it is dropped. */
#ifndef WSCHAT_JSON_TEXT_H
#define WSCHAT_JSON_TEXT_H

#include "ws/buf.h"

struct json_text {
	struct ws_buf *buf;
	int error; /* 0, or the first failure */
};

void json_raw(struct json_text *json, const char *text); /* as it stands */
void json_number(struct json_text *json, uint64_t number);

/* A string with its quotes: text is valid UTF-8 and stays UTF-8 (RFC 8259, section 7). */
void json_string(struct json_text *json, struct ws_span text);

/* The same, HTML-escaped first, as the original's page expects it: & < > " ' as entities, and a newline as "<br />" and
 * a newline (CRLF and CR count as one). prefix is put inside, before it, and is trusted HTML. */
void json_html(struct json_text *json, const char *prefix, struct ws_span prefix_text, const char *infix,
	       struct ws_span text);

#endif
