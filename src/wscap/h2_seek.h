/* Where frames go on behind bytes that were not captured.
 *
 * Frames mostly begin where a piece (a segment, a TLS record) does: what stands there is weighed first (h2_weigh()).
 * Whoever sends without a pause has them anywhere, and longer than a piece: so each header that a piece has, and whose
 * frame does not end in it, is a candidate, and is followed to where the next one has to be. Three in a row are
 * believed. */
#ifndef WSCAP_H2_SEEK_H
#define WSCAP_H2_SEEK_H

#include "wscap/h2_frame.h"

enum {
	H2_CANDIDATES = 4, /* that are followed at once */
};

/* Zeroes are its beginning; and again, where more bytes are missing. */
struct h2_seek {
	struct h2_candidate {
		int64_t at;                  /* offset of its next header */
		uint8_t head[H2_HEADER_LEN]; /* what is there of it */
		uint8_t have;
		uint8_t headers; /* in a row, so far */
	} list[H2_CANDIDATES];
	uint8_t count;
};

/* Looks through the next piece, which stands at offset. Returns where in it a frame begins that can be trusted; in.len:
 * nowhere. */
size_t h2_seek(struct h2_seek *seek, int64_t offset, struct ws_span in);

#endif
