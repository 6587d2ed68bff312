#include "heap.h"

#include <malloc.h>
#include <stdlib.h>

/* The linker's --wrap names. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void __wrap_free(void *memory);

/* Memory that a library took and the program gives back counts too: so this may pass below zero. */
static long held, most;

size_t heap_held(void)
{
	return held > 0 ? (size_t)held : 0;
}

size_t heap_most(void)
{
	return most > 0 ? (size_t)most : 0;
}

void heap_begin(void)
{
	most = held;
}

static void *count(void *memory)
{
	held += (long)malloc_usable_size(memory);
	if (held > most)
		most = held;
	return memory;
}

void *__wrap_malloc(size_t size)
{
	return count(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return count(__real_calloc(n, size));
}

void *__wrap_realloc(void *old, size_t size)
{
	size_t before = malloc_usable_size(old);
	void *memory = __real_realloc(old, size);

	if (!memory && size)
		return NULL;
	held -= (long)before;
	return count(memory);
}

void __wrap_free(void *memory)
{
	held -= (long)malloc_usable_size(memory);
	__real_free(memory);
}
