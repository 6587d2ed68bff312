/* The hash of a connection's key: whatever its secret, connections that have much in common, as those of one client's
 * ports in a row, stand as far apart in the table as any others. */
#include "test.h"

#include "wscap/conn_hash.h"
#include "wscap/conn_key.h"

#include <stdlib.h>
#include <string.h>

enum {
	SLOTS = 65536,
	FULL = SLOTS / 4 * 3, /* as conn_slots.c has it */
	SECRETS = 60,
};

/* xorshift64*: the same numbers everywhere. */
static uint64_t state = 0x2545f4914f6cdd1d;

static uint64_t next_random(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1d;
}

/* Slots that are passed in all while so many connections are put into a table. */
static uint64_t passed(const struct conn_hash_seed *seed, unsigned address,
		       void (*make)(uint32_t, struct ip *, struct tcp *))
{
	uint8_t *taken = calloc(SLOTS, 1);
	uint64_t count = 0;

	assert_non_null(taken);
	for (uint32_t i = 0; i < FULL; i++) {
		struct ip ip = {.version = 4, .src = {10, 0, 0, 1}, .dst = {10, 1, 0, (uint8_t)address}};
		struct tcp tcp = {.src_port = 80};
		struct conn_key key;
		uint32_t at;

		make(i, &ip, &tcp);
		conn_key_make(&ip, &tcp, &key);
		for (at = (uint32_t)conn_hash(seed, &key) % SLOTS; taken[at]; at = (at + 1) % SLOTS)
			count++;
		taken[at] = 1;
	}
	free(taken);
	return count;
}

static void ports_in_a_row(uint32_t number, struct ip *ip, struct tcp *tcp)
{
	(void)ip;
	tcp->dst_port = (uint16_t)(10000 + number);
}

static void addresses_in_a_row(uint32_t number, struct ip *ip, struct tcp *tcp)
{
	ip->dst[2] = (uint8_t)(number >> 8);
	ip->dst[3] = (uint8_t)number;
	tcp->dst_port = 50000;
}

static void both_in_a_row(uint32_t number, struct ip *ip, struct tcp *tcp)
{
	ip->dst[3] = (uint8_t)(number % 100);
	tcp->dst_port = (uint16_t)(40000 + number / 100 * 2);
}

static void ipv6_in_a_row(uint32_t number, struct ip *ip, struct tcp *tcp)
{
	ip->version = 6;
	ip->dst[15] = (uint8_t)number;
	tcp->dst_port = (uint16_t)(30000 + number / 256);
}

/* Linear probing passes 1.5 slots for each, where they stand at random (Knuth, volume 3, section 6.4). */
static void test_no_heaps(void **unused)
{
	void (*const makes[])(uint32_t, struct ip *, struct tcp *) = {ports_in_a_row, addresses_in_a_row, both_in_a_row,
								      ipv6_in_a_row};
	(void)unused;
	for (unsigned round = 0; round < SECRETS; round++) {
		struct conn_hash_seed seed;

		for (size_t i = 0; i < sizeof(seed.words) / sizeof(*seed.words); i++)
			seed.words[i] = next_random();
		for (size_t i = 0; i < sizeof(makes) / sizeof(*makes); i++)
			assert_true(passed(&seed, round, makes[i]) < 2 * (uint64_t)FULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_heaps)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
