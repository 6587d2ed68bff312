/* The sending half of permessage-deflate: RFC 7692, section 7.2.1. */
#define ZLIB_CONST /* zlib does not write to its input */
#include "ws/deflate.h"

#include <stdlib.h>
#include <zlib.h>

enum {
	MEM_LEVEL = 8,     /* zlib's own default */
	ZLIB_BITS_MIN = 9, /* zlib has no smaller window */
	OUT_STEP = 256,    /* bytes of room that are asked for when there is none */
	IN_STEP = 1 << 30, /* bytes that zlib is given at once: its counters have 32 bits */
	TAIL = 4,          /* 00 00 ff ff, which stays off the wire */
};

struct ws_deflate {
	z_stream z;
};

/* zlib looks back at most its window less 262 bytes: with 9 bits that is 250, and so within a window of 8 bits. */
struct ws_deflate *ws_deflate_create(uint8_t bits, int level)
{
	struct ws_deflate *deflate = calloc(1, sizeof(*deflate));
	int window = bits < ZLIB_BITS_MIN ? ZLIB_BITS_MIN : bits;

	if (!deflate)
		return NULL;
	if (deflateInit2(&deflate->z, level, Z_DEFLATED, -window, MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(deflate);
		return NULL;
	}
	return deflate;
}

void ws_deflate_destroy(struct ws_deflate *deflate)
{
	if (!deflate)
		return;
	deflateEnd(&deflate->z);
	free(deflate);
}

static int deflate_piece(z_stream *z, int flush, struct ws_buf *out)
{
	do {
		size_t room = out->max - out->len;
		int status = ws_buf_reserve(out, room && room < OUT_STEP ? room : OUT_STEP);

		if (status < 0)
			return status;
		room = (out->cap < out->max ? out->cap : out->max) - out->len;
		z->next_out = out->data + out->len;
		z->avail_out = (uInt)(room < IN_STEP ? room : IN_STEP);
		room = z->avail_out;
		deflate(z, flush); /* it only fails where there is nothing to do */
		out->len += room - z->avail_out;
	} while (!z->avail_out);
	return WS_OK;
}

static int deflate_all(z_stream *z, struct ws_span in, struct ws_buf *out)
{
	int status = WS_OK;

	while (in.len && status == WS_OK) {
		struct ws_span piece = ws_span_first(in, IN_STEP);

		in = ws_span_from(in, piece.len);
		z->next_in = piece.data;
		z->avail_in = (uInt)piece.len;
		status = deflate_piece(z, in.len ? Z_NO_FLUSH : Z_SYNC_FLUSH, out);
	}
	return status;
}

int ws_deflate_message(struct ws_deflate *deflate, struct ws_span in, bool takeover, struct ws_buf *out)
{
	size_t before = out->len;
	int status;

	if (!takeover)
		deflateReset(&deflate->z);
	if (!in.len) /* section 7.2.3.6; zlib does not flush where nothing has come */
		return ws_buf_append(out, ws_span_of("", 1));
	status = deflate_all(&deflate->z, in, out);
	if (status == WS_OK) {
		out->len -= TAIL;
		return WS_OK;
	}
	/* Whoever reads never sees this message: what comes next must not refer to it. */
	deflateReset(&deflate->z);
	out->len = before;
	return status;
}
