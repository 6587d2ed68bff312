#include "ws/buf.h"

#include <stdlib.h>

enum {
	BUF_FIRST = 256, /* bytes of the first allocation */
};

void ws_buf_init(struct ws_buf *buf, size_t max)
{
	*buf = (struct ws_buf){.max = max};
}

void ws_buf_finish(struct ws_buf *buf)
{
	if (!buf)
		return;
	free(buf->data);
	ws_buf_init(buf, buf->max);
}

size_t ws_buf_growth(const struct ws_buf *buf, size_t len)
{
	size_t cap = buf->cap ? buf->cap : BUF_FIRST;

	if (len > buf->max - buf->len || buf->len + len <= buf->cap)
		return 0;
	while (cap < buf->len + len)
		cap = cap > buf->max / 2 ? buf->max : cap * 2;
	return cap - buf->cap;
}

int ws_buf_reserve(struct ws_buf *buf, size_t len)
{
	size_t growth = ws_buf_growth(buf, len);
	uint8_t *data;

	if (len > buf->max - buf->len)
		return WS_E_LIMIT;
	if (!growth)
		return WS_OK;
	data = realloc(buf->data, buf->cap + growth);
	if (!data)
		return WS_E_MEMORY;
	buf->data = data;
	buf->cap += growth;
	return WS_OK;
}

int ws_buf_append(struct ws_buf *buf, struct ws_span span)
{
	int status = ws_buf_reserve(buf, span.len);

	if (status < 0)
		return status;
	if (span.len)
		memcpy(buf->data + buf->len, span.data, span.len);
	buf->len += span.len;
	return WS_OK;
}
