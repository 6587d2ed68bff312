#include "test.h"

#include "wschat/sendq.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	READERS = 20,
	ROUNDS = 4000,
	HEARD_MAX = 4 << 20,
};

/* A client with a socket whose other end we read, and what it must hear, kept beside. */
struct hearer {
	struct sendq queue;
	int fds[2];
	char *want;
	char *heard;
	size_t want_len, heard_len;
};

static void hearer_init(struct hearer *hearer)
{
	*hearer = (struct hearer){.want = malloc(HEARD_MAX), .heard = malloc(HEARD_MAX)};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, hearer->fds), 0);
}

static void hearer_finish(struct hearer *hearer)
{
	sendq_finish(&hearer->queue);
	close(hearer->fds[0]);
	close(hearer->fds[1]);
	free(hearer->want);
	free(hearer->heard);
}

static void must_hear(struct hearer *hearer, const char *text, size_t len)
{
	assert_true(hearer->want_len + len <= HEARD_MAX);
	memcpy(hearer->want + hearer->want_len, text, len);
	hearer->want_len += len;
}

static void drain(struct hearer *hearer)
{
	ssize_t got;

	while ((got = read(hearer->fds[1], hearer->heard + hearer->heard_len, HEARD_MAX - hearer->heard_len)) > 0)
		hearer->heard_len += (size_t)got;
}

static void send_all(struct hearer *hearer)
{
	while (sendq_waiting(&hearer->queue)) {
		long sent = sendq_send(&hearer->queue, hearer->fds[0]);

		assert_true(sent > 0 || sent == -EAGAIN);
		drain(hearer);
	}
	drain(hearer);
	assert_int_equal(hearer->heard_len, hearer->want_len);
	assert_memory_equal(hearer->heard, hearer->want, hearer->want_len);
}

static size_t make_frame(char *text, size_t max, unsigned number)
{
	size_t len = (size_t)rand() % 200 + 1;

	if (rand() % 100 == 0)
		len = (size_t)rand() % max + 1; /* more than a chunk of the tape, at times */
	for (size_t i = 0; i < len; i++)
		text[i] = (char)('a' + (number + i) % 26);
	return len;
}

/* Two tapes, many clients who move between them, own bytes between: each hears exactly what it should, in order. */
static void test_everybody_hears_everything_in_order(void **state)
{
	static char text[100000];
	struct hearer hearers[READERS];
	struct tape tapes[2] = {0};

	(void)state;
	srand(7);
	for (int i = 0; i < READERS; i++)
		hearer_init(&hearers[i]);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct hearer *hearer = &hearers[rand() % READERS];
		struct tape *tape = &tapes[rand() % 2];
		size_t len = make_frame(text, sizeof(text), round);

		switch (rand() % 8) {
		case 0:
			assert_int_equal(sendq_tune(&hearer->queue, tape), 0);
			break;
		case 1:
			if (rand() % 4 == 0)
				assert_int_equal(sendq_untune(&hearer->queue), 0);
			break;
		case 2:
			assert_int_equal(sendq_add(&hearer->queue, ws_span_of(text, len)), 0);
			must_hear(hearer, text, len);
			break;
		case 3:
			drain(hearer);
			sendq_send(&hearer->queue, hearer->fds[0]);
			break;
		default:
			assert_int_equal(tape_append(tape, ws_span_of(text, len)), 0);
			for (int i = 0; i < READERS; i++)
				if (hearers[i].queue.tape == tape)
					must_hear(&hearers[i], text, len);
			break;
		}
		/* Enough are slow that chunks pile up, but not for ever. */
		if (sendq_waiting(&hearer->queue) > 500000)
			send_all(hearer);
	}
	for (int i = 0; i < READERS; i++) {
		send_all(&hearers[i]);
		hearer_finish(&hearers[i]);
	}
	tape_finish(&tapes[0]);
	tape_finish(&tapes[1]);
}

/* However much is said: while all keep up, it goes through the same few bytes. */
static void test_who_keeps_up_costs_one_chunk(void **state)
{
	struct hearer hearers[READERS];
	struct tape tape = {0};
	struct tape_chunk *first = NULL;
	char text[400];

	(void)state;
	for (int i = 0; i < READERS; i++) {
		hearer_init(&hearers[i]);
		assert_int_equal(sendq_tune(&hearers[i].queue, &tape), 0);
	}
	first = tape.last;
	for (unsigned round = 0; round < 100; round++) {
		memset(text, 'a' + (int)(round % 26), sizeof(text));
		assert_int_equal(tape_append(&tape, ws_span_of(text, sizeof(text))), 0);
		for (int i = 0; i < READERS; i++) {
			must_hear(&hearers[i], text, sizeof(text));
			send_all(&hearers[i]);
		}
		assert_ptr_equal(tape.last, first);
	}
	for (int i = 0; i < READERS; i++)
		hearer_finish(&hearers[i]);
	tape_finish(&tape);
}

static void test_a_broken_socket_says_so(void **state)
{
	struct hearer hearer;

	(void)state;
	hearer_init(&hearer);
	assert_int_equal(sendq_send(&hearer.queue, hearer.fds[0]), 0);
	assert_int_equal(sendq_add(&hearer.queue, ws_span_str("x")), 0);
	assert_int_equal(sendq_waiting(&hearer.queue), 1);
	shutdown(hearer.fds[0], SHUT_WR);
	assert_int_equal(sendq_send(&hearer.queue, hearer.fds[0]), -EPIPE);
	hearer_finish(&hearer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_everybody_hears_everything_in_order),
	    cmocka_unit_test(test_who_keeps_up_costs_one_chunk),
	    cmocka_unit_test(test_a_broken_socket_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
