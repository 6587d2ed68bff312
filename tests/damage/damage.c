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
 * With EVERYWHERE in the environment a large one, too, is damaged at each packet, which may take many minutes.
 * Prints a line for each complaint, and then how much was looked at; exit status 1 where there was a complaint. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "heap.h"
#include "packets.h"
#include "told.h"
#include "wscap/decode_internal.h"
#include "wscap/options.h"

/* Where memory is watched all takes five times as long, so a fifth of it is looked at. */
#ifdef __SANITIZE_ADDRESS__
#define SHARE 5
#else
#define SHARE 1
#endif

enum {
	KEYS_MAX = 1 << 20, /* bytes of a key log */
	/* What one packet may add before it is counted, and what is there without any: tables, their first pages. */
	HEAP_SLACK = 1 << 20,
	/* A decoder, and what inflates for it: one may be made before it is seen that there are too many. */
	DECODING_SLACK = 128 << 10,
	/* What is larger than either is damaged at some places only, taken at random, the same ones each time: so many
	 * that this much is read of each kind of damage, but some. */
	EVERYWHERE_PACKETS = 1000 / SHARE,
	EVERYWHERE_BYTES = 1 << 20,
	SAMPLE_PACKETS = 200000 / SHARE,
	SAMPLE_BYTES = (64 << 20) / SHARE,
	SAMPLE_MIN = 4, /* places */
};

struct run {
	struct packets packets;
	struct limits limits, tight;
	struct tls_keyring *keyring;
	struct told *told;
	bool learning;
	size_t most, kept_most; /* bytes, of all runs */
	size_t runs;
	size_t stride; /* between two places, on average */
	uint32_t random;
};

static void on_event(void *context, const struct event *event)
{
	struct run *run = context;

	if (run->learning)
		told_learn(run->told, event);
	else
		told_judge(run->told, event);
}

/* After each packet. */
static void check_limits(struct run *run, const struct decode *decode, const struct limits *limits)
{
	/* a buffer grows to twice what is in it, up to its own limit */
	if (decode->kept > limits->waiting_total + limits->head)
		told_complain(run->told, "keeps %zu bytes, above --max-waiting-total", decode->kept);
	if (decode->decoding > limits->message_total + DECODING_SLACK)
		told_complain(run->told, "messages under way hold %zu bytes, above --max-message-total",
			      decode->decoding);
	if (decode->tls_waiting > limits->tls_waiting_total)
		told_complain(run->told, "records that wait hold %zu bytes, above --max-tls-waiting-total",
			      decode->tls_waiting);
}

/* The packets in [from, to) but the one at without. */
static void read_packets(struct run *run, const struct limits *limits, size_t from, size_t to, size_t without)
{
	struct decode_sink sink = {.event = on_event, .context = run};
	size_t before = heap_held(), given = 0;
	struct decode *decode;

	heap_begin();
	decode = decode_create(limits, DECODE_ALL, &sink);
	if (!decode)
		abort();
	if (run->keyring)
		decode_use_keys(decode, run->keyring, NULL, NULL);
	for (size_t i = from; i < to; i++) {
		struct packet packet = run->packets.list[i];
		struct packet_view view;

		if (i == without)
			continue;
		told_packet(run->told, packet.number - 1);
		packet.number = ++given;
		decode_ahead(decode, &packet);
		decode_packet(decode, &packet, &view);
		if (run->learning)
			told_learn_packet(run->told, &view);
		else
			told_saw(run->told, &view);
		check_limits(run, decode, limits);
	}
	decode_flush(decode);
	decode_destroy(decode);
	/* What was learned stays. */
	if (!run->learning && heap_held() > before + sizeof(struct event))
		told_complain(run->told, "%zu bytes were not given back", heap_held() - before);
	if (heap_most() - before > run->most)
		run->most = heap_most() - before;
	run->runs++;
}

/* The packet at from stands at to from now on, when the one there came. */
static void move_packet(struct packets *packets, size_t from, size_t to)
{
	struct packet moved = packets->list[from];

	moved.time = packets->list[to].time;
	memmove(packets->list + to + 1, packets->list + to, (from - to) * sizeof(moved));
	packets->list[to] = moved;
}

static void move_back(struct packets *packets, size_t from, size_t to, int64_t time)
{
	struct packet moved = packets->list[to];

	moved.time = time;
	memmove(packets->list + to, packets->list + to + 1, (from - to) * sizeof(moved));
	packets->list[from] = moved;
}

/* Each packet that contradicts what came before it might have come first. */
static void learn_contradictions(struct run *run)
{
	size_t from, to;

	for (size_t i = 0; told_contradiction(run->told, i, &from, &to) && told_learn_again(run->told); i++) {
		int64_t time = run->packets.list[from].time;

		move_packet(&run->packets, from, to);
		read_packets(run, &run->limits, 0, run->packets.count, SIZE_MAX);
		move_back(&run->packets, from, to, time);
	}
}

static void learn(struct run *run)
{
	run->learning = true;
	read_packets(run, &run->limits, 0, run->packets.count, SIZE_MAX);
	learn_contradictions(run);
	run->learning = false;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
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

/* The next place, or one that is as far on as the stride is, on average. */
static size_t next(struct run *run, size_t place)
{
	run->random = run->random * 1664525 + 1013904223;
	return place + 1 + (run->random >> 8) % (2 * run->stride - 1);
}

static void damage(struct run *run, const struct limits *limits)
{
	size_t count = run->packets.count;

	for (size_t i = 0; i <= count; i = next(run, i)) {
		told_begin(run->told, "cut at", i);
		read_packets(run, limits, 0, i, SIZE_MAX);
		told_end(run->told, true);
	}
	for (size_t i = 1; i < count; i = next(run, i)) {
		told_begin(run->told, "joined at", i);
		read_packets(run, limits, i, count, SIZE_MAX);
		told_end(run->told, false);
	}
	for (size_t i = 0; i < count; i = next(run, i)) {
		told_begin(run->told, "without", i);
		read_packets(run, limits, 0, count, i);
		told_end(run->told, false);
	}
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
	told_begin(run->told, what, run->packets.count);
	if (run->most > allowed(run, limits))
		told_complain(run->told, "held %zu bytes at once, more than %zu", run->most, allowed(run, limits));
}

static void read_keys(struct run *run, const char *path)
{
	static uint8_t bytes[KEYS_MAX];
	struct tls_keylog lines = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, bytes, sizeof(bytes));

	run->keyring = tls_keyring_create(run->limits.keys);
	if (!run->keyring || len < 0)
		abort();
	tls_keyring_read(run->keyring, &lines, ws_span_of(bytes, (size_t)len));
	tls_keyring_read_end(run->keyring, &lines);
	close(fd);
}

int main(int argc, char **argv)
{
	struct run run = {0};
	char error[SENTENCE_SIZE] = "-r CAPTURE is missing";
	struct options options;
	size_t usual_most;
	bool bad;

	options_init(&options);
	if (options_parse(&options, argc, argv, error, sizeof(error)) != 0 || !options.read_file) {
		fprintf(stderr, "%s\n", error);
		return 2;
	}
	run.limits = options.limits;
	run.tight = tighten(&run.limits);
	if (options.keylog_file)
		read_keys(&run, options.keylog_file);
	if (!packets_read(options.read_file, &run.packets))
		return 2;
	run.told = told_create(run.packets.count);
	run.stride = getenv("EVERYWHERE") ? 1 : choose_stride(&run.packets);
	learn(&run);
	run.most = 0;
	damage(&run, &run.limits);
	check_memory(&run, "of", &run.limits);
	usual_most = run.most;
	run.most = 0;
	damage(&run, &run.tight);
	check_memory(&run, "tight, of", &run.tight);
	bad = told_complaints(run.told);
	printf("# %zu packets, %zu frames, read %zu times; held %zu bytes at most, with tight limits %zu\n",
	       run.packets.count, told_frames(run.told), run.runs, usual_most, run.most);
	packets_finish(&run.packets);
	told_destroy(run.told);
	tls_keyring_destroy(run.keyring);
	options_finish(&options);
	return bad;
}
