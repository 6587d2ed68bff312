/* JSON (RFC 8259), token by token: no tree, no allocation, no recursion. Tokens are views of the text as it stands.
 *
 * Numbers and literals are taken by their letters and not checked further, and neither are escapes: what matters here
 * is where a string ends. */
#ifndef WSCAP_JSON_WALK_H
#define WSCAP_JSON_WALK_H

#include "ws/span.h"

enum {
	JSON_DEPTH_MAX = 64, /* stops text that is nothing but brackets; a bit of json_walk.objects each */
};

enum json_kind {
	JSON_END,    /* the text is one whole value */
	JSON_BAD,    /* it is no JSON, too deep, or stops in its middle */
	JSON_OPEN,   /* { or [ */
	JSON_CLOSE,  /* } or ] */
	JSON_KEY,    /* text without its quotes */
	JSON_STRING, /* text without its quotes */
	JSON_SCALAR, /* a number, true, false, null */
	JSON_COMMA,
	JSON_COLON,
};

struct json_token {
	enum json_kind kind;
	unsigned depth; /* of what it stands in: the outermost brackets themselves are at 0, what is in them at 1 */
	struct ws_span text;
};

struct json_walk {
	struct ws_cursor in;
	unsigned depth;
	uint64_t objects; /* bit n: the brackets that opened depth n + 1 are an object's */
	uint8_t expect;   /* private */
};

void json_walk_init(struct json_walk *walk, struct ws_span text);

/* The next token. After JSON_END or JSON_BAD the same again. */
struct json_token json_walk_next(struct json_walk *walk);

/* The key and the value of the next member, where it is a member of an object that says "key":"value" without a space,
 * an escape or the like: both as json_walk_next() would give them, and the comma before them is taken, too. Else false,
 * and nothing is taken. */
bool json_walk_member(struct json_walk *walk, struct ws_span *ret_key, struct ws_span *ret_value);

/* A number for a string's characters, escapes undone, so that "\u00e9" and "é" are the same. text is a token's. */
uint64_t json_string_hash(struct ws_span text, uint64_t seed);
uint64_t json_plain_hash(struct ws_span text, uint64_t seed); /* the same, where nothing is escaped */

#endif
