/* PPP (RFC 1661), its sessions over Ethernet (RFC 2516), and Cisco's HDLC. */
#include "wscap/line_internal.h"

enum {
	PPP_IP = 0x0021,
	PPP_UNCOMPRESSED_IP = 0x002f,
	PPP_IPV6 = 0x0057,
	PPP_MPLS = 0x0281,
	PPP_MPLS_MULTICAST = 0x0283,

	HDLC_UNICAST = 0x0f,
	HDLC_BROADCAST = 0x8f,
	PPP_ADDRESS = 0xff,
	PPP_CONTROL = 0x03,
	PPP_HEADER = 4,
	HDLC_HEADER = 4,
	PPPOE_HEADER = 6,
};

/* NULL where tcpdump does not know it either. */
static const char *protocol_name(uint16_t protocol)
{
	static const struct {
		uint16_t protocol;
		const char *name;
	} names[] = {
	    {PPP_IP, "IP"},
	    {0x0023, "OSI"},
	    {0x0025, "NS"},
	    {0x0027, "DECNET"},
	    {0x0029, "APPLE"},
	    {0x002b, "IPX"},
	    {0x002d, "VJC IP"},
	    {PPP_UNCOMPRESSED_IP, "VJNC IP"},
	    {0x0031, "BRPDU"},
	    {0x0033, "STII"},
	    {0x0035, "VINES"},
	    {PPP_MPLS, "MPLS"},
	    {PPP_MPLS_MULTICAST, "MPLS"},
	    {0x00fd, "Compressed"},
	    {0x003d, "MLPPP"},
	    {PPP_IPV6, "IP6"},
	    {0x0201, "HELLO"},
	    {0x0231, "LUXCOM"},
	    {0x0233, "SNS"},
	    {0x8021, "IPCP"},
	    {0x8023, "OSICP"},
	    {0x8025, "NSCP"},
	    {0x8027, "DECNETCP"},
	    {0x8029, "APPLECP"},
	    {0x802b, "IPXCP"},
	    {0x8033, "STIICP"},
	    {0x8035, "VINESCP"},
	    {0x8057, "IP6CP"},
	    {0x8281, "MPLSCP"},
	    {0xc021, "LCP"},
	    {0xc023, "PAP"},
	    {0xc025, "LQM"},
	    {0xc223, "CHAP"},
	    {0xc227, "EAP"},
	    {0xc027, "SPAP"},
	    {0xc123, "Old-SPAP"},
	    {0xc02b, "BACP"},
	    {0xc02d, "BAP"},
	    {0xc03d, "MLPPP-CP"},
	    {0x80fd, "CCP"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].protocol == protocol)
			return names[i].name;
	return NULL;
}

/* What a protocol is about; IP's neighbours have a name and a length. */
static bool print_payload(struct walk *walk, uint16_t protocol, struct ws_cursor in, uint32_t length)
{
	const char *name = protocol_name(protocol);

	switch (protocol) {
	case PPP_IP:
	case PPP_UNCOMPRESSED_IP:
	case ETHER_IPV4:
		return line_inner_ip(walk, 4, in, length);
	case PPP_IPV6:
	case ETHER_IPV6:
		return line_inner_ip(walk, 6, in, length);
	case PPP_MPLS:
	case PPP_MPLS_MULTICAST:
		return line_mpls(walk, in, length);
	default:
		if (name)
			out_printf(walk->out, "%s, length %u", name, length);
		else
			out_printf(walk->out, "unknown PPP protocol (0x%04x), length %u", protocol, length);
		return true;
	}
}

/* The address and control bytes, where they are not left out. */
static void skip_address(struct walk *walk, struct ws_cursor *in)
{
	struct ws_cursor look = *in;
	uint8_t address, control;

	if (!ws_take_u8(&look, &address) || !ws_take_u8(&look, &control) || control != PPP_CONTROL)
		return;
	if (address != PPP_ADDRESS && address > 1)
		return;
	if (address != PPP_ADDRESS && walk->options->link_header)
		out_str(walk->out, address ? "Out " : "In  "); /* as pppd writes them */
	*in = look;
}

bool line_ppp(struct walk *walk, struct ws_cursor in, uint32_t length, size_t *ret_len)
{
	struct ws_cursor begin = in, look;
	uint16_t protocol;
	uint32_t left;
	uint8_t low;

	walk->protocol = "ppp";
	*ret_len = 0;
	if (length < sizeof(protocol)) {
		line_truncated(walk);
		return true;
	}
	if (ws_cursor_left(&in) < sizeof(protocol))
		return false;
	skip_address(walk, &in);
	left = length - (uint32_t)(in.at - begin.at);
	if (left < sizeof(protocol)) {
		line_truncated(walk);
		return true;
	}
	look = in;
	if (!ws_take_u8(&look, &low))
		return false;
	protocol = low;
	if (low & 1) /* its first byte, 0, was left out */
		in = look;
	else if (!ws_take_u16(&in, &protocol))
		return false;
	*ret_len = (size_t)(in.at - begin.at);
	if (walk->options->link_header) {
		const char *name = protocol_name(protocol);

		out_printf(walk->out, "%s (0x%04x), length %u", name ? name : "unknown", protocol, length);
		if (!name)
			return true;
		out_lit(walk->out, ": ");
	}
	return print_payload(walk, protocol, in, length - (uint32_t)*ret_len);
}

bool line_ppp_link(struct walk *walk)
{
	size_t len;

	walk->protocol = "ppp";
	if (walk->captured.len < PPP_HEADER) {
		line_truncated(walk);
		walk->link_header_len = walk->captured.len;
		return true;
	}
	if (!line_ppp(walk, ws_cursor_of(walk->captured), walk->wire_len, &len))
		return false;
	walk->link_header_len = PPP_HEADER;
	return true;
}

/* RFC 1547, section 4.3.1. */
bool line_hdlc(struct walk *walk)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	uint32_t length = walk->wire_len;
	uint8_t address, control;
	const char *name;
	uint16_t type;

	walk->protocol = "chdlc";
	if (length < HDLC_HEADER) {
		line_truncated(walk);
		walk->link_header_len = walk->captured.len;
		return true;
	}
	if (!ws_take_u8(&in, &address) || !ws_take_u8(&in, &control) || !ws_take_u16(&in, &type))
		return false;
	name = line_ether_type_name(type);
	if (walk->options->link_header && address != HDLC_UNICAST && address != HDLC_BROADCAST)
		out_printf(walk->out, "0x%02x", address);
	else if (walk->options->link_header)
		out_str(walk->out, address == HDLC_UNICAST ? "unicast" : "bcast");
	if (walk->options->link_header)
		out_printf(walk->out, ", ethertype %s (0x%04x), length %u: ", name ? name : "Unknown", type, length);
	length -= HDLC_HEADER;
	walk->link_header_len = HDLC_HEADER;
	switch (type) {
	case ETHER_IPV4:
		return line_ipv4(walk, in, length);
	case ETHER_IPV6:
		return line_ipv6(walk, in, length);
	case ETHER_MPLS:
	case ETHER_MPLS_MULTICAST:
		return line_mpls(walk, in, length);
	case ETHER_REVERSE_ARP: /* Cisco's keep-alives have this number here */
		out_printf(walk->out, "SLARP, length %u", length);
		return true;
	default:
		if (!walk->options->link_header)
			out_printf(walk->out, "unknown CHDLC protocol (0x%04x)", type);
		return true;
	}
}

/* A serial line: PPP in HDLC-like framing (RFC 1662), or Cisco's. */
bool line_ppp_serial(struct walk *walk)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	uint8_t address, control;
	uint16_t protocol;
	const char *name;

	walk->protocol = "ppp_hdlc";
	if (!ws_take_u8(&in, &address) || !ws_take_u8(&in, &control)) {
		line_truncated(walk);
		walk->link_header_len = walk->captured.len;
		return true;
	}
	if (address == HDLC_UNICAST || address == HDLC_BROADCAST)
		return line_hdlc(walk);
	if (walk->captured.len < PPP_HEADER) {
		line_truncated(walk);
		walk->link_header_len = walk->captured.len;
		return true;
	}
	if (walk->options->link_header)
		out_printf(walk->out, "%02x %02x %u ", address, control, walk->wire_len);
	if (!ws_take_u16(&in, &protocol))
		return false;
	walk->link_header_len = address == PPP_ADDRESS ? PPP_HEADER : 2;
	if (address != PPP_ADDRESS) {
		out_printf(walk->out, "unknown addr %02x; ctrl %02x", protocol >> 8, protocol & 0xff);
		return true;
	}
	name = protocol_name(protocol);
	if (name)
		out_printf(walk->out, "%s: ", name);
	else
		out_printf(walk->out, "unknown PPP protocol (0x%04x): ", protocol);
	if (print_payload(walk, protocol, in, walk->wire_len - PPP_HEADER))
		return true;
	walk->link_header_len = 0;
	return false;
}

/* RFC 2516, section 4. Of its discovery only what it is. */
bool line_pppoe(struct walk *walk, struct ws_cursor in, uint32_t length, size_t *ret_len)
{
	static const struct {
		uint8_t code;
		const char *name;
	} codes[] = {{0x00, ""}, {0x09, "PADI"}, {0x07, "PADO"}, {0x19, "PADR"}, {0x65, "PADS"}, {0xa7, "PADT"}};
	uint8_t version_and_type, code;
	const char *name = NULL;
	uint16_t session, says;
	size_t len;

	walk->protocol = "pppoe";
	*ret_len = 0;
	if (length < PPPOE_HEADER) {
		out_printf(walk->out, " (length %u < %d) (invalid)", length, PPPOE_HEADER);
		return true;
	}
	length -= PPPOE_HEADER;
	if (!ws_take_u8(&in, &version_and_type) || !ws_take_u8(&in, &code) || !ws_take_u16(&in, &session) ||
	    !ws_take_u16(&in, &says))
		return false;
	if (version_and_type >> 4 != 1)
		out_printf(walk->out, " [ver %u]", version_and_type >> 4);
	if ((version_and_type & 0xf) != 1)
		out_printf(walk->out, " [type %u]", version_and_type & 0xf);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			name = codes[i].name;
	out_lit(walk->out, "PPPoE ");
	if (name)
		out_str(walk->out, name);
	else
		out_printf(walk->out, "PAD-%x", code);
	if (says > length)
		out_printf(walk->out, " [len %u > %u!]", says, length);
	else
		length = says;
	if (session)
		out_printf(walk->out, " [ses 0x%x]", session);
	*ret_len = PPPOE_HEADER;
	if (code) {
		out_printf(walk->out, ", length %u", length);
		return true;
	}
	out_char(walk->out, ' ');
	if (!line_ppp(walk, in, length, &len))
		return false;
	*ret_len += len;
	return true;
}
