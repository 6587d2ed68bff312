/* Commands on their way from a worker to the hub: each copied once, handed over in one piece per turn. */
#include <errno.h>
#include <stdlib.h>

#include "wschat/hub_internal.h"

enum {
	TEXTS = 6,
};

/* The command's texts, in the order in which they follow it. */
static void texts_of(struct command *command, struct ws_span *ret[TEXTS])
{
	ret[0] = &command->name;
	ret[1] = &command->room;
	ret[2] = &command->token;
	ret[3] = &command->to_hex;
	ret[4] = &command->content;
	ret[5] = &command->reference;
}

static size_t padding(size_t len)
{
	return -len & (_Alignof(struct command) - 1);
}

static int append(struct ws_buf *buf, const struct command *command)
{
	static const uint8_t zeroes[_Alignof(struct command)];
	struct command copy = *command;
	struct ws_span *texts[TEXTS];
	size_t len = sizeof(copy);
	int status;

	texts_of(&copy, texts);
	for (size_t i = 0; i < TEXTS; i++)
		len += texts[i]->len;
	status = ws_buf_reserve(buf, len + padding(len));
	if (status < 0)
		return status;
	ws_buf_append(buf, ws_span_of(&copy, sizeof(copy)));
	for (size_t i = 0; i < TEXTS; i++)
		ws_buf_append(buf, *texts[i]);
	return ws_buf_append(buf, ws_span_of(zeroes, padding(len)));
}

bool hub_command_read(const struct submission *submission, size_t *at, struct command *ret)
{
	const struct ws_buf *buf = &submission->commands;
	struct ws_span *texts[TEXTS];
	size_t begin = *at;

	if (begin >= buf->len)
		return false;
	memcpy(ret, buf->data + begin, sizeof(*ret));
	*at += sizeof(*ret);
	texts_of(ret, texts);
	for (size_t i = 0; i < TEXTS; i++) {
		texts[i]->data = buf->data + *at;
		*at += texts[i]->len;
	}
	*at += padding(*at - begin);
	return true;
}

static void on_arrival(struct post *post)
{
	struct submission *submission = (struct submission *)((char *)post - offsetof(struct submission, post));
	struct hub *hub = submission->hub;

	if (hub->last)
		hub->last->next = submission;
	else
		hub->first = submission;
	hub->last = submission;
}

int hub_submit(struct hub *hub, unsigned worker, const struct command *command)
{
	struct hub_lane *lane = &hub->lanes[worker];

	if (!lane->gathering) {
		lane->gathering = calloc(1, sizeof(*lane->gathering));
		if (!lane->gathering)
			return -ENOMEM;
		lane->gathering->hub = hub;
		lane->gathering->post.arrive = on_arrival;
		ws_buf_init(&lane->gathering->commands, HUB_BATCH_MAX);
	}
	return append(&lane->gathering->commands, command) < 0 ? -ENOMEM : 0;
}

static bool is_full(const struct hub *hub)
{
	return atomic_load(&hub->inbox) > HUB_INBOX_MAX;
}

static void wait_for_room(struct hub *hub)
{
	pthread_mutex_lock(&hub->room_lock);
	while (is_full(hub))
		pthread_cond_wait(&hub->room, &hub->room_lock);
	pthread_mutex_unlock(&hub->room_lock);
}

void hub_submit_flush(struct hub *hub, unsigned worker)
{
	struct submission *submission = hub->lanes[worker].gathering;

	if (!submission)
		return;
	hub->lanes[worker].gathering = NULL;
	atomic_fetch_add(&hub->inbox, submission->commands.len);
	loop_post(hub->loop, &submission->post);
	if (is_full(hub))
		wait_for_room(hub);
}

void hub_carried_out(struct hub *hub, const struct submission *submission)
{
	size_t before = atomic_fetch_sub(&hub->inbox, submission->commands.len);

	if (before <= HUB_INBOX_MAX || is_full(hub))
		return;
	pthread_mutex_lock(&hub->room_lock);
	pthread_cond_broadcast(&hub->room);
	pthread_mutex_unlock(&hub->room_lock);
}

void hub_submission_destroy(struct submission *submission)
{
	if (!submission)
		return;
	ws_buf_finish(&submission->commands);
	free(submission);
}
