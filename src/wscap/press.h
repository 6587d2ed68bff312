/* Printing on several cores, in order.
 *
 *     turn k:    fetch ─► fill: decode, leave jobs on the page ─► print the page ─► write it, behind k - 1
 *     turn k + 1:         fetch ───────────────────────────────► fill ────────────► print ─► write
 *
 * Threads take turns. Who has the turn does what has to be done in order, and leaves jobs on its page, each a function
 * and what it needs; then it lets the next thread have the turn, and prints its page beside it. So what is printed
 * stays on the core that read it: bytes, jobs and text. What goes from core to core is what is remembered from packet
 * to packet, once a turn: where the way between two cores is long, two threads that hand packets to each other are
 * slower than one. A page's text goes out in pieces while it is printed, once all before it is written. Where a job
 * needs what those before it left behind, pages are printed one behind the other, with one printer, while the next is
 * filled.
 *
 * A job's function is told nothing but its printer and its job; each thread has a printer of its own. What it needs
 * lies in the page's window, is copied into the page (press_take, press_keep), or outlives the press.
 *
 * Limits: a page for each thread, which is full at PAGE_BYTES of what its jobs need, or when its window is, and holds
 * no more than that and the last packet's. */
#ifndef WSCAP_PRESS_H
#define WSCAP_PRESS_H

#include "base/out.h"
#include "wscap/feed.h"

enum {
	PAGE_BYTES = 4 << 20,
	PRESS_THREADS = 16 /* at most: behind that, filling is what takes the time */
};

struct press;

/* Prints one job. printer is the thread's own. */
typedef void press_print(void *printer, const void *job, struct out *out);

/* How a thread comes to its printer; both functions may be NULL where none is needed. */
struct press_printers {
	void *(*create)(void *context); /* NULL when out of memory */
	void (*destroy)(void *printer);
	void *context;
	bool in_order; /* there is one printer, which is told one job after another */
};

/* What is done by turns. window is the page's: feed.h has what for. */
struct press_work {
	/* Reads ahead what will be filled: in the order of the turns, one at a time, but beside who fills. */
	void (*fetch)(void *context, struct feed_window *window);
	/* Fills a page, until press_is_full() or there is something else to end it. False: no page comes after it. */
	bool (*fill)(void *context, struct feed_window *window);
	void *context;
};

/* threads: from 1 to PRESS_THREADS. Until it is destroyed, out is the press's. NULL when out of memory. */
struct press *press_create(unsigned threads, const struct press_printers *printers, struct out *out);
void press_destroy(struct press *press);

/* Does the work for page after page, by turns on its threads, of which the caller is one; where there can be no more of
 * them, it is the only one. Everything is printed and written when it returns. */
void press_run(struct press *press, const struct press_work *work);

/* All below is for who fills. */

/* Room on the page for what a job needs, aligned for any type; lives until the job was printed. NULL when out of
 * memory: that is remembered as an error of out, as all errors are, and nothing more is printed. */
void *press_take(struct press *press, size_t size);

/* The bytes themselves, where they lie in the window; else a copy of them on the page. */
struct ws_span press_keep(struct press *press, struct ws_span bytes);

/* job, from press_take() or one that outlives the press, is to be printed behind all before it. */
void press_job(struct press *press, press_print *print, void *job);

/* The last job on the page, where print prints it: until another one follows, more may be put into it. Else NULL. */
void *press_last(const struct press *press, press_print *print);

bool press_is_full(const struct press *press);

/* The error of out that is known so far, or 0. */
int press_error(const struct press *press);

/* What is there is to be shown now: it is printed and written when it returns. */
void press_push(struct press *press);

#endif
