/* Who says something in a capture: see told.h. */
#ifndef DAMAGE_SPEAKERS_H
#define DAMAGE_SPEAKERS_H

#include "wscap/decode.h"

enum {
	READINGS_MAX = 8, /* ways to read the whole capture, where it contradicts itself */
};

/* A message, or control frame, as it can be compared. */
struct said {
	enum event_kind kind;
	enum dir dir;
	uint8_t opcode;
	uint16_t close_code;
	enum ws_cut cut;
	bool masked;
	struct ws_span payload;
	size_t place; /* of the packet that completed it */
};

/* What it says in the whole capture, as it was read once. */
struct reading {
	struct said *said;
	size_t count;

	/* in the damaged one */
	size_t at;    /* what it may say next */
	size_t heard; /* how much of this it said */
};

struct speaker {
	struct endpoint from, to;
	uint64_t conn; /* in the whole capture */
	uint64_t stream;
	struct reading readings[READINGS_MAX]; /* the first: as it is */
	const struct ws_rule_info **broken;
	size_t broken_count;

	/* in the damaged one */
	size_t heard; /* how much of any it said, whole */
	bool seen;    /* bytes of it are there */
	bool loss_named;
};

struct speakers {
	struct speaker *list;
	size_t count;
};

void speakers_init(struct speakers *speakers);
void speakers_finish(struct speakers *speakers);

/* Who says what goes in this direction of a connection; a new one where there is none yet. conn: its number in the
 * whole capture; 0: that is not known, and any will do. */
struct speaker *speakers_find(struct speakers *speakers, const struct conn *conn, uint64_t number, enum dir dir,
			      uint64_t stream);
bool same_end(const struct endpoint *a, const struct endpoint *b);
/* Of one connection, in the same direction; in either. */
bool speakers_same(const struct speaker *a, const struct speaker *b);
bool speakers_talk(const struct speaker *a, const struct speaker *b);

/* Another thing that it says, as it is read for the how manieth time. What it points to is copied. */
void speaker_says(struct speaker *speaker, size_t reading, const struct said *said);
void speaker_breaks(struct speaker *speaker, const struct ws_rule_info *rule);

/* For memory of this program: there is enough. */
void *or_abort(void *memory);
/* Zeroes that processes which this one forks share with it, for as long as it lives. */
void *shared(size_t size);

#endif
