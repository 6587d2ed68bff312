/* The MUSTs of HTTP/2 that a WebSocket's connection can break, each with its section: one table, as ws/rule.h has it
 * for RFC 6455. */
#ifndef WSCAP_H2_RULE_H
#define WSCAP_H2_RULE_H

#include "ws/rule.h"

enum h2_rule {
	H2_RULE_NONE,
	/* RFC 9113 */
	H2_RULE_FRAME_SIZE,    /* 4.2   longer than its receiver takes */
	H2_RULE_FRAME_LENGTH,  /* 6     a length that its type does not have */
	H2_RULE_FRAME_STREAM,  /* 6     on a stream where it has none, or the other way round */
	H2_RULE_PADDING,       /* 6.1   more padding than payload */
	H2_RULE_HEADERS_OPEN,  /* 6.10  another frame before END_HEADERS, or CONTINUATION without HEADERS */
	H2_RULE_HPACK,         /* 4.3   a header block that is no HPACK */
	H2_RULE_SETTING,       /* 6.5.2 a value that the setting cannot have */
	H2_RULE_PUSH,          /* 8.4   PUSH_PROMISE of a client */
	H2_RULE_WINDOW_ZERO,   /* 6.9   WINDOW_UPDATE by nothing */
	H2_RULE_WINDOW_OVER,   /* 6.9.1 a window above 2^31-1 */
	H2_RULE_STREAM_ID,     /* 5.1.1 a stream that is even, or not above those before it */
	H2_RULE_STREAM_ENDED,  /* 5.1   DATA behind its sender's END_STREAM */
	H2_RULE_FIELD,         /* 8.2.1 characters that a field cannot have */
	H2_RULE_TUNNEL_FIELDS, /* 8.5  CONNECT without :authority, or with :scheme or :path, and no :protocol */
	/* RFC 8441 */
	H2_RULE_NOT_ENABLED,    /* 3  extended CONNECT without the server's setting */
	H2_RULE_CONNECT_FIELDS, /* 4  :scheme or :path is missing */
	H2_RULE_COUNT,
};

/* Static storage; never NULL. Its close_code is 0. */
const struct ws_rule_info *h2_rule_info(enum h2_rule rule);

#endif
