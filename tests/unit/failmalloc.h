/* The n-th allocation fails: for code that is linked into the test program (with failmalloc_dep). */
#ifndef FAILMALLOC_H
#define FAILMALLOC_H

#include <stdbool.h>

/* From now on: countdown more allocations succeed, the one after them fails, and the rest succeed again. Negative: none
 * fails. */
void failmalloc_after(long countdown);

/* Has the allocation failed that was to fail? */
bool failmalloc_failed(void);

#endif
