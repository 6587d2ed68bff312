/* The short way through a packet's headers gives what the long way gives, or leaves it to that. */
#include "test.h"

#include "wscap/usual.h"

#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROUNDS = 30000,
	PACKET_MAX = 120,
};

struct layers {
	struct link link;
	struct ip ip;
	struct tcp tcp;
};

static void same_span(struct ws_span a, struct ws_span b)
{
	assert_int_equal(a.len, b.len);
	assert_true(!a.len || a.data == b.data);
}

static void same_link(const struct link *a, const struct link *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->ether_type, b->ether_type);
	assert_int_equal(a->header_len, b->header_len);
	assert_int_equal(a->vlan_count, b->vlan_count);
	same_span(a->payload, b->payload);
	assert_int_equal(a->payload_wire_len, b->payload_wire_len);
}

static void same_ip(const struct ip *a, const struct ip *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->version, b->version);
	assert_int_equal(a->protocol, b->protocol);
	assert_memory_equal(a->src, b->src, sizeof(a->src));
	assert_memory_equal(a->dst, b->dst, sizeof(a->dst));
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->fragment_id, b->fragment_id);
	assert_int_equal(a->ttl, b->ttl);
	assert_int_equal(a->header_len, b->header_len);
	assert_int_equal(a->fragment, b->fragment);
	assert_int_equal(a->more_fragments, b->more_fragments);
	assert_int_equal(a->fragment_offset, b->fragment_offset);
	same_span(a->payload, b->payload);
	assert_int_equal(a->payload_wire_len, b->payload_wire_len);
}

static void same_tcp(const struct tcp *a, const struct tcp *b)
{
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->src_port, b->src_port);
	assert_int_equal(a->dst_port, b->dst_port);
	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->ack, b->ack);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->window, b->window);
	assert_int_equal(a->checksum, b->checksum);
	assert_int_equal(a->urgent, b->urgent);
	assert_int_equal(a->header_len, b->header_len);
	same_span(a->options, b->options);
	same_span(a->payload, b->payload);
	assert_int_equal(a->payload_len, b->payload_len);
}

static void same_ends(const struct packet *packet, const struct layers *whole)
{
	struct usual_ends ends;
	struct tcp tcp;
	struct ip ip;

	assert_true(usual_ends(packet, &ends));
	usual_set_ends(&ends, &ip, &tcp);
	assert_int_equal(ip.version, whole->ip.version);
	assert_memory_equal(ip.src, whole->ip.src, sizeof(ip.src));
	assert_memory_equal(ip.dst, whole->ip.dst, sizeof(ip.dst));
	assert_int_equal(tcp.src_port, whole->tcp.src_port);
	assert_int_equal(tcp.dst_port, whole->tcp.dst_port);
}

/* Returns whether the short way was taken. */
static bool compare(const struct packet *packet)
{
	struct layers fast, plain;

	memset(&fast, 0x5a, sizeof(fast));
	if (!usual_parse(packet, &fast.link, &fast.ip, &fast.tcp))
		return false;
	link_parse(packet, &plain.link);
	ip_parse(&plain.link, &plain.ip);
	tcp_parse(&plain.ip, &plain.tcp);
	same_link(&fast.link, &plain.link);
	same_ip(&fast.ip, &plain.ip);
	same_tcp(&fast.tcp, &plain.tcp);
	same_ends(packet, &fast);
	return true;
}

static uint8_t any(void)
{
	return (uint8_t)random();
}

/* Random bytes, with those that say what follows put right. Returns the length. */
static size_t fill(uint8_t *bytes, int link_type)
{
	size_t network = link_type == DLT_EN10MB ? 14 : link_type == DLT_LINUX_SLL ? 16 : 20;
	size_t type = link_type == DLT_EN10MB ? 12 : link_type == DLT_LINUX_SLL ? 14 : 0;
	size_t words = 5 + (size_t)random() % 4, payload = (size_t)random() % 30;
	size_t total = 20 + words * 4 + payload;

	for (size_t i = 0; i < PACKET_MAX; i++)
		bytes[i] = any();
	bytes[type] = 8;
	bytes[type + 1] = 0;
	bytes[network] = 0x45;
	bytes[network + 2] = 0;
	bytes[network + 3] = (uint8_t)total;
	bytes[network + 6] = random() % 2 ? 0x40 : 0;
	bytes[network + 7] = 0;
	bytes[network + 9] = 6;
	bytes[network + 32] = (uint8_t)(words << 4 | (size_t)random() % 2);
	return network + total;
}

static unsigned play(int link_type, unsigned mutations)
{
	uint8_t bytes[PACKET_MAX], *copy;
	unsigned taken = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t len = fill(bytes, link_type);
		struct packet packet = {.link_type = link_type, .wire_len = (uint32_t)len};

		for (unsigned i = 0; i < mutations; i++)
			bytes[(size_t)random() % 60] = random() % 2 ? any() : (uint8_t)(random() % 3);
		if (random() % 4 == 0) /* padding of the link layer, or the snap length */
			len = (size_t)random() % PACKET_MAX;
		if (random() % 8 == 0)
			packet.wire_len = (uint32_t)random() % 200;
		copy = malloc(len ? len : 1);
		memcpy(copy, bytes, len);
		packet.bytes = ws_span_of(copy, len);
		taken += compare(&packet);
		free(copy);
	}
	return taken;
}

static void test_equals_the_long_way(void **state)
{
	static const int types[] = {DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2};

	(void)state;
	srandom(7);
	for (size_t i = 0; i < 3; i++) {
		assert_true(play(types[i], 0) > ROUNDS / 2);
		assert_true(play(types[i], 1) > ROUNDS / 4);
		assert_true(play(types[i], 4) > ROUNDS / 100);
	}
	assert_int_equal(play(DLT_RAW, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_equals_the_long_way)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
