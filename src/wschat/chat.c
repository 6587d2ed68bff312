#include "wschat/chat_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

struct chat *chat_create(const struct chat_config *config)
{
	struct chat *chat = calloc(1, sizeof(*chat));

	if (!chat)
		return NULL;
	chat->config = *config;
	chat->uids_end = config->next_uid + UID_BLOCK;
	if (getrandom(&chat->seed, sizeof(chat->seed), 0) != (ssize_t)sizeof(chat->seed)) {
		free(chat);
		return NULL;
	}
	return chat;
}

void chat_destroy(struct chat *chat)
{
	size_t at = 0;

	if (!chat)
		return;
	for (struct person *person; (person = map_next(&chat->clients, &at));)
		free(person);
	at = 0;
	for (struct room *room; (room = map_next(&chat->rooms, &at));)
		room_destroy(room);
	map_finish(&chat->clients);
	map_finish(&chat->persons);
	map_finish(&chat->hexes);
	map_finish(&chat->rooms);
	free(chat->found);
	free(chat);
}

/* Numbers that we gave ourselves only have to be spread. */
static uint64_t spread(uint64_t number)
{
	number *= UINT64_C(0x9e3779b97f4a7c15);
	return number ^ number >> 32;
}

static uint64_t hash_hex(struct ws_span hex)
{
	uint64_t word;

	memcpy(&word, hex.data, sizeof(word));
	return spread(word);
}

static uint64_t hash_name(const struct chat *chat, struct ws_span name)
{
	uint64_t words[ROOM_CHARS_MAX * 4 / sizeof(uint64_t) + 1] = {0};

	memcpy(words, name.data, name.len);
	words[sizeof(words) / sizeof(*words) - 1] = name.len;
	return siphash_words(&chat->seed, words, sizeof(words) / sizeof(*words));
}

static bool is_client(const void *item, const void *key)
{
	return ((const struct person *)item)->client == *(const client_id *)key;
}

static bool is_uid(const void *item, const void *key)
{
	return ((const struct person *)item)->uid == *(const person_id *)key;
}

static bool is_hex(const void *item, const void *key)
{
	return memcmp(((const struct person *)item)->hex, key, PERSON_HEX_LEN) == 0;
}

static bool is_name(const void *item, const void *key)
{
	return ws_span_equal(((const struct room *)item)->name, *(const struct ws_span *)key);
}

struct person *chat_person_of_client(const struct chat *chat, client_id client)
{
	return map_find(&chat->clients, spread(client), is_client, &client);
}

struct person *chat_person_of_uid(const struct chat *chat, person_id uid)
{
	return map_find(&chat->persons, spread(uid), is_uid, &uid);
}

struct person *chat_person_of_hex(const struct chat *chat, struct ws_span hex)
{
	if (hex.len != PERSON_HEX_LEN)
		return NULL;
	return map_find(&chat->hexes, hash_hex(hex), is_hex, hex.data);
}

static uint64_t hash_of_hex(const struct person *person)
{
	return hash_hex(ws_span_of(person->hex, PERSON_HEX_LEN));
}

int chat_add(struct chat *chat, struct person *person, struct room *room)
{
	if (map_add(&chat->clients, spread(person->client), person) < 0)
		return -ENOMEM;
	if (map_add(&chat->persons, spread(person->uid), person) < 0)
		goto no_persons;
	if (map_add(&chat->hexes, hash_of_hex(person), person) < 0)
		goto no_hexes;
	if (room_enter(room, person) < 0)
		goto no_room;
	person->room = room;
	return 0;
no_room:
	map_remove(&chat->hexes, hash_of_hex(person), person);
no_hexes:
	map_remove(&chat->persons, spread(person->uid), person);
no_persons:
	map_remove(&chat->clients, spread(person->client), person);
	return -ENOMEM;
}

void chat_remove(struct chat *chat, struct person *person)
{
	map_remove(&chat->clients, spread(person->client), person);
	map_remove(&chat->persons, spread(person->uid), person);
	map_remove(&chat->hexes, hash_of_hex(person), person);
	room_leave(person->room, person);
}

struct room *chat_room(struct chat *chat, struct ws_span name, enum chat_error *ret_error)
{
	uint64_t hash = hash_name(chat, name);
	struct room *room = map_find(&chat->rooms, hash, is_name, &name);
	uint32_t max = chat->config.limits.max_rooms;

	if (room)
		return room;
	*ret_error = CHAT_ERROR_ROOMS;
	if (max && chat->rooms.count >= max)
		return NULL;
	room = room_create(++chat->next_room, name, hash);
	if (room && map_add(&chat->rooms, hash, room) < 0) {
		room_destroy(room);
		room = NULL;
	}
	return room;
}

void chat_room_drop(struct chat *chat, struct room *room)
{
	map_remove(&chat->rooms, room->hash, room);
	room_destroy(room);
}

void chat_deliver(struct chat *chat, const struct delivery *delivery)
{
	chat->config.sink.deliver(chat->config.sink.context, delivery);
}

void chat_refuse(struct chat *chat, client_id client, enum chat_error error, struct ws_span reference)
{
	const struct person *person = chat_person_of_client(chat, client);

	chat->stats.errors[error]++;
	chat_deliver(chat, &(struct delivery){.kind = DELIVERY_ERROR,
					      .to = client,
					      .receiver = person,
					      .time = chat->now,
					      .error = error,
					      .reference = reference});
}

void chat_take_back(struct chat *chat, uint64_t first)
{
	chat->config.next_number = first;
}

void chat_tell_not_kept(struct chat *chat, client_id client, struct ws_span reference)
{
	chat_refuse(chat, client, CHAT_ERROR_HISTORY, reference);
}

void chat_command(struct chat *chat, const struct command *command, int64_t now)
{
	static void (*const commands[])(struct chat * chat, const struct command *command) = {
	    [COMMAND_LOGIN] = chat_login,
	    [COMMAND_SAY] = chat_say,
	    [COMMAND_HISTORY] = chat_history,
	    [COMMAND_GONE] = chat_gone,
	};

	chat->now = now;
	commands[command->kind](chat, command);
}

enum dialect_id chat_dialect_of(const struct chat *chat, client_id client)
{
	const struct person *person = chat_person_of_client(chat, client);

	return person ? person->dialect : DIALECT_COUNT;
}

void chat_stats(const struct chat *chat, struct chat_stats *ret)
{
	*ret = chat->stats;
	ret->rooms = chat->rooms.count;
	ret->persons = chat->clients.count;
}
