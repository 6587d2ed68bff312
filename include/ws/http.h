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
	size_t field_count;
};

/* Parses a head at the start of in (a request, or a response where it begins with "HTTP/"). Lines may end with LF
 * alone (RFC 9112, 2.2). Returns its length, 0 when more bytes are needed, WS_E_SYNTAX where it is no head, WS_E_LIMIT
 * with more fields than WS_HTTP_FIELDS_MAX. ret points into in. */
long ws_http_head_parse(struct ws_span in, struct ws_http_head *ret);

/* Could in be the beginning of a request or response head? For a stream whose beginning was not seen; false is certain,
 * and is found out within the first bytes. */
bool ws_http_head_plausible(struct ws_span in);

/* The value of the first field with this name (ASCII case ignored), or an empty span with data NULL. */
struct ws_span ws_http_field(const struct ws_http_head *head, const char *name);

/* How many fields have this name. */
size_t ws_http_field_count(const struct ws_http_head *head, const char *name);

/* Walks the members of a comma-separated list over all fields of one name (RFC 9110, 5.6.1). Start with zeroes. */
struct ws_http_list {
	size_t field;
	struct ws_span rest;
	bool inside;
};
bool ws_http_list_next(const struct ws_http_head *head, const char *name, struct ws_http_list *list,
		       struct ws_span *ret);

/* Does a list have this member, ASCII case ignored? ("keep-alive, Upgrade" has "upgrade".) */
bool ws_http_list_has(const struct ws_http_head *head, const char *name, const char *member);

/* All values of one field joined with ", ", appended to out (RFC 9110, 5.3). WS_E_MEMORY, WS_E_LIMIT. */
struct ws_buf;
int ws_http_field_join(const struct ws_http_head *head, const char *name, struct ws_buf *out);

/* ASCII case ignored. */
bool ws_span_equal_nocase(struct ws_span a, struct ws_span b);

#endif
