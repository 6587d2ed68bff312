/* What was read lately, of all streams together: what is sent again is compared with it.
 *
 * A ring of a fixed size. Bytes in order go straight from the packet to who decodes them; here they are copied once, as
 * nothing else of them is left when somebody sends them again with other contents. The newest take the place of the
 * oldest, so how far back it reaches depends on how much is captured: megabytes, not seconds. */
#ifndef WSCAP_RECENT_H
#define WSCAP_RECENT_H

#include "ws/span.h"

enum {
	RECENT_STEPS_MAX = 64, /* entries that are looked at for one segment: what a flood of repetitions costs */
};

struct recent;

/* size: bytes, those of each entry's head among them. NULL when it is too small to be of use, or out of memory; NULL is
 * an empty one that stays empty. */
struct recent *recent_create(size_t size);
void recent_destroy(struct recent *recent);

/* stream is any number that no other stream has. Long segments are kept up to a part of the ring. disputed: as
 * struct versions has it. */
void recent_put(struct recent *recent, uint64_t stream, int64_t offset, struct ws_span bytes, bool disputed);

/* Two versions of the bytes at one place, of one length. Both live during the call that they are told in. */
struct versions {
	int64_t offset;
	struct ws_span first, last;
	bool replaced; /* the last takes the place of the first */
	bool disputed; /* a third came between them, here or nearby, and may be what the receiver has */
};

/* Returns whether what is kept is disputed from now on. */
typedef bool versions_differ(void *context, const struct versions *versions);

/* Calls differ for each entry that bytes, at offset of their stream, contradict. */
void recent_compare(struct recent *recent, uint64_t stream, int64_t offset, struct ws_span bytes,
		    versions_differ *differ, void *context);

/* The part of two spans of one length in which they differ: up to the last byte that does. False where they are equal.
 * *ret_at: where it begins. */
bool recent_difference(struct ws_span *first, struct ws_span *last, size_t *ret_at);

#endif
