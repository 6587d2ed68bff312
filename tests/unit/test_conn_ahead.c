/* Connections that are known before their segments come: never one that has left the table, or another one's; and a
 * table that is told what will come, rightly or not, says the same as one that is not. */
#include "test.h"

#include "wscap/conn_ahead.h"
#include "wscap/conn_key.h"
#include "wscap/conn_lists.h"

#include <stdlib.h>

enum {
	IPV4 = 4,
	IPV6 = 6,
};

/* Addresses and ports of few values, so that they have much in common: all of them different, but for those between
 * ports of one machine. */
static bool is_of_one(uint32_t number)
{
	return number % 3 == 1 && number / 3 % 5 == 1;
}

static void set_ends(uint32_t number, bool back, struct ip *ip, struct tcp *tcp)
{
	uint8_t client[4] = {10, 0, (uint8_t)(number % 3), (uint8_t)(number / 3 % 5)}, server[4] = {10, 0, 1, 1};
	uint16_t client_port = (uint16_t)(5000 + number / 15), server_port = (uint16_t)(5000 + number % 2);

	*ip = (struct ip){.version = IPV4, .protocol = 6};
	memcpy(back ? ip->dst : ip->src, client, sizeof(client));
	memcpy(back ? ip->src : ip->dst, server, sizeof(server));
	*tcp = (struct tcp){.src_port = back ? server_port : client_port, .dst_port = back ? client_port : server_port};
}

enum {
	CONNS = 400,
	ROUNDS = 20000,
	QUEUE = 64, /* segments that are known to come */
};

static struct pool pool;
static struct conn_slots slots;
static struct conn_lists lists;
static struct conn_ahead ahead;
static struct conn *live[CONNS];
static uint32_t queue[QUEUE];
static bool backs[QUEUE];

/* Many have the hash of others, as far as slots have it. */
static uint64_t hash_of(uint32_t number)
{
	return (uint64_t)number << 32 | number / 3;
}

static void come(uint32_t number)
{
	uint32_t place = pool_take(&pool);
	struct conn *conn = pool_at(&pool, place);
	struct tcp tcp;
	struct ip ip;

	memset(conn, 0, sizeof(*conn));
	set_ends(number, false, &ip, &tcp);
	conn_key_make(&ip, &tcp, &conn->key);
	conn->number_in_pool = place;
	assert_true(conn_slots_reserve(&slots));
	conn_slots_add(&slots, hash_of(number), conn);
	conn_lists_add(&lists, conn);
	live[number] = conn;
}

static void go(uint32_t number)
{
	conn_lists_remove(&lists, live[number]);
	conn_ahead_forget(&ahead, live[number]);
	conn_slots_remove(&slots, hash_of(number), live[number]);
	pool_give(&pool, live[number]->number_in_pool);
	live[number] = NULL;
}

/* Segments that come, and some that do not; others come that nobody was told of. */
static void look_ahead(size_t at)
{
	conn_ahead_begin(&ahead, &slots, &lists, 0);
	for (size_t i = at; i < at + CONN_BATCH; i++) {
		uint32_t number = rand() % 8 ? queue[i % QUEUE] : (uint32_t)rand() % CONNS;
		struct conn_ends_entry about = {.hash = hash_of(number)};
		struct conn_key key;
		struct tcp tcp;
		struct ip ip;

		set_ends(number, backs[i % QUEUE], &ip, &tcp);
		about.side = conn_key_make(&ip, &tcp, &key);
		if (rand() % 8)
			conn_ahead_add(&ahead, &slots, &ip, &tcp, &about);
	}
}

/* Returns whether it was known. */
static bool take(uint32_t number, bool back)
{
	struct conn_ends_entry about = {.hash = hash_of(number), .conn = live[number]};
	const struct conn_ends_entry *found;
	struct conn_key key;
	struct tcp tcp;
	struct ip ip;

	set_ends(number, back, &ip, &tcp);
	about.side = conn_key_make(&ip, &tcp, &key);
	found = conn_ahead_find(&ahead, &ip, &tcp);
	if (found) {
		assert_non_null(live[number]);
		assert_ptr_equal(found->conn, live[number]);
		assert_true(found->hash == about.hash);
		assert_int_equal(found->side, about.side);
	} else if (live[number] && rand() % 2) {
		conn_ahead_learn(&ahead, &ip, &tcp, &about);
		assert_ptr_equal(conn_ahead_find(&ahead, &ip, &tcp)->conn, live[number]);
	}
	return found;
}

static void choose(size_t at)
{
	uint32_t number = rand() % 3 ? queue[(at + QUEUE - 1) % QUEUE] : (uint32_t)rand() % CONNS;

	queue[at % QUEUE] = is_of_one(number) ? number + 1 : number;
	backs[at % QUEUE] = rand() % 2;
}

static void test_come_and_go(void **state)
{
	size_t known = 0;

	(void)state;
	srand(1);
	pool_init(&pool, sizeof(struct conn));
	assert_true(conn_slots_init(&slots, &pool));
	conn_lists_init(&lists, &pool);
	for (size_t i = 0; i < QUEUE; i++)
		choose(i);
	for (size_t i = 0; i < ROUNDS; i++) {
		uint32_t number = queue[i % QUEUE], other = (uint32_t)rand() % CONNS;

		if (i % CONN_BATCH == 0)
			look_ahead(i + CONN_AHEAD);
		known += take(number, backs[i % QUEUE]);
		if (!live[number])
			come(number);
		if (rand() % 2 && live[other])
			go(other);
		else if (rand() % 16 == 0 && live[number])
			go(number);
		choose(i);
	}
	assert_true(known > ROUNDS / 4);
	conn_slots_finish(&slots);
	pool_finish(&pool);
}

/* Segments of more connections than make a table crowded, and that it may have; all in order, some lost. */
enum {
	ENDS = 9000,
	LIMIT = 6000,
	IDLE_SECONDS = 5,
	SEGMENTS = 200000,
	MSEC = NSEC_PER_SEC / 1000,
};

struct step {
	int64_t time;
	uint32_t number;
	bool back;
	struct tcp tcp;
};

enum way {
	LOOKS_AHEAD, /* what it is told of mostly comes */
	ONLY_LEARNS,
	IS_OF_IPV6, /* connections are looked for in the table, always */
	WAYS,
};

static struct step steps[SEGMENTS];

struct tally {
	uint64_t digest, closed[CONN_CLOSE_REUSED + 1];
};

static void mix(struct tally *tally, uint64_t a, uint64_t b)
{
	tally->digest = (tally->digest ^ a) * 0x9e3779b97f4a7c15;
	tally->digest = ((tally->digest >> 29) ^ b) * 0xd6e8feb86659fd93;
}

static void on_open(void *context, struct conn *conn)
{
	mix(context, conn_number(conn), conn_is_mid_stream(conn));
}

static void on_close(void *context, struct conn *conn, enum conn_close how)
{
	struct tally *tally = context;
	struct endpoint client = conn_client(conn);

	tally->closed[how]++;
	mix(tally, conn_number(conn), how);
	mix(tally, client.port, (uint64_t)client.addr[2] << 8 | client.addr[3]);
}

static void on_free(void *context, struct conn *conn)
{
	mix(context, conn_number(conn), 1000);
}

static void on_data(void *context, struct conn *conn, enum dir dir, int64_t offset, struct ws_span bytes)
{
	mix(context, conn_number(conn), dir);
	mix(context, (uint64_t)offset, bytes.len);
}

static void on_gap(void *context, struct conn *conn, enum dir dir, int64_t offset, uint64_t len)
{
	mix(context, conn_number(conn) << 1 | dir, (uint64_t)offset + len);
}

static void on_place(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	mix(context, conn_number(conn) << 1 | dir, (uint64_t)offset);
}

static void on_limit(void *context, struct conn *conn, enum dir dir, const char *name)
{
	mix(context, conn_number(conn) << 1 | dir, (uint64_t)*name);
}

/* Handshakes, data and their ACKs, ends, and ports that are used again; now and then it is silent for so long that
 * connections expire. */
static void make_steps(void)
{
	static const uint8_t payload[100];
	static uint32_t seqs[ENDS][2];
	int64_t now = (int64_t)1400000000 * NSEC_PER_SEC;
	uint32_t number = 0;

	srand(2);
	for (size_t i = 0; i < SEGMENTS; i++) {
		struct step *step = &steps[i];
		uint16_t flags = TCP_ACK;
		struct ip ip;

		now += i % 40000 == 39999 ? (int64_t)IDLE_SECONDS * NSEC_PER_SEC / 2 * (1 + rand() % 3) : MSEC / 2;
		if (rand() % 3 == 0)
			number = rand() % 4 ? (number + 1) % ENDS : (uint32_t)rand() % ENDS;
		if (rand() % 8 == 0)
			flags = (uint16_t)(rand() % 3 == 0 ? TCP_RST : rand() % 2 ? TCP_SYN : TCP_FIN | TCP_ACK);
		step->back = rand() % 2;
		step->time = now;
		step->number = number;
		set_ends(number, step->back, &ip, &step->tcp);
		if (flags == TCP_SYN)
			seqs[number][step->back] += 1000000 + (uint32_t)rand();
		step->tcp.flags = flags;
		step->tcp.window = 1000;
		step->tcp.header_len = 20;
		step->tcp.seq = seqs[number][step->back];
		step->tcp.ack = seqs[number][!step->back];
		step->tcp.payload_len = flags == TCP_ACK && rand() % 2 ? 1 + (uint32_t)rand() % sizeof(payload) : 0;
		step->tcp.payload = ws_span_of(payload, step->tcp.payload_len);
		seqs[number][step->back] += step->tcp.payload_len + (flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
		if (rand() % 16 == 0) /* it was not captured */
			step->tcp.payload_len = 0;
	}
}

static void tell_ahead(struct conn_table *table, size_t at)
{
	uint32_t before = UINT32_MAX;

	conn_table_ahead_begin(table);
	for (size_t i = at; i < at + CONN_BATCH && i < SEGMENTS; i++) {
		uint32_t number = i % 100 ? steps[i].number : steps[i].number / 2; /* one that does not come */
		struct tcp tcp;
		struct ip ip;

		if (number == before || i % 70 == 0)
			continue;
		before = number;
		set_ends(number, steps[i].back, &ip, &tcp);
		conn_table_ahead(table, &ip, &tcp);
	}
}

static void play(enum way way, struct tally *tally)
{
	const struct conn_sink sink = {.open = on_open,
				       .close = on_close,
				       .free = on_free,
				       .data = on_data,
				       .gap = on_gap,
				       .mid_stream = on_place,
				       .end = on_place,
				       .limit = on_limit,
				       .context = tally};
	const struct limits limits = {.connections = LIMIT,
				      .waiting = LIMIT_WAITING,
				      .waiting_total = LIMIT_WAITING_TOTAL,
				      .idle = (int64_t)IDLE_SECONDS * NSEC_PER_SEC,
				      .reorder = NSEC_PER_SEC,
				      .reorder_packets = LIMIT_REORDER_PACKETS};
	struct conn_table *table = conn_table_create(&limits, &sink);
	size_t crowded = 0;

	assert_non_null(table);
	for (size_t i = 0; i < SEGMENTS; i++) {
		const struct step *step = &steps[i];
		struct segment segment;
		struct conn *conn;
		struct tcp tcp;
		struct ip ip;

		if (way == LOOKS_AHEAD && i % CONN_BATCH == 0)
			tell_ahead(table, i + CONN_AHEAD);
		set_ends(step->number, step->back, &ip, &tcp);
		ip.version = way == IS_OF_IPV6 ? IPV6 : IPV4;
		conn = conn_table_segment(table, step->time, &ip, &step->tcp, &segment);
		assert_non_null(conn);
		crowded += conn_table_is_crowded(table);
		mix(tally, conn_number(conn), segment.facts);
		mix(tally, (uint64_t)segment.offset, (uint64_t)segment.acked_to);
	}
	assert_true(crowded > SEGMENTS / 2 && crowded < SEGMENTS);
	conn_table_flush(table, steps[SEGMENTS - 1].time);
	conn_table_destroy(table);
}

static void test_same_answers(void **state)
{
	static struct tally tallies[WAYS];

	(void)state;
	make_steps();
	for (enum way way = 0; way < WAYS; way++)
		play(way, &tallies[way]);
	assert_true(tallies[LOOKS_AHEAD].digest == tallies[IS_OF_IPV6].digest);
	assert_true(tallies[ONLY_LEARNS].digest == tallies[IS_OF_IPV6].digest);
	for (enum conn_close how = 0; how <= CONN_CLOSE_REUSED; how++)
		assert_true(tallies[LOOKS_AHEAD].closed[how] > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_come_and_go),
	    cmocka_unit_test(test_same_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
