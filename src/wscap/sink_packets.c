/* tcpdump's line for each packet, and nothing else.
 *
 * With a press, what is noted of packets is left there, many to a job. */
#include "base/i18n.h"
#include "wscap/line.h"
#include "wscap/options.h"
#include "wscap/sink.h"

#include <errno.h>
#include <stdlib.h>

enum {
	LEFT_MAX = 64, /* packets of a job: what each takes by itself is spared, and a page need not be large for one */
};

struct packets {
	struct line *line;
	struct out aside;
};

struct left {
	size_t count;
	struct line_note notes[LEFT_MAX];
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

static void print_left(void *line, const void *job, struct out *out)
{
	const struct left *left = job;

	for (size_t i = 0; i < left->count; i++)
		line_print_noted(line, &left->notes[i], out);
}

/* A job that has room for one more. NULL when out of memory. */
static struct left *find_room(struct press *press)
{
	struct left *left = press_last(press, print_left);

	if (left && left->count < LEFT_MAX)
		return left;
	left = press_take(press, sizeof(*left));
	if (left) {
		left->count = 0;
		press_job(press, print_left, left);
	}
	return left;
}

static void leave(struct packets *packets, const struct packet *packet, struct press *press)
{
	struct left *left = find_room(press);
	struct line_note *note;

	if (!left)
		return;
	note = &left->notes[left->count++];
	line_note(packets->line, packet, &packets->aside, note);
	note->bytes = press_keep(press, note->bytes);
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
