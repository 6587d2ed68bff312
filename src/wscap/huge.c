#include "wscap/huge.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum {
	HUGE_PAGE = 2 << 20,
	/* Nanoseconds of the processor for the first touch of one: two gigabytes a second. It is mostly clearing it,
	 * which any machine does faster. */
	TOUCH_SLOW = 1000000,
	SMALL_FIRST = 8, /* after a slow one so many times its bytes come in small pages, */
	SMALL_MOST = 64, /* …after the next one twice as many, up to these */
};

/* Of all memory that is made here. Threads may look at once: then a few more or less are small. */
static atomic_uint small_left, small_next = SMALL_FIRST;

static int64_t processor_time(void)
{
	struct timespec now;

	return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) ? 0 : now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static unsigned load(const atomic_uint *value)
{
	return atomic_load_explicit(value, memory_order_relaxed);
}

static void store(atomic_uint *value, unsigned to)
{
	atomic_store_explicit(value, to, memory_order_relaxed);
}

/* A virtual machine may be given its memory by the host only as it touches it, a small page at a time, and give back
 * what becomes free; a huge page of such memory then takes twenty times as long as another one, and more than it saves.
 * Small ones are mostly taken from what is left of memory that was in use before. Which one comes is not known before
 * it is touched: after a slow one small ones are taken for a while. */
static void take_huge(uint8_t *page)
{
	int64_t before;

	if (load(&small_left)) {
		store(&small_left, load(&small_left) - 1);
		return;
	}
	before = processor_time();
	if (madvise(page, HUGE_PAGE, MADV_HUGEPAGE) != 0) /* a wish */
		return;
	*(volatile uint8_t *)page = 0;
	if (processor_time() - before <= TOUCH_SLOW) {
		store(&small_next, SMALL_FIRST);
		return;
	}
	store(&small_left, load(&small_next));
	store(&small_next, load(&small_next) < SMALL_MOST ? 2 * load(&small_next) : SMALL_MOST);
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
	void *memory = bytes < HUGE_PAGE ? calloc(1, bytes) : map(bytes);

	if (memory && bytes >= HUGE_PAGE)
		madvise(memory, bytes, MADV_NOHUGEPAGE); /* as long as huge_ahead() does not ask for them */
	return memory;
}

void huge_ahead(void *memory, size_t bytes, size_t offset)
{
	uint8_t *piece = (uint8_t *)memory + offset;
	size_t left = bytes - offset, before = -(uintptr_t)piece % HUGE_PAGE;

	if (bytes < HUGE_PAGE)
		return;
	if (before < HUGE_AHEAD && before + HUGE_PAGE <= left)
		take_huge(piece + before);
#ifdef MADV_POPULATE_WRITE /* Linux 5.14; before, or where there is no memory left, they come as they are touched */
	madvise(piece, left < HUGE_AHEAD ? left : HUGE_AHEAD, MADV_POPULATE_WRITE);
#endif
}

void huge_destroy(void *memory, size_t bytes)
{
	if (bytes < HUGE_PAGE)
		free(memory);
	else if (memory)
		munmap(memory, bytes);
}
