#include "wschat/pulse.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "wschat/loop.h"

/* What goes to one loop. While it is on its way it is the loop's. */
struct probe {
	struct post post; /* first */
	struct loop *loop;
	_Atomic bool under_way;
};

struct pulse {
	int timer; /* -1: no watchdog */
	size_t count;
	struct probe probes[];
};

static void on_arrival(struct post *post)
{
	atomic_store(&((struct probe *)post)->under_way, false);
}

static void send_out(struct probe *probe)
{
	atomic_store(&probe->under_way, true);
	loop_post(probe->loop, &probe->post);
}

/* A timer that fires twice in so many microseconds; negative errno. */
static int open_timer(uint64_t microseconds)
{
	const struct timespec half = {.tv_sec = (time_t)(microseconds / 2000000),
				      .tv_nsec = (long)(microseconds / 2 % 1000000 * 1000)};
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (timer >= 0)
		timerfd_settime(timer, 0, &(struct itimerspec){.it_interval = half, .it_value = half}, NULL);
	return timer;
}

struct pulse *pulse_create(struct loop *const *loops, size_t count)
{
	struct pulse *pulse = calloc(1, sizeof(*pulse) + count * sizeof(*pulse->probes));
	uint64_t microseconds = 0;

	if (!pulse)
		return NULL;
	pulse->timer = -1;
	if (sd_watchdog_enabled(0, &microseconds) <= 0)
		return pulse;
	pulse->timer = open_timer(microseconds);
	if (pulse->timer < 0) {
		free(pulse);
		return NULL;
	}
	pulse->count = count;
	for (size_t i = 0; i < count; i++) {
		pulse->probes[i].loop = loops[i];
		pulse->probes[i].post.arrive = on_arrival;
		send_out(&pulse->probes[i]);
	}
	return pulse;
}

void pulse_destroy(struct pulse *pulse)
{
	if (pulse && pulse->timer >= 0)
		close(pulse->timer);
	free(pulse);
}

int pulse_descriptor(const struct pulse *pulse)
{
	return pulse->timer;
}

void pulse_beat(struct pulse *pulse)
{
	bool all = true;
	uint64_t fired;

	while (read(pulse->timer, &fired, sizeof(fired)) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < pulse->count; i++) {
		if (atomic_load(&pulse->probes[i].under_way))
			all = false;
		else
			send_out(&pulse->probes[i]);
	}
	if (all)
		sd_notify(0, "WATCHDOG=1");
}
