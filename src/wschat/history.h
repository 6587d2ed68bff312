/* What was said, kept: one SQLite file (WAL), that anyone can open.
 *
 * Belongs to the hub's thread. Sayings are appended in groups: begin, append…, commit; reading sees what was appended.
 * --durability process: a commit survives kill -9 (it is with the kernel). power: it survives power loss (fsync). */
#ifndef WSCHAT_HISTORY_H
#define WSCHAT_HISTORY_H

#include "wschat/chat.h"

enum durability {
	DURABILITY_PROCESS,
	DURABILITY_POWER,
};

struct history;

/* Opens or makes folder/history.db (the folder too), brings its schema up to date, and takes a lock: a second server on
 * the same history is a clear error. NULL with one sentence in error. */
struct history *history_open(const char *folder, enum durability durability, char *error, size_t error_size);
void history_close(struct history *history);

/* What the chat goes on with: the secret (made at the first start), the next message number, and the next uid, from
 * which on UID_BLOCK uids are now reserved, so that none is given twice over restarts. 0 or negative. */
int history_start(struct history *history, uint8_t secret[SECRET_LEN], uint64_t *ret_next_number,
		  person_id *ret_next_uid);
int history_reserve_uids(struct history *history, person_id upto);

int history_begin(struct history *history);
int history_append(struct history *history, const struct saying *saying);
int history_commit(struct history *history); /* negative: nothing of the group is kept; a full disk is one */
void history_rollback(struct history *history);
bool history_in_transaction(const struct history *history); /* a failed append may have ended it */

/* Sayings of a room that this person may see (to everybody, from it, or to it), oldest first, at most max. They live
 * until the next call. more says whether there are others beyond. Negative when the file cannot be read. */
struct sayings {
	const struct saying *at;
	size_t count;
	bool more;
};
int history_last(struct history *history, struct ws_span room, person_id person, size_t max, struct sayings *ret);
int history_before(struct history *history, struct ws_span room, person_id person, uint64_t number, size_t max,
		   struct sayings *ret);
int history_since(struct history *history, struct ws_span room, person_id person, uint64_t number, size_t max,
		  struct sayings *ret);

/* The number of what this person said under this reference, or 0. */
uint64_t history_find(struct history *history, person_id person, struct ws_span reference);

const char *history_error(const struct history *history); /* of the last failure, one sentence with the file's name */

#endif
