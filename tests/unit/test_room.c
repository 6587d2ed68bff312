/* A room alone: people in it, and their workers. */
#include "test.h"

#include "wschat/room.h"

#include <stdlib.h>

/* How many people of this room a worker has, as the room knows it. */
static uint32_t with_worker(const struct room *room, uint32_t worker)
{
	uint32_t size = 0;

	for (uint32_t i = 0; i < room->worker_count; i++) {
		assert_int_not_equal(room->workers[i].size, 0);
		if (room->workers[i].worker == worker)
			size += room->workers[i].size;
	}
	return size;
}

/* A room knows which workers have people in it, whoever comes and goes. */
static void test_a_room_knows_its_workers(void **state)
{
	enum { PEOPLE = 40, WORKERS = 7, STEPS = 5000 };
	static struct person people[PEOPLE];
	uint32_t sizes[WORKERS] = {0};
	struct room *room = room_create(1, ws_span_str("r"), 0);

	(void)state;
	assert_non_null(room);
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned number = (unsigned)rand() % PEOPLE, worker = (unsigned)rand() % WORKERS, count = 0;
		struct person *person = &people[number];

		if (person->room) {
			sizes[person->client >> CLIENT_WORKER_SHIFT]--;
			room_leave(room, person);
			person->room = NULL;
		} else {
			*person =
			    (struct person){.client = (client_id)worker << CLIENT_WORKER_SHIFT | number, .room = room};
			sizes[worker]++;
			assert_int_equal(room_enter(room, person), 0);
		}
		for (unsigned i = 0; i < WORKERS; i++) {
			assert_int_equal(with_worker(room, i), sizes[i]);
			count += sizes[i] != 0;
		}
		assert_int_equal(room->worker_count, count);
	}
	room_destroy(room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_room_knows_its_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
