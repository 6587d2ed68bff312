/* The heads that open a WebSocket (RFC 6455, section 4), for captures that are made: each with a key of its own and the
 * accept value that belongs to it, and from clients of many kinds, as they are in the wild. */
#ifndef BENCH_HEAD_WIRE_H
#define BENCH_HEAD_WIRE_H

#include "wire.h"

enum {
	HEAD_WIRE_MAX = 1024,
	HEAD_KEY_LEN = 24,
};

/* A client's key, random. */
void head_key(struct wire *wire, char ret[HEAD_KEY_LEN + 1]);

/* What the client asks with that key, and what the server answers; extensions is a whole line, or empty. Each returns
 * its length. */
size_t head_request(struct wire *wire, const char *key, const char *extensions, char to[HEAD_WIRE_MAX]);
size_t head_answer(const char *key, const char *extensions, char to[HEAD_WIRE_MAX]);

#endif
