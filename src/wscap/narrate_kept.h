/* Whole lines that come again and again: the title of a connection's messages, what a bare ACK of one says. They are
 * kept, as a text that is there is copied sooner than made.
 *
 * A text is found by all that it says, as words, so that what is found is never another's. The newest has its place.
 * Connections' numbers and clients' ports follow each other, and so do the places of those that are under way at a
 * time: a hash would put a third of them where another's text is. */
#ifndef WSCAP_NARRATE_KEPT_H
#define WSCAP_NARRATE_KEPT_H

#include "base/out.h"
#include "wscap/span_hash.h"

enum {
	KEPT_PLACES = 1024,                            /* a power of two: a few hundred connections */
	KEPT_LABEL = 2 * 8,                            /* bytes: longer labels, */
	KEPT_USER = 3 * 8,                             /* names, */
	KEPT_TEXT = 192,                               /* and texts are not kept */
	KEPT_COPY = 32,                                /* texts are copied by so many bytes */
	KEPT_USER_AT = 2 + KEPT_LABEL / 8,             /* where in a key the name begins */
	KEPT_WORDS = 2 + (KEPT_LABEL + KEPT_USER) / 8, /* of a key: two that are anybody's, the label, the name */
};

/* What a key's first word begins with: whose text it is. */
enum kept_kind {
	KEPT_TITLE = 1, /* of a message */
	KEPT_ACK,       /* a bare ACK of one message: the title, and who has it */
};

/* The first word is never 0, and has the length of the name. */
struct kept_key {
	uint64_t word[KEPT_WORDS];
};

struct kept_text {
	struct kept_key key;
	uint8_t len;
	uint8_t line; /* of a text that is gone on with: where its last line's words begin */
	char text[KEPT_TEXT];
};

/* Zeroes are an empty one. */
struct kept {
	struct kept_text places[KEPT_PLACES];
};

/* The bytes of a name of at most max bytes, in whole words of a key. Its length stands elsewhere in the key. */
static inline void kept_name(uint64_t *words, struct ws_span name, size_t max)
{
	for (size_t at = 0; at < max; at += sizeof(*words)) {
		size_t left = at < name.len ? name.len - at : 0;

		*words++ = left ? span_hash_word(name.data + at, left < sizeof(*words) ? left : sizeof(*words)) : 0;
	}
}

/* Fills in the rest of a key whose first two words are there. */
static inline void kept_names(struct kept_key *key, struct ws_span label, struct ws_span user)
{
	kept_name(&key->word[2], label, KEPT_LABEL);
	kept_name(&key->word[KEPT_USER_AT], user, KEPT_USER);
}

/* Its place, which may have another's text. who: a small number of the connection's; kind: below four. */
static inline struct kept_text *kept_find(struct kept *kept, const struct kept_key *key, uint64_t who, unsigned kind)
{
	uint64_t label = (key->word[2] ^ key->word[3]) * UINT64_C(0x9e3779b97f4a7c15);

	return &kept->places[((label >> 32) + who * 4 + kind) % KEPT_PLACES];
}

/* Puts the text of key, when it is the one that is there. */
static inline bool kept_put(const struct kept_text *text, const struct kept_key *key, bool named, struct out *out)
{
	uint64_t other = 0;
	char *room;

	/* word by word, as they were written just now: larger pieces of them would be waited for */
	for (unsigned i = 0; i < KEPT_USER_AT; i++)
		other |= text->key.word[i] ^ key->word[i];
	for (unsigned i = KEPT_USER_AT; named && i < KEPT_WORDS; i++)
		other |= text->key.word[i] ^ key->word[i];
	if (other)
		return false;
	room = out_room(out, KEPT_TEXT);
	if (!room)
		return true;
	for (size_t i = 0; i < text->len; i += KEPT_COPY)
		memcpy(room + i, text->text + i, KEPT_COPY);
	out_advance(out, text->len);
	return true;
}

/* What out has from `from` on is the text of key; its last line's words begin at `line`, where that matters. */
void kept_keep(struct kept_text *text, const struct kept_key *key, const struct out *out, size_t from, size_t line);

#endif
