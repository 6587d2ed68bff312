/* TCP: RFC 9293, section 3.1. */
#include "wscap/line_internal.h"

#include "wscap/tcp.h"

enum {
	HEADER_MIN = 20,
	REST_OF_HEADER = HEADER_MIN - 4, /* behind the ports */
	RESET_DATA_MAX = 30,             /* bytes of a reset's explanation that are shown */
};

struct header {
	uint32_t seq, ack;
	uint16_t window, checksum, urgent;
};

static bool take_header(struct ws_cursor *in, struct line_tcp *tcp, struct header *ret)
{
	uint8_t offset;

	if (!ws_take_u32(in, &ret->seq) || !ws_take_u32(in, &ret->ack) || !ws_take_u8(in, &offset) ||
	    !ws_take_u8(in, &tcp->flags) || !ws_take_u16(in, &ret->window) || !ws_take_u16(in, &ret->checksum) ||
	    !ws_take_u16(in, &ret->urgent))
		return false;
	tcp->header_len = (uint8_t)((offset >> 4) * 4);
	return true;
}

/* "10.0.0.1.60653 > 10.0.0.2.7272: "; behind extension headers the addresses stand already. */
static void print_endpoints(struct walk *walk, const struct line_tcp *tcp)
{
	bool with_addresses = tcp->ip->protocol == PROTOCOL_TCP;

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

/* "Flags [P.]"; the order is tcpdump's. */
static void print_flags(struct out *out, uint8_t flags)
{
	static const char letters[] = "FSRP.UEW";
	char text[sizeof(letters)];
	size_t len = 0;

	for (unsigned bit = 0; bit < 8; bit++) {
		text[len] = letters[bit];
		len += flags >> bit & 1;
	}
	out_lit(out, "Flags [");
	if (len)
		out_bytes(out, text, len);
	else
		out_lit(out, "none");
	out_char(out, ']');
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
	    .src = tcp->ip->src,
	    .dst = tcp->ip->dst,
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
	struct out *out = walk->out;

	if (walk->options->verbose > 1 || tcp->length || tcp->flags & (TCP_SYN | TCP_FIN | TCP_RST)) {
		out_lit(out, ", seq ");
		out_u64(out, tcp->numbers.seq);
		if (tcp->length) {
			out_char(out, ':');
			out_u64(out, tcp->numbers.seq + tcp->length);
		}
	}
	if (tcp->flags & TCP_ACK) {
		out_lit(out, ", ack ");
		out_u64(out, tcp->numbers.ack);
	}
	out_lit(out, ", win ");
	out_u64(out, header->window);
	if (tcp->flags & TCP_URG) {
		out_lit(out, ", urg ");
		out_u64(out, header->urgent);
	}
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
	if (tcp->header_len > HEADER_MIN && !line_tcp_options(walk, tcp, &stop))
		return false;
	if (stop)
		return true;
	out_lit(out, ", length ");
	out_u64(out, tcp->length);
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
	if (tcp.header_len < HEADER_MIN) {
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
