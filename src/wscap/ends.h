/* Who sends to whom, as a column: "#2 127.0.0.1.60653 (mynick) > 127.0.0.1.7272".
 *
 * A WebSocket's text for each direction is kept ready once it was asked for twice, with spaces behind it: then a line
 * takes one copy of a fixed size. Of a connection whose roles are not known yet nothing is kept, and what is longer
 * than ENDS_TEXT is made each time; as all are where there are many more WebSockets than places. */
#ifndef WSCAP_ENDS_H
#define WSCAP_ENDS_H

#include "base/out.h"
#include "wscap/event.h"

enum {
	ENDS_KEPT = 512, /* WebSockets whose text is kept; a power of two */
	ENDS_TEXT = 112, /* bytes of each: long names are not */
	/* the column grows with what it has to show */
	ENDS_WIDTH_MIN = 44,
	ENDS_WIDTH_MAX = 80,
};

struct ends_kept {
	uint64_t conn; /* its number; 0: nothing here */
	uint64_t stream;
	bool named; /* the user's name is in it */
	bool again; /* it was asked for before; before that its text is not kept */
	uint8_t len[2];
	char text[2][ENDS_TEXT];
};

struct line;

struct ends {
	struct line *line; /* the caller's: it says how an endpoint looks */
	struct out text;   /* of a column that is being made */
	size_t width;      /* of the widest so far */
	struct ends_kept kept[ENDS_KEPT];
};

/* Returns 0 or -ENOMEM. */
int ends_init(struct ends *ends, struct line *line);
void ends_finish(struct ends *ends); /* zeroes are fine */

/* Writes the column for an event: as wide as the widest so far, up to ENDS_WIDTH_MAX, and a space. */
void ends_put(struct ends *ends, const struct event *event, enum dir dir, struct out *out);

#endif
