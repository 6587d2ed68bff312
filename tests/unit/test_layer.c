/* Where what a carrier brings came from. */
#include "test.h"

#include "wscap/layer.h"

/* Three pieces of ten bytes, from records of twenty. */
static void test_places(void **state)
{
	struct places places = {0};

	(void)state;
	assert_int_equal(places_begin(&places, DIR_S2C, 0), -1);
	assert_int_equal(places_end(&places, DIR_S2C, 5), -1);
	for (int64_t i = 0; i < 3; i++)
		places_add(&places, DIR_S2C, 10 * i, 100 + 20 * i, 120 + 20 * i);
	assert_int_equal(places_begin(&places, DIR_S2C, 0), 100);
	assert_int_equal(places_begin(&places, DIR_S2C, 9), 100);
	assert_int_equal(places_begin(&places, DIR_S2C, 10), 120);
	assert_int_equal(places_end(&places, DIR_S2C, 10), 120); /* its last byte is the first piece's */
	assert_int_equal(places_end(&places, DIR_S2C, 11), 140);
	assert_int_equal(places_end(&places, DIR_S2C, 30), 160);
	assert_int_equal(places_end(&places, DIR_C2S, 30), -1);
}

/* Of what is older than the ring there is an approximation, never something newer than the oldest piece. */
static void test_older_than_the_ring(void **state)
{
	struct places places = {0};

	(void)state;
	for (int64_t i = 0; i < PLACES + 3; i++)
		places_add(&places, DIR_C2S, 10 * i, 20 * i, 20 * i + 20);
	assert_int_equal(places_begin(&places, DIR_C2S, 0), 20 * 3);
	assert_int_equal(places_begin(&places, DIR_C2S, 35), 20 * 3);
	assert_int_equal(places_begin(&places, DIR_C2S, 45), 20 * 4);
	assert_int_equal(places_end(&places, DIR_C2S, 10 * (PLACES + 3)), 20 * (PLACES + 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_older_than_the_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
