#include "test.h"

#include "wschat/wheel.h"

#include <stdlib.h>

enum {
	TIMERS = 5000,
};

struct alarm {
	struct timer timer; /* first, so that a timer is its alarm */
	int64_t due;
	int64_t fired;
	int again;
};

static struct wheel wheel;
static int64_t now;

static void ring(struct timer *timer)
{
	struct alarm *alarm = (struct alarm *)timer;

	alarm->fired = now;
	if (alarm->again-- > 0) {
		alarm->due = now + 75;
		wheel_set(&wheel, timer, now, 75);
	}
}

static void test_fires_once_in_time(void **state)
{
	static struct alarm alarms[TIMERS];

	(void)state;
	srand(1);
	now = 123456;
	wheel_init(&wheel, now);
	for (int i = 0; i < TIMERS; i++) {
		int64_t delay = rand() % 300000; /* almost three turns of the wheel */

		alarms[i] = (struct alarm){.timer.fire = ring, .due = now + delay};
		wheel_set(&wheel, &alarms[i].timer, now, delay);
	}
	for (int i = 0; i < TIMERS; i += 10) {
		wheel_cancel(&wheel, &alarms[i].timer);
		wheel_cancel(&wheel, &alarms[i].timer); /* a second time is nothing */
	}
	while (wheel.count) {
		int64_t wait = wheel_wait(&wheel, now);

		assert_true(wait >= 0);
		now += wait ? wait : 1;
		wheel_run(&wheel, now);
		assert_true(now < 123456 + 310000);
	}
	assert_int_equal(wheel_wait(&wheel, now), -1);
	for (int i = 0; i < TIMERS; i++) {
		if (i % 10 == 0) {
			assert_int_equal(alarms[i].fired, 0);
			continue;
		}
		assert_true(alarms[i].fired >= alarms[i].due);
		assert_true(alarms[i].fired <= alarms[i].due + 2 * WHEEL_TICK_MS);
	}
}

static void test_sets_itself_again(void **state)
{
	struct alarm alarm = {.timer.fire = ring, .again = 3, .due = 1100};

	(void)state;
	now = 1000;
	wheel_init(&wheel, now);
	wheel_set(&wheel, &alarm.timer, now, 100);
	for (; wheel.count; now += 10) {
		int64_t due = alarm.due;
		int left = alarm.again;

		wheel_run(&wheel, now);
		if (alarm.again != left)
			assert_true(now >= due && now <= due + 2 * WHEEL_TICK_MS);
	}
	assert_int_equal(alarm.again, -1);
}

static void test_after_a_long_sleep(void **state)
{
	struct alarm alarm = {.timer.fire = ring};

	(void)state;
	now = 1000;
	wheel_init(&wheel, now);
	wheel_set(&wheel, &alarm.timer, now, 60000);
	now += INT64_C(3600) * 1000 * 24;
	wheel_run(&wheel, now);
	assert_int_equal(alarm.fired, now);
}

static struct alarm victims[3];

static void cancel_the_others(struct timer *timer)
{
	for (int i = 0; i < 3; i++)
		if (&victims[i].timer != timer)
			wheel_cancel(&wheel, &victims[i].timer);
	((struct alarm *)timer)->fired = 1;
}

static void test_cancels_others_of_its_slot(void **state)
{
	(void)state;
	now = 1000;
	wheel_init(&wheel, now);
	for (int i = 0; i < 3; i++) {
		victims[i] = (struct alarm){.timer.fire = cancel_the_others};
		wheel_set(&wheel, &victims[i].timer, now, 100);
	}
	wheel_run(&wheel, now + 500);
	assert_int_equal(victims[0].fired + victims[1].fired + victims[2].fired, 1);
	assert_int_equal(wheel.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fires_once_in_time),
	    cmocka_unit_test(test_sets_itself_again),
	    cmocka_unit_test(test_after_a_long_sleep),
	    cmocka_unit_test(test_cancels_others_of_its_slot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
