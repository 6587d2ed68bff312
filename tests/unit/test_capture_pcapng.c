/* pcapng files: sections of both byte orders, interfaces of several types and clocks, every kind of block, in pieces of
 * every size, cut off everywhere, damaged. */
#include "test.h"

#include <limits.h>

#include "capture_script.h"

enum {
	ETHERNET = 1,
	RAW_IP = 101, /* in files; libpcap's DLT_RAW is another number */
	DLT_RAW_IP = 12,
	COOKED = 113,
	LEN = 21, /* of each packet: with padding behind it */
	COUNT = 12,
};

#define MICROSECONDS 1700000000000000u

static struct script script;
static struct reading reading, first;

static void begin_file(bool big)
{
	script.len = 0;
	script.big = big;
	put_section(&script);
}

static void simple_file(bool big)
{
	begin_file(big);
	put_interface(&script, ETHERNET, 0);
	for (uint8_t i = 0; i < COUNT; i++)
		put_packet(&script, 0, MICROSECONDS + i, LEN, i);
}

static size_t packet_at(size_t number)
{
	const size_t before = PCAPNG_SECTION_MIN + 20, block = 32 + 24;

	return before + number * block;
}

static void assert_whole(const struct reading *got)
{
	assert_string_equal(got->error, "");
	assert_int_equal(got->end, CAPTURE_END);
	assert_int_equal(got->count, COUNT);
	for (uint8_t i = 0; i < COUNT; i++) {
		assert_int_equal(got->got[i].time, (int64_t)(MICROSECONDS + i) * 1000);
		assert_int_equal(got->got[i].len, LEN);
		assert_int_equal(got->got[i].fill, i);
		assert_int_equal(got->got[i].last, i);
	}
}

static void test_pieces(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		simple_file(big);
		for (size_t piece = 1; piece <= script.len; piece += big ? 7 : 1) {
			read_script(&reading, &script, piece);
			assert_whole(&reading);
		}
	}
}

static void test_cut_off(void **state)
{
	(void)state;
	simple_file(false);
	for (size_t len = 0; len < script.len; len++) {
		struct script cut = script;
		size_t whole = 0;

		while (whole < COUNT && packet_at(whole + 1) <= len)
			whole++;
		cut.len = len;
		read_script(&reading, &cut, 11);
		assert_int_equal(reading.count, whole);
		assert_int_equal(reading.end,
				 len >= packet_at(0) && len == packet_at(whole) ? CAPTURE_END : CAPTURE_ERROR);
	}
}

/* Two sections, the second in the other byte order with other interfaces; numbers go on. */
static void test_sections(void **state)
{
	(void)state;
	begin_file(false);
	put_interface(&script, ETHERNET, 100);
	put_interface(&script, RAW_IP, 50);
	put_packet(&script, 1, MICROSECONDS, 8, 'a');
	put_packet(&script, 0, MICROSECONDS - 5, 8, 'b');
	script.big = true;
	put_section(&script);
	put_interface(&script, COOKED, 0);
	put_packet(&script, 0, MICROSECONDS + 3, 8, 'c');
	read_script(&reading, &script, script.len);
	assert_int_equal(reading.end, CAPTURE_END);
	assert_int_equal(reading.count, 3);
	assert_int_equal(reading.got[0].link_type, DLT_RAW_IP);
	assert_int_equal(reading.got[0].interface, 1);
	assert_int_equal(reading.got[1].link_type, ETHERNET);
	assert_int_equal(reading.got[1].interface, 0);
	assert_int_equal(reading.got[1].time, (int64_t)(MICROSECONDS - 5) * 1000);
	assert_int_equal(reading.got[2].link_type, COOKED);
	assert_int_equal(reading.got[2].interface, 2);
	assert_int_equal(reading.got[2].fill, 'c');
	assert_int_equal(reading.blocks, 5);
}

static void read_clock(bool big, uint8_t resolution, uint64_t offset, uint64_t units, int64_t want)
{
	size_t begin;

	begin_file(big);
	begin = begin_block(&script, PCAPNG_INTERFACE);
	put_u16(&script, ETHERNET);
	put_u16(&script, 0);
	put_u32(&script, 0);
	put_option(&script, PCAPNG_OPTION_NAME, "eth0", 4);
	put_option(&script, PCAPNG_OPTION_RESOLUTION, &resolution, 1);
	put_u16(&script, PCAPNG_OPTION_OFFSET);
	put_u16(&script, 8);
	put_u64(&script, offset);
	put_option(&script, PCAPNG_OPTION_END, NULL, 0);
	end_block(&script, begin);
	put_packet(&script, 0, units, 4, 'x');
	read_script(&reading, &script, script.len);
	assert_string_equal(reading.error, "");
	assert_int_equal(reading.count, 1);
	if (reading.got[0].time != want)
		fail_msg("%lld instead of %lld", (long long)reading.got[0].time, (long long)want);
}

static void test_clocks(void **state)
{
	const int64_t second = NSEC_PER_SEC, farthest = PACKET_SECONDS_MAX * NSEC_PER_SEC;

	(void)state;
	read_clock(false, 6, 0, 1000001, second + 1000);
	read_clock(true, 9, 0, 1000000001, second + 1);
	read_clock(true, 3, 0, 1001, second + 1000000);
	read_clock(false, 0, 0, 7, 7 * second);
	read_clock(false, 12, 0, 1000000001999, second + 1);
	read_clock(false, 19, 0, UINT64_MAX, 1844674407);
	read_clock(false, 0x80 | 10, 0, 1024 + 512, second + second / 2);
	read_clock(true, 0x80 | 32, 0, (1ull << 32) + (1ull << 31), second + second / 2);
	read_clock(false, 0x80 | 63, 0, 3ull << 62, second + second / 2);
	read_clock(false, 6, 100, 5, 100 * second + 5000);
	read_clock(true, 9, (uint64_t)-100, 5, -100 * second + 5);
	read_clock(false, 0, 0, UINT64_MAX, farthest);
	read_clock(false, 6, 0, UINT64_MAX, farthest + 551615000);
	read_clock(false, 6, INT64_MAX, 1000000, farthest);
	read_clock(false, 6, (uint64_t)INT64_MIN, 0, -farthest);
}

static void bad_interface(uint16_t code, uint16_t len, uint8_t value, const char *words)
{
	uint8_t values[8] = {value};
	size_t begin;

	begin_file(false);
	begin = begin_block(&script, PCAPNG_INTERFACE);
	put_u64(&script, ETHERNET);
	put_option(&script, code, values, len);
	end_block(&script, begin);
	read_script(&reading, &script, script.len);
	assert_int_equal(reading.end, CAPTURE_ERROR);
	assert_non_null(strstr(reading.error, words));
}

static void test_bad_options(void **state)
{
	(void)state;
	bad_interface(PCAPNG_OPTION_RESOLUTION, 1, 20, "too high");
	bad_interface(PCAPNG_OPTION_RESOLUTION, 1, 0x80 | 64, "too high");
	bad_interface(PCAPNG_OPTION_RESOLUTION, 2, 6, "length other than 1");
	bad_interface(PCAPNG_OPTION_OFFSET, 4, 6, "length other than 8");
}

/* The simple packet block has no captured length and no time; the obsolete one has a short interface number. */
static void test_other_packets(void **state)
{
	size_t begin;

	(void)state;
	begin_file(true);
	put_interface(&script, ETHERNET, 6);
	begin = begin_block(&script, PCAPNG_SIMPLE_PACKET);
	put_u32(&script, 9);
	put_bytes(&script, "aaaaaa", 6);
	end_block(&script, begin);
	begin = begin_block(&script, PCAPNG_SIMPLE_PACKET);
	put_u32(&script, 2);
	put_bytes(&script, "bb", 2);
	end_block(&script, begin);
	begin = begin_block(&script, PCAPNG_OLD_PACKET);
	put_u16(&script, 0);
	put_u16(&script, 77); /* lost before it */
	put_u32(&script, 0);
	put_u32(&script, 5000001);
	put_u32(&script, 3);
	put_u32(&script, 8);
	put_bytes(&script, "ccc", 3);
	end_block(&script, begin);
	read_script(&reading, &script, script.len);
	assert_int_equal(reading.end, CAPTURE_END);
	assert_int_equal(reading.count, 3);
	assert_int_equal(reading.got[0].len, 6);
	assert_int_equal(reading.got[0].wire_len, 9);
	assert_int_equal(reading.got[0].time, 0);
	assert_int_equal(reading.got[1].len, 2);
	assert_int_equal(reading.got[2].len, 3);
	assert_int_equal(reading.got[2].wire_len, 8);
	assert_int_equal(reading.got[2].time, 5000001000);
}

/* Secrets are told wherever they stand, before the first interface too; blocks that nobody knows are passed over. */
static void test_other_blocks(void **state)
{
	size_t begin;

	(void)state;
	begin_file(false);
	begin = begin_block(&script, PCAPNG_SECRETS);
	put_u32(&script, 0x544c534b);
	put_u32(&script, 5);
	put_bytes(&script, "a key", 5);
	end_block(&script, begin);
	put_interface(&script, ETHERNET, 0);
	begin = begin_block(&script, 0x12345678);
	put_u32(&script, 1);
	end_block(&script, begin);
	put_packet(&script, 0, 1, 4, 'x');
	for (size_t piece = 1; piece < script.len; piece++) {
		read_script(&reading, &script, piece);
		assert_int_equal(reading.end, CAPTURE_END);
		assert_int_equal(reading.count, 1);
		assert_int_equal(reading.blocks, 4);
		assert_int_equal(reading.secrets_type, 0x544c534b);
		assert_string_equal(reading.secrets, "a key");
	}
}

/* A packet that contradicts itself is left out; what is around it is not. */
static void test_bad_packets(void **state)
{
	size_t begin;

	(void)state;
	begin_file(false);
	put_interface(&script, ETHERNET, 0);
	put_packet(&script, 0, 1, 4, 'a');
	put_packet(&script, 5, 2, 4, 'b');
	begin = begin_block(&script, PCAPNG_PACKET);
	put_u32(&script, 0);
	end_block(&script, begin);
	put_packet(&script, 0, 3, 4, 'c');
	read_script(&reading, &script, script.len);
	assert_int_equal(reading.end, CAPTURE_END);
	assert_int_equal(reading.count, 2);
	assert_int_equal(reading.got[1].fill, 'c');
	assert_int_equal(reading.damage.places, 2);
	assert_int_equal(reading.damage.bytes, 36 + 16);
	assert_non_null(strstr(reading.error, "interface 5"));
}

static void test_bad_beginnings(void **state)
{
	(void)state;
	begin_file(false);
	read_script(&reading, &script, script.len);
	assert_string_equal(reading.error, "the capture file has no Interface Description Blocks");
	put_packet(&script, 0, 1, 4, 'a');
	read_script(&reading, &script, script.len);
	assert_string_equal(reading.error,
			    "the capture file has a packet block before any Interface Description Blocks");
	simple_file(false);
	script.bytes[12] = 9;
	read_script(&reading, &script, script.len);
	assert_string_equal(reading.error, "unsupported pcapng savefile version 9.0");
	script.bytes[8] = 0;
	read_script(&reading, &script, script.len);
	assert_string_equal(reading.error, "the file has a section with a bad byte order magic field");
}

/* A length of the fourth packet becomes impossible, or another than its twin: the other packets are there. */
static void test_damage(void **state)
{
	size_t fourth = packet_at(3), lengths[] = {fourth + 4, fourth + 7, packet_at(4) - 4, fourth + 5};

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		simple_file(false);
		script.bytes[lengths[i]] ^= 0x44;
		read_script(&first, &script, script.len);
		assert_int_equal(first.damage.places, 1);
		assert_int_equal(first.damage.first, fourth);
		assert_int_equal(first.damage.bytes, packet_at(4) - fourth);
		assert_int_equal(first.count, COUNT - 1);
		assert_int_equal(first.got[3].fill, 4);
		for (size_t piece = 1; piece < script.len; piece += 5) {
			read_script(&reading, &script, piece);
			assert_int_equal(reading.count, first.count);
			assert_memory_equal(reading.got, first.got, sizeof(first.got));
			assert_string_equal(reading.error, first.error);
		}
	}
	for (size_t lost = 1; lost < packet_at(4) - fourth; lost++) {
		simple_file(true);
		memmove(script.bytes + fourth + 8, script.bytes + fourth + 8 + lost, script.len - fourth - 8 - lost);
		script.len -= lost;
		read_script(&reading, &script, 100);
		assert_true(reading.count >= COUNT - 2);
		assert_int_equal(reading.got[reading.count - 1].fill, COUNT - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pieces),         cmocka_unit_test(test_cut_off),
	    cmocka_unit_test(test_sections),       cmocka_unit_test(test_clocks),
	    cmocka_unit_test(test_bad_options),    cmocka_unit_test(test_other_packets),
	    cmocka_unit_test(test_other_blocks),   cmocka_unit_test(test_bad_packets),
	    cmocka_unit_test(test_bad_beginnings), cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
