/* Text on its way out: one large buffer in front of a file descriptor, written in large pieces.
 *
 * Formatting is where the time goes, so each shape has a routine of its own here and nothing goes through printf.
 * A failed write is remembered, and everything after it is dropped: the program looks at out_error() once per packet.
 * A closed pipe (EPIPE) is such an error too; who reads it decides that it is none. */
#ifndef BASE_OUT_H
#define BASE_OUT_H

#include "base/seldom.h"
#include "ws/span.h"

enum {
	OUT_SIZE = 256 * 1024,   /* of the buffer; a longer text goes through in pieces */
	OUT_HELD = OUT_SIZE / 4, /* bytes of it that are free where it begins to be held */
	OUT_STEP = OUT_SIZE / 4, /* where it is full, it is written up to a multiple of this, counted from its start */
	OUT_REST = OUT_SIZE / 16 /* room for what waits then */
};

struct out {
	char *text;
	size_t len;
	size_t cap;
	uint64_t written; /* bytes so far */
	int fd;           /* -1: it only gathers, growing; for tests and for text that is put elsewhere */
	bool held;        /* it gathers for now */
	int error;        /* errno of the first failed write or allocation, or 0 */
};

/* Returns 0 or -ENOMEM. fd stays the caller's. */
int out_init(struct out *out, int fd);
void out_finish(struct out *out); /* frees; does not flush */

/* Puts a large text behind what waits without copying it, and writes both. Returns as out_flush(). */
int out_through(struct out *out, const char *data, size_t len);

/* The same with so much of it that what is written ends at a round place, if that is not too little: more will come.
 * Returns how many bytes that is. */
size_t out_through_most(struct out *out, const char *data, size_t len);

/* Writes all that waits. Returns 0 or the negative errno that is remembered. */
int out_flush(struct out *out);

/* From here to out_release() nothing is written: what was put stays where it is, to be looked at and moved. The buffer
 * grows where it has to, and stays as large: hold it only over what has a limit. */
void out_hold(struct out *out);

static inline void out_release(struct out *out)
{
	out->held = false;
}

/* Does what was put stay? */
static inline bool out_gathers(const struct out *out)
{
	return out->fd < 0 || out->held;
}

static inline int out_error(const struct out *out)
{
	return out->error;
}

SELDOM char *out_make_room(struct out *out, size_t len);               /* out_room() where there is none yet */
SELDOM void out_pieces(struct out *out, const char *data, size_t len); /* out_bytes() where it does not fit */

/* Makes room for len more bytes and returns where they go, or NULL (with the error set) where they cannot:
 * len is at most OUT_SIZE. Follow with out_advance(). */
static inline char *out_room(struct out *out, size_t len)
{
	return out->cap - out->len >= len ? out->text + out->len : out_make_room(out, len);
}

static inline void out_advance(struct out *out, size_t len)
{
	out->len += len;
}

/* data may be NULL where len is 0, as in an empty span. */
static inline void out_bytes(struct out *out, const void *data, size_t len)
{
	if (out->cap - out->len > len) {
		if (len)
			/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): there is text where there is cap */
			memcpy(out->text + out->len, data, len);
		out->len += len;
	} else {
		out_pieces(out, data, len);
	}
}

static inline void out_char(struct out *out, char c)
{
	out_bytes(out, &c, 1);
}

static inline void out_str(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}

void out_repeat(struct out *out, char c, size_t count);
#define out_lit(out, literal) out_bytes((out), "" literal, sizeof(literal) - 1)

void out_u64(struct out *out, uint64_t value);
void out_i64(struct out *out, int64_t value);
void out_u64_padded(struct out *out, uint64_t value, unsigned width, char pad); /* at least width digits */
void out_hex(struct out *out, uint64_t value, unsigned width);                  /* lower case, at least width digits */

/* For what is rare: errors, statistics. At most 1,024 bytes are printed. */
void out_printf(struct out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
