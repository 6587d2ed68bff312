/* Private to feed*.c. */
#ifndef WSCAP_FEED_INTERNAL_H
#define WSCAP_FEED_INTERNAL_H

#include "wscap/feed.h"

/* What is wrong, kept as the feed's error. Returns FEED_ERROR. */
enum feed_step feed_fail(struct feed *feed, int error);

/* The next bytes of the (unpacked) file; as feed_read. */
ssize_t feed_read_some(struct feed *feed, uint8_t *bytes, size_t size);

/* feed_want() where a turn's window does not have them. */
enum feed_step feed_want_turn(struct feed *feed);

#endif
