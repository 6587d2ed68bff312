/* TCP: RFC 9293, section 3.1. */
#include "wscap/line_internal.h"

#include <endian.h>

#include "wscap/line_put.h"

enum {
	PORTS = 4,           /* bytes: they are taken first */
	RESET_DATA_MAX = 30, /* bytes of a reset's explanation that are shown */
};

struct header {
	uint32_t seq, ack;
	uint16_t window, checksum, urgent;
};

static bool take_header(struct ws_cursor *in, struct line_tcp *tcp, struct header *ret)
{
	struct line_tcp_bytes header;
	struct ws_span bytes;

	if (!ws_take_span(in, sizeof(header) - PORTS, &bytes))
		return false;
	memcpy((uint8_t *)&header + PORTS, bytes.data, bytes.len);
	tcp->flags = header.flags;
	tcp->header_len = (uint8_t)((header.offset >> 4) * 4);
	ret->seq = be32toh(header.seq);
	ret->ack = be32toh(header.ack);
	ret->window = be16toh(header.window);
	ret->checksum = be16toh(header.checksum);
	ret->urgent = be16toh(header.urgent);
	return true;
}

static void print_named_endpoints(struct walk *walk, const struct line_tcp *tcp, bool with_addresses)
{
	if (with_addresses) {
		line_address(walk, tcp->ip->src);
		out_char(walk->out, '.');
	}
	line_port(walk, PROTOCOL_TCP, tcp->src_port);
	out_lit(walk->out, " > ");
	if (with_addresses) {
		line_address(walk, tcp->ip->dst);
		out_char(walk->out, '.');
	}
	line_port(walk, PROTOCOL_TCP, tcp->dst_port);
	out_lit(walk->out, ": ");
}

/* "10.0.0.1.60653 > 10.0.0.2.7272: "; behind extension headers the addresses stand already. */
static void print_endpoints(struct walk *walk, const struct line_tcp *tcp)
{
	bool with_addresses = tcp->ip->protocol == PROTOCOL_TCP;
	char *room, *at;

	if (walk->line->names) {
		print_named_endpoints(walk, tcp, with_addresses);
		return;
	}
	at = room = out_room(walk->out, LINE_TCP_ROOM);
	if (!room)
		return;
	if (with_addresses)
		at = put_char(line_put_address(walk->line, at, tcp->ip->src), '.');
	at = put_lit(put_short(at, tcp->src_port), " > ");
	if (with_addresses)
		at = put_char(line_put_address(walk->line, at, tcp->ip->dst), '.');
	at = put_lit(put_short(at, tcp->dst_port), ": ");
	out_advance(walk->out, (size_t)(at - room));
}

static void print_flags(struct out *out, uint8_t flags)
{
	char *room = out_room(out, LINE_TCP_ROOM);

	if (room)
		out_advance(out, (size_t)(line_put_flags(room, flags) - room));
}

static void print_too_long(struct out *out, uint8_t header_len, uint32_t length)
{
	out_lit(out, " [bad hdr length ");
	out_u64(out, header_len);
	out_lit(out, " - too long, > ");
	out_u64(out, length);
	out_char(out, ']');
}

static void print_checksum(struct walk *walk, const struct line_tcp *tcp, uint16_t checksum, uint32_t length)
{
	struct ws_cursor in = tcp->segment;
	struct out *out = walk->out;
	struct ws_span all;
	uint16_t sum;

	if (!ws_take_span(&in, length, &all))
		return;
	out_lit(out, ", cksum 0x");
	out_hex(out, checksum, 4);
	sum = line_sum_fold(line_sum(line_sum_pseudo(tcp->ip, PROTOCOL_TCP, length), all));
	if (sum == 0) {
		out_lit(out, " (correct)");
		return;
	}
	out_lit(out, " (incorrect -> 0x");
	out_hex(out, line_sum_wanted(checksum, sum), 4);
	out_char(out, ')');
}

/* The numbers to print: relative to the connection's first ones, unless -S is given or there is no ACK. */
static struct relseq_view numbers(struct walk *walk, const struct line_tcp *tcp, const struct header *header)
{
	struct relseq_segment segment = {
	    .src = tcp->ip->src.data,
	    .dst = tcp->ip->dst.data,
	    .address_len = tcp->ip->src.len,
	    .src_port = tcp->src_port,
	    .dst_port = tcp->dst_port,
	    .seq = header->seq,
	    .ack = header->ack,
	    .syn = tcp->flags & TCP_SYN,
	};

	if (!walk->line->relseq || !(tcp->flags & TCP_ACK))
		return (struct relseq_view){.seq = header->seq, .ack = header->ack};
	return relseq_look(walk->line->relseq, &segment);
}

static void print_numbers(struct walk *walk, const struct line_tcp *tcp, const struct header *header)
{
	char *room = out_room(walk->out, LINE_TCP_ROOM);
	char *at;

	if (!room)
		return;
	at = line_put_numbers(room, &tcp->numbers, tcp->flags, header->window, tcp->length, walk->options->verbose > 1);
	if (tcp->flags & TCP_URG)
		at = put_short(put_lit(at, ", urg "), header->urgent);
	out_advance(walk->out, (size_t)(at - room));
}

/* Returns false as soon as a byte is missing. ret_stop: an option ended the line. */
static bool print_options(struct walk *walk, const struct line_tcp *tcp, bool *ret_stop)
{
	struct ws_cursor in = line_ahead(tcp->segment, LINE_TCP_HEADER);
	struct line_timestamps stamps;
	char *room;

	if (tcp->header_len == LINE_TCP_HEADER)
		return true;
	if (!line_take_timestamps(in, tcp->header_len - (size_t)LINE_TCP_HEADER, &stamps))
		return line_tcp_options(walk, tcp, ret_stop);
	room = out_room(walk->out, LINE_TCP_ROOM);
	if (room)
		out_advance(walk->out, (size_t)(line_put_timestamps(walk->line, room, &stamps) - room));
	return true;
}

static void print_length(struct out *out, uint32_t length)
{
	char *room = out_room(out, LINE_TCP_ROOM);

	if (room)
		out_advance(out, (size_t)(line_put_length(room, length) - room));
}

/* All behind the endpoints. length: of the whole segment, by the IP header. */
static bool print_segment(struct walk *walk, struct line_tcp *tcp, const struct header *header, uint32_t length)
{
	struct out *out = walk->out;
	bool stop = false;

	print_flags(out, tcp->flags);
	tcp->numbers = numbers(walk, tcp, header);
	if (tcp->header_len > length) {
		print_too_long(out, tcp->header_len, length);
		return true;
	}
	if (walk->options->verbose && !walk->options->no_checksums && !tcp->ip->fragment)
		print_checksum(walk, tcp, header->checksum, length);
	tcp->length = length - tcp->header_len;
	print_numbers(walk, tcp, header);
	if (!print_options(walk, tcp, &stop))
		return false;
	if (stop)
		return true;
	print_length(out, tcp->length);
	return tcp->length == 0 || line_tcp_payload(walk, tcp);
}

bool line_tcp(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_ip *ip)
{
	struct line_tcp tcp = {.ip = ip, .segment = in};
	struct out *out = walk->out;
	struct header header;

	walk->protocol = "tcp";
	if (!ws_take_u16(&in, &tcp.src_port) || !ws_take_u16(&in, &tcp.dst_port)) {
		line_addresses(walk, ip, ":");
		line_truncated(walk);
		return true;
	}
	print_endpoints(walk, &tcp);
	if (!take_header(&in, &tcp, &header)) {
		line_truncated(walk);
		return true;
	}
	if (tcp.header_len < LINE_TCP_HEADER) {
		out_lit(out, " tcp ");
		out_u64(out, length - tcp.header_len);
		out_lit(out, " [bad hdr length ");
		out_u64(out, tcp.header_len);
		out_lit(out, " - too short, < 20]");
		return true;
	}
	if (walk->options->quiet) {
		out_lit(out, "tcp ");
		out_u64(out, length - tcp.header_len);
		if (tcp.header_len > length)
			print_too_long(out, tcp.header_len, length);
		return true;
	}
	return print_segment(walk, &tcp, &header, length);
}

/* What a reset says of its reason (RFC 9293, section 3.5.3), control characters as ^X, the eighth bit as M-. */
static void print_reset_data(struct out *out, struct ws_cursor in, uint32_t length)
{
	uint8_t byte;

	out_str(out, ws_cursor_left(&in) >= length ? " [RST" : " [!RST");
	if (length > RESET_DATA_MAX) {
		length = RESET_DATA_MAX;
		out_char(out, '+');
	}
	out_char(out, ' ');
	for (; length && ws_take_u8(&in, &byte); length--) {
		if (byte >= 0x80)
			out_lit(out, "M-");
		byte &= 0x7f;
		if (byte < ' ' || byte > '~') {
			out_char(out, '^');
			byte ^= 0x40;
		}
		out_char(out, (char)byte);
	}
	out_char(out, ']');
}

bool line_tcp_payload(struct walk *walk, const struct line_tcp *tcp)
{
	struct ws_cursor in = tcp->segment;
	struct ws_span header;

	if (!ws_take_span(&in, tcp->header_len, &header)) {
		out_lit(walk->out, " [remaining caplen(");
		out_u64(walk->out, ws_cursor_left(&in));
		out_lit(walk->out, ") < header length(");
		out_u64(walk->out, tcp->header_len);
		out_lit(walk->out, ")]");
		return false;
	}
	if (tcp->flags & TCP_RST && walk->options->verbose) {
		print_reset_data(walk->out, in, tcp->length);
		return true;
	}
	return line_text_protocol(walk, tcp->src_port, tcp->dst_port, in, tcp->length);
}
