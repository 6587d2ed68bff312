/* Views of bytes. A span is borrowed memory; a cursor is a span that is being read.
 *
 * Bytes that came off a wire are never indexed: they are taken from a cursor, and each take checks what is left. */
#ifndef WS_SPAN_H
#define WS_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ws_span {
	const uint8_t *data;
	size_t len;
};

struct ws_cursor {
	const uint8_t *at;
	const uint8_t *end;
};

static inline struct ws_span ws_span_of(const void *data, size_t len)
{
	return (struct ws_span){.data = data, .len = len};
}

static inline struct ws_span ws_span_str(const char *text)
{
	return ws_span_of(text, strlen(text));
}

/* The part of span from offset on; empty when offset lies past its end. */
static inline struct ws_span ws_span_from(struct ws_span span, size_t offset)
{
	if (offset >= span.len)
		return ws_span_of(NULL, 0);
	return ws_span_of(span.data + offset, span.len - offset);
}

/* The first len bytes of span, or all of it where it is shorter. */
static inline struct ws_span ws_span_first(struct ws_span span, size_t len)
{
	return ws_span_of(span.data, len < span.len ? len : span.len);
}

static inline bool ws_span_equal(struct ws_span a, struct ws_span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline struct ws_cursor ws_cursor_of(struct ws_span span)
{
	return (struct ws_cursor){.at = span.data, .end = span.len ? span.data + span.len : span.data};
}

static inline size_t ws_cursor_left(const struct ws_cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

/* Each take returns false, and moves nothing, when fewer bytes are left than it wants. */

static inline bool ws_take_span(struct ws_cursor *cursor, size_t len, struct ws_span *ret)
{
	if (ws_cursor_left(cursor) < len)
		return false;
	*ret = ws_span_of(cursor->at, len);
	if (len)
		cursor->at += len;
	return true;
}

static inline bool ws_take_u8(struct ws_cursor *cursor, uint8_t *ret)
{
	if (ws_cursor_left(cursor) < 1)
		return false;
	*ret = *cursor->at++;
	return true;
}

static inline bool ws_take_u16(struct ws_cursor *cursor, uint16_t *ret)
{
	if (ws_cursor_left(cursor) < 2)
		return false;
	*ret = (uint16_t)(cursor->at[0] << 8 | cursor->at[1]);
	cursor->at += 2;
	return true;
}

static inline bool ws_take_u32(struct ws_cursor *cursor, uint32_t *ret)
{
	if (ws_cursor_left(cursor) < 4)
		return false;
	*ret = (uint32_t)cursor->at[0] << 24 | (uint32_t)cursor->at[1] << 16 | (uint32_t)cursor->at[2] << 8 |
	       cursor->at[3];
	cursor->at += 4;
	return true;
}

static inline bool ws_take_u64(struct ws_cursor *cursor, uint64_t *ret)
{
	struct ws_cursor at = *cursor;
	uint32_t high, low;

	if (!ws_take_u32(&at, &high) || !ws_take_u32(&at, &low))
		return false;
	*ret = (uint64_t)high << 32 | low;
	*cursor = at;
	return true;
}

#endif
