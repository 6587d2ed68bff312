#include "wschat/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "wschat/client.h"

static void flush_dirty(struct worker *worker)
{
	while (worker->dirty) {
		struct client *client = worker->dirty;

		worker->dirty = client->next_dirty;
		client->dirty = false;
		client_flush(client);
	}
	client_send_burst(worker);
}

static void end_of_turn(void *context)
{
	struct worker *worker = context;

	worker_flush_rooms(worker);
	client_send_burst(worker); /* before anybody could be in it twice */
	/* Who is sent to may have to be told something: that it is too slow. */
	while (worker->dirty)
		flush_dirty(worker);
	hub_submit_flush(worker->server->hub, worker->index);
	if (worker->draining && !worker->client_count)
		loop_stop(worker->loop);
}

struct worker *worker_create(struct server *server, unsigned index, const struct listening *listening, size_t count_of,
			     char *error, size_t error_size)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	const struct options *options = server->options;

	snprintf(error, error_size, "out of memory");
	if (!worker)
		return NULL;
	worker->server = server;
	worker->index = index;
	worker->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ws_buf_init(&worker->scratch, SIZE_MAX / 2); /* each decoder has its own limits */
	ws_buf_init(&worker->arena, options->limits.max_message + 1);
	ws_buf_init(&worker->json, SIZE_MAX / 2);
	ws_buf_init(&worker->frame, SIZE_MAX / 2);
	worker->burst = options->io_uring ? burst_create() : NULL;
	worker->loop = loop_create(end_of_turn, worker);
	if (!worker->loop || worker_listen(worker, listening, count_of) < 0) {
		snprintf(error, error_size, "cannot start a thread's loop: %s", strerror(errno));
		worker_destroy(worker);
		return NULL;
	}
	return worker;
}

void worker_destroy(struct worker *worker)
{
	if (!worker)
		return;
	worker_stop_listening(worker);
	if (worker->loop)
		loop_run_posts(worker->loop); /* the hub's last batches */
	while (worker->clients)
		client_destroy(worker->clients);
	worker_rooms_finish(worker);
	map_finish(&worker->by_id);
	if (worker->spare >= 0)
		close(worker->spare);
	burst_destroy(worker->burst);
	ws_deflate_destroy(worker->deflate);
	ws_buf_finish(&worker->scratch);
	ws_buf_finish(&worker->arena);
	ws_buf_finish(&worker->json);
	ws_buf_finish(&worker->frame);
	loop_destroy(worker->loop);
	free(worker);
}

static void *run(void *context)
{
	struct worker *worker = context;

	loop_run(worker->loop);
	return NULL;
}

int worker_start(struct worker *worker)
{
	int status = pthread_create(&worker->thread, NULL, run, worker);

	worker->started = status == 0;
	return -status;
}

static void on_drained(struct timer *timer)
{
	struct worker *worker = (struct worker *)((char *)timer - offsetof(struct worker, drained));

	loop_stop(worker->loop);
}

static void on_drain(struct post *post)
{
	struct worker *worker = (struct worker *)((char *)post - offsetof(struct worker, drain));
	struct client *next;

	worker->draining = true;
	worker_stop_listening(worker);
	for (struct client *client = worker->clients; client; client = next) {
		next = client->next;
		if (client->state == CLIENT_OPEN)
			client_close(client, WS_CLOSE_GOING_AWAY, ws_span_str("the server is stopping"));
		else if (client->state == CLIENT_HEAD)
			client_destroy(client);
	}
	loop_timer_set(worker->loop, &worker->drained, options_of(worker)->limits.close_timeout * INT64_C(1000));
}

void worker_drain(struct worker *worker)
{
	worker->drain.arrive = on_drain;
	worker->drained.fire = on_drained;
	loop_post(worker->loop, &worker->drain);
}

void worker_stop(struct worker *worker)
{
	if (!worker->started)
		return;
	pthread_join(worker->thread, NULL);
	worker->started = false;
}

bool worker_has_burst(const struct worker *worker)
{
	return worker->burst;
}

struct loop *worker_loop(const struct worker *worker)
{
	return worker->loop;
}

struct counters *worker_counters(struct worker *worker)
{
	return &worker->counters;
}

static uint64_t spread(uint64_t number)
{
	number *= UINT64_C(0x9e3779b97f4a7c15);
	return number ^ number >> 32;
}

static bool is_id(const void *item, const void *key)
{
	return ((const struct client *)item)->id == *(const client_id *)key;
}

struct client *worker_find(const struct worker *worker, client_id id)
{
	return map_find(&worker->by_id, spread(id), is_id, &id);
}

int worker_add(struct worker *worker, struct client *client)
{
	client->id = (client_id)worker->index << CLIENT_WORKER_SHIFT | ++worker->next_id;
	if (map_add(&worker->by_id, spread(client->id), client) < 0) {
		client->id = 0;
		return -ENOMEM;
	}
	atomic_fetch_add_explicit(&worker->counters.websockets, 1, memory_order_relaxed);
	return 0;
}

void worker_forget(struct worker *worker, struct client *client)
{
	if (!client->id)
		return;
	map_remove(&worker->by_id, spread(client->id), client);
	atomic_fetch_sub_explicit(&worker->counters.websockets, 1, memory_order_relaxed);
	client->id = 0;
}

void worker_mark_dirty(struct worker *worker, struct client *client)
{
	if (client->dirty)
		return;
	client->dirty = true;
	client->next_dirty = worker->dirty;
	worker->dirty = client;
}

static void carry_out(struct worker *worker, const struct parcel *parcel, struct ws_span bytes)
{
	struct client *client;

	if (parcel->kind == PARCEL_ROOM) {
		worker_room_frame(worker, parcel->room, parcel->variant, bytes);
		return;
	}
	client = worker_find(worker, parcel->client);
	if (!client || client->state != CLIENT_OPEN)
		return;
	switch ((enum parcel_kind)parcel->kind) {
	case PARCEL_ONE:
		count(worker, COUNTER_DELIVERIES, 1);
		client_send_text(client, bytes);
		break;
	case PARCEL_ENTER:
		worker_enter_room(worker, client, parcel->room, parcel->variant);
		break;
	case PARCEL_LEAVE:
		worker_leave_room(worker, client);
		break;
	case PARCEL_SPEAK:
		client->dialect = (uint8_t)dialect_of(parcel->variant);
		break;
	case PARCEL_CLOSE:
		client_close(client, parcel->code, bytes);
		break;
	case PARCEL_ROOM:
		break;
	}
}

void worker_take_batch(struct post *post)
{
	struct batch *batch = (struct batch *)((char *)post - offsetof(struct batch, post));
	struct ws_cursor in = ws_cursor_of(ws_buf_span(&batch->parcels));
	struct ws_span header, bytes, padding;
	struct parcel parcel;

	while (ws_take_span(&in, sizeof(parcel), &header)) {
		memcpy(&parcel, header.data, sizeof(parcel));
		if (!ws_take_span(&in, parcel.len, &bytes) ||
		    !ws_take_span(&in, -(size_t)parcel.len & (_Alignof(struct parcel) - 1), &padding))
			break;
		carry_out(batch->worker, &parcel, bytes);
	}
	ws_buf_finish(&batch->parcels);
	free(batch);
}
