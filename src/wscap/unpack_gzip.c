/* gzip, RFC 1952, by zlib: one member after the other. */
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

#include "wscap/unpack.h"

enum {
	GZIP_ONLY = 16, /* added to the window bits: inflateInit2()'s word for a gzip header, and no other */
};

static void *gzip_create(void)
{
	z_stream *stream = calloc(1, sizeof(*stream));

	if (stream && inflateInit2(stream, GZIP_ONLY + MAX_WBITS) == Z_OK)
		return stream;
	free(stream);
	return NULL;
}

static void gzip_destroy(void *state)
{
	if (state)
		inflateEnd(state);
	free(state);
}

static enum unpack_result gzip_work(void *state, struct unpack_piece *piece)
{
	z_stream *stream = state;
	int status;

	stream->next_in = piece->in;
	stream->avail_in = (uInt)piece->in_len;
	stream->next_out = piece->out;
	stream->avail_out = (uInt)piece->out_len;
	status = inflate(stream, Z_NO_FLUSH);
	*piece = (struct unpack_piece){stream->next_in, stream->avail_in, stream->next_out, stream->avail_out};
	if (status == Z_STREAM_END)
		return inflateReset(stream) == Z_OK ? UNPACK_DONE : UNPACK_BAD;
	return status == Z_OK || status == Z_BUF_ERROR ? UNPACK_MORE : UNPACK_BAD;
}

const struct unpack_ops unpack_gzip = {
    .name = "gzip",
    .magic = {0x1f, 0x8b},
    .magic_len = 2,
    .create = gzip_create,
    .work = gzip_work,
    .destroy = gzip_destroy,
};
