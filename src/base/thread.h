/* Threads that help another one. POSIX. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/* Starts run(context) with all signals blocked: they are for the thread that is helped, and end its waiting. Returns 0
 * or an errno; ret is to be joined. */
int thread_start(pthread_t *ret, void *(*run)(void *context), void *context);

#endif
