/* A room: who is in it, how many of each kind, so that a message is encoded once for each kind that is there, and how
 * many with each worker, so that it is handed to those alone that have somebody to tell. */
#ifndef WSCHAT_ROOM_H
#define WSCHAT_ROOM_H

#include "wschat/chat.h"

/* A worker with people of a room. */
struct room_worker {
	uint32_t worker; /* its index */
	uint32_t size;   /* how many; never 0 */
};

struct room {
	uint32_t number;     /* no other room has had it */
	struct ws_span name; /* owned */
	uint64_t hash;       /* of its name */
	struct person **persons;
	size_t size, cap;
	size_t variants[DIALECT_COUNT][2]; /* by dialect, and compressed or not */
	struct room_worker *workers;
	uint32_t worker_count, worker_cap;
};

/* NULL when out of memory. */
struct room *room_create(uint32_t number, struct ws_span name, uint64_t hash);
void room_destroy(struct room *room); /* the persons stay the caller's */

/* 0 or -ENOMEM. person->place is kept by the room. */
int room_enter(struct room *room, struct person *person);
void room_leave(struct room *room, struct person *person);

#endif
