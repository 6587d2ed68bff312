/* Connections found by what stands in a segment's headers: never one that has left the table, or another one's. */
#include "test.h"

#include "wscap/conn_ends.h"
#include "wscap/conn_key.h"

#include <stdlib.h>

enum {
	CONNS = 3000, /* more than there are places */
	ROUNDS = 60000,
	IPV4 = 4,
	IPV6 = 6,
};

static struct conn_ends ends;
static struct conn conns[CONNS];
static bool live[CONNS];
static struct ip ips[CONNS];
static struct tcp tcps[CONNS];

/* Of few addresses and ports, so that they have much in common: all of them different. */
static void make(size_t number)
{
	struct ip *ip = &ips[number];
	struct tcp *tcp = &tcps[number];

	ip->version = IPV4;
	ip->src[0] = ip->dst[0] = 10;
	ip->src[3] = (uint8_t)(1 + number % 7);
	ip->dst[3] = (uint8_t)(1 + number / 7 % 7);
	tcp->src_port = (uint16_t)(7272 + number / 49);
	tcp->dst_port = (uint16_t)(number ? 5000 + number / 98 : 7272);
	conn_key_make(ip, tcp, &conns[number].key);
}

/* The segment that goes the other way. */
static void turn(size_t number, struct ip *ret_ip, struct tcp *ret_tcp)
{
	*ret_ip = ips[number];
	*ret_tcp = tcps[number];
	memcpy(ret_ip->src, ips[number].dst, sizeof(ret_ip->src));
	memcpy(ret_ip->dst, ips[number].src, sizeof(ret_ip->dst));
	ret_tcp->src_port = tcps[number].dst_port;
	ret_tcp->dst_port = tcps[number].src_port;
}

/* Both ends are the same, and each direction looks like the other: the first one's do. */
static bool is_loop(size_t number)
{
	return memcmp(ips[number].src, ips[number].dst, sizeof(ips->src)) == 0 &&
	       tcps[number].src_port == tcps[number].dst_port;
}

static void learn(const struct ip *ip, const struct tcp *tcp, size_t number)
{
	struct conn_ends_entry found = {.hash = number * 3 + 1, .conn = &conns[number]};
	struct conn_key key;

	found.side = conn_key_make(ip, tcp, &key);
	conn_ends_learn(&ends, ip, tcp, &found);
}

/* Returns whether it was found. */
static bool look(const struct ip *ip, const struct tcp *tcp, size_t number)
{
	const struct conn_ends_entry *entry = conn_ends_find(&ends, ip, tcp);
	struct conn_key key;

	if (!entry)
		return false;
	assert_true(live[number]);
	assert_ptr_equal(entry->conn, &conns[number]);
	assert_int_equal(entry->hash, number * 3 + 1);
	assert_int_equal(entry->side, conn_key_make(ip, tcp, &key));
	return true;
}

static void test_come_and_go(void **state)
{
	size_t found = 0;

	(void)state;
	srand(1);
	for (size_t i = 0; i < CONNS; i++)
		make(i);
	for (size_t i = 0; i < ROUNDS; i++) {
		size_t number = (size_t)rand() % (i % 2 ? CONNS : 100);
		bool back = rand() % 2;
		struct ip ip = ips[number];
		struct tcp tcp = tcps[number];

		if (is_loop(number))
			continue;
		if (back)
			turn(number, &ip, &tcp);
		found += look(&ip, &tcp, number);
		live[number] = rand() % 8;
		if (live[number]) {
			learn(&ip, &tcp, number);
			assert_true(look(&ip, &tcp, number));
		} else {
			conn_ends_forget(&ends, &conns[number]);
			assert_false(look(&ip, &tcp, number));
			turn(number, &ip, &tcp);
			assert_false(look(&ip, &tcp, number));
			assert_false(look(&ips[number], &tcps[number], number));
		}
	}
	assert_true(found > ROUNDS / 4);
}

/* Both of its places are left where both of its ends are one. */
static void test_one_end(void **state)
{
	size_t number = 0;

	(void)state;
	make(number);
	assert_true(is_loop(number));
	live[number] = true;
	learn(&ips[number], &tcps[number], number);
	assert_true(look(&ips[number], &tcps[number], number));
	conn_ends_forget(&ends, &conns[number]);
	assert_null(conn_ends_find(&ends, &ips[number], &tcps[number]));
}

/* An IPv6 address that begins as an IPv4 one is another, and none of them is remembered. */
static void test_only_ipv4(void **state)
{
	struct ip six;

	(void)state;
	make(1);
	live[1] = true;
	learn(&ips[1], &tcps[1], 1);
	six = ips[1];
	six.version = IPV6;
	assert_null(conn_ends_find(&ends, &six, &tcps[1]));
	six.src[0] = 11;
	learn(&six, &tcps[1], 1);
	assert_null(conn_ends_find(&ends, &six, &tcps[1]));
	six.version = IPV4;
	assert_null(conn_ends_find(&ends, &six, &tcps[1]));
	assert_true(look(&ips[1], &tcps[1], 1));
	conn_ends_forget(&ends, &conns[1]);
}

/* What zeroes are like is no connection. */
static void test_zeroes(void **state)
{
	static const struct ip ip = {.version = IPV4};
	static const struct tcp tcp;

	(void)state;
	memset(&ends, 0, sizeof(ends));
	assert_null(conn_ends_find(&ends, &ip, &tcp));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_come_and_go),
	    cmocka_unit_test(test_one_end),
	    cmocka_unit_test(test_only_ipv4),
	    cmocka_unit_test(test_zeroes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
