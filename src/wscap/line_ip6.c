/* IPv6 (RFC 8200). Its extension headers are in line_ip6_headers.c. */
#include "wscap/line_internal.h"

enum {
	HEADER = 40,
};

struct ipv6 {
	uint32_t first; /* version, traffic class, flow label */
	uint16_t payload_len;
	uint8_t hop_limit;
	struct line_ipv6 headers;
};

static bool take_header(struct ws_cursor *in, struct ipv6 *ret)
{
	struct line_ip *ip = &ret->headers.ip;

	*ret = (struct ipv6){.headers = {.begin = in->at, .ip.version = 6}};
	if (!ws_take_u32(in, &ret->first) || !ws_take_u16(in, &ret->payload_len) || !ws_take_u8(in, &ip->protocol) ||
	    !ws_take_u8(in, &ret->hop_limit) || !ws_take_span(in, 16, &ip->src) || !ws_take_span(in, 16, &ip->dst))
		return false;
	ip->final_dst = ip->dst;
	ret->headers.header_payload_len = ret->payload_len;
	ret->headers.payload_len = ret->payload_len;
	return true;
}

/* What -v shows. */
static void print_fields(struct walk *walk, const struct ipv6 *ipv6)
{
	uint32_t traffic_class = ipv6->first >> 20 & 0xff;
	uint32_t flow = ipv6->first & 0xfffff;
	const char *name = line_protocol_name(ipv6->headers.ip.protocol);
	struct out *out = walk->out;

	out_char(out, '(');
	if (traffic_class) {
		out_lit(out, "class 0x");
		out_hex(out, traffic_class, 2);
		out_lit(out, ", ");
	}
	if (flow) {
		out_lit(out, "flowlabel 0x");
		out_hex(out, flow, 5);
		out_lit(out, ", ");
	}
	out_lit(out, "hlim ");
	out_u64(out, ipv6->hop_limit);
	out_lit(out, ", next-header ");
	out_str(out, name ? name : "unknown");
	out_lit(out, " (");
	out_u64(out, ipv6->headers.ip.protocol);
	out_lit(out, ") payload length: ");
	out_u64(out, ipv6->payload_len);
	out_lit(out, ") ");
}

static void print_missing(struct walk *walk, uint32_t missing)
{
	out_lit(walk->out, "truncated-ip6 - ");
	out_u64(walk->out, missing);
	out_lit(walk->out, " bytes missing!");
}

/* The upper layer, behind what extension headers there were; *in and length are what is left of the packet as it was
 * taken so far. Returns false where a byte is missing. */
static bool print_upper(struct walk *walk, uint8_t protocol, struct ws_cursor in, uint32_t left, uint32_t length,
			const struct line_ipv6 *headers)
{
	uint32_t taken = (uint32_t)(in.at - headers->begin);

	if (headers->jumbo) {
		uint32_t whole = headers->payload_len + HEADER;

		if (whole < taken) {
			line_truncated(walk);
			return true;
		}
		if (length < whole)
			print_missing(walk, whole - length);
		left = whole - taken;
		in = line_within(in, left);
	} else if (headers->payload_len == 0) {
		/* Without a payload there can be no extension header. */
		if (taken > HEADER) {
			line_truncated(walk);
			return true;
		}
		left = 0;
		in = line_within(in, 0);
	}
	return line_protocol(walk, protocol, in, left, &headers->ip);
}

static bool is_extension(uint8_t protocol)
{
	return protocol == PROTOCOL_HOP_BY_HOP || protocol == PROTOCOL_DESTINATION_OPTIONS ||
	       protocol == PROTOCOL_FRAGMENT || protocol == PROTOCOL_ROUTING;
}

/* One extension header. Sets *ret_stop where it ends the line. */
static bool print_extension(struct walk *walk, uint8_t protocol, uint8_t before, struct ws_cursor *in,
			    struct line_ipv6 *headers, bool *ret_stop)
{
	switch (protocol) {
	case PROTOCOL_HOP_BY_HOP:
		if (before != UINT8_MAX) {
			/* RFC 8200, section 4.3: only directly behind the IPv6 header */
			out_str(walk->out, headers->seen_hop_by_hop
					       ? "[The Hop-by-Hop Options header was already found]"
					       : "[The Hop-by-Hop Options header don't follow the IPv6 header]");
			out_lit(walk->out, " (invalid)");
			*ret_stop = true;
			return true;
		}
		headers->seen_hop_by_hop = true;
		return line_hop_by_hop(walk, in, headers, ret_stop);
	case PROTOCOL_DESTINATION_OPTIONS:
		return line_destination_options(walk, in, ret_stop);
	case PROTOCOL_FRAGMENT:
		return line_fragment(walk, in, headers, ret_stop);
	default:
		return line_routing(walk, in, headers, ret_stop);
	}
}

/* Extension headers, one by one, and what follows them. left: of the packet, as the header has it. */
static bool print_headers(struct walk *walk, struct ws_cursor in, uint32_t left, uint32_t length,
			  struct line_ipv6 *headers)
{
	uint8_t protocol = headers->ip.protocol, before = UINT8_MAX;
	bool stop = false;

	if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP && protocol != PROTOCOL_DCCP &&
	    protocol != PROTOCOL_SCTP)
		line_addresses(walk, &headers->ip, ": ");
	while (is_extension(protocol)) {
		const uint8_t *begin = in.at;
		struct ws_cursor look = in;

		if (!print_extension(walk, protocol, before, &in, headers, &stop))
			return false;
		if (stop)
			return true;
		walk->protocol = "ip6";
		before = protocol;
		if (!ws_take_u8(&look, &protocol))
			return false;
		if (left < (uint32_t)(in.at - begin)) {
			line_truncated(walk);
			return true;
		}
		left -= (uint32_t)(in.at - begin);
	}
	return print_upper(walk, protocol, in, left, length, headers);
}

bool line_ipv6(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	struct out *out = walk->out;
	struct ipv6 ipv6;
	uint32_t whole;

	walk->protocol = "ip6";
	if (!take_header(&in, &ipv6)) {
		line_truncated(walk);
		return true;
	}
	if (length < HEADER) {
		out_lit(out, "truncated-ip6 ");
		out_u64(out, length);
		return true;
	}
	if (!walk->options->link_header)
		out_lit(out, "IP6 ");
	if (ipv6.first >> 28 != 6) {
		out_lit(out, "version error: ");
		out_u64(out, ipv6.first >> 28);
		out_lit(out, " != 6");
		return true;
	}
	/* A length of 0 may be a jumbogram's: until the options tell, all there is counts. */
	whole = (ipv6.payload_len ? ipv6.payload_len : length) + HEADER;
	if (ipv6.payload_len && length < whole)
		print_missing(walk, whole - length);
	if (walk->options->verbose)
		print_fields(walk, &ipv6);
	return print_headers(walk, line_within(in, whole - HEADER), whole - HEADER, length, &ipv6.headers);
}

bool line_ip(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	struct ws_cursor look = in;
	uint8_t first;

	walk->protocol = "ipn";
	if (length < 1) {
		out_lit(walk->out, "truncated-ip ");
		out_u64(walk->out, length);
		return true;
	}
	if (!ws_take_u8(&look, &first))
		return false;
	switch (first >> 4) {
	case 4:
		return line_ipv4(walk, in, length);
	case 6:
		return line_ipv6(walk, in, length);
	default:
		out_lit(walk->out, "unknown ip ");
		out_u64(walk->out, first >> 4);
		return true;
	}
}
