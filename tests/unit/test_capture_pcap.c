/* Classic capture files: every variant that libpcap reads, in pieces of every size, cut off everywhere, damaged. */
#include "test.h"

#include "capture_script.h"

enum {
	MICRO = 0xa1b2c3d4,
	NANO = 0xa1b23c4d,
	KUZNETZOV = 0xa1b2cd34,
	ETHERNET = 1,
	RAW_IP = 101, /* in files; libpcap's DLT_RAW is another number */
	DLT_RAW_IP = 12,
	SECONDS = 1700000000,
	RECORD = 16,
	LEN = 20, /* of each packet */
	COUNT = 12,
};

static struct script script;
static struct reading reading, first;

static void begin_file(uint32_t magic, uint16_t minor, bool big)
{
	script.len = 0;
	script.big = big;
	put_head(&script, magic, minor, ETHERNET, 0);
}

/* COUNT packets, each filled with its number. */
static void simple_file(uint32_t magic, bool big)
{
	begin_file(magic, 4, big);
	for (uint8_t i = 0; i < COUNT; i++)
		put_record(&script, SECONDS + i, 5, LEN, i);
}

static void assert_whole(const struct reading *got, int64_t unit)
{
	assert_int_equal(got->end, CAPTURE_END);
	assert_string_equal(got->error, "");
	assert_int_equal(got->count, COUNT);
	for (uint8_t i = 0; i < COUNT; i++) {
		assert_int_equal(got->got[i].time, (int64_t)(SECONDS + i) * NSEC_PER_SEC + 5 * unit);
		assert_int_equal(got->got[i].len, LEN);
		assert_int_equal(got->got[i].wire_len, LEN);
		assert_int_equal(got->got[i].fill, i);
		assert_int_equal(got->got[i].last, i);
		assert_int_equal(got->got[i].link_type, ETHERNET);
	}
}

static void test_byte_orders_and_units(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		size_t usual = (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) == big ? COUNT : 0;

		simple_file(MICRO, big);
		read_script(&reading, &script, script.len);
		assert_whole(&reading, 1000);
		assert_int_equal(reading.usual, usual);
		simple_file(NANO, big);
		read_script(&reading, &script, script.len);
		assert_whole(&reading, 1);
		assert_int_equal(reading.usual, usual);
	}
}

/* A record between usual ones, which is one or not: read_script() finds that it is read the same either way. */
static void read_one(uint32_t snaplen, uint32_t seconds, uint32_t fraction, uint32_t caplen, uint32_t wire_len)
{
	uint8_t bytes[2 * LEN] = {0};

	script.len = 0;
	script.big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	put_head(&script, MICRO, 4, ETHERNET, snaplen);
	put_record(&script, SECONDS, 0, LEN, 1);
	put_u32(&script, seconds);
	put_u32(&script, fraction);
	put_u32(&script, caplen);
	put_u32(&script, wire_len);
	put_bytes(&script, bytes, caplen < sizeof(bytes) ? caplen : sizeof(bytes));
	for (uint8_t i = 2; i < 8; i++)
		put_record(&script, SECONDS, i, LEN, i);
	read_script(&reading, &script, script.len);
}

static void test_usual(void **state)
{
	static const struct {
		uint32_t snaplen, seconds, fraction, caplen, wire_len;
		bool usual;
	} rows[] = {
	    {LEN, SECONDS, 999999, LEN, LEN, true},
	    {LEN, 1, 0, LEN, LEN, true},
	    {LEN, UINT32_MAX, 0, 1, 1 << 20, true}, /* before 1970 */
	    {LEN, SECONDS, 1000000, LEN, LEN, false},
	    {LEN, SECONDS, UINT32_MAX, LEN, LEN, false},
	    {LEN, SECONDS, 0, LEN + 1, LEN + 1, false}, /* more than the file's head says */
	    {LEN, SECONDS, 0, LEN, LEN - 1, false},
	    {LEN, SECONDS, 0, LEN, (1 << 20) + 1, false},
	    {LEN, SECONDS, 0, 0, LEN, false},
	    {LEN, 0, 0, 0, 0, false},
	    {LEN, SECONDS, 0, UINT32_MAX, UINT32_MAX, false},
	    {0, SECONDS, 0, 2 * LEN, UINT32_MAX, false},
	    {0, SECONDS, 0, 2 * LEN, 2 * LEN, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		read_one(rows[i].snaplen, rows[i].seconds, rows[i].fraction, rows[i].caplen, rows[i].wire_len);
		/* the one behind damage is found, and not just taken */
		assert_int_equal(reading.usual, rows[i].usual ? 8 : 7 - reading.damage.places);
	}
}

static void test_pieces(void **state)
{
	(void)state;
	simple_file(MICRO, true);
	for (size_t piece = 1; piece <= script.len; piece++) {
		read_script(&reading, &script, piece);
		assert_whole(&reading, 1000);
	}
}

static void test_cut_off(void **state)
{
	(void)state;
	simple_file(MICRO, false);
	for (size_t len = 0; len < script.len; len++) {
		size_t records = len < PCAP_HEAD ? 0 : (len - PCAP_HEAD) / (RECORD + LEN);
		bool between = len >= PCAP_HEAD && (len - PCAP_HEAD) % (RECORD + LEN) == 0;
		struct script cut = script;

		cut.len = len;
		read_script(&reading, &cut, 7);
		assert_int_equal(reading.count, records);
		assert_int_equal(reading.end, between ? CAPTURE_END : CAPTURE_ERROR);
		if (!between)
			assert_non_null(strstr(reading.error, "truncated dump file; tried to read"));
	}
}

static void test_kuznetzov(void **state)
{
	(void)state;
	begin_file(KUZNETZOV, 4, false);
	for (uint8_t i = 0; i < 2; i++) {
		put_u32(&script, SECONDS);
		put_u32(&script, 7);
		put_u32(&script, 3);
		put_u32(&script, 9);
		put_u64(&script, 0x0102030405060708); /* interface, protocol, packet type */
		put_bytes(&script, "aaa", 3);
	}
	read_script(&reading, &script, script.len);
	assert_int_equal(reading.end, CAPTURE_END);
	assert_int_equal(reading.count, 2);
	assert_int_equal(reading.got[1].time, (int64_t)SECONDS * NSEC_PER_SEC + 7000);
	assert_int_equal(reading.got[1].len, 3);
	assert_int_equal(reading.got[1].wire_len, 9);
}

static void read_lengths(uint16_t minor, uint32_t caplen, uint32_t wire_len)
{
	begin_file(MICRO, minor, false);
	put_u32(&script, SECONDS);
	put_u32(&script, 0);
	put_u32(&script, caplen);
	put_u32(&script, wire_len);
	put_bytes(&script, "aaaa", 4);
	read_script(&reading, &script, script.len);
	assert_int_equal(reading.end, CAPTURE_END);
	assert_int_equal(reading.got[0].len, 4);
	assert_int_equal(reading.got[0].wire_len, 9);
}

/* Before 2.3 the length on the wire stood first; 2.3 itself is either way. */
static void test_old_versions(void **state)
{
	(void)state;
	read_lengths(4, 4, 9);
	read_lengths(3, 4, 9);
	read_lengths(3, 9, 4);
	read_lengths(2, 9, 4);
}

static void test_unknown_versions(void **state)
{
	(void)state;
	begin_file(MICRO, 5, false);
	read_script(&reading, &script, script.len);
	assert_string_equal(reading.error, "unsupported pcap savefile version 2.5");
	script.bytes[4] = 1;
	read_script(&reading, &script, script.len);
	assert_string_equal(reading.error, "archaic pcap savefile format");
}

static void test_link_types(void **state)
{
	(void)state;
	script.len = 0;
	script.big = true;
	put_head(&script, MICRO, 4, 0xf0000000 | RAW_IP, 100); /* with the length of a frame check sequence above it */
	put_record(&script, SECONDS, 0, 4, 'x');
	read_script(&reading, &script, script.len);
	assert_int_equal(reading.count, 1);
	assert_int_equal(reading.got[0].link_type, DLT_RAW_IP);
}

/* One packet of that type: as it is in a file of this machine's order, and as want in one of the other. */
static void read_foreign(uint32_t link_type, const void *bytes, size_t len, const void *want)
{
	static const bool orders[] = {false, true};

	for (size_t i = 0; i < 2; i++) {
		bool foreign = orders[i] != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);

		script.len = 0;
		script.big = orders[i];
		put_head(&script, MICRO, 4, link_type, 0);
		put_u32(&script, SECONDS);
		put_u32(&script, 0);
		put_u32(&script, (uint32_t)len);
		put_u32(&script, (uint32_t)len);
		put_bytes(&script, bytes, len);
		read_script(&reading, &script, 5);
		assert_int_equal(reading.count, 1);
		assert_memory_equal(reading.bytes, foreign ? want : bytes, len);
	}
}

/* Fields in the byte order of the machine that captured become this one's, as libpcap has it. */
static void test_host_order(void **state)
{
	static const uint8_t nflog[] = {2, 0, 0, 0, 0, 6, 0, 1, 'a', 'b', 0, 0, 0, 8, 0, 9, 'i', 'p', '4', '6', 0, 9};
	static const uint8_t nflog_turned[] = {2, 0, 0, 0, 6, 0,   1,   0,   'a', 'b', 0,
					       0, 8, 0, 9, 0, 'i', 'p', '4', '6', 0,   9};
	static const uint8_t can[] = {0, 0, 1, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 1, 2, 3, 4, 5};
	static const uint8_t can_turned[] = {0, 0, 1, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 4, 3, 2, 1, 5};
	static const uint8_t usb[] = {1, 2, 3, 4, 5, 6, 7, 8, 'S', 3, 1, 1, 1, 2, 0, 0, 1, 2, 3};
	static const uint8_t usb_turned[] = {8, 7, 6, 5, 4, 3, 2, 1, 'S', 3, 1, 1, 2, 1, 0, 0, 1, 2, 3};

	(void)state;
	read_foreign(239, nflog, sizeof(nflog), nflog_turned);
	read_foreign(113, can, sizeof(can), can_turned);
	read_foreign(189, usb, sizeof(usb), usb_turned);
	read_foreign(ETHERNET, can, sizeof(can), can);
}

/* A packet that is longer than the snapshot length is cut there, as libpcap does it. */
static void test_snapshot_length(void **state)
{
	(void)state;
	script.len = 0;
	script.big = false;
	put_head(&script, MICRO, 4, ETHERNET, 10);
	put_record(&script, SECONDS, 0, 15, 'x');
	put_record(&script, SECONDS, 0, 5, 'y');
	read_script(&reading, &script, script.len);
	assert_int_equal(reading.end, CAPTURE_END);
	assert_int_equal(reading.got[0].len, 10);
	assert_int_equal(reading.got[0].wire_len, 15);
	assert_int_equal(reading.got[1].fill, 'y');
}

/* Each byte of the fourth packet's head in turn becomes one that makes a length, or all of it, impossible: what stands
 * before is there, and what stands behind, whatever the size of the pieces. */
static void test_damaged_length(void **state)
{
	size_t fourth = PCAP_HEAD + 3 * (RECORD + LEN);

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		simple_file(MICRO, false);
		if (kind == 0)
			script.bytes[fourth + 11] = 0xff; /* far too long */
		if (kind == 1)
			memset(script.bytes + fourth, 0, RECORD + LEN); /* zeroes */
		if (kind == 2)
			script.bytes[fourth + 9] = 0x10; /* longer than what is left of the file */
		read_script(&first, &script, script.len);
		assert_int_equal(first.damage.places, 1);
		assert_int_equal(first.damage.first, fourth);
		assert_int_equal(first.damage.bytes, RECORD + LEN);
		assert_int_equal(first.count, COUNT - 1);
		assert_int_equal(first.got[2].fill, 2);
		assert_int_equal(first.got[3].fill, 4);
		for (size_t piece = 1; piece < script.len; piece += 5) {
			read_script(&reading, &script, piece);
			assert_int_equal(reading.count, first.count);
			assert_memory_equal(reading.got, first.got, sizeof(first.got));
			assert_string_equal(reading.error, first.error);
		}
	}
}

/* Bytes that went missing, or came in between. */
static void test_lost_and_strange_bytes(void **state)
{
	size_t fourth = PCAP_HEAD + 3 * (RECORD + LEN);

	(void)state;
	for (size_t lost = 1; lost < RECORD + LEN; lost++) {
		simple_file(MICRO, false);
		memmove(script.bytes + fourth + 8, script.bytes + fourth + 8 + lost, script.len - fourth - 8 - lost);
		script.len -= lost;
		read_script(&reading, &script, 100);
		/* At the worst the packet that is hurt and the one behind it. */
		assert_true(reading.count >= COUNT - 2);
		assert_int_equal(reading.got[reading.count - 1].fill, COUNT - 1);
	}
	for (size_t more = 1; more < 200; more += 13) {
		simple_file(MICRO, true);
		memmove(script.bytes + fourth + more, script.bytes + fourth, script.len - fourth);
		memset(script.bytes + fourth, 0xee, more);
		script.len += more;
		read_script(&reading, &script, 100);
		assert_int_equal(reading.count, COUNT);
		assert_int_equal(reading.damage.bytes, more);
		assert_int_equal(reading.damage.first, fourth);
	}
}

static void test_two_places(void **state)
{
	(void)state;
	simple_file(MICRO, false);
	script.bytes[PCAP_HEAD + 11] = 0xff;
	script.bytes[PCAP_HEAD + 5 * (RECORD + LEN) + 11] = 0xff;
	read_script(&reading, &script, script.len);
	assert_int_equal(reading.count, COUNT - 2);
	assert_int_equal(reading.damage.places, 2);
	assert_non_null(strstr(reading.error, "2 places"));
	assert_non_null(strstr(reading.error, "at byte 24"));
}

/* Nothing plausible behind the damage: the sentence is libpcap's. */
static void test_nothing_behind(void **state)
{
	(void)state;
	begin_file(MICRO, 4, false);
	put_record(&script, SECONDS, 0, 4, 'x');
	for (int i = 0; i < 1000; i++)
		put_u32(&script, 0xfffffff0);
	read_script(&reading, &script, 3);
	assert_int_equal(reading.count, 1);
	assert_int_equal(reading.end, CAPTURE_ERROR);
	assert_string_equal(reading.error, "invalid packet capture length 4294967280, bigger than snaplen of 262144");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_byte_orders_and_units),
	    cmocka_unit_test(test_usual),
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_cut_off),
	    cmocka_unit_test(test_kuznetzov),
	    cmocka_unit_test(test_old_versions),
	    cmocka_unit_test(test_unknown_versions),
	    cmocka_unit_test(test_link_types),
	    cmocka_unit_test(test_host_order),
	    cmocka_unit_test(test_snapshot_length),
	    cmocka_unit_test(test_damaged_length),
	    cmocka_unit_test(test_lost_and_strange_bytes),
	    cmocka_unit_test(test_two_places),
	    cmocka_unit_test(test_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
