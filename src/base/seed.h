/* Seeds of hashes: who fills a table with keys of his own must not know which of them meet. */
#ifndef BASE_SEED_H
#define BASE_SEED_H

#include <stddef.h>

/* Random bytes. Never waits: early at boot, where the kernel has none yet, the time and where the program lies have to
 * do, and the worst is a slow table. So not for secrets. */
void seed_make(void *seed, size_t len);

#endif
