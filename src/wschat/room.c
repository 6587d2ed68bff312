#include "wschat/room.h"

#include <errno.h>
#include <stdlib.h>

enum {
	ROOM_FIRST = 8, /* places of the first table */
};

struct room *room_create(uint32_t number, struct ws_span name, uint64_t hash)
{
	struct room *room = malloc(sizeof(*room) + name.len);
	uint8_t *text = (uint8_t *)(room + 1);

	if (!room)
		return NULL;
	memcpy(text, name.data, name.len);
	*room = (struct room){.number = number, .name = ws_span_of(text, name.len), .hash = hash};
	return room;
}

void room_destroy(struct room *room)
{
	if (!room)
		return;
	free(room->persons);
	free(room->workers);
	free(room);
}

static uint32_t worker_of(const struct person *person)
{
	return (uint32_t)(person->client >> CLIENT_WORKER_SHIFT);
}

/* There are as many workers as threads, and in a small room only a few of them. NULL: it has nobody here. */
static struct room_worker *find_worker(const struct room *room, uint32_t worker)
{
	for (struct room_worker *at = room->workers; at < room->workers + room->worker_count; at++)
		if (at->worker == worker)
			return at;
	return NULL;
}

static int make_place(struct room *room)
{
	size_t cap = room->cap ? room->cap * 2 : ROOM_FIRST;
	struct person **persons;

	if (room->size < room->cap)
		return 0;
	persons = reallocarray(room->persons, cap, sizeof(struct person *));
	if (!persons)
		return -ENOMEM;
	room->persons = persons;
	room->cap = cap;
	return 0;
}

/* The worker's entry, made where there is none; NULL when out of memory. */
static struct room_worker *need_worker(struct room *room, uint32_t worker)
{
	struct room_worker *found = find_worker(room, worker);

	if (found)
		return found;
	if (room->worker_count == room->worker_cap) {
		uint32_t cap = room->worker_cap ? room->worker_cap * 2 : 1;
		struct room_worker *workers = reallocarray(room->workers, cap, sizeof(*workers));

		if (!workers)
			return NULL;
		room->workers = workers;
		room->worker_cap = cap;
	}
	found = &room->workers[room->worker_count++];
	*found = (struct room_worker){.worker = worker};
	return found;
}

static void leave_worker(struct room *room, uint32_t index)
{
	struct room_worker *worker = find_worker(room, index);

	if (--worker->size == 0)
		*worker = room->workers[--room->worker_count];
}

int room_enter(struct room *room, struct person *person)
{
	struct room_worker *worker = make_place(room) < 0 ? NULL : need_worker(room, worker_of(person));

	if (!worker)
		return -ENOMEM;
	worker->size++;
	person->place = room->size;
	room->persons[room->size++] = person;
	room->variants[person->dialect][person->compressed]++;
	return 0;
}

/* The last one takes the place that becomes free. */
void room_leave(struct room *room, struct person *person)
{
	struct person *last = room->persons[--room->size];

	last->place = person->place;
	room->persons[person->place] = last;
	room->variants[person->dialect][person->compressed]--;
	leave_worker(room, worker_of(person));
}
