/* Packets of TCP over IPv4 over Ethernet, with right checksums, as a capture on stdout: for make_capture.c. The bytes
 * are the same each time. What cannot be written ends the program. */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum {
	WIRE_PORT = 7272, /* the server's */
	WIRE_PAYLOAD_MAX = 2048,
	TCP_SYN = 0x02,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
};

enum dir { C2S, S2C };

struct wire_conn {
	uint32_t client_addr;
	uint16_t client_port;
	uint32_t seq[2]; /* of the next byte, by the direction of the bytes */
};

struct wire {
	uint64_t packets; /* that are still to be written; all behind them are left out */
	uint64_t now_us;
	uint64_t random; /* not 0 */
	uint16_t ip_id;
};

/* The head of the file. */
void wire_begin(void);

/* len is at most WIRE_PAYLOAD_MAX. */
void wire_packet(struct wire *wire, struct wire_conn *conn, enum dir dir, uint8_t flags, const void *payload,
		 size_t len);

/* A number below that one, by xorshift64*: the same ones everywhere. */
uint32_t wire_draw(struct wire *wire, uint32_t below);

#endif
