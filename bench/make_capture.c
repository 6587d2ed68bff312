/* Makes the capture that bench/run measures with: chat over WebSocket, the same bytes each time.
 *
 *     make_capture [-p PACKETS] [-c CONNECTIONS] [-o OPEN] [-z] [-k KEYLOG] > FILE
 *     make_capture [-p PACKETS] [-c CONNECTIONS] [-o OPEN] -2 > FILE
 *
 * Each connection is opened (TCP and WebSocket handshake, seven packets; its client is one of some dozen kinds). Then,
 * until the packets are used up, a client says something, the server sends it on to FAN_OUT of the connections, and
 * every message is acknowledged by a packet of its own: half of the packets are bare ACKs. A message is JSON of about
 * 140 bytes. With -z each is compressed (permessage-deflate, with context takeover in both directions). With -k all of
 * it is in TLS 1.3, a record for each message, and the secrets are in KEYLOG. With -2 each is on a stream of HTTP/2
 * (RFC 8441), a DATA frame for each message. With -o no more than OPEN connections are open at once: as many are opened
 * and talk, each with its share of the packets; then the next ones are opened from the same addresses and ports, until
 * there were CONNECTIONS.
 *
 * It stands on zlib and libcrypto and nothing of ours, so that a fault of libws cannot be in both what is measured and
 * its input. */
#include <arpa/inet.h>
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>

#include "h2_wire.h"
#include "head_wire.h"
#include "seal.h"
#include "wire.h"

enum {
	FAN_OUT = 10,
	MESSAGE_MAX = 1024,
};

struct side {
	z_stream deflate;
	struct seal *seal; /* of TLS; NULL without */
};

struct conn {
	struct wire_conn wire;
	struct side side[2]; /* by the direction of its bytes */
};

struct maker {
	struct wire wire;
	uint64_t messages;
	bool compress;
	bool h2;
	FILE *keylog; /* NULL: no TLS */
};

/* What one side writes: as it is, as a record, or as a frame of HTTP/2. */
static void data(struct maker *maker, struct conn *conn, enum dir dir, const void *bytes, size_t len)
{
	uint8_t record[MESSAGE_MAX + 16 + SEAL_AROUND];

	static_assert((int)SEAL_AROUND >= (int)H2_AROUND, "either fits");
	if (maker->h2) {
		wire_packet(&maker->wire, &conn->wire, dir, TCP_PSH | TCP_ACK, record, h2_data(bytes, len, record));
		return;
	}
	if (!conn->side[dir].seal) {
		wire_packet(&maker->wire, &conn->wire, dir, TCP_PSH | TCP_ACK, bytes, len);
		return;
	}
	len = seal_record(conn->side[dir].seal, SEAL_DATA, bytes, len, record);
	wire_packet(&maker->wire, &conn->wire, dir, TCP_PSH | TCP_ACK, record, len);
}

static void draw_bytes(struct maker *maker, uint8_t *to, size_t len)
{
	while (len--)
		*to++ = (uint8_t)wire_draw(&maker->wire, 256);
}

/* A new secret of one side, which goes into the key log. */
static struct seal *new_seal(struct maker *maker, const uint8_t random[SEAL_RANDOM], const char *label)
{
	uint8_t secret[SEAL_SECRET];

	draw_bytes(maker, secret, sizeof(secret));
	seal_log(maker->keylog, label, random, secret);
	return seal_create(secret);
}

/* Hellos, what the server says of itself, and both sides' Finished; then the keys of what follows. */
static void open_tls(struct maker *maker, struct conn *conn)
{
	static const uint8_t finished[36] = {20, 0, 0, 32};
	uint8_t random[SEAL_RANDOM], server_random[SEAL_RANDOM], bytes[SEAL_HELLO_MAX + 256];
	struct seal *seal;
	size_t len;

	draw_bytes(maker, random, sizeof(random));
	draw_bytes(maker, server_random, sizeof(server_random));
	len = seal_client_hello(random, "chat.example.com", bytes);
	wire_packet(&maker->wire, &conn->wire, C2S, TCP_PSH | TCP_ACK, bytes, len);
	seal = new_seal(maker, random, "SERVER_HANDSHAKE_TRAFFIC_SECRET");
	len = seal_server_hello(server_random, bytes);
	len += seal_record(seal, SEAL_HANDSHAKE, "\x08\0\0\x11\0\x0f\0\x10\0\x0b\0\x09\x08http/1.1", 21, bytes + len);
	len += seal_record(seal, SEAL_HANDSHAKE, finished, sizeof(finished), bytes + len);
	wire_packet(&maker->wire, &conn->wire, S2C, TCP_PSH | TCP_ACK, bytes, len);
	seal_destroy(seal);
	seal = new_seal(maker, random, "CLIENT_HANDSHAKE_TRAFFIC_SECRET");
	len = seal_record(seal, SEAL_HANDSHAKE, finished, sizeof(finished), bytes);
	wire_packet(&maker->wire, &conn->wire, C2S, TCP_PSH | TCP_ACK, bytes, len);
	seal_destroy(seal);
	conn->side[C2S].seal = new_seal(maker, random, "CLIENT_TRAFFIC_SECRET_0");
	conn->side[S2C].seal = new_seal(maker, random, "SERVER_TRAFFIC_SECRET_0");
}

/* Both sides' settings, the extended CONNECT, and its answer. */
static void open_h2(struct maker *maker, struct conn *conn)
{
	uint8_t bytes[H2_OPEN_MAX];

	wire_packet(&maker->wire, &conn->wire, C2S, TCP_PSH | TCP_ACK, bytes, h2_client_begins(bytes));
	wire_packet(&maker->wire, &conn->wire, S2C, TCP_PSH | TCP_ACK, bytes, h2_server_begins(bytes));
	wire_packet(&maker->wire, &conn->wire, C2S, TCP_PSH | TCP_ACK, bytes,
		    h2_client_asks("chat.example.com:7272", bytes));
	wire_packet(&maker->wire, &conn->wire, S2C, TCP_PSH | TCP_ACK, bytes, h2_server_agrees(bytes));
	wire_packet(&maker->wire, &conn->wire, C2S, TCP_ACK, NULL, 0);
}

static void open_conn(struct maker *maker, struct conn *conn)
{
	const char *extensions = maker->compress ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "";
	char key[HEAD_KEY_LEN + 1], head[HEAD_WIRE_MAX];

	wire_packet(&maker->wire, &conn->wire, C2S, TCP_SYN, NULL, 0);
	wire_packet(&maker->wire, &conn->wire, S2C, TCP_SYN | TCP_ACK, NULL, 0);
	wire_packet(&maker->wire, &conn->wire, C2S, TCP_ACK, NULL, 0);
	if (maker->h2) {
		open_h2(maker, conn);
		return;
	}
	if (maker->keylog)
		open_tls(maker, conn);
	head_key(&maker->wire, key);
	data(maker, conn, C2S, head, head_request(&maker->wire, key, extensions, head));
	wire_packet(&maker->wire, &conn->wire, S2C, TCP_ACK, NULL, 0);
	data(maker, conn, S2C, head, head_answer(key, extensions, head));
	wire_packet(&maker->wire, &conn->wire, C2S, TCP_ACK, NULL, 0);
}

/* Compresses as RFC 7692, section 7.2.1 has it. Returns the length in out. */
static size_t deflate_message(struct side *side, const char *text, size_t len, uint8_t *out, size_t room)
{
	side->deflate.next_in = (const Bytef *)text;
	side->deflate.avail_in = (uInt)len;
	side->deflate.next_out = out;
	side->deflate.avail_out = (uInt)room;
	if (deflate(&side->deflate, Z_SYNC_FLUSH) != Z_OK || !side->deflate.avail_out)
		abort();
	return room - side->deflate.avail_out - 4;
}

/* A text message in one frame, and its acknowledgement. */
static void message(struct maker *maker, struct conn *conn, enum dir dir, const char *text, size_t len)
{
	uint8_t payload[MESSAGE_MAX], frame[MESSAGE_MAX + 8];
	size_t at = 2;

	if (maker->compress)
		len = deflate_message(&conn->side[dir], text, len, payload, sizeof(payload));
	else
		memcpy(payload, text, len);
	frame[0] = maker->compress ? 0xc1 : 0x81;
	frame[1] = (uint8_t)((dir == C2S ? 0x80 : 0) | (len < 126 ? len : 126));
	if (len >= 126) {
		frame[at++] = (uint8_t)(len >> 8);
		frame[at++] = (uint8_t)len;
	}
	if (dir == C2S) {
		uint8_t *mask = frame + at;
		uint32_t key;

		key = htonl(wire_draw(&maker->wire, UINT32_MAX));
		memcpy(mask, &key, sizeof(key));
		at += 4;
		for (size_t i = 0; i < len; i++)
			frame[at + i] = payload[i] ^ mask[i % 4];
	} else {
		memcpy(frame + at, payload, len);
	}
	if (maker->wire.packets)
		maker->messages++;
	data(maker, conn, dir, frame, at + len);
	wire_packet(&maker->wire, &conn->wire, !dir, TCP_ACK, NULL, 0);
}

static const char *const words[] = {"hello",  "everyone", "packet", "tomorrow", "coffee",  "again", "server",
				    "really", "meeting",  "nobody", "the",      "capture", "is",    "late"};

static size_t content(struct maker *maker, char *text, size_t room)
{
	size_t len = 0;

	for (unsigned i = 0; i < 5; i++)
		len += (size_t)snprintf(text + len, room - len, "%s%s", i ? " " : "",
					words[wire_draw(&maker->wire, sizeof(words) / sizeof(words[0]))]);
	return len;
}

/* Somebody says something, and others are told. */
static void say(struct maker *maker, struct conn *conns, uint32_t count)
{
	uint32_t from = wire_draw(&maker->wire, count);
	unsigned seconds = (unsigned)(maker->wire.now_us / 1000000 % 86400);
	char said[128], text[MESSAGE_MAX];
	int len;

	content(maker, said, sizeof(said));
	len = snprintf(text, sizeof(text),
		       "{\"type\":\"say\",\"to_client_id\":\"all\",\"content\":\"%s\",\"room_id\":\"1\","
		       "\"key\":\"%08x%08x%08x\"}",
		       said, wire_draw(&maker->wire, UINT32_MAX), wire_draw(&maker->wire, UINT32_MAX), from);
	message(maker, &conns[from], C2S, text, (size_t)len);
	len = snprintf(text, sizeof(text),
		       "{\"type\":\"say\",\"from_uid\":%u,\"name\":\"user%u\",\"to_uid\":\"all\",\"content\":\"%s\","
		       "\"time\":\"2026-01-01 %02u:%02u:%02u\"}",
		       783600000 + from, from, said, seconds / 3600, seconds / 60 % 60, seconds % 60);
	for (unsigned i = 0; i < FAN_OUT && i < count; i++)
		message(maker, &conns[(from + i) % count], S2C, text, (size_t)len);
}

static void init_conn(struct maker *maker, struct conn *conn, uint32_t index)
{
	conn->wire.client_addr = 0x0a010000 + index / 50000;
	conn->wire.client_port = (uint16_t)(10000 + index % 50000);
	for (unsigned dir = 0; dir < 2; dir++) {
		conn->wire.seq[dir] = wire_draw(&maker->wire, UINT32_MAX);
		if (maker->compress &&
		    deflateInit2(&conn->side[dir].deflate, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY))
			abort();
	}
}

/* Connections that are open at once: they are opened, and talk until the packets are used up. */
static void talk(struct maker *maker, struct conn *conns, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		init_conn(maker, &conns[i], i);
		open_conn(maker, &conns[i]);
	}
	while (maker->wire.packets)
		say(maker, conns, count);
	for (uint32_t i = 0; i < count; i++) {
		for (unsigned dir = 0; dir < 2; dir++) {
			if (maker->compress)
				deflateEnd(&conns[i].side[dir].deflate);
			seal_destroy(conns[i].side[dir].seal);
		}
		conns[i] = (struct conn){0};
	}
}

static void make(struct maker *maker, uint32_t count, uint32_t open)
{
	struct conn *conns = calloc(open, sizeof(*conns));
	uint64_t packets = maker->wire.packets, written = 0;

	if (!conns)
		abort();
	wire_begin();
	for (uint64_t opened = 0; opened < count;) {
		uint32_t now = count - opened < open ? (uint32_t)(count - opened) : open;
		uint64_t share;

		opened += now;
		share = packets * opened / count - written;
		written += share;
		maker->wire.packets = share;
		talk(maker, conns, now);
	}
	free(conns);
}

int main(int argc, char **argv)
{
	struct maker maker = {.wire = {.packets = 1000000, .now_us = 1767265200000000, .random = 0x9e3779b97f4a7c15}};
	uint32_t connections = 100, open = UINT32_MAX;
	static char pieces[1 << 20];
	int option;

	/* What comes from a disk lies in the system's cache in large pieces; what was written four kilobytes at a time
	 * lies there in such, and takes twice as long to be read. */
	setvbuf(stdout, pieces, _IOFBF, sizeof(pieces));
	while ((option = getopt(argc, argv, "p:c:o:zk:2")) != -1) {
		switch (option) {
		case 'p':
			maker.wire.packets = strtoull(optarg, NULL, 10);
			break;
		case 'c':
			connections = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'o':
			open = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'z':
			maker.compress = true;
			break;
		case '2':
			maker.h2 = true;
			break;
		case 'k':
			maker.keylog = fopen(optarg, "w");
			if (!maker.keylog) {
				perror(optarg);
				return 1;
			}
			break;
		default:
			connections = 0;
		}
	}
	if (optind < argc || !connections || !open || isatty(1) || (maker.h2 && (maker.keylog || maker.compress))) {
		fprintf(stderr, "usage: make_capture [-p PACKETS] [-c CONNECTIONS] [-o OPEN] [-z] [-k KEYLOG] > FILE\n"
				"       make_capture [-p PACKETS] [-c CONNECTIONS] [-o OPEN] -2 > FILE\n");
		return 2;
	}
	make(&maker, connections, open < connections ? open : connections);
	if (fflush(stdout) || (maker.keylog && fclose(maker.keylog))) {
		perror("make_capture");
		return 1;
	}
	fprintf(stderr, "%llu messages\n", (unsigned long long)maker.messages);
	return 0;
}
