/* A client's message: the first byte is the dialect that it speaks, the rest its text. What it says is then said in
 * each dialect, and has to be JSON whose strings hold no markup but line breaks. */
#include "wschat/dialect.h"

#include <jansson.h>
#include <stdlib.h>

#include "ws/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	TEXT_MAX = 1 << 20,
};

static void check_html(const char *text)
{
	for (; *text; text++) {
		if (*text == '<' && strncmp(text, "<br />\n", 7) != 0)
			abort();
		if (*text == '"' || *text == '\'' || (*text == '>' && text[-1] != '/'))
			abort();
	}
}

static int check(void *context, struct ws_span text)
{
	json_t *object = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	const char *content = json_string_value(json_object_get(object, "content"));

	(void)context;
	if (!object || !content)
		abort();
	check_html(content);
	json_decref(object);
	return 0;
}

/* As the chat would: it takes only UTF-8 without zeroes, which is all that JSON gives it. */
static void say_in_each_dialect(const struct command *command)
{
	const struct saying saying = {.content = command->content, .from_name = command->content};
	const struct delivery delivery = {.kind = DELIVERY_SAID, .saying = &saying};
	struct ws_buf json;

	if (!ws_utf8_valid(command->content))
		abort();
	ws_buf_init(&json, TEXT_MAX * 8);
	for (enum dialect_id dialect = DIALECT_A; dialect < DIALECT_COUNT; dialect++)
		dialect_write(dialect, &delivery, &json, check, NULL);
	ws_buf_finish(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct command command;
	struct ws_buf arena;

	if (!size || size > TEXT_MAX)
		return 0;
	ws_buf_init(&arena, TEXT_MAX + 1);
	if (dialect_read((enum dialect_id)(data[0] % (DIALECT_COUNT + 1)), ws_span_of(data + 1, size - 1), &arena,
			 &command) == DIALECT_COMMAND &&
	    command.kind == COMMAND_SAY)
		say_in_each_dialect(&command);
	ws_buf_finish(&arena);
	return 0;
}
