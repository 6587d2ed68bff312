#include "libws/extension.h"

#include "libws/token.h"

enum {
	NUMBER_DIGITS = 3,
};

static struct ws_span take_token(struct ws_cursor *cursor)
{
	const uint8_t *begin = cursor->at;

	while (cursor->at < cursor->end && ws_is_token_char(*cursor->at))
		cursor->at++;
	return ws_span_of(begin, (size_t)(cursor->at - begin));
}

static bool take_char(struct ws_cursor *cursor, char c)
{
	while (cursor->at < cursor->end && ws_is_blank(*cursor->at))
		cursor->at++;
	if (cursor->at == cursor->end || *cursor->at != (uint8_t)c)
		return false;
	cursor->at++;
	while (cursor->at < cursor->end && ws_is_blank(*cursor->at))
		cursor->at++;
	return true;
}

/* Behind the opening quote. What is quoted must be a token when its escapes are undone. */
static bool take_quoted(struct ws_cursor *cursor, struct ws_span *ret)
{
	const uint8_t *begin = cursor->at;
	uint8_t c;

	while (ws_take_u8(cursor, &c)) {
		if (c == '"') {
			*ret = ws_span_of(begin, (size_t)(cursor->at - begin) - 1);
			return ret->len > 0;
		}
		if (c == '\\' && !ws_take_u8(cursor, &c))
			return false;
		if (!ws_is_token_char(c))
			return false;
	}
	return false;
}

int extension_param_next(struct extension *extension, struct extension_param *ret)
{
	struct ws_cursor cursor = ws_cursor_of(extension->params);

	*ret = (struct extension_param){0};
	if (cursor.at == cursor.end)
		return 0;
	if (!take_char(&cursor, ';'))
		return WS_E_SYNTAX;
	ret->name = take_token(&cursor);
	if (!ret->name.len)
		return WS_E_SYNTAX;
	if (take_char(&cursor, '=')) {
		if (take_char(&cursor, '"')) {
			if (!take_quoted(&cursor, &ret->value))
				return WS_E_SYNTAX;
		} else {
			ret->value = take_token(&cursor);
			if (!ret->value.len)
				return WS_E_SYNTAX;
		}
	}
	extension->params = ws_span_trim(ws_span_of(cursor.at, ws_cursor_left(&cursor)));
	return 1;
}

bool extension_param_number(const struct extension_param *param, unsigned max, unsigned *ret)
{
	struct ws_cursor cursor = ws_cursor_of(param->value);
	unsigned value = 0, digits = 0;
	uint8_t c;

	while (ws_take_u8(&cursor, &c)) {
		if (c == '\\' && !ws_take_u8(&cursor, &c))
			return false;
		if (!ws_is_digit(c) || ++digits > NUMBER_DIGITS || (digits > 1 && value == 0))
			return false;
		value = value * 10 + (unsigned)(c - '0');
	}
	if (!digits || value > max)
		return false;
	*ret = value;
	return true;
}

static bool params_grammar(struct extension extension)
{
	struct extension_param param;
	int status;

	while ((status = extension_param_next(&extension, &param)) > 0)
		;
	return status == 0;
}

int extension_next(const struct extension_source *source, struct extension_list *list, struct extension *ret)
{
	static const struct ws_http_head no_fields;
	const struct ws_http_head *head = source->head ? source->head : &no_fields;
	struct ws_cursor cursor;
	struct ws_span member;

	if (!list->started) {
		list->started = true;
		if (!source->head)
			list->fields = (struct ws_http_list){.rest = source->value, .inside = true};
	}
	if (!ws_http_list_next(head, ws_http_name("Sec-WebSocket-Extensions"), &list->fields, &member))
		return 0;
	cursor = ws_cursor_of(member);
	ret->name = take_token(&cursor);
	ret->params = ws_span_trim(ws_span_of(cursor.at, ws_cursor_left(&cursor)));
	return ret->name.len && params_grammar(*ret) ? 1 : WS_E_SYNTAX;
}

bool extension_grammar(const struct extension_source *source)
{
	struct extension_list list = {0};
	struct extension extension;
	int status;

	while ((status = extension_next(source, &list, &extension)) > 0)
		;
	return status == 0;
}

bool extension_has(const struct extension_source *source, struct ws_span name)
{
	struct extension_list list = {0};
	struct extension extension;

	while (extension_next(source, &list, &extension) > 0)
		if (ws_span_equal_nocase(extension.name, name))
			return true;
	return false;
}
