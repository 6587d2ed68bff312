/* A worker's inside, for client*.c, http*.c and worker*.c. */
#ifndef WSCHAT_WORKER_INTERNAL_H
#define WSCHAT_WORKER_INTERNAL_H

#include <pthread.h>
#include <sys/socket.h>

#include "base/map.h"
#include "ws/deflate.h"
#include "ws/handshake.h"
#include "wschat/burst.h"
#include "wschat/tape.h"
#include "wschat/worker.h"

enum {
	WORKER_RECEIVE = 64 << 10,     /* bytes of the one receive buffer */
	WORKER_READS = 4,              /* receives of one client in a turn: others want theirs too */
	WORKER_ACCEPTS = 64,           /* of one listener in a turn */
	WORKER_REQUEST_MAX = 16 << 10, /* bytes of a request's head: stops heads without end */
};

struct client;
struct local_room;

/* A client's place in a room on this worker. */
struct member {
	struct local_room *room; /* NULL: none */
	uint32_t place;
	uint16_t variant;
};

/* A room as this worker has it: for each variant a tape and who hears it. */
struct audience {
	struct tape tape;
	struct client **clients;
	uint32_t count, cap;
};
struct local_room {
	uint32_t number;
	uint32_t size;
	struct local_room *next_heard; /* of those that got something in this turn */
	bool heard;
	struct audience audiences[VARIANT_COUNT];
};

struct listener {
	struct watch watch; /* first */
	struct worker *worker;
	bool chat, shared;
};

struct worker {
	struct server *server;
	unsigned index;
	struct loop *loop;
	pthread_t thread;
	bool started, draining;
	struct post drain;
	struct timer drained;
	struct listener *listeners;
	size_t listener_count;
	int spare; /* a descriptor to give up when there are no more, so that a client can be refused rather than left
		      waiting */
	client_id next_id;
	struct client *clients; /* all */
	size_t client_count;
	struct map by_id;         /* WebSockets by client_id */
	struct map rooms;         /* local rooms by number */
	struct client *dirty;     /* with something of their own to send */
	struct local_room *heard; /* with something new on a tape */
	struct burst *burst;      /* what goes out in this turn; NULL: each send by itself */
	struct ws_buf scratch;    /* the decoders' */
	struct ws_buf arena;      /* commands' texts */
	struct ws_buf json, frame;
	struct ws_deflate *deflate;
	struct counters counters;
	uint8_t receive[WORKER_RECEIVE];
};

static inline void count(struct worker *worker, enum counter counter, uint64_t by)
{
	/* One writer: a plain add would do, but for the readers. */
	atomic_store_explicit(&worker->counters.at[counter],
			      atomic_load_explicit(&worker->counters.at[counter], memory_order_relaxed) + by,
			      memory_order_relaxed);
}

static inline const struct options *options_of(const struct worker *worker)
{
	return worker->server->options;
}

struct client *worker_find(const struct worker *worker, client_id id);
int worker_add(struct worker *worker, struct client *client); /* it became a WebSocket: it gets its id. 0 or -ENOMEM */
void worker_forget(struct worker *worker, struct client *client); /* …and goes */
void worker_mark_dirty(struct worker *worker, struct client *client);

/* listener.c */
int worker_listen(struct worker *worker, const struct listening *listening, size_t count_of);
void worker_stop_listening(struct worker *worker);

/* worker_rooms.c */
void worker_enter_room(struct worker *worker, struct client *client, uint32_t room, uint16_t variant);
void worker_leave_room(struct worker *worker, struct client *client);
void worker_room_frame(struct worker *worker, uint32_t room, uint16_t variant, struct ws_span frame);
void worker_flush_rooms(struct worker *worker);
void worker_rooms_finish(struct worker *worker);

#endif
