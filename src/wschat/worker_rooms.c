/* The rooms as a worker has them: a frame goes on a tape once, and every member is sent whatever it has not heard yet.
 */
#include <errno.h>
#include <stdlib.h>

#include "wschat/client.h"

static uint64_t spread(uint64_t number)
{
	number *= UINT64_C(0x9e3779b97f4a7c15);
	return number ^ number >> 32;
}

static bool is_number(const void *item, const void *key)
{
	return ((const struct local_room *)item)->number == *(const uint32_t *)key;
}

static struct local_room *find(const struct worker *worker, uint32_t number)
{
	return map_find(&worker->rooms, spread(number), is_number, &number);
}

static struct local_room *find_or_make(struct worker *worker, uint32_t number)
{
	struct local_room *room = find(worker, number);

	if (room)
		return room;
	room = calloc(1, sizeof(*room));
	if (!room)
		return NULL;
	room->number = number;
	if (map_add(&worker->rooms, spread(number), room) < 0) {
		free(room);
		return NULL;
	}
	return room;
}

static void destroy(struct local_room *room)
{
	for (unsigned i = 0; i < VARIANT_COUNT; i++) {
		tape_finish(&room->audiences[i].tape);
		free(room->audiences[i].clients);
	}
	free(room);
}

/* A room that is to be flushed at the end of the turn stays until then. */
static void drop_when_empty(struct worker *worker, struct local_room *room)
{
	if (room->size || room->heard)
		return;
	map_remove(&worker->rooms, spread(room->number), room);
	destroy(room);
}

static int add(struct audience *audience, struct client *client)
{
	if (audience->count == audience->cap) {
		uint32_t cap = audience->cap ? audience->cap * 2 : 8;
		struct client **clients = reallocarray(audience->clients, cap, sizeof(struct client *));

		if (!clients)
			return -ENOMEM;
		audience->clients = clients;
		audience->cap = cap;
	}
	client->member.place = audience->count;
	audience->clients[audience->count++] = client;
	return 0;
}

void worker_enter_room(struct worker *worker, struct client *client, uint32_t number, uint16_t variant)
{
	static const char no_memory[] = "out of memory";
	struct local_room *room;

	worker_leave_room(worker, client);
	room = find_or_make(worker, number);
	if (!room || add(&room->audiences[variant], client) < 0) {
		if (room)
			drop_when_empty(worker, room);
		client_close(client, WS_CLOSE_INTERNAL_ERROR, ws_span_str(no_memory));
		return;
	}
	client->member.room = room;
	client->member.variant = variant;
	room->size++;
	/* From here on it is a member, and closing takes it out again. */
	if (sendq_tune(&client->queue, &room->audiences[variant].tape) < 0)
		client_close(client, WS_CLOSE_INTERNAL_ERROR, ws_span_str(no_memory));
}

void worker_leave_room(struct worker *worker, struct client *client)
{
	struct local_room *room = client->member.room;
	struct audience *audience;
	struct client *last;

	if (!room)
		return;
	audience = &room->audiences[client->member.variant];
	last = audience->clients[--audience->count];
	audience->clients[client->member.place] = last;
	last->member.place = client->member.place;
	client->member.room = NULL;
	room->size--;
	/* What it heard already is still sent; without memory for that it is not, and the client goes. */
	if (sendq_untune(&client->queue) < 0)
		sendq_finish(&client->queue);
	drop_when_empty(worker, room);
}

/* Its members would miss a message without knowing: they are told to come again. Each leaves the room as it is closed.
 */
static void close_audience(struct worker *worker, struct local_room *room, struct audience *audience)
{
	bool heard = room->heard;

	room->heard = true; /* it stays until we are through */
	for (uint32_t i = audience->count; i-- > 0;)
		client_close(audience->clients[i], WS_CLOSE_TRY_LATER, ws_span_str("out of memory"));
	room->heard = heard;
	drop_when_empty(worker, room);
}

void worker_room_frame(struct worker *worker, uint32_t number, uint16_t variant, struct ws_span frame)
{
	struct local_room *room = find(worker, number);
	struct audience *audience;

	if (!room)
		return;
	audience = &room->audiences[variant];
	if (!audience->count)
		return;
	if (tape_append(&audience->tape, frame) < 0) {
		close_audience(worker, room, audience);
		return;
	}
	count(worker, COUNTER_DELIVERIES, audience->count);
	if (!room->heard) {
		room->heard = true;
		room->next_heard = worker->heard;
		worker->heard = room;
	}
}

/* One send for each member, whatever waits for it. A client that goes takes the last one's place, so the walk goes
 * down. */
static void flush_audience(struct audience *audience)
{
	for (uint32_t i = audience->count; i-- > 0;)
		if (i < audience->count)
			client_flush(audience->clients[i]);
}

void worker_flush_rooms(struct worker *worker)
{
	while (worker->heard) {
		struct local_room *room = worker->heard;

		worker->heard = room->next_heard;
		for (unsigned i = 0; i < VARIANT_COUNT; i++)
			flush_audience(&room->audiences[i]);
		room->heard = false;
		drop_when_empty(worker, room);
	}
}

void worker_rooms_finish(struct worker *worker)
{
	size_t at = 0;

	for (struct local_room *room; (room = map_next(&worker->rooms, &at));)
		destroy(room);
	map_finish(&worker->rooms);
}
