/* The receiving half of permessage-deflate: RFC 7692, section 7.2.2. */
#define ZLIB_CONST /* zlib does not write to its input */
#include "ws/deflate.h"

#include <stdlib.h>
#include <zlib.h>

enum {
	OUT_STEP = 1024,    /* bytes of room that are asked for when there is none */
	IN_STEP = 1 << 30,  /* bytes that zlib is given at once: its counters have 32 bits */
	BLOCK_BEGINS = 128, /* in z_stream.data_type: zlib stands between two blocks */
	BITS_LEFT = 31,     /* …and has so many bits of the last byte still to look at */
};

struct ws_inflate {
	z_stream z;
	size_t memory;
	bool begun; /* the message has had bytes */
	bool ended; /* what was looked at last is the end of a block with BFINAL */
};

static void *counted_alloc(void *opaque, unsigned count, unsigned size)
{
	struct ws_inflate *inflate = opaque;
	void *memory = calloc(count, size);

	if (memory)
		inflate->memory += (size_t)count * size;
	return memory;
}

static void counted_free(void *opaque, void *memory)
{
	(void)opaque;
	free(memory);
}

struct ws_inflate *ws_inflate_create(uint8_t bits)
{
	struct ws_inflate *inflate = calloc(1, sizeof(*inflate));

	if (!inflate)
		return NULL;
	inflate->memory = sizeof(*inflate);
	inflate->z.zalloc = counted_alloc;
	inflate->z.zfree = counted_free;
	inflate->z.opaque = inflate;
	if (inflateInit2(&inflate->z, -bits) != Z_OK) {
		free(inflate);
		return NULL;
	}
	return inflate;
}

void ws_inflate_destroy(struct ws_inflate *inflate)
{
	if (!inflate)
		return;
	inflateEnd(&inflate->z);
	free(inflate);
}

void ws_inflate_reset(struct ws_inflate *inflate)
{
	inflateReset(&inflate->z);
	inflate->begun = false;
	inflate->ended = false;
}

size_t ws_inflate_memory(const struct ws_inflate *inflate)
{
	return inflate ? inflate->memory : 0;
}

static enum ws_inflate_status inflate_failed(const struct ws_inflate *inflate, int status)
{
	if (status == Z_MEM_ERROR)
		return WS_INFLATE_MEMORY;
	/* zlib has one error code for all that can be wrong with the data, and a message for each. */
	if (inflate->z.msg && strcmp(inflate->z.msg, "invalid distance too far back") == 0)
		return WS_INFLATE_MISSING_CONTEXT;
	return WS_INFLATE_BAD;
}

/* One call of zlib. *ret_more: it may have more to say. When out is full to its maximum, one spare byte tells whether
 * there would be more. */
static enum ws_inflate_status inflate_some(struct ws_inflate *state, struct ws_buf *out, bool *ret_more)
{
	z_stream *z = &state->z;
	size_t cap = out->cap < out->max ? out->cap : out->max;
	bool full = out->len == out->max;
	uint8_t spare;
	uInt room;
	int status;

	if (!full && cap == out->len) {
		if (ws_buf_reserve(out, out->max - out->len < OUT_STEP ? out->max - out->len : OUT_STEP) < 0)
			return WS_INFLATE_MEMORY;
		cap = out->cap < out->max ? out->cap : out->max;
	}
	z->next_out = full ? &spare : out->data + out->len;
	z->avail_out = room = full ? 1 : (uInt)(cap - out->len < IN_STEP ? cap - out->len : IN_STEP);
	if (z->avail_in)
		state->ended = false;
	status = inflate(z, Z_SYNC_FLUSH);
	if (full && !z->avail_out)
		return WS_INFLATE_LIMIT;
	if (!full)
		out->len += room - z->avail_out;
	if (status == Z_STREAM_END) {
		/* Section 7.2.3.4: a block with BFINAL ends neither the message nor the context. */
		inflateResetKeep(z);
		state->ended = true;
	} else if (status != Z_OK && status != Z_BUF_ERROR) {
		return inflate_failed(state, status);
	}
	*ret_more = z->avail_in || !z->avail_out;
	return WS_INFLATE_DONE;
}

static enum ws_inflate_status inflate_all(struct ws_inflate *inflate, struct ws_span in, struct ws_buf *out)
{
	enum ws_inflate_status status = WS_INFLATE_DONE;
	bool more;

	while (in.len && status == WS_INFLATE_DONE) {
		struct ws_span piece = ws_span_first(in, IN_STEP);

		inflate->z.next_in = piece.data;
		inflate->z.avail_in = (uInt)piece.len;
		do {
			status = inflate_some(inflate, out, &more);
		} while (status == WS_INFLATE_DONE && more);
		in = ws_span_from(in, piece.len);
	}
	return status;
}

/* Section 7.2.2: the sender took 00 00 ff ff away. Behind it zlib must stand between two blocks, or the message was cut
 * short and the four bytes have been taken for something else. A message of no bytes at all is taken for an empty one,
 * and one that ends with a block with BFINAL for a whole one, though section 7.2.1 would have a 00 in both. */
static enum ws_inflate_status inflate_end(struct ws_inflate *inflate, struct ws_buf *out)
{
	static const uint8_t tail[] = {0x00, 0x00, 0xff, 0xff};
	bool ended = inflate->ended || !inflate->begun;
	size_t before = out->len;
	enum ws_inflate_status status;

	inflate->begun = false;
	inflate->ended = false;
	if (ended)
		return WS_INFLATE_DONE;
	status = inflate_all(inflate, ws_span_of(tail, sizeof(tail)), out);
	if (status == WS_INFLATE_DONE && (inflate->z.data_type & BLOCK_BEGINS) && !(inflate->z.data_type & BITS_LEFT))
		return WS_INFLATE_DONE;
	out->len = before;
	return status == WS_INFLATE_MEMORY ? status : WS_INFLATE_BAD;
}

enum ws_inflate_status ws_inflate_feed(struct ws_inflate *inflate, struct ws_span in, bool last, struct ws_buf *out)
{
	enum ws_inflate_status status = inflate_all(inflate, in, out);

	if (in.len)
		inflate->begun = true;
	return status == WS_INFLATE_DONE && last ? inflate_end(inflate, out) : status;
}
