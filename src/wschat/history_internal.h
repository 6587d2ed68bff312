/* What history_sqlite.c (reading and writing) and history_schema.c (the file and its shape) share. */
#ifndef WSCHAT_HISTORY_INTERNAL_H
#define WSCHAT_HISTORY_INTERNAL_H

#include <sqlite3.h>

#include "ws/buf.h"
#include "wschat/history.h"

enum history_statement {
	STATEMENT_BEGIN,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_ROOM,
	STATEMENT_APPEND,
	STATEMENT_BEFORE,
	STATEMENT_SINCE,
	STATEMENT_FIND,
	STATEMENT_COUNT,
};

enum {
	HISTORY_READ_MAX = 64 << 20, /* bytes of text that one answer may hold: more is left for the next */
};

struct history {
	sqlite3 *db;
	int lock; /* an open file description that holds the folder's lock */
	char *path;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	char error[512];
	/* the last answer */
	struct saying *sayings;
	size_t sayings_cap;
	struct ws_buf text;
};

/* Runs a bound statement that gives no rows, and resets it. 0 or negative. */
int history_run(struct history *history, enum history_statement which, const char *what);

/* Remembers what SQLite says about the last failure, with the file's name; returns -EIO. */
int history_failed(struct history *history, const char *what);

/* Makes the tables, or brings those of an older version up to date, step by step, each in a transaction. 0 or negative.
 */
int history_upgrade(struct history *history);

/* A number kept under a name in the table meta; 0 when it is not there. */
int history_meta_get(struct history *history, const char *name, int64_t *ret);
int history_meta_set(struct history *history, const char *name, int64_t value);

#endif
