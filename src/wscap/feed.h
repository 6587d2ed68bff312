/* The bytes of a capture file as they come: a window that moves over a file, a pipe, or what a compressed file holds.
 *
 * Files are read in large pieces into a window of our own and not mapped. Measured on warm pages, the walk over records
 * of 143 bytes is as fast this way (52 million a second; mapped 32 to 56), because the window stays in the processor's
 * cache; and a file that somebody cuts short meanwhile is an end, not a SIGBUS. Memory is the window's, whatever the
 * size of the file: what is left of the last piece moves to the front of the next, so that a record always lies in one
 * piece.
 *
 * The window grows when a record does not fit, but only as its bytes really come: a length that somebody made up
 * costs nothing. */
#ifndef WSCAP_FEED_H
#define WSCAP_FEED_H

#include <stdatomic.h>
#include <sys/types.h>

#include "ws/span.h"

enum {
	FEED_WINDOW = 512 * 1024, /* bytes read at once, */
	FEED_TURN = 512 * 1024,   /* or by turns: about as many are printed at once */
	FEED_MAX = 160 << 20,     /* bytes of a window that grew: libpcap knows packets of at most 128 MiB */
};

enum feed_step {
	FEED_READY,
	FEED_IDLE,  /* nothing came for a while; ask again */
	FEED_END,   /* fewer bytes are left than were asked for, and no more will come */
	FEED_ERROR, /* said in feed->error */
};

/* Gives up to size bytes: how many, 0 at the end, -EAGAIN when nothing came for a while, or another negative errno. */
typedef ssize_t feed_read(void *context, uint8_t *bytes, size_t size);

struct unpack;

/* A window of its own for each turn; zeroes are an empty one. */
struct feed_window {
	uint8_t *bytes; /* malloc()'s */
	size_t size;
	ssize_t got;  /* what was fetched, as feed_read has it */
	bool skipped; /* nothing was: there were bytes already */
};

struct feed {
	uint8_t *bytes; /* the window */
	size_t size;
	size_t at, end; /* of the bytes that are there and not yet taken */
	uint64_t start; /* the window's offset in the (unpacked) file */
	feed_read *read;
	void *context;
	struct unpack *unpack; /* NULL where the file is as it is */
	bool ended;
	struct feed_window *lent; /* in a turn: whose memory the window is, */
	struct feed_window own;   /* and what it was before */
	bool full;                /* all of a turn's window was given */
	bool fetching, fetched;   /* something; all. feed_fetch()'s own */
	_Atomic size_t piece;     /* bytes to be fetched at once */
	char error[160];
};

/* Reads the first bytes, and finds out whether they are compressed (gzip, zstd, lz4: by their magic numbers). Returns
 * FEED_READY, also for an empty file, FEED_IDLE (call again), or FEED_ERROR. Whatever it returns, finish it. */
void feed_init(struct feed *feed, feed_read *read, void *context);
enum feed_step feed_begin(struct feed *feed);
void feed_finish(struct feed *feed);

/* Reads until len bytes are there. What feed_left() gave before is no longer valid. */
enum feed_step feed_want(struct feed *feed, size_t len);

/* Reading by turns, so that several threads can look at what was read, each at its own window of it:
 *
 *     feed_fetch(window)  reads the next piece of the file into it: in the order of the turns, one at a time, and
 * beside whoever has the turn before feed_turn(window)   from here on the feed gives what was left, and then this
 * piece. Where it is at its end feed_want() returns FEED_IDLE, and feed->full says why feed_leave()        the turn is
 * over: another window's may begin, and what was given of this one stays where it is until feed_fetch() is called with
 * it again
 *
 * The window is the caller's, as are its bytes. feed_turn() and feed_leave() return 0, or -ENOMEM, when nothing may be
 * read any more. */
void feed_fetch(struct feed *feed, struct feed_window *window);
int feed_turn(struct feed *feed, struct feed_window *window);
int feed_leave(struct feed *feed);

/* What is there; valid until the next feed_want(). */
static inline struct ws_span feed_left(const struct feed *feed)
{
	return ws_span_of(feed->bytes + feed->at, feed->end - feed->at);
}

/* Bytes of what is there, to be changed in place. */
static inline uint8_t *feed_own(const struct feed *feed, struct ws_span bytes)
{
	return feed->bytes + (bytes.data - feed->bytes);
}

/* Goes on by len bytes, which must be there. */
static inline void feed_skip(struct feed *feed, size_t len)
{
	feed->at += len;
}

/* Where in the (unpacked) file the next byte stands. */
static inline uint64_t feed_offset(const struct feed *feed)
{
	return feed->start + feed->at;
}

#endif
