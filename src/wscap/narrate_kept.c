#include "wscap/narrate_kept.h"

void kept_keep(struct kept_text *text, const struct kept_key *key, const struct out *out, size_t from, size_t line)
{
	if (out_error(out) || out->len - from > KEPT_TEXT)
		return;
	text->key = *key;
	text->len = (uint8_t)(out->len - from);
	text->line = (uint8_t)(line - from);
	memcpy(text->text, out->text + from, text->len);
}
