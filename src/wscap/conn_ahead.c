#include "wscap/conn_ahead.h"

enum {
	LINE = 64, /* bytes that come at once */
	USER_LINES = 1,
};

static void fetch(const void *memory, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += LINE)
		__builtin_prefetch((const uint8_t *)memory + at);
}

static const struct conn *fetch_conn(const struct conn_slots *slots, uint64_t hash)
{
	const struct conn *conn = hash ? conn_slots_guess(slots, hash) : NULL;

	if (conn)
		fetch(conn, sizeof(*conn));
	return conn;
}

const struct conn *conn_ahead(struct conn_ahead *ahead, const struct conn_slots *slots, uint64_t hash)
{
	unsigned at = ahead->at++, conn_at = (at - AHEAD_CONN) % AHEAD_RING, user_at = (at - AHEAD_USER) % AHEAD_RING;
	const struct conn *conn = ahead->ring[user_at].conn;

	ahead->ring[at % AHEAD_RING].hash = hash;
	if (hash)
		conn_slots_prefetch(slots, hash);
	ahead->ring[conn_at].conn = fetch_conn(slots, ahead->ring[conn_at].hash);
	if (conn && conn->user)
		fetch(conn->user, USER_LINES * LINE);
	return conn;
}
