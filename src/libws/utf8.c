#include "ws/utf8.h"

#include "libws/block.h"

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

#define HIGH_BITS UINT64_C(0x8080808080808080)

static uint64_t word_at(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Past the ASCII at the start, words at a time; the last one ends where the bytes do, and begins among what was seen.
 */
static const uint8_t *skip_ascii(const uint8_t *at, const uint8_t *end)
{
	enum {
		WORD = sizeof(uint64_t),
	};
	const uint8_t *begin = at;

	while (end - at >= 4 * WORD) {
		if ((word_at(at) | word_at(at + WORD) | word_at(at + 2 * WORD) | word_at(at + 3 * WORD)) & HIGH_BITS)
			break;
		at += 4 * WORD;
	}
	for (; end - at >= WORD; at += WORD)
		if (word_at(at) & HIGH_BITS)
			break;
	if (end - at < WORD && end - begin >= WORD && !(word_at(end - WORD) & HIGH_BITS))
		return end;
	while (at < end && *at < 0x80)
		at++;
	return at;
}

static uint32_t four_at(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* How long the character is that four bytes begin with; 0: they are none of several bytes. RFC 3629, section 4. */
static unsigned character(uint32_t bytes)
{
	if ((bytes & 0xc0e0) == 0x80c0)
		return bytes & 0x1e ? 2 : 0;
	if ((bytes & 0xc0c0f0) == 0x8080e0)
		return (bytes & 0x200f) && (bytes & 0x200f) != 0x200d ? 3 : 0;
	if ((bytes & 0xc0c0c0f8) == 0x808080f0)
		return (bytes & 0x3007) && (!(bytes & 4) || !(bytes & 0x3003)) ? 4 : 0;
	return 0;
}

/* Past what is sound at the start, a character at a time, up to the last few bytes. */
static const uint8_t *skip_characters(const uint8_t *at, const uint8_t *end)
{
	while (end - at >= 4) {
		unsigned len = character(four_at(at));

		if (!len) {
			const uint8_t *ascii = skip_ascii(at, end);

			if (ascii == at)
				break;
			at = ascii;
		}
		at += len;
	}
	return at;
}

bool ws_utf8_feed_plain(struct ws_utf8 *utf8, struct ws_span span)
{
	struct ws_cursor cursor = ws_cursor_of(span);
	uint32_t state = utf8->state;
	uint8_t byte;

	while (state != STATE_BAD && ws_take_u8(&cursor, &byte))
		state = state == STATE_START ? after_lead(byte) : after_continuation(state, byte);
	utf8->state = state;
	return state != STATE_BAD;
}

bool ws_utf8_feed(struct ws_utf8 *utf8, struct ws_span span)
{
	struct ws_cursor cursor = ws_cursor_of(span);
	uint8_t byte;

	while (utf8->state != STATE_START && utf8->state != STATE_BAD && ws_take_u8(&cursor, &byte))
		utf8->state = after_continuation(utf8->state, byte);
	if (utf8->state == STATE_START && cursor.at < cursor.end)
		cursor.at = skip_characters(skip_ascii(cursor.at, cursor.end), cursor.end);
	return ws_utf8_feed_plain(utf8, ws_span_of(cursor.at, ws_cursor_left(&cursor)));
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

/* Of a block's length at least. The last block ends where the bytes do, and begins among what was seen. */
static inline bool is_ascii(struct ws_span span)
{
	const uint8_t *last = span.data + span.len - BLOCK;
	vector seen = vector_at(last) | vector_at(last + VECTOR);

	for (const uint8_t *at = span.data; at < last; at += BLOCK)
		seen |= vector_at(at) | vector_at(at + VECTOR);
	return vector_is_ascii(seen);
}

bool ws_utf8_valid_ascii(struct ws_span span)
{
	return (span.len >= BLOCK && is_ascii(span)) || ws_utf8_valid(span);
}
