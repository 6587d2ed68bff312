/* Memory for tables that may grow very large. Where it is large it comes in huge pages, if the system has any, and only
 * as it is asked for ahead or touched: with a million connections the first touch of each small page, and the way to it
 * ever after, would be a good part of the time. Where huge pages turn out to take the system longer than that saves,
 * small ones are taken for a while. */
#ifndef WSCAP_HUGE_H
#define WSCAP_HUGE_H

#include <stddef.h>

/* Zeroes. NULL when out of memory. What is touched without huge_ahead() comes in small pages. */
void *huge_create(size_t bytes);

/* The same, for what is looked at all over and again and again: huge pages are always asked for. On a virtual machine
 * the way to a page through two tables takes longer than the memory behind it, and huge ones soon save what they took.
 */
void *huge_create_busy(size_t bytes);

enum {
	HUGE_AHEAD = 256 << 10,
};

/* HUGE_AHEAD bytes from offset on, a multiple of it, will all be touched, and those before them were asked for: where
 * the memory is large their pages are taken in one go, which saves the system a fifth of what it does for each. bytes:
 * as it was created with. */
void huge_ahead(void *memory, size_t bytes, size_t offset);

/* bytes: as it was created with. Accepts NULL. */
void huge_destroy(void *memory, size_t bytes);

#endif
