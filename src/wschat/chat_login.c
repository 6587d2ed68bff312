/* Who comes, moves and goes. */
#include "ws/utf8.h"
#include "wschat/chat_internal.h"
#include "wschat/history.h"
#include "wschat/identity.h"

#include <stdlib.h>

/* A name of a person or room: UTF-8, 1 to max characters, none of them a control character. */
static bool good_name(struct ws_span name, size_t max)
{
	size_t chars = 0;

	if (!ws_utf8_valid(name))
		return false;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t byte = name.data[i];

		if (byte < 0x20 || byte == 0x7f)
			return false;
		if (byte == 0xc2 && (name.data[i + 1] & 0xe0) == 0x80)
			return false; /* U+0080 to U+009F */
		chars += (byte & 0xc0) != 0x80;
	}
	return chars >= 1 && chars <= max;
}

static struct ws_span without_spaces(struct ws_span text)
{
	while (text.len && text.data[0] == ' ')
		text = ws_span_from(text, 1);
	while (text.len && text.data[text.len - 1] == ' ')
		text.len--;
	return text;
}

/* Who stays is told; who left is none of them any more. */
static void leave(struct chat *chat, struct person *person)
{
	const struct chat_sink *sink = &chat->config.sink;
	struct room *room = person->room;

	sink->leave(sink->context, person, room);
	chat_remove(chat, person);
	if (room->size)
		chat_deliver(
		    chat, &(struct delivery){.kind = DELIVERY_LEFT, .room = room, .person = person, .time = chat->now});
	else
		chat_room_drop(chat, room);
	free(person);
}

/* name lies behind the person in the same allocation. */
static struct person *person_create(const struct command *command, struct ws_span name)
{
	struct person *person = malloc(sizeof(*person) + name.len);
	uint8_t *text = (uint8_t *)(person + 1);

	if (!person)
		return NULL;
	memcpy(text, name.data, name.len);
	*person = (struct person){.client = command->from,
				  .dialect = command->dialect,
				  .compressed = command->compressed,
				  .name = ws_span_of(text, name.len)};
	return person;
}

static void welcome(struct chat *chat, const struct command *command, struct person *person, bool resumed)
{
	struct delivery delivery = {.kind = DELIVERY_WELCOME,
				    .to = person->client,
				    .receiver = person,
				    .room = person->room,
				    .person = person,
				    .time = chat->now,
				    .resumed = resumed,
				    .number = chat->config.next_number - 1};
	struct history *history = chat->config.history;
	struct sayings missed = {0};
	int status = 0;

	identity_token(chat->config.secret, person->uid, delivery.token);
	if (history && command->since)
		status = history_since(history, person->room->name, person->uid, command->since, RESUME_MAX, &missed);
	else if (history && command->history)
		status = history_last(history, person->room->name, person->uid, command->history, &missed);
	/* What could not be read is not known to be missed: it is asked for again when the client comes again. */
	if (status < 0)
		delivery.number = command->since;
	if (status == 0 && missed.count) {
		delivery.sayings = chat_with_ids(chat, &missed);
		delivery.saying_count = delivery.sayings ? missed.count : 0;
		delivery.more = missed.more;
	}
	chat_deliver(chat, &delivery);
}

bool chat_needs_uids(const struct chat *chat)
{
	return chat->config.next_uid >= chat->uids_end;
}

/* One that nobody ever had, nor will have after the next start; 0 where that cannot be made sure (a full disk). */
static person_id new_uid(struct chat *chat)
{
	struct history *history = chat->config.history;

	if (chat_needs_uids(chat)) {
		if (history && history_reserve_uids(history, chat->uids_end + UID_BLOCK) < 0)
			return 0;
		chat->uids_end += UID_BLOCK;
	}
	return chat->config.next_uid++;
}

/* Who it is: a good token's person, whoever this client was before it moved, or somebody new; 0 where nobody new can
 * come. */
static person_id whose(struct chat *chat, const struct command *command, bool *ret_resumed)
{
	const struct person *before = chat_person_of_client(chat, command->from);
	person_id uid = identity_check(chat->config.secret, command->token);

	*ret_resumed = uid != 0;
	if (uid)
		return uid;
	return before ? before->uid : new_uid(chat);
}

/* The same client moves; the same person by another client replaces the first. */
static void leave_what_was(struct chat *chat, client_id client, person_id uid)
{
	struct person *before = chat_person_of_client(chat, client);
	struct person *other;

	if (before)
		leave(chat, before);
	other = chat_person_of_uid(chat, uid);
	if (!other)
		return;
	chat_deliver(chat, &(struct delivery){
			       .kind = DELIVERY_REPLACED, .to = other->client, .receiver = other, .time = chat->now});
	leave(chat, other);
}

/* False when there was no memory for it: then the person is gone. */
static bool enter(struct chat *chat, const struct command *command, struct person *person, struct room *room)
{
	const struct chat_sink *sink = &chat->config.sink;

	if (room->size)
		chat_deliver(chat, &(struct delivery){
				       .kind = DELIVERY_JOINED, .room = room, .person = person, .time = chat->now});
	if (chat_add(chat, person, room) < 0) {
		if (!room->size)
			chat_room_drop(chat, room);
		free(person);
		chat_refuse(chat, command->from, CHAT_ERROR_ROOMS, ws_span_of(NULL, 0));
		return false;
	}
	sink->enter(sink->context, person, room);
	return true;
}

void chat_login(struct chat *chat, const struct command *command)
{
	struct ws_span name = without_spaces(command->name);
	uint32_t max = chat->config.limits.max_users_per_room;
	const struct ws_span none = {0};
	enum chat_error error = CHAT_ERROR_ROOMS;
	struct person *person;
	struct room *room;
	bool resumed;
	person_id uid;

	if (!good_name(name, NAME_CHARS_MAX))
		return chat_refuse(chat, command->from, CHAT_ERROR_NAME, none);
	if (!good_name(command->room, ROOM_CHARS_MAX))
		return chat_refuse(chat, command->from, CHAT_ERROR_ROOM, none);
	uid = whose(chat, command, &resumed);
	if (!uid)
		return chat_refuse(chat, command->from, CHAT_ERROR_HISTORY, none);
	leave_what_was(chat, command->from, uid);
	room = chat_room(chat, command->room, &error);
	if (!room)
		return chat_refuse(chat, command->from, error, none);
	if (max && room->size >= max)
		return chat_refuse(chat, command->from, CHAT_ERROR_ROOM_FULL, none);
	person = person_create(command, name);
	if (!person) {
		if (!room->size)
			chat_room_drop(chat, room);
		return chat_refuse(chat, command->from, CHAT_ERROR_ROOMS, none);
	}
	person->uid = uid;
	identity_hex(chat->config.secret, uid, person->hex);
	chat->stats.logins++;
	if (enter(chat, command, person, room))
		welcome(chat, command, person, resumed);
}

void chat_gone(struct chat *chat, const struct command *command)
{
	struct person *person = chat_person_of_client(chat, command->from);

	if (person)
		leave(chat, person);
}
