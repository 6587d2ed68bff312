/* One page of the press: jobs and what they need, then their text. Private to press*.c; no thread is known here. */
#ifndef WSCAP_PRESS_PAGE_H
#define WSCAP_PRESS_PAGE_H

#include "wscap/press.h"

enum {
	PAGE_JOBS = 1024, /* for which there is room from the start */
	PAGE_APART = 128, /* bytes: two threads that write to pages side by side write to no cache line of both */
};

/* Memory comes in blocks, so that what was taken stays where it is. */
struct page_block {
	struct page_block *next;
	size_t used, size;
	_Alignas(max_align_t) uint8_t bytes[];
};

struct page_job {
	press_print *print;
	void *job;
};

struct page {
	struct feed_window window;
	struct page_block *blocks; /* the last one first */
	struct page_job *jobs;
	size_t count, cap;
	struct page_job last; /* of jobs; zeroes when there is none */
	size_t taken;         /* bytes of the blocks */
	struct out text;
	uint8_t apart[PAGE_APART];
};

int page_init(struct page *page); /* 0 or -ENOMEM */
void page_finish(struct page *page);

/* As press_take() and press_job(); NULL or false when out of memory. */
void *page_take(struct page *page, size_t size);
bool page_job(struct page *page, press_print *print, void *job);

/* As press_last(). */
static inline void *page_last(const struct page *page, press_print *print)
{
	return page->last.print == print ? page->last.job : NULL;
}

static inline bool page_is_full(const struct page *page)
{
	return page->taken >= PAGE_BYTES;
}

/* Do bytes lie in its window? */
static inline bool page_shows(const struct page *page, struct ws_span bytes)
{
	return page->window.bytes && bytes.data >= page->window.bytes &&
	       bytes.data < page->window.bytes + page->window.size;
}

/* To be filled anew, or on; what it held beyond the usual is given back. The window stays. */
void page_empty(struct page *page);

#endif
