/* What the code under test holds on the heap, counted as it is taken and given back (with --wrap of the allocator). */
#ifndef DAMAGE_HEAP_H
#define DAMAGE_HEAP_H

#include <stddef.h>

/* Bytes that are held now; and the most since heap_begin(). */
size_t heap_held(void);
size_t heap_most(void);
void heap_begin(void);

#endif
