/* What is said, and what was. */
#include "ws/utf8.h"
#include "wschat/chat_internal.h"
#include "wschat/history.h"
#include "wschat/identity.h"

#include <stdlib.h>

static bool good_content(struct ws_span content)
{
	return content.len >= 1 && content.len <= CONTENT_BYTES_MAX && ws_utf8_valid(content);
}

/* NULL when it is for everybody; *ret_found false when it is for somebody who is not in the sender's room. */
static struct person *recipient(const struct chat *chat, const struct command *command, const struct person *from,
				bool *ret_found)
{
	struct person *to = NULL;

	*ret_found = true;
	if (!command->to && !command->to_hex.len)
		return NULL;
	if (command->to)
		to = chat_person_of_uid(chat, command->to);
	else
		to = chat_person_of_hex(chat, command->to_hex);
	*ret_found = to && to->room == from->room;
	return *ret_found ? to : NULL;
}

static void confirm(struct chat *chat, const struct person *from, struct ws_span reference, uint64_t number)
{
	if (reference.len)
		chat_deliver(chat, &(struct delivery){.kind = DELIVERY_CONFIRMED,
						      .to = from->client,
						      .receiver = from,
						      .time = chat->now,
						      .number = number,
						      .reference = reference});
}

static void deliver_private(struct chat *chat, const struct saying *saying, const struct person *from,
			    const struct person *to)
{
	struct delivery delivery = {.kind = DELIVERY_PRIVATE,
				    .to = to->client,
				    .receiver = to,
				    .person = from,
				    .time = chat->now,
				    .saying = saying};

	chat->stats.said_private++;
	if (to != from)
		chat_deliver(chat, &delivery);
	delivery.to = from->client;
	delivery.receiver = from;
	delivery.own = true;
	chat_deliver(chat, &delivery);
}

static void say(struct chat *chat, const struct command *command, const struct person *from, const struct person *to)
{
	struct chat_sink *sink = &chat->config.sink;
	struct saying saying = {.number = chat->config.next_number,
				.time = chat->now,
				.room = from->room->name,
				.from = from->uid,
				.from_name = from->name,
				.content = command->content,
				.reference = command->reference};

	memcpy(saying.from_hex, from->hex, sizeof(saying.from_hex));
	if (to) {
		saying.to = to->uid;
		saying.to_name = to->name;
		memcpy(saying.to_hex, to->hex, sizeof(saying.to_hex));
	}
	if (sink->record(sink->context, &saying, from->client) < 0)
		return chat_refuse(chat, from->client, CHAT_ERROR_HISTORY, command->reference);
	chat->config.next_number++;
	if (to) {
		deliver_private(chat, &saying, from, to);
	} else {
		chat->stats.said++;
		chat_deliver(chat, &(struct delivery){.kind = DELIVERY_SAID,
						      .room = from->room,
						      .person = from,
						      .time = chat->now,
						      .saying = &saying});
	}
	confirm(chat, from, command->reference, saying.number);
}

void chat_say(struct chat *chat, const struct command *command)
{
	const struct person *from = chat_person_of_client(chat, command->from);
	const struct person *to;
	bool found;

	if (!from)
		return chat_refuse(chat, command->from, CHAT_ERROR_LOGIN, command->reference);
	if (!good_content(command->content) || command->reference.len > REFERENCE_MAX)
		return chat_refuse(chat, command->from, CHAT_ERROR_CONTENT, command->reference);
	if (command->reference.len && chat->config.history) {
		uint64_t number = history_find(chat->config.history, from->uid, command->reference);

		if (number)
			return confirm(chat, from, command->reference, number);
	}
	to = recipient(chat, command, from, &found);
	if (!found)
		return chat_refuse(chat, command->from, CHAT_ERROR_NOBODY, command->reference);
	say(chat, command, from, to);
}

const struct saying *chat_with_ids(struct chat *chat, const struct sayings *sayings)
{
	if (sayings->count > chat->found_cap) {
		struct saying *found = reallocarray(chat->found, sayings->count, sizeof(*found));

		if (!found)
			return NULL;
		chat->found = found;
		chat->found_cap = sayings->count;
	}
	for (size_t i = 0; i < sayings->count; i++) {
		struct saying *saying = &chat->found[i];

		*saying = sayings->at[i];
		identity_hex(chat->config.secret, saying->from, saying->from_hex);
		if (saying->to)
			identity_hex(chat->config.secret, saying->to, saying->to_hex);
	}
	return chat->found;
}

void chat_history(struct chat *chat, const struct command *command)
{
	const struct person *person = chat_person_of_client(chat, command->from);
	uint32_t max = chat->config.limits.history_page;
	struct delivery delivery = {
	    .kind = DELIVERY_HISTORY, .to = command->from, .receiver = person, .time = chat->now};
	struct sayings older = {0};

	if (!person)
		return chat_refuse(chat, command->from, CHAT_ERROR_LOGIN, command->reference);
	if (command->history < max)
		max = command->history;
	if (chat->config.history && max &&
	    history_before(chat->config.history, person->room->name, person->uid, command->before, max, &older) < 0)
		return chat_refuse(chat, command->from, CHAT_ERROR_HISTORY, command->reference);
	delivery.number = command->before;
	delivery.sayings = older.count ? chat_with_ids(chat, &older) : NULL;
	delivery.saying_count = delivery.sayings ? older.count : 0;
	delivery.more = older.more;
	chat_deliver(chat, &delivery);
}
