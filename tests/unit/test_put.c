/* Each routine against printf, which knows no short cut. */
#include "test.h"

#include "base/put.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	ROUNDS = 20000,
	ALIGNMENTS = 9, /* past the size of a word */
	GUARD = 0x5a,
};

static char room[ALIGNMENTS + PUT_ROOM + 1];

static void clear(void)
{
	memset(room, GUARD, sizeof(room));
}

/* What was written at room + from: the text that was wanted, and nothing outside of PUT_ROOM. */
static void expect(unsigned from, const char *end, const char *wanted)
{
	assert_int_equal(end - (room + from), strlen(wanted));
	assert_memory_equal(room + from, wanted, strlen(wanted));
	for (unsigned i = 0; i < sizeof(room); i++)
		assert_true(room[i] == GUARD || (i >= from && i < from + PUT_ROOM));
	clear();
}

static void number(uint64_t value)
{
	unsigned from = (unsigned)random() % ALIGNMENTS;
	char wanted[PUT_ROOM];

	snprintf(wanted, sizeof(wanted), "%" PRIu64, value);
	expect(from, put_u64(room + from, value), wanted);
	if (value <= UINT32_MAX)
		expect(from, put_u32(room + from, (uint32_t)value), wanted);
}

static void numbers(void **state)
{
	uint64_t power = 1;

	(void)state;
	srandom(1);
	clear();
	for (int digits = 0; digits < 20; digits++, power *= 10) {
		number(power - 1);
		number(power);
		number(power + 1);
		number(power * 9);
	}
	for (uint64_t value = 0; value < 2 * PUT_FOUR_DIGITS; value++)
		number(value);
	number(UINT32_MAX);
	number(UINT64_MAX);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t value = (uint64_t)random() << 33 ^ (uint64_t)random() << 11 ^ (uint64_t)random();

		number(value >> random() % 64);
	}
	/* every quotient that put_split() makes of one half */
	for (uint32_t value = 0; value < 10000; value++) {
		number(value);
		number(UINT64_C(99990000) + value);
	}
}

static void digits(void **state)
{
	(void)state;
	clear();
	for (unsigned width = 1, power = 10; width <= 8; width++, power *= 10) {
		for (int i = 0; i < ROUNDS / 8; i++) {
			unsigned value = i ? (unsigned)random() % power : power - 1;
			unsigned from = (unsigned)i % ALIGNMENTS;
			char wanted[PUT_ROOM];

			snprintf(wanted, sizeof(wanted), "%0*u", (int)width, value);
			expect(from, put_digits(room + from, value, width), wanted);
			if (width == 6)
				expect(from, put_six(room + from, value), wanted);
			snprintf(wanted, sizeof(wanted), "%*u", (int)width, value >> i % 24);
			expect(from, put_right(room + from, value >> i % 24, width), wanted);
		}
	}
}

static void bytes(void **state)
{
	(void)state;
	clear();
	for (unsigned value = 0; value < 256; value++) {
		char wanted[PUT_ROOM];

		snprintf(wanted, sizeof(wanted), "%u", value);
		expect(value % ALIGNMENTS, put_byte(room + value % ALIGNMENTS, (uint8_t)value), wanted);
		snprintf(wanted, sizeof(wanted), "%02x", value);
		expect(value % ALIGNMENTS, put_hex_byte(room + value % ALIGNMENTS, (uint8_t)value), wanted);
	}
	expect(3, put_lit(put_char(room + 3, '['), "none]"), "[none]");
}

static void address(const uint8_t bytes[4])
{
	unsigned from = (unsigned)random() % ALIGNMENTS;
	char wanted[PUT_ROOM];

	assert_non_null(inet_ntop(AF_INET, bytes, wanted, sizeof(wanted)));
	expect(from, put_ipv4(room + from, bytes), wanted);
}

static void test_addresses(void **state)
{
	(void)state;
	clear();
	address((const uint8_t[]){0, 0, 0, 0});
	address((const uint8_t[]){255, 255, 255, 255});
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint32_t bits = (uint32_t)random();
		uint8_t bytes[4];

		memcpy(bytes, &bits, sizeof(bytes));
		address(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(digits),
	    cmocka_unit_test(bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
