/* Link layers, and what -e shows of them. */
#include "wscap/line_internal.h"

#include <pcap/pcap.h>

/* What is not known is shown as bytes, unless -x or -X shows them anyway, or -q asks for less. */
void line_unknown(struct walk *walk, struct ws_cursor in)
{
	if (!walk->options->quiet && !walk->options->hex && !walk->options->hex_ascii)
		line_dump_hex_ascii(walk->out, ws_span_of(in.at, ws_cursor_left(&in)));
}

/* LLC, radiotap and what else we do not read. */
void line_unread(struct walk *walk, const char *name, const struct ws_cursor *in)
{
	out_str(walk->out, name);
	out_lit(walk->out, ", length ");
	out_u64(walk->out, walk->wire_len - line_behind(walk, in));
	walk->link_header_len = line_behind(walk, in);
}

static void print_length(struct walk *walk)
{
	out_lit(walk->out, ", length ");
	out_u64(walk->out, walk->wire_len);
	out_lit(walk->out, ": ");
}

static bool print_ethernet(struct walk *walk)
{
	return line_ethernet(walk, ws_cursor_of(walk->captured), walk->wire_len, &walk->link_header_len);
}

static const char *family_name(uint32_t family)
{
	switch (family) {
	case 2:
		return "IPv4";
	case 6:
		return "NS";
	case 7:
		return "ISO";
	case 16:
		return "Appletalk";
	case 23:
		return "IPX";
	case 24:
	case 28:
	case 30:
		return "IPv6";
	default:
		return NULL;
	}
}

static void print_family(struct walk *walk, uint32_t family)
{
	const char *name = family_name(family);
	struct out *out = walk->out;

	if (walk->options->quiet) {
		out_str(out, name ? name : "Unknown AF ");
		if (!name)
			out_u64(out, family);
	} else {
		out_lit(out, "AF ");
		out_str(out, name ? name : "Unknown");
		out_lit(out, " (");
		out_u64(out, family);
		out_char(out, ')');
	}
	print_length(walk);
}

/* BSD loopback: NULL in the capturing host's byte order, LOOP in the network's. */
static bool print_null(struct walk *walk)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	uint32_t family, length;
	const char *name;

	walk->protocol = "null";
	if (!ws_take_u32(&in, &family))
		return false;
	walk->link_header_len = line_behind(walk, &in);
	family = __builtin_bswap32(family);
	if (family > UINT16_MAX)
		family = __builtin_bswap32(family);
	if (walk->options->link_header)
		print_family(walk, family);
	length = walk->wire_len - (uint32_t)walk->link_header_len;
	name = family_name(family);
	if (family == 2)
		return line_ipv4(walk, in, length);
	if (name && strcmp(name, "IPv6") == 0)
		return line_ipv6(walk, in, length);
	if (name && strcmp(name, "NS") != 0) {
		line_unread(walk, name, &in);
		return true;
	}
	if (!walk->options->link_header)
		print_family(walk, family);
	line_unknown(walk, in);
	return true;
}

static bool print_raw(struct walk *walk)
{
	walk->protocol = "raw";
	if (walk->options->link_header)
		out_lit(walk->out, "ip: ");
	return line_ip(walk, ws_cursor_of(walk->captured), walk->wire_len);
}

/* A link layer that is followed (tunnel.h), but not printed: "IEEE802_11_RADIO, length 214" */
static bool print_other(struct walk *walk, int link_type)
{
	const char *name = pcap_datalink_val_to_name(link_type);
	struct ws_cursor in = ws_cursor_of(walk->captured);

	line_unread(walk, name ? name : "unknown link layer", &in);
	return true;
}

static bool print_wifi(struct walk *walk, int link_type)
{
	bool known;

	return line_wifi(walk, &known) && (known || print_other(walk, link_type));
}

bool line_link(struct walk *walk, const struct packet *packet)
{
	switch (packet->link_type) {
	case DLT_EN10MB:
		return print_ethernet(walk);
	case DLT_LINUX_SLL:
		return line_cooked(walk);
	case DLT_LINUX_SLL2:
		return line_cooked2(walk);
	case DLT_NULL:
	case DLT_LOOP:
		return print_null(walk);
	case DLT_NFLOG:
		return line_nflog(walk);
	case DLT_PPP:
		return line_ppp_link(walk);
	case DLT_PPP_SERIAL:
		return line_ppp_serial(walk);
	case DLT_PPP_ETHER:
		return line_pppoe(walk, ws_cursor_of(walk->captured), walk->wire_len, &walk->link_header_len);
	case DLT_C_HDLC:
		return line_hdlc(walk);
	case DLT_IEEE802_11:
		return print_wifi(walk, packet->link_type);
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return print_raw(walk);
	default:
		return print_other(walk, packet->link_type);
	}
}
