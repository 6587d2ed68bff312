#include "test.h"

#include "wschat/burst.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

/* From now on this process's kernel does not let it make this call, as a container's rules would not. */
static void forbid(unsigned call)
{
	struct sock_filter rules[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(rules) / sizeof(*rules), .filter = rules};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(77);
}

/* In a process of its own, which ends with 0 when all was well, and with 77 where nothing can be forbidden. */
static void in_a_child(int (*body)(struct burst *burst), struct burst *burst)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		_exit(body(burst));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int no_ring_at_all(struct burst *burst)
{
	(void)burst;
	forbid(__NR_io_uring_setup);
	return burst_create() != NULL || errno != EPERM;
}

static void where_it_is_forbidden_there_is_none(void **state)
{
	(void)state;
	in_a_child(no_ring_at_all, NULL);
}

static bool all_heard(unsigned count)
{
	char got[TEXT_MAX];

	for (unsigned i = 0; i < count; i++) {
		ssize_t len = recv(peers[i].fds[1], got, sizeof(got), 0);

		if (len != (ssize_t)strlen(peers[i].text) || memcmp(got, peers[i].text, (size_t)len) != 0 ||
		    peers[i].result != len || recv(peers[i].fds[1], got, sizeof(got), 0) >= 0)
			return false;
	}
	return true;
}

/* A ring that fails: all are sent to once, now and later. */
static int ring_fails(struct burst *burst)
{
	enum { COUNT = 20 };

	for (unsigned round = 0; round < 3; round++) {
		if (round == 1)
			forbid(__NR_io_uring_enter);
		for (unsigned i = 0; i < COUNT; i++)
			burst_add(burst, peers[i].fds[0], peers[i].text, strlen(peers[i].text), &peers[i]);
		burst_send(burst, done);
		if (!all_heard(COUNT))
			return (int)round + 1;
	}
	burst_destroy(burst);
	return 0;
}

static void a_ring_that_fails_loses_nothing(void **state)
{
	struct burst *burst = create();

	(void)state;
	open_peers(20);
	in_a_child(ring_fails, burst);
	close_peers(20);
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
	    cmocka_unit_test(where_it_is_forbidden_there_is_none),
	    cmocka_unit_test(a_ring_that_fails_loses_nothing),
	    cmocka_unit_test(nothing_is_destroyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
