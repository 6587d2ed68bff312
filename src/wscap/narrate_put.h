/* Sentences in one go, in room that is asked for once: what narrate_format.h writes, where all that goes into a
 * sentence has a limit that is known, as numbers, short names and parties that are kept have. narrate_format.c writes
 * the others piece by piece. */
#ifndef WSCAP_NARRATE_PUT_H
#define WSCAP_NARRATE_PUT_H

#include <assert.h>

#include "base/put.h"
#include "wscap/narrate_format.h"

enum {
	DURATION_NUMBERS = 2,
	PUT_NUMBER_ROOM = 128, /* 20 digits, a sign before each three of them, a fraction */
	PUT_ARG_ROOM = PHRASE_TEXT + PHRASE_COPY + PHRASE_PIECES * PUT_NUMBER_ROOM,
	PUT_PHRASE_ROOM = PHRASE_TEXT + PHRASE_COPY + PHRASE_PIECES * PUT_ARG_ROOM,
};

/* Writes phrase with its places filled into PUT_PHRASE_ROOM bytes, and returns where it ends; NULL where it has to be
 * written piece by piece. Then the room may have been written over. */
char *words_put(struct words *words, char *at, const struct phrase *phrase, const struct arg *args, size_t count);

/* An argument alone, in PUT_ARG_ROOM bytes. first: it begins the sentence. */
char *words_put_arg(struct words *words, char *at, const struct arg *arg, bool first);

/* Two or three digits that matter, in the unit that a person would choose. */
struct duration {
	const char *msgid;
	size_t count;
	struct arg args[DURATION_NUMBERS];
};
struct duration words_duration(int64_t time);

/* "%1$s bytes" */
const struct phrase *words_bytes(struct words *words, uint64_t number);

/* All that is asked of a party without its port, but its name; never 0. Names of users follow each other, and so do
 * their ports: those are in it so that they do not drive each other out. */
static inline uint64_t party_key(const struct arg *arg, bool first)
{
	const struct party *party = arg->as.party;

	return UINT64_C(1) << 63 | (uint64_t)party->kind << 48 | (uint64_t)arg->detail << 40 |
	       (uint64_t)party->user.len << 32 | (party->user.len ? (uint64_t)party->port << 8 : 0) | first;
}

/* Where its text is kept, or another's. */
static inline struct party_text *words_party(struct words *words, uint64_t key)
{
	static_assert(PARTIES_KEPT == 1 << (64 - 56), "the shift leaves as many bits as there are places");
	return &words->parties[key * UINT64_C(0x9e3779b97f4a7c15) >> 56];
}

/* Keeps text as what a party without its port is called; its name has at most PARTY_USER bytes. Returns where, until
 * another one is kept; NULL where it is too long. */
const struct party_text *words_keep_party(struct words *words, const struct arg *arg, bool first, struct ws_span text);

#endif
