#include "wschat/hub.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "wschat/history.h"
#include "wschat/hub_internal.h"
#include "wschat/server.h"

static void end_of_turn(void *context);

struct hub *hub_create(struct server *server, char *error, size_t error_size)
{
	const struct options *options = server->options;
	struct chat_config config = {.limits = options->limits};
	struct hub *hub = calloc(1, sizeof(*hub) + server->worker_count * sizeof(*hub->lanes));

	snprintf(error, error_size, "out of memory");
	if (!hub)
		return NULL;
	hub->server = server;
	hub->lane_count = server->worker_count;
	pthread_mutex_init(&hub->stats_lock, NULL);
	pthread_mutex_init(&hub->room_lock, NULL);
	pthread_cond_init(&hub->room, NULL);
	for (unsigned i = 0; i < hub->lane_count; i++)
		ws_buf_init(&hub->lanes[i].parcels, HUB_BATCH_MAX);
	ws_buf_init(&hub->json, HUB_BATCH_MAX);
	ws_buf_init(&hub->frame, HUB_BATCH_MAX);
	ws_buf_init(&hub->said, HUB_BATCH_MAX);
	hub->loop = loop_create(end_of_turn, hub);
	hub->history = history_open(options->data_folder, options->durability, error, error_size);
	if (!hub->loop || !hub->history)
		goto failed;
	if (history_start(hub->history, config.secret, &config.next_number, &config.next_uid) < 0) {
		snprintf(error, error_size, "%s", history_error(hub->history));
		goto failed;
	}
	config.history = hub->history;
	config.sink = hub_chat_sink(hub);
	hub->chat = chat_create(&config);
	if (hub->chat)
		return hub;
failed:
	hub_destroy(hub);
	return NULL;
}

void hub_destroy(struct hub *hub)
{
	if (!hub)
		return;
	for (unsigned i = 0; i < hub->lane_count; i++) {
		ws_buf_finish(&hub->lanes[i].parcels);
		hub_submission_destroy(hub->lanes[i].gathering);
	}
	while (hub->first) {
		struct submission *next = hub->first->next;

		hub_submission_destroy(hub->first);
		hub->first = next;
	}
	chat_destroy(hub->chat);
	history_close(hub->history);
	ws_deflate_destroy(hub->deflate);
	loop_destroy(hub->loop);
	ws_buf_finish(&hub->json);
	ws_buf_finish(&hub->frame);
	ws_buf_finish(&hub->said);
	pthread_mutex_destroy(&hub->stats_lock);
	pthread_mutex_destroy(&hub->room_lock);
	pthread_cond_destroy(&hub->room);
	free(hub);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Does it read what was said, or is it told its number? Then that has to be certain first: a group that cannot be kept
 * must not have been read. The same for what it reserves: that stays, whatever becomes of the group. */
static bool stands_outside(const struct hub *hub, const struct command *command)
{
	return command->kind == COMMAND_HISTORY ||
	       (command->kind == COMMAND_LOGIN && (command->dialect == DIALECT_OURS || chat_needs_uids(hub->chat)));
}

static void carry_out(struct hub *hub, const struct command *command)
{
	if (hub->in_transaction && stands_outside(hub, command))
		hub_finish_group(hub);
	hub->speaking = command->kind == COMMAND_LOGIN ? command->dialect : DIALECT_C;
	chat_command(hub->chat, command, hub->now);
	if (command->kind == COMMAND_LOGIN)
		hub_after_login(hub, command);
	hub->stats.commands++;
	if (++hub->group_size >= HUB_GROUP || hub->group_bytes >= HUB_GROUP_BYTES)
		hub_finish_group(hub);
}

static void publish_stats(struct hub *hub)
{
	chat_stats(hub->chat, &hub->stats.chat);
	pthread_mutex_lock(&hub->stats_lock);
	hub->published = hub->stats;
	pthread_mutex_unlock(&hub->stats_lock);
}

static void end_of_turn(void *context)
{
	struct hub *hub = context;

	hub->now = now_ms();
	while (hub->first) {
		struct submission *submission = hub->first;
		struct command command;
		size_t at = 0;

		hub->first = submission->next;
		if (!hub->first)
			hub->last = NULL;
		while (hub_command_read(submission, &at, &command))
			carry_out(hub, &command);
		hub_carried_out(hub, submission);
		hub_submission_destroy(submission);
	}
	if (hub->group_size)
		hub_finish_group(hub);
	publish_stats(hub);
	if (hub->stopping)
		loop_stop(hub->loop);
}

struct loop *hub_loop(const struct hub *hub)
{
	return hub->loop;
}

void hub_stats(struct hub *hub, struct hub_stats *ret)
{
	pthread_mutex_lock(&hub->stats_lock);
	*ret = hub->published;
	pthread_mutex_unlock(&hub->stats_lock);
}

static void *run(void *context)
{
	struct hub *hub = context;

	loop_run(hub->loop);
	return NULL;
}

int hub_start(struct hub *hub)
{
	int status = pthread_create(&hub->thread, NULL, run, hub);

	hub->started = status == 0;
	return -status;
}

static void on_stop(struct post *post)
{
	struct hub *hub = (struct hub *)((char *)post - offsetof(struct hub, stop));

	hub->stopping = true;
}

void hub_stop(struct hub *hub)
{
	if (!hub || !hub->started)
		return;
	hub->stop.arrive = on_stop;
	loop_post(hub->loop, &hub->stop);
	pthread_join(hub->thread, NULL);
	hub->started = false;
}
