/* Whole lines that come again and again: the title of a connection's messages, what a bare ACK of one says. They are
 * kept, as a text that is there is copied sooner than made.
 *
 * A text is found by all that it says, as words, so that what is found is never another's; its place is that of its
 * hash, and the newest has it. */
#ifndef WSCAP_NARRATE_KEPT_H
#define WSCAP_NARRATE_KEPT_H

#include "base/out.h"
#include "wscap/span_hash.h"

enum {
	KEPT_PLACES = 1024, /* a power of two: a few hundred connections */
	KEPT_WORDS = 8,     /* of a key */
	KEPT_LABEL = 2 * 8, /* bytes: longer labels, */
	KEPT_USER = 3 * 8,  /* names, */
	KEPT_TEXT = 190,    /* and texts are not kept */
};

/* What a key's first word begins with: whose text it is. */
enum kept_kind {
	KEPT_TITLE = 1, /* of a message */
	KEPT_ACK,       /* a bare ACK of one message: the title, and who has it */
};

/* The first word is never 0. */
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

/* Its place, which may have another's text. */
struct kept_text *kept_find(struct kept *kept, const struct kept_key *key);

/* Puts the text of key, when it is the one that is there. */
bool kept_put(const struct kept_text *text, const struct kept_key *key, struct out *out);

/* What out has from `from` on is the text of key; its last line's words begin at `line`, where that matters. */
void kept_keep(struct kept_text *text, const struct kept_key *key, const struct out *out, size_t from, size_t line);

#endif
