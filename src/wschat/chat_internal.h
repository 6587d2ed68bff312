/* What the parts of the chat share: chat.c (tables, dispatch), chat_login.c (who comes and goes), chat_say.c (what is
 * said). */
#ifndef WSCHAT_CHAT_INTERNAL_H
#define WSCHAT_CHAT_INTERNAL_H

#include "base/map.h"
#include "base/siphash.h"
#include "wschat/chat.h"
#include "wschat/room.h"

struct chat {
	struct chat_config config;
	struct siphash_seed seed;
	struct map clients; /* persons by client_id: our own numbers */
	struct map persons; /* persons by uid: our own numbers */
	struct map hexes;   /* persons by their hexadecimal id: a MAC, so nobody can pick it */
	struct map rooms;   /* rooms by name: strangers' text, so the hash is seeded */
	uint32_t next_room;
	person_id uids_end; /* of those that are reserved */
	int64_t now;
	struct saying *found; /* copies of the history's answer, with ids */
	size_t found_cap;
	struct chat_stats stats;
};

struct person *chat_person_of_client(const struct chat *chat, client_id client);
struct person *chat_person_of_uid(const struct chat *chat, person_id uid);
struct person *chat_person_of_hex(const struct chat *chat, struct ws_span hex);

/* All maps, and the room's list; or none of them: -ENOMEM. After remove the person is the caller's to free, and the
 * room to drop when it is empty. */
int chat_add(struct chat *chat, struct person *person, struct room *room);
void chat_remove(struct chat *chat, struct person *person);

/* The room of this name, made when there is none. NULL with *ret_error set. */
struct room *chat_room(struct chat *chat, struct ws_span name, enum chat_error *ret_error);
void chat_room_drop(struct chat *chat, struct room *room); /* it is empty */

void chat_deliver(struct chat *chat, const struct delivery *delivery);
void chat_refuse(struct chat *chat, client_id client, enum chat_error error, struct ws_span reference);

/* The commands. */
void chat_login(struct chat *chat, const struct command *command);
void chat_gone(struct chat *chat, const struct command *command);
void chat_say(struct chat *chat, const struct command *command);
void chat_history(struct chat *chat, const struct command *command);

struct sayings;
/* Copies of these with the ids of who said them, valid until the next call; NULL when out of memory. */
const struct saying *chat_with_ids(struct chat *chat, const struct sayings *sayings);

#endif
