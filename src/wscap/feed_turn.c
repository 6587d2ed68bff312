/* A feed that is read by turns.
 *
 *     a window: [ room, its end taken by what was left of the turn before | a piece, fetched ]
 *
 * Between turns what is left is in the feed's own memory, so that whose window it lay in may fetch into it again. */
#include <errno.h>
#include <stdlib.h>

#include "wscap/feed_internal.h"

enum {
	PAGE = 4096,
	/* Bytes: what is left is seldom more than a part of a packet. A piece of a file, which is read from the
	 * beginning of a page, must not go to one to thirty bytes behind that of another: there the kernel's copying
	 * takes half as long again or four times as long, as the processor takes what it reads for what it has just
	 * written. Where malloc() begins it is sixteen. */
	ROOM = (64 << 10) - 24,
	PIECE_MAX = 8 << 20, /* bytes fetched at once where a record is longer than a usual piece */
};

static bool make_window(struct feed_window *window, size_t size)
{
	void *bytes;

	if (window->size == size)
		return true;
	free(window->bytes);
	window->bytes = NULL;
	window->size = 0;
	if (posix_memalign(&bytes, PAGE, size) != 0)
		return false;
	window->bytes = bytes;
	window->size = size;
	return true;
}

void feed_fetch(struct feed *feed, struct feed_window *window)
{
	size_t piece = feed->piece;

	/* What came with the file's head is not to wait for more. */
	window->skipped = !feed->fetching && feed->end > feed->at;
	feed->fetching = true;
	if (!make_window(window, ROOM + piece))
		window->got = -ENOMEM;
	else if (feed->fetched || window->skipped)
		window->got = 0;
	else
		window->got = feed_read_some(feed, window->bytes + ROOM, piece);
	feed->fetched = window->got <= 0 && window->got != -EAGAIN && !window->skipped;
}

/* In a window of its own size, as more is left than there is room for. */
static bool join(struct feed_window *window, struct ws_span left, size_t got)
{
	uint8_t *bytes = left.len + got <= FEED_MAX ? malloc(left.len + got) : NULL;

	if (!bytes)
		return false;
	memcpy(bytes, left.data, left.len);
	if (got)
		memcpy(bytes + left.len, window->bytes + ROOM, got);
	free(window->bytes);
	window->bytes = bytes;
	window->size = left.len + got;
	return true;
}

int feed_turn(struct feed *feed, struct feed_window *window)
{
	struct ws_span left = feed_left(feed);
	size_t got = window->got > 0 ? (size_t)window->got : 0, begin = left.len <= ROOM ? ROOM - left.len : 0;

	if (!window->bytes || (left.len > ROOM && !join(window, left, got)))
		return -ENOMEM;
	if (left.len && left.len <= ROOM)
		memcpy(window->bytes + begin, left.data, left.len);
	feed->own = (struct feed_window){.bytes = feed->bytes, .size = feed->size};
	feed->lent = window;
	feed->full = false;
	feed->bytes = window->bytes;
	feed->size = window->size;
	feed->start += feed->at - begin;
	feed->at = begin;
	feed->end = begin + left.len + got;
	return 0;
}

enum feed_step feed_want_turn(struct feed *feed)
{
	ssize_t got = feed->lent->got;

	if (feed->lent->skipped) {
		feed->full = true;
		return FEED_IDLE;
	}
	if (got == 0) {
		feed->ended = true;
		return FEED_END;
	}
	if (got < 0 && got != -EAGAIN)
		return feed_fail(feed, (int)-got);
	feed->full = got > 0;
	feed->lent->got = 1; /* nothing came, and that was said */
	return FEED_IDLE;
}

int feed_leave(struct feed *feed)
{
	struct ws_span left = feed_left(feed);
	struct feed_window own = feed->own;

	if (!feed->lent)
		return 0;
	if (left.len > own.size) {
		uint8_t *bytes = realloc(own.bytes, left.len);

		if (!bytes)
			return -ENOMEM;
		own = (struct feed_window){.bytes = bytes, .size = left.len};
	}
	if (left.len)
		memcpy(own.bytes, left.data, left.len);
	feed->piece = left.len <= FEED_TURN ? FEED_TURN : left.len < PIECE_MAX ? left.len : PIECE_MAX;
	feed->lent = NULL;
	feed->own = (struct feed_window){0};
	feed->bytes = own.bytes;
	feed->size = own.size;
	feed->start += feed->at;
	feed->at = 0;
	feed->end = left.len;
	return 0;
}
