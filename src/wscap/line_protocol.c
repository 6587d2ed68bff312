/* What IP carries. TCP is the point; UDP and echo are as with tcpdump; what tcpdump has a decoder for and we have not
 * gets its name and length. */
#include "wscap/line_internal.h"

enum {
	AUTHENTICATION_HEADER = 12,
};

void line_truncated(struct walk *walk)
{
	out_lit(walk->out, " [|");
	out_str(walk->out, walk->protocol);
	out_char(walk->out, ']');
}

/* "GRE, length 60" */
static void print_length(struct walk *walk, const char *name, uint32_t length)
{
	out_str(walk->out, name);
	out_lit(walk->out, ", length ");
	out_u64(walk->out, length);
}

/* RFC 4302, section 2. It is followed by what it protects: *in and *length move on. */
static bool print_authentication(struct walk *walk, struct ws_cursor *in, uint32_t *length, uint8_t *ret_next)
{
	struct ws_cursor at = *in;
	struct out *out = walk->out;
	uint32_t header_len, spi, seq;
	uint16_t reserved;
	uint8_t len;

	walk->protocol = "ah";
	if (!ws_take_u8(&at, ret_next))
		return false;
	out_lit(out, "AH");
	if (!ws_take_u8(&at, &len))
		return false;
	header_len = (len + 2u) * 4;
	out_char(out, '(');
	if (walk->options->verbose)
		out_printf(out, "length=%u(%u-bytes),", len, header_len);
	if (!ws_take_u16(&at, &reserved))
		return false;
	if (reserved)
		out_printf(out, "reserved=0x%x[MustBeZero],", reserved);
	if (!ws_take_u32(&at, &spi))
		return false;
	out_printf(out, "spi=0x%08x,", spi);
	if (!ws_take_u32(&at, &seq))
		return false;
	out_printf(out, "seq=0x%x,icv=0x", seq);
	for (uint32_t i = AUTHENTICATION_HEADER; i < header_len; i++) {
		uint8_t byte;

		if (!ws_take_u8(&at, &byte))
			return false;
		out_hex(out, byte, 2);
	}
	out_lit(out, "): ");
	*in = line_ahead(*in, header_len);
	*length -= header_len;
	return true;
}

/* IPv6's extension headers have names but, outside IPv6, no decoder. */
static bool read_by_tcpdump(uint8_t protocol, uint8_t version)
{
	switch (protocol) {
	case PROTOCOL_HOP_BY_HOP:
	case PROTOCOL_ROUTING:
	case PROTOCOL_FRAGMENT:
		return false;
	case PROTOCOL_MOBILITY_OLD:
	case PROTOCOL_MOBILITY:
		return version == 6;
	default:
		return true;
	}
}

/* A protocol that we do not read: by the name that tcpdump has for those with a decoder, or as tcpdump shows those
 * without. */
static void print_other(struct walk *walk, uint8_t protocol, uint32_t length, const struct line_ip *ip)
{
	const char *name = read_by_tcpdump(protocol, ip->version) ? line_protocol_name(protocol) : NULL;

	if (protocol == PROTOCOL_DCCP || protocol == PROTOCOL_SCTP)
		line_addresses(walk, ip, ": ");
	if (name) {
		print_length(walk, name, length);
		return;
	}
	name = walk->options->no_names ? NULL : line_protocol_netdb(protocol);
	out_char(walk->out, ' ');
	if (name) {
		out_str(walk->out, name);
	} else {
		out_lit(walk->out, "ip-proto-");
		out_u64(walk->out, protocol);
	}
	out_char(walk->out, ' ');
	out_u64(walk->out, length);
}

/* The one version of IP that a protocol belongs to, or 0. */
static unsigned only_version(uint8_t protocol)
{
	switch (protocol) {
	case PROTOCOL_ICMP:
	case PROTOCOL_IGMP:
		return 4;
	case PROTOCOL_ICMPV6:
	case PROTOCOL_ETHERNET:
		return 6;
	default:
		return 0;
	}
}

bool line_protocol(struct walk *walk, uint8_t protocol, struct ws_cursor in, uint32_t length, const struct line_ip *ip)
{
	while (protocol == PROTOCOL_AUTHENTICATION) {
		if (ws_cursor_left(&in) == 0) {
			walk->protocol = "ah";
			line_truncated(walk);
			return true;
		}
		if (!print_authentication(walk, &in, &length, &protocol))
			return false;
	}
	if (only_version(protocol) && only_version(protocol) != ip->version) {
		out_printf(walk->out, "[%s requires IPv%u] (invalid)", line_protocol_name(protocol),
			   only_version(protocol));
		return true;
	}
	switch (protocol) {
	case PROTOCOL_TCP:
		return line_tcp(walk, in, length, ip);
	case PROTOCOL_UDP:
		return line_udp(walk, in, length, ip);
	case PROTOCOL_IPV4:
	case PROTOCOL_IPV6:
		return line_inner_ip(walk, protocol == PROTOCOL_IPV4 ? 4 : 6, in, length);
	case PROTOCOL_GRE:
		return line_gre(walk, in, length);
	case PROTOCOL_ETHERNET:
		return line_inner_ethernet(walk, in, length);
	case PROTOCOL_SUN_ND:
		out_lit(walk->out, " nd ");
		out_u64(walk->out, length);
		return true;
	case PROTOCOL_NONE:
		out_lit(walk->out, "no next header");
		return true;
	case PROTOCOL_ICMP:
		return line_icmp(walk, in, length, ip);
	case PROTOCOL_ICMPV6:
		return line_icmp6(walk, in, length, ip);
	default:
		print_other(walk, protocol, length, ip);
		return true;
	}
}

bool line_ether_type(struct walk *walk, uint16_t type, struct ws_cursor in, uint32_t length, bool *ret_known)
{
	size_t len;

	*ret_known = true;
	switch (type) {
	case ETHER_IPV4:
		return line_ipv4(walk, in, length);
	case ETHER_IPV6:
		return line_ipv6(walk, in, length);
	case ETHER_ARP:
	case ETHER_REVERSE_ARP:
		return line_arp(walk, in, length);
	case ETHER_MPLS:
	case ETHER_MPLS_MULTICAST:
		return line_mpls(walk, in, length);
	case ETHER_PPPOE_SESSION:
		return line_pppoe(walk, in, length, &len);
	case ETHER_PPP:
		if (!length)
			return true;
		out_lit(walk->out, ": ");
		return line_ppp(walk, in, length, &len);
	default:
		*ret_known = line_ether_type_unread(type);
		if (*ret_known)
			print_length(walk, line_ether_type_name(type), length);
		return true;
	}
}
