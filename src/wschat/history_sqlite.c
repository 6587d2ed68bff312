#include "wschat/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wschat/history_internal.h"

static const char *const sql[STATEMENT_COUNT] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_ROLLBACK] = "ROLLBACK",
    [STATEMENT_ROOM] = "INSERT OR IGNORE INTO rooms (name) VALUES (?1)",
    [STATEMENT_APPEND] = "INSERT INTO messages"
			 " (number, room, time, from_uid, from_name, to_uid, to_name, content, reference)"
			 " VALUES (?1, (SELECT id FROM rooms WHERE name = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [STATEMENT_BEFORE] = "SELECT number, time, from_uid, from_name, to_uid, to_name, content FROM messages"
			 " WHERE room = (SELECT id FROM rooms WHERE name = ?1) AND number < ?2"
			 " AND (to_uid IS NULL OR to_uid = ?3 OR from_uid = ?3) ORDER BY number DESC LIMIT ?4",
    [STATEMENT_SINCE] = "SELECT number, time, from_uid, from_name, to_uid, to_name, content FROM messages"
			" WHERE room = (SELECT id FROM rooms WHERE name = ?1) AND number > ?2"
			" AND (to_uid IS NULL OR to_uid = ?3 OR from_uid = ?3) ORDER BY number DESC LIMIT ?4",
    [STATEMENT_FIND] = "SELECT number FROM messages WHERE from_uid = ?1 AND reference = ?2",
};

int history_failed(struct history *history, const char *what)
{
	sqlite3_snprintf(sizeof(history->error), history->error, "%s: %s: %s", history->path, what,
			 sqlite3_errmsg(history->db));
	return -EIO;
}

const char *history_error(const struct history *history)
{
	return history->error;
}

static void say(char *error, size_t size, const char *path, const char *what)
{
	sqlite3_snprintf((int)size, error, "%s: %s", path, what);
}

/* Each folder of the path that is not there. */
static int make_folders(char *path)
{
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST) {
			*at = '/';
			return -errno;
		}
		*at = '/';
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

/* Two servers that number messages would spoil each other's history. */
static int take_lock(const char *folder, char *error, size_t error_size)
{
	char *path = sqlite3_mprintf("%s/lock", folder);
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd < 0) {
		say(error, error_size, path ? path : folder, strerror(errno));
	} else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		say(error, error_size, folder, "another wschat is using this history");
		close(fd);
		fd = -1;
	}
	sqlite3_free(path);
	return fd;
}

static int prepare(struct history *history, enum durability durability)
{
	/* NORMAL does not wait for the disk at a commit: the kernel has it, which is what outlives the process. */
	const char *pragmas =
	    durability == DURABILITY_POWER ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
	int status;

	if (sqlite3_exec(history->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(history->db, pragmas, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(history->db, 5000) != SQLITE_OK)
		return history_failed(history, "cannot be opened");
	status = history_upgrade(history);
	for (int i = 0; status == 0 && i < STATEMENT_COUNT; i++)
		if (sqlite3_prepare_v3(history->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &history->statements[i],
				       NULL) != SQLITE_OK)
			status = history_failed(history, "is not a history of wschat");
	return status;
}

struct history *history_open(const char *folder, enum durability durability, char *error, size_t error_size)
{
	struct history *history = calloc(1, sizeof(*history));
	char *path = sqlite3_mprintf("%s", folder);
	int status;

	say(error, error_size, folder, "out of memory");
	if (history)
		history->lock = -1;
	if (!history || !path)
		goto failed;
	ws_buf_init(&history->text, HISTORY_READ_MAX);
	status = make_folders(path);
	if (status < 0) {
		say(error, error_size, folder, strerror(-status));
		goto failed;
	}
	history->lock = take_lock(folder, error, error_size);
	history->path = sqlite3_mprintf("%s/history.db", folder);
	if (history->lock < 0 || !history->path)
		goto failed;
	if (sqlite3_open_v2(history->path, &history->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		status = history_failed(history, "cannot be opened");
	else
		status = prepare(history, durability);
	if (status < 0) {
		sqlite3_snprintf((int)error_size, error, "%s", history->error);
		goto failed;
	}
	sqlite3_free(path);
	return history;
failed:
	sqlite3_free(path);
	history_close(history);
	return NULL;
}

void history_close(struct history *history)
{
	if (!history)
		return;
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(history->statements[i]);
	sqlite3_close(history->db);
	sqlite3_free(history->path);
	if (history->lock >= 0)
		close(history->lock);
	ws_buf_finish(&history->text);
	free(history->sayings);
	free(history);
}

int history_run(struct history *history, enum history_statement which, const char *what)
{
	sqlite3_stmt *statement = history->statements[which];
	int step = sqlite3_step(statement);
	int status = step == SQLITE_DONE ? 0 : history_failed(history, what);

	sqlite3_reset(statement);
	return status;
}

int history_begin(struct history *history)
{
	return history_run(history, STATEMENT_BEGIN, "cannot be written");
}

int history_commit(struct history *history)
{
	return history_run(history, STATEMENT_COMMIT, "cannot be written");
}

bool history_in_transaction(const struct history *history)
{
	return !sqlite3_get_autocommit(history->db);
}

void history_rollback(struct history *history)
{
	if (history_in_transaction(history))
		history_run(history, STATEMENT_ROLLBACK, "cannot be written");
}

static int new_secret(struct history *history)
{
	int64_t words[SECRET_LEN / sizeof(int64_t)];
	char name[] = "secret0";
	int status = 0;

	if (getrandom(words, sizeof(words), 0) != (ssize_t)sizeof(words))
		return -errno;
	for (size_t i = 0; status == 0 && i < sizeof(words) / sizeof(*words); i++) {
		name[sizeof(name) - 2] = (char)('0' + i);
		status = history_meta_set(history, name, words[i]);
	}
	return status == 0 ? history_meta_set(history, "has_secret", 1) : status;
}

static int read_secret(struct history *history, uint8_t secret[SECRET_LEN])
{
	char name[] = "secret0";
	int64_t word;
	int status = 0;

	for (size_t i = 0; status == 0 && i < SECRET_LEN / sizeof(word); i++) {
		name[sizeof(name) - 2] = (char)('0' + i);
		status = history_meta_get(history, name, &word);
		memcpy(secret + i * sizeof(word), &word, sizeof(word));
	}
	return status;
}

static int read_next_number(struct history *history, uint64_t *ret)
{
	sqlite3_stmt *statement;
	int status = 0;

	if (sqlite3_prepare_v2(history->db, "SELECT max(number) FROM messages", -1, &statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW)
		status = history_failed(history, "cannot be read");
	else
		*ret = (uint64_t)sqlite3_column_int64(statement, 0) + 1;
	sqlite3_finalize(statement);
	return status;
}

int history_start(struct history *history, uint8_t secret[SECRET_LEN], uint64_t *ret_next_number,
		  person_id *ret_next_uid)
{
	int64_t has_secret, next_uid;
	int status = history_meta_get(history, "has_secret", &has_secret);

	if (status == 0 && !has_secret)
		status = new_secret(history);
	if (status == 0)
		status = read_secret(history, secret);
	if (status == 0)
		status = history_meta_get(history, "next_uid", &next_uid);
	if (status == 0)
		status = read_next_number(history, ret_next_number);
	if (status == 0)
		*ret_next_uid = next_uid ? (person_id)next_uid : 1;
	return status == 0 ? history_reserve_uids(history, *ret_next_uid + UID_BLOCK) : status;
}

int history_reserve_uids(struct history *history, person_id upto)
{
	return history_meta_set(history, "next_uid", (int64_t)upto);
}
