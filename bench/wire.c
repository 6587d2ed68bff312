#include "wire.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEADERS = 14 + 20 + 32, /* Ethernet, IPv4, TCP with timestamps */
};

uint32_t wire_draw(struct wire *wire, uint32_t below)
{
	wire->random ^= wire->random >> 12;
	wire->random ^= wire->random << 25;
	wire->random ^= wire->random >> 27;
	return (uint32_t)((wire->random * 0x2545f4914f6cdd1d) >> 33) % below;
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

static void ip_header(struct wire *wire, const struct wire_conn *conn, enum dir dir, uint8_t *ip, size_t len)
{
	uint32_t server = 0x0a000001;

	ip[0] = 0x45;
	put16(ip + 2, (uint16_t)len);
	put16(ip + 4, wire->ip_id++);
	ip[6] = 0x40; /* do not fragment */
	ip[8] = 64;
	ip[9] = IPPROTO_TCP;
	put32(ip + 12, dir == C2S ? conn->client_addr : server);
	put32(ip + 16, dir == C2S ? server : conn->client_addr);
	put16(ip + 10, fold(sum16(ip, 20, 0)));
}

static void tcp_header(struct wire *wire, const struct wire_conn *conn, enum dir dir, uint8_t flags, uint8_t *tcp)
{
	put16(tcp, dir == C2S ? conn->client_port : WIRE_PORT);
	put16(tcp + 2, dir == C2S ? WIRE_PORT : conn->client_port);
	put32(tcp + 4, conn->seq[dir]);
	put32(tcp + 8, flags & TCP_ACK ? conn->seq[!dir] : 0);
	tcp[12] = 32 / 4 << 4;
	tcp[13] = flags;
	put16(tcp + 14, 502);
	tcp[20] = tcp[21] = 1; /* two NOPs, then the timestamps of RFC 7323 */
	tcp[22] = 8;
	tcp[23] = 10;
	put32(tcp + 24, (uint32_t)(wire->now_us / 1000));
	put32(tcp + 28, flags & TCP_ACK ? (uint32_t)(wire->now_us / 1000 - 1) : 0);
}

void wire_packet(struct wire *wire, struct wire_conn *conn, enum dir dir, uint8_t flags, const void *payload,
		 size_t len)
{
	uint8_t bytes[HEADERS + WIRE_PAYLOAD_MAX] = {0};
	uint8_t *ip = bytes + 14, *tcp = ip + 20;
	uint32_t record[4];
	uint32_t pseudo;

	if (len > WIRE_PAYLOAD_MAX)
		abort();
	if (!wire->packets)
		return;
	wire->packets--;
	wire->now_us += 5 + wire_draw(wire, 50);
	bytes[5] = dir == C2S ? 1 : 2;
	bytes[11] = dir == C2S ? 2 : 1;
	put16(bytes + 12, 0x0800);
	ip_header(wire, conn, dir, ip, 20 + 32 + len);
	tcp_header(wire, conn, dir, flags, tcp);
	if (len)
		memcpy(tcp + 32, payload, len);
	pseudo = sum16(ip + 12, 8, IPPROTO_TCP + 32 + (uint32_t)len);
	put16(tcp + 16, fold(sum16(tcp, 32 + len, pseudo)));
	conn->seq[dir] += (uint32_t)len + (flags & TCP_SYN ? 1 : 0);

	record[0] = (uint32_t)(wire->now_us / 1000000);
	record[1] = (uint32_t)(wire->now_us % 1000000);
	record[2] = record[3] = (uint32_t)(HEADERS + len);
	write_all(record, sizeof(record));
	write_all(bytes, HEADERS + len);
}

void wire_begin(void)
{
	/* magic, version 2.4, snap length, Ethernet */
	const uint32_t head[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1};

	write_all(head, sizeof(head));
}
