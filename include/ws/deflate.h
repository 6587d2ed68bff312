/* permessage-deflate: RFC 7692. Negotiation, and the two directions of a message's bytes.
 *
 * zlib's state is large (about 40 KB to inflate, up to 260 KB to deflate): it is allocated when the first compressed
 * message comes, and not before. Inflation is bounded while it happens: never more than `max` bytes leave it. */
#ifndef WS_DEFLATE_H
#define WS_DEFLATE_H

#include "ws/buf.h"
#include "ws/error.h"
#include "ws/span.h"

/* What client and server agreed on. Zeroes: not in force. Window bits are 8 to 15. */
struct ws_deflate_params {
	bool enabled;
	bool server_no_context_takeover;
	bool client_no_context_takeover;
	uint8_t server_max_window_bits;
	uint8_t client_max_window_bits;
};

/* Server: picks the first acceptable offer of permessage-deflate in a Sec-WebSocket-Extensions request value (RFC 7692,
 * sections 5 and 7.1). several header lines are joined with ", " first (RFC 9110, section 5.3). want says what the
 * server would have at most (its windows) and insists on (its no_context_takeover). Returns WS_OK, with enabled false
 * where no offer fits; WS_E_SYNTAX where the header breaks the grammar. */
int ws_deflate_choose(struct ws_span offers, const struct ws_deflate_params *want, struct ws_deflate_params *ret);

/* Writes the answer's header value for params, without its name, into out. WS_E_LIMIT or WS_E_MEMORY. */
int ws_deflate_answer_write(const struct ws_deflate_params *params, struct ws_buf *out);

/* Client, and whoever watches: what the server's answer decided, checked against the offers. Returns WS_OK with ret set
 * (enabled false when the answer has no permessage-deflate), WS_E_SYNTAX against the grammar; ret_valid is false where
 * the answer names what was not offered or wrong parameters (WS_RULE_RESPONSE_EXTENSION): ret is then what it says, as
 * far as it makes sense. Empty spans stand for an absent header. */
int ws_deflate_agreed(struct ws_span offers, struct ws_span answer, struct ws_deflate_params *ret, bool *ret_valid);

enum ws_inflate_status {
	WS_INFLATE_DONE,            /* all of the input given is inflated */
	WS_INFLATE_LIMIT,           /* out is full to its maximum; the rest was not looked at */
	WS_INFLATE_BAD,             /* not DEFLATE data */
	WS_INFLATE_MISSING_CONTEXT, /* it refers to bytes of earlier messages that this inflater never had */
	WS_INFLATE_MEMORY,
};

struct ws_inflate; /* one direction of one connection */

/* bits: the window of the sender's side, 8 to 15. Allocates the state. NULL when out of memory. */
struct ws_inflate *ws_inflate_create(uint8_t bits);
void ws_inflate_destroy(struct ws_inflate *inflate);

/* Forgets the context: what no_context_takeover, and a stream joined late, do between messages. */
void ws_inflate_reset(struct ws_inflate *inflate);

/* Inflates the next bytes of a message to the end of out, at most to out's maximum. last: these are the message's last
 * bytes, so the 00 00 ff ff that the sender took away goes in behind them (section 7.2.2). in may be empty. */
enum ws_inflate_status ws_inflate_feed(struct ws_inflate *inflate, struct ws_span in, bool last, struct ws_buf *out);

/* Bytes of memory that it holds, itself included. 0 for NULL. */
size_t ws_inflate_memory(const struct ws_inflate *inflate);

struct ws_deflate;

/* bits 8 to 15; level as zlib's. (zlib has no window of 8 bits; with 9 it looks back 250 bytes at most, which is within
 * it.) NULL when out of memory. */
struct ws_deflate *ws_deflate_create(uint8_t bits, int level);
void ws_deflate_destroy(struct ws_deflate *deflate);

/* Appends the compressed form of a whole message, without the tail 00 00 ff ff (section 7.2.1), for which out must have
 * room all the same. takeover false: the context is forgotten first. On WS_E_MEMORY and WS_E_LIMIT out is as it was,
 * and the context is forgotten. */
int ws_deflate_message(struct ws_deflate *deflate, struct ws_span in, bool takeover, struct ws_buf *out);

#endif
