/* Zstandard, RFC 8878, by libzstd: one frame after the other. */
#include <zstd.h>
#include <zstd_errors.h>

#include "wscap/unpack.h"

enum {
	WINDOW_LOG_MAX = 27, /* 128 MiB: what the zstd tool itself reads without being asked to */
};

static void *zstd_create(void)
{
	ZSTD_DStream *stream = ZSTD_createDStream();

	if (stream && !ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
		return stream;
	ZSTD_freeDStream(stream);
	return NULL;
}

static void zstd_destroy(void *state)
{
	ZSTD_freeDStream(state);
}

static enum unpack_result zstd_work(void *state, struct unpack_piece *piece)
{
	ZSTD_inBuffer in = {.src = piece->in, .size = piece->in_len};
	ZSTD_outBuffer out = {.dst = piece->out, .size = piece->out_len};
	size_t status = ZSTD_decompressStream(state, &out, &in);

	piece->in += in.pos;
	piece->in_len -= in.pos;
	piece->out += out.pos;
	piece->out_len -= out.pos;
	if (ZSTD_isError(status))
		return ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge ? UNPACK_TOO_LARGE
											     : UNPACK_BAD;
	return status == 0 ? UNPACK_DONE : UNPACK_MORE;
}

const struct unpack_ops unpack_zstd = {
    .name = "zstd",
    .magic = {0x28, 0xb5, 0x2f, 0xfd},
    .magic_len = 4,
    .skips = true,
    .create = zstd_create,
    .work = zstd_work,
    .destroy = zstd_destroy,
};
