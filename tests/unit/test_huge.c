#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "wscap/huge.h"
#include "wscap/pool.h"

enum {
	PAGE = 2 << 20,
	ITEM = 192, /* no whole number of them is in a piece */
	ITEMS = 60000,
};

static const size_t sizes[] = {1, 4096, HUGE_AHEAD, PAGE - 1, PAGE, PAGE + 4096, 3 * PAGE - 64, 25 * PAGE};

static void assert_zeroes(const uint8_t *memory, size_t bytes)
{
	uint8_t any = 0;

	for (size_t i = 0; i < bytes; i++)
		any |= memory[i];
	assert_int_equal(any, 0);
}

/* Asked for ahead or not, huge or small: it is zeroes, and what is written stays when the next piece is asked for. */
static void fill(uint8_t *memory, size_t bytes, bool ahead)
{
	for (size_t at = 0; at < bytes; at += HUGE_AHEAD) {
		size_t len = bytes - at < HUGE_AHEAD ? bytes - at : HUGE_AHEAD;

		if (ahead)
			huge_ahead(memory, bytes, at);
		assert_zeroes(memory + at, len);
		memset(memory + at, (int)(at / HUGE_AHEAD) + 1, len);
	}
	for (size_t at = 0; at < bytes; at += 4096)
		assert_int_equal(memory[at], (uint8_t)(at / HUGE_AHEAD + 1));
}

static void test_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (unsigned ahead = 0; ahead < 2; ahead++) {
			uint8_t *memory = huge_create(sizes[i]);

			assert_non_null(memory);
			fill(memory, sizes[i], ahead);
			huge_destroy(memory, sizes[i]);
		}
	}
	huge_destroy(NULL, PAGE);
}

static void test_busy(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *memory = huge_create_busy(sizes[i]);

		assert_non_null(memory);
		fill(memory, sizes[i], false);
		huge_destroy(memory, sizes[i]);
	}
}

/* Items that reach from one piece into the next one. */
static void test_pool(void **state)
{
	struct pool pool;

	(void)state;
	pool_init(&pool, ITEM);
	for (uint32_t i = 0; i < ITEMS; i++) {
		assert_int_equal(pool_take(&pool), i);
		memset(pool_at(&pool, i), (int)(i % 251), ITEM);
	}
	for (uint32_t i = 0; i < ITEMS; i++) {
		const uint8_t *item = pool_at(&pool, i);

		assert_int_equal(item[0], i % 251);
		assert_memory_equal(item, item + 1, ITEM - 1);
	}
	pool_finish(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_busy),
	    cmocka_unit_test(test_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
