#include "test.h"

#include "wschat/burst.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	TEXT_MAX = 64,
};

/* One end of a socket pair, and what its send told. */
struct peer {
	int fds[2];
	char text[TEXT_MAX];
	long result;
	unsigned told, place; /* how often; after how many others */
};

static struct peer peers[BURST_MAX];
static unsigned told;

static struct burst *create(void)
{
	struct burst *burst = burst_create();

	if (!burst && (errno == ENOSYS || errno == EPERM || errno == EINVAL)) {
		print_message("# no io_uring here: %s\n", strerror(errno));
		skip();
	}
	assert_non_null(burst);
	return burst;
}

static void open_peers(unsigned count)
{
	told = 0;
	for (unsigned i = 0; i < count; i++) {
		peers[i] = (struct peer){0};
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, peers[i].fds), 0);
		snprintf(peers[i].text, sizeof(peers[i].text), "to number %u", i);
	}
}

static void close_peers(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		close(peers[i].fds[0]);
		close(peers[i].fds[1]);
	}
}

static void add(struct burst *burst, unsigned i)
{
	assert_true(burst_add(burst, peers[i].fds[0], peers[i].text, strlen(peers[i].text), &peers[i]));
}

static void done(void *owner, long result)
{
	struct peer *peer = owner;

	peer->result = result;
	peer->told++;
	peer->place = told++;
}

static void assert_heard(unsigned i)
{
	char got[TEXT_MAX];
	ssize_t len = recv(peers[i].fds[1], got, sizeof(got), 0);

	assert_int_equal(len, strlen(peers[i].text));
	assert_memory_equal(got, peers[i].text, (size_t)len);
	assert_int_equal(peers[i].result, len);
}

/* Full of bytes that nobody reads. */
static void fill(int fd)
{
	static const char bytes[4096];

	while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	assert_int_equal(errno, EAGAIN);
}

static void everyone_gets_their_own(void **state)
{
	static const unsigned sizes[] = {0, 1, BURST_FEW, BURST_FEW + 1, 100, BURST_MAX, BURST_MAX};
	struct burst *burst = create();

	(void)state;
	for (size_t round = 0; round < sizeof(sizes) / sizeof(*sizes); round++) {
		open_peers(sizes[round]);
		for (unsigned i = 0; i < sizes[round]; i++)
			add(burst, i);
		assert_int_equal(burst_count(burst), sizes[round]);
		burst_send(burst, done);
		assert_int_equal(burst_count(burst), 0);
		for (unsigned i = 0; i < sizes[round]; i++) {
			assert_heard(i);
			assert_int_equal(peers[i].told, 1);
			assert_int_equal(peers[i].place, i);
		}
		close_peers(sizes[round]);
	}
	burst_destroy(burst);
}

static void more_than_fit_are_not_taken(void **state)
{
	struct burst *burst = create();

	(void)state;
	open_peers(BURST_MAX);
	for (unsigned i = 0; i < BURST_MAX; i++)
		add(burst, i);
	assert_false(burst_add(burst, peers[0].fds[0], "x", 1, &peers[0]));
	burst_send(burst, done);
	assert_int_equal(told, BURST_MAX);
	close_peers(BURST_MAX);
	burst_destroy(burst);
}

/* Somebody's full or broken socket is their own trouble, wherever they stand, and nobody waits for it. */
static void trouble_is_told_to_its_owner_alone(void **state)
{
	enum { COUNT = 20, FULL = 0, GONE = 7, CLOSED = 19 };
	struct burst *burst = create();

	(void)state;
	signal(SIGPIPE, SIG_DFL); /* must not come */
	open_peers(COUNT);
	fill(peers[FULL].fds[0]);
	close(peers[GONE].fds[1]);
	close(peers[CLOSED].fds[0]);
	for (unsigned i = 0; i < COUNT; i++)
		add(burst, i);
	burst_send(burst, done);
	assert_int_equal(told, COUNT);
	assert_int_equal(peers[FULL].result, -EAGAIN);
	assert_int_equal(peers[GONE].result, -EPIPE);
	assert_int_equal(peers[CLOSED].result, -EBADF);
	for (unsigned i = 0; i < COUNT; i++)
		if (i != FULL && i != GONE && i != CLOSED)
			assert_heard(i);
	close_peers(COUNT);
	burst_destroy(burst);
}

/* What does not fit is not sent later, behind our back. */
static void a_short_send_tells_how_much(void **state)
{
	enum { COUNT = BURST_FEW + 2, LEN = 8 << 20 };
	static char bytes[LEN], got[LEN];
	struct burst *burst = create();
	ssize_t len, all = 0;

	(void)state;
	open_peers(COUNT);
	burst_add(burst, peers[0].fds[0], bytes, sizeof(bytes), &peers[0]);
	for (unsigned i = 1; i < COUNT; i++)
		add(burst, i);
	burst_send(burst, done);
	assert_true(peers[0].result > 0 && peers[0].result < LEN);
	for (unsigned i = 1; i < COUNT; i++)
		assert_heard(i);
	while ((len = recv(peers[0].fds[1], got, sizeof(got), 0)) > 0)
		all += len;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(all, peers[0].result);
	close_peers(COUNT);
	burst_destroy(burst);
}

static void nothing_is_destroyed(void **state)
{
	(void)state;
	burst_destroy(NULL);
	burst_destroy(create());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everyone_gets_their_own),
	    cmocka_unit_test(more_than_fit_are_not_taken),
	    cmocka_unit_test(trouble_is_told_to_its_owner_alone),
	    cmocka_unit_test(a_short_send_tells_how_much),
	    cmocka_unit_test(nothing_is_destroyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
