/* tunnel: what is wrapped, cut at each byte, too deep, or not what its port says. That each tunnel leads to its TCP is
 * tested with whole conversations: tests/e2e/tunnels.test.js. */
#include "test.h"

#include "wscap/tunnel.h"

#include <pcap/dlt.h>

static uint8_t bytes[4096];
static size_t length;
static struct tunnel tunnel;

static void put(const void *data, size_t len)
{
	assert_true(length + len <= sizeof(bytes));
	memcpy(bytes + length, data, len);
	length += len;
}

#define PUT(...) put((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void ethernet(uint16_t type)
{
	static const uint8_t addresses[12];

	put(addresses, sizeof(addresses));
	PUT((uint8_t)(type >> 8), (uint8_t)type);
}

static void ipv4(uint8_t protocol, size_t payload)
{
	size_t total = payload + 20;

	PUT(0x45, 0, (uint8_t)(total >> 8), (uint8_t)total, 0, 1, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2);
}

static void udp(uint16_t port, size_t payload)
{
	size_t len = payload + 8;

	PUT(0xc3, 0x50, (uint8_t)(port >> 8), (uint8_t)port, (uint8_t)(len >> 8), (uint8_t)len, 0, 0);
}

static void tcp(void)
{
	PUT(0x12, 0x34, 0x1c, 0x68, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 0, 1, 0, 0, 0, 0, 'd', 'a', 't', 'a');
}

enum {
	TCP_LEN = 24,
	NOT_BEGUN = -1,
};

/* The first `captured` bytes of what was put together. */
static int walk(int link_type, size_t captured)
{
	struct packet packet = {
	    .link_type = link_type, .bytes = ws_span_of(bytes, captured), .wire_len = (uint32_t)length};
	struct link link;
	struct ip ip;

	link_parse(&packet, &link);
	ip_parse(&link, &ip);
	return tunnel_begin(&tunnel, &packet, &link, &ip) ? (int)tunnel_walk(&tunnel) : NOT_BEGUN;
}

/* Ethernet, IPv4, UDP, VXLAN, Ethernet, IPv4, TCP. */
static void put_vxlan(uint16_t port, uint8_t flags)
{
	length = 0;
	ethernet(0x0800);
	ipv4(17, 8 + 8 + 14 + 20 + TCP_LEN);
	udp(port, 8 + 14 + 20 + TCP_LEN);
	PUT(flags, 0, 0, 0, 0, 0, 42, 0);
	ethernet(0x0800);
	ipv4(6, TCP_LEN);
	tcp();
}

static void cut_at_each_byte(void **state)
{
	const size_t before_tcp = 14 + 20 + 8 + 8 + 14 + 20;

	(void)state;
	put_vxlan(4789, 8);
	for (size_t captured = 0; captured <= length; captured++) {
		int end = walk(DLT_EN10MB, captured);

		if (captured < before_tcp) {
			assert_true(end == NOT_BEGUN || end == TUNNEL_AT_OTHER);
			continue;
		}
		assert_int_equal(end, TUNNEL_AT_TCP);
		assert_int_equal(tunnel.ip.payload.len, captured - before_tcp);
		assert_int_equal(tunnel.ip.payload_wire_len, TCP_LEN);
	}
}

/* Padding behind any of the lengths is no payload; and the captured part never passes the one on the wire. */
static void padding(void **state)
{
	(void)state;
	put_vxlan(4789, 8);
	PUT(9, 9, 9, 9, 9, 9);
	assert_int_equal(walk(DLT_EN10MB, length), TUNNEL_AT_TCP);
	assert_int_equal(tunnel.ip.payload.len, TCP_LEN);
	assert_int_equal(tunnel.ip.payload_wire_len, TCP_LEN);
}

static void ports_only_suggest(void **state)
{
	(void)state;
	put_vxlan(4789, 0); /* without the bit that says that there is a VNI */
	assert_int_equal(walk(DLT_EN10MB, length), TUNNEL_AT_OTHER);
	put_vxlan(4788, 8);
	assert_int_equal(walk(DLT_EN10MB, length), TUNNEL_AT_OTHER);
	put_vxlan(2152, 8); /* GTP of version 0 */
	assert_int_equal(walk(DLT_EN10MB, length), TUNNEL_AT_OTHER);
	put_vxlan(6081, 0xc8); /* Geneve of version 3 */
	assert_int_equal(walk(DLT_EN10MB, length), TUNNEL_AT_OTHER);
}

static void depth(void **state)
{
	(void)state;
	for (size_t headers = 1; headers < 2 * (size_t)TUNNEL_DEPTH_MAX; headers++) {
		length = 0;
		for (size_t i = 0; i < headers; i++)
			ipv4(i + 1 < headers ? 4 : 6, (headers - i - 1) * 20 + TCP_LEN);
		tcp();
		/* two steps for each: the protocol, and the header */
		assert_int_equal(walk(DLT_RAW, length),
				 headers <= TUNNEL_DEPTH_MAX / 2 ? TUNNEL_AT_TCP : TUNNEL_AT_OTHER);
	}
	/* labels without a bottom */
	length = 0;
	ethernet(0x8847);
	for (size_t i = 0; i < 2 * (size_t)TUNNEL_LABELS_MAX; i++)
		PUT(0, 0x10, 0, 64);
	assert_int_equal(walk(DLT_EN10MB, length), TUNNEL_AT_OTHER);
}

/* GTP-U's extension headers: of no length, without an end, one too many. */
static void gtp_extensions(void **state)
{
	static const struct {
		size_t count;
		uint8_t words;
		enum tunnel_end end;
	} rows[] = {{1, 1, TUNNEL_AT_TCP},
		    {TUNNEL_EXTENSIONS_MAX, 1, TUNNEL_AT_TCP},
		    {TUNNEL_EXTENSIONS_MAX + 1, 1, TUNNEL_AT_OTHER},
		    {1, 0, TUNNEL_AT_OTHER},
		    {1, 255, TUNNEL_AT_OTHER}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = 4 + rows[i].count * 4 + 20 + TCP_LEN;

		length = 0;
		ipv4(17, 8 + 8 + len);
		udp(2152, 8 + len);
		PUT(0x34, 255, (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 0, 1);
		PUT(0, 1, 0, 0x85);
		for (size_t at = 0; at < rows[i].count; at++)
			PUT(rows[i].words, 0, 0, at + 1 < rows[i].count ? 0x85 : 0);
		ipv4(6, TCP_LEN);
		tcp();
		assert_int_equal(walk(DLT_RAW, length), rows[i].end);
	}
}

/* Attributes that say a length shorter than their own header would never end. */
static void nflog_lengths(void **state)
{
	(void)state;
	for (uint8_t len = 0; len < 4; len++) {
		length = 0;
		PUT(2, 0, 0, 5, len, 0, 1, 0, 0, 0, 0, 0);
		assert_int_equal(walk(DLT_NFLOG, length), TUNNEL_AT_OTHER);
	}
}

static void what_is_encrypted(void **state)
{
	static const uint8_t addresses[22];

	(void)state;
	for (unsigned protected = 0; protected < 2; protected ++) {
		length = 0;
		PUT(0x08, protected ? 0x41 : 0x01);
		put(addresses, sizeof(addresses));
		PUT(0xaa, 0xaa, 3, 0, 0, 0, 8, 0);
		ipv4(6, TCP_LEN);
		tcp();
		assert_int_equal(walk(DLT_IEEE802_11, length), protected ? TUNNEL_AT_OTHER : TUNNEL_AT_TCP);
	}
	bytes[0] = 0x80; /* a beacon */
	assert_int_equal(walk(DLT_IEEE802_11, length), TUNNEL_AT_OTHER);
	bytes[0] = 0x48; /* a data frame without data */
	assert_int_equal(walk(DLT_IEEE802_11, length), TUNNEL_AT_OTHER);
}

/* A subframe of an aggregate, padded where another one follows. */
static void subframe(uint8_t type, uint16_t more)
{
	static const uint8_t addresses[12];
	size_t begin = length;

	put(addresses, sizeof(addresses));
	PUT(0, (uint8_t)(8 + 20 + TCP_LEN + more), 0xaa, 0xaa, 3, 0, 0, 0, 8, type);
	ipv4(6, TCP_LEN);
	tcp();
	for (; more; more--)
		PUT(0);
	while ((length - begin) % 4)
		PUT(0);
}

/* Every packet of an aggregate, wherever it is cut; one of another type between them. */
static void beside_each_other(void **state)
{
	static const uint8_t addresses[22];
	size_t ends[3];

	(void)state;
	length = 0;
	PUT(0x88, 0x01);
	put(addresses, sizeof(addresses));
	PUT(0x80, 0);
	for (size_t i = 0; i < 3; i++) {
		subframe(i == 1 ? 6 : 0, (uint16_t)i);
		ends[i] = length;
	}
	for (size_t cut = 26; cut <= length; cut++) {
		unsigned found = walk(DLT_IEEE802_11, cut) == TUNNEL_AT_TCP;

		while (tunnel_beside(&tunnel)) {
			if (tunnel_walk(&tunnel) != TUNNEL_AT_TCP)
				continue;
			found++;
			assert_int_equal(tunnel.ip.payload_wire_len, TCP_LEN);
		}
		/* cut or not, there is TCP when the IP header is whole */
		assert_in_range(found, (cut >= ends[0]) + (cut >= ends[2]), 1 + (cut > ends[1]));
	}
}

/* Pieces of a frame end the walk; its whole body goes on. */
static void pieces_end_the_walk(void **state)
{
	static const uint8_t receiver[6] = {1}, transmitter[6] = {2}, third[6];
	uint8_t body[8 + 20 + TCP_LEN];

	(void)state;
	length = 0;
	PUT(0x88, 0x0d, 0, 0);
	put(receiver, 6);
	put(transmitter, 6);
	put(third, 6);
	PUT(0x53, 0xab, 0x07, 0);
	assert_int_equal(walk(DLT_IEEE802_11, length), TUNNEL_AT_PIECE);
	assert_memory_equal(tunnel.piece.ends, receiver, 6);
	assert_memory_equal(tunnel.piece.ends + 6, transmitter, 6);
	assert_int_equal(tunnel.piece.sequence, 0xab5);
	assert_int_equal(tunnel.piece.number, 3);
	assert_int_equal(tunnel.piece.traffic, 7);
	assert_true(tunnel.piece.more && tunnel.piece.again);
	length = 0;
	PUT(0xaa, 0xaa, 3, 0, 0, 0, 8, 0);
	ipv4(6, TCP_LEN);
	tcp();
	memcpy(body, bytes, sizeof(body));
	tunnel_whole_frame(&tunnel, ws_span_of(body, sizeof(body)));
	assert_int_equal(tunnel_walk(&tunnel), TUNNEL_AT_TCP);
	assert_int_equal(tunnel.ip.payload.len, TCP_LEN);
}

static void fragments_end_the_walk(void **state)
{
	static const uint8_t whole[TCP_LEN] = {0x12, 0x34, 0x1c, 0x68, [12] = 0x50};

	(void)state;
	put_vxlan(4789, 8);
	bytes[14 + 20 + 8 + 8 + 14 + 6] = 0x20; /* more fragments follow the inner packet */
	assert_int_equal(walk(DLT_EN10MB, length), TUNNEL_AT_FRAGMENT);
	assert_true(tunnel.ip.more_fragments);
	assert_int_equal(tunnel.ip.payload.len, TCP_LEN);
	tunnel_whole(&tunnel, 6, ws_span_of(whole, sizeof(whole)), 100);
	assert_int_equal(tunnel_walk(&tunnel), TUNNEL_AT_TCP);
	assert_ptr_equal(tunnel.ip.payload.data, whole);
	assert_int_equal(tunnel.ip.payload_wire_len, 100);
	assert_false(tunnel.ip.fragment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cut_at_each_byte),   cmocka_unit_test(padding),
	    cmocka_unit_test(ports_only_suggest), cmocka_unit_test(depth),
	    cmocka_unit_test(gtp_extensions),     cmocka_unit_test(nflog_lengths),
	    cmocka_unit_test(beside_each_other),  cmocka_unit_test(pieces_end_the_walk),
	    cmocka_unit_test(what_is_encrypted),  cmocka_unit_test(fragments_end_the_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
