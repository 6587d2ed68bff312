#include "wscap/line_internal.h"

#include <stdlib.h>

struct line *line_create(const struct options *options)
{
	struct line *line = calloc(1, sizeof(*line));
	uint32_t connections = options->limits.connections ? options->limits.connections : LIMIT_CONNECTIONS;

	if (!line)
		return NULL;
	line->options = options;
	line->usual = line_usual_asked(options);
	if (!options->no_names)
		line->names = names_create();
	if (!options->absolute_seq)
		line->relseq = relseq_create(connections);
	if ((!line->names && !options->no_names) || (!line->relseq && !options->absolute_seq)) {
		line_destroy(line);
		return NULL;
	}
	return line;
}

void line_destroy(struct line *line)
{
	if (!line)
		return;
	names_destroy(line->names);
	relseq_destroy(line->relseq);
	free(line);
}

static inline bool has_good_lengths(const struct packet *packet)
{
	size_t captured = packet->bytes.len;

	return captured && captured <= SNAPLEN_MAX && packet->wire_len >= captured && packet->wire_len <= SNAPLEN_MAX;
}

/* Lengths that no packet has: nothing more is read of it. */
static SELDOM void print_bad_lengths(const struct packet *packet, struct out *out)
{
	size_t captured = packet->bytes.len;
	const char *between = "[Invalid header:";

	if (captured == 0) {
		out_lit(out, "[Invalid header: caplen==0");
		between = ",";
	}
	if (packet->wire_len == 0) {
		out_str(out, between);
		out_lit(out, " len==0");
		between = ",";
	} else if (packet->wire_len < captured) {
		out_str(out, between);
		out_printf(out, " len(%u) < caplen(%zu)", packet->wire_len, captured);
		between = ",";
	}
	if (captured > SNAPLEN_MAX) {
		out_str(out, between);
		out_printf(out, " caplen(%zu) > %u", captured, SNAPLEN_MAX);
		between = ",";
	}
	if (packet->wire_len > SNAPLEN_MAX) {
		out_str(out, between);
		out_printf(out, " len(%u) > %u", packet->wire_len, SNAPLEN_MAX);
	}
	out_lit(out, "]\n");
}

static SELDOM void print_number(uint64_t number, struct out *out)
{
	out_u64_padded(out, number, 5, ' ');
	out_lit(out, "  ");
}

const void *line_far(const struct line *line, const struct packet_view *view)
{
	const struct relseq_segment segment = {
	    .src = view->ip.src,
	    .dst = view->ip.dst,
	    .address_len = view->ip.version == 4 ? 4 : sizeof(view->ip.src),
	    .src_port = view->tcp.src_port,
	    .dst_port = view->tcp.dst_port,
	};

	return line->relseq && view->is_segment ? relseq_far(line->relseq, &segment) : NULL;
}

void line_print(struct line *line, const struct packet *packet, struct out *out)
{
	struct walk walk = {
	    .line = line,
	    .options = line->options,
	    .out = out,
	    .protocol = "",
	    .captured = packet->bytes,
	    .wire_len = packet->wire_len,
	};

	if (line->options->numbers)
		print_number(packet->number, out);
	if (!has_good_lengths(packet)) {
		print_bad_lengths(packet, out);
		return;
	}
	line_time(line, packet->time, out);
	if (!(line->usual && line_usual(&walk, packet)) && !line_link(&walk, packet->link_type)) {
		line_truncated(&walk);
		walk.link_header_len = 0;
	}
	line_dump(&walk);
	out_char(out, '\n');
}

/* Times that count from a packet before need it, and names are remembered in one place only. */
bool line_can_note(const struct line *line)
{
	enum time_style style = line->options->time;

	return line->usual && !line->names && style != TIME_DELTA && style != TIME_SINCE_FIRST;
}

static SELDOM void note_text(struct line *line, const struct packet *packet, struct out *text, struct line_note *ret)
{
	text->len = 0;
	line_print(line, packet, text);
	ret->bytes = ws_span_of(text->text, text->len);
	ret->address_len = 0;
}

void line_note(struct line *line, const struct packet *packet, struct out *text, struct line_note *ret)
{
	if (!has_good_lengths(packet) || !line_usual_note(line, packet, ret)) {
		note_text(line, packet, text, ret);
		return;
	}
	ret->number = packet->number;
	ret->time = packet->time;
	ret->bytes = packet->bytes;
}

void line_print_noted(struct line *line, const struct line_note *note, struct out *out)
{
	struct walk walk = {
	    .line = line,
	    .options = line->options,
	    .out = out,
	    .captured = note->bytes,
	};

	if (!note->address_len) {
		out_bytes(out, note->bytes.data, note->bytes.len);
		return;
	}
	if (line->options->numbers)
		print_number(note->number, out);
	line_time(line, note->time, out);
	line_usual_noted(&walk, note);
	line_dump(&walk);
	out_char(out, '\n');
}

struct line *line_create_printer(const struct options *options)
{
	struct line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->options = options;
	line->usual = line_usual_asked(options);
	return line;
}
