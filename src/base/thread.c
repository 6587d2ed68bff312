#include "base/thread.h"

#include <sched.h>
#include <signal.h>

int thread_start(pthread_t *ret, void *(*run)(void *context), void *context)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(ret, NULL, run, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

/* What fails here leaves the thread where it is. */
static void move_away(pthread_t thread)
{
	int core = sched_getcpu();
	cpu_set_t all, others;

	if (core < 0 || sched_getaffinity(0, sizeof(all), &all) != 0)
		return;
	others = all;
	CPU_CLR((size_t)core, &others);
	if (CPU_COUNT(&others) && pthread_setaffinity_np(thread, sizeof(others), &others) == 0)
		pthread_setaffinity_np(thread, sizeof(all), &all);
}

int thread_start_beside(pthread_t *ret, void *(*run)(void *context), void *context)
{
	int failed = thread_start(ret, run, context);

	if (!failed)
		move_away(*ret);
	return failed;
}
