/* Compressed files as a stream: gzip, zstd, lz4. Found by their magic numbers, one after the other in one file too.
 *
 * Memory is bounded by the formats' windows: 32 KiB for gzip, 8 MiB for lz4, and what zstd's own tool allows. */
#ifndef WSCAP_UNPACK_H
#define WSCAP_UNPACK_H

#include "wscap/feed.h"

enum {
	UNPACK_MAGIC = 4, /* bytes of the longest magic number */
	UNPACK_HEAD = 8,  /* bytes that unpack_find() wants to see, where a file has so many */
};

/* One piece of work: from in to out, both of which move on. */
enum unpack_result {
	UNPACK_MORE, /* it wants more input, or more room */
	UNPACK_DONE, /* a whole frame (gzip: member) ends here */
	UNPACK_BAD,
	UNPACK_TOO_LARGE, /* it asks for more memory than the format's limit */
};

struct unpack_piece {
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len;
};

struct unpack_ops {
	const char *name;
	uint8_t magic[UNPACK_MAGIC];
	size_t magic_len;
	bool skips;            /* frames that are there to be skipped may come before it */
	void *(*create)(void); /* NULL without memory */
	enum unpack_result (*work)(void *state, struct unpack_piece *piece);
	void (*destroy)(void *state); /* accepts NULL */
};

extern const struct unpack_ops unpack_gzip, unpack_zstd, unpack_lz4;

struct unpack;

/* The format that a file with these first bytes has, or NULL: then, if *ret_wants is more than there are, it may be
 * told by so many of them. */
const struct unpack_ops *unpack_find(struct ws_span first, size_t *ret_wants);

/* The name of a packing that a file with these first bytes has, and that is not read; or NULL. */
const char *unpack_unread(struct ws_span first);

/* bytes, len of them, were read already; they become unpack's to free where it succeeds. NULL without memory. */
struct unpack *unpack_create(const struct unpack_ops *ops, feed_read *read, void *context, uint8_t *bytes, size_t len);
void unpack_destroy(struct unpack *unpack);

/* As feed_read; what is wrong with the data is said in unpack_error(), NULL while nothing is. */
ssize_t unpack_read(struct unpack *unpack, uint8_t *bytes, size_t size);
const char *unpack_error(const struct unpack *unpack);

#endif
