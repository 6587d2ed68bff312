/* The head of an HTTP/1.1 message, as far as an opening handshake needs it: RFC 9112, sections 2 to 5.
 * A pure function: the result points into the input. */
#ifndef WS_HTTP_H
#define WS_HTTP_H

#include "ws/error.h"
#include "ws/span.h"

enum {
	WS_HTTP_FIELDS_MAX = 100, /* stops heads that are nothing but fields */
	WS_HTTP_SLOT_BITS = 5,
	WS_HTTP_SLOTS = 1 << WS_HTTP_SLOT_BITS, /* where a name is looked for */
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
	size_t field_count;
	struct ws_http_field fields[WS_HTTP_FIELDS_MAX]; /* as far as field_count goes */
	uint32_t tags[WS_HTTP_FIELDS_MAX];               /* of their names */
	/* Those whose names meet in a slot, one after another: behind each slot, and behind each field, whose link is
	 * number WS_HTTP_SLOTS and its own, the next field's number from 1. 0: there is none. */
	uint8_t links[WS_HTTP_SLOTS + WS_HTTP_FIELDS_MAX];
	uint8_t last[WS_HTTP_SLOTS]; /* the link that has no field behind it yet */
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

static inline unsigned ws_http_slot(uint32_t tag)
{
	return (tag * UINT32_C(0x9e3779b1)) >> (32 - WS_HTTP_SLOT_BITS);
}

/* A head without anything. */
static inline void ws_http_begin(struct ws_http_head *head)
{
	memset(head, 0, offsetof(struct ws_http_head, fields));
	memset(head->links, 0, WS_HTTP_SLOTS);
	for (unsigned slot = 0; slot < WS_HTTP_SLOTS; slot++)
		head->last[slot] = (uint8_t)slot;
}

/* One field more; head has room for it. */
static inline void ws_http_add(struct ws_http_head *head, struct ws_span name, struct ws_span value)
{
	uint32_t tag = ws_http_tag(name);
	unsigned slot = ws_http_slot(tag);
	size_t at = head->field_count++;

	head->tags[at] = tag;
	head->fields[at] = (struct ws_http_field){.name = name, .value = value};
	head->links[WS_HTTP_SLOTS + at] = 0;
	head->links[head->last[slot]] = (uint8_t)(at + 1);
	head->last[slot] = (uint8_t)(WS_HTTP_SLOTS + at);
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

/* ASCII case ignored. */
bool ws_span_equal_nocase(struct ws_span a, struct ws_span b);

/* The same; inline, and at once where they are equal as they stand: nearly everyone writes names as the RFCs do. */
static inline bool ws_span_equal_name(struct ws_span a, struct ws_span b)
{
	return a.len == b.len && (memcmp(a.data, b.data, b.len) == 0 || ws_span_equal_nocase(a, b));
}

/* The next field with this name (ASCII case ignored) behind the one at *index - 1, which is one of that name, or from
 * the beginning where *index is 0. *index moves behind what is returned. NULL: there is none, nor will there be. */
static inline const struct ws_http_field *ws_http_next(const struct ws_http_head *head, struct ws_http_name name,
						       size_t *index)
{
	unsigned at = 0;

	if (*index == 0)
		at = head->links[ws_http_slot(name.tag)];
	else if (*index <= head->field_count)
		at = head->links[WS_HTTP_SLOTS - 1 + *index];
	for (; at; at = head->links[WS_HTTP_SLOTS - 1 + at])
		if (head->tags[at - 1] == name.tag && ws_span_equal_name(head->fields[at - 1].name, name.text)) {
			*index = at;
			return &head->fields[at - 1];
		}
	*index = WS_HTTP_FIELDS_MAX + 1;
	return NULL;
}

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

/* …and the value of the only one. False: there is none, or there are several. */
static inline bool ws_http_field_single(const struct ws_http_head *head, const char *name, struct ws_span *ret)
{
	size_t index = 0;
	const struct ws_http_field *field = ws_http_next(head, ws_http_name(name), &index);

	if (!field || ws_http_next(head, ws_http_name(name), &index))
		return false;
	*ret = field->value;
	return true;
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
	size_t index = 0;
	const struct ws_http_field *field = ws_http_next(head, ws_http_name(name), &index);

	if (!field)
		return false;
	return ws_span_equal_name(field->value, ws_span_str(member)) || /* most lists have one member */
	       ws_http_list_has_member(head, ws_http_name(name), ws_span_str(member));
}

/* All values of one field joined with ", ", appended to out (RFC 9110, 5.3). WS_E_MEMORY, WS_E_LIMIT. */
struct ws_buf;
int ws_http_field_join(const struct ws_http_head *head, const char *name, struct ws_buf *out);

#endif
