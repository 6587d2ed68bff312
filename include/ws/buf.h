/* Owned bytes that grow, up to a maximum that is named when the buffer is made. */
#ifndef WS_BUF_H
#define WS_BUF_H

#include "ws/error.h"
#include "ws/span.h"

struct ws_buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	size_t max; /* len never passes it */
};

/* Makes an empty buffer in the caller's storage. Allocates nothing. */
void ws_buf_init(struct ws_buf *buf, size_t max);

/* Frees what the buffer owns; it is empty afterwards, with the same maximum. NULL and zeroes are accepted. */
void ws_buf_finish(struct ws_buf *buf);

/* Makes room for len more bytes. WS_E_LIMIT past the maximum, WS_E_MEMORY; the content is untouched either way. */
int ws_buf_reserve(struct ws_buf *buf, size_t len);

/* How many bytes more of memory that would take; 0 also where it would fail for its maximum. */
size_t ws_buf_growth(const struct ws_buf *buf, size_t len);

/* Copies span to the end. WS_E_LIMIT or WS_E_MEMORY, and then nothing was appended. */
int ws_buf_append(struct ws_buf *buf, struct ws_span span);

/* Forgets the content and keeps the memory. */
static inline void ws_buf_clear(struct ws_buf *buf)
{
	buf->len = 0;
}

/* The content; valid until the buffer is next written. */
static inline struct ws_span ws_buf_span(const struct ws_buf *buf)
{
	return ws_span_of(buf->data, buf->len);
}

#endif
