/* Header blocks of one direction (RFC 9113, section 4.3; RFC 7541), through nghttp2's inflater, as text:
 *
 *     :method: CONNECT
 *     :path: /chat
 *     sec-websocket-version: 13
 *
 * and that text as a head (ws/http.h), so that whoever reads heads need not know where they come from.
 *
 * The table that both ends keep is made by all blocks before. Where one is missing, what stands in the table is not
 * known: the inflater begins anew with an empty one. What was put into it since is found at the right place (the
 * latest has the lowest number), what was put into it before is out of its range: so a block is read right, or is
 * unreadable, but never wrong. */
#ifndef WSCAP_H2_FIELDS_H
#define WSCAP_H2_FIELDS_H

#include "ws/buf.h"
#include "ws/http.h"

enum {
	/* Bytes of a table, as RFC 7541, 4.1 counts them: what browsers allow. An encoder that was allowed more, and
	 * uses it, cannot be followed. */
	LIMIT_H2_TABLE = 65536,
};

struct nghttp2_hd_inflater;

/* Zeroes and a text with its maximum are a good one. */
struct h2_fields {
	struct nghttp2_hd_inflater *inflater; /* NULL: made at the next block */
	struct ws_buf text; /* of the block under way, as far as it is wanted; its maximum is --max-head */
	bool lost;          /* blocks before were not captured, or not readable */
	bool wanted;        /* the text is */
	bool request;       /* …as long as it is a CONNECT */
	bool cut;           /* fields were left out at the text's maximum, or at WS_HTTP_FIELDS_MAX */
	bool invalid;       /* …or because a header cannot have them: RFC 9113, section 8.2.1 */
	size_t count;
};

void h2_fields_init(struct h2_fields *fields, size_t max_head);
void h2_fields_finish(struct h2_fields *fields);

enum h2_want {
	H2_WANT_NOTHING, /* only what the block does to the table */
	H2_WANT_CONNECT, /* the text, if its method is CONNECT */
	H2_WANT_ALL,
};

/* A block begins. */
void h2_fields_begin(struct h2_fields *fields, enum h2_want want);

/* The next fragment of it. WS_OK; WS_E_SYNTAX where it cannot be read (the rest of it is not to be given); WS_E_MEMORY,
 * and then the table is lost, too. */
int h2_fields_take(struct h2_fields *fields, struct ws_span fragment, bool last);

/* Blocks will be missing. */
void h2_fields_lose(struct h2_fields *fields);

/* A text as a head that points into it: pseudo-header fields are its method, target and status; :authority stands
 * as Host, too. False where a response has no :status of three digits, or a request no :method. */
bool h2_head(struct ws_span text, bool is_response, struct ws_http_head *ret);

/* Bytes that it holds, roughly. */
size_t h2_fields_memory(const struct h2_fields *fields);

#endif
