/* tcpdump's line where tests/e2e/tcpdump-side-by-side cannot reach: times that no file has, limits, and what other
 * sinks use. */
#include "test.h"

#include "failmalloc.h"
#include "wscap/line_internal.h"

#include <pcap/dlt.h>
#include <stdlib.h>
#include <time.h>

static struct options options;
static struct out out;

static int setup(void **state)
{
	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	options_init(&options);
	options.no_names = 1;
	return out_init(&out, -1);
}

static int teardown(void **state)
{
	(void)state;
	options_finish(&options);
	out_finish(&out);
	return 0;
}

static void expect(const char *wanted)
{
	out_char(&out, '\0');
	assert_string_equal(out.text, wanted);
	out.len = 0;
}

static struct line *with(enum time_style style, bool nanoseconds)
{
	struct line *line;

	options.time = style;
	options.nanoseconds = nanoseconds;
	line = line_create(&options);
	assert_non_null(line);
	return line;
}

static void times(struct line *line, int64_t time, const char *wanted)
{
	line_time(line, time, &out);
	expect(wanted);
}

static void times_of_day(void **state)
{
	struct line *line = with(TIME_OF_DAY, false);

	(void)state;
	times(line, 0, "01:00:00.000000 ");
	times(line, 1407858600523910999, "17:50:00.523910 ");
	times(line, 1407858600523911000, "17:50:00.523911 ");
	times(line, 1407858601000000000, "17:50:01.000000 ");
	times(line, INT64_C(2147483647) * NSEC_PER_SEC, "04:14:07.000000 ");
	times(line, INT64_C(2147483648) * NSEC_PER_SEC, "[Error converting time] ");
	times(line, -1, "[Error converting time] ");
	times(line, INT64_MIN, "[Error converting time] ");
	line_destroy(line);
	/* one hour of the autumn's night is there twice */
	line = with(TIME_DATE, true);
	times(line, INT64_C(1414283999999999999), "2014-10-26 02:39:59.999999999 ");
	times(line, INT64_C(1414287599000000001), "2014-10-26 02:39:59.000000001 ");
	line_destroy(line);
}

static void times_since(void **state)
{
	struct line *line = with(TIME_DELTA, false);

	(void)state;
	times(line, 5000000000, " 00:00:00.000000 ");
	times(line, 5000001999, " 00:00:00.000001 ");
	times(line, 4000000000, "-00:00:01.000001 ");
	times(line, 4000000000 + INT64_C(90061) * NSEC_PER_SEC, " 01:01:01.000000 ");
	times(line, INT64_MIN, "-[Error converting time] ");
	times(line, INT64_MAX, " [Error converting time] ");
	line_destroy(line);
	line = with(TIME_SINCE_FIRST, true);
	times(line, 5000000000, " 00:00:00.000000000 ");
	times(line, 5000001999, " 00:00:00.000001999 ");
	times(line, 4000000000, "-00:00:01.000000000 ");
	line_destroy(line);
	line = with(TIME_EPOCH, false);
	times(line, 1407858600523910999, "1407858600.523910 ");
	times(line, -1, "[Error converting time] ");
	line_destroy(line);
	line = with(TIME_NONE, false);
	times(line, 1407858600523910999, "");
	line_destroy(line);
}

static void endpoints(void **state)
{
	struct line *line = with(TIME_NONE, false);
	struct endpoint v4 = {.version = 4, .addr = {127, 0, 0, 1}, .port = 7272};
	struct endpoint v6 = {.version = 6, .addr = {0xfe, 0x80, [15] = 1}, .port = 80};

	(void)state;
	line_endpoint(line, &v4, &out);
	expect("127.0.0.1.7272");
	line_endpoint(line, &v6, &out);
	expect("fe80::1.80");
	line_destroy(line);
}

static void services_have_names(void **state)
{
	struct endpoint at = {.version = 4, .addr = {127, 0, 0, 1}, .port = 22};
	struct line *line;

	(void)state;
	options.no_names = 0;
	line = with(TIME_NONE, false);
	line_endpoint(line, &at, &out);
	expect("localhost.ssh");
	line_endpoint(line, &at, &out);
	expect("localhost.ssh");
	line_destroy(line);
	options.no_names = 1;
}

static void prints(int link_type, struct ws_span bytes, uint32_t wire_len, const char *wanted)
{
	struct line *line = with(TIME_NONE, false);
	struct packet packet = {.number = 1, .link_type = link_type, .bytes = bytes, .wire_len = wire_len};
	struct packet_view view = {.packet = &packet};

	line_print(line, view.packet, &out);
	expect(wanted);
	line_destroy(line);
}

static void lengths_that_no_packet_has(void **state)
{
	static const uint8_t large[SNAPLEN_MAX + 1];

	(void)state;
	prints(DLT_RAW, ws_span_of(large, 0), 0, "[Invalid header: caplen==0, len==0]\n");
	prints(DLT_RAW, ws_span_of(large, 0), 5, "[Invalid header: caplen==0]\n");
	prints(DLT_RAW, ws_span_of(large, 5), 4, "[Invalid header: len(4) < caplen(5)]\n");
	prints(DLT_RAW, ws_span_of(large, sizeof(large)), 4,
	       "[Invalid header: len(4) < caplen(262145), caplen(262145) > 262144]\n");
	prints(DLT_RAW, ws_span_of(large, 5), SNAPLEN_MAX + 1, "[Invalid header: len(262145) > 262144]\n");
}

/* IP in IP in IP: it comes to an end. */
static void headers_only(void **state)
{
	static const uint8_t header[20] = {0x45, [8] = 64, [9] = 4, [12] = 10, 0, 0, 1, 10, 0, 0, 2};
	static uint8_t bytes[60000];
	static char wanted[4096];

	(void)state;
	for (size_t at = 0; at < sizeof(bytes); at += sizeof(header)) {
		memcpy(bytes + at, header, sizeof(header));
		bytes[at + 2] = (uint8_t)((sizeof(bytes) - at) >> 8);
		bytes[at + 3] = (uint8_t)(sizeof(bytes) - at);
	}
	for (int i = 0; i <= LINE_NESTING_MAX; i++)
		strcat(wanted, "IP 10.0.0.1 > 10.0.0.2: ");
	strcat(wanted, "IP, length 59340\n");
	prints(DLT_RAW, ws_span_of(bytes, sizeof(bytes)), sizeof(bytes), wanted);
}

/* Longer than what is built in one go, with what is left out standing across the seam. */
static void a_long_dump(void **state)
{
	static uint8_t bytes[SNAPLEN_MAX];
	size_t lines = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i % 2 ? '\n' : '\r';
	line_dump_ascii(&out, ws_span_of(bytes, sizeof(bytes)));
	assert_int_equal(out.len, 1 + sizeof(bytes) / 2);
	for (size_t i = 0; i < out.len; i++)
		lines += out.text[i] == '\n';
	assert_int_equal(lines, out.len);
	out.len = 0;
	line_dump_hex(&out, ws_span_of(bytes, sizeof(bytes)));
	assert_memory_equal(out.text + out.len - 49, "0x3fff0:  0d0a 0d0a 0d0a 0d0a 0d0a 0d0a 0d0a 0d0a", 49);
	out.len = 0;
	line_dump_hex_ascii(&out, ws_span_of("0123456789abcdefA", 17));
	expect("\n\t0x0000:  3031 3233 3435 3637 3839 6162 6364 6566  0123456789abcdef"
	       "\n\t0x0010:  41                                       A");
}

static void checksums(void **state)
{
	static const uint8_t header[] = {0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
					 0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
	static uint8_t ones[SNAPLEN_MAX];

	(void)state;
	assert_int_equal(line_sum_fold(line_sum(0, ws_span_of(header, sizeof(header)))), 0);
	/* an odd byte counts as the upper half of a word */
	assert_int_equal(line_sum(0, ws_span_of("\x12", 1)), 0x1200);
	memset(ones, 0xff, sizeof(ones));
	assert_int_equal(line_sum_fold(line_sum(UINT32_MAX, ws_span_of(ones, sizeof(ones)))), 0);
	assert_int_equal(line_sum_wanted(0xffff, 0xfffe), 0xfffe);
}

/* More addresses than are remembered: old ones are forgotten, the rest goes on. */
static void address_scans(void **state)
{
	struct names *names = names_create();

	(void)state;
	assert_non_null(names);
	for (uint32_t i = 0; i < 2 * NAMES_MAX + 5; i++) {
		uint8_t card[6] = {2, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};

		assert_null(names_ether(names, ws_span_of(card, sizeof(card))));
		assert_null(names_ether(names, ws_span_of(card, sizeof(card))));
	}
	names_destroy(names);
}

static void without_memory(void **state)
{
	struct line *line = NULL;
	long n;

	(void)state;
	options.no_names = 0;
	for (n = 0; !line; n++) {
		assert_in_range(n, 0, 5000);
		failmalloc_after(n);
		line = line_create(&options);
		if (line)
			assert_false(failmalloc_failed());
	}
	failmalloc_after(-1);
	assert_in_range(n, 4, 5000);
	line_destroy(line);
	line_destroy(NULL);
	options.no_names = 1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_of_day),  cmocka_unit_test(times_since),
	    cmocka_unit_test(endpoints),     cmocka_unit_test(services_have_names),
	    cmocka_unit_test(headers_only),  cmocka_unit_test(lengths_that_no_packet_has),
	    cmocka_unit_test(a_long_dump),   cmocka_unit_test(checksums),
	    cmocka_unit_test(address_scans), cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
