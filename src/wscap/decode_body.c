/* The content of HTTP/1.1 messages, which is passed over: RFC 9112, sections 6 and 7. */
#include "wscap/decode_internal.h"

enum {
	LINE_MAX_LEN = 4096, /* bytes of a chunk's size line, or of a trailer: stops lines that never end */
	CHUNK_DIGITS = 15,   /* of a chunk's size: more than anybody sends, and less than overflows */
};

/* Content-Length as one number; several that are equal may stand in a list (RFC 9110, section 8.6). */
static bool content_length(const struct ws_http_head *head, uint64_t *ret)
{
	struct ws_http_list list = {0};
	struct ws_span value;
	bool any = false;

	*ret = 0;
	while (ws_http_list_next(head, ws_http_name("Content-Length"), &list, &value)) {
		struct ws_cursor digits = ws_cursor_of(value);
		uint64_t len = 0;
		uint8_t digit;

		while (ws_take_u8(&digits, &digit)) {
			if (digit < '0' || digit > '9' || len > INT64_MAX / 20)
				return false;
			len = len * 10 + (uint64_t)(digit - '0');
		}
		if (any && len != *ret)
			return false;
		*ret = len;
		any = true;
	}
	return true;
}

/* Section 6.3: a status that has no content, whatever its fields say. */
static bool never_has_content(const struct ws_http_head *head)
{
	return head->is_response && (head->status < 200 || head->status == 204 || head->status == 304);
}

bool decode_body_begin(struct stream_pending *pending, const struct ws_http_head *head)
{
	bool length = ws_http_field_count(head, "Content-Length");

	pending->body = BODY_NONE;
	pending->body_left = 0;
	if (never_has_content(head))
		return true;
	if (ws_http_field_count(head, "Transfer-Encoding")) {
		pending->body = BODY_SIZE;
		return ws_http_list_has(head, "Transfer-Encoding", "chunked");
	}
	if (!content_length(head, &pending->body_left))
		return false;
	pending->body = pending->body_left ? BODY_LENGTH : BODY_NONE;
	return length || !head->is_response;
}

/* Section 7.1: hex digits, then perhaps extensions. False: it is none. */
static bool chunk_size(struct ws_span line, uint64_t *ret)
{
	struct ws_cursor at = ws_cursor_of(line);
	size_t digits = 0;
	uint8_t c;

	*ret = 0;
	while (ws_take_u8(&at, &c)) {
		uint8_t lower = c | 0x20;

		if (c >= '0' && c <= '9')
			*ret = *ret << 4 | (uint64_t)(c - '0');
		else if (lower >= 'a' && lower <= 'f')
			*ret = *ret << 4 | (uint64_t)(lower - 'a' + 10);
		else
			break;
		if (++digits > CHUNK_DIGITS)
			return false;
	}
	return digits;
}

static bool is_empty(struct ws_span line)
{
	return line.len == 1 || (line.len == 2 && line.data[0] == '\r');
}

/* A line with its end: of the size, behind a chunk, of the trailers. False: this is no chunked content. */
static bool take_line(struct stream_pending *pending, struct ws_span line)
{
	switch (pending->body) {
	case BODY_SIZE:
		if (!chunk_size(line, &pending->body_left))
			return false;
		pending->body = pending->body_left ? BODY_CHUNK : BODY_TRAILER;
		return true;
	case BODY_CHUNK_END:
		pending->body = BODY_SIZE;
		return is_empty(line);
	default:
		pending->body = is_empty(line) ? BODY_NONE : BODY_TRAILER;
		return true;
	}
}

/* Bytes of content were passed over. */
static void pass(struct stream_pending *pending, uint64_t len)
{
	pending->body_left -= len;
	if (!pending->body_left)
		pending->body = pending->body == BODY_CHUNK ? BODY_CHUNK_END : BODY_NONE;
}

/* Behind the content of a message stands the next one. */
static void end(struct decode_conn *c, enum dir dir)
{
	decode_stream_set(c, dir, dir == DIR_S2C && c->pending->earlier ? STREAM_EARLIER : STREAM_HEAD);
}

size_t decode_step_body(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in)
{
	struct stream_pending *pending = &c->pending->streams[dir];
	size_t taken;

	(void)decode;
	(void)offset;
	if (pending->body == BODY_LENGTH || pending->body == BODY_CHUNK) {
		taken = in.len < pending->body_left ? in.len : (size_t)pending->body_left;
		pass(pending, taken);
	} else {
		const uint8_t *newline = memchr(in.data, '\n', in.len);

		taken = newline ? (size_t)(newline - in.data) + 1 : 0;
		if (!newline && in.len <= LINE_MAX_LEN)
			return 0;
		c->gone = !newline || !take_line(pending, ws_span_first(in, taken));
	}
	if (pending->body == BODY_NONE)
		end(c, dir);
	return taken;
}

bool decode_body_gap(struct decode_conn *c, enum dir dir, uint64_t len)
{
	struct stream_pending *pending = &c->pending->streams[dir];

	if (c->streams[dir].state != STREAM_BODY || (pending->body != BODY_LENGTH && pending->body != BODY_CHUNK) ||
	    len > pending->body_left)
		return false;
	pass(pending, len);
	if (pending->body == BODY_NONE)
		end(c, dir);
	return true;
}
