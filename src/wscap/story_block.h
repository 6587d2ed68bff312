/* The comment block around a packet's words.
 *
 * A comment block is the lines from one that is just a slash and an asterisk to the next that is just a space, an
 * asterisk and a slash, with the one empty line before it, which is there unless the block is the first thing that the
 * story prints. Without its comment blocks, story's output is packets' output. (Inside a dump, a payload may print what
 * looks like one: a dump's text is the payload's own.)
 *
 * Each line begins with a space, an asterisk and, where it is not empty, a space: the narrator puts them there. A block
 * cannot be closed from inside: wherever an asterisk and a slash meet in its text, the slash is written as \u{2f}. */
#ifndef WSCAP_STORY_BLOCK_H
#define WSCAP_STORY_BLOCK_H

#include "base/out.h"

enum {
	BLOCK_SIGN_MAX = 16, /* bytes of each sign */
};

/* What stands around words; copied whole, whatever its length is. */
struct block_sign {
	char text[BLOCK_SIGN_MAX];
	size_t len;
};

struct block_signs {
	struct block_sign begin, end;       /* lines of their own */
	struct block_sign line, empty;      /* before a line; a whole line without words */
	struct block_sign title, title_end; /* before a title, and behind it, with its newline */
	bool closes;                        /* there is an end that words could pass for */
};

enum block_style {
	BLOCK_PLAIN,
	BLOCK_COLOR, /* comment signs dim, titles bold */
	BLOCK_BARE,  /* lines alone, without comment signs */
};

extern const struct block_signs block_signs[];

static inline void block_put(struct out *out, const struct block_sign *sign)
{
	char *room = out_room(out, BLOCK_SIGN_MAX);

	if (!room)
		return;
	memcpy(room, sign->text, BLOCK_SIGN_MAX);
	out_advance(out, sign->len);
}

/* Begins a block in out, which gathers until it has ended; below: something stands above it. Returns where its lines
 * begin. */
static inline size_t block_begin(const struct block_signs *signs, bool below, struct out *out)
{
	char *room = out_room(out, 1 + BLOCK_SIGN_MAX);
	size_t empty = below && signs->closes;

	if (room) {
		room[0] = '\n';
		memcpy(room + empty, signs->begin.text, BLOCK_SIGN_MAX);
		out_advance(out, empty + signs->begin.len);
	}
	return out->len;
}

/* Behind whole lines. */
void block_end(const struct block_signs *signs, struct out *out, size_t begin);

#endif
