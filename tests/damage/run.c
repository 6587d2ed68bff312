#include "run.h"

#include "heap.h"
#include "speakers.h"
#include "wscap/decode_internal.h"

enum {
	/* A decoder, and what inflates for it: one may be made before it is seen that there are too many. */
	DECODING_SLACK = 128 << 10,
};

void run_init(struct run *run)
{
	run->sums = shared(sizeof(*run->sums));
	run->told = told_create(run->packets.count);
}

void run_finish(struct run *run)
{
	packets_finish(&run->packets);
	told_destroy(run->told);
	tls_keyring_destroy(run->keyring);
}

static void on_event(void *context, const struct event *event)
{
	struct run *run = context;

	if (run->learning)
		told_learn(run->told, event);
	else
		told_judge(run->told, event);
}

/* After each packet. */
static void check_limits(struct run *run)
{
	const struct decode *decode = run->decode;
	const struct limits *limits = run->limits;

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

void run_begin(struct run *run, const struct limits *limits)
{
	struct decode_sink sink = {.event = on_event, .context = run};

	run->limits = limits;
	run->given = 0;
	run->before = heap_held();
	heap_begin();
	run->decode = or_abort(decode_create(limits, DECODE_ALL, &sink));
	if (run->keyring)
		decode_use_keys(run->decode, run->keyring, NULL, NULL);
}

static void read_packet(struct run *run, size_t place, struct packet_view *ret)
{
	struct packet packet = run->packets.list[place];

	told_packet(run->told, packet.number - 1);
	packet.number = ++run->given;
	decode_ahead(run->decode, &packet, 1);
	decode_packet(run->decode, &packet, ret);
}

void run_packet(struct run *run, size_t place)
{
	struct packet_view view;

	read_packet(run, place, &view);
	told_saw(run->told, &view);
	check_limits(run);
}

static void close_decode(struct run *run)
{
	decode_flush(run->decode);
	decode_destroy(run->decode);
	run->decode = NULL;
}

void run_end(struct run *run)
{
	close_decode(run);
	if (heap_held() > run->before + sizeof(struct event))
		told_complain(run->told, "%zu bytes were not given back", heap_held() - run->before);
	if (heap_most() - run->before > run->sums->most)
		run->sums->most = heap_most() - run->before;
	run->sums->readings++;
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

static void learn_once(struct run *run, const struct limits *limits, struct parts *parts)
{
	struct packet_view view;

	run_begin(run, limits);
	for (size_t i = 0; i < run->packets.count; i++) {
		read_packet(run, i, &view);
		told_learn_packet(run->told, &view);
		if (parts)
			parts_take(parts, i, &view);
	}
	close_decode(run);
}

/* Each packet that contradicts what came before it might have come first. */
void run_learn(struct run *run, const struct limits *limits, struct parts *parts)
{
	size_t from, to;

	run->learning = true;
	learn_once(run, limits, parts);
	for (size_t i = 0; told_contradiction(run->told, i, &from, &to) && told_learn_again(run->told); i++) {
		int64_t time = run->packets.list[from].time;

		move_packet(&run->packets, from, to);
		learn_once(run, limits, NULL);
		move_back(&run->packets, from, to, time);
	}
	run->learning = false;
}
