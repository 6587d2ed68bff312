/* What was said, into the file and out of it. */
#include <errno.h>
#include <stdlib.h>

#include "wschat/history_internal.h"

static void bind_text(sqlite3_stmt *statement, int place, struct ws_span text)
{
	if (text.len)
		sqlite3_bind_text64(statement, place, (const char *)text.data, text.len, SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_bind_null(statement, place);
}

int history_append(struct history *history, const struct saying *saying)
{
	sqlite3_stmt *statement = history->statements[STATEMENT_APPEND];
	int status;

	bind_text(history->statements[STATEMENT_ROOM], 1, saying->room);
	status = history_run(history, STATEMENT_ROOM, "cannot be written");
	if (status < 0)
		return status;
	sqlite3_bind_int64(statement, 1, (int64_t)saying->number);
	bind_text(statement, 2, saying->room);
	sqlite3_bind_int64(statement, 3, saying->time);
	sqlite3_bind_int64(statement, 4, (int64_t)saying->from);
	bind_text(statement, 5, saying->from_name);
	if (saying->to)
		sqlite3_bind_int64(statement, 6, (int64_t)saying->to);
	else
		sqlite3_bind_null(statement, 6);
	bind_text(statement, 7, saying->to_name);
	bind_text(statement, 8, saying->content);
	bind_text(statement, 9, saying->reference);
	return history_run(history, STATEMENT_APPEND, "cannot be written");
}

uint64_t history_find(struct history *history, person_id person, struct ws_span reference)
{
	sqlite3_stmt *statement = history->statements[STATEMENT_FIND];
	uint64_t number = 0;

	sqlite3_bind_int64(statement, 1, (int64_t)person);
	bind_text(statement, 2, reference);
	if (sqlite3_step(statement) == SQLITE_ROW)
		number = (uint64_t)sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return number;
}

/* Keeps a column's text with the answer. The buffer may move while it grows, so offsets are kept until the end. */
static int keep_text(struct history *history, sqlite3_stmt *statement, int column, struct ws_span *ret)
{
	struct ws_span text = {(const uint8_t *)sqlite3_column_text(statement, column),
			       (size_t)sqlite3_column_bytes(statement, column)};

	*ret = ws_span_of((const uint8_t *)(uintptr_t)history->text.len, text.len);
	return ws_buf_append(&history->text, text);
}

static int keep(struct history *history, sqlite3_stmt *statement, struct saying *saying)
{
	*saying = (struct saying){.number = (uint64_t)sqlite3_column_int64(statement, 0),
				  .time = sqlite3_column_int64(statement, 1),
				  .from = (person_id)sqlite3_column_int64(statement, 2),
				  .to = (person_id)sqlite3_column_int64(statement, 4)};
	if (keep_text(history, statement, 3, &saying->from_name) < 0 ||
	    keep_text(history, statement, 5, &saying->to_name) < 0 ||
	    keep_text(history, statement, 6, &saying->content) < 0)
		return -ENOMEM;
	return 0;
}

static int make_room(struct history *history, size_t count)
{
	struct saying *sayings;

	if (count <= history->sayings_cap)
		return 0;
	sayings = reallocarray(history->sayings, count, sizeof(*sayings));
	if (!sayings)
		return -ENOMEM;
	history->sayings = sayings;
	history->sayings_cap = count;
	return 0;
}

static void settle(const struct history *history, struct ws_span *text)
{
	text->data = history->text.data + (uintptr_t)text->data;
}

/* They came newest first, as that is what a limit has to count from; they are given oldest first. */
static void turn_round(struct history *history, size_t count, struct ws_span room)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct saying saying = history->sayings[i];

		history->sayings[i] = history->sayings[count - 1 - i];
		history->sayings[count - 1 - i] = saying;
	}
	for (size_t i = 0; i < count; i++) {
		settle(history, &history->sayings[i].from_name);
		settle(history, &history->sayings[i].to_name);
		settle(history, &history->sayings[i].content);
		history->sayings[i].room = room;
	}
}

static int read_sayings(struct history *history, enum history_statement which, struct ws_span room, person_id person,
			uint64_t number, size_t max, struct sayings *ret)
{
	sqlite3_stmt *statement = history->statements[which];
	size_t count = 0;
	int step;

	*ret = (struct sayings){0};
	if (make_room(history, max) < 0)
		return -ENOMEM;
	ws_buf_clear(&history->text);
	bind_text(statement, 1, room);
	sqlite3_bind_int64(statement, 2, number > INT64_MAX ? INT64_MAX : (int64_t)number);
	sqlite3_bind_int64(statement, 3, (int64_t)person);
	sqlite3_bind_int64(statement, 4, (int64_t)max + 1); /* one more tells whether there are more */
	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		ret->more = count == max || keep(history, statement, &history->sayings[count]) < 0;
		if (ret->more)
			break;
		count++;
	}
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		history_failed(history, "cannot be read");
	sqlite3_reset(statement);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return -EIO;
	turn_round(history, count, room);
	ret->at = history->sayings;
	ret->count = count;
	return 0;
}

int history_last(struct history *history, struct ws_span room, person_id person, size_t max, struct sayings *ret)
{
	return history_before(history, room, person, INT64_MAX, max, ret);
}

int history_before(struct history *history, struct ws_span room, person_id person, uint64_t number, size_t max,
		   struct sayings *ret)
{
	return read_sayings(history, STATEMENT_BEFORE, room, person, number, max, ret);
}

int history_since(struct history *history, struct ws_span room, person_id person, uint64_t number, size_t max,
		  struct sayings *ret)
{
	return read_sayings(history, STATEMENT_SINCE, room, person, number, max, ret);
}
