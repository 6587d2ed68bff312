/* The head of an HTTP/1.1 message, as far as an opening handshake needs it: RFC 9112, sections 2 to 5.
 * A pure function: the result points into the input. */
#ifndef WS_HTTP_H
#define WS_HTTP_H

#include "ws/error.h"
#include "ws/span.h"

enum {
	WS_HTTP_FIELDS_MAX = 100, /* stops heads that are nothing but fields */
};

struct ws_http_field {
	struct ws_span name;
	struct ws_span value; /* without the white space around it */
};

struct ws_http_head {
	struct ws_span all; /* the whole head, the empty line included */
	bool is_response;
	uint8_t version_major, version_minor;
	struct ws_span method, target; /* of a request */
	uint16_t status;               /* of a response */
	struct ws_span reason;
	struct ws_http_field fields[WS_HTTP_FIELDS_MAX];
	uint32_t tags[WS_HTTP_FIELDS_MAX]; /* of their names */
	size_t field_count;
};

/* What tells most names apart, at one look: their ends, ASCII case ignored, and their lengths. */
static inline uint32_t ws_http_tag(struct ws_span name)
{
	uint32_t end;

	if (name.len < sizeof(end))
		return (uint32_t)name.len;
	memcpy(&end, name.data + name.len - sizeof(end), sizeof(end));
	return (end | 0x20202020) + (uint32_t)name.len;
}

/* One field more; head has room for it. */
static inline void ws_http_add(struct ws_http_head *head, struct ws_span name, struct ws_span value)
{
	head->tags[head->field_count] = ws_http_tag(name);
	head->fields[head->field_count++] = (struct ws_http_field){.name = name, .value = value};
}

/* Parses a head at the start of in (a request, or a response where it begins with "HTTP/"). Lines may end with LF
 * alone (RFC 9112, 2.2). Returns its length, 0 when more bytes are needed, WS_E_SYNTAX where it is no head, WS_E_LIMIT
 * with more fields than WS_HTTP_FIELDS_MAX. ret points into in. */
long ws_http_head_parse(struct ws_span in, struct ws_http_head *ret);

/* Could in be the beginning of a request or response head? For a stream whose beginning was not seen; false is certain,
 * and is found out within the first bytes. */
bool ws_http_head_plausible(struct ws_span in);

/* A name as it is looked for. Of one that is written in the source the compiler makes it. */
struct ws_http_name {
	struct ws_span text;
	uint32_t tag;
};
static inline struct ws_http_name ws_http_name(const char *text)
{
	return (struct ws_http_name){.text = ws_span_str(text), .tag = ws_http_tag(ws_span_str(text))};
}

/* The next field with this name (ASCII case ignored) at or after *index, which moves behind it. NULL: there is none. */
const struct ws_http_field *ws_http_next(const struct ws_http_head *head, struct ws_http_name name, size_t *index);

/* The value of the first field with this name, or an empty span with data NULL. */
static inline struct ws_span ws_http_field(const struct ws_http_head *head, const char *name)
{
	size_t index = 0;
	const struct ws_http_field *field = ws_http_next(head, ws_http_name(name), &index);

	return field ? field->value : ws_span_of(NULL, 0);
}

/* How many fields have this name. */
static inline size_t ws_http_field_count(const struct ws_http_head *head, const char *name)
{
	size_t index = 0, count = 0;

	while (ws_http_next(head, ws_http_name(name), &index))
		count++;
	return count;
}

/* Walks the members of a comma-separated list over all fields of one name (RFC 9110, 5.6.1). Start with zeroes. */
struct ws_http_list {
	size_t field;
	struct ws_span rest;
	bool inside;
};
bool ws_http_list_next(const struct ws_http_head *head, struct ws_http_name name, struct ws_http_list *list,
		       struct ws_span *ret);

/* Does a list have this member, a token, ASCII case ignored? ("keep-alive, Upgrade" has "upgrade".) */
bool ws_http_list_has_member(const struct ws_http_head *head, struct ws_http_name name, struct ws_span member);
static inline bool ws_http_list_has(const struct ws_http_head *head, const char *name, const char *member)
{
	return ws_http_list_has_member(head, ws_http_name(name), ws_span_str(member));
}

/* All values of one field joined with ", ", appended to out (RFC 9110, 5.3). WS_E_MEMORY, WS_E_LIMIT. */
struct ws_buf;
int ws_http_field_join(const struct ws_http_head *head, const char *name, struct ws_buf *out);

/* ASCII case ignored. */
bool ws_span_equal_nocase(struct ws_span a, struct ws_span b);

#endif
