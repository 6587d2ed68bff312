/* The opening handshake: RFC 6455, section 4. Requests and responses are judged and written here; reading them from a
 * stream is http.h's. */
#ifndef WS_HANDSHAKE_H
#define WS_HANDSHAKE_H

#include "ws/buf.h"
#include "ws/deflate.h"
#include "ws/http.h"
#include "ws/rule.h"

enum {
	WS_KEY_LEN = 24,    /* 16 bytes in base64 */
	WS_ACCEPT_LEN = 28, /* a SHA-1 in base64 */
};

/* The Sec-WebSocket-Accept value that belongs to a key (section 4.2.2, 5.4), with a final zero. The key is taken as it
 * stands, without white space around it; any length. */
void ws_accept_value(struct ws_span key, char ret[WS_ACCEPT_LEN + 1]);
/* Is it this one? */
bool ws_accept_is(struct ws_span key, struct ws_span accept);

/* Has it the form of a key (section 4.1, 7): 16 bytes in base64? */
bool ws_key_is_formed(struct ws_span value);
/* …and that of a SHA-1 in base64, as an accept value has? */
bool ws_accept_is_formed(struct ws_span value);

/* Is this a request to open a WebSocket: a GET with "websocket" in Upgrade? (Whether it is right, judge says.) */
bool ws_handshake_is_request(const struct ws_http_head *head);

/* The next rule above after that the request breaks; as ws_frame_judge. */
enum ws_rule ws_handshake_judge_request(const struct ws_http_head *request, enum ws_rule after);

/* The next rule above after that a 101 response breaks. request may be NULL where it was not seen: then only what the
 * response says by itself is judged. */
enum ws_rule ws_handshake_judge_response(const struct ws_http_head *request, const struct ws_http_head *response,
					 enum ws_rule after);

/* What the two heads agreed on about compression; response decides. request may be NULL. */
int ws_handshake_deflate(const struct ws_http_head *request, const struct ws_http_head *response,
			 struct ws_deflate_params *ret);

/* A client's request. Spans may be empty where the field is not wanted (origin, protocol, extensions, extra); extra is
 * whole lines, each with its CRLF. key is WS_KEY_LEN characters. WS_E_MEMORY, WS_E_LIMIT. */
struct ws_request {
	struct ws_span target, host, key, origin, protocol, extensions, extra;
};
int ws_request_write(const struct ws_request *request, struct ws_buf *out);

/* A server's 101. WS_E_MEMORY, WS_E_LIMIT. */
struct ws_response {
	struct ws_span key; /* the request's */
	struct ws_span protocol, extensions, extra;
};
int ws_response_write(const struct ws_response *response, struct ws_buf *out);

#endif
