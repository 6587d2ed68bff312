#include "wschat/loop.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum {
	LOOP_EVENTS = 256, /* of one epoll_wait() */
};

struct loop {
	int epoll;
	struct watch wake; /* an eventfd: somebody posted, or wants us to stop */
	_Atomic(struct post *) posted;
	_Atomic bool stopping;
	int64_t now;
	struct wheel wheel;
	void (*end_of_turn)(void *context);
	void *context;
	/* what the kernel reported this turn, so that unwatch can take out what has not been told yet */
	struct epoll_event ready[LOOP_EVENTS];
	int ready_count, ready_at;
};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static uint32_t to_epoll(uint32_t wanted)
{
	return (wanted & LOOP_READ ? EPOLLIN | EPOLLRDHUP : 0u) | (wanted & LOOP_WRITE ? EPOLLOUT : 0u);
}

static uint32_t from_epoll(uint32_t events)
{
	return (events & EPOLLIN ? LOOP_READ : 0u) | (events & EPOLLOUT ? LOOP_WRITE : 0u) |
	       (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP) ? LOOP_HANGUP : 0u);
}

static void on_wake(struct watch *watch, uint32_t what)
{
	uint64_t count;

	(void)what;
	while (read(watch->fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

struct loop *loop_create(void (*end_of_turn)(void *context), void *context)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->end_of_turn = end_of_turn;
	loop->context = context;
	loop->now = clock_ms();
	wheel_init(&loop->wheel, loop->now);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = (struct watch){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .ready = on_wake};
	if (loop->epoll < 0 || loop->wake.fd < 0 || loop_watch(loop, &loop->wake, LOOP_READ) < 0) {
		loop_destroy(loop);
		return NULL;
	}
	return loop;
}

void loop_destroy(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->wake.fd >= 0)
		close(loop->wake.fd);
	if (loop->epoll >= 0)
		close(loop->epoll);
	free(loop);
}

static int control(struct loop *loop, int operation, struct watch *watch, uint32_t wanted)
{
	struct epoll_event event = {.events = to_epoll(wanted), .data.ptr = watch};

	if (epoll_ctl(loop->epoll, operation, watch->fd, &event) < 0)
		return -errno;
	watch->wanted = wanted;
	return 0;
}

int loop_watch(struct loop *loop, struct watch *watch, uint32_t wanted)
{
	return control(loop, EPOLL_CTL_ADD, watch, wanted);
}

int loop_rewatch(struct loop *loop, struct watch *watch, uint32_t wanted)
{
	return watch->wanted == wanted ? 0 : control(loop, EPOLL_CTL_MOD, watch, wanted);
}

void loop_unwatch(struct loop *loop, struct watch *watch)
{
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	for (int i = loop->ready_at; i < loop->ready_count; i++)
		if (loop->ready[i].data.ptr == watch)
			loop->ready[i].data.ptr = NULL;
}

void loop_timer_set(struct loop *loop, struct timer *timer, int64_t delay)
{
	wheel_set(&loop->wheel, timer, loop->now, delay);
}

void loop_timer_cancel(struct loop *loop, struct timer *timer)
{
	wheel_cancel(&loop->wheel, timer);
}

int64_t loop_now(const struct loop *loop)
{
	return loop->now;
}

static void wake(struct loop *loop)
{
	uint64_t one = 1;

	while (write(loop->wake.fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void loop_post(struct loop *loop, struct post *post)
{
	struct post *first = atomic_load_explicit(&loop->posted, memory_order_relaxed);

	do
		post->next = first;
	while (!atomic_compare_exchange_weak_explicit(&loop->posted, &first, post, memory_order_release,
						      memory_order_relaxed));
	if (!first)
		wake(loop); /* the others found one waiting, whose wake is on its way */
}

/* They were pushed on a stack: turned round, they arrive in the order of their posting. */
void loop_run_posts(struct loop *loop)
{
	struct post *stack = atomic_exchange_explicit(&loop->posted, NULL, memory_order_acquire);
	struct post *first = NULL;

	while (stack) {
		struct post *next = stack->next;

		stack->next = first;
		first = stack;
		stack = next;
	}
	while (first) {
		struct post *next = first->next;

		first->arrive(first);
		first = next;
	}
}

void loop_stop(struct loop *loop)
{
	atomic_store(&loop->stopping, true);
	wake(loop);
}

static void wait_ready(struct loop *loop)
{
	int64_t wait = wheel_wait(&loop->wheel, clock_ms());

	loop->ready_at = 0;
	loop->ready_count = epoll_wait(loop->epoll, loop->ready, LOOP_EVENTS, (int)wait);
	loop->now = clock_ms();
}

void loop_run(struct loop *loop)
{
	while (!atomic_load_explicit(&loop->stopping, memory_order_relaxed)) {
		wait_ready(loop);
		while (loop->ready_at < loop->ready_count) {
			struct epoll_event *event = &loop->ready[loop->ready_at++];
			struct watch *watch = event->data.ptr;

			if (watch)
				watch->ready(watch, from_epoll(event->events));
		}
		loop_run_posts(loop);
		wheel_run(&loop->wheel, loop->now);
		loop->end_of_turn(loop->context);
	}
}
