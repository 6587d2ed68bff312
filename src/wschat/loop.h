/* One thread's turn-taking: descriptors that became ready, timers, and what other threads posted.
 *
 *     wait ─► ready descriptors ─► posts ─► timers ─► end of turn (send what waits) ─► wait
 *
 * epoll today; narrow enough that an io_uring loop can stand beside it. Everything but loop_post() and loop_stop()
 * belongs to the loop's thread. */
#ifndef WSCHAT_LOOP_H
#define WSCHAT_LOOP_H

#include <stdint.h>

#include "wschat/wheel.h"

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_HANGUP = 4, /* told, never asked for */
};

struct loop;

/* Embedded in whatever owns the descriptor. */
struct watch {
	int fd;
	uint32_t wanted; /* kept by the loop */
	void (*ready)(struct watch *watch, uint32_t what);
};

struct post {
	struct post *next; /* kept by the loop */
	void (*arrive)(struct post *post);
};

struct loop *loop_create(void (*end_of_turn)(void *context), void *context); /* NULL with errno */
void loop_destroy(struct loop *loop);

/* 0 or negative errno. The watch stays the caller's; it must be unwatched before its descriptor is closed. It is safe
 * to unwatch and free any watch from within ready(). wanted 0 keeps it without waking for it. */
int loop_watch(struct loop *loop, struct watch *watch, uint32_t wanted);
int loop_rewatch(struct loop *loop, struct watch *watch, uint32_t wanted);
void loop_unwatch(struct loop *loop, struct watch *watch);

void loop_timer_set(struct loop *loop, struct timer *timer, int64_t milliseconds_from_now);
void loop_timer_cancel(struct loop *loop, struct timer *timer);

int64_t loop_now(const struct loop *loop); /* monotonic milliseconds, read once per turn */

/* From any thread: post->arrive runs in the loop's. Wakes it at most once for however many. */
void loop_post(struct loop *loop, struct post *post);

/* Lets arrive what was posted behind loop_stop(), once the loop's thread has ended: each post is somebody's memory. */
void loop_run_posts(struct loop *loop);

void loop_run(struct loop *loop); /* until loop_stop */
void loop_stop(struct loop *loop);

#endif
