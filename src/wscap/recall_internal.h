/* What recall*.c share. */
#ifndef WSCAP_RECALL_INTERNAL_H
#define WSCAP_RECALL_INTERNAL_H

#include <assert.h>

#include "base/seldom.h"
#include "wscap/recall.h"
#include "wscap/recall_ring.h"

enum {
	/* of the table of connections; a power of two. Numbers follow each other, so that each has a bucket of its own
	 */
	RECALL_BUCKETS = RECALL_CONNS,
	RECALL_FRESH = 1024, /* one that became the newest so few others ago may stay where it is */
};

/* What was sent in a direction and waits for its ACK. A connection has one only while something waits: the one that was
 * given back last, which is near, is the next one's. When it is empty it begins anew with its first place, so that who
 * waits for one ACK at a time needs no other. */
struct recall_sent_ring {
	union {
		uint64_t first;                /* of counts of what left it */
		struct recall_sent_ring *next; /* of those that were given back */
	};
	uint64_t end; /* …and what came in */
	struct sent sent[RECALL_SENT];
};

/* Of one connection, both directions. */
struct recall_pings {
	struct {
		struct {
			uint64_t hash;
			int64_t time;
		} ping[RECALL_PINGS];
		uint64_t count; /* how many came ever */
	} dir[2];
};

struct recall_copies {
	uint64_t id;
	uint64_t packet;
	int64_t time;
	uint32_t count, acked;
	bool kept; /* says has a value */
	struct says says;
};

struct recall_value {
	uint64_t packet, conn;
	int64_t time;
	uint32_t uses; /* how many messages had it, as far as is remembered */
	uint16_t port;
	bool browser;
	struct label_text user;
};

struct recall {
	uint64_t seed;
	int64_t copy_window;
	struct memory *newest, *oldest;
	struct memory *spare;                /* those that were given back, by chain */
	struct recall_sent_ring *spare_ring; /* likewise */
	size_t conns;
	uint64_t turns; /* how often one became the newest */
	uint64_t last_id, copies_seen;
	struct memory *buckets[RECALL_BUCKETS];
	struct recall_ring copies_ring; /* by payload and server */
	struct recall_copies copies[RECALL_COPIES];
	struct recall_ring said_ring; /* by value, with its key, and server */
	struct recall_value said[RECALL_SAID];
};

static_assert((int)RECALL_COPIES == RING_PLACES && (int)RECALL_SAID == RING_PLACES, "both rings are as large");

static inline bool recall_within(int64_t then, int64_t now, int64_t window)
{
	return now >= then && recall_since(now, then) <= window;
}

#endif
