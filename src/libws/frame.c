#include "ws/frame.h"

enum {
	BIT_FIN = 0x80,
	BIT_MASKED = 0x80,
	LENGTH_16 = 126, /* in the 7-bit length: two bytes of length follow */
	LENGTH_64 = 127, /* …eight */
};

static bool take_length(struct ws_cursor *cursor, uint8_t short_length, struct ws_frame *frame)
{
	uint16_t length;

	switch (short_length) {
	case LENGTH_16:
		if (!ws_take_u16(cursor, &length))
			return false;
		frame->payload_len = length;
		frame->len_bytes = 2;
		return true;
	case LENGTH_64:
		frame->len_bytes = 8;
		return ws_take_u64(cursor, &frame->payload_len);
	default:
		frame->payload_len = short_length;
		return true;
	}
}

size_t ws_frame_parse(struct ws_span in, struct ws_frame *ret)
{
	struct ws_cursor cursor = ws_cursor_of(in);
	struct ws_frame frame = {0};
	struct ws_span key;
	uint16_t first;

	if (!ws_take_u16(&cursor, &first))
		return 0;
	frame.fin = first >> 8 & BIT_FIN;
	frame.rsv = first >> 12 & 7;
	frame.opcode = first >> 8 & 0xf;
	frame.masked = first & BIT_MASKED;
	if (!take_length(&cursor, first & 0x7f, &frame))
		return 0;
	if (frame.masked) {
		if (!ws_take_span(&cursor, sizeof(frame.mask), &key))
			return 0;
		memcpy(frame.mask, key.data, sizeof(frame.mask));
	}
	frame.header_len = (uint8_t)(in.len - ws_cursor_left(&cursor));
	*ret = frame;
	return frame.header_len;
}

static size_t put_big_endian(uint8_t *out, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		out[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
	return bytes;
}

size_t ws_frame_write(const struct ws_frame *frame, uint8_t out[WS_FRAME_HEADER_MAX])
{
	uint8_t masked = frame->masked ? BIT_MASKED : 0;
	size_t len = 2;

	out[0] = (uint8_t)((frame->fin ? BIT_FIN : 0) | (frame->rsv & 7) << 4 | (frame->opcode & 0xf));
	if (frame->payload_len < LENGTH_16) {
		out[1] = masked | (uint8_t)frame->payload_len;
	} else if (frame->payload_len <= UINT16_MAX) {
		out[1] = masked | LENGTH_16;
		len += put_big_endian(out + len, frame->payload_len, 2);
	} else {
		out[1] = masked | LENGTH_64;
		len += put_big_endian(out + len, frame->payload_len, 8);
	}
	if (frame->masked) {
		memcpy(out + len, frame->mask, sizeof(frame->mask));
		len += sizeof(frame->mask);
	}
	return len;
}

const char *ws_opcode_name(uint8_t opcode)
{
	static const char *const names[16] = {
	    [WS_CONTINUATION] = "continuation",
	    [WS_TEXT] = "text",
	    [WS_BINARY] = "binary",
	    [WS_CLOSE] = "close",
	    [WS_PING] = "ping",
	    [WS_PONG] = "pong",
	};
	const char *name = names[opcode & 0xf];

	return name ? name : "reserved";
}
