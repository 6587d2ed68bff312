#include "test.h"

#include <stdio.h>

#include "wscap/json_indent.h"
#include "wscap/json_walk.h"

#include <stdlib.h>

/* The tokens of text as one letter each, to compare with. */
static void tokens(const char *text, const char *want)
{
	static const char letters[] = {
	    [JSON_END] = '.',    [JSON_BAD] = '!',    [JSON_OPEN] = '(',  [JSON_CLOSE] = ')', [JSON_KEY] = 'k',
	    [JSON_STRING] = 's', [JSON_SCALAR] = 'n', [JSON_COMMA] = ',', [JSON_COLON] = ':'};
	size_t len = strlen(text);
	char *exact = malloc(len ? len : 1); /* so that a sanitizer sees a step too far */
	struct json_walk walk;
	struct json_token token;
	char got[256];
	size_t count = 0;

	memcpy(exact, text, len);
	json_walk_init(&walk, ws_span_of(exact, len));
	do {
		token = json_walk_next(&walk);
		got[count++] = letters[token.kind];
	} while (token.kind != JSON_END && token.kind != JSON_BAD && count < sizeof(got) - 1);
	got[count] = '\0';
	assert_string_equal(got, want);
	assert_int_equal(json_walk_next(&walk).kind, token.kind);
	free(exact);
}

static void test_tokens(void **state)
{
	(void)state;
	tokens("{}", "().");
	tokens(" [ ] ", "().");
	tokens("{\"a\":1,\"b\":[true,null,-1.5e+3,\"x\"]}", "(k:n,k:(n,n,n,s)).");
	tokens("\"x\"", "s.");
	tokens("\"a\\\"b\\\\\"", "s.");
	tokens("12", "n.");
}

static void test_what_is_no_json(void **state)
{
	static const char *const bad[] = {"",      "{",      "[1,",      "{\"a\"",   "{\"a\":",    "{a:1}",
					  "[1 2]", "[1,,2]", "{,}",      "[,]",      "]",          "{]",
					  "\"a",   "\"a\\",  "\"a\\\"",  "[1]]",     "{\"a\":1,}", "[1,]",
					  "{1:2}", "\"\n\"", "hi there", "[\"a\":1]"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct json_walk walk;
		struct json_token token;

		json_walk_init(&walk, ws_span_str(bad[i]));
		do
			token = json_walk_next(&walk);
		while (token.kind != JSON_BAD && token.kind != JSON_END);
		if (token.kind != JSON_BAD)
			fail_msg("taken for JSON: %s", bad[i]);
	}
}

/* What a walk says of text, with members taken at once where they can be, or token by token. */
static void note_walk(struct ws_span text, bool members, char *ret, size_t size)
{
	struct json_walk walk;
	struct json_token token;
	struct ws_span key, value;
	size_t len = 0;

	json_walk_init(&walk, text);
	do {
		while (members && json_walk_member(&walk, &key, &value))
			len += (size_t)snprintf(ret + len, size - len, "%d%.*s %d%.*s %u;", JSON_KEY, (int)key.len,
						(const char *)key.data, JSON_STRING, (int)value.len,
						(const char *)value.data, walk.depth);
		token = json_walk_next(&walk);
		if (token.kind == JSON_COMMA || token.kind == JSON_COLON)
			continue;
		len += (size_t)snprintf(ret + len, size - len, "%d%.*s ", token.kind, (int)token.text.len,
					(const char *)token.text.data);
		if (token.kind == JSON_STRING)
			len += (size_t)snprintf(ret + len, size - len, "%u;", token.depth);
	} while (token.kind != JSON_END && token.kind != JSON_BAD && len < size);
	assert_true(len < size);
}

static void test_members_are_their_tokens(void **state)
{
	static const char *const texts[] = {
	    "{\"type\":\"say\",\"content\":\"a text that is longer than a vector\",\"n\":1,\"to\":\"all\"}",
	    "{\"a\":\"b\",\"c\" :\"d\",\"e\":\"\\\"\",\"f\":\"g\"}",
	    "{\"a\":{\"b\":\"c\",\"d\":\"\xc3\xa9\"},\"e\":[\"f\",\"g\",{\"h\":\"i\"}],\"j\":\"\"}",
	    "{,\"a\":\"b\"}",
	    "{\"a\":\"b\",,\"c\":\"d\"}",
	    "{\"a\":\"b\" \"c\":\"d\"}",
	    "{\"a\":\"b\",\"c\":\"d\",}",
	    "{\"a\":\"b\n\",\"c\":\"d\"}",
	    "[\"a\",\"b\":\"c\"]",
	    "\"a\":\"b\"",
	};
	char at_once[1024], by_token[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (size_t len = 0; len <= strlen(texts[i]); len++) {
			char *exact = malloc(len ? len : 1);

			memcpy(exact, texts[i], len);
			note_walk(ws_span_of(exact, len), true, at_once, sizeof(at_once));
			note_walk(ws_span_of(exact, len), false, by_token, sizeof(by_token));
			if (strcmp(at_once, by_token) != 0)
				fail_msg("%.*s: %s, by tokens %s", (int)len, texts[i], at_once, by_token);
			free(exact);
		}
}

static void test_depth_is_limited(void **state)
{
	char text[2 * JSON_DEPTH_MAX + 3];

	(void)state;
	for (unsigned depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
		struct json_walk walk;
		struct json_token token;

		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		json_walk_init(&walk, ws_span_of(text, 2 * depth));
		do
			token = json_walk_next(&walk);
		while (token.kind != JSON_BAD && token.kind != JSON_END);
		assert_int_equal(token.kind, depth > JSON_DEPTH_MAX ? JSON_BAD : JSON_END);
	}
}

static uint64_t hash(const char *text)
{
	return json_string_hash(ws_span_str(text), 7);
}

static void test_escapes_are_the_characters_that_they_stand_for(void **state)
{
	(void)state;
	assert_true(hash("\\u732a\\u732A") == hash("猪猪"));
	assert_true(hash("\\ud83d\\ude00") == hash("😀"));
	assert_true(hash("a\\/b\\n\\\"\\u0041\\u00e9") == hash("a/b\n\"Aé"));
	assert_true(hash("n") != hash("\\n"));
	assert_true(hash("a") != hash("a\\u0000")); /* as long as a word, it is the same word */
	assert_true(hash("b\\b") != hash("bb"));
	assert_true(hash("a") != hash("b"));
	hash("\\");
	hash("\\u12");
	hash("\\ud83d\\u");
}

/* Escaped or not, wherever a word of eight bytes ends. */
static void test_hashes_of_every_length(void **state)
{
	char plain[40] = "", escaped[6 * 40] = "";

	(void)state;
	for (size_t len = 0; len < sizeof(plain) - 1; len++) {
		assert_true(hash(plain) == hash(escaped));
		plain[len] = (char)('a' + len % 26);
		assert_true(hash(plain) != hash(escaped));
		snprintf(escaped + 6 * len, 7, "\\u%04x", (unsigned)plain[len]);
	}
}

/* A string's end, an escape and a control character, wherever a word of eight bytes ends, beside bytes that a word's
 * sums may take for them. */
static void test_strings_of_every_length(void **state)
{
	static const char *const beside[] = {"a", "!", "#", "]", "\x80", "\xff", "\xa2", "\x7f", " "};
	enum { LONGEST = 40 };

	(void)state;
	for (size_t with = 0; with < sizeof(beside) / sizeof(*beside); with++)
		for (size_t len = 0; len < LONGEST; len++)
			for (size_t at = 0; at <= len; at++) {
				char text[LONGEST + 8] = "\"";
				struct json_walk walk;
				struct json_token found;

				memset(text + 1, *beside[with], len);
				memcpy(text + 1 + len, "\",\"", 4);
				json_walk_init(&walk, ws_span_str(text));
				found = json_walk_next(&walk);
				assert_int_equal(found.kind, JSON_STRING);
				assert_int_equal(found.text.len, len);
				if (at + 2 <= len) {
					memcpy(text + 1 + at, "\\\"", 2);
					json_walk_init(&walk, ws_span_str(text));
					found = json_walk_next(&walk);
					assert_int_equal(found.kind, JSON_STRING);
					assert_int_equal(found.text.len, len);
				}
				if (at == len)
					continue;
				text[1 + at] = '\x1f';
				json_walk_init(&walk, ws_span_str(text));
				assert_int_equal(json_walk_next(&walk).kind, JSON_BAD);
			}
}

static void indented(const char *text, size_t max, size_t consumed, const char *want)
{
	struct out out;

	assert_int_equal(out_init(&out, -1), 0);
	assert_int_equal(json_indent(&out, ws_span_str(text), max), consumed);
	assert_int_equal(out.len, strlen(want));
	assert_memory_equal(out.text, want, out.len);
	out_finish(&out);
}

static void test_indent(void **state)
{
	(void)state;
	indented(
	    "{\"a\":1,\"b\":[true,{}],\"c\":{\"d\":\"e\"},\"f\":[]}", 1000, 42,
	    "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    {}\n  ],\n  \"c\": {\n    \"d\": \"e\"\n  },\n  \"f\": []\n}");
	indented("\"x\"", 1000, 0, "");
	indented("{\"a\"", 1000, 0, "");
	indented("not JSON", 1000, 0, "");
	indented("", 1000, 0, "");
	indented("[1,2,3]", 3, 3, "[\n  1,\n  ");
	indented("[\"\x7f\xe2\x80\xae\"]", 1000, 8, "[\n  \"\\x7f\\u{202e}\"\n]");
	indented("[\"\033[2J\"]", 1000, 0, ""); /* a control character is no JSON */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tokens),
	    cmocka_unit_test(test_what_is_no_json),
	    cmocka_unit_test(test_members_are_their_tokens),
	    cmocka_unit_test(test_depth_is_limited),
	    cmocka_unit_test(test_escapes_are_the_characters_that_they_stand_for),
	    cmocka_unit_test(test_hashes_of_every_length),
	    cmocka_unit_test(test_strings_of_every_length),
	    cmocka_unit_test(test_indent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
