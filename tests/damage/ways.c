/* Where the packets before a place are many they are read once, for all places: at each of them a child process goes on
 * from there by itself. So a cut costs what a fork does. Where they are few that is more than to read them again. */
#include "ways.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FORK_PACKETS = 3000, /* that take longer to read than a fork takes */
	FORK_BYTES = 1 << 20,
};

struct damaging {
	struct run *run;
	const struct limits *limits;
	const struct part *part;
	size_t stride, tail;
	uint32_t random;
	bool forks;
};

/* The next place, or one that is as far on as the stride is, on average. */
static size_t next(struct damaging *damaging, size_t place)
{
	damaging->random = damaging->random * 1664525 + 1013904223;
	return place + 1 + (damaging->random >> 8) % (2 * damaging->stride - 1);
}

/* The packets in [from, to). */
static void read_packets(const struct damaging *damaging, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		run_packet(damaging->run, damaging->part->places[i]);
}

static void begin(const struct damaging *damaging)
{
	told_begin(damaging->run->told);
	run_begin(damaging->run, damaging->limits);
}

/* The packets from there on, as far as the tail is long. */
static void end_joined(const struct damaging *damaging, size_t place)
{
	const struct part *part = damaging->part;
	size_t end = part->count - place > damaging->tail ? place + damaging->tail : part->count;

	read_packets(damaging, place, end);
	run_end(damaging->run);
	told_end(damaging->run->told, end < part->count ? part->places[end] : SIZE_MAX);
}

/* Of a loss at its end nobody can know. */
static void end_cut(const struct damaging *damaging, size_t place)
{
	(void)place;
	run_end(damaging->run);
	told_end(damaging->run->told, 0);
}

static void end_without(const struct damaging *damaging, size_t place)
{
	end_joined(damaging, place + 1);
}

/* The rest of a reading, in a child of its own. */
static void end_in_child(const struct damaging *damaging, void (*end)(const struct damaging *damaging, size_t place),
			 size_t place)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		abort();
	if (!child) {
		end(damaging, place);
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status)
		told_complain(damaging->run->told, "ended with status %#x", (unsigned)status);
}

/* A reading that is the whole's up to place. */
static void damage_at(const struct damaging *damaging, const char *what, size_t place,
		      void (*end)(const struct damaging *damaging, size_t place))
{
	size_t count = damaging->part->count;

	told_name(damaging->run->told, what, place < count ? damaging->part->places[place] : place);
	if (damaging->forks) {
		end_in_child(damaging, end, place);
		return;
	}
	begin(damaging);
	read_packets(damaging, 0, place);
	end(damaging, place);
}

static void damage_behind(struct damaging *damaging)
{
	size_t cut = 0, without = 0, count = damaging->part->count;

	told_name(damaging->run->told, "up to", 0);
	if (damaging->forks)
		begin(damaging);
	for (size_t i = 0; i <= count; i++) {
		if (i == cut) {
			damage_at(damaging, "cut at", i, end_cut);
			cut = next(damaging, cut);
		}
		if (i == without && i < count) {
			damage_at(damaging, "without", i, end_without);
			without = next(damaging, without);
		}
		told_name(damaging->run->told, "up to", i);
		if (damaging->forks && i < count)
			read_packets(damaging, i, i + 1);
	}
	if (damaging->forks)
		run_end(damaging->run);
}

static void damage_before(struct damaging *damaging)
{
	const struct part *part = damaging->part;

	for (size_t i = 1; i < part->count; i = next(damaging, i)) {
		told_name(damaging->run->told, "joined at", part->places[i]);
		begin(damaging);
		end_joined(damaging, i);
	}
}

static bool is_large(const struct run *run, const struct part *part)
{
	size_t bytes = 0;

	for (size_t i = 0; i < part->count; i++)
		bytes += run->packets.list[part->places[i]].bytes.len;
	return part->count > FORK_PACKETS || bytes > FORK_BYTES;
}

void damage(struct run *run, const struct limits *limits, const struct part *part, size_t stride, size_t tail)
{
	struct damaging damaging = {
	    .run = run, .limits = limits, .part = part, .stride = stride, .tail = tail, .forks = is_large(run, part)};

	damage_behind(&damaging);
	damage_before(&damaging);
}
