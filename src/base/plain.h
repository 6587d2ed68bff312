/* Where plain text ends, and copies of it, as it is and with JSON's escapes: the inner loops of safe.h.
 *
 * Plain is what every terminal and every reader takes as it stands: ASCII from 20 to 7e. Most of what is printed is, so
 * it is looked at by vectors. Each routine has a twin that goes byte by byte and says the same; a test holds them
 * together. */
#ifndef BASE_PLAIN_H
#define BASE_PLAIN_H

#include "ws/span.h"

/* How many bytes at the start of text are plain. */
size_t plain_len(struct ws_span text);
size_t plain_len_bytewise(struct ws_span text);

enum {
	PLAIN_SHORT = 16,
};

/* Are the first len bytes plain, and not more than PLAIN_SHORT? So many may be read. */
bool plain_is_short(const char text[static PLAIN_SHORT], size_t len);

/* Copies them to `to`, which has room for all of text: what lies there behind them may be written over. */
size_t plain_copy(struct ws_span text, char *to);
size_t plain_copy_bytewise(struct ws_span text, char *to);

/* How many bytes at the start of a JSON string's inside stand for themselves: up to a quote, a backslash, or what is
 * not ASCII. */
size_t plain_string_len(struct ws_span text);
size_t plain_string_len_bytewise(struct ws_span text);

enum {
	PLAIN_ESCAPE_ROOM = 64, /* plain_escape() may write over so many bytes behind what it says */
};

/* Copies the plain bytes at the start of text to `to`, with a backslash before each quote and backslash. Returns how
 * many bytes of text that are; *ret_len is how many they have become, at most twice as many. `to` has room for those
 * and PLAIN_ESCAPE_ROOM more. */
size_t plain_escape(struct ws_span text, char *to, size_t *ret_len);
size_t plain_escape_bytewise(struct ws_span text, char *to, size_t *ret_len);

#endif
