/* The command line, sources and the writer, with the n-th of their own allocations failing: one sentence, nothing
 * leaked, and the next try succeeds. */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "failmalloc.h"
#include "wscap/options.h"
#include "wscap/source.h"
#include "wscap/writer.h"

enum {
	TRIES_MAX = 50, /* more allocations than any of these makes */
	ETHERNET = 1,
};

static char dir[] = "/tmp/wscap-nomem-XXXXXX";
static char capture[64], list[64], written[64], error[SENTENCE_SIZE];

/* A capture file with one packet of four bytes. */
static const uint8_t capture_bytes[] = {
    0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4,   0,   1,   0,
    0,    0,    1,    0,    0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 'a', 'b', 'c', 'd',
};

static void write_file(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	(void)state;
	i18n_init("en");
	assert_non_null(mkdtemp(dir));
	snprintf(capture, sizeof(capture), "%s/one.pcap", dir);
	snprintf(list, sizeof(list), "%s/list", dir);
	snprintf(written, sizeof(written), "%s/out.pcapng", dir);
	write_file(capture, capture_bytes, sizeof(capture_bytes));
	write_file(list, capture, strlen(capture));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(capture);
	unlink(list);
	unlink(written);
	return rmdir(dir);
}

/* Does once() under every failing allocation until none is left to fail. Each failure must say so. */
static void under_every_failure(bool (*once)(void))
{
	long n = 0;

	for (;; n++) {
		bool ok;

		assert_true(n < TRIES_MAX);
		*error = '\0';
		failmalloc_after(n);
		ok = once();
		failmalloc_after(-1);
		if (ok)
			break;
		assert_non_null(strstr(error, strerror(ENOMEM)));
	}
	assert_true(n > 0);
}

static bool parse_once(void)
{
	static char program[] = "wscap", option[] = "--print", word[] = "port", number[] = "80";
	char *argv[] = {program, option, word, number, NULL};
	struct options options;
	bool ok;

	options_init(&options);
	ok = options_parse(&options, 4, argv, error, sizeof(error)) == 0;
	assert_true(!ok || strcmp(options.filter, "port 80") == 0);
	options_finish(&options);
	return ok;
}

static bool read_once(const struct options *options)
{
	struct source *source = source_open(options, error);
	struct packet packet;

	if (!source)
		return false;
	assert_int_equal(source_next(source, &packet), SOURCE_PACKET);
	assert_int_equal(packet.number, 1);
	assert_int_equal(packet.time, 1000002000);
	assert_memory_equal(packet.bytes.data, "abcd", 4);
	assert_int_equal(source_next(source, &packet), SOURCE_END);
	source_close(source);
	return true;
}

static bool file_once(void)
{
	struct options options;

	options_init(&options);
	options.read_file = capture;
	return read_once(&options);
}

static bool list_once(void)
{
	struct options options;

	options_init(&options);
	options.read_list = list;
	return read_once(&options);
}

static bool filter_file_once(void)
{
	struct options options;

	options_init(&options);
	options.read_file = capture;
	options.filter_file = "/dev/null";
	return read_once(&options);
}

static bool write_once(void)
{
	struct options options;
	struct writer *writer;

	options_init(&options);
	options.write_file = "/dev/null";
	writer = writer_open(&options, ETHERNET, 1500, error);
	writer_close(writer);
	return writer;
}

static bool write_pcapng_once(void)
{
	const struct packet packet = {
	    .time = 1000002000, .wire_len = 4, .link_type = ETHERNET, .bytes = ws_span_of("abcd", 4)};
	struct options options;
	struct writer *writer;
	bool ok;

	options_init(&options);
	options.write_file = written;
	writer = writer_open(&options, ETHERNET, 1500, error);
	if (!writer)
		return false;
	ok = writer_packet(writer, &packet, ws_span_str("a comment")) == WRITER_DONE &&
	     writer_end(writer) == WRITER_DONE;
	if (!ok)
		snprintf(error, sizeof(error), "%s", writer_error(writer));
	writer_close(writer);
	return ok;
}

static void test_options(void **state)
{
	(void)state;
	under_every_failure(parse_once);
}

static void test_file(void **state)
{
	(void)state;
	under_every_failure(file_once);
}

static void test_list(void **state)
{
	(void)state;
	under_every_failure(list_once);
}

static void test_filter_file(void **state)
{
	(void)state;
	under_every_failure(filter_file_once);
}

static void test_writer(void **state)
{
	(void)state;
	under_every_failure(write_once);
	under_every_failure(write_pcapng_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_options),     cmocka_unit_test(test_file),   cmocka_unit_test(test_list),
	    cmocka_unit_test(test_filter_file), cmocka_unit_test(test_writer),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
