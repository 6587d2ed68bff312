/* tcpdump's line for each packet, and nothing else.
 *
 * With a press, a packet whose line needs nothing of those before it but numbers that can be noted is left there; what
 * is not so is printed at once, aside, and its text is left in the packet's place. */
#include "base/i18n.h"
#include "wscap/line.h"
#include "wscap/options.h"
#include "wscap/sink.h"

#include <errno.h>
#include <stdlib.h>

struct packets {
	struct line *line;
	struct out aside;
};

/* What is left of a packet. */
union left {
	struct line_note note;
	struct ws_span text;
};

static void packets_close(struct sink *sink)
{
	struct packets *packets = sink->state;

	if (!packets)
		return;
	line_destroy(packets->line);
	out_finish(&packets->aside);
	free(packets);
	sink->state = NULL;
}

static void *create_printer(void *options)
{
	return line_create_printer(options);
}

static void destroy_printer(void *line)
{
	line_destroy(line);
}

static int packets_open(struct sink *sink)
{
	struct packets *packets = calloc(1, sizeof(*packets));
	struct press_printers printers = {
	    .create = create_printer, .destroy = destroy_printer, .context = (void *)sink->options};

	sink->state = packets;
	if (!packets)
		return -ENOMEM;
	packets->line = line_create(sink->options);
	if (!packets->line || out_init(&packets->aside, -1) < 0) {
		packets_close(sink);
		return -ENOMEM;
	}
	if (line_can_note(packets->line))
		sink_start_press(sink, &printers);
	return 0;
}

static void print_noted(void *line, const void *job, struct out *out)
{
	const union left *left = job;

	line_print_noted(line, &left->note, out);
}

static void print_text(void *line, const void *job, struct out *out)
{
	const union left *left = job;

	(void)line;
	out_bytes(out, left->text.data, left->text.len);
}

static void leave(struct packets *packets, const struct packet *packet, struct press *press)
{
	union left *left = press_take(press, sizeof(*left));

	if (!left)
		return;
	if (line_note(packets->line, packet, &left->note)) {
		left->note.bytes = press_keep(press, left->note.bytes);
		press_job(press, print_noted, left);
	} else {
		packets->aside.len = 0;
		line_print(packets->line, packet, &packets->aside);
		left->text = press_keep(press, ws_span_of(packets->aside.text, packets->aside.len));
		press_job(press, print_text, left);
	}
}

static void packets_packet(struct sink *sink, const struct packet_view *view)
{
	struct packets *packets = sink->state;

	if (sink->press)
		leave(packets, view->packet, sink->press);
	else
		line_print(packets->line, view->packet, sink->out);
}

const struct sink_ops sink_packets = {
    .name = "packets",
    .help = N_("tcpdump's line and dump for each packet, and nothing else"),
    .depth = DECODE_PACKETS_ONLY,
    .open = packets_open,
    .packet = packets_packet,
    .close = packets_close,
};
