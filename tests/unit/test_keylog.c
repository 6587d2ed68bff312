/* The file that a key log is: it comes late, grows, is cut and replaced. */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "wscap/keylog.h"

#define SECRET "0f0e0d0c0b0a090807060504030201000f0e0d0c0b0a09080706050403020100"

struct fixture {
	char folder[32], path[64], other[64];
	struct tls_keyring *keyring;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	strcpy(fixture->folder, "/tmp/wscap-keylog.XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof(fixture->path), "%s/keys", fixture->folder);
	snprintf(fixture->other, sizeof(fixture->other), "%s/other", fixture->folder);
	fixture->keyring = tls_keyring_create(100);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	unlink(fixture->path);
	unlink(fixture->other);
	rmdir(fixture->folder);
	tls_keyring_destroy(fixture->keyring);
	free(fixture);
	return 0;
}

/* A line whose random begins with this number, or a part of it. */
static void write_line(const char *path, const char *mode, unsigned number, int from, int to)
{
	char line[256];
	FILE *file = fopen(path, mode);
	int len = snprintf(line, sizeof(line), "CLIENT_TRAFFIC_SECRET_0 %02x%062d " SECRET "\n", number, 0);

	assert_non_null(file);
	fwrite(line + from, 1, (size_t)((to < 0 ? len : to) - from), file);
	assert_int_equal(fclose(file), 0);
}

static bool knows(const struct fixture *fixture, uint8_t number)
{
	uint8_t random[TLS_RANDOM_LEN] = {number};
	struct tls_secret secret;

	return tls_keyring_find(fixture->keyring, TLS_LABEL_CLIENT_TRAFFIC, random, &secret);
}

static void test_growing(void **state)
{
	struct fixture *fixture = *state;
	struct keylog *keylog;
	int error = 0;

	write_line(fixture->path, "w", 1, 0, -1);
	keylog = keylog_open(fixture->path, fixture->keyring, false, &error);
	assert_non_null(keylog);
	assert_true(knows(fixture, 1));
	write_line(fixture->path, "a", 2, 0, 50);
	keylog_refresh_now(keylog);
	assert_false(knows(fixture, 2));
	write_line(fixture->path, "a", 2, 50, -1);
	keylog_refresh_now(keylog);
	assert_true(knows(fixture, 2));
	keylog_close(keylog);
}

/* A program that starts anew may empty the file, or put another one in its place. */
static void test_cut_and_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct keylog *keylog;
	int error = 0;

	write_line(fixture->path, "w", 1, 0, -1);
	write_line(fixture->path, "a", 2, 0, -1);
	keylog = keylog_open(fixture->path, fixture->keyring, false, &error);
	assert_non_null(keylog);
	write_line(fixture->path, "w", 3, 0, -1);
	keylog_refresh_now(keylog);
	assert_true(knows(fixture, 3));
	write_line(fixture->other, "w", 4, 0, -1);
	assert_int_equal(rename(fixture->other, fixture->path), 0);
	keylog_refresh_now(keylog);
	assert_true(knows(fixture, 4) && knows(fixture, 1));
	unlink(fixture->path);
	keylog_refresh_now(keylog);
	write_line(fixture->path, "w", 5, 0, -1);
	keylog_refresh_now(keylog);
	assert_true(knows(fixture, 5));
	keylog_close(keylog);
}

static void test_missing(void **state)
{
	struct fixture *fixture = *state;
	struct keylog *keylog;
	int error = 0;

	assert_null(keylog_open(fixture->path, fixture->keyring, false, &error));
	assert_int_equal(error, ENOENT);
	assert_null(keylog_open(fixture->folder, fixture->keyring, true, &error));
	assert_int_equal(error, EISDIR);
	keylog = keylog_open(fixture->path, fixture->keyring, true, &error);
	assert_non_null(keylog);
	keylog_refresh_now(keylog);
	write_line(fixture->path, "w", 7, 0, -1);
	keylog_refresh_now(keylog);
	assert_true(knows(fixture, 7));
	keylog_close(keylog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_growing, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_cut_and_replaced, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_missing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
