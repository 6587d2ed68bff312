/* The table that finds connections: at any moment, while it grows and connections come and go, each is found that is
 * there, and none that is not. */
#include "test.h"

#include "wscap/conn_slots.h"

#include <string.h>

enum {
	MANY = 30000,
};

static struct pool pool;
static struct conn_slots slots;

/* Hashes that often meet: in their place, and now and then as a whole. */
static uint64_t hash_of(uint32_t number)
{
	return number % 3 ? (uint64_t)number * 0x9e3779b97f4a7c15 >> 32 : number / 40;
}

static struct conn_key key_of(uint32_t number)
{
	return (struct conn_key){{number, 0, 7, 0, number * 2}};
}

static void add(uint32_t number)
{
	uint32_t place = pool_take(&pool);
	struct conn *conn = pool_at(&pool, place);

	assert_int_not_equal(place, POOL_NONE);
	memset(conn, 0, sizeof(*conn));
	conn->key = key_of(number);
	conn->number = number;
	conn->number_in_pool = place;
	assert_true(conn_slots_reserve(&slots));
	conn_slots_add(&slots, hash_of(number), conn);
}

static struct conn *find(uint32_t number)
{
	struct conn_key key = key_of(number);

	return conn_slots_find(&slots, hash_of(number), &key);
}

static void take_out(uint32_t number)
{
	struct conn *conn = find(number);

	assert_non_null(conn);
	conn_slots_remove(&slots, hash_of(number), conn);
	pool_give(&pool, conn->number_in_pool);
}

static void begin(void)
{
	pool_init(&pool, sizeof(struct conn));
	assert_true(conn_slots_init(&slots, &pool));
}

static void end(void)
{
	conn_slots_finish(&slots);
	pool_finish(&pool);
}

static void check_all(uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < to + 100; i++) {
		struct conn *conn = find(i);

		assert_int_equal(conn != NULL, i >= from && i < to);
		assert_true(!conn || conn->number == i);
		assert_true(!conn || (uint32_t)hash_of((uint32_t)conn_slots_guess(&slots, hash_of(i))->number) ==
					 (uint32_t)hash_of(i));
	}
}

static void test_grows(void **unused)
{
	(void)unused;
	begin();
	for (uint32_t i = 0; i < MANY; i++) {
		add(i);
		assert_non_null(find(i));
		assert_non_null(find(i / 2));
		assert_null(find(i + 1));
		if (i % 4999 == 0 || (i > 890 && i < 960)) /* in the midst of the first growth, too */
			check_all(0, i + 1);
	}
	check_all(0, MANY);
	end();
}

/* The oldest goes when a new one comes. */
static void test_slides(void **unused)
{
	uint32_t from = 0;

	(void)unused;
	begin();
	for (uint32_t i = 0; i < MANY; i++) {
		add(i);
		if (i >= 900 && i % 5)
			take_out(from++);
		if (i > 890 && i < 1100)
			check_all(from, i + 1);
	}
	check_all(from, MANY);
	while (from < MANY)
		take_out(from++);
	check_all(MANY, MANY);
	end();
}

/* A number's place stays, and what was given back is taken again. */
static void test_pool(void **unused)
{
	uint64_t *first;

	(void)unused;
	pool_init(&pool, sizeof(uint64_t));
	for (uint32_t i = 0; i < 600000; i++) {
		assert_int_equal(pool_take(&pool), i);
		*(uint64_t *)pool_at(&pool, i) = i;
	}
	first = pool_at(&pool, 0);
	for (uint32_t i = 0; i < 600000; i++)
		assert_int_equal(*(uint64_t *)pool_at(&pool, i), i);
	assert_int_equal(pool_memory(&pool), 600000 * sizeof(uint64_t));
	pool_give(&pool, 5);
	pool_give(&pool, 70);
	assert_int_equal(pool_take(&pool), 70);
	assert_int_equal(pool_take(&pool), 5);
	assert_int_equal(pool_take(&pool), 600000);
	assert_ptr_equal(pool_at(&pool, 0), first);
	pool_finish(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grows),
	    cmocka_unit_test(test_slides),
	    cmocka_unit_test(test_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
