/* Sentences' templates, translated and taken apart once, so that telling a packet looks nothing up and parses nothing.
 *
 * A template is gettext's msgid; its places are "%1$s" to "%9$s". What gettext says for it is kept by the msgid's
 * address (they are all literals), because gettext takes a lock and searches for each; with it stands where its places
 * are. */
#ifndef WSCAP_PHRASE_H
#define WSCAP_PHRASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PHRASES_MAX = 512,    /* that are kept: more than all sources together have */
	PHRASES_SLOTS = 1024, /* of the table that finds them; a power of two */
	PHRASES_SPARE = 8,    /* for those beyond: more than are written one within the other */
	PHRASE_PIECES = 8,    /* a translation of more, */
	PHRASE_TEXT = 224,    /* or of more bytes, is kept as it is, and read each time */
	PHRASE_COPY = 16,     /* pieces are copied by so many bytes */
	PHRASE_END = 9,       /* the place of a piece that has none behind it */
	PHRASE_AS_IT_IS = PHRASE_PIECES + 1,
};

struct phrase {
	const char *text; /* the translation; gettext's */
	uint8_t count;    /* of pieces; or PHRASE_AS_IT_IS */
	struct phrase_piece {
		uint8_t begin, len; /* in literal */
		uint8_t place;      /* from 0: the argument that stands behind it */
	} piece[PHRASE_PIECES];
	char literal[PHRASE_TEXT + PHRASE_COPY];
};

struct phrases {
	bool plain_plurals; /* the language has one form for 1 and one for all others, or one for all */
	unsigned count, spares;
	struct {
		const char *msgid;
		uint16_t form; /* enum phrase_form */
		uint16_t phrase;
	} slots[PHRASES_SLOTS];
	struct phrase phrases[PHRASES_MAX], spare[PHRASES_SPARE];
};

/* Learns the language's plurals. After the locale is set. */
void phrases_init(struct phrases *phrases);

/* What a slot's msgid was looked up for. */
enum phrase_form {
	PHRASE_ONLY, /* without a number */
	PHRASE_ZERO,
	PHRASE_ONE,
	PHRASE_MANY,
	PHRASE_TRANSLATED, /* msgid is a translation: of a language whose plurals are not plain */
};

/* The slot where the search for it begins: nearly always where it is. */
static inline size_t phrases_slot(const char *msgid, enum phrase_form form)
{
	static_assert(PHRASES_SLOTS == 1 << (64 - 54), "the shift leaves as many bits as the table has");
	return (((uintptr_t)msgid * UINT64_C(0x9e3779b97f4a7c15) >> 54) + form) % PHRASES_SLOTS;
}

/* What is there; NULL: it has to be searched, or made. */
static inline const struct phrase *phrases_at(const struct phrases *phrases, const char *msgid, enum phrase_form form)
{
	size_t at = phrases_slot(msgid, form);

	if (phrases->slots[at].msgid != msgid || phrases->slots[at].form != form)
		return NULL;
	return &phrases->phrases[phrases->slots[at].phrase];
}

const struct phrase *phrases_search(struct phrases *phrases, const char *msgid);
const struct phrase *phrases_search_n(struct phrases *phrases, const char *one, const char *many, uint64_t number);

/* The translation of a literal, and of one with a number. They live as long as phrases, but for those that come when
 * PHRASES_MAX are kept: they live for PHRASES_SPARE more. */
static inline const struct phrase *phrases_get(struct phrases *phrases, const char *msgid)
{
	const struct phrase *phrase = phrases_at(phrases, msgid, PHRASE_ONLY);

	return phrase ? phrase : phrases_search(phrases, msgid);
}

static inline const struct phrase *phrases_get_n(struct phrases *phrases, const char *one, const char *many,
						 uint64_t number)
{
	/* nothing is there of a language whose plurals are not plain */
	const struct phrase *phrase = phrases_at(phrases, one,
						 number == 0   ? PHRASE_ZERO
						 : number == 1 ? PHRASE_ONE
							       : PHRASE_MANY);

	return phrase ? phrase : phrases_search_n(phrases, one, many, number);
}

/* Takes text apart: a place is "%1$s", "%%" is a %, and a % that begins no place stands for itself. */
void phrase_make(struct phrase *phrase, const char *text);

/* Where a sentence begins with text, which was put there: with a capital letter, if the phrase itself begins with a
 * small one of ASCII. */
static inline void phrase_capital(const struct phrase *phrase, char *text)
{
	if (phrase->count && phrase->piece[0].len && *text >= 'a' && *text <= 'z')
		*text = (char)(*text - 'a' + 'A');
}

#endif
