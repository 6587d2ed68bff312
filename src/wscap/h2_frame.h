/* HTTP/2 frames: RFC 9113, sections 4.1 and 6. Pure functions over bytes; no state, no allocation.
 *
 * Parse and judge are apart: any nine bytes are a header, h2_frame_rule() says which MUST it breaks by its form. What
 * depends on the frames before it is h2_conn.h's. */
#ifndef WSCAP_H2_FRAME_H
#define WSCAP_H2_FRAME_H

#include "ws/span.h"
#include "wscap/h2_rule.h"

enum {
	H2_HEADER_LEN = 9,
	H2_FRAME_MIN_MAX = 16384,    /* what everybody must take: section 4.2 */
	H2_FRAME_MAX_MAX = 16777215, /* the largest that SETTINGS_MAX_FRAME_SIZE may allow */
	H2_WINDOW_FIRST = 65535,     /* section 6.9.2 */
	H2_STREAM_MAX = 0x7fffffff,  /* also the largest window: section 6.9.1 */
};

/* Section 11.2; types beyond are extensions, and passed over (section 4.1). */
enum h2_type {
	H2_DATA = 0,
	H2_HEADERS = 1,
	H2_PRIORITY = 2,
	H2_RST_STREAM = 3,
	H2_SETTINGS = 4,
	H2_PUSH_PROMISE = 5,
	H2_PING = 6,
	H2_GOAWAY = 7,
	H2_WINDOW_UPDATE = 8,
	H2_CONTINUATION = 9,
	H2_TYPES,
};

enum h2_flag {
	H2_END_STREAM = 0x1,
	H2_ACK = 0x1, /* of SETTINGS and PING */
	H2_END_HEADERS = 0x4,
	H2_PADDED = 0x8,
	H2_WITH_PRIORITY = 0x20,
};

/* Section 6.5.2, and RFC 8441, section 3. */
enum h2_setting {
	H2_SETTING_TABLE_SIZE = 1,
	H2_SETTING_ENABLE_PUSH = 2,
	H2_SETTING_INITIAL_WINDOW = 4,
	H2_SETTING_MAX_FRAME = 5,
	H2_SETTING_ENABLE_CONNECT = 8,
};

struct h2_frame {
	uint32_t len; /* of the payload behind the header */
	uint8_t type; /* enum h2_type, or more */
	uint8_t flags;
	bool reserved; /* the bit before the stream: to be 0, and ignored (section 4.1) */
	uint32_t stream;
};

/* The header at the start of in: H2_HEADER_LEN, or 0 when more bytes are needed. */
size_t h2_frame_parse(struct ws_span in, struct h2_frame *ret);

/* The rule that the header breaks by itself: length and stream as its type wants them (section 6). max_frame is what
 * its receiver takes. */
enum h2_rule h2_frame_judge(const struct h2_frame *frame, uint32_t max_frame);

/* Takes the padding off the payload of a DATA, HEADERS or PUSH_PROMISE frame that says it has some, and the priority
 * off HEADERS. False: there is more padding than payload (section 6.1). */
bool h2_frame_content(const struct h2_frame *frame, struct ws_span payload, struct ws_span *ret);

/* A settings payload, one by one: false at its end. */
bool h2_take_setting(struct ws_cursor *payload, uint16_t *ret_id, uint32_t *ret_value);

/* As its senders write it: of a known type and form, with no flag that it does not have. */
bool h2_frame_is_usual(const struct h2_frame *frame);

/* Does in begin with frames, as their senders write them? Bits that speak for it: how improbable the same would be
 * among other bytes (see decode_seek.c); 0 when something speaks against it, or too little is there.
 * Whole frames up to the end of in, or at least two headers in a chain, are what it takes. */
uint32_t h2_weigh(struct ws_span in);
enum {
	H2_TRUST = 40, /* bits of h2_weigh() that it takes */
};

/* How in begins, against the client's preface (section 3.4): as much of it as there is is the same. */
#define H2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
enum {
	H2_PREFACE_LEN = sizeof(H2_PREFACE) - 1,
};
bool h2_may_be_preface(struct ws_span in);

/* The server's preface is a SETTINGS frame (section 3.4): may in be the beginning of one? */
bool h2_may_be_settings(struct ws_span in);

/* "NO_ERROR"; of an unknown code, NULL. Section 7. */
const char *h2_error_name(uint32_t code);

#endif
