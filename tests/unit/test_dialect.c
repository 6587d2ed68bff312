/* What clients send, good and bad, as commands; and what comes out of it, as JSON that any parser takes. */
#include "test.h"

#include <jansson.h>
#include <stdlib.h>

#include "failmalloc.h"
#include "wschat/dialect.h"

static struct ws_buf arena;

static enum dialect_result read_as(enum dialect_id current, const char *text, struct command *ret)
{
	return dialect_read(current, ws_span_str(text), &arena, ret);
}

static void assert_span(struct ws_span span, const char *text)
{
	if (!ws_span_equal(span, ws_span_str(text)))
		fail_msg("'%.*s', wanted '%s'", (int)span.len, (const char *)span.data, text);
}

static void test_logins(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(read_as(DIALECT_COUNT, "{\"type\":\"login\",\"name\":\"mynick\"}", &command), DIALECT_COMMAND);
	assert_int_equal(command.kind, COMMAND_LOGIN);
	assert_int_equal(command.dialect, DIALECT_A);
	assert_span(command.name, "mynick");
	assert_span(command.room, "1");

	assert_int_equal(
	    read_as(DIALECT_COUNT, "{\"type\":\"login\",\"client_name\":\"n\\u732a\",\"room_id\":-7}", &command),
	    DIALECT_COMMAND);
	assert_int_equal(command.dialect, DIALECT_C);
	assert_span(command.name, "n猪");
	assert_span(command.room, "-7");
	assert_int_equal(command.token.len, 0);

	assert_int_equal(
	    read_as(DIALECT_A,
		    "{\"type\":\"login\",\"client_name\":\"n\",\"room_id\":\"r\",\"history\":99999,\"token\":"
		    "\"t\",\"since\":9223372036854775807}",
		    &command),
	    DIALECT_COMMAND);
	assert_int_equal(command.dialect, DIALECT_OURS);
	assert_int_equal(command.history, RESUME_MAX);
	assert_true(command.since == INT64_MAX);
	assert_span(command.token, "t");
	assert_span(command.room, "r");
}

static void test_sayings(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(read_as(DIALECT_A, "{\"type\":\"say\",\"to_uid\":\"all\",\"content\":\"x\"}", &command),
			 DIALECT_COMMAND);
	assert_true(!command.to && !command.to_hex.len);
	assert_int_equal(read_as(DIALECT_A, "{\"type\":\"say\",\"to_uid\":12,\"content\":\"x\"}", &command),
			 DIALECT_COMMAND);
	assert_true(command.to == 12);
	assert_int_equal(read_as(DIALECT_A, "{\"type\":\"say\",\"to_uid\":\"12\",\"content\":\"x\"}", &command),
			 DIALECT_COMMAND);
	assert_true(command.to == 12);
	assert_int_equal(
	    read_as(DIALECT_C, "{\"type\":\"say\",\"to_client_id\":\"abc\",\"content\":\"x\",\"ref\":\"r\"}", &command),
	    DIALECT_COMMAND);
	assert_span(command.to_hex, "abc");
	assert_int_equal(command.reference.len, 0); /* it did not ask for such things */
	assert_int_equal(read_as(DIALECT_OURS,
				 "{\"type\":\"say\",\"to_client_id\":\"all\",\"content\":\"x\",\"ref\":\"r\"}",
				 &command),
			 DIALECT_COMMAND);
	assert_span(command.reference, "r");
	assert_int_equal(read_as(DIALECT_OURS, "{\"type\":\"history\",\"before\":5,\"count\":7}", &command),
			 DIALECT_COMMAND);
	assert_true(command.kind == COMMAND_HISTORY && command.before == 5 && command.history == 7);
}

static void test_what_is_no_message(void **state)
{
	static const char *const texts[] = {
	    "",
	    "{",
	    "[]",
	    "null",
	    "\"say\"",
	    "{}",
	    "{\"type\":{}}",
	    "{\"type\":\"login\"}",
	    "{\"type\":\"login\",\"client_name\":1}",
	    "{\"type\":\"login\",\"client_name\":null,\"name\":[]}",
	    "{\"type\":\"say\",\"content\":\"x\"}",
	    "{\"type\":\"say\",\"to_uid\":0,\"content\":\"x\"}",
	    "{\"type\":\"say\",\"to_uid\":-1,\"content\":\"x\"}",
	    "{\"type\":\"say\",\"to_uid\":\"12x\",\"content\":\"x\"}",
	    "{\"type\":\"say\",\"to_uid\":\"\",\"content\":\"x\"}",
	    "{\"type\":\"say\",\"to_uid\":1.5,\"content\":\"x\"}",
	    "{\"type\":\"say\",\"to_client_id\":\"\",\"content\":\"x\"}",
	    "{\"type\":\"say\",\"to_client_id\":\"all\",\"to_uid\":\"\"}",
	    "{\"type\":\"history\"}",
	    "{\"type\":\"history\",\"before\":1,\"count\":-1}",
	    "{\"type\":\"x\\u0000\"}",
	    "{\"type\":\"say\",\"to_client_id\":\"all\",\"to_uid\":\"all\",\"content\":\"\\ud83d\"}",
	    "{\"type\":\"say\",\"to_client_id\":\"all\",\"to_uid\":\"all\",\"content\":\"\xff\"}",
	    "{\"type\":\"history\",\"before\":99999999999999999999,\"count\":1}",
	};
	struct command command;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (enum dialect_id dialect = DIALECT_A; dialect < DIALECT_COUNT; dialect++)
			if (read_as(dialect, texts[i], &command) != DIALECT_IGNORED)
				fail_msg("%s was taken for a message", texts[i]);
}

/* Every text of it lies in the arena, whatever was asked for. */
static void assert_within_arena(const struct command *command)
{
	const struct ws_span texts[] = {command->name, command->token, command->to_hex, command->content,
					command->reference};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].len)
			assert_true(texts[i].data >= arena.data &&
				    texts[i].data + texts[i].len <= arena.data + arena.len);
}

static const char *const whole[] = {
    "{\"type\":\"login\",\"client_name\":\"a\\u0041\",\"room_id\":12,\"history\":5,\"token\":\"abc\",\"since\":3}",
    "{\"type\":\"login\",\"name\":\"mynick\"}",
    "{\"type\":\"say\",\"to_uid\":\"12\",\"to_client_id\":\"all\",\"content\":\"\\ud83d\\ude00\",\"ref\":\"r\"}",
    "{\"type\":\"history\",\"before\":12,\"count\":3}",
};

/* Each byte in turn is left out, or replaced; and each beginning of it is tried. */
static void test_broken_at_each_byte(void **state)
{
	static const char instead[] = "\"{}[]:,\\0-9e.\xff\x01 u";
	struct command command;

	(void)state;
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++) {
		size_t len = strlen(whole[i]);

		for (size_t at = 0; at < len; at++) {
			for (size_t n = 0; n < sizeof(instead); n++) {
				uint8_t *text = malloc(len); /* of that size: a sanitizer sees what is read past it */

				assert_non_null(text);
				memcpy(text, whole[i], len);
				text[at] = (uint8_t)instead[n];
				for (enum dialect_id dialect = DIALECT_A; dialect <= DIALECT_COUNT; dialect++)
					if (dialect_read(dialect, ws_span_of(text, len), &arena, &command) ==
					    DIALECT_COMMAND)
						assert_within_arena(&command);
				free(text);
			}
			assert_int_equal(dialect_read(DIALECT_OURS, ws_span_of(whole[i], at), &arena, &command),
					 DIALECT_IGNORED);
		}
	}
}

static void *failing_malloc(size_t size)
{
	return malloc(size); /* the wrapped one */
}

static void test_each_allocation_fails(void **state)
{
	struct command command;

	(void)state;
	json_set_alloc_funcs(failing_malloc, free);
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++) {
		enum dialect_result result;
		long n = 0;

		do {
			ws_buf_finish(&arena);
			ws_buf_init(&arena, 4096);
			failmalloc_after(n++);
			result = read_as(DIALECT_OURS, whole[i], &command);
			if (failmalloc_failed())
				assert_int_equal(result, DIALECT_IGNORED);
		} while (failmalloc_failed());
		failmalloc_after(-1);
		assert_true(n > 2);
	}
	json_set_alloc_funcs(malloc, free);
}

struct emitted {
	char text[8192];
};

static int keep(void *context, struct ws_span json)
{
	struct emitted *emitted = context;

	assert_true(json.len < sizeof(emitted->text));
	memcpy(emitted->text, json.data, json.len);
	emitted->text[json.len] = '\0';
	return 0;
}

/* Any text that may be a content: JSON that parses, HTML in which nothing is markup but the line breaks, and text that
 * is what it was when both are undone. */
static void test_content_is_escaped(void **state)
{
	static const char hard[] = "<b>&amp;\"'\\/\t\r\n\r\x01\x7f\xe7\x8c\xaa\xf0\x9f\x98\x80\xe2\x80\xa8</script>";
	static const char html[] =
	    "&lt;b&gt;&amp;amp;&quot;&#039;\\/\t<br />\n<br />\n\x01\x7f\xe7\x8c\xaa\xf0\x9f\x98\x80"
	    "\xe2\x80\xa8&lt;/script&gt;";
	const struct saying saying = {.number = 1,
				      .time = 1000,
				      .from = 7,
				      .from_name = ws_span_str(hard),
				      .from_hex = "0123456789abcdef0123",
				      .content = ws_span_str(hard)};
	const struct delivery delivery = {.kind = DELIVERY_SAID, .saying = &saying};
	struct emitted emitted;
	struct ws_buf json;

	(void)state;
	ws_buf_init(&json, 8192);
	for (enum dialect_id dialect = DIALECT_A; dialect < DIALECT_COUNT; dialect++) {
		json_t *object;

		assert_int_equal(dialect_write(dialect, &delivery, &json, keep, &emitted), 0);
		object = json_loads(emitted.text, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(object);
		assert_string_equal(json_string_value(json_object_get(object, "content")), html);
		if (dialect != DIALECT_A)
			assert_string_equal(json_string_value(json_object_get(object, "from_client_name")), html);
		json_decref(object);
	}
	ws_buf_finish(&json);
}

/* A message that does not fit is a failure, and nothing of it is given out. */
static int never(void *context, struct ws_span json)
{
	(void)context;
	fail_msg("given out: %.*s", (int)json.len, (const char *)json.data);
	return 0;
}

static void test_no_room_to_write(void **state)
{
	const struct saying saying = {.content = ws_span_str("something"), .from_name = ws_span_str("somebody")};
	const struct delivery delivery = {.kind = DELIVERY_SAID, .saying = &saying};
	struct ws_buf json;

	(void)state;
	for (size_t max = 1; max < 60; max++) {
		ws_buf_init(&json, max);
		for (enum dialect_id dialect = DIALECT_A; dialect < DIALECT_COUNT; dialect++)
			assert_true(dialect_write(dialect, &delivery, &json, never, NULL) < 0);
		ws_buf_finish(&json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_logins),
	    cmocka_unit_test(test_sayings),
	    cmocka_unit_test(test_what_is_no_message),
	    cmocka_unit_test(test_broken_at_each_byte),
	    cmocka_unit_test(test_each_allocation_fails),
	    cmocka_unit_test(test_content_is_escaped),
	    cmocka_unit_test(test_no_room_to_write),
	};
	int failures;

	ws_buf_init(&arena, 4096);
	failures = cmocka_run_group_tests(tests, NULL, NULL);
	ws_buf_finish(&arena);
	return failures;
}
