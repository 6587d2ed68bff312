/* Connections in the order of their last packets: the oldest is the one to expire, or to give up. Open and closed ones
 * stand in two lists.
 *
 * The order is kept to a second only: moving a connection in its list touches three others, which is most of the time
 * that a packet takes when there are a million of them. */
#ifndef WSCAP_CONN_LISTS_H
#define WSCAP_CONN_LISTS_H

#include "wscap/conn_internal.h"
#include "wscap/pool.h"

enum {
	LIST_UNIT_BITS = 20,                         /* 2^20 nanoseconds, of which 32 bits count 52 days */
	LIST_GRAIN = NSEC_PER_SEC >> LIST_UNIT_BITS, /* a second */
};

struct conn_list {
	struct conn *oldest, *newest;
};

struct conn_lists {
	const struct pool *pool; /* where they lie */
	struct conn_list open, closed;
	int64_t
	    look_at; /* nothing expires before; INT64_MIN where that is not known, as after a list has another oldest */
};

void conn_lists_init(struct conn_lists *lists, const struct pool *pool);

/* Behind all others of the list that it belongs to: conn->closed says which. */
void conn_lists_add(struct conn_lists *lists, struct conn *conn);

/* Out of the list that it is in. */
void conn_lists_remove(struct conn_lists *lists, struct conn *conn);

/* Behind all others again: it had a packet now. */
void conn_lists_move(struct conn_lists *lists, struct conn *conn, int64_t now);

/* The next one of its list; NULL behind the newest. */
struct conn *conn_lists_newer(const struct conn_lists *lists, const struct conn *conn);

/* It will have a packet soon: what moving it will touch is fetched meanwhile. */
void conn_lists_fetch(const struct conn_lists *lists, const struct conn *conn, int64_t now);

/* As conn->listed has it. */
static inline uint32_t conn_lists_time(int64_t now)
{
	return (uint32_t)(now >> LIST_UNIT_BITS);
}

/* Is its place too old, if it has a packet now? Also where time has gone back. */
static inline bool conn_lists_is_old(const struct conn *conn, int64_t now)
{
	return conn_lists_time(now) - conn->listed >= LIST_GRAIN;
}

/* It had a packet now. */
static inline void conn_lists_touch(struct conn_lists *lists, struct conn *conn, int64_t now)
{
	if (conn_lists_is_old(conn, now))
		conn_lists_move(lists, conn, now);
}

#endif
