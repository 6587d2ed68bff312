/* The LZ4 frame format, by liblz4: one frame after the other. */
#include <lz4frame.h>

#include "wscap/unpack.h"

static void *lz4_create(void)
{
	LZ4F_dctx *context = NULL;

	if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
		return NULL;
	return context;
}

static void lz4_destroy(void *state)
{
	LZ4F_freeDecompressionContext(state);
}

static enum unpack_result lz4_work(void *state, struct unpack_piece *piece)
{
	size_t in_len = piece->in_len, out_len = piece->out_len;
	size_t status = LZ4F_decompress(state, piece->out, &out_len, piece->in, &in_len, NULL);

	if (LZ4F_isError(status))
		return UNPACK_BAD;
	piece->in += in_len;
	piece->in_len -= in_len;
	piece->out += out_len;
	piece->out_len -= out_len;
	return status == 0 ? UNPACK_DONE : UNPACK_MORE;
}

const struct unpack_ops unpack_lz4 = {
    .name = "lz4",
    .magic = {0x04, 0x22, 0x4d, 0x18},
    .magic_len = 4,
    .skips = true,
    .create = lz4_create,
    .work = lz4_work,
    .destroy = lz4_destroy,
};
