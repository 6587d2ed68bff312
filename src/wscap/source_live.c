/* The live wire, through libpcap.
 *
 * Threads take the packets (taker.h); here they are read. We wait for them ourselves, so that whoever prints can show
 * what there is first, and so that time goes on while nothing comes. */
#include "wscap/source_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "base/log.h"
#include "wscap/fanout.h"
#include "wscap/taker.h"

enum {
	IDLE_MS = 100, /* at most this long between two looks at the clock and at signals */
};

struct live_source {
	struct source base;
	char *device;
	unsigned count; /* of rings */
	pcap_t *pcaps[TAKERS_MAX];
	struct takers takers;
};

static void fill(const struct live_source *live, const struct backlog_packet *packet, struct packet *ret)
{
	ret->time = packet->time;
	ret->wire_len = packet->wire_len;
	ret->link_type = live->base.link_type;
	ret->interface = 0;
	ret->options = ws_span_of(NULL, 0);
	ret->options_big = false;
	ret->bytes = backlog_bytes(packet);
}

/* Time goes on, but not past a packet that waits for its turn. */
static enum source_step idle(struct live_source *live, struct packet *ret)
{
	const struct backlog_packet *waiting = takers_waiting(&live->takers);

	ret->time = waiting ? waiting->time : source_now();
	return SOURCE_IDLE;
}

/* False where none came, for now or, with an error, for ever. */
static bool wait_for_packet(struct live_source *live)
{
	const char *words = takers_error(&live->takers);
	int status = words ? 0 : takers_start(&live->takers);

	if (status < 0)
		words = strerror(-status);
	if (words) {
		snprintf(live->base.error, sizeof(live->base.error), "%s: %s", live->base.name, words);
		return false;
	}
	source_before_wait(&live->base);
	return takers_wait(&live->takers, IDLE_MS);
}

static enum source_step live_next(struct source *source, struct packet *ret)
{
	struct live_source *live = (struct live_source *)source;
	const struct backlog_packet *packet;

	while (!(packet = takers_next(&live->takers))) {
		if (!wait_for_packet(live))
			return *source->error ? SOURCE_ERROR : idle(live, ret);
	}
	fill(live, packet, ret);
	return SOURCE_PACKET;
}

static void live_announce(const struct source *source)
{
	const struct live_source *live = (const struct live_source *)source;
	int snaplen = pcap_snapshot(live->pcaps[0]);
	char link[256];

	source_describe_link(source->link_type, link, sizeof(link));
	if (!source->options->verbose && !source->options->write_file)
		log_line("wscap: verbose output suppressed, use -v[v]... for full protocol decode\n"
			 "listening on %s%s, snapshot length %d bytes",
			 source->name, link, snaplen);
	else
		log_line("wscap: listening on %s%s, snapshot length %d bytes", source->name, link, snaplen);
}

static bool live_counters(struct source *source, struct source_counters *ret)
{
	return takers_counters(&((struct live_source *)source)->takers, ret);
}

static void live_close(struct source *source)
{
	struct live_source *live = (struct live_source *)source;

	takers_finish(&live->takers);
	for (unsigned i = 0; i < live->count; i++)
		pcap_close(live->pcaps[i]);
	free(live->device);
	free(live);
}

static const struct source_ops live_ops = {
    .next = live_next,
    .announce = live_announce,
    .counters = live_counters,
    .close = live_close,
};

/* Every ring of the device, made ready. */
static bool open_rings(struct live_source *live, const struct options *options, char error[static SENTENCE_SIZE])
{
	for (unsigned i = 0; i < options->rings; i++) {
		pcap_t *pcap = i ? source_live_again(options, live->device, error)
				 : source_live_activate(options, &live->device, error);

		if (!pcap)
			return false;
		live->pcaps[live->count++] = pcap;
		if (!source_live_prepare(pcap, options, live->device, i == 0, error))
			return false;
	}
	return true;
}

static bool start_taking(struct live_source *live, const struct options *options, char error[static SENTENCE_SIZE])
{
	int status = live->count > 1 ? fanout_join(live->pcaps, live->count) : 0;

	if (status < 0) {
		snprintf(error, SENTENCE_SIZE, _("%s: its packets cannot be taken from several rings (--rings): %s"),
			 live->device, strerror(-status));
		return false;
	}
	status = takers_init(&live->takers, live->pcaps, live->count, options->backlog, &live->base.stop);
	if (status < 0) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", live->device, strerror(-status));
		return false;
	}
	if (live->count > 1) /* until then each ring got all packets */
		live->takers.since = source_now();
	return true;
}

struct source *source_live_open(const struct options *options, char error[static SENTENCE_SIZE])
{
	struct live_source *live = calloc(1, sizeof(*live));
	pcap_t *first;

	if (!live) {
		snprintf(error, SENTENCE_SIZE, "%s", strerror(ENOMEM));
		return NULL;
	}
	live->base = (struct source){.ops = &live_ops, .options = options};
	if (!open_rings(live, options, error) || !start_taking(live, options, error)) {
		live_close(&live->base);
		return NULL;
	}
	first = live->pcaps[0];
	live->base.name = live->device;
	live->base.link_type = pcap_datalink(first);
	live->base.snaplen = (uint32_t)pcap_snapshot(first);
	live->base.resolution = pcap_get_tstamp_precision(first) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
	live->base.interfaces = 1;
	return &live->base;
}
