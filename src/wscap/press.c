/* Pages are numbered in the order of turns, and written in it. What is shared is looked at twice a turn, under one
 * lock; but for the page that is being filled, which belongs to who has the turn. */
#include "wscap/press.h"

#include <errno.h>
#include <stdlib.h>

#include "base/seldom.h"
#include "base/thread.h"
#include "base/waiters.h"
#include "wscap/press_page.h"

enum {
	TEXT_PIECE = 192 << 10, /* bytes of a page's text that go out while it is printed: then it stays in the cache */
};

struct press_thread {
	struct press *press;
	pthread_t id;
	void *printer;
	uint64_t number; /* of the turn that it has, or waits for */
	struct page page;
};

struct press {
	pthread_mutex_t lock;
	struct waiters turn;      /* for the turn, or to fetch */
	struct waiters text;      /* for a page to be written */
	uint64_t turns;           /* that were given out */
	uint64_t filled;          /* pages */
	_Atomic uint64_t written; /* pages */
	bool fetching;            /* somebody fetches what he needs for his turn */
	bool ended;               /* there is no turn any more */
	_Atomic int error;        /* of out, for the thread that fills */
	struct out *out;
	struct press_printers printers;
	void *printer; /* of all, where they print in order */
	unsigned thread_count;
	struct press_thread *threads; /* the first one is the caller of press_run() */

	const struct press_work *work;
	struct press_thread *filling; /* who has the turn */
};

/* Pages before this one are written when it returns. Who is the first of those to be written may print and write
 * without the lock. */
static void wait_for_text(struct press *press, uint64_t number)
{
	pthread_mutex_lock(&press->lock);
	while (press->written != number)
		waiters_wait(&press->text, &press->lock);
	pthread_mutex_unlock(&press->lock);
}

static void *printer_of(const struct press *press, const struct press_thread *thread)
{
	return press->printers.in_order ? press->printer : thread->printer;
}

/* Both for who is the first of those that are to be written. */

static void write_text(struct press *press, struct page *page)
{
	if (page->text.error)
		press->out->error = page->text.error;
	out_through(press->out, page->text.text, page->text.len);
	press->error = out_error(press->out);
	page->text.len = 0;
}

static void write_most_text(struct press *press, struct page *page)
{
	size_t most = out_through_most(press->out, page->text.text, page->text.len);

	press->error = out_error(press->out);
	page->text.len -= most;
	memmove(page->text.text, page->text.text + most, page->text.len);
}

/* Who is the first stays it until it has counted its page as written. */
static void print_page(struct press *press, struct press_thread *thread)
{
	struct page *page = &thread->page;
	void *printer = printer_of(press, thread);

	for (size_t i = 0; i < page->count; i++) {
		page->jobs[i].print(printer, page->jobs[i].job, &page->text);
		if (page->text.len >= TEXT_PIECE && press->written == thread->number)
			write_most_text(press, page);
	}
}

static void print_and_write(struct press *press, struct press_thread *thread)
{
	struct page *page = &thread->page;

	if (press->printers.in_order)
		wait_for_text(press, thread->number);
	print_page(press, thread);
	if (!press->printers.in_order)
		wait_for_text(press, thread->number);
	write_text(press, page);
	page_empty(page);
}

/* False: there is none any more. */
static bool take_number(struct press *press, struct press_thread *thread)
{
	bool has_one;

	pthread_mutex_lock(&press->lock);
	while (press->fetching && !press->ended)
		waiters_wait(&press->turn, &press->lock);
	has_one = !press->ended;
	if (has_one) {
		press->fetching = true;
		thread->number = press->turns++;
	}
	pthread_mutex_unlock(&press->lock);
	return has_one;
}

/* Others may fetch; and waits for the turn. False: there is none any more. */
static bool wait_for_turn(struct press *press, struct press_thread *thread)
{
	bool has_it;

	pthread_mutex_lock(&press->lock);
	press->fetching = false;
	waiters_wake_all(&press->turn);
	while (press->filled != thread->number && !press->ended)
		waiters_wait(&press->turn, &press->lock);
	has_it = !press->ended;
	if (has_it)
		press->filling = thread;
	pthread_mutex_unlock(&press->lock);
	return has_it;
}

static void pass_turn(struct press *press, bool ended)
{
	pthread_mutex_lock(&press->lock);
	press->filled++;
	press->ended = ended;
	waiters_wake_all(&press->turn);
	pthread_mutex_unlock(&press->lock);
}

static void *take_turns(void *context)
{
	struct press_thread *thread = context;
	struct press *press = thread->press;
	const struct press_work *work = press->work;

	while (take_number(press, thread)) {
		work->fetch(work->context, &thread->page.window);
		if (!wait_for_turn(press, thread))
			break;
		pass_turn(press, !work->fill(work->context, &thread->page.window));
		print_and_write(press, thread);
		pthread_mutex_lock(&press->lock);
		press->written++;
		waiters_wake_all(&press->text);
		pthread_mutex_unlock(&press->lock);
	}
	return NULL;
}

void press_run(struct press *press, const struct press_work *work)
{
	unsigned started = 1;

	press->work = work;
	while (started < press->thread_count &&
	       thread_start_beside(&press->threads[started].id, take_turns, &press->threads[started]) == 0)
		started++;
	take_turns(&press->threads[0]);
	while (--started)
		pthread_join(press->threads[started].id, NULL);
}

static bool create_printer(const struct press_printers *printers, void **ret)
{
	*ret = printers->create ? printers->create(printers->context) : NULL;
	return *ret || !printers->create;
}

static void destroy_printer(const struct press_printers *printers, void *printer)
{
	if (printers->destroy && printer)
		printers->destroy(printer);
}

static bool add_thread(struct press *press)
{
	struct press_thread *thread = &press->threads[press->thread_count];

	if (page_init(&thread->page) != 0)
		return false;
	press->thread_count++;
	thread->press = press;
	return press->printers.in_order || create_printer(&press->printers, &thread->printer);
}

struct press *press_create(unsigned threads, const struct press_printers *printers, struct out *out)
{
	struct press *press = malloc(sizeof(*press));

	if (!press)
		return NULL;
	*press = (struct press){.out = out, .printers = *printers};
	pthread_mutex_init(&press->lock, NULL);
	waiters_init(&press->turn);
	waiters_init(&press->text);
	press->threads = calloc(threads, sizeof(*press->threads));
	if (!press->threads || (printers->in_order && !create_printer(printers, &press->printer)))
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
	for (unsigned i = 0; press->threads && i < press->thread_count; i++) {
		destroy_printer(&press->printers, press->threads[i].printer);
		page_finish(&press->threads[i].page);
	}
	destroy_printer(&press->printers, press->printer);
	waiters_finish(&press->text);
	waiters_finish(&press->turn);
	pthread_mutex_destroy(&press->lock);
	free(press->threads);
	free(press);
}

static struct page *page_of(const struct press *press)
{
	return &press->filling->page;
}

static void out_of_memory(struct press *press)
{
	page_of(press)->text.error = ENOMEM;
	press->error = ENOMEM;
}

void *press_take(struct press *press, size_t size)
{
	void *room = page_take(page_of(press), size);

	if (!room)
		out_of_memory(press);
	return room;
}

/* Seldom: nearly all that is kept lies in the window. */
static SELDOM struct ws_span copy(struct press *press, struct ws_span bytes)
{
	uint8_t *room = bytes.len ? press_take(press, bytes.len) : NULL;

	if (!room)
		return ws_span_of(NULL, 0);
	memcpy(room, bytes.data, bytes.len);
	return ws_span_of(room, bytes.len);
}

struct ws_span press_keep(struct press *press, struct ws_span bytes)
{
	return page_shows(page_of(press), bytes) ? bytes : copy(press, bytes);
}

void press_job(struct press *press, press_print *print, void *job)
{
	if (!page_job(page_of(press), print, job))
		out_of_memory(press);
}

void *press_last(const struct press *press, press_print *print)
{
	return page_last(page_of(press), print);
}

bool press_is_full(const struct press *press)
{
	const struct page *page = page_of(press);

	return page_is_full(page) || page->text.error;
}

int press_error(const struct press *press)
{
	return press->error;
}

void press_push(struct press *press)
{
	if (page_of(press)->count)
		print_and_write(press, press->filling);
}
