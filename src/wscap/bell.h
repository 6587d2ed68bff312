/* Wakes a thread that sleeps, and costs next to nothing while it does not.
 *
 * Who is going to sleep says so first, then looks once more whether there is something to do, and only then sleeps. Who
 * has put something there looks afterwards whether the other sleeps. Both in that order, sequentially consistent: one
 * of the two sees the other. */
#ifndef WSCAP_BELL_H
#define WSCAP_BELL_H

#include <stdatomic.h>
#include <stdbool.h>

struct bell {
	int fd; /* an eventfd */
	atomic_bool asleep;
};

/* Returns 0 or a negative errno. */
int bell_init(struct bell *bell);
void bell_finish(struct bell *bell); /* after bell_init() has returned 0 */

/* Who sleeps: says that it will, or that it will not after all. */
static inline void bell_set_asleep(struct bell *bell, bool asleep)
{
	atomic_store(&bell->asleep, asleep);
}

/* Sleeps until it is rung, at most so many milliseconds; a signal ends it too. Was it rung? */
bool bell_sleep(struct bell *bell, int timeout_ms);

/* Any thread. */
void bell_ring(struct bell *bell);

#endif
