/* The frame header of RFC 6455, section 5.2.
 *
 * Parse and judge are apart: any bit pattern parses; rule.h says which MUST it breaks. */
#ifndef WS_FRAME_H
#define WS_FRAME_H

#include "ws/span.h"

enum ws_opcode {
	WS_CONTINUATION = 0x0,
	WS_TEXT = 0x1,
	WS_BINARY = 0x2,
	WS_CLOSE = 0x8,
	WS_PING = 0x9,
	WS_PONG = 0xa,
};

enum {
	WS_FRAME_HEADER_MAX = 14,
	WS_CONTROL_PAYLOAD_MAX = 125,
	WS_RSV1 = 4,
	WS_RSV2 = 2,
	WS_RSV3 = 1,
};

struct ws_frame {
	bool fin;
	bool masked;
	uint8_t rsv;        /* WS_RSV1 | WS_RSV2 | WS_RSV3 */
	uint8_t opcode;     /* any of the 16 */
	uint8_t header_len; /* 2 to 14 bytes */
	uint8_t len_bytes;  /* of the extended payload length: 0, 2 or 8 */
	uint8_t mask[4];    /* zeroes when not masked */
	uint64_t payload_len;
};

static inline bool ws_opcode_is_control(uint8_t opcode)
{
	return opcode & 0x8;
}

/* Reads one header at the start of in. Returns its length, or 0 when more bytes are needed. Never fails. */
size_t ws_frame_parse(struct ws_span in, struct ws_frame *ret);

/* Writes the header that frame describes, with the shortest form of its length (header_len and len_bytes are
 * ignored). Returns how many bytes of out were written. */
size_t ws_frame_write(const struct ws_frame *frame, uint8_t out[WS_FRAME_HEADER_MAX]);

/* A name for the opcode as JSON and people have it: "text", "ping", "reserved". Never NULL. */
const char *ws_opcode_name(uint8_t opcode);

#endif
