/* For tests that put WebSockets on streams of HTTP/2 into packets (wire.h): frames with literal header blocks. */
#ifndef H2_WIRE_H
#define H2_WIRE_H

#include "wire.h"

/* Fields of a block that go into the table. */
#define LITERAL(name_len, name, value_len, value) "\x40" name_len name value_len value
#define VERSION_FIELD                             LITERAL("\x15", "sec-websocket-version", "\x02", "13")

/* What is sent between these goes in DATA frames of that stream, a tunnel; they nest. */
void h2w_enter(uint8_t stream);
void h2w_leave(void);

void h2w_bytes(struct wire *wire, enum dir dir, const char *data, size_t len);
#define H2W_BYTES(wire, dir, literal) h2w_bytes((wire), (dir), (literal), sizeof(literal) - 1)

void h2w_greet(struct wire *wire);   /* both sides' settings, behind the client's preface */
void h2w_preface(struct wire *wire); /* the same, behind the handshake of TCP */

/* RFC 8441: /chat is asked for, and agreed to. */
void h2w_request(struct wire *wire, uint8_t stream);
void h2w_answer(struct wire *wire, uint8_t stream);

/* WebSocket frames of up to 100 bytes of payload, each in a DATA frame. Masked with zeroes. */
void h2w_data(struct wire *wire, enum dir dir, uint8_t stream, uint8_t flags, const char *text);

/* A CONNECT, and whether it is answered by 200. */
void h2w_connect(struct wire *wire, uint8_t stream, bool agreed);

/* Bytes in a DATA frame. */
void h2w_carry(struct wire *wire, enum dir dir, uint8_t stream, const char *what);

/* Plays it with the first allocation failing, the second, and so on. */
void h2w_each_allocation(void (*build)(struct wire *wire));

#endif
