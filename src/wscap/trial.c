#define ZLIB_CONST /* zlib does not write to its input */
#include "wscap/trial.h"

#include <zlib.h>

enum {
	WINDOW_BITS = 15,
	OUT_SIZE = 4096,
	OUT_MAX = 16 * OUT_SIZE, /* bytes that come out: what inflates to more costs more than it tells */
	TELLING = 2,             /* fewer bytes inflate by chance */
	BLOCK_BEGINS = 128,      /* in z_stream.data_type: zlib stands between two blocks */
};

static int feed(z_stream *z, struct ws_span bytes)
{
	uint8_t out[OUT_SIZE];
	int status = Z_OK;

	z->next_in = bytes.data;
	z->avail_in = (unsigned)bytes.len;
	do {
		z->next_out = out;
		z->avail_out = sizeof(out);
		status = inflate(z, Z_SYNC_FLUSH);
	} while (status == Z_OK && !z->avail_out && z->total_out < OUT_MAX);
	return status == Z_BUF_ERROR ? Z_OK : status;
}

/* The stream is new. */
static enum trial try(z_stream *z, struct ws_span begin, bool all)
{
	static const uint8_t zeroes[1 << WINDOW_BITS], tail[] = {0, 0, 0xff, 0xff};
	int status;

	if (inflateSetDictionary(z, zeroes, sizeof(zeroes)) != Z_OK)
		return TRIAL_UNKNOWN;
	status = feed(z, begin);
	if (status == Z_OK && all && !z->avail_in)
		status = feed(z, ws_span_of(tail, sizeof(tail)));
	if (status == Z_DATA_ERROR)
		return TRIAL_FAILS;
	if (status != Z_OK || z->avail_in || begin.len < TELLING)
		return TRIAL_UNKNOWN;
	if (all)
		return z->data_type & BLOCK_BEGINS ? TRIAL_SUCCEEDS : TRIAL_FAILS;
	return begin.len == TRIAL_LOOK ? TRIAL_SUCCEEDS : TRIAL_UNKNOWN;
}

enum trial trial_inflate(struct ws_span begin, bool all)
{
	z_stream z = {0};
	enum trial result;

	if (!begin.len || inflateInit2(&z, -WINDOW_BITS) != Z_OK)
		return TRIAL_UNKNOWN;
	result = try(&z, begin, all);
	inflateEnd(&z);
	return result;
}
