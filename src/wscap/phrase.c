#include "wscap/phrase.h"

#include <libintl.h>
#include <string.h>

/* Numbers by which a language may choose its form: all rests by 100, and what Romance languages do with millions. */
static bool learn_plurals(void)
{
	enum { MANY = 2, RESTS = 100, MILLION = 1000000 };
	static const char one[] = "%1$s byte", many[] = "%1$s bytes"; /* any that all catalogues have */
	const char *form = ngettext(one, many, MANY);

	for (unsigned long number = MANY + 1; number <= MANY + RESTS; number++)
		if (ngettext(one, many, number) != form)
			return false;
	return ngettext(one, many, MILLION) == form;
}

void phrases_init(struct phrases *phrases)
{
	phrases->count = phrases->spares = 0;
	memset(phrases->slots, 0, sizeof(phrases->slots));
	phrases->plain_plurals = learn_plurals();
}

/* Adds a piece, or is out of room. */
static bool add_piece(struct phrase *phrase, size_t begin, size_t end, unsigned place)
{
	if (phrase->count == PHRASE_PIECES) {
		phrase->count = PHRASE_AS_IT_IS;
		return false;
	}
	phrase->piece[phrase->count++] =
	    (struct phrase_piece){.begin = (uint8_t)begin, .len = (uint8_t)(end - begin), .place = (uint8_t)place};
	return true;
}

void phrase_make(struct phrase *phrase, const char *text)
{
	size_t begin = 0, end = 0;

	static_assert(PHRASE_TEXT <= UINT8_MAX, "a piece's places fit");
	phrase->text = text;
	phrase->count = PHRASE_AS_IT_IS;
	if (strlen(text) > PHRASE_TEXT)
		return;
	phrase->count = 0;
	memset(phrase->literal, 0, sizeof(phrase->literal));
	while (*text) {
		unsigned place = *text == '%' ? (unsigned)(text[1] - '1') : PHRASE_END;

		if (place < PHRASE_END && text[2] == '$' && text[3] == 's') {
			if (!add_piece(phrase, begin, end, place))
				return;
			begin = end;
			text += 4;
			continue;
		}
		text += text[0] == '%' && text[1] == '%';
		phrase->literal[end++] = *text++;
	}
	if (end > begin)
		add_piece(phrase, begin, end, PHRASE_END);
}

/* Where it is kept, or a free slot. They are at most half full. */
static size_t slot_of(const struct phrases *phrases, const char *msgid, enum phrase_form form)
{
	size_t at = phrases_slot(msgid, form);

	static_assert(PHRASES_MAX <= PHRASES_SLOTS / 2, "every search finds an end");
	while (phrases->slots[at].msgid && (phrases->slots[at].msgid != msgid || phrases->slots[at].form != form))
		at = (at + 1) % PHRASES_SLOTS;
	return at;
}

static const struct phrase *keep(struct phrases *phrases, size_t slot, const char *msgid, enum phrase_form form,
				 const char *text)
{
	struct phrase *phrase = &phrases->spare[phrases->spares % PHRASES_SPARE];

	if (phrases->count < PHRASES_MAX) {
		phrase = &phrases->phrases[phrases->count];
		phrases->slots[slot].msgid = msgid;
		phrases->slots[slot].form = (uint16_t)form;
		phrases->slots[slot].phrase = (uint16_t)phrases->count++;
	} else {
		phrases->spares++;
	}
	phrase_make(phrase, text);
	return phrase;
}

const struct phrase *phrases_search(struct phrases *phrases, const char *msgid)
{
	size_t slot = slot_of(phrases, msgid, PHRASE_ONLY);

	if (phrases->slots[slot].msgid)
		return &phrases->phrases[phrases->slots[slot].phrase];
	return keep(phrases, slot, msgid, PHRASE_ONLY, gettext(msgid));
}

const struct phrase *phrases_search_n(struct phrases *phrases, const char *one, const char *many, uint64_t number)
{
	enum phrase_form form = number == 0 ? PHRASE_ZERO : number == 1 ? PHRASE_ONE : PHRASE_MANY;
	const char *key = one, *text = NULL;
	size_t slot;

	if (!phrases->plain_plurals) {
		form = PHRASE_TRANSLATED;
		key = text = ngettext(one, many, number);
	}
	slot = slot_of(phrases, key, form);
	if (phrases->slots[slot].msgid)
		return &phrases->phrases[phrases->slots[slot].phrase];
	return keep(phrases, slot, key, form, text ? text : ngettext(one, many, number));
}
