#include "wscap/press_page.h"

#include <errno.h>
#include <stdlib.h>

enum {
	BLOCK_SIZE = PAGE_BYTES + PAGE_BYTES / 4, /* a full page with its last packet, unless that one is large */
	TEXT_KEPT = 20 * OUT_SIZE, /* what is printed of a usual page takes up to 4,352 KiB; a page's text that needed
				      more, for a message of megabytes, is freed behind it */
};

static bool add_block(struct page *page, size_t size)
{
	size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
	struct page_block *block = malloc(sizeof(*block) + room);

	if (!block)
		return false;
	block->next = page->blocks;
	block->used = 0;
	block->size = room;
	page->blocks = block;
	return true;
}

int page_init(struct page *page)
{
	*page = (struct page){0};
	page->jobs = malloc(PAGE_JOBS * sizeof(*page->jobs));
	page->cap = PAGE_JOBS;
	if (page->jobs && add_block(page, 0) && out_init(&page->text, -1) == 0)
		return 0;
	page_finish(page);
	return -ENOMEM;
}

static void free_blocks(struct page_block *block)
{
	while (block) {
		struct page_block *next = block->next;

		free(block);
		block = next;
	}
}

void page_finish(struct page *page)
{
	free_blocks(page->blocks);
	free(page->jobs);
	free(page->window.bytes);
	out_finish(&page->text);
	*page = (struct page){0};
}

void *page_take(struct page *page, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	size_t whole = (size + align - 1) & ~(align - 1);
	struct page_block *block = page->blocks;
	void *room;

	if (whole < size)
		return NULL;
	if (block->size - block->used < whole) {
		if (!add_block(page, whole))
			return NULL;
		block = page->blocks;
	}
	room = block->bytes + block->used;
	block->used += whole;
	page->taken += whole;
	return room;
}

/* A packet may bring more jobs than a page has. */
static bool grow_jobs(struct page *page)
{
	struct page_job *jobs = realloc(page->jobs, 2 * page->cap * sizeof(*jobs));

	if (!jobs)
		return false;
	page->jobs = jobs;
	page->cap *= 2;
	return true;
}

bool page_job(struct page *page, press_print *print, void *job)
{
	if (page->count == page->cap && !grow_jobs(page))
		return false;
	page->last = (struct page_job){.print = print, .job = job};
	page->jobs[page->count++] = page->last;
	return true;
}

void page_empty(struct page *page)
{
	struct page_block **keep = &page->blocks;

	/* One block of the usual size stays. There is one: each page begins with it. */
	while ((*keep)->size != BLOCK_SIZE)
		keep = &(*keep)->next;
	struct page_block *kept = *keep;

	*keep = kept->next;
	free_blocks(page->blocks);
	kept->next = NULL;
	kept->used = 0;
	page->blocks = kept;
	page->count = page->taken = 0;
	page->last = (struct page_job){0};
	page->text.len = 0;
	if (page->text.cap > TEXT_KEPT) {
		free(page->text.text);
		page->text.text = NULL;
		page->text.cap = 0;
	}
}
