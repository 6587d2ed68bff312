/* The command line: letters as getopt bundles them, long names, values, and every complaint. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "wscap/options.h"

enum {
	WORDS_MAX = 32,
};

static struct options options;
static char error[256];
static char line_copy[1024];

/* Parses a command line whose words are parted by single spaces. */
static int parse(const char *line)
{
	static char program[] = "wscap";
	char *argv[WORDS_MAX] = {program};
	int argc = 1;

	i18n_init("en"); /* --lang may have changed it */
	options_finish(&options);
	options_init(&options);
	*error = '\0';
	snprintf(line_copy, sizeof(line_copy), "%s", line);
	for (char *word = strtok(line_copy, " "); word && argc < WORDS_MAX - 1; word = strtok(NULL, " "))
		argv[argc++] = word;
	return options_parse(&options, argc, argv, error, sizeof(error));
}

static void refused(const char *line, const char *complaint)
{
	assert_int_equal(parse(line), -EINVAL);
	assert_string_equal(error, complaint);
}

static void test_defaults(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_string_equal(options.format, "story");
	assert_null(options.filter);
	assert_null(options.device);
	assert_true(options_live(&options));
	assert_true(options_print(&options));
	assert_int_equal(options.snaplen, 0);
	assert_int_equal(options.copy_window, 500000000);
	assert_int_equal(options.limits.connections, 1000000);
	assert_int_equal(options.limits.waiting, 4 << 20);
	assert_int_equal(options.limits.idle, 3600LL * 1000000000);
	assert_int_equal(options.limits.reorder, 1000000000);
}

static void test_bundled(void **state)
{
	(void)state;
	assert_int_equal(parse("-Ans 4096 -iany port 7272"), 0);
	assert_int_equal(options.ascii, 1);
	assert_int_equal(options.no_names, 1);
	assert_int_equal(options.snaplen, 4096);
	assert_string_equal(options.device, "any");
	assert_string_equal(options.filter, "port 7272");

	assert_int_equal(parse("-nns0 -XXtttt -rx.pcap"), 0);
	assert_int_equal(options.no_names, 2);
	assert_int_equal(options.snaplen, 0);
	assert_int_equal(options.hex_ascii, 2);
	assert_int_equal(options.time, TIME_DATE);
	assert_string_equal(options.read_file, "x.pcap");
	assert_false(options_live(&options));
}

static void test_every_letter(void **state)
{
	(void)state;
	assert_int_equal(parse("-AAXxxenqvvvSK#tlpDLU -B 4 -c 7 -C 2 -F f -G 60 -W 10 -i lo -Q OUT -s 0x40 -V v "
			       "-w - -y EN10MB -Z nobody --print --count --immediate-mode"),
			 0);
	assert_int_equal(options.ascii, 2);
	assert_int_equal(options.hex_ascii, 1);
	assert_int_equal(options.hex, 2);
	assert_true(options.link_header && options.quiet && options.absolute_seq && options.no_checksums);
	assert_true(options.numbers && options.line_buffered && options.no_promiscuous);
	assert_true(options.list_devices && options.list_link_types && options.packet_buffered);
	assert_int_equal(options.verbose, 3);
	assert_int_equal(options.time, TIME_NONE);
	assert_int_equal(options.buffer_kib, 4);
	assert_int_equal(options.count, 7);
	assert_int_equal(options.rotate_bytes, 2000000);
	assert_string_equal(options.filter_file, "f");
	assert_int_equal(options.rotate_seconds, 60);
	assert_int_equal(options.rotate_files, 10);
	assert_string_equal(options.device, "lo");
	assert_int_equal(options.direction, 'o');
	assert_int_equal(options.snaplen, 64);
	assert_string_equal(options.read_list, "v");
	assert_string_equal(options.write_file, "-");
	assert_string_equal(options.link_type, "EN10MB");
	assert_string_equal(options.drop_user, "nobody");
	assert_true(options.print && options.count_only && options.immediate);
}

static void test_long_names(void **state)
{
	(void)state;
	assert_int_equal(parse("--interface=lo --snapshot-length 96 --direction inout --number --format json --lang it "
			       "--color=never --indent --time-stamp-precision=nanosecond"),
			 0);
	assert_string_equal(options.device, "lo");
	assert_int_equal(options.snaplen, 96);
	assert_int_equal(options.direction, 0);
	assert_true(options.numbers && options.indent_json && options.nanoseconds);
	assert_string_equal(options.format, "json");
	assert_string_equal(options.lang, "it");
	assert_int_equal(options.color, COLOR_NEVER);
	assert_int_equal(parse("--nano --micro"), 0);
	assert_false(options.nanoseconds);
	assert_int_equal(parse("--help --version"), 0);
	assert_true(options.help && options.version);
}

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(
	    parse("--max-connections 2K --max-waiting 64k --max-waiting-total=1G --max-head 512 "
		  "--max-message 3M --max-inflated 1 --max-message-total 2M --idle-timeout 5m --reorder-time 250ms "
		  "--reorder-packets 3 --copy-window 2s"),
	    0);
	assert_int_equal(options.limits.connections, 2048);
	assert_int_equal(options.limits.waiting, 64 << 10);
	assert_int_equal(options.limits.waiting_total, 1 << 30);
	assert_int_equal(options.limits.head, 512);
	assert_int_equal(options.limits.message, 3 << 20);
	assert_int_equal(options.limits.inflated, 1);
	assert_int_equal(options.limits.message_total, 2 << 20);
	assert_int_equal(options.limits.idle, 300LL * 1000000000);
	assert_int_equal(options.limits.reorder, 250000000);
	assert_int_equal(options.limits.reorder_packets, 3);
	assert_int_equal(options.copy_window, 2000000000);
	assert_int_equal(parse("--idle-timeout 1h --reorder-time 2"), 0);
	assert_int_equal(options.limits.idle, 3600LL * 1000000000);
	assert_int_equal(options.limits.reorder, 2000000000);
}

static void test_filter_words(void **state)
{
	(void)state;
	assert_int_equal(parse("tcp -n and port 80"), 0);
	assert_string_equal(options.filter, "tcp and port 80");
	assert_int_equal(options.no_names, 1);
	assert_int_equal(parse("-r f -- -n"), 0);
	assert_string_equal(options.filter, "-n");
}

static void test_complaints(void **state)
{
	(void)state;
	refused("-k", "-k: there is no such option; wscap --help lists them");
	refused("-nnk", "-k: there is no such option; wscap --help lists them");
	refused("--nothing=3", "--nothing: there is no such option; wscap --help lists them");
	refused("--max", "--max: there is no such option; wscap --help lists them");
	refused("--print=3", "--print: this option takes no argument");
	refused("-n -r", "-r: an argument is missing");
	refused("-nr", "-r: an argument is missing");
	refused("--snapshot-length", "--snapshot-length: an argument is missing");
	refused("-s 262145", "-s 262145: not a number from 0 to 262144");
	refused("--snapshot-length=-1", "--snapshot-length -1: not a number from 0 to 262144");
	refused("-s 12x", "-s 12x: not a number from 0 to 262144");
	refused("-c 0", "-c 0: not a number from 1 to 2147483647");
	refused("-C 99999999999999999999", "-C 99999999999999999999: not a number from 1 to 9223372036854");
	refused("-W 0", "-W 0: not a number from 1 to 2147483647");
	refused("-Q up", "-Q up: not one of in, out, inout");
	refused("--color sometimes", "--color sometimes: not one of auto, always, never");
	refused("--lang fr", "--lang fr: not one of en, it, zh_CN");
	refused("--time-stamp-precision pico", "--time-stamp-precision pico: not one of micro, nano");
	refused("-tttttt", "-t: only -t, -tt, -ttt, -tttt and -ttttt are there");
	refused("--max-message 2G", "--max-message 2G: not a size from 1 to 1073741824 bytes, as 512, 64K, 16M or 1G");
	refused("--max-waiting 18446744073709551615K",
		"--max-waiting 18446744073709551615K: not a size from 0 to 9223372036854775807 bytes, as 512, 64K, "
		"16M or 1G");
	refused("--idle-timeout 3d", "--idle-timeout 3d: not a time, as 500ms, 2s, 5m or 1h");
	refused("--idle-timeout 9999999999999h", "--idle-timeout 9999999999999h: not a time, as 500ms, 2s, 5m or 1h");
	refused("-r a -V b", "-V and -r are mutually exclusive");
}

static void test_tcpdump_options_that_are_not_there(void **state)
{
	static const char *const lines[] = {"-a",   "-b",   "-d", "-E x", "-f",     "-H", "-I", "-j adapter", "-J",
					    "-m x", "-M x", "-N", "-O",   "-T vat", "-u", "-Y", "-z gzip"};
	char expected[128];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(expected, sizeof(expected), "%.2s: tcpdump has this option, wscap does not", lines[i]);
		refused(lines[i], expected);
	}
	refused("-nnzgzip", "-z: tcpdump has this option, wscap does not");
	refused("--monitor-mode", "--monitor-mode: tcpdump has this option, wscap does not");
}

static void test_languages(void **state)
{
	(void)state;
	setenv("LC_ALL", "C", 1);
	assert_true(i18n_init(NULL));
	assert_false(i18n_init("fr"));
	assert_true(i18n_init("it"));
	assert_string_equal(getenv("LANGUAGE"), "it");
	setenv("LC_ALL", "zh_CN.GB18030", 1);
	unsetenv("LANGUAGE");
	assert_true(i18n_init(NULL));
	assert_string_equal(getenv("LANGUAGE"), "zh_CN.GB18030");
	assert_true(i18n_init("en"));
	assert_string_equal(_("end after COUNT packets"), "end after COUNT packets");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),     cmocka_unit_test(test_bundled),
	    cmocka_unit_test(test_every_letter), cmocka_unit_test(test_long_names),
	    cmocka_unit_test(test_limits),       cmocka_unit_test(test_filter_words),
	    cmocka_unit_test(test_complaints),   cmocka_unit_test(test_tcpdump_options_that_are_not_there),
	    cmocka_unit_test(test_languages),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	options_finish(&options);
	return failed;
}
