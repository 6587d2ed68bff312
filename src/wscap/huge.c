#include "wscap/huge.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum {
	HUGE_PAGE = 2 << 20,
	/* Nanoseconds of the processor for the first touch of one: two gigabytes a second. It is mostly clearing it,
	 * which any machine does faster. */
	TOUCH_SLOW = 1000000,
};

static int64_t processor_time(void)
{
	struct timespec now;

	return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) ? 0 : now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* A virtual machine may be given its memory by the host only as it touches it, a small page at a time, and give back
 * what becomes free; a huge page, which is always such memory, then takes more time than it saves. Small ones are taken
 * from what is left of memory that was in use before. */
static bool is_slow(void *memory, size_t bytes)
{
	size_t at = -(uintptr_t)memory % HUGE_PAGE; /* of the first one that is whole */
	int64_t before;

	if (bytes < at + HUGE_PAGE)
		return false;
	before = processor_time();
	*((volatile uint8_t *)memory + at) = 0;
	return processor_time() - before > TOUCH_SLOW;
}

static void *map(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void *huge_create_busy(size_t bytes)
{
	void *memory = bytes < HUGE_PAGE ? calloc(1, bytes) : map(bytes);

	if (memory && bytes >= HUGE_PAGE)
		madvise(memory, bytes, MADV_HUGEPAGE); /* a wish */
	return memory;
}

void *huge_create(size_t bytes)
{
	static atomic_bool slow; /* once is enough to know it */
	void *memory;

	if (bytes < HUGE_PAGE)
		return calloc(1, bytes);
	memory = map(bytes);
	if (!memory)
		return NULL;
	/* Both are wishes. */
	if (!atomic_load_explicit(&slow, memory_order_relaxed) && madvise(memory, bytes, MADV_HUGEPAGE) == 0 &&
	    is_slow(memory, bytes)) {
		atomic_store_explicit(&slow, true, memory_order_relaxed);
		madvise(memory, bytes, MADV_NOHUGEPAGE);
	}
	return memory;
}

void huge_ahead(void *memory, size_t bytes, size_t offset)
{
	size_t left = bytes - offset;

	if (bytes < HUGE_PAGE)
		return;
#ifdef MADV_POPULATE_WRITE /* Linux 5.14; before, or where there is no memory left, they come as they are touched */
	madvise((uint8_t *)memory + offset, left < HUGE_AHEAD ? left : HUGE_AHEAD, MADV_POPULATE_WRITE);
#endif
}

void huge_destroy(void *memory, size_t bytes)
{
	if (bytes < HUGE_PAGE)
		free(memory);
	else if (memory)
		munmap(memory, bytes);
}
