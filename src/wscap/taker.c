#include "wscap/taker.h"

#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "base/i18n.h"
#include "base/log.h"

enum {
	BATCH = 512,   /* packets that are taken until who reads hears of them */
	LOOK_MS = 100, /* between two looks at a device without a descriptor, and at the kernel's drops */
};

int64_t taker_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* Only its own thread counts. */
static void count_left(struct taker *taker)
{
	uint64_t left = atomic_load_explicit(&taker->left, memory_order_relaxed);

	atomic_store_explicit(&taker->left, left + 1, memory_order_relaxed);
}

static void take(u_char *context, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct taker *taker = (struct taker *)(void *)context;
	int64_t fraction = header->ts.tv_usec;
	struct backlog_packet packet = {
	    .time = header->ts.tv_sec * NSEC_PER_SEC + (taker->nanoseconds ? fraction : fraction * 1000),
	    .wire_len = header->len,
	    .len = header->caplen,
	};

	if (packet.time < taker->all->since)
		return;
	if (taker->all->count > 1)
		packet.taken = taker_clock();
	if (!backlog_put(&taker->backlog, &packet, bytes))
		count_left(taker);
}

/* Says how many there are by now; the first does that for all. */
static void tell(struct takers *takers)
{
	uint64_t dropped = 0, left = 0;

	for (unsigned i = 0; i < takers->count; i++) {
		dropped += atomic_load_explicit(&takers->each[i].dropped, memory_order_relaxed);
		left += atomic_load_explicit(&takers->each[i].left, memory_order_relaxed);
	}
	drops_tell(&takers->drops, dropped, left);
}

static void look_at_drops(struct taker *taker, int64_t now)
{
	struct pcap_stat counters;

	if (now - taker->looked < LOOK_MS * (NSEC_PER_SEC / 1000))
		return;
	taker->looked = now;
	if (pcap_stats(taker->pcap, &counters) == 0)
		atomic_store_explicit(&taker->dropped, counters.ps_drop, memory_order_relaxed);
	if (taker == taker->all->each)
		tell(taker->all);
}

static void fail(struct taker *taker)
{
	snprintf(taker->error, sizeof(taker->error), "%s", pcap_geterr(taker->pcap));
	atomic_store(&taker->failed, true);
	bell_ring(&taker->all->bell);
}

static void wait_for_more(const struct taker *taker)
{
	int timeout = taker->all->count > 1 ? TAKERS_GATHER_MS : LOOK_MS;
	struct pollfd fds[] = {{.fd = taker->all->quit, .events = POLLIN}, {.fd = taker->fd, .events = POLLIN}};

	poll(fds, 2, timeout);
}

/* What comes from now on is not this capture's, and the drops of a ring that nobody reads any more are not, either. Who
 * reads may be held by who reads that: the first says so for all. */
static void stop_taking(struct taker *taker)
{
	struct pollfd quit = {.fd = taker->all->quit, .events = POLLIN};

	taker->over = pcap_stats(taker->pcap, &taker->counters) == 0;
	if (taker == taker->all->each && poll(&quit, 1, TAKERS_PATIENCE_MS) == 0 && log_is_heard())
		log_line("%s", _("wscap: the capture has ended; what was printed waits to be read, and a second signal "
				 "(Ctrl-C) ends it at once"));
}

void *taker_run(void *context)
{
	struct taker *taker = context;

	while (!atomic_load(&taker->all->ending)) {
		int64_t now = taker_clock();
		int count;

		if (atomic_load(taker->all->stop)) {
			stop_taking(taker);
			break;
		}
		count = pcap_dispatch(taker->pcap, BATCH, take, (u_char *)taker);
		if (count < 0) {
			fail(taker);
			break;
		}
		if (count)
			backlog_publish(&taker->backlog);
		else
			atomic_store(&taker->empty, now);
		if (count || taker->all->count > 1)
			bell_ring(&taker->all->bell);
		look_at_drops(taker, now);
		if (!count)
			wait_for_more(taker);
	}
	return NULL;
}
