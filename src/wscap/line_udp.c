/* UDP (RFC 768): ports, the checksum under -v, and the length, or the overlay that its port stands for. */
#include "wscap/line_internal.h"

enum {
	HEADER = 8,
};

struct udp {
	uint16_t src_port, dst_port, len, checksum;
};

static void print_endpoints(struct walk *walk, const struct udp *udp, const struct line_ip *ip)
{
	bool with_addresses = ip->protocol == PROTOCOL_UDP;

	if (with_addresses) {
		line_address(walk, ip->src);
		out_char(walk->out, '.');
	}
	line_port(walk, PROTOCOL_UDP, udp->src_port);
	out_lit(walk->out, " > ");
	if (with_addresses) {
		line_address(walk, ip->dst);
		out_char(walk->out, '.');
	}
	line_port(walk, PROTOCOL_UDP, udp->dst_port);
	out_lit(walk->out, ": ");
}

/* Over IPv4 it takes -vv, and may be absent. length: of the payload. */
static void print_checksum(struct walk *walk, struct ws_cursor in, uint16_t checksum, uint32_t length,
			   const struct line_ip *ip)
{
	struct ws_span all;
	uint16_t sum;

	if (ip->version == 4 && walk->options->verbose < 2)
		return;
	if (ip->version == 4 && checksum == 0) {
		out_lit(walk->out, "[no cksum] ");
		return;
	}
	if (!ws_take_span(&in, (size_t)length + HEADER, &all))
		return;
	sum = line_sum_fold(line_sum(line_sum_pseudo(ip, PROTOCOL_UDP, length + HEADER), all));
	if (sum == 0)
		out_lit(walk->out, "[udp sum ok] ");
	else
		out_printf(walk->out, "[bad udp cksum 0x%04x -> 0x%04x!] ", checksum, line_sum_wanted(checksum, sum));
}

static void print_length(struct walk *walk, uint32_t says, uint32_t length, bool fragment)
{
	if (says > length && !fragment) {
		out_lit(walk->out, "UDP, bad length ");
		out_u64(walk->out, says);
		out_lit(walk->out, " > ");
		out_u64(walk->out, length);
	} else {
		out_lit(walk->out, "UDP, length ");
		out_u64(walk->out, says);
	}
}

bool line_udp(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_ip *ip)
{
	struct ws_cursor at = in;
	struct udp udp;
	uint32_t says;
	bool known;

	walk->protocol = "udp";
	if (!ws_take_u16(&at, &udp.src_port) || !ws_take_u16(&at, &udp.dst_port)) {
		if (ip->protocol == PROTOCOL_UDP)
			line_addresses(walk, ip, ": ");
		line_truncated(walk);
		return true;
	}
	print_endpoints(walk, &udp, ip);
	if (length < HEADER) {
		out_lit(walk->out, "truncated-udp ");
		out_u64(walk->out, length);
		return true;
	}
	if (!ws_take_u16(&at, &udp.len)) {
		line_truncated(walk);
		return true;
	}
	says = udp.len == 0 && length > UINT16_MAX ? length : udp.len;
	if (says < HEADER) {
		out_lit(walk->out, "truncated-udplength ");
		out_u64(walk->out, says);
		return true;
	}
	if (!ws_take_u16(&at, &udp.checksum)) {
		line_truncated(walk);
		return true;
	}
	says -= HEADER;
	length -= HEADER;
	if (says < length)
		length = says;
	if (walk->options->verbose && !walk->options->no_checksums && !ip->fragment)
		print_checksum(walk, in, udp.checksum, length, ip);
	if (!walk->options->quiet && !line_overlay(walk, udp.src_port, udp.dst_port, at, length, &known))
		return false;
	if (walk->options->quiet || !known)
		print_length(walk, says, length, ip->fragment);
	return true;
}
