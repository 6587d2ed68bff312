/* gzip, RFC 1952, by zlib: one member after the other. */
#include <stdbool.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

#include "wscap/unpack.h"

enum {
	GZIP_ONLY = 16, /* added to the window bits: inflateInit2()'s word for a gzip header, and no other */
};

struct gzip {
	z_stream stream;
	bool between; /* members: what stands here begins another one, or is padding */
};

static void *gzip_create(void)
{
	struct gzip *gzip = calloc(1, sizeof(*gzip));

	if (gzip && inflateInit2(&gzip->stream, GZIP_ONLY + MAX_WBITS) == Z_OK)
		return gzip;
	free(gzip);
	return NULL;
}

static void gzip_destroy(void *state)
{
	struct gzip *gzip = state;

	if (gzip)
		inflateEnd(&gzip->stream);
	free(gzip);
}

/* Zeroes behind a member are a tape's, or a disk's, that holds whole blocks: gzip(1) passes over them, too. */
static void pass_padding(struct unpack_piece *piece)
{
	while (piece->in_len && !*piece->in) {
		piece->in++;
		piece->in_len--;
	}
}

static enum unpack_result gzip_work(void *state, struct unpack_piece *piece)
{
	struct gzip *gzip = state;
	z_stream *stream = &gzip->stream;
	int status;

	if (gzip->between)
		pass_padding(piece);
	if (gzip->between && !piece->in_len)
		return UNPACK_DONE;
	gzip->between = false;
	stream->next_in = piece->in;
	stream->avail_in = (uInt)piece->in_len;
	stream->next_out = piece->out;
	stream->avail_out = (uInt)piece->out_len;
	status = inflate(stream, Z_NO_FLUSH);
	*piece = (struct unpack_piece){stream->next_in, stream->avail_in, stream->next_out, stream->avail_out};
	gzip->between = status == Z_STREAM_END;
	if (gzip->between)
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
