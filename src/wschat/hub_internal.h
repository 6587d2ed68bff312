/* What hub.c (the thread), hub_inbox.c (commands from the workers) and hub_group.c (deliveries to them) share. */
#ifndef WSCHAT_HUB_INTERNAL_H
#define WSCHAT_HUB_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "ws/deflate.h"
#include "ws/frame.h"
#include "wschat/hub.h"

enum {
	HUB_BATCH_MAX = 256 << 20, /* bytes of one batch for a worker: what does not fit is dropped and counted */
	HUB_GROUP_BYTES = 8 << 20, /* of deliveries, which end a group: in a full room each login has a long list */
	HUB_COMPRESS_MIN = 96,     /* bytes of JSON from which on compressing pays */
	HUB_COMPRESS_LEVEL = 5,
};

/* Commands of one worker's turn. */
struct submission {
	struct post post;
	struct submission *next;
	struct hub *hub;
	struct ws_buf commands;
};

/* Between the hub and one worker. */
struct hub_lane {
	struct submission *gathering; /* the worker's alone */
	struct ws_buf parcels;        /* the hub's alone */
};

struct hub {
	struct server *server;
	struct loop *loop;
	pthread_t thread;
	bool started, stopping;
	struct post stop;
	struct chat *chat;
	struct history *history;
	struct ws_deflate *deflate;
	struct submission *first, *last;
	_Atomic size_t inbox; /* bytes of commands that wait */
	pthread_mutex_t room_lock;
	pthread_cond_t room; /* the inbox is below HUB_INBOX_MAX again */
	int64_t now;
	/* the group under way */
	unsigned group_size;
	size_t group_bytes;          /* of its parcels */
	bool in_transaction, broken; /* broken: SQLite took back what was written; nothing of it can be kept */
	uint64_t first_number;       /* of what was said in it */
	enum dialect_id speaking;    /* how a refusal is told to who is nobody yet */
	struct ws_buf said;          /* who said something in it (struct said), for the case that it cannot be kept */
	struct ws_buf json, frame;
	size_t frame_begin; /* of the frame in its buffer */
	pthread_mutex_t stats_lock;
	struct hub_stats stats, published;
	unsigned lane_count;
	struct hub_lane lanes[];
};

/* hub_inbox.c */
bool hub_command_read(const struct submission *submission, size_t *at, struct command *ret);
void hub_carried_out(struct hub *hub, const struct submission *submission); /* its bytes do not wait any more */
void hub_submission_destroy(struct submission *submission);

/* hub_group.c */
struct chat_sink hub_chat_sink(struct hub *hub);
void hub_after_login(struct hub *hub, const struct command *command);
void hub_finish_group(struct hub *hub); /* commits, then hands the batches over */

#endif
