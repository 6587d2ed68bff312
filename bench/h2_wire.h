/* HTTP/2 as it looks on the wire (RFC 9113), for captures that are made: one WebSocket on stream 1 (RFC 8441), with
 * prior knowledge, header blocks in plain literals, and windows that never fill. */
#ifndef H2_WIRE_H
#define H2_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum {
	H2_AROUND = 9, /* bytes of a frame in front of its payload */
	H2_OPEN_MAX = 256,
};

/* What each side says first, and then; each returns its length. */
size_t h2_client_begins(uint8_t to[H2_OPEN_MAX]);
size_t h2_server_begins(uint8_t to[H2_OPEN_MAX]);
size_t h2_client_asks(const char *authority, uint8_t to[H2_OPEN_MAX]);
size_t h2_server_agrees(uint8_t to[H2_OPEN_MAX]);

/* A DATA frame of the stream, into to: room for len + H2_AROUND. Returns its length. */
size_t h2_data(const void *content, size_t len, uint8_t *to);

#endif
