/* Heads as they are, of HTTP/1.1: also those that libws turns down, as who takes part has to (RFC 9112), and that
 * others may have understood.
 *
 * A field may go on over several lines (obs-fold, section 5.2): it is read as everybody who takes it has to, each fold
 * as spaces. */
#include "wscap/decode_internal.h"

/* The head at the beginning of a text, in place. Returns whether there was a fold. */
static bool unfold(char *text, size_t len)
{
	char *end = text + len, *newline;
	bool folded = false;

	while ((newline = memchr(text, '\n', (size_t)(end - text))) && newline + 1 < end) {
		char *line = newline + 1;

		if (*line == ' ' || *line == '\t') {
			if (newline > text && newline[-1] == '\r')
				newline[-1] = ' ';
			*newline = *line = ' ';
			folded = true;
		} else if (*line == '\n' || *line == '\r') {
			break;
		}
		text = line;
	}
	return folded;
}

long decode_head_parse(struct decode *decode, struct ws_span in, struct ws_http_head *ret)
{
	struct ws_buf *copy = &decode->unfolded;
	long len = ws_http_head_parse(in, ret);

	decode->folded = false;
	if (len != WS_E_SYNTAX || !ws_http_head_plausible(in))
		return len;
	ws_buf_clear(copy);
	if (ws_buf_append(copy, ws_span_first(in, decode->limits.head)) != WS_OK ||
	    !unfold((char *)copy->data, copy->len))
		return len;
	len = ws_http_head_parse(ws_buf_span(copy), ret);
	decode->folded = len > 0;
	return len;
}

long decode_head_read(struct decode *decode, enum dir dir, struct ws_span in, struct decode_head *ret)
{
	ret->like = alike_find(decode->alike, dir, in);
	ret->head = ret->like ? &ret->like->head : &ret->own;
	if (!ret->like)
		return decode_head_parse(decode, in, &ret->own);
	decode->folded = false;
	return (long)in.len;
}

/* Up to the line that is empty, where it is there. */
static size_t head_len(struct ws_span in)
{
	const uint8_t *end = memmem(in.data, in.len, "\n\r\n", 3);

	return end ? (size_t)(end - in.data) + 3 : in.len;
}

size_t decode_head_lose(struct decode *decode, struct decode_conn *c, enum dir dir, struct ws_span in)
{
	if (c->stage == STAGE_OPENING) {
		decode_conn_open_unanswered(decode, c);
	} else {
		decode_stream_drop(c, dir);
		decode_stream_set(c, dir, STREAM_SEEK);
	}
	return head_len(in);
}
