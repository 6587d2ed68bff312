/* The thread that owns the chat and its history, between the loops.
 *
 *     workers ─► inbox (commands, in batches) ─► chat ─► records ─► history commit ─► parcels ─► workers
 *
 * It takes all commands that wait (at most HUB_GROUP), carries them out, commits what was said as one group, and only
 * then hands each worker one batch of parcels. While it commits, the next group gathers: a slow disk makes larger
 * groups, not longer queues. When the group cannot be kept (full disk), nothing of it is delivered, its senders are
 * told, and the counter says so. */
#ifndef WSCHAT_HUB_H
#define WSCHAT_HUB_H

#include "ws/buf.h"
#include "wschat/chat.h"
#include "wschat/loop.h"

enum {
	HUB_GROUP = 1024,         /* commands of one group */
	HUB_INBOX_MAX = 64 << 20, /* bytes that wait for the hub: above it workers wait, and read no clients */
};

struct server;
struct hub;

/* How a frame of a room is wanted: by dialect, compressed or not. */
enum {
	VARIANT_COUNT = DIALECT_COUNT * 2,
};
static inline unsigned variant_of(enum dialect_id dialect, bool compressed)
{
	return (unsigned)dialect * 2 + compressed;
}
static inline enum dialect_id dialect_of(unsigned variant)
{
	return (enum dialect_id)(variant / 2);
}

/* What a worker is given. A batch is a run of these, each followed by len bytes. */
enum parcel_kind {
	PARCEL_ROOM,  /* whole frames for a room's tape of this variant */
	PARCEL_ONE,   /* JSON text of one message for one client: the worker frames (and compresses) it */
	PARCEL_ENTER, /* the client hears this room from now on */
	PARCEL_LEAVE,
	PARCEL_SPEAK, /* the client's login was refused: it speaks on as it did, in the dialect of this variant */
	PARCEL_CLOSE, /* close the client with this code; the bytes are the reason */
};
struct parcel {
	uint32_t kind;
	uint32_t len;
	uint32_t room;    /* ROOM, ENTER */
	uint16_t variant; /* ROOM, ENTER, SPEAK */
	uint16_t code;    /* CLOSE */
	uint32_t kept;    /* it may only go out when the group is in the history */
	client_id client;
};
struct batch {
	struct post post; /* arrives at the worker, who frees it */
	struct worker *worker;
	struct ws_buf parcels;
};

/* Opens the history, makes the chat. NULL with one sentence in error. */
struct hub *hub_create(struct server *server, char *error, size_t error_size);
int hub_start(struct hub *hub); /* the thread */
void hub_stop(struct hub *hub); /* carries out what waits, commits, ends the thread */
void hub_destroy(struct hub *hub);

/* From a worker's thread: copies the command into the worker's outgoing submission. 0 or -ENOMEM. */
int hub_submit(struct hub *hub, unsigned worker, const struct command *command);
/* …which is handed over once per turn. Waits while the inbox is above HUB_INBOX_MAX: the hub waits for no worker, and
 * is there for as long as workers are. */
void hub_submit_flush(struct hub *hub, unsigned worker);

struct loop *hub_loop(const struct hub *hub);

struct hub_stats {
	struct chat_stats chat;
	uint64_t groups, commands, commit_failures, dropped;
	uint64_t commit_microseconds;
};
void hub_stats(struct hub *hub, struct hub_stats *ret); /* a recent copy; any thread */

#endif
