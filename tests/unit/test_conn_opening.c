/* The short way for the three segments that open a connection does what the long way does: two tables are told the same
 * openings, of every odd kind, one of them without the short way, and must tell and know the same. */
#include "test.h"

#include "conn_twins.h"
#include "wscap/conn_internal.h"

enum {
	ROUNDS = 1500,
	OPENINGS = 40,
	CLIENTS = 2,   /* on the same few ports again and again */
	FOLLOWING = 3, /* at most so many segments behind the three */

	MS = 1000000,
	OPTIONS_MAX = 40,
};

/* What an opening has that the plain one does not: several of them at times. */
enum odd {
	ODD_SYN_DATA = 1 << 0, /* RFC 7413 */
	ODD_SYN_FLAGS = 1 << 1,
	ODD_SYN_AGAIN = 1 << 2,
	ODD_ANSWER_FIRST = 1 << 3,
	ODD_ANSWER_ACK = 1 << 4, /* acknowledges something else */
	ODD_ANSWER_DATA = 1 << 5,
	ODD_ANSWER_AGAIN = 1 << 6, /* perhaps another: a SYN cookie */
	ODD_BOTH_OPEN = 1 << 7,    /* RFC 9293, section 3.5: simultaneous */
	ODD_RST = 1 << 8,          /* in place of an answer */
	ODD_WINDOW = 1 << 9,
	ODD_OPTIONS = 1 << 10,
	ODD_LAST_DATA = 1 << 11,
	ODD_LAST_PLACE = 1 << 12,
	ODD_LAST_MISSING = 1 << 13,
	ODD_TWICE = 1 << 14, /* each packet captured twice */
	ODD_LATE = 1 << 15,  /* in the middle of a connection, or its SYN never came */
	ODD_LOST = 1 << 16,  /* any of the three */
	ODD_TIME = 1 << 17,  /* goes back, or far on */
	ODD_BOTH_ANSWER = 1 << 18,
	ODDS = 19,
};

struct opening {
	struct told *told;
	unsigned client, odd;
	uint32_t next[2];
	int64_t *now;
	uint16_t *ip_id;
	uint8_t options[OPTIONS_MAX];
};

static bool is(const struct opening *o, enum odd odd)
{
	return o->odd & odd && twins_below(4);
}

static struct ws_span pick_options(struct opening *o, uint16_t flags)
{
	static const uint8_t usual[] = {2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7};
	static const uint8_t stamps[] = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
	static const uint8_t sack[] = {1, 1, 5, 10, 0, 0, 3, 233, 0, 0, 4, 0, 3, 3, 15};
	static const uint8_t scales[] = {3, 2, 3, 3, 5, 0};
	static const uint8_t twice[] = {1, 3, 3, 14, 3, 3, 2, 1};
	const struct ws_span spans[] = {
	    ws_span_of(flags & TCP_SYN ? usual : stamps, flags & TCP_SYN ? sizeof(usual) : sizeof(stamps)),
	    ws_span_of(stamps, sizeof(stamps)),
	    ws_span_of(NULL, 0),
	    ws_span_of(sack, sizeof(sack)),
	    ws_span_of(scales, sizeof(scales)),
	    ws_span_of(twice, sizeof(twice)),
	};
	struct ws_span span = spans[is(o, ODD_OPTIONS) ? twins_below(6) : 0];
	bool wild = is(o, ODD_OPTIONS);

	for (size_t i = 0; i < span.len; i++)
		o->options[i] = wild && !twins_below(8) ? (uint8_t)twins_below(256) : span.data[i];
	return ws_span_of(o->options, wild ? twins_below((uint32_t)span.len + 1) : span.len);
}

/* seq and ack stand this far from where they belong. */
static void send_off(struct opening *o, unsigned from, uint16_t flags, uint32_t len, uint32_t seq_off, uint32_t ack_off)
{
	static const uint8_t bytes[] = "GET / HTTP/1.1\r\nHost: localhost\r\n";
	static const uint16_t windows[] = {0, 1, 502, 65535};
	struct ip ip = {.status = LAYER_OK, .version = 4, .protocol = 6, .id = ++*o->ip_id};
	struct tcp tcp = {.status = LAYER_OK, .flags = flags, .window = 502, .payload_len = len};

	if (o->odd & ODD_LOST && !twins_below(3))
		return;
	ip.src[3] = (uint8_t)from;
	ip.dst[3] = (uint8_t)!from;
	tcp.src_port = (uint16_t)(from ? 80 : 1000 + o->client);
	tcp.dst_port = (uint16_t)(from ? 1000 + o->client : 80);
	tcp.seq = o->next[from] + seq_off;
	tcp.ack = flags & TCP_ACK ? o->next[!from] + ack_off : 0;
	tcp.options = pick_options(o, flags);
	tcp.header_len = (uint8_t)(20 + (tcp.options.len + 3) / 4 * 4);
	tcp.payload = ws_span_of(bytes, len);
	if (is(o, ODD_WINDOW))
		tcp.window = windows[twins_below(4)];
	if (is(o, ODD_SYN_FLAGS))
		tcp.flags |= (uint16_t)(TCP_ECE | TCP_CWR | (twins_below(4) ? 0 : 1u << twins_below(9)));
	*o->now += is(o, ODD_TIME) ? (int64_t)twins_below(9) * NSEC_PER_SEC / 4 - NSEC_PER_SEC : MS;
	told_segment(o->told, *o->now, &ip, &tcp);
	if (is(o, ODD_TWICE))
		told_segment(o->told, *o->now + MS / 100, &ip, &tcp);
}

static void send(struct opening *o, unsigned from, uint16_t flags, uint32_t len)
{
	send_off(o, from, flags, len, 0, 0);
	o->next[from] += len + !!(flags & TCP_SYN) + !!(flags & TCP_FIN);
}

/* A small way off, either way, or a large one. */
static uint32_t off(void)
{
	static const uint32_t offs[] = {1, 0u - 1, 5, 0u - 5, 1u << 20, 1u << 29, 1u << 31, 3000000000};

	return offs[twins_below(8)];
}

static uint32_t short_len(void)
{
	return twins_below(2) ? 1 : twins_below(30);
}

static void send_syn(struct opening *o)
{
	uint32_t isn = o->next[0], len = is(o, ODD_SYN_DATA) ? short_len() : 0;

	send(o, 0, TCP_SYN, len);
	if (is(o, ODD_SYN_AGAIN)) {
		uint32_t next = o->next[0];

		o->next[0] = isn + (twins_below(4) ? 0 : off());
		send(o, 0, TCP_SYN, twins_below(2) ? 0 : len);
		o->next[0] = next;
	}
	if (twins_below(2)) /* data in it are not taken: they are sent again, or never were */
		o->next[0] = isn + 1;
}

static void send_answer(struct opening *o)
{
	uint16_t flags = TCP_SYN | TCP_ACK;

	if (is(o, ODD_BOTH_ANSWER))
		send_off(o, 0, TCP_SYN | TCP_ACK, 0, 0u - 1, 1);
	if (is(o, ODD_RST))
		flags = twins_below(2) ? TCP_RST | TCP_ACK : TCP_RST;
	if (is(o, ODD_BOTH_OPEN))
		flags = TCP_SYN;
	send_off(o, 1, flags, is(o, ODD_ANSWER_DATA) ? 3 : 0, 0, is(o, ODD_ANSWER_ACK) ? off() : 0);
	if (is(o, ODD_ANSWER_AGAIN))
		send_off(o, 1, flags, 0, twins_below(2) ? off() : 0, 0);
	o->next[1]++;
	if (flags == TCP_SYN && twins_below(2))
		send_off(o, 0, TCP_SYN | TCP_ACK, 0, 0u - 1, 0);
}

static void send_last(struct opening *o)
{
	if (is(o, ODD_LAST_MISSING))
		return;
	send_off(o, is(o, ODD_LAST_PLACE) && twins_below(3) == 0, TCP_ACK, is(o, ODD_LAST_DATA) ? twins_below(9) : 0,
		 is(o, ODD_LAST_PLACE) ? off() : 0, is(o, ODD_LAST_PLACE) ? off() : 0);
}

static void open_one(struct opening *o)
{
	static const uint16_t flags[] = {TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK | TCP_FIN, TCP_RST};

	if (o->odd & ODD_LATE)
		send(o, twins_below(2), TCP_ACK, twins_below(5));
	if (is(o, ODD_ANSWER_FIRST)) {
		o->next[0]++;
		send_answer(o);
		o->next[0]--;
		send_syn(o);
	} else {
		send_syn(o);
		send_answer(o);
	}
	send_last(o);
	for (unsigned i = twins_below(FOLLOWING + 1); i; i--)
		send(o, twins_below(2), flags[twins_below(6)], twins_below(3) ? short_len() : 0);
}

/* plain: one in so many openings has nothing odd. */
static void play(struct told *told, uint64_t seed, uint32_t plain)
{
	int64_t now = (int64_t)1400000000 * NSEC_PER_SEC;
	uint16_t ip_id = 0;

	twins_seed(seed);
	for (unsigned i = 0; i < OPENINGS; i++) {
		struct opening o = {.told = told, .now = &now, .ip_id = &ip_id, .client = twins_below(CLIENTS)};

		o.next[0] = twins_below(2) ? UINT32_MAX - twins_below(4) : twins_below(1000);
		o.next[1] = twins_below(2) ? UINT32_MAX - twins_below(4) : twins_below(1000);
		if (twins_below(plain))
			o.odd = 1u << twins_below(ODDS) | (twins_below(2) ? 1u << twins_below(ODDS) : 0);
		open_one(&o);
	}
	conn_table_flush(told->table, now);
}

static void test_same(void **unused)
{
	(void)unused;
	twins_opening = 0;
	for (unsigned round = 0; round < ROUNDS; round++)
		twins_compare(play, UINT64_C(0x9e3779b97f4a7c15) * (round + 1), 1 + round % 4, round % 8 == 7);
	assert_true(twins_opening > ROUNDS * OPENINGS); /* it was worth looking */
}

/* A plain one is taken whole. */
static void test_plain(void **unused)
{
	const unsigned all = 3;

	(void)unused;
	twins_short_way = true;
	for (unsigned acknowledged = 0; acknowledged < 2; acknowledged++) {
		int64_t now = 0;
		uint16_t ip_id = 0;
		struct told told = {0};
		struct opening o = {.told = &told, .now = &now, .ip_id = &ip_id};

		twins_opening = twins_in_order = 0;
		told_init(&told, acknowledged);
		send(&o, 0, TCP_SYN, 0);
		send(&o, 1, TCP_SYN | TCP_ACK, 0);
		send(&o, 0, TCP_ACK, 0);
		assert_int_equal(twins_opening, all);
		assert_int_equal(twins_in_order, 0);
		send(&o, 0, TCP_ACK, 1);
		assert_int_equal(twins_in_order, !acknowledged);
		told_finish(&told);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain), cmocka_unit_test(test_same)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
