/* The chat's protocol as each kind of client speaks it: JSON ↔ command and delivery. CHAT-PROTOCOL.md has the bytes;
 * docs/chat-protocol.md what our page adds to dialect C. Pure functions. */
#ifndef WSCHAT_DIALECT_H
#define WSCHAT_DIALECT_H

#include "ws/buf.h"
#include "wschat/chat.h"

enum dialect_result {
	DIALECT_COMMAND, /* ret_command is set; its spans live in arena until that is cleared */
	DIALECT_NOTHING, /* a pong, for example */
	DIALECT_IGNORED, /* unknown type, no JSON, no object: the original ignores it; counted */
};

/* One text message of a client. current is what it spoke at its login (before: DIALECT_COUNT); a login message tells
 * its own. Nothing a client sends makes this fail otherwise. */
enum dialect_result dialect_read(enum dialect_id current, struct ws_span text, struct ws_buf *arena,
				 struct command *ret_command);

/* Appends the JSON of delivery as this dialect says it, without a frame; several messages where the dialect needs
 * several (A's welcome is none: user_list and login): each is given to emit. Nothing is emitted where the dialect does
 * not know such a thing. json is scratch. Returns 0 or WS_E_MEMORY / WS_E_LIMIT. */
int dialect_write(enum dialect_id dialect, const struct delivery *delivery, struct ws_buf *json,
		  int (*emit)(void *context, struct ws_span json), void *context);

#endif
