/* The short way for segments in order does what the long way does: two tables are told the same segments, one of them
 * without the short way, and must tell the same. */
#include "test.h"

#include "conn_twins.h"

enum {
	ROUNDS = 600,
	SEGMENTS = 200,
	CLIENTS = 3,
	DATA_MAX = 40,
};

/* One side of a conversation: its next sequence number, and what it has acknowledged. */
struct talker {
	uint32_t next, acked;
};

/* Most segments go on from where things stand; one in some does not. */
static void next_segment(struct talker talkers[2], unsigned from, unsigned step, bool wild, struct tcp *ret)
{
	struct talker *sender = &talkers[from], *other = &talkers[!from];
	uint32_t len = twins_below(2) ? twins_below(DATA_MAX) : 0;
	int32_t off = 0;

	*ret = (struct tcp){.status = LAYER_OK, .header_len = 20, .flags = TCP_ACK, .window = 500};
	if (step < 3) {
		len = 0;
		ret->flags = step == 0 ? TCP_SYN : step == 1 ? TCP_SYN | TCP_ACK : TCP_ACK;
	} else if (wild) {
		static const uint16_t flags[] = {0, TCP_FIN | TCP_ACK, TCP_RST, TCP_SYN, TCP_ACK | TCP_URG, TCP_ACK};
		static const int32_t offs[] = {-1, 1, -10, 10, 60, 1 << 30};

		ret->flags = flags[twins_below(6)];
		ret->window = (uint16_t)(twins_below(3) * 250);
		off = offs[twins_below(6)];
		len = twins_below(4) ? len : 1;
	}
	ret->seq = sender->next + (uint32_t)(twins_below(2) ? off : 0);
	ret->ack = other->next + (uint32_t)(twins_below(3) ? 0 : off);
	ret->payload_len = len;
	if (!off)
		sender->next += len + (ret->flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
}

static void play(struct told *told, uint64_t seed, uint32_t wild)
{
	static const uint8_t bytes[DATA_MAX] = "GET / HTTP/1.1";
	struct talker talkers[CLIENTS][2];
	unsigned steps[CLIENTS] = {0};
	int64_t now = 0;

	twins_seed(seed);
	for (unsigned i = 0; i < CLIENTS; i++) {
		talkers[i][0].next = twins_below(2) ? UINT32_MAX - twins_below(100) : twins_below(1000);
		talkers[i][1].next = twins_below(2) ? UINT32_MAX - twins_below(100) : twins_below(1000);
		steps[i] = twins_below(3) ? 0 : 3;
	}
	for (unsigned i = 0; i < SEGMENTS; i++) {
		unsigned who = twins_below(CLIENTS), from = steps[who] < 3 ? steps[who] == 1 : twins_below(2);
		struct ip ip = {.status = LAYER_OK, .version = 4, .protocol = 6, .id = (uint16_t)(i + 1)};
		struct tcp tcp;

		next_segment(talkers[who], from, steps[who]++, twins_below(wild) == 0, &tcp);
		tcp.src_port = (uint16_t)(from ? 80 : 1000 + who);
		tcp.dst_port = (uint16_t)(from ? 1000 + who : 80);
		ip.src[3] = (uint8_t)from;
		ip.dst[3] = (uint8_t)!from;
		tcp.payload = ws_span_of(bytes, twins_below(wild) ? tcp.payload_len : tcp.payload_len / 2);
		now += twins_below(wild) ? twins_below(1000000)
					 : (int64_t)twins_below(5) * NSEC_PER_SEC / 2 - NSEC_PER_SEC / 2;
		told_segment(told, now, &ip, &tcp);
	}
	conn_table_flush(told->table, now);
}

static void test_same(void **unused)
{
	(void)unused;
	twins_in_order = 0;
	for (unsigned round = 0; round < ROUNDS; round++)
		twins_compare(play, UINT64_C(0x9e3779b97f4a7c15) * (round + 1), 4 + round % 30, round % 8 == 7);
	assert_true(twins_in_order > ROUNDS * SEGMENTS / 10); /* it was worth looking */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_same)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
