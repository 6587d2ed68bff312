/* Timers on a wheel: setting and cancelling take constant time, however many there are. Resolution: WHEEL_TICK_MS. */
#ifndef WSCHAT_WHEEL_H
#define WSCHAT_WHEEL_H

#include <stdint.h>

enum {
	WHEEL_TICK_MS = 50,
	WHEEL_SLOTS = 2048, /* a turn takes 102 s; a timer for later stays in its slot for further turns */
};

/* Embedded in what it belongs to; zeroes at first. */
struct timer {
	struct timer *next, **prev; /* in its slot; prev is NULL while it is not set */
	int64_t at;                 /* tick */
	void (*fire)(struct timer *timer);
};

struct wheel {
	int64_t tick; /* all up to here have fired */
	uint64_t count;
	struct timer *slots[WHEEL_SLOTS];
};

/* now: milliseconds of a clock that only goes forward. */
void wheel_init(struct wheel *wheel, int64_t now);

/* Fires once, at least delay milliseconds after now. Setting a set timer moves it. */
void wheel_set(struct wheel *wheel, struct timer *timer, int64_t now, int64_t delay);
void wheel_cancel(struct wheel *wheel, struct timer *timer);

/* Fires what is due. fire() may set and cancel any timer, its own included, and free what it is embedded in. */
void wheel_run(struct wheel *wheel, int64_t now);

/* Milliseconds until something may be due (at most a turn); -1 when no timer is set. */
int64_t wheel_wait(const struct wheel *wheel, int64_t now);

#endif
