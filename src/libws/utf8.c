#include "ws/utf8.h"

/* The state says what may come next: how many continuation bytes are missing (bits 0 to 7), and between which values
 * the next of them lies (from: bits 8 to 15, to: bits 16 to 23). RFC 3629, section 4, narrows only the first one, and
 * so keeps out overlong forms, surrogates and what lies above U+10FFFF. */
#define STATE(missing, from, to) ((uint32_t)(missing) | (uint32_t)(from) << 8 | (uint32_t)(to) << 16)

enum {
	STATE_START = 0,
	STATE_BAD = 0xff, /* 255 bytes are never missing */
};

static uint32_t after_lead(uint8_t byte)
{
	if (byte < 0x80)
		return STATE_START;
	if (byte < 0xc2)
		return STATE_BAD;
	if (byte < 0xe0)
		return STATE(1, 0x80, 0xbf);
	switch (byte) {
	case 0xe0:
		return STATE(2, 0xa0, 0xbf);
	case 0xed:
		return STATE(2, 0x80, 0x9f);
	case 0xf0:
		return STATE(3, 0x90, 0xbf);
	case 0xf4:
		return STATE(3, 0x80, 0x8f);
	default:
		if (byte < 0xf0)
			return STATE(2, 0x80, 0xbf);
		return byte < 0xf4 ? STATE(3, 0x80, 0xbf) : (uint32_t)STATE_BAD;
	}
}

static uint32_t after_continuation(uint32_t state, uint8_t byte)
{
	uint8_t missing = state & 0xff;

	if (byte < (state >> 8 & 0xff) || byte > (state >> 16 & 0xff))
		return STATE_BAD;
	return missing == 1 ? (uint32_t)STATE_START : STATE(missing - 1, 0x80, 0xbf);
}

/* Past the ASCII at the start, a word at a time. */
static const uint8_t *skip_ascii(const uint8_t *at, const uint8_t *end)
{
	uint64_t word[4];

	while ((size_t)(end - at) >= sizeof(word)) {
		memcpy(word, at, sizeof(word));
		if ((word[0] | word[1] | word[2] | word[3]) & UINT64_C(0x8080808080808080))
			break;
		at += sizeof(word);
	}
	while (at < end && *at < 0x80)
		at++;
	return at;
}

bool ws_utf8_feed(struct ws_utf8 *utf8, struct ws_span span)
{
	struct ws_cursor cursor = ws_cursor_of(span);
	uint32_t state = utf8->state;
	uint8_t byte;

	while (state != STATE_BAD) {
		if (state == STATE_START && cursor.at < cursor.end)
			cursor.at = skip_ascii(cursor.at, cursor.end);
		if (!ws_take_u8(&cursor, &byte))
			break;
		state = state == STATE_START ? after_lead(byte) : after_continuation(state, byte);
	}
	utf8->state = state;
	return state != STATE_BAD;
}

bool ws_utf8_good(const struct ws_utf8 *utf8)
{
	return utf8->state != STATE_BAD;
}

bool ws_utf8_complete(const struct ws_utf8 *utf8)
{
	return utf8->state == STATE_START;
}

bool ws_utf8_valid(struct ws_span span)
{
	struct ws_utf8 utf8 = {0};

	return ws_utf8_feed(&utf8, span) && ws_utf8_complete(&utf8);
}
