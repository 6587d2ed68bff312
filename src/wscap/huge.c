#include "wscap/huge.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
	HUGE_PAGE = 2 << 20,
};

void *huge_create(size_t bytes)
{
	void *memory;

	if (bytes < HUGE_PAGE)
		return calloc(1, bytes);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	madvise(memory, bytes, MADV_HUGEPAGE); /* a wish: small ones do */
	return memory;
}

void huge_destroy(void *memory, size_t bytes)
{
	if (bytes < HUGE_PAGE)
		free(memory);
	else if (memory)
		munmap(memory, bytes);
}
