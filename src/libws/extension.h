/* The extension header: RFC 6455, section 9.1. Private to libws.
 *
 *     extension-list  = 1#extension
 *     extension       = extension-token *( ";" extension-param )
 *     extension-param = token [ "=" ( token | quoted-string ) ]
 *
 * Read from one value or from several fields of the same name, without joining them. Empty list elements are passed
 * over (RFC 9110, section 5.6.1.2). */
#ifndef LIBWS_EXTENSION_H
#define LIBWS_EXTENSION_H

#include "ws/error.h"
#include "ws/http.h"
#include "ws/span.h"

/* Where extensions are read from: the fields of a head (head set), or one value. It is not changed by reading. */
struct extension_source {
	const struct ws_http_head *head;
	struct ws_span value;
};

struct extension {
	struct ws_span name;
	struct ws_span params; /* their text; extension_param_next() reads it */
};

struct extension_param {
	struct ws_span name;
	struct ws_span value; /* without quotes, escapes still in it; data is NULL where there is none */
};

/* The next extension. Start with list zeroed. 1, 0 at the end, WS_E_SYNTAX. What was returned follows the grammar. */
struct extension_list {
	struct ws_http_list fields;
	bool started;
};
int extension_next(const struct extension_source *source, struct extension_list *list, struct extension *ret);

/* Takes the next parameter off extension->params. 1, 0 at the end, WS_E_SYNTAX. */
int extension_param_next(struct extension *extension, struct extension_param *ret);

/* A decimal number without leading zeros, at most max (below 1,000); escapes of a quoted string are undone. */
bool extension_param_number(const struct extension_param *param, unsigned max, unsigned *ret);

/* All of source follows the grammar. */
bool extension_grammar(const struct extension_source *source);

/* source has an extension of this name (ASCII case ignored). */
bool extension_has(const struct extension_source *source, struct ws_span name);

#endif
