/* The history by itself: what is kept, who may see it, files of other versions, and files that are none. */
#include "test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "wschat/history.h"

enum {
	ANN = 1,
	BOB,
	EVE,
};

static char folder[64];
static char error[512];

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_history.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"history.db", "history.db-wal", "history.db-shm", "lock"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static struct history *open_history(void)
{
	struct history *history = history_open(folder, DURABILITY_PROCESS, error, sizeof(error));

	if (!history)
		fail_msg("%s", error);
	return history;
}

static void say(struct history *history, uint64_t number, const char *room, person_id from, person_id to,
		const char *content, const char *reference)
{
	const struct saying saying = {.number = number,
				      .time = 1000 * (int64_t)number,
				      .room = ws_span_str(room),
				      .from = from,
				      .from_name = ws_span_str("from"),
				      .to = to,
				      .to_name = ws_span_str(to ? "to" : ""),
				      .content = ws_span_str(content),
				      .reference = ws_span_str(reference)};

	assert_int_equal(history_append(history, &saying), 0);
}

/* Their numbers, in order, as text. */
static const char *numbers(const struct sayings *sayings)
{
	static char text[256];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sayings->count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%llu", i ? " " : "",
					(unsigned long long)sayings->at[i].number);
	return text;
}

static void talk(struct history *history)
{
	assert_int_equal(history_begin(history), 0);
	say(history, 1, "one", ANN, 0, "hello", "a");
	say(history, 2, "one", BOB, ANN, "psst", "a");
	say(history, 3, "two", ANN, 0, "elsewhere", "");
	say(history, 4, "one", EVE, BOB, "to Bob", "");
	say(history, 5, "one", ANN, 0, "a\xe7\x8c\xaa\n", "b");
	assert_int_equal(history_commit(history), 0);
}

static void test_pages(void **state)
{
	const struct ws_span one = ws_span_str("one");
	struct history *history = open_history();
	struct sayings found;

	(void)state;
	talk(history);
	assert_int_equal(history_last(history, one, ANN, 10, &found), 0);
	assert_string_equal(numbers(&found), "1 2 5");
	assert_false(found.more);
	assert_true(ws_span_equal(found.at[2].content, ws_span_str("a\xe7\x8c\xaa\n")));
	assert_true(found.at[1].to == ANN && ws_span_equal(found.at[1].to_name, ws_span_str("to")));
	history_last(history, one, EVE, 10, &found);
	assert_string_equal(numbers(&found), "1 4 5");
	history_last(history, one, BOB, 2, &found);
	assert_string_equal(numbers(&found), "4 5");
	assert_true(found.more);
	history_before(history, one, BOB, 4, 1, &found);
	assert_string_equal(numbers(&found), "2");
	assert_true(found.more);
	history_before(history, one, BOB, 1, 10, &found);
	assert_string_equal(numbers(&found), "");
	assert_false(found.more);
	history_since(history, one, BOB, 1, 10, &found);
	assert_string_equal(numbers(&found), "2 4 5");
	history_since(history, one, BOB, UINT64_MAX, 10, &found);
	assert_string_equal(numbers(&found), "");
	history_last(history, ws_span_str("nowhere"), BOB, 10, &found);
	assert_string_equal(numbers(&found), "");
	history_close(history);
}

static void test_references(void **state)
{
	struct history *history = open_history();
	const struct saying twice = {.number = 6,
				     .room = ws_span_str("one"),
				     .from = ANN,
				     .from_name = ws_span_str("x"),
				     .content = ws_span_str("x"),
				     .reference = ws_span_str("a")};

	(void)state;
	talk(history);
	assert_int_equal(history_find(history, ANN, ws_span_str("a")), 1);
	assert_int_equal(history_find(history, BOB, ws_span_str("a")), 2);
	assert_int_equal(history_find(history, EVE, ws_span_str("a")), 0);
	assert_int_equal(history_find(history, ANN, ws_span_str("")), 0);
	/* Nothing is there twice, even if it were tried. */
	assert_true(history_append(history, &twice) < 0);
	assert_non_null(strstr(history_error(history), "history.db"));
	history_close(history);
}

static void test_rolled_back(void **state)
{
	struct history *history = open_history();
	struct sayings found;

	(void)state;
	talk(history);
	assert_int_equal(history_begin(history), 0);
	assert_true(history_in_transaction(history));
	say(history, 6, "one", ANN, 0, "never was", "c");
	history_rollback(history);
	assert_false(history_in_transaction(history));
	history_rollback(history);
	assert_int_equal(history_find(history, ANN, ws_span_str("c")), 0);
	history_last(history, ws_span_str("one"), ANN, 10, &found);
	assert_string_equal(numbers(&found), "1 2 5");
	history_close(history);
}

/* The secret and the numbers go on where they were; uids that were reserved are not given again. */
static void test_started_again(void **state)
{
	uint8_t first[SECRET_LEN], second[SECRET_LEN];
	struct history *history = open_history();
	uint64_t number;
	person_id uid, next;

	(void)state;
	assert_int_equal(history_start(history, first, &number, &uid), 0);
	assert_true(number == 1 && uid == 1);
	talk(history);
	history_close(history);
	history = open_history();
	assert_int_equal(history_start(history, second, &number, &next), 0);
	assert_true(number == 6 && next == uid + UID_BLOCK);
	assert_memory_equal(first, second, SECRET_LEN);
	history_close(history);
}

static void test_one_server_at_a_time(void **state)
{
	struct history *history = open_history();

	(void)state;
	assert_null(history_open(folder, DURABILITY_PROCESS, error, sizeof(error)));
	assert_non_null(strstr(error, "another wschat"));
	history_close(history);
	history_close(open_history());
}

static void run_sql(const char *sql)
{
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/history.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void assert_refused(const char *because)
{
	assert_null(history_open(folder, DURABILITY_POWER, error, sizeof(error)));
	if (!strstr(error, because) || !strstr(error, "history.db"))
		fail_msg("%s", error);
}

static void test_of_a_newer_version(void **state)
{
	(void)state;
	history_close(open_history());
	run_sql("PRAGMA user_version = 1000");
	assert_refused("newer wschat");
	run_sql("PRAGMA user_version = -1");
	assert_refused("newer wschat");
	run_sql("PRAGMA user_version = 1");
	history_close(open_history());
}

/* A step that fails leaves the file as it was, and can be taken when what was in its way is gone. */
static void test_upgrade_in_the_way(void **state)
{
	(void)state;
	run_sql("CREATE TABLE messages (something TEXT)");
	assert_refused("up to date");
	run_sql("DROP TABLE messages");
	history_close(open_history());
}

static void test_other_tables(void **state)
{
	(void)state;
	run_sql("CREATE TABLE something (else_ TEXT); PRAGMA user_version = 1");
	assert_refused("not a history");
}

static void test_no_database(void **state)
{
	char path[128];
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/history.db", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is no database ", file);
	fclose(file);
	assert_refused("not a database");
}

/* A file that was cut, in the middle of its life: reading fails, or gives what is there, and never more than that. */
static void test_cut_short(void **state)
{
	struct history *history = open_history();
	struct sayings found;
	char path[128];

	(void)state;
	talk(history);
	history_close(history);
	snprintf(path, sizeof(path), "%s/history.db", folder);
	for (long pages = 8; pages >= 0; pages--) {
		assert_int_equal(truncate(path, pages * 4096), 0);
		history = history_open(folder, DURABILITY_PROCESS, error, sizeof(error));
		if (!history)
			continue;
		if (history_last(history, ws_span_str("one"), ANN, 10, &found) == 0)
			assert_true(found.count <= 3);
		history_close(history);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_pages, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_references, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_rolled_back, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_started_again, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_one_server_at_a_time, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_of_a_newer_version, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_upgrade_in_the_way, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_other_tables, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_no_database, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_cut_short, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
