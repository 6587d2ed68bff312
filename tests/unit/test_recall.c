#include "tcp_script.h"
#include "test.h"

#include "wscap/recall_internal.h"

#include <stdio.h>

#define MS INT64_C(1000000)

/* A few connections of one server, made by the real table. */
static struct tcp_script script;
static struct recall *recall;

static int set_up(void **state)
{
	(void)state;
	tcp_script_init(&script);
	script.quiet = true;
	script.limits.connections = 2 * RECALL_CONNS;
	recall = recall_create(500 * MS);
	return recall ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	recall_destroy(recall);
	tcp_script_finish(&script);
	return 0;
}

static struct memory *connection(unsigned port)
{
	char line[32];

	snprintf(line, sizeof(line), "> S p%u\n", port);
	tcp_script_play(&script, line);
	return recall_conn(recall, script.conn);
}

static struct copy copy_of(struct memory *memory, const char *payload, int64_t time, uint64_t packet)
{
	return recall_copy(recall, memory, ws_span_str(payload), time, packet);
}

static void test_connections(void **state)
{
	struct memory *a = connection(1), *b = connection(2);

	(void)state;
	assert_ptr_not_equal(a, b);
	assert_int_equal(a->port, 1);
	assert_true(a->server == b->server);
	assert_ptr_equal(recall_conn(recall, script.conn), b);
	recall_forget(recall, b->number);
	recall_forget(recall, 1234567);
	assert_int_equal(recall_conn(recall, script.conn)->port, 2);
}

static void test_the_least_recently_used_goes_first(void **state)
{
	struct conn *first, *second;

	(void)state;
	connection(1)->browser = true;
	first = script.conn;
	connection(2)->browser = true;
	second = script.conn;
	for (unsigned i = 0; i < RECALL_CONNS - 1; i++) {
		connection(10 + i);
		if (i == RECALL_FRESH)
			recall_conn(recall, first); /* used again */
	}
	assert_true(recall_conn(recall, first)->browser);
	assert_false(recall_conn(recall, second)->browser);
}

static void test_names(void **state)
{
	struct memory *memory = connection(1);
	struct label login = {.label = {5, "login"}, .user = {6, "mynick"}};
	struct label other = {.label = {6, "upload"}, .user = {5, "a.txt"}};
	struct label none = {.label = {3, "say"}};

	(void)state;
	assert_false(recall_name(recall, memory, &none));
	assert_true(recall_name(recall, memory, &login));
	assert_false(recall_name(recall, memory, &login));
	assert_false(recall_name(recall, memory, &other)); /* who told it first is believed */
	assert_int_equal(memory->user.len, 6);
	memcpy(login.user.text, "newone", 6);
	assert_true(recall_name(recall, memory, &login));
}

static void test_acknowledged(void **state)
{
	struct memory *memory = connection(1);
	const struct sent *acked;
	uint32_t all;

	(void)state;
	assert_int_equal(recall_acked(recall, memory, DIR_S2C, 1000, &acked, &all), 0);
	for (int i = 1; i <= 3; i++)
		recall_sent(recall, memory, DIR_S2C, &(struct sent){.kind = SENT_MESSAGE, .end = 100 * i});
	assert_int_equal(recall_acked(recall, memory, DIR_S2C, 99, &acked, &all), 0);
	assert_int_equal(recall_acked(recall, memory, DIR_C2S, 1000, &acked, &all), 0);
	assert_int_equal(recall_acked(recall, memory, DIR_S2C, 250, &acked, &all), 2);
	assert_int_equal(acked->end, 200);
	assert_int_equal(recall_acked(recall, memory, DIR_S2C, 250, &acked, &all), 0);
	for (int i = 4; i <= 40; i++) /* more than are remembered: the oldest are forgotten */
		recall_sent(recall, memory, DIR_S2C, &(struct sent){.kind = SENT_MESSAGE, .end = 100 * i});
	assert_int_equal(recall_acked(recall, memory, DIR_S2C, 4000, &acked, &all), RECALL_SENT);
	assert_int_equal(acked->end, 4000);
}

/* Who has nothing that waits any more gives the room for it to the next one. */
static void test_acknowledged_by_turns(void **state)
{
	enum { CONNS = 5 };
	struct memory *conns[CONNS];
	const struct sent *acked;
	uint32_t all;

	(void)state;
	for (unsigned i = 0; i < CONNS; i++)
		conns[i] = connection(1 + i);
	for (int turn = 0; turn < 20; turn++) {
		enum dir dir = turn % 2 ? DIR_S2C : DIR_C2S;

		for (int i = 0; i < CONNS; i++) {
			struct sent sent = {.kind = SENT_PING, .end = turn, .time = turn * 100 + i};

			recall_sent(recall, conns[i], dir, &sent);
			if (i > turn % CONNS) /* others are acknowledged later */
				continue;
			assert_int_equal(recall_acked(recall, conns[i], dir, turn, &acked, &all), 1);
			assert_int_equal(acked->time, turn * 100 + i);
		}
		for (int i = CONNS - 1; i > turn % CONNS; i--) {
			assert_int_equal(recall_acked(recall, conns[i], dir_other(dir), turn, &acked, &all), 0);
			assert_int_equal(recall_acked(recall, conns[i], dir, turn, &acked, &all), 1);
			assert_int_equal(acked->time, turn * 100 + i);
		}
	}
}

/* A memory is made of one that was forgotten: nothing of that stays. */
static void test_nothing_stays_of_what_is_forgotten(void **state)
{
	struct label login = {.label = {5, "login"}, .user = {6, "mynick"}};
	struct ws_span ping = ws_span_str("ping");
	struct memory *memory = connection(1);
	const struct sent *acked;
	uint64_t first;
	uint32_t all;

	(void)state;
	first = copy_of(memory, "hello", 0, 7).id;
	recall_name(recall, memory, &login);
	recall_ping(recall, memory, DIR_C2S, ping, 0);
	recall_sent(recall, memory, DIR_C2S, &(struct sent){.end = 5});
	memory->open = memory->websocket = memory->browser = memory->answered = memory->not_websocket = true;
	memory->close_sent[0] = memory->close_sent[1] = memory->fin_sent[0] = memory->fin_sent[1] = true;
	memory->opened = 1;
	recall_forget(recall, memory->number);
	memory = connection(2);
	assert_false(memory->open || memory->websocket || memory->browser || memory->answered || memory->not_websocket);
	assert_false(memory->close_sent[0] || memory->close_sent[1] || memory->fin_sent[0] || memory->fin_sent[1]);
	assert_int_equal(memory->opened, -1);
	assert_int_equal(memory->user.len, 0);
	assert_int_equal(memory->port, 2);
	assert_int_equal(recall_pong(recall, memory, DIR_S2C, ping, 10), -1);
	assert_int_equal(recall_acked(recall, memory, DIR_C2S, 5, &acked, &all), 0);
	assert_true(copy_of(memory, "hello", 1, 8).id == first); /* to another connection */
	assert_true(copy_of(memory, "hello", 2, 9).id != first); /* once more to the same one */
}

static void test_copies(void **state)
{
	struct memory *a = connection(1), *b = connection(2), *c = connection(3);
	struct copy first = copy_of(a, "hello", 0, 7), again;
	const struct sent *acked;
	uint32_t all;

	(void)state;
	assert_int_equal(first.number, 1);
	again = copy_of(b, "hello", 60, 9);
	assert_int_equal(again.number, 2);
	assert_int_equal(again.packet, 7);
	assert_int_equal(again.since, 60);
	assert_int_equal(copy_of(c, "hallo", 70, 10).number, 1);       /* another payload */
	assert_int_equal(copy_of(c, "hello", 600 * MS, 11).number, 1); /* too late */
	recall_sent(recall, a, DIR_S2C, &(struct sent){.end = 5, .copies = first.id});
	recall_sent(recall, b, DIR_S2C, &(struct sent){.end = 5, .copies = again.id});
	assert_int_equal(recall_acked(recall, a, DIR_S2C, 5, &acked, &all), 1);
	assert_int_equal(all, 0); /* the later message took its place */
	assert_int_equal(recall_copies_seen(recall), 1);
}

static void test_all_have_it(void **state)
{
	struct memory *conns[3] = {connection(1), connection(2), connection(3)};
	const struct sent *acked;
	uint32_t all;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct copy copy = copy_of(conns[i], "news", i, i);

		assert_int_equal(copy.number, i + 1);
		recall_sent(recall, conns[i], DIR_S2C, &(struct sent){.end = 4, .copies = copy.id});
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(recall_acked(recall, conns[i], DIR_S2C, 4, &acked, &all), 1);
		assert_int_equal(all, i == 2 ? 3 : 0);
	}
}

static void test_the_same_again_to_the_same_is_no_copy(void **state)
{
	struct memory *a = connection(1), *b = connection(2);

	(void)state;
	assert_int_equal(copy_of(a, "ping", 0, 1).number, 1);
	assert_int_equal(copy_of(b, "ping", 1, 2).number, 2);
	assert_int_equal(copy_of(a, "other", 2, 3).number, 1);
	assert_int_equal(copy_of(a, "ping", 3, 4).number, 1);
	assert_int_equal(copy_of(b, "ping", 4, 5).number, 2);
}

static struct fields fields_of(const char *payload, const char *label)
{
	struct fields fields;

	recall_fields(recall, ws_span_str(payload), ws_span_str(label), &fields);
	return fields;
}

static void test_fields(void **state)
{
	struct fields fields =
	    fields_of("{\"type\":\"say\",\"n\":1,\"to\":\"all\",\"in\":{\"x\":\"y\"},\"empty\":\"\"}", "say");

	(void)state;
	assert_int_equal(fields.count, 1);
	assert_int_equal(fields.list_len, 0);
	fields = fields_of("{\"user_list\":[{\"a\":[1,2,3]},{\"b\":\"c\"}],\"more\":[1]}", "");
	assert_int_equal(fields.list_len, 2);
	assert_true(fields.list_of_users);
	fields = fields_of("{\"client_list\":{\"7f\":\"a\",\"80\":\"b\",\"81\":[]}}", "");
	assert_int_equal(fields.list_len, 3);
	fields = fields_of("{\"items\":[1,\"2\",null,[]]}", "");
	assert_int_equal(fields.list_len, 4);
	assert_false(fields.list_of_users);
	assert_int_equal(fields_of("{\"user\":{\"a\":1}}", "").list_len, 0);
	assert_int_equal(fields_of("[1,2]", "").list_len, 0);
	assert_int_equal(fields_of("{\"a\":\"b\"", "").count, 1); /* cut off: what stands before that */
}

static void say(struct memory *memory, const char *payload, int64_t time, uint64_t packet)
{
	struct fields fields = fields_of(payload, "say");

	recall_said(recall, memory, ws_span_str(payload), &fields, time, packet);
}

static struct carried carried_by(struct memory *memory, const char *payload, int64_t time)
{
	struct fields fields = fields_of(payload, "say");
	struct carried carried;

	recall_carried(recall, memory, ws_span_str(payload), &fields, time, &carried);
	return carried;
}

static void test_carried(void **state)
{
	struct memory *a = connection(1), *b = connection(2);
	struct carried carried;

	(void)state;
	say(a, "{\"type\":\"say\",\"to\":\"all\",\"content\":\"hi there\"}", 0, 17);
	carried = carried_by(b, "{\"type\":\"say\",\"from\":3,\"to\":\"all\",\"content\":\"hi there\"}", 2 * MS);
	assert_int_equal(carried.packet, 17);
	assert_int_equal(carried.conn, a->number);
	assert_int_equal(carried.port, 1);
	assert_int_equal(carried.since, 2 * MS);
	assert_false(carried.whole);
	assert_memory_equal(carried.key.data, "content", carried.key.len);
	/* what is in every message tells little */
	say(b, "{\"type\":\"say\",\"to\":\"all\",\"content\":\"yo\"}", 3 * MS, 18);
	carried = carried_by(a, "{\"type\":\"say\",\"to\":\"all\",\"content\":\"hi there\"}", 4 * MS);
	assert_int_equal(carried.packet, 17);
	/* the whole payload, and too late */
	say(a, "plain echo", 0, 19);
	assert_true(carried_by(b, "plain echo", MS).whole);
	assert_int_equal(carried_by(b, "plain echo", RECALL_SAID_NS + 1).conn, 0);
	assert_int_equal(carried_by(b, "", MS).conn, 0);
}

static void test_pings(void **state)
{
	struct memory *memory = connection(1);

	(void)state;
	assert_int_equal(recall_pong(recall, memory, DIR_S2C, ws_span_str("x"), 5), -1);
	recall_ping(recall, memory, DIR_C2S, ws_span_str("x"), 10);
	recall_ping(recall, memory, DIR_C2S, ws_span_of(NULL, 0), 20);
	assert_int_equal(recall_pong(recall, memory, DIR_C2S, ws_span_str("x"), 30), -1); /* its own */
	assert_int_equal(recall_pong(recall, memory, DIR_S2C, ws_span_str("x"), 30), 20);
	assert_int_equal(recall_pong(recall, memory, DIR_S2C, ws_span_str("x"), 31), -1);
	assert_int_equal(recall_pong(recall, memory, DIR_S2C, ws_span_of(NULL, 0), 50), 30);
}

/* What the first copy says is kept as long as its copies are looked for. */
static void test_what_copies_say(void **state)
{
	struct memory *a = connection(1), *b = connection(2);
	struct copy first = copy_of(a, "x", 10, 1), second;
	struct says says = {.label = {3, "say"}, .list_begin = 1, .list_end = 5, .list_len = 7};

	(void)state;
	assert_null(recall_copy_says(recall, first.id));
	recall_copy_keep(recall, first.id, &says);
	second = copy_of(b, "x", 11, 2);
	assert_int_equal(second.number, 2);
	assert_int_equal(recall_copy_says(recall, second.id)->list_len, 7);
	assert_null(recall_copy_says(recall, 0));
	recall_copy_keep(recall, 0, &says);
	first = copy_of(a, "x", 12, 3); /* the same again to the same: another message */
	assert_null(recall_copy_says(recall, first.id));
	assert_null(recall_copy_says(recall, second.id));
	recall_copy_keep(recall, second.id, &says);
	assert_null(recall_copy_says(recall, first.id));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_connections),
	    TEST(test_the_least_recently_used_goes_first),
	    TEST(test_names),
	    TEST(test_acknowledged),
	    TEST(test_acknowledged_by_turns),
	    TEST(test_nothing_stays_of_what_is_forgotten),
	    TEST(test_copies),
	    TEST(test_all_have_it),
	    TEST(test_the_same_again_to_the_same_is_no_copy),
	    TEST(test_what_copies_say),
	    TEST(test_fields),
	    TEST(test_carried),
	    TEST(test_pings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
