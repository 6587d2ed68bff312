/* Memory that will be needed soon is asked for now, so that it is near the processor by then. Nothing happens where the
 * address leads nowhere.
 *
 * gcc takes a function that does nothing but ask for memory for one that does nothing at all, and leaves out calls of
 * it where it does not inline them: the empty statement keeps it from that. */
#ifndef BASE_FETCH_H
#define BASE_FETCH_H

/* The line of the cache that at lies in, to be read. */
static inline void fetch_read(const void *at)
{
	__builtin_prefetch(at);
	__asm__ volatile("");
}

/* …to be written. */
static inline void fetch_write(const void *at)
{
	__builtin_prefetch(at, 1);
	__asm__ volatile("");
}

#endif
