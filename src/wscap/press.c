/* Pages are numbered as they are filled; page n has its place at n modulo their count. Three numbers say where
 * everything stands, and one lock holds them:
 *
 *     written ≤ taken ≤ filled          [written, taken): being printed, or printed and waiting for the one before
 *                                       [taken, filled): waiting for a printer
 *                                       filled itself: being filled, by the thread that called press_create() */
#include "wscap/press_page.h"

#include <errno.h>
#include <stdlib.h>

#include "base/thread.h"
#include "base/waiters.h"

struct press_thread {
	struct press *press;
	pthread_t id;
	void *printer;
};

struct press {
	pthread_mutex_t lock;
	struct waiters work;  /* for a page that waits for a printer, or the end */
	struct waiters moved; /* for a page to be written */
	uint64_t filled, taken, written;
	struct page *page; /* that is being filled: not looked for each time */
	bool idle;         /* who fills waits, and may as well write */
	bool writing;      /* a thread writes pages; nobody else does */
	bool ended;
	int error; /* of out, for the thread that fills */
	struct out *out;
	struct press_printers printers;
	void *printer; /* of the thread that fills */
	unsigned thread_count, page_count;
	struct press_thread *threads;
	struct page *pages;
};

static struct page *page_at(struct press *press, uint64_t number)
{
	return &press->pages[number % press->page_count];
}

/* Under the lock, which it lets go while it writes: all pages whose turn it is. */
static void write_pages(struct press *press)
{
	if (press->writing)
		return;
	press->writing = true;
	while (press->written < press->taken && page_at(press, press->written)->state == PAGE_PRINTED) {
		struct page *page = page_at(press, press->written);

		pthread_mutex_unlock(&press->lock);
		if (page->text.error)
			press->out->error = page->text.error;
		out_through(press->out, page->text.text, page->text.len);
		page_empty(page);
		pthread_mutex_lock(&press->lock);
		press->error = out_error(press->out);
		page->state = PAGE_EMPTY;
		press->written++;
		waiters_wake(&press->moved);
	}
	press->writing = false;
}

/* Under the lock, which it lets go while it prints. There is a page that waits. */
static void print_page(struct press *press, void *printer)
{
	struct page *page = page_at(press, press->taken++);

	pthread_mutex_unlock(&press->lock);
	page_print(page, printer);
	pthread_mutex_lock(&press->lock);
	page->state = PAGE_PRINTED;
	if (press->idle)
		waiters_wake(&press->moved);
	else
		write_pages(press);
}

static void *run(void *context)
{
	struct press_thread *thread = context;
	struct press *press = thread->press;

	pthread_mutex_lock(&press->lock);
	for (;;) {
		if (press->taken < press->filled)
			print_page(press, thread->printer);
		else if (press->ended)
			break;
		else
			waiters_wait(&press->work, &press->lock);
	}
	pthread_mutex_unlock(&press->lock);
	return NULL;
}

static void *create_printer(const struct press_printers *printers)
{
	return printers->create ? printers->create(printers->context) : NULL;
}

static void destroy_printer(const struct press_printers *printers, void *printer)
{
	if (printers->destroy && printer)
		printers->destroy(printer);
}

static bool add_thread(struct press *press)
{
	struct press_thread *thread = &press->threads[press->thread_count];

	thread->press = press;
	thread->printer = create_printer(&press->printers);
	if ((press->printers.create && !thread->printer) || thread_start(&thread->id, run, thread) != 0) {
		destroy_printer(&press->printers, thread->printer);
		return false;
	}
	press->thread_count++;
	return true;
}

static bool add_pages(struct press *press, unsigned count)
{
	press->pages = calloc(count, sizeof(*press->pages));
	if (!press->pages)
		return false;
	for (; press->page_count < count; press->page_count++)
		if (page_init(&press->pages[press->page_count]) != 0)
			return false;
	press->page = press->pages;
	return true;
}

struct press *press_create(unsigned threads, const struct press_printers *printers, struct out *out)
{
	struct press *press = malloc(sizeof(*press));

	if (!press)
		return NULL;
	*press = (struct press){.out = out, .printers = *printers};
	threads = printers->in_order ? 1 : threads;
	pthread_mutex_init(&press->lock, NULL);
	waiters_init(&press->work);
	waiters_init(&press->moved);
	press->threads = calloc(threads, sizeof(*press->threads));
	press->printer = printers->in_order ? NULL : create_printer(printers);
	if (!press->threads || (printers->create && !printers->in_order && !press->printer) ||
	    !add_pages(press, (threads + 1) * PRESS_PAGES))
		goto fail;
	while (press->thread_count < threads)
		if (!add_thread(press))
			goto fail;
	return press;
fail:
	press_destroy(press);
	return NULL;
}

void press_destroy(struct press *press)
{
	if (!press)
		return;
	pthread_mutex_lock(&press->lock);
	press->ended = true;
	waiters_wake_all(&press->work);
	pthread_mutex_unlock(&press->lock);
	for (unsigned i = 0; i < press->thread_count; i++) {
		pthread_join(press->threads[i].id, NULL);
		destroy_printer(&press->printers, press->threads[i].printer);
	}
	for (unsigned i = 0; i < press->page_count; i++)
		page_finish(&press->pages[i]);
	destroy_printer(&press->printers, press->printer);
	waiters_finish(&press->moved);
	waiters_finish(&press->work);
	pthread_mutex_destroy(&press->lock);
	free(press->threads);
	free(press->pages);
	free(press);
}

static void out_of_memory(struct press *press)
{
	press->page->text.error = ENOMEM;
}

void *press_take(struct press *press, size_t size)
{
	void *room = page_take(press->page, size);

	if (!room)
		out_of_memory(press);
	return room;
}

struct ws_span press_keep(struct press *press, struct ws_span bytes)
{
	uint8_t *room = bytes.len ? press_take(press, bytes.len) : NULL;

	if (!room)
		return ws_span_of(NULL, 0);
	memcpy(room, bytes.data, bytes.len);
	return ws_span_of(room, bytes.len);
}

void press_job(struct press *press, press_print *print, const void *job)
{
	if (!page_job(press->page, print, job))
		out_of_memory(press);
}

static bool may_write(struct press *press)
{
	return !press->writing && press->written < press->taken &&
	       page_at(press, press->written)->state == PAGE_PRINTED;
}

/* Under the lock: does what others wait for, or waits for them. */
static void help(struct press *press)
{
	if (press->taken < press->filled && !press->printers.in_order) {
		print_page(press, press->printer);
	} else if (may_write(press)) {
		write_pages(press);
	} else {
		press->idle = true;
		waiters_wait(&press->moved, &press->lock);
		press->idle = false;
	}
}

/* Under the lock. */
static void hand_over(struct press *press)
{
	press->page->state = PAGE_FILLED;
	press->page = page_at(press, ++press->filled);
	waiters_wake(&press->work);
	while (press->filled - press->written == press->page_count)
		help(press);
}

static int hand_over_now(struct press *press)
{
	int error;

	pthread_mutex_lock(&press->lock);
	hand_over(press);
	error = press->error;
	pthread_mutex_unlock(&press->lock);
	return error;
}

int press_turn(struct press *press)
{
	return page_is_full(press->page) || press->page->text.error ? hand_over_now(press) : 0;
}

int press_push(struct press *press)
{
	return press->page->count ? hand_over_now(press) : 0;
}

int press_flush(struct press *press)
{
	int error;

	pthread_mutex_lock(&press->lock);
	hand_over(press);
	while (press->written < press->filled)
		help(press);
	error = press->error;
	pthread_mutex_unlock(&press->lock);
	return error;
}
