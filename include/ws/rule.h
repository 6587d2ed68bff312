/* The MUSTs of RFC 6455 (and 7692) that bytes can break, each with its section: one table, two readers.
 * wscap shows the bad frame and names the rule; wschat fails the connection with the rule's close code. */
#ifndef WS_RULE_H
#define WS_RULE_H

#include "ws/frame.h"

enum ws_rule {
	WS_RULE_NONE = 0,
	/* frames */
	WS_RULE_RSV,                   /* 5.2  a reserved bit is set and no extension gives it a meaning */
	WS_RULE_OPCODE,                /* 5.2  the opcode is reserved */
	WS_RULE_LENGTH_FORM,           /* 5.2  the length is not in its shortest form */
	WS_RULE_LENGTH_SIGN,           /* 5.2  the most significant bit of a 64-bit length is set */
	WS_RULE_CLIENT_UNMASKED,       /* 5.1  a client's frame is not masked */
	WS_RULE_SERVER_MASKED,         /* 5.1  a server's frame is masked */
	WS_RULE_CONTROL_FRAGMENTED,    /* 5.5  a control frame without FIN */
	WS_RULE_CONTROL_LENGTH,        /* 5.5  a control frame of more than 125 bytes */
	WS_RULE_CONTINUATION_STRAY,    /* 5.4  a continuation frame and nothing to continue */
	WS_RULE_CONTINUATION_EXPECTED, /* 5.4  a new message before the last one ended */
	WS_RULE_UTF8,                  /* 8.1  a text message that is no UTF-8 */
	WS_RULE_CLOSE_LENGTH,          /* 5.5.1  a close frame with a body of one byte */
	WS_RULE_CLOSE_CODE,            /* 7.4.1  a close code that may not be sent */
	WS_RULE_CLOSE_UTF8,            /* 5.5.1  a close reason that is no UTF-8 */
	WS_RULE_AFTER_CLOSE,           /* 5.5.1  a frame after the sender's own close frame */
	WS_RULE_RSV1_CONTROL,          /* RFC 7692, 6.1  a control frame with the compressed bit */
	WS_RULE_RSV1_CONTINUATION,     /* RFC 7692, 6.1  a continuation frame with the compressed bit */
	WS_RULE_INFLATE,               /* RFC 7692, 7.2.2  a compressed message that does not inflate */
	/* the opening handshake */
	WS_RULE_REQUEST_METHOD,       /* 4.1  not GET */
	WS_RULE_REQUEST_HTTP_VERSION, /* 4.1  older than HTTP/1.1 */
	WS_RULE_REQUEST_HOST,         /* 4.1  no Host */
	WS_RULE_REQUEST_UPGRADE,      /* 4.1  no "websocket" in Upgrade */
	WS_RULE_REQUEST_CONNECTION,   /* 4.1  no "upgrade" in Connection */
	WS_RULE_REQUEST_KEY,          /* 4.1  no Sec-WebSocket-Key, several, or one that is not 16 bytes in base64 */
	WS_RULE_REQUEST_VERSION,      /* 4.1  Sec-WebSocket-Version is not 13 */
	WS_RULE_RESPONSE_UPGRADE,     /* 4.2.2  no "websocket" in Upgrade */
	WS_RULE_RESPONSE_CONNECTION,  /* 4.2.2  no "upgrade" in Connection */
	WS_RULE_RESPONSE_ACCEPT,      /* 4.2.2  the accept value does not belong to the key */
	WS_RULE_RESPONSE_PROTOCOL,    /* 4.2.2  a subprotocol that the client did not offer */
	WS_RULE_RESPONSE_EXTENSION,   /* 9.1  an extension that the client did not offer, or wrong parameters of it */
	WS_RULE_LINE_FOLDING,         /* RFC 9112, 5.2  a field of a head on several lines */
	WS_RULE_COUNT,
};

/* id: what JSON and tests call it, "client-unmasked". section: "RFC 6455, section 5.1".
 * text: one English sentence that says what the rule demands, for gettext to translate.
 * close_code: what an endpoint fails the connection with. */
struct ws_rule_info {
	const char *id;
	const char *section;
	const char *text;
	uint16_t close_code;
};

/* Static storage; never NULL. */
const struct ws_rule_info *ws_rule_info(enum ws_rule rule);

/* What a frame is judged by. */
struct ws_frame_context {
	bool from_client;
	bool mid_message; /* a message has begun and its last fragment has not come */
	bool after_close; /* this sender has sent a close frame */
	bool deflate;     /* permessage-deflate is in force: RSV1 has a meaning */
};

/* The next rule, above after, that this header breaks, or WS_RULE_NONE: begin with WS_RULE_NONE and repeat with
 * what was returned to get them all. */
enum ws_rule ws_frame_judge(const struct ws_frame *frame, const struct ws_frame_context *context, enum ws_rule after);

#endif
