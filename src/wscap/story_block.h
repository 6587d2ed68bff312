/* The comment block around a packet's words.
 *
 * A comment block is the lines from one that is just a slash and an asterisk to the next that is just a space, an
 * asterisk and a slash, with the one empty line before it, which is there unless the block is the first thing that the
 * story prints. Without its comment blocks, story's output is packets' output. (Inside a dump, a payload may print what
 * looks like one: a dump's text is the payload's own.)
 *
 * Each line begins with a space, an asterisk and, where it is not empty, a space. A block cannot be closed from inside:
 * wherever an asterisk and a slash meet in its text, the slash is written as \u{2f}. */
#ifndef WSCAP_STORY_BLOCK_H
#define WSCAP_STORY_BLOCK_H

#include "base/out.h"

struct story_block {
	struct out *out;
	bool color;   /* comment signs dim, titles bold */
	bool bare;    /* its lines alone, without comment signs and empty lines around them */
	bool printed; /* something stands before the block: an empty line goes between */
};

void story_block_begin(struct story_block *block);

/* Whole lines, as narrate.h has them. */
void story_block_lines(struct story_block *block, struct ws_span lines);

void story_block_end(struct story_block *block);

#endif
