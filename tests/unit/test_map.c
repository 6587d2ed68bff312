#include "test.h"

#include "base/map.h"

#include <stdlib.h>

enum {
	KEYS = 3000,
};

static int keys[KEYS];
static bool inside[KEYS];

static bool same(const void *item, const void *key)
{
	return *(const int *)item == *(const int *)key;
}

/* Few different hashes at first, so that long runs wrap around and are broken up by removal. */
static void random_walk(uint64_t hash_mask)
{
	struct map map = {0};
	size_t at = 0, count = 0;

	srand(3);
	for (int i = 0; i < KEYS; i++)
		inside[i] = false;
	for (int round = 0; round < 30000; round++) {
		int key = rand() % (round < 15000 ? KEYS : 50);
		uint64_t hash = ((uint64_t)key * 0x9e3779b97f4a7c15u) & hash_mask;

		keys[key] = key;
		assert_ptr_equal(map_find(&map, hash, same, &key), inside[key] ? &keys[key] : NULL);
		if (inside[key])
			map_remove(&map, hash, &keys[key]);
		else
			assert_int_equal(map_add(&map, hash, &keys[key]), 0);
		inside[key] = !inside[key];
		count += inside[key] ? 1 : (size_t)-1;
		assert_int_equal(map.count, count);
	}
	for (int *item; (item = map_next(&map, &at)); count--)
		assert_true(inside[*item]);
	assert_int_equal(count, 0);
	map_finish(&map);
	assert_null(map_find(&map, 0, same, &keys[0]));
}

static void test_spread(void **state)
{
	(void)state;
	random_walk(UINT64_MAX);
}

static void test_crowded(void **state)
{
	(void)state;
	random_walk(0x3f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_spread),
	    cmocka_unit_test(test_crowded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
