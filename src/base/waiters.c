#include "base/waiters.h"

#include <sched.h>
#include <time.h>

void waiters_init(struct waiters *waiters)
{
	waiters->wakes = 0;
	waiters->awake = false;
	pthread_cond_init(&waiters->woken, NULL);
}

void waiters_finish(struct waiters *waiters)
{
	pthread_cond_destroy(&waiters->woken);
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void stay_awake(struct waiters *waiters, uint64_t wakes, pthread_mutex_t *lock)
{
	int64_t end = now() + WAITERS_AWAKE_NS;

	waiters->awake = true;
	pthread_mutex_unlock(lock);
	while (waiters->wakes == wakes && now() < end)
		sched_yield();
	pthread_mutex_lock(lock);
	waiters->awake = false;
}

void waiters_wait(struct waiters *waiters, pthread_mutex_t *lock)
{
	uint64_t wakes = waiters->wakes;

	if (!waiters->awake)
		stay_awake(waiters, wakes, lock);
	if (waiters->wakes == wakes)
		pthread_cond_wait(&waiters->woken, lock);
}

void waiters_wake(struct waiters *waiters)
{
	waiters->wakes++;
	if (!waiters->awake)
		pthread_cond_signal(&waiters->woken);
}

void waiters_wake_all(struct waiters *waiters)
{
	waiters->wakes++;
	pthread_cond_broadcast(&waiters->woken);
}
