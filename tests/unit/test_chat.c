/* The chat with a real history and real dialects, without a socket: commands as clients' JSON, deliveries as what each
 * of them would hear. */
#include "test.h"

#include "wschat/chat.h"
#include "wschat/dialect.h"
#include "wschat/history.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	CLIENTS = 8,
	HEARD_MAX = 1 << 16,
};

static char folder[] = "/tmp/test_chat.XXXXXX";
static struct history *history;
static struct chat *chat;
static struct ws_buf arena, json;
static const struct person *persons[CLIENTS];
static enum dialect_id dialects[CLIENTS];
static char heard[CLIENTS][HEARD_MAX];
static int64_t now = INT64_C(1407837030000);
static bool disk_is_full;

static int hear(void *context, struct ws_span text)
{
	char *at = context;
	size_t used = strlen(at);

	assert_true(used + text.len + 2 < HEARD_MAX);
	memcpy(at + used, text.data, text.len);
	memcpy(at + used + text.len, "\n", 2);
	return 0;
}

static void deliver(void *context, const struct delivery *delivery)
{
	(void)context;
	if (delivery->to) {
		if (persons[delivery->to])
			assert_ptr_equal(delivery->receiver, persons[delivery->to]);
		assert_int_equal(dialect_write(dialects[delivery->to], delivery, &json, hear, heard[delivery->to]), 0);
		if (delivery->kind == DELIVERY_REPLACED)
			hear(heard[delivery->to], ws_span_str("(replaced)"));
		return;
	}
	for (client_id i = 1; i < CLIENTS; i++)
		if (persons[i] && persons[i]->room == delivery->room)
			assert_int_equal(dialect_write(dialects[i], delivery, &json, hear, heard[i]), 0);
}

static int record(void *context, const struct saying *saying, client_id client)
{
	(void)context;
	assert_ptr_not_equal(persons[client], NULL);
	return disk_is_full ? -1 : history_append(history, saying);
}

static void enter(void *context, const struct person *person, const struct room *room)
{
	(void)context;
	assert_ptr_equal(person->room, room);
	persons[person->client] = person;
}

static void leave(void *context, const struct person *person, const struct room *room)
{
	(void)context;
	(void)room;
	persons[person->client] = NULL;
}

static void start(struct chat_limits limits)
{
	struct chat_config config = {.limits = limits, .sink = {deliver, record, enter, leave, NULL}};
	char error[200];

	history = history_open(folder, DURABILITY_PROCESS, error, sizeof(error));
	assert_non_null(history);
	config.history = history;
	assert_int_equal(history_start(history, config.secret, &config.next_number, &config.next_uid), 0);
	chat = chat_create(&config);
	assert_non_null(chat);
	for (int i = 0; i < CLIENTS; i++) {
		persons[i] = NULL;
		dialects[i] = DIALECT_COUNT;
		heard[i][0] = '\0';
	}
}

static void stop(void)
{
	chat_destroy(chat);
	history_close(history);
}

static enum dialect_result say(client_id client, const char *text)
{
	struct command command;
	enum dialect_result result = dialect_read(dialects[client], ws_span_str(text), &arena, &command);

	command.from = client;
	if (result != DIALECT_COMMAND)
		return result;
	if (command.kind == COMMAND_LOGIN)
		dialects[client] = command.dialect;
	else if (dialects[client] == DIALECT_COUNT)
		dialects[client] = DIALECT_C;
	chat_command(chat, &command, now);
	return result;
}

static void gone(client_id client)
{
	chat_command(chat, &(struct command){.kind = COMMAND_GONE, .from = client}, now);
}

/* What this client heard since the last time, to the byte, but for what only the server knows: ids and tokens. */
static void heard_is(client_id client, const char *want)
{
	assert_string_equal(heard[client], want);
	heard[client][0] = '\0';
}

static char *copy_field(client_id client, const char *name)
{
	static char value[CLIENTS][100];
	char *at = strstr(heard[client], name);

	assert_non_null(at);
	assert_int_equal(sscanf(at + strlen(name), "%99[^\"]", value[client]), 1);
	return value[client];
}

static char *expect(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *expect(const char *format, ...)
{
	static char text[HEARD_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return text;
}

static const struct chat_limits no_limits = {.history_page = 100};

#define AT "\"time\":\"2014-08-12 09:50:30\""

static void test_the_documents_conversation(void **state)
{
	(void)state;
	start(no_limits);
	say(1, "{\"type\":\"login\",\"name\":\"\\u732a\\u732a\"}");
	heard_is(1, "{\"type\":\"user_list\",\"user_list\":[{\"uid\":1,\"name\":\"猪猪\"}]}\n"
		    "{\"type\":\"login\",\"uid\":1,\"name\":\"猪猪\"," AT "}\n");
	say(2, "{\"type\":\"login\",\"name\":\"mynick\"}");
	heard_is(
	    2,
	    "{\"type\":\"user_list\",\"user_list\":[{\"uid\":1,\"name\":\"猪猪\"},{\"uid\":2,\"name\":\"mynick\"}]}\n"
	    "{\"type\":\"login\",\"uid\":2,\"name\":\"mynick\"," AT "}\n");
	heard_is(1, "{\"type\":\"login\",\"uid\":2,\"name\":\"mynick\"," AT "}\n");
	say(2, "{\"type\":\"say\",\"to_uid\":\"all\",\"content\":\"hi,  all !\"}");
	heard_is(1, "{\"type\":\"say\",\"from_uid\":2,\"to_uid\":\"all\",\"content\":\"hi,  all !\"," AT "}\n");
	heard_is(2, "{\"type\":\"say\",\"from_uid\":2,\"to_uid\":\"all\",\"content\":\"hi,  all !\"," AT "}\n");
	say(1, "{\"type\":\"say\",\"to_uid\":\"2\",\"content\":\"<b>&\"}");
	heard_is(1, "");
	heard_is(2, "{\"type\":\"say\",\"from_uid\":1,\"to_uid\":2,\"content\":\"&lt;b&gt;&amp;\"," AT "}\n");
	gone(2);
	heard_is(1, "{\"type\":\"logout\",\"uid\":2," AT "}\n");
	heard_is(2, "");
	stop();
}

static void test_todays_dialect_and_the_documents_in_one_room(void **state)
{
	char a[100], b[100];

	(void)state;
	start(no_limits);
	say(1, "{\"type\":\"login\",\"client_name\":\"Ann\",\"room_id\":1}");
	strcpy(a, copy_field(1, "\"client_id\":\""));
	assert_int_equal(strlen(a), PERSON_HEX_LEN);
	heard_is(1, expect("{\"type\":\"login\",\"client_id\":\"%s\",\"client_name\":\"Ann\"," AT
			   ",\"client_list\":{\"%s\":\"Ann\"}}\n",
			   a, a));
	say(2, "{\"type\":\"login\",\"client_name\":\"Bob's\",\"room_id\":\"1\"}");
	strcpy(b, copy_field(2, "\"client_id\":\""));
	assert_string_not_equal(a, b);
	heard_is(1, expect("{\"type\":\"login\",\"client_id\":\"%s\",\"client_name\":\"Bob&#039;s\"," AT "}\n", b));
	heard[2][0] = '\0';
	say(3, "{\"type\":\"login\",\"name\":\"Old\"}");
	heard[1][0] = heard[2][0] = heard[3][0] = '\0';
	say(1,
	    "{\"type\":\"say\",\"to_client_id\":\"all\",\"to_client_name\":\"x\",\"content\":\"a\\nb\\r\\nc\\t\\\\\"}");
	heard_is(
	    2,
	    expect("{\"type\":\"say\",\"from_client_id\":\"%s\",\"from_client_name\":\"Ann\",\"to_client_id\":\"all\","
		   "\"content\":\"a<br />\\nb<br />\\nc\\t\\\\\"," AT "}\n",
		   a));
	assert_non_null(strstr(heard[3], "\"to_uid\":\"all\",\"content\":\"a<br />\\nb<br />\\nc\\t\\\\\""));
	heard[1][0] = '\0';
	say(1, expect("{\"type\":\"say\",\"to_client_id\":\"%s\",\"content\":\"psst\"}", b));
	heard_is(
	    2,
	    expect("{\"type\":\"say\",\"from_client_id\":\"%s\",\"from_client_name\":\"Ann\",\"to_client_id\":\"%s\","
		   "\"content\":\"<b>对你说: </b>psst\"," AT "}\n",
		   a, b));
	heard_is(
	    1,
	    expect("{\"type\":\"say\",\"from_client_id\":\"%s\",\"from_client_name\":\"Ann\",\"to_client_id\":\"%s\","
		   "\"content\":\"<b>你对Bob&#039;s说: </b>psst\"," AT "}\n",
		   a, b));
	gone(2);
	heard_is(
	    1,
	    expect("{\"type\":\"logout\",\"from_client_id\":\"%s\",\"from_client_name\":\"Bob&#039;s\"," AT "}\n", b));
	stop();
}

static void test_nothing_from_a_stranger_disturbs(void **state)
{
	static const char *const junk[] = {"",
					   "x",
					   "[]",
					   "{}",
					   "{\"type\":1}",
					   "{\"type\":\"nothing\"}",
					   "{\"type\":\"login\"}",
					   "{\"type\":\"say\",\"content\":5}",
					   "{\"type\":\"pong\"}",
					   "{\"type\":\"history\",\"before\":1,\"count\":1}",
					   "{\"type\":\"login\",\"name\":\"\\u0000\"}",
					   "{\"type\":\"login\",\"name\":\"x\"",
					   "\xff"};

	(void)state;
	start(no_limits);
	say(1, "{\"type\":\"login\",\"client_name\":\"Ann\",\"room_id\":\"r\"}");
	heard[1][0] = '\0';
	for (size_t i = 0; i < sizeof(junk) / sizeof(*junk); i++)
		assert_int_not_equal(say(2, junk[i]), DIALECT_COMMAND);
	heard_is(2, "");
	say(2, "{\"type\":\"say\",\"to_client_id\":\"all\",\"content\":\"too early\"}");
	heard_is(2, "{\"type\":\"error\",\"code\":\"login\",\"message\":\"log in first\"}\n");
	say(2, "{\"type\":\"login\",\"client_name\":\"NoRoom\"}");
	assert_non_null(strstr(heard[2], "\"code\":\"room\""));
	say(2, "{\"type\":\"login\",\"client_name\":\"a\\u0007b\",\"room_id\":\"r\"}");
	assert_non_null(strstr(heard[2], "\"code\":\"name\""));
	gone(2);
	heard_is(1, "");
	stop();
}

static void test_a_second_login_moves(void **state)
{
	(void)state;
	start(no_limits);
	say(1, "{\"type\":\"login\",\"client_name\":\"Ann\",\"room_id\":\"here\"}");
	say(2, "{\"type\":\"login\",\"client_name\":\"Bob\",\"room_id\":\"here\"}");
	say(3, "{\"type\":\"login\",\"client_name\":\"Cid\",\"room_id\":\"there\"}");
	heard[1][0] = heard[2][0] = heard[3][0] = '\0';
	say(2, "{\"type\":\"login\",\"client_name\":\"Bob\",\"room_id\":\"there\"}");
	assert_non_null(strstr(heard[1], "\"type\":\"logout\""));
	assert_non_null(strstr(heard[3], "\"type\":\"login\""));
	heard[1][0] = heard[2][0] = heard[3][0] = '\0';
	say(2, "{\"type\":\"say\",\"to_client_id\":\"all\",\"content\":\"hello there\"}");
	heard_is(1, "");
	assert_non_null(strstr(heard[3], "hello there"));
	/* Private messages do not leave the room. */
	say(2, expect("{\"type\":\"say\",\"to_client_id\":\"%s\",\"content\":\"x\"}", persons[1]->hex));
	assert_non_null(strstr(heard[2], "\"code\":\"nobody\""));
	heard_is(1, "");
	stop();
}

static void test_limits(void **state)
{
	char long_name[400] = "{\"type\":\"login\",\"client_name\":\"";

	(void)state;
	start((struct chat_limits){.max_rooms = 2, .max_users_per_room = 2, .history_page = 10});
	say(1, "{\"type\":\"login\",\"client_name\":\"a\",\"room_id\":\"one\"}");
	say(2, "{\"type\":\"login\",\"client_name\":\"b\",\"room_id\":\"one\"}");
	say(3, "{\"type\":\"login\",\"client_name\":\"c\",\"room_id\":\"one\"}");
	assert_non_null(strstr(heard[3], "\"code\":\"room-full\""));
	say(3, "{\"type\":\"login\",\"client_name\":\"c\",\"room_id\":\"two\"}");
	say(4, "{\"type\":\"login\",\"client_name\":\"d\",\"room_id\":\"three\"}");
	assert_non_null(strstr(heard[4], "\"code\":\"rooms\""));
	gone(3); /* the room goes with its last person */
	say(4, "{\"type\":\"login\",\"client_name\":\"d\",\"room_id\":\"three\"}");
	assert_non_null(strstr(heard[4], "\"client_list\""));
	for (int i = 0; i < NAME_CHARS_MAX + 1; i++)
		strcat(long_name, "猪");
	strcat(long_name, "\",\"room_id\":1}");
	say(5, long_name);
	assert_non_null(strstr(heard[5], "\"code\":\"name\""));
	stop();
}

static void test_history_and_coming_back(void **state)
{
	char token[100], hex[100];

	(void)state;
	start(no_limits);
	say(1, "{\"type\":\"login\",\"client_name\":\"Ann\",\"room_id\":\"h\",\"history\":2}");
	strcpy(token, copy_field(1, "\"token\":\""));
	strcpy(hex, copy_field(1, "\"client_id\":\""));
	assert_int_equal(strlen(token), TOKEN_LEN);
	for (int i = 1; i <= 5; i++)
		say(1, expect("{\"type\":\"say\",\"to_client_id\":\"all\",\"content\":\"m%d\",\"ref\":\"r%d\"}", i, i));
	say(2, "{\"type\":\"login\",\"client_name\":\"Bob\",\"room_id\":\"h\",\"history\":2}");
	assert_null(strstr(heard[2], "\"content\":\"m3\""));
	assert_true(strstr(heard[2], "\"content\":\"m4\"") < strstr(heard[2], "\"content\":\"m5\""));
	assert_non_null(strstr(heard[2], "\"more\":true"));
	stop();

	/* The server starts again; Ann comes back, having seen up to m3, and sends again what may have been lost. */
	start(no_limits);
	say(1, expect("{\"type\":\"login\",\"client_name\":\"Ann\",\"room_id\":\"h\",\"history\":50,\"token\":\"%s\","
		      "\"since\":%d}",
		      token, 3 + 2)); /* two messages of the tests before are in this history, in other rooms */
	assert_non_null(strstr(heard[1], "\"resumed\":true"));
	assert_non_null(strstr(heard[1], hex));
	heard[1][0] = '\0';
	say(1, "{\"type\":\"say\",\"to_client_id\":\"all\",\"content\":\"m5\",\"ref\":\"r5\"}");
	assert_non_null(strstr(heard[1], "\"type\":\"said\",\"ref\":\"r5\""));
	assert_null(strstr(heard[1], "\"type\":\"say\"")); /* said once */
	heard[1][0] = '\0';

	/* The same person by another connection replaces the first; a wrong token is somebody new. */
	say(3, expect("{\"type\":\"login\",\"client_name\":\"Ann\",\"room_id\":\"h\",\"history\":0,\"token\":\"%s\"}",
		      token));
	assert_non_null(strstr(heard[1], "(replaced)"));
	assert_null(persons[1]);
	assert_non_null(strstr(heard[3], hex));
	token[TOKEN_LEN - 1] ^= 1;
	say(4, expect("{\"type\":\"login\",\"client_name\":\"Ann\",\"room_id\":\"h\",\"history\":0,\"token\":\"%s\"}",
		      token));
	assert_non_null(strstr(heard[4], "\"resumed\":false"));
	assert_string_not_equal(persons[4]->hex, hex);
	assert_true(persons[4]->uid > 2); /* uids are not given twice */
	stop();
}

static void test_what_cannot_be_kept_is_not_said(void **state)
{
	(void)state;
	start(no_limits);
	say(1, "{\"type\":\"login\",\"client_name\":\"Ann\",\"room_id\":\"f\"}");
	say(2, "{\"type\":\"login\",\"client_name\":\"Bob\",\"room_id\":\"f\"}");
	heard[1][0] = heard[2][0] = '\0';
	disk_is_full = true;
	say(1, "{\"type\":\"say\",\"to_client_id\":\"all\",\"content\":\"x\"}");
	disk_is_full = false;
	assert_non_null(strstr(heard[1], "\"code\":\"history\""));
	heard_is(2, "");
	stop();
}

static int setup(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	ws_buf_init(&arena, 1 << 20);
	ws_buf_init(&json, 1 << 20);
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[200];

	(void)state;
	ws_buf_finish(&arena);
	ws_buf_finish(&json);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* Nobody can be given an id that somebody else had, or will have after the next start. */
static void test_ids_are_never_given_twice(void **state)
{
	static const char newcomer[] = "{\"type\":\"login\",\"client_name\":\"Ann\",\"room_id\":\"r\"}";
	struct rlimit unlimited, none;
	person_id last;
	char token[100];

	(void)state;
	start(no_limits);
	say(1, "{\"type\":\"login\",\"client_name\":\"Ann\",\"room_id\":\"r\",\"history\":0}");
	strcpy(token, copy_field(1, "\"token\":\""));
	last = persons[1]->uid;
	gone(1);
	while (!chat_needs_uids(chat)) {
		heard[1][0] = '\0';
		say(1, newcomer);
		assert_true(persons[1]->uid > last);
		last = persons[1]->uid;
		gone(1);
	}
	/* The disk is full: who is new has to wait, who was here comes. */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = unlimited.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	say(2, newcomer);
	say(3, expect("{\"type\":\"login\",\"client_name\":\"Ann\",\"room_id\":\"r\",\"history\":0,\"token\":\"%s\"}",
		      token));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
	assert_null(persons[2]);
	assert_non_null(persons[3]);
	/* There is room again. */
	say(2, newcomer);
	assert_non_null(persons[2]);
	assert_true(persons[2]->uid > last);
	last = persons[2]->uid;
	stop();
	start(no_limits);
	say(1, newcomer);
	assert_true(persons[1]->uid > last);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_documents_conversation),
	    cmocka_unit_test(test_todays_dialect_and_the_documents_in_one_room),
	    cmocka_unit_test(test_nothing_from_a_stranger_disturbs),
	    cmocka_unit_test(test_a_second_login_moves),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_history_and_coming_back),
	    cmocka_unit_test(test_what_cannot_be_kept_is_not_said),
	    cmocka_unit_test(test_ids_are_never_given_twice),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
