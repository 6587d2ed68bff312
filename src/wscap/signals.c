#include "wscap/signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

enum {
	AGAIN_MS =
	    200, /* sooner it is the same: timeout(1) tells its child, and then its group, which has the child in it */
};

static struct source *volatile watched;
static volatile sig_atomic_t ended;
/* Whoever has the turn answers them, on whatever thread. */
static atomic_bool asked; /* any of them */
static atomic_bool requests[REQUEST_COUNT];

static const struct {
	int signal;
	enum signal_request request;
} asks[] = {{SIGUSR1, REQUEST_COUNTERS}, {SIGUSR2, REQUEST_FLUSH}, {SIGALRM, REQUEST_PROGRESS}};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* The second time it does what it does by itself. */
static void on_end(int number)
{
	static int64_t first;

	if (ended && clock_ms() - first < AGAIN_MS)
		return;
	if (ended) {
		signal(number, SIG_DFL);
		raise(number); /* when this returns */
		return;
	}
	first = clock_ms();
	ended = 1;
	source_break(watched);
}

static void on_request(int signal)
{
	for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++) {
		if (asks[i].signal == signal)
			requests[asks[i].request] = true;
	}
	asked = true;
}

void signals_handle(struct source *source)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction end = {.sa_handler = on_end};
	struct sigaction request = {.sa_handler = on_request, .sa_flags = SA_RESTART};
	struct sigaction before;

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) /* none of them within another */
		sigaddset(&end.sa_mask, ends[i]);
	watched = source;
	for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++)
		sigaction(asks[i].signal, &request, NULL);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		bool nohup = ends[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler == SIG_IGN;

		/* a shell's background job ignores INT, and is to be ended by it all the same, as tcpdump is */
		if (!nohup)
			sigaction(ends[i], &end, NULL);
	}
}

void signals_every_second(void)
{
	const struct itimerval second = {.it_interval.tv_sec = 1, .it_value.tv_sec = 1};

	setitimer(ITIMER_REAL, &second, NULL);
}

bool signals_asked(void)
{
	if (!asked)
		return false;
	asked = false;
	return true;
}

bool signals_take(enum signal_request request)
{
	if (!requests[request])
		return false;
	requests[request] = false;
	return true;
}

bool signals_ended(void)
{
	return ended;
}
