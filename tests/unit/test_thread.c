/* A thread that begins on another core may go on wherever the one that started it may; and with one core there is
 * nowhere to go. */
#include "test.h"

#include <sched.h>
#include <semaphore.h>
#include <signal.h>

#include "base/thread.h"

struct seen {
	sem_t go;
	cpu_set_t cores;
	sigset_t blocked;
};

static void *look(void *context)
{
	struct seen *seen = context;

	while (sem_wait(&seen->go) != 0)
		;
	sched_getaffinity(0, sizeof(seen->cores), &seen->cores);
	pthread_sigmask(SIG_SETMASK, NULL, &seen->blocked);
	return seen;
}

static void start_and_compare(void)
{
	struct seen seen;
	cpu_set_t cores;
	pthread_t thread;
	void *ret;

	CPU_ZERO(&seen.cores);
	sem_init(&seen.go, 0, 0);
	assert_int_equal(sched_getaffinity(0, sizeof(cores), &cores), 0);
	assert_int_equal(thread_start_beside(&thread, look, &seen), 0);
	sem_post(&seen.go);
	assert_int_equal(pthread_join(thread, &ret), 0);
	assert_ptr_equal(ret, &seen);
	assert_true(CPU_EQUAL(&seen.cores, &cores));
	assert_true(sigismember(&seen.blocked, SIGINT));
	sem_destroy(&seen.go);
}

static void on_all_cores(void **state)
{
	(void)state;
	start_and_compare();
}

static void on_one_core(void **state)
{
	cpu_set_t all, one;
	int core = sched_getcpu();

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	CPU_SET((size_t)core, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	start_and_compare();
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(on_all_cores),
	    cmocka_unit_test(on_one_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
