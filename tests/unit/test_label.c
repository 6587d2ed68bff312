#include "test.h"

#include "wscap/label.h"

#include <stdio.h>
#include <stdlib.h>

static void is(const char *text, const char *label, const char *user)
{
	struct label found;
	bool any = label_find(ws_span_str(text), true, &found);

	assert_int_equal(found.label.len, strlen(label));
	assert_memory_equal(found.label.text, label, strlen(label));
	assert_int_equal(found.user.len, strlen(user));
	assert_memory_equal(found.user.text, user, strlen(user));
	assert_int_equal(any, *label || *user);

	label_find(ws_span_str(text), false, &found);
	assert_int_equal(found.label.len, strlen(label));
	assert_int_equal(found.user.len, 0);
}

static void test_objects(void **state)
{
	(void)state;
	is("{\"type\":\"login\",\"name\":\"mynick\"}", "login", "mynick");
	is("{\"type\":\"login\",\"client_name\":\"mynick\",\"room_id\":1}", "login", "mynick");
	is(" \t\r\n{ \"event\" : \"join\" , \"nick\" : \"x\" } ", "join", "x");
	is("{\"op\":\"subscribe\"}", "subscribe", "");
	is("{\"method\":\"eth_call\",\"user\":\"u\"}", "eth_call", "u");
	is("{\"name\":\"only\"}", "", "only");
	is("{}", "", "");
	is("{\"typ\":\"x\",\"types\":\"y\",\"type_\":\"z\"}", "", "");
	is("{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":\"x\",\"type\":\"y\"}", "y", "");
}

static void test_the_best_key_counts(void **state)
{
	(void)state;
	is("{\"method\":\"m\",\"op\":\"o\",\"event\":\"e\",\"type\":\"t\"}", "t", "");
	is("{\"method\":\"m\",\"op\":\"o\",\"event\":\"e\"}", "e", "");
	is("{\"user\":\"u\",\"nick\":\"n\",\"client_name\":\"c\"}", "", "c");
	is("{\"type\":3,\"event\":\"e\"}", "e", "");
	is("{\"type\":null,\"op\":10}", "", "");
	is("{\"type\":\"first\",\"type\":\"second\"}", "first", "");
	is("{\"type\":\"\",\"op\":\"o\"}", "", "");
}

static void test_only_the_top_level(void **state)
{
	(void)state;
	is("{\"data\":{\"type\":\"inner\",\"name\":\"inner\"},\"type\":\"outer\"}", "outer", "");
	is("{\"list\":[{\"type\":\"a\"},[\"type\",\"b\"]],\"name\":\"n\"}", "", "n");
	is("{\"content\":\"\\\"type\\\":\\\"fake\\\"\",\"type\":\"say\"}", "say", "");
	is("{\"content\":\"}\",\"x\":[\"]\",\"}\"],\"type\":\"say\"}", "say", "");
	is("{\"a\":\"\\\\\",\"type\":\"say\"}", "say", "");
	is("{\"a\":\"\\\\\\\"\",\"type\":\"say\"}", "say", "");
	is("{\"n\":-1.5e3,\"b\":true,\"z\":null,\"type\":\"say\"}", "say", "");
}

static void test_arrays(void **state)
{
	(void)state;
	is("[\"hello\",1]", "hello", "");
	is("[ \"hello\" ]", "hello", "");
	is("42[\"chat message\",\"hi\"]", "chat message", "");
	is("42/room,[\"joined\"]", "joined", "");
	is("42/room,17[\"joined\"]", "joined", "");
	is("451-[\"picture\",{}]", "picture", "");
	is("451-/room,12[\"picture\",{}]", "picture", "");
	is("[1,\"x\"]", "", "");
	is("[[\"x\"]]", "", "");
	is("2", "", "");
	is("42/room", "", "");
	is("4.2[\"x\"]", "", "");
}

static void test_escapes(void **state)
{
	(void)state;
	is("{\"t\\u0079pe\":\"a\\tb\\n\\r\\f\\b\\/\\\\\\\"\"}", "a\tb\n\r\f\b/\\\"", "");
	is("{\"name\":\"\\u732a\\u732a\"}", "", "\xe7\x8c\xaa\xe7\x8c\xaa");
	is("{\"name\":\"\xe7\x8c\xaa\"}", "", "\xe7\x8c\xaa");
	is("{\"name\":\"\\u00e8\"}", "", "\xc3\xa8");
	is("{\"name\":\"\\ud83d\\ude00\"}", "", "\xf0\x9f\x98\x80");
	is("{\"name\":\"\\uD83D\\uDE00!\"}", "", "\xf0\x9f\x98\x80!");
	is("{\"name\":\"\\ud83dx\"}", "", "\xef\xbf\xbdx");
	is("{\"name\":\"\\ude00\\ud83d\"}", "", "\xef\xbf\xbd\xef\xbf\xbd");
	is("{\"name\":\"\\ud83d\\u0041\"}", "", "\xef\xbf\xbd\x41");
	is("{\"name\":\"\\u12\"}", "", "\xef\xbf\xbd\x31\x32");
	is("{\"name\":\"\\q\\\xc3\xa8\"}", "", "q\\\xc3\xa8");
}

static void test_a_zero_is_a_character(void **state)
{
	struct label found;

	(void)state;
	assert_true(label_find(ws_span_str("{\"type\":\"a\\u0000b\"}"), false, &found));
	assert_int_equal(found.label.len, 3);
	assert_memory_equal(found.label.text, "a\0b", 3);
}

static void test_what_is_no_json(void **state)
{
	(void)state;
	is("", "", "");
	is("hello", "", "");
	is("\"type\"", "", "");
	is("{\"type\"", "", "");
	is("{\"type\":", "", "");
	is("{\"type\":\"cut", "", "");
	is("{\"type\" \"x\"}", "", "");
	is("{type:\"x\"}", "", "");
	is("{\"type\":\"login\" \"name\":\"x\"}", "login", "");
	is("{\"type\":\"login\",\"name\":\"cut", "login", "");
	is("{\"type\":\"login\",\"data\":{\"a\":[1,2", "login", "");
	is("{\"a\":]]]]}}},\"type\":\"x\"}", "", "");
	is("{\"a\"::,\"type\":\"x\"}", "x", "");
	is("[", "", "");
	is("[\"cut", "", "");
	is("{\"type\":\"x\\", "", "");
	is("{\"type\":\"x\\\"", "", "");
}

/* The label of a text that is size bytes long, with fill before the member "type". */
static void after_fill(size_t size, char fill, const char *before, const char *want)
{
	static const char member[] = "\",\"type\":\"x\"}";
	char *text = malloc(size);
	struct label found;

	assert_non_null(text);
	memset(text, fill, size);
	memcpy(text, before, strlen(before));
	memcpy(text + size - strlen(member), member, strlen(member));
	label_find(ws_span_of(text, size), true, &found);
	assert_int_equal(found.label.len, strlen(want));
	assert_memory_equal(found.label.text, want, strlen(want));
	free(text);
}

static void test_hostile(void **state)
{
	(void)state;
	after_fill(LABEL_SCAN_MAX, 'a', "{\"x\":\"", "x");
	after_fill(LABEL_SCAN_MAX + 2, 'a', "{\"x\":\"", ""); /* the end is not looked at */
	after_fill(16 << 20, 'a', "{\"x\":\"", "");
	after_fill(16 << 20, '[', "{\"x\":", "");
	after_fill(16 << 20, '{', "", "");
	after_fill(16 << 20, '\\', "{\"x\":\"", "");
	after_fill(16 << 20, '"', "{\"x\":\"", "");
	after_fill(16 << 20, '4', "", "");
}

static void test_a_long_one_is_cut_between_characters(void **state)
{
	struct label found;
	char text[300] = "{\"type\":\"ab";

	(void)state;
	for (unsigned i = 0; i < 80; i++)
		strcat(text, "\xe7\x8c\xaa");
	strcat(text, "\"}");
	assert_true(label_find(ws_span_str(text), false, &found));
	assert_int_equal(found.label.len, 62); /* 2 + 20 * 3: one more does not fit into 64 */
}

/* Every beginning of a message: no read past it (the copy has its exact size), and no label that is not there. */
static void test_every_beginning(void **state)
{
	static const char *const messages[] = {
	    "{\"a\":{\"b\":[\"]\",{}]},\"type\":\"lo\\u0067in\",\"name\":\"\\ud83d\\ude00\xe7\x8c\xaa\\n\"}",
	    "451-/room,12[\"pic\\u0074ure\",{}]",
	};

	(void)state;
	for (size_t m = 0; m < sizeof(messages) / sizeof(messages[0]); m++) {
		for (size_t len = 0; len <= strlen(messages[m]); len++) {
			char *copy = malloc(len ? len : 1);
			struct label found;

			assert_non_null(copy);
			memcpy(copy, messages[m], len);
			label_find(ws_span_of(copy, len), true, &found);
			if (found.label.len)
				assert_int_equal(found.label.len, strlen(m ? "picture" : "login"));
			free(copy);
		}
	}
}

static void compare(const char *text, bool want_user)
{
	/* of its own size, so that the sanitizers see a read behind it */
	size_t len = strlen(text);
	uint8_t *copy = malloc(len);
	struct label found, plain;

	assert_non_null(copy);
	memcpy(copy, text, len);
	assert_int_equal(label_find(ws_span_of(copy, len), want_user, &found),
			 label_find_plain(ws_span_of(copy, len), want_user, &plain));
	assert_int_equal(found.label.len, plain.label.len);
	assert_memory_equal(found.label.text, plain.label.text, plain.label.len);
	assert_int_equal(found.user.len, plain.user.len);
	assert_memory_equal(found.user.text, plain.user.text, plain.user.len);
	free(copy);
}

/* With its short cuts it finds what it finds without. */
static void test_equals_its_twin(void **state)
{
	static const char *const pieces[] = {
	    "{\"type\":\"",
	    "say",
	    "\"",
	    "\",",
	    "\\",
	    "\\u00e4",
	    "\xc3\xa4",
	    ",\"",
	    "\"type\":\"",
	    "}",
	    "\"op\":",
	    "{",
	    " ",
	    "\\\"",
	    "name",
	    "name\":\"",
	    "\"user\":\"",
	    "nick\": \"",
	    "\"na\\u006de\":\"",
	    "a longer label",
	    ",\"time\":12",
	    "\"room\":\"1\"",
	};
	size_t users = 0;

	(void)state;
	srandom(2);
	for (unsigned i = 0; i < 40000; i++) {
		char text[512] = "";
		struct label label;

		if (random() % 4)
			strcat(text, random() % 2 ? pieces[0] : "{\"");
		for (long left = 1 + random() % 14; left > 0; left--)
			strcat(text, pieces[(size_t)random() % (sizeof(pieces) / sizeof(*pieces))]);
		compare(text, false);
		compare(text, true);
		label_find(ws_span_str(text), true, &label);
		users += label.user.len > 0;
	}
	assert_true(users > 100);
}

/* The end of each key at each place, in a message that says its type first and in one that does not. */
static void test_users_at_every_place(void **state)
{
	static const char *const keys[] = {"name", "client_name", "nick", "user", "n\\u0061me"};

	(void)state;
	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
		for (int pad = 0; pad < 70; pad++) {
			char text[256];
			struct label label;

			snprintf(text, sizeof(text), "{\"%s\":\"%.*s\",\"%s\":\"me\"}", pad % 2 ? "type" : "x", pad,
				 "----------------------------------------------------------------------", keys[k]);
			compare(text, true);
			label_find(ws_span_str(text), true, &label);
			assert_int_equal(label.user.len, 2);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_objects),
	    cmocka_unit_test(test_the_best_key_counts),
	    cmocka_unit_test(test_only_the_top_level),
	    cmocka_unit_test(test_arrays),
	    cmocka_unit_test(test_escapes),
	    cmocka_unit_test(test_a_zero_is_a_character),
	    cmocka_unit_test(test_what_is_no_json),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_a_long_one_is_cut_between_characters),
	    cmocka_unit_test(test_every_beginning),
	    cmocka_unit_test(test_equals_its_twin),
	    cmocka_unit_test(test_users_at_every_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
