/* What the dialects' writers share. */
#ifndef WSCHAT_DIALECT_INTERNAL_H
#define WSCHAT_DIALECT_INTERNAL_H

#include "wschat/dialect.h"
#include "wschat/json_text.h"
#include "wschat/room.h"

struct dialect_out {
	struct json_text json; /* its buffer is cleared before each message */
	int (*emit)(void *context, struct ws_span json);
	void *context;
};

/* Hands over what was written. 0, or the first failure. */
int dialect_emit(struct dialect_out *out);

/* "YYYY-MM-DD HH:MM:SS" in the server's zone, with quotes. */
void dialect_time(struct json_text *json, int64_t milliseconds);

void dialect_html(struct json_text *json, struct ws_span text); /* escaped, with quotes */

int dialect_a_write(struct dialect_out *out, const struct delivery *delivery);
/* C's, and ours: ours adds what docs/chat-protocol.md says. */
int dialect_c_write(struct dialect_out *out, const struct delivery *delivery, bool ours);

#endif
