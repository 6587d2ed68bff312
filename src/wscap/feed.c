#include "wscap/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "wscap/unpack.h"

static enum feed_step fail(struct feed *feed, int error)
{
	if (feed->unpack && unpack_error(feed->unpack))
		snprintf(feed->error, sizeof(feed->error), "%s", unpack_error(feed->unpack));
	else
		snprintf(feed->error, sizeof(feed->error), "error reading dump file: %s", strerror(error));
	return FEED_ERROR;
}

void feed_init(struct feed *feed, feed_read *read, void *context)
{
	*feed = (struct feed){.read = read, .context = context};
}

void feed_finish(struct feed *feed)
{
	unpack_destroy(feed->unpack);
	if (!feed->lent)
		free(feed->bytes);
	feed->unpack = NULL;
	feed->bytes = NULL;
}

/* What is left moves to the front. */
static void move(struct feed *feed)
{
	memmove(feed->bytes, feed->bytes + feed->at, feed->end - feed->at);
	feed->start += feed->at;
	feed->end -= feed->at;
	feed->at = 0;
}

/* Room behind what is there: at the front of the window, or in a larger one. */
static bool make_room(struct feed *feed)
{
	uint8_t *bytes;
	size_t size;

	if (feed->at && !feed->lent)
		move(feed);
	if (feed->end < feed->size)
		return true;
	size = feed->size ? feed->size * 2 : FEED_WINDOW;
	if (size > FEED_MAX)
		size = FEED_MAX;
	if (size == feed->size || !(bytes = realloc(feed->bytes, size)))
		return false;
	feed->bytes = bytes;
	feed->size = size;
	if (feed->lent)
		*feed->lent = (struct feed_window){.bytes = bytes, .size = size};
	return true;
}

/* Has all of a window that was lent been given? One of which nothing was given yet may grow. */
static bool is_full(const struct feed *feed)
{
	return feed->lent && feed->at && feed->end == feed->size;
}

/* Memory for at least len bytes more than the usual piece. */
static bool make_window(struct feed_window *window, size_t len)
{
	size_t size = len + FEED_TURN / 2 > FEED_TURN ? len + FEED_TURN / 2 : FEED_TURN;

	if (window->size == size)
		return true;
	free(window->bytes);
	window->bytes = malloc(size);
	window->size = window->bytes ? size : 0;
	return window->bytes;
}

int feed_turn(struct feed *feed, struct feed_window *window)
{
	struct ws_span left = feed_left(feed);

	feed->full = false;
	if (feed->lent == window) {
		move(feed);
		return 0;
	}
	if (!make_window(window, left.len))
		return -ENOMEM;
	if (left.len)
		memcpy(window->bytes, left.data, left.len);
	if (!feed->lent)
		free(feed->bytes);
	feed->start += feed->at;
	feed->at = 0;
	feed->end = left.len;
	feed->lent = window;
	feed->bytes = window->bytes;
	feed->size = window->size;
	return 0;
}

/* One read, into the room that there is. */
static enum feed_step read_piece(struct feed *feed)
{
	uint8_t *room;
	size_t size;
	ssize_t len;

	if (!make_room(feed))
		return fail(feed, ENOMEM);
	room = feed->bytes + feed->end;
	size = feed->size - feed->end;
	len = feed->unpack ? unpack_read(feed->unpack, room, size) : feed->read(feed->context, room, size);
	if (len == -EAGAIN)
		return FEED_IDLE;
	if (len < 0)
		return fail(feed, (int)-len);
	feed->end += (size_t)len;
	feed->ended = len == 0;
	return len ? FEED_READY : FEED_END;
}

enum feed_step feed_want(struct feed *feed, size_t len)
{
	while (feed->end - feed->at < len) {
		enum feed_step step;

		feed->full = !feed->ended && is_full(feed);
		if (feed->full)
			return FEED_IDLE;
		step = feed->ended ? FEED_END : read_piece(feed);

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
		return fail(feed, ENOMEM);
	feed->bytes = NULL;
	feed->size = feed->at = feed->end = 0;
	feed->ended = false;
	return FEED_READY;
}
