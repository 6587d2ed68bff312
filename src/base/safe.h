/* Text from a stranger, made harmless for a terminal and for whoever reads it.
 *
 * Escape sequences, control characters (C0 but for tab and newline where they are kept, DEL, C1), bytes that are no
 * UTF-8, and characters that turn or hide text (bidirectional controls, zero-width ones, line and paragraph separators,
 * the byte order mark, tags) are shown as \xNN or \u{NNNN}; everything else passes unchanged. */
#ifndef BASE_SAFE_H
#define BASE_SAFE_H

#include "base/out.h"

enum safe_newlines {
	SAFE_ONE_LINE,   /* newline, carriage return and tab become \n \r \t */
	SAFE_MANY_LINES, /* they are kept (CRLF as a newline), and prefix is written after each newline */
};

void safe_text(struct out *out, struct ws_span text, enum safe_newlines newlines, const char *prefix);

/* As the inside of a JSON string (RFC 8259, section 7): quotes and backslashes escaped, control and the dangerous
 * characters above as \uNNNN. text must be valid UTF-8; what is not becomes U+FFFD. Quotes are not written. */
void safe_json(struct out *out, struct ws_span text);

#endif
