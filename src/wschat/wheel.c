#include "wschat/wheel.h"

#include <stddef.h>
#include <string.h>

static struct timer **slot_of(struct wheel *wheel, int64_t tick)
{
	return &wheel->slots[(uint64_t)tick % WHEEL_SLOTS];
}

void wheel_init(struct wheel *wheel, int64_t now)
{
	memset(wheel, 0, sizeof(*wheel));
	wheel->tick = now / WHEEL_TICK_MS;
}

static void put(struct timer **slot, struct timer *timer)
{
	timer->next = *slot;
	timer->prev = slot;
	if (timer->next)
		timer->next->prev = &timer->next;
	*slot = timer;
}

static void take(struct timer *timer)
{
	*timer->prev = timer->next;
	if (timer->next)
		timer->next->prev = timer->prev;
	timer->next = NULL;
	timer->prev = NULL;
}

void wheel_cancel(struct wheel *wheel, struct timer *timer)
{
	if (!timer->prev)
		return;
	take(timer);
	wheel->count--;
}

void wheel_set(struct wheel *wheel, struct timer *timer, int64_t now, int64_t delay)
{
	wheel_cancel(wheel, timer);
	timer->at = (now + delay + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS;
	if (timer->at <= wheel->tick)
		timer->at = wheel->tick + 1;
	put(slot_of(wheel, timer->at), timer);
	wheel->count++;
}

/* The slot's timers are moved to a list of its own first, so that fire() may change the slot at will; what it cancels
 * leaves that list just as it would leave the slot. */
static void run_slot(struct wheel *wheel, int64_t tick)
{
	struct timer **slot = slot_of(wheel, tick);
	struct timer *due = *slot;

	*slot = NULL;
	if (due)
		due->prev = &due;
	while (due) {
		struct timer *timer = due;

		take(timer);
		if (timer->at > tick) {
			put(slot, timer);
			continue;
		}
		wheel->count--;
		timer->fire(timer);
	}
}

void wheel_run(struct wheel *wheel, int64_t now)
{
	int64_t upto = now / WHEEL_TICK_MS;

	/* After a long sleep one turn visits every slot. */
	if (upto - wheel->tick > WHEEL_SLOTS)
		wheel->tick = upto - WHEEL_SLOTS;
	while (wheel->tick < upto) {
		wheel->tick++;
		run_slot(wheel, wheel->tick);
	}
}

int64_t wheel_wait(const struct wheel *wheel, int64_t now)
{
	int64_t tick = wheel->tick;

	if (!wheel->count)
		return -1;
	do
		tick++;
	while (!wheel->slots[(uint64_t)tick % WHEEL_SLOTS] && tick < wheel->tick + WHEEL_SLOTS);
	return tick * WHEEL_TICK_MS > now ? tick * WHEEL_TICK_MS - now : 0;
}
