/* Threads that wait for another one to get on, which takes microseconds.
 *
 * A thread that sleeps is woken late, and often on the processor of the one that wakes it, where the two then take
 * turns while another processor idles. So the first of those that wait stays awake for a while, and leaves its
 * processor to whoever else wants it; the others sleep, as it does in the end. */
#ifndef BASE_WAITERS_H
#define BASE_WAITERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	WAITERS_AWAKE_NS = 1000000, /* longer than what is usually waited for */
};

/* All of it under the lock that those who wait hold, but for the count. */
struct waiters {
	pthread_cond_t woken;
	_Atomic uint64_t wakes; /* so far */
	bool awake;             /* one of them is */
};

void waiters_init(struct waiters *waiters);
void waiters_finish(struct waiters *waiters);

/* Lets the lock go, and has it again when it returns: when they were woken, or, seldom, before that. */
void waiters_wait(struct waiters *waiters, pthread_mutex_t *lock);

/* Under the lock: wakes one of them; the one that is awake, if any. */
void waiters_wake(struct waiters *waiters);
void waiters_wake_all(struct waiters *waiters);

#endif
