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
	free(room);
}

int room_enter(struct room *room, struct person *person)
{
	if (room->size == room->cap) {
		size_t cap = room->cap ? room->cap * 2 : ROOM_FIRST;
		struct person **persons = reallocarray(room->persons, cap, sizeof(struct person *));

		if (!persons)
			return -ENOMEM;
		room->persons = persons;
		room->cap = cap;
	}
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
}
