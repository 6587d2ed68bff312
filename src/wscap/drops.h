/* Live: packets that the kernel dropped for want of room are told while it happens, and not only at the end: who
 * watches would otherwise take what is missing for the application's fault. */
#ifndef WSCAP_DROPS_H
#define WSCAP_DROPS_H

#include "wscap/source.h"

enum {
	DROPS_LOOK_PACKETS =
	    1024,          /* so many packets may come between two looks; without packets, each idle turn looks */
	DROPS_PAUSE_S = 1, /* between two sentences, and twice as long each time: a full ring must not fill the log */
	DROPS_PAUSE_MAX_S = 60,
};

struct drops {
	uint64_t told; /* of them, so many were told */
	int64_t next;  /* seconds of the monotonic clock: nothing is said before */
	int64_t pause; /* after the next sentence */
};

/* Says how many there are, on standard error, when there are new ones. Zeroes are a beginning. Does nothing for a
 * source that counts none. */
void drops_tell(struct drops *drops, struct source *source);

#endif
