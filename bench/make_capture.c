/* Makes the capture that bench/run measures with: chat over WebSocket, the same bytes each time.
 *
 *     make_capture [-p PACKETS] [-c CONNECTIONS] [-o OPEN] [-z] [-k KEYLOG] > FILE
 *     make_capture [-p PACKETS] [-c CONNECTIONS] [-o OPEN] -2 > FILE
 *
 * Each connection is opened (TCP and WebSocket handshake, seven packets). Then, until the packets are used up, a client
 * says something, the server sends it on to FAN_OUT of the connections, and every message is acknowledged by a packet
 * of its own: half of the packets are bare ACKs. A message is JSON of about 140 bytes. With -z each is compressed
 * (permessage-deflate, with context takeover in both directions). With -k all of it is in TLS 1.3, a record for each
 * message, and the secrets are in KEYLOG. With -2 each is on a stream of HTTP/2 (RFC 8441), a DATA frame for each
 * message. With -o no more than OPEN connections are open at once: as many are opened and talk, each with its share of
 * the packets; then the next ones are opened from the same addresses and ports, until there were CONNECTIONS.
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
#include "seal.h"

enum {
	FAN_OUT = 10,
	PORT = 7272,
	MESSAGE_MAX = 1024,
	HEADERS = 14 + 20 + 32, /* Ethernet, IPv4, TCP with timestamps */
	TCP_SYN = 0x02,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
};

enum dir { C2S, S2C };

struct side {
	uint32_t seq; /* of its next byte */
	uint32_t acked;
	z_stream deflate;
	struct seal *seal; /* of TLS; NULL without */
};

struct conn {
	uint32_t client_addr;
	uint16_t client_port;
	struct side side[2]; /* by the direction of its bytes */
};

struct maker {
	uint64_t packets; /* that are still to be written */
	uint64_t now_us;
	uint64_t random;
	uint64_t messages;
	uint16_t ip_id;
	bool compress;
	bool h2;
	FILE *keylog; /* NULL: no TLS */
};

/* xorshift64*: the same numbers everywhere. */
static uint32_t draw(struct maker *maker, uint32_t below)
{
	maker->random ^= maker->random >> 12;
	maker->random ^= maker->random << 25;
	maker->random ^= maker->random >> 27;
	return (uint32_t)((maker->random * 0x2545f4914f6cdd1d) >> 33) % below;
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, (uint16_t)(value >> 16));
	put16(at + 2, (uint16_t)value);
}

/* The Internet checksum's sum, RFC 1071, not yet folded. */
static uint32_t sum16(const uint8_t *data, size_t len, uint32_t sum)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(data[i] << 8 | data[i + 1]);
	return len % 2 ? sum + ((uint32_t)data[len - 1] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t) ~((sum >> 16) + sum);
}

static void write_all(const void *data, size_t len)
{
	if (fwrite(data, 1, len, stdout) != len) {
		perror("make_capture");
		exit(1);
	}
}

static void ip_header(struct maker *maker, const struct conn *conn, enum dir dir, uint8_t *ip, size_t len)
{
	uint32_t server = 0x0a000001;

	ip[0] = 0x45;
	put16(ip + 2, (uint16_t)len);
	put16(ip + 4, maker->ip_id++);
	ip[6] = 0x40; /* do not fragment */
	ip[8] = 64;
	ip[9] = IPPROTO_TCP;
	put32(ip + 12, dir == C2S ? conn->client_addr : server);
	put32(ip + 16, dir == C2S ? server : conn->client_addr);
	put16(ip + 10, fold(sum16(ip, 20, 0)));
}

static void tcp_header(struct maker *maker, const struct conn *conn, enum dir dir, uint8_t flags, uint8_t *tcp)
{
	const struct side *from = &conn->side[dir], *to = &conn->side[!dir];

	put16(tcp, dir == C2S ? conn->client_port : PORT);
	put16(tcp + 2, dir == C2S ? PORT : conn->client_port);
	put32(tcp + 4, from->seq);
	put32(tcp + 8, flags & TCP_ACK ? to->seq : 0);
	tcp[12] = 32 / 4 << 4;
	tcp[13] = flags;
	put16(tcp + 14, 502);
	tcp[20] = tcp[21] = 1; /* two NOPs, then the timestamps of RFC 7323 */
	tcp[22] = 8;
	tcp[23] = 10;
	put32(tcp + 24, (uint32_t)(maker->now_us / 1000));
	put32(tcp + 28, flags & TCP_ACK ? (uint32_t)(maker->now_us / 1000 - 1) : 0);
}

static void packet(struct maker *maker, struct conn *conn, enum dir dir, uint8_t flags, const void *payload, size_t len)
{
	uint8_t bytes[HEADERS + MESSAGE_MAX + 16 + SEAL_AROUND] = {0};
	uint8_t *ip = bytes + 14, *tcp = ip + 20;
	uint32_t record[4];
	uint32_t pseudo;

	if (!maker->packets)
		return;
	maker->packets--;
	maker->now_us += 5 + draw(maker, 50);
	bytes[5] = dir == C2S ? 1 : 2;
	bytes[11] = dir == C2S ? 2 : 1;
	put16(bytes + 12, 0x0800);
	ip_header(maker, conn, dir, ip, 20 + 32 + len);
	tcp_header(maker, conn, dir, flags, tcp);
	if (len)
		memcpy(tcp + 32, payload, len);
	pseudo = sum16(ip + 12, 8, IPPROTO_TCP + 32 + (uint32_t)len);
	put16(tcp + 16, fold(sum16(tcp, 32 + len, pseudo)));
	conn->side[dir].seq += (uint32_t)len + (flags & TCP_SYN ? 1 : 0);

	record[0] = (uint32_t)(maker->now_us / 1000000);
	record[1] = (uint32_t)(maker->now_us % 1000000);
	record[2] = record[3] = (uint32_t)(HEADERS + len);
	write_all(record, sizeof(record));
	write_all(bytes, HEADERS + len);
}

/* What one side writes: as it is, as a record, or as a frame of HTTP/2. */
static void data(struct maker *maker, struct conn *conn, enum dir dir, const void *bytes, size_t len)
{
	uint8_t record[MESSAGE_MAX + 16 + SEAL_AROUND];

	static_assert((int)SEAL_AROUND >= (int)H2_AROUND, "either fits");
	if (maker->h2) {
		packet(maker, conn, dir, TCP_PSH | TCP_ACK, record, h2_data(bytes, len, record));
		return;
	}
	if (!conn->side[dir].seal) {
		packet(maker, conn, dir, TCP_PSH | TCP_ACK, bytes, len);
		return;
	}
	len = seal_record(conn->side[dir].seal, SEAL_DATA, bytes, len, record);
	packet(maker, conn, dir, TCP_PSH | TCP_ACK, record, len);
}

static void draw_bytes(struct maker *maker, uint8_t *to, size_t len)
{
	while (len--)
		*to++ = (uint8_t)draw(maker, 256);
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
	packet(maker, conn, C2S, TCP_PSH | TCP_ACK, bytes, len);
	seal = new_seal(maker, random, "SERVER_HANDSHAKE_TRAFFIC_SECRET");
	len = seal_server_hello(server_random, bytes);
	len += seal_record(seal, SEAL_HANDSHAKE, "\x08\0\0\x11\0\x0f\0\x10\0\x0b\0\x09\x08http/1.1", 21, bytes + len);
	len += seal_record(seal, SEAL_HANDSHAKE, finished, sizeof(finished), bytes + len);
	packet(maker, conn, S2C, TCP_PSH | TCP_ACK, bytes, len);
	seal_destroy(seal);
	seal = new_seal(maker, random, "CLIENT_HANDSHAKE_TRAFFIC_SECRET");
	len = seal_record(seal, SEAL_HANDSHAKE, finished, sizeof(finished), bytes);
	packet(maker, conn, C2S, TCP_PSH | TCP_ACK, bytes, len);
	seal_destroy(seal);
	conn->side[C2S].seal = new_seal(maker, random, "CLIENT_TRAFFIC_SECRET_0");
	conn->side[S2C].seal = new_seal(maker, random, "SERVER_TRAFFIC_SECRET_0");
}

/* Both sides' settings, the extended CONNECT, and its answer. */
static void open_h2(struct maker *maker, struct conn *conn)
{
	uint8_t bytes[H2_OPEN_MAX];

	packet(maker, conn, C2S, TCP_PSH | TCP_ACK, bytes, h2_client_begins(bytes));
	packet(maker, conn, S2C, TCP_PSH | TCP_ACK, bytes, h2_server_begins(bytes));
	packet(maker, conn, C2S, TCP_PSH | TCP_ACK, bytes, h2_client_asks("chat.example.com:7272", bytes));
	packet(maker, conn, S2C, TCP_PSH | TCP_ACK, bytes, h2_server_agrees(bytes));
	packet(maker, conn, C2S, TCP_ACK, NULL, 0);
}

/* The key and its accept value are those of RFC 6455, section 1.3. */
static void open_conn(struct maker *maker, struct conn *conn)
{
	const char *extension = maker->compress ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "";
	char head[512];
	int len;

	packet(maker, conn, C2S, TCP_SYN, NULL, 0);
	packet(maker, conn, S2C, TCP_SYN | TCP_ACK, NULL, 0);
	packet(maker, conn, C2S, TCP_ACK, NULL, 0);
	if (maker->h2) {
		open_h2(maker, conn);
		return;
	}
	if (maker->keylog)
		open_tls(maker, conn);
	len =
	    snprintf(head, sizeof(head),
		     "GET /chat HTTP/1.1\r\nHost: chat.example.com:%u\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		     "Origin: http://chat.example.com\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		     "Sec-WebSocket-Version: 13\r\n%s\r\n",
		     PORT, extension);
	data(maker, conn, C2S, head, (size_t)len);
	packet(maker, conn, S2C, TCP_ACK, NULL, 0);
	len = snprintf(head, sizeof(head),
		       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		       "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n%s\r\n",
		       extension);
	data(maker, conn, S2C, head, (size_t)len);
	packet(maker, conn, C2S, TCP_ACK, NULL, 0);
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
		put16(frame + at, (uint16_t)len);
		at += 2;
	}
	if (dir == C2S) {
		uint8_t *mask = frame + at;

		put32(mask, draw(maker, UINT32_MAX));
		at += 4;
		for (size_t i = 0; i < len; i++)
			frame[at + i] = payload[i] ^ mask[i % 4];
	} else {
		memcpy(frame + at, payload, len);
	}
	if (maker->packets)
		maker->messages++;
	data(maker, conn, dir, frame, at + len);
	packet(maker, conn, !dir, TCP_ACK, NULL, 0);
}

static const char *const words[] = {"hello",  "everyone", "packet", "tomorrow", "coffee",  "again", "server",
				    "really", "meeting",  "nobody", "the",      "capture", "is",    "late"};

static size_t content(struct maker *maker, char *text, size_t room)
{
	size_t len = 0;

	for (unsigned i = 0; i < 5; i++)
		len += (size_t)snprintf(text + len, room - len, "%s%s", i ? " " : "",
					words[draw(maker, sizeof(words) / sizeof(words[0]))]);
	return len;
}

/* Somebody says something, and others are told. */
static void say(struct maker *maker, struct conn *conns, uint32_t count)
{
	uint32_t from = draw(maker, count);
	unsigned seconds = (unsigned)(maker->now_us / 1000000 % 86400);
	char said[128], text[MESSAGE_MAX];
	int len;

	content(maker, said, sizeof(said));
	len = snprintf(text, sizeof(text),
		       "{\"type\":\"say\",\"to_client_id\":\"all\",\"content\":\"%s\",\"room_id\":\"1\","
		       "\"key\":\"%08x%08x%08x\"}",
		       said, draw(maker, UINT32_MAX), draw(maker, UINT32_MAX), from);
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
	conn->client_addr = 0x0a010000 + index / 50000;
	conn->client_port = (uint16_t)(10000 + index % 50000);
	for (unsigned dir = 0; dir < 2; dir++) {
		conn->side[dir].seq = draw(maker, UINT32_MAX);
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
	while (maker->packets)
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
	/* magic, version 2.4, snap length, Ethernet */
	const uint32_t head[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1};
	struct conn *conns = calloc(open, sizeof(*conns));
	uint64_t packets = maker->packets, written = 0;

	if (!conns)
		abort();
	write_all(head, sizeof(head));
	for (uint64_t opened = 0; opened < count;) {
		uint32_t now = count - opened < open ? (uint32_t)(count - opened) : open;
		uint64_t share;

		opened += now;
		share = packets * opened / count - written;
		written += share;
		maker->packets = share;
		talk(maker, conns, now);
	}
	free(conns);
}

int main(int argc, char **argv)
{
	struct maker maker = {.packets = 1000000, .now_us = 1767265200000000, .random = 0x9e3779b97f4a7c15};
	uint32_t connections = 100, open = UINT32_MAX;
	int option;

	while ((option = getopt(argc, argv, "p:c:o:zk:2")) != -1) {
		switch (option) {
		case 'p':
			maker.packets = strtoull(optarg, NULL, 10);
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
