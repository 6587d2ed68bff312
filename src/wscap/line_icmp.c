/* ICMP (RFC 792) and ICMPv6 (RFC 4443): echo as with tcpdump, of the others their type and code. */
#include "wscap/line_internal.h"

enum {
	ECHO_REPLY = 0,
	ECHO_REQUEST = 8,
	ECHO_REQUEST6 = 128,
	ECHO_REPLY6 = 129,
};

struct icmp {
	uint8_t type, code;
	uint16_t checksum, id, seq;
};

/* "ICMP echo request, id 1, seq 2", or "ICMP type 3, code 1" */
static bool print_kind(struct walk *walk, const char *name, struct ws_cursor in, uint8_t request, uint8_t reply)
{
	struct out *out = walk->out;
	struct icmp icmp;

	if (!ws_take_u8(&in, &icmp.type) || !ws_take_u8(&in, &icmp.code))
		return false;
	if (icmp.type != request && icmp.type != reply) {
		out_str(out, name);
		out_lit(out, "type ");
		out_u64(out, icmp.type);
		out_lit(out, ", code ");
		out_u64(out, icmp.code);
		return true;
	}
	if (!ws_take_u16(&in, &icmp.checksum) || !ws_take_u16(&in, &icmp.id) || !ws_take_u16(&in, &icmp.seq))
		return false;
	out_str(out, name);
	out_str(out, icmp.type == request ? "echo request, id " : "echo reply, id ");
	out_u64(out, icmp.id);
	out_lit(out, ", seq ");
	out_u64(out, icmp.seq);
	return true;
}

/* The checksum over all, which is 0 where it is right, and the field. false: not all was captured. */
static bool take_checksum(struct ws_cursor in, uint32_t length, uint32_t pseudo, uint16_t *ret_sum, uint16_t *ret_field)
{
	struct ws_cursor field = line_ahead(in, 2);
	struct ws_span all;

	if (!ws_take_span(&in, length, &all) || !ws_take_u16(&field, ret_field))
		return false;
	*ret_sum = line_sum_fold(line_sum(pseudo, all));
	return true;
}

static void print_length(struct walk *walk, uint32_t length)
{
	out_lit(walk->out, ", length ");
	out_u64(walk->out, length);
}

bool line_icmp(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_ip *ip)
{
	uint16_t sum, field;

	walk->protocol = "icmp";
	if (!print_kind(walk, "ICMP ", in, ECHO_REQUEST, ECHO_REPLY))
		return false;
	print_length(walk, length);
	if (walk->options->verbose && !ip->fragment && take_checksum(in, length, 0, &sum, &field) && sum)
		out_printf(walk->out, " (wrong icmp cksum %x (->%x)!)", field, line_sum_wanted(field, sum));
	return true;
}

bool line_icmp6(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_ip *ip)
{
	uint32_t pseudo = line_sum_pseudo(ip, PROTOCOL_ICMPV6, length);
	uint16_t sum, field;

	walk->protocol = "icmp6";
	if (walk->options->verbose && !ip->fragment && take_checksum(in, length, pseudo, &sum, &field)) {
		if (sum)
			out_printf(walk->out, "[bad icmp6 cksum 0x%04x -> 0x%04x!] ", field,
				   line_sum_wanted(field, sum));
		else
			out_lit(walk->out, "[icmp6 sum ok] ");
	}
	if (!print_kind(walk, "ICMP6, ", in, ECHO_REQUEST6, ECHO_REPLY6))
		return false;
	if (!walk->options->verbose)
		print_length(walk, length);
	return true;
}
