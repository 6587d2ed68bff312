#include "wscap/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "wscap/feed_internal.h"
#include "wscap/unpack.h"

enum feed_step feed_fail(struct feed *feed, int error)
{
	if (feed->unpack && unpack_error(feed->unpack))
		snprintf(feed->error, sizeof(feed->error), "%s", unpack_error(feed->unpack));
	else
		snprintf(feed->error, sizeof(feed->error), "error reading dump file: %s", strerror(error));
	return FEED_ERROR;
}

void feed_init(struct feed *feed, feed_read *read, void *context)
{
	*feed = (struct feed){.read = read, .context = context, .piece = FEED_TURN};
}

void feed_finish(struct feed *feed)
{
	unpack_destroy(feed->unpack);
	free(feed->lent ? feed->own.bytes : feed->bytes);
	feed->unpack = NULL;
	feed->bytes = NULL;
}

/* Room behind what is there: at the front of the window, or in a larger one. */
static bool make_room(struct feed *feed)
{
	uint8_t *bytes;
	size_t size;

	if (feed->at) {
		memmove(feed->bytes, feed->bytes + feed->at, feed->end - feed->at);
		feed->start += feed->at;
		feed->end -= feed->at;
		feed->at = 0;
	}
	if (feed->end < feed->size)
		return true;
	size = feed->size ? feed->size * 2 : FEED_WINDOW;
	if (size > FEED_MAX)
		size = FEED_MAX;
	if (size == feed->size || !(bytes = realloc(feed->bytes, size)))
		return false;
	feed->bytes = bytes;
	feed->size = size;
	return true;
}

ssize_t feed_read_some(struct feed *feed, uint8_t *bytes, size_t size)
{
	return feed->unpack ? unpack_read(feed->unpack, bytes, size) : feed->read(feed->context, bytes, size);
}

/* One read, into the room that there is. */
static enum feed_step read_piece(struct feed *feed)
{
	ssize_t len;

	if (!make_room(feed))
		return feed_fail(feed, ENOMEM);
	len = feed_read_some(feed, feed->bytes + feed->end, feed->size - feed->end);
	if (len == -EAGAIN)
		return FEED_IDLE;
	if (len < 0)
		return feed_fail(feed, (int)-len);
	feed->end += (size_t)len;
	feed->ended = len == 0;
	return len ? FEED_READY : FEED_END;
}

enum feed_step feed_want(struct feed *feed, size_t len)
{
	while (feed->end - feed->at < len) {
		enum feed_step step;

		if (feed->ended)
			return FEED_END;
		step = feed->lent ? feed_want_turn(feed) : read_piece(feed);
		if (step != FEED_READY)
			return step;
	}
	return FEED_READY;
}

enum feed_step feed_begin(struct feed *feed)
{
	const struct unpack_ops *ops;
	size_t wants = UNPACK_MAGIC;
	enum feed_step step;

	do {
		step = feed_want(feed, wants);
		if (step == FEED_IDLE || step == FEED_ERROR)
			return step;
		ops = unpack_find(feed_left(feed), &wants);
	} while (!ops && step == FEED_READY && wants > feed_left(feed).len);
	if (!ops)
		return FEED_READY;
	/* What was read is its first piece; the window begins again with what comes out of it. */
	feed->unpack = unpack_create(ops, feed->read, feed->context, feed->bytes, feed->end);
	if (!feed->unpack)
		return feed_fail(feed, ENOMEM);
	feed->bytes = NULL;
	feed->size = feed->at = feed->end = 0;
	feed->ended = false;
	return FEED_READY;
}
