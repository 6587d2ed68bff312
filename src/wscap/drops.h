/* Live: packets that found no room, in the kernel's ring or in our backlog, are told while it happens, and not only at
 * the end: who watches would otherwise take what is missing for the application's fault. */
#ifndef WSCAP_DROPS_H
#define WSCAP_DROPS_H

#include <stdint.h>

#include "base/log.h"

enum {
	DROPS_PAUSE_S = 1, /* between two sentences, and twice as long each time: a full ring must not fill the log */
	DROPS_PAUSE_MAX_S = 60,
};

struct drops {
	uint64_t kernel, ours; /* of them, so many were told */
	int64_t next;          /* seconds of the monotonic clock: nothing is said before */
	int64_t pause;         /* after the next sentence */
};

/* Says how many there are, on standard error, when there are new ones: kernel, which the kernel dropped, and ours, for
 * which the backlog had no room. Does not wait for a standard error that takes nothing now: then it is said later.
 * Zeroes are a beginning. */
void drops_tell(struct drops *drops, uint64_t kernel, uint64_t ours);

/* The sentence about so many for which the backlog had no room. */
void drops_say_ours(char ret[static SENTENCE_SIZE], uint64_t count);

#endif
