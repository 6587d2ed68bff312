/* A load on a chat server, and what it makes of it: many clients in a room, some of them saying something.
 *
 *     connect all ─► opening handshake ─► login ─► (everybody is in) ─► say ─► count, and how late
 *
 * With --rate the senders say something by a schedule, all of them at the same moment. That is free of coordinated
 * omission: each message carries the time at which the schedule had it sent, whether or not the server (or this
 * program) was late then, and what a receiver sees is measured from there. With --rate 0 each sender says its next as
 * soon as it has heard its last: as fast as it goes, with one message of each sender under way.
 *
 * --warm is how many seconds of that go before, unmeasured: Node compiles what it runs often.
 *
 * --hold tells when everybody is in, and waits for the end of standard input before anything is said. The server's CPU
 * time is its process's clock. One thread, epoll; it shares no code with the servers but libws's frame header, mask and
 * inflate. Prints lines of JSON. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "crowd.h"
#include "histogram.h"

enum {
	DRAIN_SECONDS = 10, /* nothing to hear for so long: what was not heard until then is missing, and not late */
	QUIET_MS = 500,     /* nothing to hear for so long: the last ones' logins have gone out to everybody */
	QUIET_SECONDS_MAX = 60,
};

struct load {
	struct crowd crowd; /* first */
	unsigned senders, size;
	double rate, seconds, warm;
	int pid;
	bool hold;
	bool saying; /* --rate 0: senders go on */
	int64_t heard_at;
	uint64_t said, heard, expected;
	struct histogram late;
};

/* Of the server, user and system; 0 without --pid. */
static double cpu_seconds(int pid)
{
	struct timespec used;
	clockid_t clock;

	if (!pid)
		return 0;
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) < 0)
		die("the server's clock");
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* Who is in the room of this one. */
static unsigned listeners(const struct load *load)
{
	return load->crowd.room_size ? load->crowd.room_size : load->crowd.inside;
}

static void say(struct load *load, unsigned sender, int64_t time)
{
	static char text[CROWD_TEXT_MAX];
	int len =
	    snprintf(text, sizeof(text),
		     "{\"type\":\"say\",\"to_client_id\":\"all\",\"to_client_name\":\"all\",\"content\":\"@%lld %u ",
		     (long long)time, sender);
	size_t have = (size_t)len - (size_t)(strchr(text, '@') - text);

	/* load->size bytes of content */
	while (have++ < load->size)
		text[len++] = 'x';
	memcpy(text + len, "\"}", 2);
	load->said++;
	load->expected += listeners(load);
	crowd_say(&load->crowd, sender, text, (size_t)len + 2);
}

static void hear(struct crowd *crowd, unsigned peer, struct ws_span text)
{
	static const char mark[] = "\"content\":\"@";
	struct load *load = (struct load *)crowd;
	const char *at = memmem(text.data, text.len < 300 ? text.len : 300, mark, sizeof(mark) - 1);
	int64_t now = now_ns();
	char *end;

	load->heard_at = now;
	if (!at)
		return;
	load->heard++;
	histogram_add(&load->late, now - strtoll(at + sizeof(mark) - 1, &end, 10));
	if (load->saying && strtoul(end, NULL, 10) == peer)
		say(load, peer, now);
}

/* By the schedule: all senders at once, load->rate messages a second. */
static void say_by_schedule(struct load *load, int64_t begin, int64_t end)
{
	double step = 1e9 / load->rate * load->senders;

	for (uint64_t number = 0;; number++) {
		int64_t scheduled = begin + (int64_t)((double)number * step);

		if (scheduled >= end)
			return;
		while (now_ns() < scheduled)
			crowd_turn(&load->crowd, scheduled);
		for (unsigned sender = 0; sender < load->senders; sender++)
			say(load, sender, scheduled);
		crowd_turn(&load->crowd, 0);
	}
}

static void say_in_turns(struct load *load, int64_t end)
{
	load->saying = true;
	for (unsigned sender = 0; sender < load->senders; sender++)
		say(load, sender, now_ns());
	while (now_ns() < end)
		crowd_turn(&load->crowd, end);
	load->saying = false;
}

/* Goes on as before, but nothing of what was counted counts any more. */
static void start_again(struct load *load)
{
	load->said = load->heard = load->expected = 0;
	histogram_clear(&load->late);
}

/* Returns the seconds that it took: what is still on its way counts, and so does the time that it takes. */
static double run(struct load *load, double wanted)
{
	int64_t begin = now_ns(), end = begin + (int64_t)(wanted * 1e9);

	load->heard_at = begin;
	if (load->rate > 0)
		say_by_schedule(load, begin, end);
	else
		say_in_turns(load, end);
	while (load->heard < load->expected && now_ns() < load->heard_at + INT64_C(1000000000) * DRAIN_SECONDS)
		crowd_turn(&load->crowd, now_ns() + 50000000);
	return (double)(load->heard_at - begin) / 1e9;
}

static void become_quiet(struct load *load)
{
	int64_t begin = now_ns();

	load->heard_at = begin;
	while (now_ns() < load->heard_at + QUIET_MS * INT64_C(1000000) &&
	       now_ns() < begin + QUIET_SECONDS_MAX * INT64_C(1000000000))
		crowd_turn(&load->crowd, load->heard_at + QUIET_MS * INT64_C(1000000));
}

static void wait_for_word(struct load *load)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char byte;

	do {
		crowd_turn(&load->crowd, now_ns() + 50000000);
	} while (poll(&input, 1, 0) == 0 || read(STDIN_FILENO, &byte, 1) > 0);
}

static void read_options(struct load *load, int argc, char **argv)
{
	static const struct option names[] = {{"clients", 1, NULL, 'c'},
					      {"senders", 1, NULL, 's'},
					      {"rate", 1, NULL, 'r'},
					      {"seconds", 1, NULL, 't'},
					      {"size", 1, NULL, 'b'},
					      {"port", 1, NULL, 'p'},
					      {"pid", 1, NULL, 'P'},
					      {"room-size", 1, NULL, 'R'},
					      {"no-login", 0, NULL, 'L'},
					      {"compress", 0, NULL, 'z'},
					      {"hold", 0, NULL, 'h'},
					      {"warm", 1, NULL, 'w'},
					      {0}};
	int got;

	*load = (struct load){.crowd = {.clients = 1000, .port = 7272, .log_in = true, .hear = hear},
			      .senders = 1,
			      .size = 100,
			      .rate = 100,
			      .seconds = 5};
	while ((got = getopt_long(argc, argv, "", names, NULL)) != -1) {
		double value = optarg ? strtod(optarg, NULL) : 0;

		switch (got) {
		case 'c':
			load->crowd.clients = (unsigned)value;
			break;
		case 's':
			load->senders = (unsigned)value;
			break;
		case 'r':
			load->rate = value;
			break;
		case 't':
			load->seconds = value;
			break;
		case 'b':
			load->size = (unsigned)value;
			break;
		case 'p':
			load->crowd.port = (int)value;
			break;
		case 'P':
			load->pid = (int)value;
			break;
		case 'R':
			load->crowd.room_size = (unsigned)value;
			break;
		case 'L':
			load->crowd.log_in = false;
			break;
		case 'z':
			load->crowd.compress = true;
			break;
		case 'w':
			load->warm = value;
			break;
		case 'h':
			load->hold = true;
			break;
		default:
			exit(2);
		}
	}
	if (!load->crowd.clients || !load->senders || load->senders > load->crowd.clients || load->rate < 0 ||
	    load->size > CROWD_TEXT_MAX / 2) {
		fprintf(stderr, "load: these numbers make no load\n");
		exit(2);
	}
}

static void report(struct load *load, double seconds, double cpu)
{
	printf("{\"clients\":%u,\"senders\":%u,\"rate\":%.0f,\"size\":%u,\"gone\":%u,\"said\":%llu,\"heard\":%llu,"
	       "\"missing\":%lld,\"seconds\":%.3f,\"cpu_seconds\":%.3f,\"per_second\":%.0f,\"per_cpu_second\":%.0f,"
	       "\"p50_us\":%.0f,\"p99_us\":%.0f,\"max_us\":%.0f}\n",
	       load->crowd.clients, load->senders, load->rate, load->size, load->crowd.gone,
	       (unsigned long long)load->said, (unsigned long long)load->heard,
	       (long long)load->expected - (long long)load->heard, seconds, cpu, (double)load->heard / seconds,
	       cpu > 0 ? (double)load->heard / cpu : 0, (double)histogram_at(&load->late, 0.5) / 1e3,
	       (double)histogram_at(&load->late, 0.99) / 1e3, (double)histogram_at(&load->late, 1) / 1e3);
}

int main(int argc, char **argv)
{
	static struct load load;
	struct rlimit files;
	double cpu, seconds;
	int64_t took;

	read_options(&load, argc, argv);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	crowd_init(&load.crowd);
	if (histogram_init(&load.late) < 0)
		die("setting up");
	cpu = cpu_seconds(load.pid);
	took = crowd_come(&load.crowd);
	become_quiet(&load);
	printf("{\"inside\":%u,\"gone\":%u,\"login_ms\":%.1f,\"login_cpu_seconds\":%.3f}\n", load.crowd.inside,
	       load.crowd.gone, (double)took / 1e6, cpu_seconds(load.pid) - cpu);
	fflush(stdout);
	if (load.hold)
		wait_for_word(&load);
	if (load.seconds <= 0)
		return 0;
	if (load.warm > 0)
		run(&load, load.warm);
	start_again(&load);
	cpu = cpu_seconds(load.pid);
	seconds = run(&load, load.seconds);
	report(&load, seconds, cpu_seconds(load.pid) - cpu);
	return 0;
}
