/* Takes packets from the kernel's rings as they come, so that no ring is held while something is printed.
 *
 *     kernel: ring ─► taker: a thread ─► backlog ─┐
 *     kernel: ring ─► taker: a thread ─► backlog ─┴─ in the order of their times ─► who reads
 *
 * Each ring has a thread and a backlog. What finds no room in the backlog, because who prints is held for long, is
 * counted apart from what the kernel drops. The threads do nothing that can hold them: of the drops they tell on
 * standard error only while that takes something.
 *
 * A signal that ends the capture ends the taking, whatever holds who reads. Where that takes long, it is said.
 *
 * Order. A ring gives its packets in order. With several, a packet has its turn when each other ring has a later one,
 * or was empty TAKERS_WINDOW_MS after the packet was taken: until then an earlier one may still be on its way. */
#ifndef WSCAP_TAKER_H
#define WSCAP_TAKER_H

#include <pcap/pcap.h>
#include <pthread.h>

#include "wscap/backlog.h"
#include "wscap/bell.h"
#include "wscap/drops.h"
#include "wscap/source.h"

enum {
	TAKERS_MAX = 64, /* more rings than that no kernel fills */

	/* With several rings: the kernel gathers packets for so long until it shows them, at most twice that… */
	TAKERS_GATHER_MS = 50,
	/* …and so long a packet waits for earlier ones, with as much again for a machine that is busy */
	TAKERS_WINDOW_MS = 200,

	/* When who reads has not ended so long after it should have, a sentence says what it waits for */
	TAKERS_PATIENCE_MS = 500,
};

struct takers;

/* One ring. */
struct taker {
	struct takers *all;
	pcap_t *pcap;
	int fd; /* to wait for, or -1 where the device has none: then it is looked at now and then */
	bool nanoseconds;
	bool running; /* its thread */
	pthread_t thread;
	int64_t looked; /* when it last asked for the kernel's drops */
	bool over;      /* who reads stopped, and nothing more is taken: these are the kernel's counters of then */
	struct pcap_stat counters;
	struct backlog backlog;
	_Atomic int64_t empty; /* the ring was, at this time of the monotonic clock; all before it is in the backlog */
	_Atomic uint64_t dropped; /* by the kernel, as last asked */
	_Atomic uint64_t left;    /* found no room in the backlog */
	atomic_bool failed;
	char error[PCAP_ERRBUF_SIZE]; /* after it failed */
};

struct takers {
	unsigned count;
	struct taker *each;
	struct taker *current;   /* whose first packet who reads has, or NULL */
	int64_t since;           /* packets from before it are left out: wall clock, nanoseconds */
	struct bell bell;        /* for who reads */
	const atomic_bool *stop; /* the caller's: nothing more is to be taken */
	atomic_bool ending;      /* the threads are to end… */
	int quit;                /* …and an eventfd that ends their waiting */
	struct drops drops;      /* what was told of them, by the first */
};

/* The pcaps are activated and do not block; they stay the caller's, and must outlive the takers, as must stop. backlog:
 * bytes for all of them together. Returns 0 or a negative errno. */
int takers_init(struct takers *takers, pcap_t *const *pcaps, unsigned count, size_t backlog, const atomic_bool *stop);
void takers_finish(struct takers *takers);

/* Starts the threads that do not run. Returns 0 or a negative errno. */
int takers_start(struct takers *takers);

/* The next packet, in order, or NULL where there is none yet. Its bytes live until the next call. */
const struct backlog_packet *takers_next(struct takers *takers);

/* Waits until there is something new, at most so long; a signal ends it too. Is there? */
bool takers_wait(struct takers *takers, int timeout_ms);

/* The earliest packet that waits for others', or NULL. */
const struct backlog_packet *takers_waiting(struct takers *takers);

/* Why there will be nothing more: libpcap's words. NULL while there may. */
const char *takers_error(struct takers *takers);

/* Everything up to now: the threads are ended for it, and have to be started again. False where libpcap cannot say. */
bool takers_counters(struct takers *takers, struct source_counters *ret);

/* taker.c's, for takers.c: what the thread does, until quit. */
void *taker_run(void *context);
int64_t taker_clock(void);

#endif
