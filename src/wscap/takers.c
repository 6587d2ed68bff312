/* The side of who reads: the threads' lives, and the order of what they took. */
#include "wscap/taker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/thread.h"

static int init_taker(struct taker *taker, struct takers *all, pcap_t *pcap, size_t backlog)
{
	taker->all = all;
	taker->pcap = pcap;
	taker->fd = pcap_get_selectable_fd(pcap);
	taker->nanoseconds = pcap_get_tstamp_precision(pcap) == PCAP_TSTAMP_PRECISION_NANO;
	taker->looked = taker_clock();
	return backlog_init(&taker->backlog, backlog);
}

int takers_init(struct takers *takers, pcap_t *const *pcaps, unsigned count, size_t backlog, const atomic_bool *stop)
{
	size_t share = backlog / count < BACKLOG_MIN ? BACKLOG_MIN : backlog / count;
	int status;

	*takers = (struct takers){.count = count, .since = INT64_MIN, .stop = stop, .bell = {.fd = -1}, .quit = -1};
	/* what each thread writes has cache lines of its own: calloc() promises less */
	takers->each = aligned_alloc(_Alignof(struct taker), count * sizeof(*takers->each));
	if (!takers->each)
		return -ENOMEM;
	memset(takers->each, 0, count * sizeof(*takers->each));
	status = bell_init(&takers->bell);
	if (status < 0)
		return status;
	takers->quit = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (takers->quit < 0)
		return -errno;
	for (unsigned i = 0; i < count && status == 0; i++)
		status = init_taker(&takers->each[i], takers, pcaps[i], share);
	return status;
}

int takers_start(struct takers *takers)
{
	for (unsigned i = 0; i < takers->count; i++) {
		struct taker *taker = &takers->each[i];
		int failed;

		if (taker->running || taker->over || atomic_load(&taker->failed))
			continue;
		failed = thread_start(&taker->thread, taker_run, taker);
		if (failed)
			return -failed;
		taker->running = true;
	}
	return 0;
}

static void stop(struct takers *takers)
{
	eventfd_t asked;

	atomic_store(&takers->ending, true);
	eventfd_write(takers->quit, 1);
	for (unsigned i = 0; i < takers->count; i++) {
		if (takers->each[i].running)
			pthread_join(takers->each[i].thread, NULL);
		takers->each[i].running = false;
	}
	eventfd_read(takers->quit, &asked);
	atomic_store(&takers->ending, false);
}

void takers_finish(struct takers *takers)
{
	if (!takers->each)
		return;
	if (takers->quit >= 0) {
		stop(takers);
		close(takers->quit);
	}
	for (unsigned i = 0; i < takers->count; i++)
		backlog_finish(&takers->each[i].backlog);
	if (takers->bell.fd >= 0)
		bell_finish(&takers->bell);
	free(takers->each);
	*takers = (struct takers){0};
}

/* The earliest of the first packets, and whether an earlier one may still come. */
static const struct backlog_packet *look(struct takers *takers, struct taker **ret_taker, bool *ret_early)
{
	const struct backlog_packet *best = NULL;
	int64_t empty = INT64_MAX;

	for (unsigned i = 0; i < takers->count; i++) {
		struct taker *taker = &takers->each[i];
		/* before its backlog: what came until then is in it */
		int64_t empty_at = atomic_load(&taker->empty);
		const struct backlog_packet *first = backlog_first(&taker->backlog);

		if (!first && empty_at < empty && !atomic_load(&taker->failed))
			empty = empty_at;
		if (!first || (best && best->time <= first->time))
			continue;
		best = first;
		*ret_taker = taker;
	}
	*ret_early = best && empty != INT64_MAX && empty - best->taken < TAKERS_WINDOW_MS * (NSEC_PER_SEC / 1000);
	return best;
}

/* The packet whose turn it is, or NULL. */
static const struct backlog_packet *find(struct takers *takers)
{
	const struct backlog_packet *packet;
	struct taker *taker = takers->each;
	bool early = false;

	packet = takers->count == 1 ? backlog_first(&taker->backlog) : look(takers, &taker, &early);
	if (early)
		return NULL;
	takers->current = packet ? taker : NULL;
	return packet;
}

const struct backlog_packet *takers_next(struct takers *takers)
{
	if (takers->current)
		backlog_next(&takers->current->backlog);
	takers->current = NULL;
	return find(takers);
}

const struct backlog_packet *takers_waiting(struct takers *takers)
{
	struct taker *taker;
	bool early;

	return look(takers, &taker, &early);
}

bool takers_wait(struct takers *takers, int timeout_ms)
{
	bool there;

	bell_set_asleep(&takers->bell, true);
	there = find(takers) || takers_error(takers);
	takers->current = NULL; /* takers_next() finds it again */
	if (!there)
		return bell_sleep(&takers->bell, timeout_ms);
	bell_set_asleep(&takers->bell, false);
	return true;
}

const char *takers_error(struct takers *takers)
{
	for (unsigned i = 0; i < takers->count; i++) {
		struct taker *taker = &takers->each[i];

		if (atomic_load(&taker->failed) && !backlog_first(&taker->backlog))
			return taker->error;
	}
	return NULL;
}

bool takers_counters(struct takers *takers, struct source_counters *ret)
{
	struct source_counters sum = {0};

	stop(takers);
	for (unsigned i = 0; i < takers->count; i++) {
		const struct taker *taker = &takers->each[i];
		struct pcap_stat counters = taker->counters;

		if (!taker->over && pcap_stats(taker->pcap, &counters) != 0)
			return false;
		sum.received += counters.ps_recv;
		sum.dropped += counters.ps_drop;
		sum.left += atomic_load(&taker->left);
		if (i == 0) /* the device's, which all of them see */
			sum.dropped_by_interface = counters.ps_ifdrop;
	}
	*ret = sum;
	return true;
}
