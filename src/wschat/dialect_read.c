/* A client's JSON becomes a command. What is no message of its dialect is ignored, as the original does. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "wschat/dialect.h"

/* A reading in progress. arena has room for every string of the message: nothing in it moves. */
struct reader {
	const json_t *object;
	struct ws_buf *arena;
	struct command *command;
};

static struct ws_span keep(struct reader *reader, const void *text, size_t len)
{
	struct ws_span kept = ws_span_of(reader->arena->data + reader->arena->len, len);

	if (ws_buf_append(reader->arena, ws_span_of(text, len)) < 0)
		return ws_span_of(NULL, 0);
	return kept;
}

/* A string field's text. False when it is absent or no string. */
static bool read_text(struct reader *reader, const char *name, struct ws_span *ret)
{
	const json_t *value = json_object_get(reader->object, name);

	if (!json_is_string(value))
		return false;
	*ret = keep(reader, json_string_value(value), json_string_length(value));
	return true;
}

/* An integer from 0 to max; false when it is absent or no such integer. */
static bool read_number(const struct reader *reader, const char *name, uint64_t max, uint64_t *ret)
{
	const json_t *value = json_object_get(reader->object, name);
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 0)
		return false;
	*ret = (uint64_t)number < max ? (uint64_t)number : max;
	return true;
}

/* A room's name is a string, or a number as it is written in decimal. */
static void read_room(struct reader *reader)
{
	const json_t *value = json_object_get(reader->object, "room_id");
	char digits[24];

	if (json_is_integer(value))
		reader->command->room =
		    keep(reader, digits,
			 (size_t)snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(value)));
	else
		read_text(reader, "room_id", &reader->command->room);
}

static enum dialect_result read_login(struct reader *reader)
{
	struct command *command = reader->command;
	uint64_t number;

	command->kind = COMMAND_LOGIN;
	if (read_text(reader, "client_name", &command->name)) {
		command->dialect = DIALECT_C;
		read_room(reader);
	} else if (read_text(reader, "name", &command->name)) {
		command->dialect = DIALECT_A;
		command->room = ws_span_str("1");
		return DIALECT_COMMAND;
	} else {
		return DIALECT_IGNORED;
	}
	if (!read_number(reader, "history", RESUME_MAX, &number))
		return DIALECT_COMMAND;
	command->dialect = DIALECT_OURS;
	command->history = (uint32_t)number;
	read_text(reader, "token", &command->token);
	read_number(reader, "since", INT64_MAX, &command->since);
	return DIALECT_COMMAND;
}

static bool is_all(const json_t *value)
{
	return json_is_string(value) && strcmp(json_string_value(value), "all") == 0;
}

/* "all", a uid, or (as a page's form has it) a uid in a string. */
static bool read_uid(struct reader *reader)
{
	const json_t *value = json_object_get(reader->object, "to_uid");
	char *end;

	if (is_all(value))
		return true;
	if (json_is_integer(value) && json_integer_value(value) > 0) {
		reader->command->to = (person_id)json_integer_value(value);
		return true;
	}
	if (!json_is_string(value))
		return false;
	reader->command->to = strtoull(json_string_value(value), &end, 10);
	return reader->command->to && !*end;
}

static enum dialect_result read_say(struct reader *reader, enum dialect_id current)
{
	struct command *command = reader->command;
	bool has_receiver;

	command->kind = COMMAND_SAY;
	if (current == DIALECT_A)
		has_receiver = read_uid(reader);
	else
		has_receiver = is_all(json_object_get(reader->object, "to_client_id")) ||
			       (read_text(reader, "to_client_id", &command->to_hex) && command->to_hex.len);
	if (current == DIALECT_OURS)
		read_text(reader, "ref", &command->reference);
	/* Before its login nobody knows how a client names receivers; it is refused whatever they are. */
	if (!read_text(reader, "content", &command->content) || (!has_receiver && current != DIALECT_COUNT))
		return DIALECT_IGNORED;
	return DIALECT_COMMAND;
}

static enum dialect_result read_history(struct reader *reader, enum dialect_id current)
{
	uint64_t count;

	if (current != DIALECT_OURS || !read_number(reader, "before", INT64_MAX, &reader->command->before) ||
	    !read_number(reader, "count", UINT32_MAX, &count))
		return DIALECT_IGNORED;
	reader->command->kind = COMMAND_HISTORY;
	reader->command->history = (uint32_t)count;
	return DIALECT_COMMAND;
}

static enum dialect_result read_object(struct reader *reader, enum dialect_id current)
{
	const char *type = json_string_value(json_object_get(reader->object, "type"));

	if (!type)
		return DIALECT_IGNORED;
	if (strcmp(type, "say") == 0)
		return read_say(reader, current);
	if (strcmp(type, "pong") == 0)
		return DIALECT_NOTHING;
	if (strcmp(type, "history") == 0)
		return read_history(reader, current);
	if (strcmp(type, "login") == 0)
		return read_login(reader);
	return DIALECT_IGNORED;
}

enum dialect_result dialect_read(enum dialect_id current, struct ws_span text, struct ws_buf *arena,
				 struct command *ret_command)
{
	enum dialect_result result = DIALECT_IGNORED;
	json_t *object;

	*ret_command = (struct command){0};
	ws_buf_clear(arena);
	if (ws_buf_reserve(arena, text.len + 1) < 0)
		return DIALECT_IGNORED;
	object = json_loadb((const char *)text.data, text.len, 0, NULL);
	if (json_is_object(object)) {
		struct reader reader = {.object = object, .arena = arena, .command = ret_command};

		result = read_object(&reader, current);
	}
	json_decref(object);
	return result;
}
