/* UTF-8 as RFC 3629 has it, checked across any split of its bytes: RFC 6455, section 8.1. */
#ifndef WS_UTF8_H
#define WS_UTF8_H

#include "ws/span.h"

/* Zeroes are the state before the first byte. */
struct ws_utf8 {
	uint32_t state;
};

/* Goes on with the bytes of span. Returns false at the first byte that no UTF-8 can have there; the state stays bad. */
bool ws_utf8_feed(struct ws_utf8 *utf8, struct ws_span span);

/* The same, a byte at a time: the plain twin that the test compares it with. */
bool ws_utf8_feed_plain(struct ws_utf8 *utf8, struct ws_span span);

/* True while no byte was fed that no UTF-8 can have there. */
bool ws_utf8_good(const struct ws_utf8 *utf8);

/* True when what was fed so far ends between two characters. */
bool ws_utf8_complete(const struct ws_utf8 *utf8);

/* The whole of span is valid UTF-8. */
bool ws_utf8_valid(struct ws_span span);

/* The same, for who expects ASCII: that is found out first, faster. */
bool ws_utf8_valid_ascii(struct ws_span span);

#endif
