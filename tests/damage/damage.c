/* Reads a capture whole, and then cut off at each of its packets, joined at each, and with each one missing (of a large
 * one at some of them); all with the limits that are usual, and once more with tight ones. What has to hold each time:
 *
 *   no crash    this program ends
 *   no noise    whatever is told was really sent, by the one who sent it, and in that order
 *   the loss    where something that was sent is not told, something says so
 *   memory      what is held stays within the limits, and is given back
 *
 *     damage [--keylog FILE] [wscap's options for limits] -r CAPTURE
 *
 * EVERYWHERE=1 in the environment damages a large one, too, at each packet; EVERYWHERE=20 at every twentieth, on
 * average. As that is quadratic, it is taken apart: what is between two ends is damaged by itself, and all together at
 * some places only. Where that is still more than 10,000 packets, 1,000 of them behind the damage are read, and all of
 * them at some places only.
 *
 * Prints a line for each complaint, and then how much was looked at; exit status 1 where there was a complaint. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "ways.h"
#include "wscap/options.h"
#include "wscap/tls_keyring.h"

/* Where memory is watched all takes five times as long, so a fifth of it is looked at. */
#ifdef __SANITIZE_ADDRESS__
#define SHARE 5
#else
#define SHARE 1
#endif

enum {
	KEYS_MAX = 1 << 20, /* bytes of a key log */
	/* What one packet may add before it is counted, and what is there without any: tables, their first pages, and
	 * room for heads that others may be like (alike.h), which is the largest of these. */
	HEAP_SLACK = (1 << 20) + (640 << 10),
	/* What is larger than either is damaged at some places only: so many that this much is read of each kind of
	 * damage, but some. */
	EVERYWHERE_PACKETS = 1000 / SHARE,
	EVERYWHERE_BYTES = 1 << 20,
	SAMPLE_PACKETS = 200000 / SHARE,
	SAMPLE_BYTES = (64 << 20) / SHARE,
	SAMPLE_MIN = 4, /* places */
	/* What of a part that has more packets than this is read behind the damage, if it is damaged everywhere. */
	WHOLE_PACKETS = 10000,
	TAIL_PACKETS = 1000,
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_small(const struct packets *packets)
{
	return packets->count <= EVERYWHERE_PACKETS && packets->bytes <= EVERYWHERE_BYTES;
}

static size_t choose_stride(const struct packets *packets)
{
	size_t places = packets->count;

	if (packets->count > EVERYWHERE_PACKETS)
		places = smaller(places, SAMPLE_PACKETS / packets->count);
	if (packets->bytes > EVERYWHERE_BYTES)
		places = smaller(places, SAMPLE_BYTES / packets->bytes);
	if (places < SAMPLE_MIN)
		places = SAMPLE_MIN;
	return packets->count / places ? packets->count / places : 1;
}

static void damage_whole(struct run *run, const struct limits *limits, const struct parts *parts, size_t stride)
{
	struct part part;

	part_whole(parts, &part);
	damage(run, limits, &part, stride, SIZE_MAX);
	part_finish(&part);
}

static void damage_each(struct run *run, const struct limits *limits, const struct parts *parts, size_t stride)
{
	for (size_t i = 0; i < parts->count; i++) {
		struct part part;

		part_one(parts, i, &part);
		damage(run, limits, &part, stride, part.count > WHOLE_PACKETS ? TAIL_PACKETS : SIZE_MAX);
		part_finish(&part);
	}
}

/* everywhere: the stride that is asked for; 0: none is. */
static void damage_all(struct run *run, const struct limits *limits, const struct parts *parts, size_t everywhere)
{
	run->sums->most = 0;
	damage_whole(run, limits, parts, choose_stride(&run->packets));
	if (everywhere && !is_small(&run->packets))
		damage_each(run, limits, parts, everywhere);
}

/* So little that the small captures of the tests meet them. */
static struct limits tighten(const struct limits *limits)
{
	struct limits tight = *limits;

	tight.connections = 2;
	tight.waiting = 512;
	tight.waiting_total = tight.head = 2048;
	tight.message = tight.inflated = 256;
	tight.message_total = 1024;
	tight.fragments = tight.compared = 4096;
	tight.streams = 2;
	tight.tls_waiting = tight.tls_waiting_total = 1024;
	return tight;
}

/* The most that may be held: the limits, each buffer grown to twice what is in it; and as nothing that was not
 * captured can be kept, twice that. */
static size_t allowed(const struct run *run, const struct limits *limits)
{
	size_t by_limits = 2 * (limits->waiting_total + limits->message_total + limits->message + limits->inflated +
				limits->fragments + limits->compared + limits->tls_waiting_total);
	size_t by_capture = 2 * run->packets.bytes + 2 * limits->inflated + limits->compared;

	return HEAP_SLACK + (by_limits < by_capture ? by_limits : by_capture);
}

static void check_memory(struct run *run, const char *what, const struct limits *limits)
{
	told_name(run->told, what, run->packets.count);
	if (run->sums->most > allowed(run, limits))
		told_complain(run->told, "held %zu bytes at once, more than %zu", run->sums->most,
			      allowed(run, limits));
}

static void read_keys(struct run *run, const char *path, size_t max)
{
	static uint8_t bytes[KEYS_MAX];
	struct tls_keylog lines = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, bytes, sizeof(bytes));

	run->keyring = tls_keyring_create(max);
	if (!run->keyring || len < 0)
		abort();
	tls_keyring_read(run->keyring, &lines, ws_span_of(bytes, (size_t)len));
	tls_keyring_read_end(run->keyring, &lines);
	close(fd);
}

/* The stride that EVERYWHERE asks for. */
static size_t read_everywhere(void)
{
	const char *word = getenv("EVERYWHERE");
	unsigned long stride = word ? strtoul(word, NULL, 10) : 0;

	return word && !stride ? 1 : stride;
}

/* Returns the most bytes that were held at once with these limits. */
static size_t run_with(struct run *run, const char *what, const struct limits *limits, const struct parts *parts)
{
	damage_all(run, limits, parts, read_everywhere());
	check_memory(run, what, limits);
	return run->sums->most;
}

int main(int argc, char **argv)
{
	char error[SENTENCE_SIZE] = "-r CAPTURE is missing";
	struct run run = {0};
	struct options options;
	struct limits tight;
	struct parts parts;
	size_t usual_most, tight_most;
	bool bad;

	options_init(&options);
	if (options_parse(&options, argc, argv, error, sizeof(error)) != 0 || !options.read_file) {
		fprintf(stderr, "%s\n", error);
		return 2;
	}
	tight = tighten(&options.limits);
	if (options.keylog_file)
		read_keys(&run, options.keylog_file, options.limits.keys);
	if (!packets_read(options.read_file, &run.packets))
		return 2;
	run_init(&run);
	parts_init(&parts, run.packets.count);
	run_learn(&run, &options.limits, &parts);
	usual_most = run_with(&run, "of", &options.limits, &parts);
	tight_most = run_with(&run, "tight, of", &tight, &parts);
	bad = told_complaints(run.told);
	printf("# %zu packets, %zu frames, read %zu times; held %zu bytes at most, with tight limits %zu\n",
	       run.packets.count, told_frames(run.told), run.sums->readings, usual_most, tight_most);
	parts_finish(&parts);
	run_finish(&run);
	options_finish(&options);
	return bad;
}
