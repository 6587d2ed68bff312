/* What a connection costs, measured: resident memory of the process before and after many of them. */
#include "test.h"

#include "wscap/conn_internal.h"
#include "wscap/decode_internal.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	MANY = 200000,
	PLAIN_MAX = 400,      /* bytes of a connection that is no WebSocket */
	WEBSOCKET_MAX = 1024, /* …and of one that is */
	AT_REST_MAX = 576,    /* …between whole messages */
	SLOT_MAX = 19,        /* of its eight-byte slots, at the lowest load there is */
	HEADERS = 54,
};

/* A packet under construction, and who sends it. */
struct talk {
	struct decode *decode;
	uint32_t client;
	uint32_t next[2];
	uint64_t packets;
	int64_t now;
	uint8_t bytes[512];
	size_t len;
};

static void put(struct talk *talk, uint64_t value, size_t bytes)
{
	while (bytes--)
		talk->bytes[talk->len++] = (uint8_t)(value >> 8 * bytes);
}

static void send_segment(struct talk *talk, unsigned side, uint16_t flags, const char *text, size_t len)
{
	const uint32_t server = 0x0a000001;
	struct packet packet = {.number = ++talk->packets, .link_type = DLT_EN10MB};
	struct packet_view view;
	uint32_t client = 0x0b000000 + talk->client / 50000;
	uint16_t port = (uint16_t)(10000 + talk->client % 50000);

	talk->len = 0;
	put(talk, 0, 6);
	put(talk, 0, 6);
	put(talk, 0x0800, 2);
	put(talk, 0x4500, 2);
	put(talk, 40 + len, 2);
	put(talk, (talk->packets & 0xffff) << 16 | 0x4000, 4);
	put(talk, 0x40060000, 4);
	put(talk, side ? server : client, 4);
	put(talk, side ? client : server, 4);
	put(talk, side ? 80 : port, 2);
	put(talk, side ? port : 80, 2);
	put(talk, talk->next[side], 4);
	put(talk, flags & TCP_ACK ? talk->next[!side] : 0, 4);
	put(talk, 0x5000 | flags, 2);
	put(talk, 500, 2);
	put(talk, 0, 4);
	assert_int_equal(talk->len, HEADERS);
	memcpy(talk->bytes + HEADERS, text, len);
	talk->next[side] += (uint32_t)len + (flags & TCP_SYN ? 1 : 0);
	talk->now += 1000;
	packet.time = talk->now;
	packet.bytes = ws_span_of(talk->bytes, HEADERS + len);
	packet.wire_len = (uint32_t)packet.bytes.len;
	decode_packet(talk->decode, &packet, &view);
}

static void say(struct talk *talk, unsigned side, const char *text, size_t len)
{
	send_segment(talk, side, TCP_ACK | TCP_PSH, text, len);
	send_segment(talk, !side, TCP_ACK, "", 0);
}
#define SAY(talk, side, literal) say((talk), (side), (literal), sizeof(literal) - 1)

static void open_tcp(struct talk *talk, uint32_t client)
{
	talk->client = client;
	talk->next[0] = talk->next[1] = client;
	send_segment(talk, 0, TCP_SYN, "", 0);
	send_segment(talk, 1, TCP_SYN | TCP_ACK, "", 0);
	send_segment(talk, 0, TCP_ACK, "", 0);
}

static void plain_conn(struct talk *talk, uint32_t client)
{
	open_tcp(talk, client);
	SAY(talk, 1, "SSH-2.0-OpenSSH_9.2\r\n");
	SAY(talk, 0, "SSH-2.0-OpenSSH_9.2\r\n");
}

static void half_open_conn(struct talk *talk, uint32_t client)
{
	talk->client = client;
	talk->next[0] = client;
	send_segment(talk, 0, TCP_SYN, "", 0);
}

/* In a WebSocket everything happens that can and leaves nothing behind: a message in pieces, and one between others. */
static void websocket_conn(struct talk *talk, uint32_t client)
{
	open_tcp(talk, client);
	SAY(talk, 0,
	    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
	SAY(talk, 1,
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
	SAY(talk, 0, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
	SAY(talk, 1, "\x81\x05Hello\x01\x03Hel");
	SAY(talk, 1, "\x80\x02l");
	SAY(talk, 1, "o\x81\x05Hello");
}

static size_t resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long size, pages;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu %lu", &size, &pages), 2);
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Bytes that each of MANY takes, as this process sees it. */
static size_t measure(void (*make)(struct talk *talk, uint32_t client), uint64_t messages)
{
	const struct limits limits = {.connections = LIMIT_CONNECTIONS,
				      .waiting = LIMIT_WAITING,
				      .waiting_total = LIMIT_WAITING_TOTAL,
				      .head = LIMIT_HEAD,
				      .message = LIMIT_MESSAGE,
				      .inflated = LIMIT_INFLATED,
				      .message_total = LIMIT_MESSAGE_TOTAL,
				      .idle = (int64_t)LIMIT_IDLE_SECONDS * NSEC_PER_SEC,
				      .reorder = (int64_t)LIMIT_REORDER_MS * 1000000,
				      .reorder_packets = LIMIT_REORDER_PACKETS};
	const struct decode_sink nobody = {0};
	struct talk talk = {.decode = decode_create(&limits, DECODE_ALL, &nobody)};
	size_t before, bytes;
	struct decode_stats stats;

	assert_non_null(talk.decode);
	make(&talk, MANY);
	before = resident();
	for (uint32_t i = 0; i < MANY; i++)
		make(&talk, i);
	bytes = (resident() - before) / MANY;
	decode_stats(talk.decode, &stats);
	assert_int_equal(stats.conn.open, MANY + 1);
	assert_int_equal(stats.messages, messages * (MANY + 1));
	assert_int_equal(stats.violations, 0);
	decode_destroy(talk.decode);
	return bytes;
}

static void holds(const char *what, size_t bytes, size_t max)
{
	print_message("# %s: %zu bytes of memory each\n", what, bytes);
#ifdef __SANITIZE_ADDRESS__
	(void)max; /* it has memory of its own beside each piece */
#else
	assert_true(bytes <= max);
#endif
}

static void test_no_websocket(void **state)
{
	(void)state;
	holds("connections that are no WebSocket", measure(plain_conn, 0), PLAIN_MAX);
}

static void test_half_open(void **state)
{
	(void)state;
	holds("connections of which only a SYN came", measure(half_open_conn, 0), PLAIN_MAX);
}

static void test_websocket(void **state)
{
	(void)state;
	holds("WebSockets", measure(websocket_conn, 4), AT_REST_MAX);
}

static void test_sizes(void **state)
{
	(void)state;
	assert_true(sizeof(struct conn) + SLOT_MAX <= PLAIN_MAX);
	assert_true(sizeof(struct conn) + SLOT_MAX + sizeof(struct decode_conn) <= AT_REST_MAX);
	assert_true(sizeof(struct conn) + SLOT_MAX + sizeof(struct decode_conn) + sizeof(struct decode_pending) <=
		    WEBSOCKET_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_websocket),
	    cmocka_unit_test(test_half_open),
	    cmocka_unit_test(test_websocket),
	    cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
