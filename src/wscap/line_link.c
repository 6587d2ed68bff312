/* Link layers, and what -e shows of them. */
#include "wscap/line_wifi.h"

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

static void print_ppi_header(struct walk *walk, uint8_t version, uint32_t link_type, uint32_t header)
{
	const char *name = pcap_datalink_val_to_name((int)link_type);

	if (walk->options->quiet)
		out_str(walk->out, name ? name : "UNKNOWN");
	else
		out_printf(walk->out, "V.%u DLT %s (%u) len %u", version, name ? name : "UNKNOWN", link_type, header);
	print_length(walk);
}

/* What is in it, as if it were all there is. tcpdump counts its headers twice, which a dump shows. */
static bool print_in_ppi(struct walk *walk, int link_type, struct ws_cursor in)
{
	struct ws_span captured = walk->captured;
	uint32_t wire_len = walk->wire_len;
	size_t header = line_behind(walk, &in);
	bool whole;

	walk->captured = ws_span_from(captured, header);
	walk->wire_len -= (uint32_t)header;
	walk->link_header_len = 0;
	walk->nesting++;
	whole = line_link(walk, link_type);
	walk->nesting--;
	walk->captured = captured;
	walk->wire_len = wire_len;
	walk->link_header_len = header + 2 * walk->link_header_len;
	return whole;
}

/* CACE's Per-Packet Information: version, flags, length and the link type of what follows. */
static bool print_ppi(struct walk *walk)
{
	enum {
		FIXED = 8,
		LENGTH_MAX = 65532,
	};
	struct ws_cursor in = ws_cursor_of(walk->captured), fixed = in;
	struct ws_span header;
	uint8_t version, flags;
	uint32_t link_type;
	uint16_t len;

	walk->protocol = "ppi";
	walk->link_header_len = walk->captured.len;
	if (!ws_take_u8(&fixed, &version) || !ws_take_u8(&fixed, &flags) || !line_take_u16_little(&fixed, &len) ||
	    !line_take_u32_little(&fixed, &link_type)) {
		line_truncated(walk);
		return true;
	}
	if (len < FIXED || len > LENGTH_MAX) {
		out_printf(walk->out, " [length %u < %u or > %u] (invalid)", len, FIXED, LENGTH_MAX);
		return true;
	}
	if (!ws_take_span(&in, len, &header)) {
		line_truncated(walk);
		return true;
	}
	if (walk->options->link_header)
		print_ppi_header(walk, version, link_type, len);
	if (link_type <= INT32_MAX && pcap_datalink_val_to_name((int)link_type) && walk->nesting < LINE_NESTING_MAX)
		return print_in_ppi(walk, (int)link_type, in);
	if (!walk->options->link_header)
		print_ppi_header(walk, version, link_type, len);
	line_unknown(walk, in);
	walk->link_header_len = len;
	return true;
}

bool line_link(struct walk *walk, int link_type)
{
	static const struct line_wifi_tail bare = {0};

	switch (link_type) {
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
		return line_wifi(walk, ws_cursor_of(walk->captured), walk->wire_len, &bare);
	case DLT_IEEE802_11_RADIO:
		return line_radiotap(walk, ws_cursor_of(walk->captured), walk->wire_len);
	case DLT_PRISM_HEADER:
		return line_prism(walk);
	case DLT_IEEE802_11_RADIO_AVS:
		return line_avs(walk);
	case DLT_PPI:
		return print_ppi(walk);
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return print_raw(walk);
	default:
		return print_other(walk, link_type);
	}
}
