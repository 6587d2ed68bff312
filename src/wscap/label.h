/* What a JSON message calls itself, and who its sender says to be. Read by skimming: no tree, no allocation, no
 * recursion, and never more than LABEL_SCAN_MAX bytes, so hostile JSON costs no more than kind JSON.
 *
 * The label is the first of these that is there:
 *   - of an object, the string at its top level under "type", else "event", else "op", else "method";
 *   - of an array, its first element when that is a string; digits, a namespace and an id may stand before it, as
 *     Socket.IO has them: 42["event",…], 42/room,17["event",…].
 * The user is an object's string under "name", else "client_name", else "nick", else "user". Where a key stands twice,
 * its first string counts. */
#ifndef WSCAP_LABEL_H
#define WSCAP_LABEL_H

#include "ws/span.h"

enum {
	LABEL_MAX = 64,            /* bytes of a label or a name that are kept; cut between two characters */
	LABEL_SCAN_MAX = 64 << 10, /* bytes of a message that are looked at: stops messages that only cost time */
};

/* A string with its escapes undone: UTF-8 where the message was (half a surrogate pair becomes U+FFFD), but still a
 * stranger's text: control characters and zeroes may be in it. */
struct label_text {
	uint8_t len; /* 0: there is none, or it is empty */
	char text[LABEL_MAX];
};

struct label {
	struct label_text label;
	struct label_text user;
};

static inline struct ws_span label_span(const struct label_text *text)
{
	return ws_span_of(text->text, text->len);
}

/* Looks for the label in text and, where want_user asks for it, for the user (who needs only the label is served
 * sooner). What is no JSON, or stops in its middle, has the label and user that stand before that place. Returns
 * whether either was found. */
bool label_find(struct ws_span text, bool want_user, struct label *ret);

/* The same without any short cut: a test holds them together. */
bool label_find_plain(struct ws_span text, bool want_user, struct label *ret);

#endif
