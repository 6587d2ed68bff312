/* One loop thread: its listeners, its clients, and the rooms that they hear.
 *
 *     listener ─► client (socket ↔ libws) ─► dialect ─► hub          in
 *     hub ─► batch ─► rooms' tapes, clients' queues ─► one send per client, at the end of the turn          out
 *
 * Nothing in it is shared but the counters and the two posts, to the hub and from it. */
#ifndef WSCHAT_WORKER_H
#define WSCHAT_WORKER_H

#include "wschat/hub.h"
#include "wschat/server.h"

/* index: its place in server->workers, and the upper 16 bits of its clients' ids. listeners: descriptors that are its
 * own (SO_REUSEPORT) or shared (socket activation); they are closed with it. NULL with one sentence in error. */
struct listening {
	int fd;
	bool chat; /* the WebSocket's port; else the page's, which has the WebSocket at /ws */
	bool shared;
};
struct worker *worker_create(struct server *server, unsigned index, const struct listening *listening, size_t count,
			     char *error, size_t error_size);
int worker_start(struct worker *worker); /* the thread; 0 or negative errno */

/* From the main thread. drain: no new connections, everybody is told to go (close code 1001). stop: the thread ends,
 * once all are gone or close_timeout has passed. */
void worker_drain(struct worker *worker);
void worker_stop(struct worker *worker);
void worker_destroy(struct worker *worker);

bool worker_has_burst(const struct worker *worker); /* does it send through io_uring? */
struct loop *worker_loop(const struct worker *worker);
struct counters *worker_counters(struct worker *worker);

/* Where the hub's batches arrive: loop_post(worker_loop(batch->worker), &batch->post). */
void worker_take_batch(struct post *post);

/* A table of its connections as JSON, for `wschat connections`: asked from any thread; done is called in the worker's.
 */
struct worker_report {
	struct post post;
	struct worker *worker;
	struct ws_buf text;
	void (*done)(struct worker_report *report);
	void *context;
};
void worker_ask_report(struct worker_report *report);

#endif
