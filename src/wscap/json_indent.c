#include "wscap/json_indent.h"

#include "base/safe.h"
#include "wscap/json_walk.h"

static void line(struct out *out, unsigned depth)
{
	out_char(out, '\n');
	out_repeat(out, ' ', 2 * (size_t)depth);
}

static void quoted(struct out *out, struct ws_span text)
{
	out_char(out, '"');
	safe_text(out, text, SAFE_ONE_LINE, NULL);
	out_char(out, '"');
}

/* fresh: the token before was an opening bracket, so that what comes begins a line, unless it closes it again. */
static void write_token(struct out *out, const struct json_token *token, bool fresh)
{
	if (token->kind == JSON_CLOSE ? !fresh : fresh)
		line(out, token->depth);
	switch (token->kind) {
	case JSON_KEY:
	case JSON_STRING:
		quoted(out, token->text);
		break;
	case JSON_COMMA:
		out_char(out, ',');
		line(out, token->depth);
		break;
	case JSON_COLON:
		out_lit(out, ": ");
		break;
	default:
		safe_text(out, token->text, SAFE_ONE_LINE, NULL);
		break;
	}
}

/* Is it JSON up to max bytes, and more than a bare string or number? */
static bool worth_it(struct ws_span text, size_t max)
{
	struct json_walk walk;
	struct json_token token;

	json_walk_init(&walk, text);
	token = json_walk_next(&walk);
	if (token.kind != JSON_OPEN)
		return false;
	while (token.kind != JSON_BAD && token.kind != JSON_END && (size_t)(walk.in.at - text.data) < max)
		token = json_walk_next(&walk);
	return token.kind != JSON_BAD;
}

size_t json_indent(struct out *out, struct ws_span text, size_t max)
{
	struct json_walk walk;
	struct json_token token;
	bool fresh = false;

	if (!worth_it(text, max))
		return 0;
	json_walk_init(&walk, text);
	while ((size_t)(walk.in.at - text.data) < max) {
		token = json_walk_next(&walk);
		if (token.kind == JSON_END || token.kind == JSON_BAD)
			return text.len;
		write_token(out, &token, fresh);
		fresh = token.kind == JSON_OPEN;
	}
	return (size_t)(walk.in.at - text.data);
}
