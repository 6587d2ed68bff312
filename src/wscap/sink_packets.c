/* tcpdump's line for each packet, and nothing else. */
#include "base/i18n.h"
#include "wscap/line.h"
#include "wscap/sink.h"

#include <errno.h>

static int packets_open(struct sink *sink)
{
	sink->state = line_create(sink->options);
	return sink->state ? 0 : -ENOMEM;
}

static void packets_packet(struct sink *sink, const struct packet_view *view)
{
	line_print(sink->state, view, sink->out);
}

static void packets_close(struct sink *sink)
{
	line_destroy(sink->state);
}

const struct sink_ops sink_packets = {
    .name = "packets",
    .help = N_("tcpdump's line and dump for each packet, and nothing else"),
    .depth = DECODE_PACKETS_ONLY,
    .open = packets_open,
    .packet = packets_packet,
    .close = packets_close,
};
