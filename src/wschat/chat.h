/* The chat itself: pure state. A command in, deliveries out; no socket, no thread, no clock of its own.
 *
 *     command ─► (limits, rights) ─► rooms and people ─► record for the history, deliveries for the clients
 *
 * One thread owns a struct chat (hub.h). Commands come from the loops in batches; after a batch the hub writes the
 * records to the history, and only then hands out the deliveries: what a client has seen is in the history.
 *
 * People speak dialects (dialect.h) and see each other. Text in here is plain UTF-8, never escaped: escaping is a
 * dialect's manner.
 *
 * A person is one login of one client. It has a number (uid: what dialect A shows) and an unguessable id of 20
 * hexadecimal digits (what dialect C shows), both kept over a reconnect by who shows the token of its login. */
#ifndef WSCHAT_CHAT_H
#define WSCHAT_CHAT_H

#include "ws/span.h"
#include "wschat/limits.h"

struct room;

typedef uint64_t client_id; /* a connection: its worker's number in the upper 16 bits, never used twice; 0 is nobody */
typedef uint64_t person_id; /* a uid; 0 is nobody */

enum dialect_id {
	DIALECT_A,    /* the document's, 2014 */
	DIALECT_C,    /* workerman-chat's of today */
	DIALECT_OURS, /* C, and what our page asks for: message numbers, history, resuming, errors */
	DIALECT_COUNT,
};

enum command_kind {
	COMMAND_LOGIN, /* enter a room under a name; a second one moves the client */
	COMMAND_SAY,
	COMMAND_HISTORY, /* older messages of the room */
	COMMAND_GONE,    /* the connection ended */
};

/* Spans are borrowed for the call. */
struct command {
	enum command_kind kind;
	client_id from;
	enum dialect_id dialect; /* LOGIN */
	struct ws_span name;     /* LOGIN */
	struct ws_span room;     /* LOGIN */
	struct ws_span token;    /* LOGIN: of an earlier login; empty when new */
	uint32_t history;        /* LOGIN: how many of the last messages; HISTORY: how many older ones */
	uint64_t since;          /* LOGIN: the last message number that the client has; 0 when none */
	uint64_t before;         /* HISTORY: older than this message number */
	bool compressed;         /* LOGIN: its frames are to be compressed */
	person_id to;            /* SAY: one person by its uid, or… */
	struct ws_span to_hex;   /* …by its hexadecimal id; neither: everybody */
	struct ws_span content;  /* SAY */
	/* SAY: the sender's own name for it, at most REFERENCE_MAX bytes. It comes back to the sender, and what this
	 * person has already said under the same reference is not said twice. */
	struct ws_span reference;
};

enum {
	CLIENT_WORKER_SHIFT = 48,
	CLOSE_REPLACED = 4000, /* the close code for who was replaced */
	REFERENCE_MAX = 40,
	TOKEN_LEN = 48,      /* hexadecimal: 16 digits of the uid, 32 of a MAC over it with the server's secret */
	PERSON_HEX_LEN = 20, /* the first digits of another MAC over the uid: unguessable, and nothing to store */
	RESUME_MAX = 2000,   /* messages that a client which comes back is given at once */
	UID_BLOCK = 65536,   /* uids are reserved in the history this many at a time */
	SECRET_LEN = 32,     /* bytes; kept with the history */
};

/* Somebody in a room (room.h). Spans live as long as the person does. */
struct person {
	person_id uid;
	client_id client;
	enum dialect_id dialect;
	bool compressed;
	char hex[PERSON_HEX_LEN + 1];
	struct ws_span name; /* plain UTF-8 */
	struct room *room;
	size_t place; /* in the room's list; the room's */
};

/* Something said, as the history keeps it. Spans are borrowed. */
struct saying {
	uint64_t number; /* unique over all rooms, growing; given by chat */
	int64_t time;    /* milliseconds since the epoch */
	struct ws_span room;
	person_id from;
	struct ws_span from_name;
	person_id to; /* 0: everybody */
	struct ws_span to_name;
	char from_hex[PERSON_HEX_LEN + 1], to_hex[PERSON_HEX_LEN + 1]; /* set by the chat, not stored */
	struct ws_span content;
	struct ws_span reference;
};

enum chat_error {
	CHAT_ERROR_NAME,      /* empty, too long, control characters, or no UTF-8 */
	CHAT_ERROR_ROOM,      /* missing or too long */
	CHAT_ERROR_ROOMS,     /* --max-rooms */
	CHAT_ERROR_ROOM_FULL, /* --max-users-per-room */
	CHAT_ERROR_CONTENT,   /* too long, or empty */
	CHAT_ERROR_NOBODY,    /* a private message to somebody who is not in the room */
	CHAT_ERROR_RATE,      /* --message-rate; told by the worker */
	CHAT_ERROR_LOGIN,     /* say or history before login */
	CHAT_ERROR_HISTORY,   /* it could not be kept or read: a full disk */
	CHAT_ERROR_COUNT,
};

enum delivery_kind {
	DELIVERY_JOINED,    /* to the room, before the newcomer is in it */
	DELIVERY_WELCOME,   /* to the newcomer: itself, its token, everybody (itself included), then history */
	DELIVERY_SAID,      /* to the room, the sender included */
	DELIVERY_PRIVATE,   /* to the recipient, and to the sender (dialect C and ours) */
	DELIVERY_CONFIRMED, /* to the sender, dialect ours: what its reference stands for has this number */
	DELIVERY_LEFT,      /* to the room, without who left */
	DELIVERY_HISTORY,   /* to one: sayings in order, and whether there are older ones */
	DELIVERY_ERROR,     /* to one */
	DELIVERY_REPLACED,  /* to one: the same person came by another connection; close it with 4000 */
};

/* Everything in it lives during the call. */
struct delivery {
	enum delivery_kind kind;
	client_id to;                  /* of those to one */
	const struct person *receiver; /* who that is; NULL when nobody logged in by it */
	const struct room *room;       /* of those to a room */
	const struct person *person;   /* who joined, said, left; in WELCOME the newcomer */
	int64_t time;
	const struct saying *saying;  /* SAID, PRIVATE */
	bool own;                     /* PRIVATE: the sender's copy */
	const struct saying *sayings; /* WELCOME, HISTORY: oldest first */
	size_t saying_count;
	bool more;                 /* there are older ones */
	char token[TOKEN_LEN + 1]; /* WELCOME */
	bool resumed;              /* WELCOME: the token was good, the person is who it was */
	uint64_t number;           /* WELCOME: of the last message so far; HISTORY: the before asked for; CONFIRMED */
	enum chat_error error;
	struct ws_span reference; /* ERROR: of what was refused; CONFIRMED: of what was said */
};

/* What the chat needs from outside. history is asked while a command is carried out, and sees what was recorded before.
 */
struct chat_sink {
	void (*deliver)(void *context, const struct delivery *delivery);
	/* who said it, by which client. 0, or negative: then it is refused, and not delivered */
	int (*record)(void *context, const struct saying *saying, client_id client);
	/* a client begins or stops to hear a room: in order with the deliveries */
	void (*enter)(void *context, const struct person *person, const struct room *room);
	void (*leave)(void *context, const struct person *person, const struct room *room);
	void *context;
};

struct chat;
struct history; /* history.h: read for WELCOME and HISTORY, and for references already said */

struct chat_config {
	struct chat_limits limits;
	uint8_t secret[SECRET_LEN];
	uint64_t next_number;    /* of messages */
	person_id next_uid;      /* UID_BLOCK of them, from this one on, are reserved */
	struct history *history; /* NULL: none is kept */
	struct chat_sink sink;
};

/* config is copied. NULL when out of memory. */
struct chat *chat_create(const struct chat_config *config);
void chat_destroy(struct chat *chat);

/* Carries out one command. now: milliseconds since the epoch. Never fails: what cannot be done is a DELIVERY_ERROR. */
void chat_command(struct chat *chat, const struct command *command, int64_t now);

/* How somebody who is logged in speaks; DIALECT_COUNT for anybody else. */
enum dialect_id chat_dialect_of(const struct chat *chat, client_id client);

/* Will the next newcomer's login reserve uids in the history? Where that is in a group that cannot be kept, it is taken
 * back with the group: it has to be outside of one. */
bool chat_needs_uids(const struct chat *chat);

/* A saying was recorded, but the group that it was in could not be kept after all: its sender is told. */
void chat_tell_not_kept(struct chat *chat, client_id client, struct ws_span reference);

/* …and nobody has heard of it: what is said next is numbered from first on, as after a new start. */
void chat_take_back(struct chat *chat, uint64_t first);

/* For /metrics and `wschat status`. */
struct chat_stats {
	size_t rooms, persons;
	uint64_t said, said_private, logins, errors[CHAT_ERROR_COUNT];
};
void chat_stats(const struct chat *chat, struct chat_stats *ret);

#endif
