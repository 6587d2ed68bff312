/* What a room hears, as bytes, in order: the frames of one room and one variant (dialect, compressed or not) on one
 * loop.
 *
 *     frame ─► append (one copy per loop) ─► chunk ─► chunk ─► …
 *                                              ▲        ▲
 *                                     readers stand somewhere on it
 *
 * A room's members all hear the same bytes, so nothing is queued per receiver: each member is a reader, a place on the
 * tape, and sending is one call for everything between its place and the tape's end, however many messages that is. Who
 * keeps up shares the last chunk with everyone else. A chunk is freed when the last reader has left it; once everybody
 * has heard everything, it is written again from its beginning, so that a room whose members keep up costs one small
 * chunk for ever, and the same few cache lines.
 *
 * Belongs to one loop's thread: no lock, no atomic. */
#ifndef WSCHAT_TAPE_H
#define WSCHAT_TAPE_H

#include "ws/span.h"

enum {
	TAPE_CHUNK_FIRST = 512,    /* bytes; a quiet room needs no more */
	TAPE_CHUNK_MAX = 64 << 10, /* each chunk is twice as long as the one before, up to here, or as its frame */
};

struct tape_chunk;

struct tape {
	struct tape_chunk *last; /* NULL until the first append */
	uint64_t end;            /* bytes ever appended */
	uint32_t readers;        /* on it… */
	uint32_t at_end;         /* …and of them, those who have heard everything */
};

/* A place on a tape. Zeroes: not on any. */
struct tape_reader {
	struct tape_chunk *chunk;
	uint64_t at; /* bytes from the tape's beginning */
};

/* Appends a whole frame; never splits readers' view of order. 0 or -ENOMEM (nothing was appended). */
int tape_append(struct tape *tape, struct ws_span frame);

/* Puts the reader at the tape's end: it hears what comes from now on. 0 or -ENOMEM. */
int tape_join(struct tape *tape, struct tape_reader *reader);
void tape_leave(struct tape *tape, struct tape_reader *reader);

/* Up to max pieces between the reader and upto (at most the tape's end), for sendmsg(). Returns how many. The views
 * live until the reader is advanced. */
struct iovec;
size_t tape_view(const struct tape_reader *reader, uint64_t upto, struct iovec *ret, size_t max);

/* The reader has sent len more bytes. */
void tape_advance(struct tape *tape, struct tape_reader *reader, uint64_t len);

void tape_finish(struct tape *tape); /* drops the tape's own hold; chunks live on while somebody reads */

#endif
