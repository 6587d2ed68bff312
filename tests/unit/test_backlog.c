/* What goes through the backlog comes out whole and in order, whatever its sizes; what finds no room is refused, and
 * nothing else is. With two threads, and with one that plays both. */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "wscap/backlog.h"
#include "wscap/bell.h"

enum {
	PACKETS = 300000,
	CHUNKS = 3,
	LONGEST = 262144, /* libpcap's */
	HEADER = sizeof(struct backlog_packet),
};

static uint8_t pattern[LONGEST + 256];

static void make_pattern(void)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i * 131 + (i >> 8));
}

static uint32_t dice(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* Mostly as on a network, now and then none, an odd one, or the longest. */
static uint32_t random_len(uint32_t *state)
{
	uint32_t which = dice(state) % 1000;

	if (which == 0)
		return LONGEST;
	if (which < 50)
		return dice(state) % 65536;
	return which < 100 ? 0 : dice(state) % 1500;
}

static bool put(struct backlog *backlog, uint32_t number, uint32_t len)
{
	const struct backlog_packet packet = {
	    .time = number, .taken = -(int64_t)number, .wire_len = ~number, .len = len};

	return backlog_put(backlog, &packet, pattern + number % 256);
}

static void check(const struct backlog_packet *packet, uint32_t number)
{
	struct ws_span bytes = backlog_bytes(packet);

	assert_int_equal(packet->time, number);
	assert_int_equal(packet->taken, -(int64_t)number);
	assert_int_equal(packet->wire_len, ~number);
	assert_memory_equal(bytes.data, pattern + number % 256, bytes.len);
}

static void test_first_and_next(void **state)
{
	struct backlog backlog;

	(void)state;
	assert_int_equal(backlog_init(&backlog, BACKLOG_MIN), 0);
	assert_null(backlog_first(&backlog));
	assert_true(put(&backlog, 1, 100));
	assert_true(put(&backlog, 2, 0));
	assert_null(backlog_first(&backlog)); /* not published */
	backlog_publish(&backlog);
	check(backlog_first(&backlog), 1);
	check(backlog_first(&backlog), 1);
	backlog_next(&backlog);
	check(backlog_first(&backlog), 2);
	backlog_next(&backlog);
	assert_null(backlog_first(&backlog));
	backlog_finish(&backlog);
	backlog_finish(&backlog);
}

/* One thread plays both, in random turns. A model says what is in it. */
static void test_random_turns(void **state)
{
	uint32_t seed = 1, written = 0, published = 0, read = 0, refused = 0;
	static uint32_t lens[PACKETS];
	struct backlog backlog;
	size_t waiting = 0;

	(void)state;
	assert_int_equal(backlog_init(&backlog, CHUNKS * BACKLOG_CHUNK), 0);
	while (written < PACKETS) {
		uint32_t burst = dice(&seed) % (dice(&seed) % 16 ? 8 : 3000);

		for (; burst && written < PACKETS; burst--) {
			uint32_t len = random_len(&seed);

			if (put(&backlog, written, len)) {
				lens[written++] = len;
				waiting += HEADER + len;
				continue;
			}
			refused++;
			/* Only where what waits, and the ends of chunks that were too short, fill it. */
			assert_true(atomic_load(&backlog.count) == backlog.count_max);
			assert_null(atomic_load(&backlog.spare));
			assert_true(written == read ||
				    waiting + (size_t)CHUNKS * LONGEST > (size_t)(CHUNKS - 1) * BACKLOG_CHUNK);
		}
		if (dice(&seed) % 4) {
			backlog_publish(&backlog);
			published = written;
		}
		for (burst = dice(&seed) % (dice(&seed) % 16 ? 8 : 3000); burst; burst--) {
			const struct backlog_packet *packet = backlog_first(&backlog);

			/* a chunk that is full was published with it */
			assert_true(packet || read >= published);
			if (!packet)
				break;
			assert_true(read < written);
			assert_int_equal(packet->len, lens[read]);
			check(packet, read);
			waiting -= HEADER + lens[read++];
			backlog_next(&backlog);
		}
	}
	assert_true(refused > 0);
	backlog_finish(&backlog);
}

/* Filled to the brim and emptied, again and again: nothing of it is lost, and it holds what it should. */
static void test_full(void **state)
{
	struct backlog backlog;
	uint32_t number = 0;

	(void)state;
	assert_int_equal(backlog_init(&backlog, 2 * BACKLOG_MIN), 0);
	for (int turn = 0; turn < 20; turn++) {
		uint32_t first = number, len = 1 + (uint32_t)turn * 97;

		while (put(&backlog, number, len))
			number++;
		/* all of it, but for an end too short in each chunk, and what the turn before left in the first */
		assert_true((number - first + 8) * (size_t)(HEADER + len + 8) + BACKLOG_CHUNK >= 2 * BACKLOG_MIN);
		assert_false(put(&backlog, number, LONGEST));
		backlog_publish(&backlog);
		for (; first < number; first++) {
			check(backlog_first(&backlog), first);
			backlog_next(&backlog);
		}
		assert_null(backlog_first(&backlog));
		assert_true(put(&backlog, number, LONGEST)); /* the longest always finds room in an empty one */
		backlog_publish(&backlog);
		check(backlog_first(&backlog), number++);
		backlog_next(&backlog);
	}
	backlog_finish(&backlog);
}

/* A reader that keeps up has two chunks; what a burst took goes back. */
static void test_memory_goes_back(void **state)
{
	uint32_t number = 0, read = 0;
	struct backlog backlog;

	(void)state;
	assert_int_equal(backlog_init(&backlog, 64 << 20), 0);
	for (int burst = 0; burst < 2; burst++) {
		while (burst && put(&backlog, number, 1000))
			number++;
		assert_int_equal(atomic_load(&backlog.count), burst ? 128 : 1);
		backlog_publish(&backlog);
		for (int i = 0; i < 100000; i++) {
			for (; read < number; read++) {
				check(backlog_first(&backlog), read);
				backlog_next(&backlog);
			}
			assert_true(put(&backlog, number++, 300));
			backlog_publish(&backlog);
		}
		assert_true(atomic_load(&backlog.count) <= (burst ? BACKLOG_SPARE + 2u : 2u));
	}
	backlog_finish(&backlog);
}

struct pair {
	struct backlog backlog;
	struct bell bell;
	atomic_bool ended;
	uint32_t refused;
};

static void *write_packets(void *context)
{
	struct pair *pair = context;
	uint32_t seed = 7;

	for (uint32_t number = 0; number < PACKETS;) {
		for (uint32_t batch = 1 + dice(&seed) % 300; batch && number < PACKETS; batch--) {
			if (put(&pair->backlog, number, random_len(&seed) % 2000)) {
				number++;
				continue;
			}
			pair->refused++;
			break;
		}
		backlog_publish(&pair->backlog);
		bell_ring(&pair->bell);
		if (dice(&seed) % 64 == 0)
			sched_yield();
	}
	atomic_store(&pair->ended, true);
	bell_ring(&pair->bell);
	return NULL;
}

static const struct backlog_packet *wait_for_first(struct pair *pair)
{
	for (;;) {
		bool ended = atomic_load(&pair->ended);
		const struct backlog_packet *packet;

		bell_set_asleep(&pair->bell, true);
		packet = backlog_first(&pair->backlog);
		if (packet || ended) {
			bell_set_asleep(&pair->bell, false);
			return packet;
		}
		/* Nothing else wakes it: a ring that is lost fails the test. */
		if (!atomic_load(&pair->ended))
			assert_true(bell_sleep(&pair->bell, 60000));
		else
			bell_set_asleep(&pair->bell, false);
	}
}

static void test_two_threads(void **state)
{
	static struct pair pair;
	const struct backlog_packet *packet;
	uint32_t number = 0, seed = 3;
	pthread_t thread;

	(void)state;
	assert_int_equal(bell_init(&pair.bell), 0);
	assert_int_equal(backlog_init(&pair.backlog, BACKLOG_MIN), 0);
	assert_int_equal(pthread_create(&thread, NULL, write_packets, &pair), 0);
	while ((packet = wait_for_first(&pair))) {
		check(packet, number++);
		backlog_next(&pair.backlog);
		if (dice(&seed) % 5000 == 0)
			usleep(2000); /* the writer finds it full */
	}
	pthread_join(thread, NULL);
	assert_int_equal(number, PACKETS);
	backlog_finish(&pair.backlog);
	bell_finish(&pair.bell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_first_and_next),   cmocka_unit_test(test_random_turns), cmocka_unit_test(test_full),
	    cmocka_unit_test(test_memory_goes_back), cmocka_unit_test(test_two_threads),
	};

	make_pattern();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
