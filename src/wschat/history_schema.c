/* The file's shape, and how an older one becomes today's.
 *
 * PRAGMA user_version counts the steps that were taken. A step is never changed once it was released: a new shape is a
 * new step. */
#include <errno.h>

#include "wschat/history_internal.h"

static const char *const steps[] = {
    /* 1: names are stored with each message, as they were when it was said. */
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE messages ("
    " number INTEGER PRIMARY KEY,"
    " room INTEGER NOT NULL REFERENCES rooms (id),"
    " time INTEGER NOT NULL," /* milliseconds since the epoch */
    " from_uid INTEGER NOT NULL,"
    " from_name TEXT NOT NULL,"
    " to_uid INTEGER,"
    " to_name TEXT,"
    " content TEXT NOT NULL,"
    " reference TEXT);"
    "CREATE INDEX messages_of_room ON messages (room, number);"
    "CREATE UNIQUE INDEX messages_by_reference ON messages (from_uid, reference) WHERE reference IS NOT NULL;",
};

enum {
	SCHEMA_VERSION = sizeof(steps) / sizeof(*steps),
};

static int read_version(struct history *history, int *ret)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(history->db, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW) {
		sqlite3_finalize(statement);
		return history_failed(history, "cannot read its version");
	}
	*ret = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return 0;
}

static int take_step(struct history *history, int version)
{
	char sql[64];

	sqlite3_snprintf(sizeof(sql), sql, "PRAGMA user_version = %d; COMMIT", version);
	if (sqlite3_exec(history->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_exec(history->db, steps[version - 1], NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_exec(history->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	history_failed(history, "cannot bring its tables up to date");
	sqlite3_exec(history->db, "ROLLBACK", NULL, NULL, NULL);
	return -EIO;
}

int history_upgrade(struct history *history)
{
	int version = 0;
	int status = read_version(history, &version);

	if (status < 0)
		return status;
	if (version < 0 || version > SCHEMA_VERSION) {
		sqlite3_snprintf(sizeof(history->error), history->error,
				 "%s: written by a newer wschat (version %d, this one knows %d)", history->path,
				 version, SCHEMA_VERSION);
		return -EINVAL;
	}
	while (status == 0 && version < SCHEMA_VERSION)
		status = take_step(history, ++version);
	return status;
}

int history_meta_get(struct history *history, const char *name, int64_t *ret)
{
	sqlite3_stmt *statement;
	int step;

	if (sqlite3_prepare_v2(history->db, "SELECT value FROM meta WHERE name = ?", -1, &statement, NULL) != SQLITE_OK)
		return history_failed(history, "cannot be read");
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	step = sqlite3_step(statement);
	*ret = step == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_finalize(statement);
	return step == SQLITE_ROW || step == SQLITE_DONE ? 0 : history_failed(history, "cannot be read");
}

int history_meta_set(struct history *history, const char *name, int64_t value)
{
	sqlite3_stmt *statement;
	int step;

	if (sqlite3_prepare_v2(history->db, "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", -1, &statement,
			       NULL) != SQLITE_OK)
		return history_failed(history, "cannot be written");
	sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, value);
	step = sqlite3_step(statement);
	sqlite3_finalize(statement);
	return step == SQLITE_DONE ? 0 : history_failed(history, "cannot be written");
}
