/* Printing on other cores, in order.
 *
 *     who decodes ─► page: jobs, in order ─► a printer: each job's text ─► out, page behind page
 *
 * Who decodes does not print: it leaves jobs on a page, each a function and what it needs, and goes on. A full page is
 * printed by whichever thread has time: one of the press's own, or the one that fills them, when no page is empty. The
 * text of a page goes out when all pages before it have. Where a job needs what those before it left behind, all are
 * printed in order by one thread, with one printer.
 *
 * A job's function is told nothing but its printer and its job, so it may run on any thread; each thread has a printer
 * of its own. What it needs is copied into the page (press_take, press_keep), or outlives the press.
 *
 * Limits: PRESS_PAGES pages for each thread; a page is full at PAGE_JOBS jobs or PAGE_BYTES of what they need, and
 * holds no more than that and the last packet's. */
#ifndef WSCAP_PRESS_H
#define WSCAP_PRESS_H

#include "base/out.h"

enum {
	PAGE_JOBS = 1024,
	PAGE_BYTES = 256 << 10,
	PRESS_PAGES = 3,   /* one is filled, one is printed, one waits */
	PRESS_THREADS = 16 /* at most, besides the one that fills pages: behind that, filling is what takes the time */
};

struct press;

/* Prints one job. printer is the thread's own. */
typedef void press_print(void *printer, const void *job, struct out *out);

/* How a thread comes to its printer; both may be NULL where none is needed. */
struct press_printers {
	void *(*create)(void *context); /* NULL when out of memory */
	void (*destroy)(void *printer);
	void *context;
	bool in_order; /* there is one printer, which is told one job after another */
};

/* threads: of its own, from 1 to PRESS_THREADS; 1 is made of it where they print in order. Until it is destroyed, out
 * is the press's. NULL when out of memory or threads. */
struct press *press_create(unsigned threads, const struct press_printers *printers, struct out *out);

/* What was not flushed is lost. */
void press_destroy(struct press *press);

/* Room on the page for what a job needs, aligned for any type; lives until the job was printed. NULL when out of
 * memory: that is remembered as an error of out, as all errors are, and nothing more is printed. */
void *press_take(struct press *press, size_t size);

/* A copy of bytes on the page. */
struct ws_span press_keep(struct press *press, struct ws_span bytes);

/* job, from press_take() or one that outlives the press, is to be printed behind all before it. */
void press_job(struct press *press, press_print *print, const void *job);

/* Everything of a packet is there: a full page is handed over. Returns the error of out that is known so far, or 0. */
int press_turn(struct press *press);

/* What is there is to be shown soon: the page is handed over, full or not. Does not wait for it, unless no page is
 * empty. Returns as press_turn(). */
int press_push(struct press *press);

/* Everything is printed and written when it returns. Returns as press_turn(). */
int press_flush(struct press *press);

#endif
