/* Threads that help another one. POSIX. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/* Starts run(context) with all signals blocked: they are for the thread that is helped, and end its waiting. Returns 0
 * or an errno; ret is to be joined. */
int thread_start(pthread_t *ret, void *(*run)(void *context), void *context);

/* The same for a thread that is to compute beside this one: it begins on another core, where there is one. The system
 * begins one in two on the core that starts it, where it waits for a millisecond or several until it is moved. Where it
 * goes on is left to the system. */
int thread_start_beside(pthread_t *ret, void *(*run)(void *context), void *context);

#endif
