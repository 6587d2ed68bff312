/* Link layers, and what -e shows of them. */
#include "wscap/line_internal.h"

#include <pcap/pcap.h>

enum {
	ETHERNET_HEADER = 14,
	ADDRESS_LEN = 6,
};

static bool is_vlan(uint16_t type)
{
	return type == ETHER_VLAN || type == ETHER_QINQ || type == ETHER_QINQ_9100 || type == ETHER_QINQ_9200;
}

/* "vlan 5, p 3, DEI, " */
void line_tag(struct walk *walk, uint16_t tag)
{
	struct out *out = walk->out;

	out_lit(out, "vlan ");
	out_u64(out, tag & 0xfff);
	out_lit(out, ", p ");
	out_u64(out, tag >> 13);
	if (tag & 0x1000)
		out_lit(out, ", DEI");
	out_lit(out, ", ");
}

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

/* "ethertype IPv4 (0x0800)", or with -q "IPv4" */
static void print_ether_type(struct walk *walk, uint16_t type)
{
	const char *name = line_ether_type_name(type);
	struct out *out = walk->out;

	if (walk->options->quiet && name) {
		out_str(out, name);
		return;
	}
	if (walk->options->quiet)
		out_lit(out, "Unknown Ethertype (0x");
	else
		out_lit(out, "ethertype ");
	if (!walk->options->quiet) {
		out_str(out, name ? name : "Unknown");
		out_lit(out, " (0x");
	}
	out_hex(out, type, 4);
	out_char(out, ')');
}

static void print_length(struct walk *walk)
{
	out_lit(walk->out, ", length ");
	out_u64(walk->out, walk->wire_len);
	out_lit(walk->out, ": ");
}

static void print_ether_addresses(struct walk *walk)
{
	line_ether_address(walk, ws_span_of(walk->captured.data + ADDRESS_LEN, ADDRESS_LEN));
	out_lit(walk->out, " > ");
	line_ether_address(walk, ws_span_of(walk->captured.data, ADDRESS_LEN));
	out_lit(walk->out, ", ");
}

/* What is behind the last tag: an EtherType's packet. */
static bool print_ether_payload(struct walk *walk, uint16_t type, struct ws_cursor in, bool tagged)
{
	bool shows_link = walk->options->link_header;
	bool known;

	if (shows_link) {
		print_ether_type(walk, type);
		if (tagged)
			out_lit(walk->out, ", ");
		else
			print_length(walk);
	}
	if (!line_ether_type(walk, type, in, walk->wire_len - (uint32_t)line_behind(walk, &in), &known))
		return false;
	if (!known) {
		if (!shows_link) {
			print_ether_addresses(walk);
			print_ether_type(walk, type);
			print_length(walk);
		}
		line_unknown(walk, in);
	}
	walk->link_header_len = line_behind(walk, &in);
	return true;
}

/* IEEE 802.3: the type is a length, and LLC follows, which we do not read. */
static void print_802_3(struct walk *walk, uint16_t length, const struct ws_cursor *in, bool tagged)
{
	uint32_t left = walk->wire_len - (uint32_t)line_behind(walk, in);

	out_lit(walk->out, "802.3");
	if (!walk->options->link_header || !tagged) {
		out_lit(walk->out, ", length ");
		out_u64(walk->out, length < left ? length : left);
	}
	walk->link_header_len = line_behind(walk, in);
}

static bool print_ethernet(struct walk *walk)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	bool tagged = false;
	uint16_t type;

	walk->protocol = "ether";
	if (walk->captured.len < ETHERNET_HEADER) {
		line_truncated(walk);
		walk->link_header_len = walk->captured.len;
		return true;
	}
	in.at += 2 * ADDRESS_LEN;
	if (!ws_take_u16(&in, &type))
		return false;
	if (walk->options->link_header)
		print_ether_addresses(walk);
	while (is_vlan(type)) {
		uint16_t tag, next;

		if (ws_cursor_left(&in) < 4) {
			walk->protocol = "vlan";
			line_truncated(walk);
			walk->link_header_len = walk->captured.len;
			return true;
		}
		if (!ws_take_u16(&in, &tag) || !ws_take_u16(&in, &next))
			return false;
		if (walk->options->link_header) {
			print_ether_type(walk, type);
			if (tagged)
				out_lit(walk->out, ", ");
			else
				print_length(walk);
			line_tag(walk, tag);
		}
		tagged = true;
		type = next;
	}
	tagged = tagged && walk->options->link_header;
	if (type > ETHER_LENGTH_MAX)
		return print_ether_payload(walk, type, in, tagged);
	print_802_3(walk, type, &in, tagged);
	return true;
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
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return print_raw(walk);
	default:
		return print_other(walk, packet->link_type);
	}
}
