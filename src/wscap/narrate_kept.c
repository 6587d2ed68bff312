#include "wscap/narrate_kept.h"

#include <assert.h>

struct kept_text *kept_find(struct kept *kept, const struct kept_key *key)
{
	uint64_t hash = 0;

	static_assert(KEPT_PLACES == 1 << (64 - 54), "the shift leaves as many bits as there are places");
	for (unsigned i = 0; i < KEPT_WORDS; i++)
		hash += (key->word[i] ^ key->word[i] >> 29) * (UINT64_C(0x9e3779b97f4a7c15) + 2 * i);
	hash = (hash ^ hash >> 32) * UINT64_C(0x9fb21c651e98df25);
	return &kept->places[hash >> 54];
}

bool kept_put(const struct kept_text *text, const struct kept_key *key, struct out *out)
{
	char *room;

	/* word by word, as they were written just now: larger pieces of them would be waited for */
	for (unsigned i = 0; i < KEPT_WORDS; i++)
		if (text->key.word[i] != key->word[i])
			return false;
	room = out_room(out, KEPT_TEXT);
	if (room) {
		memcpy(room, text->text, text->len);
		out_advance(out, text->len);
	}
	return true;
}

void kept_keep(struct kept_text *text, const struct kept_key *key, const struct out *out, size_t from, size_t line)
{
	if (out_error(out) || out->len - from > KEPT_TEXT)
		return;
	text->key = *key;
	text->len = (uint8_t)(out->len - from);
	text->line = (uint8_t)(line - from);
	memcpy(text->text, out->text + from, text->len);
}
