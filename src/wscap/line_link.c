/* Link layers, and what -e shows of them. */
#include "wscap/line_internal.h"

#include <pcap/dlt.h>

enum {
	ETHERNET_HEADER = 14,
	ADDRESS_LEN = 6,
	COOKED_RADIOTAP = 803, /* ARPHRD_IEEE80211_RADIOTAP */
	COOKED_802_3 = 0x0001,
	COOKED_802_2 = 0x0004,
};

static bool is_vlan(uint16_t type)
{
	return type == ETHER_VLAN || type == ETHER_QINQ || type == ETHER_QINQ_9100 || type == ETHER_QINQ_9200;
}

/* "vlan 5, p 3, DEI, " */
static void print_tag(struct walk *walk, uint16_t tag)
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

/* What is not known is shown as bytes, unless -x or -X shows them anyway, or -q asks for less. */
static void print_unknown(struct walk *walk, struct ws_cursor in)
{
	if (!walk->options->quiet && !walk->options->hex && !walk->options->hex_ascii)
		line_dump_hex_ascii(walk->out, ws_span_of(in.at, ws_cursor_left(&in)));
}

static size_t behind(const struct walk *walk, const struct ws_cursor *in)
{
	return walk->captured.len - ws_cursor_left(in);
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
	if (!line_ether_type(walk, type, in, walk->wire_len - (uint32_t)behind(walk, &in), &known))
		return false;
	if (!known) {
		if (!shows_link) {
			print_ether_addresses(walk);
			print_ether_type(walk, type);
			print_length(walk);
		}
		print_unknown(walk, in);
	}
	walk->link_header_len = behind(walk, &in);
	return true;
}

/* IEEE 802.3: the type is a length, and LLC follows, which we do not read. */
static void print_802_3(struct walk *walk, uint16_t length, const struct ws_cursor *in, bool tagged)
{
	uint32_t left = walk->wire_len - (uint32_t)behind(walk, in);

	out_lit(walk->out, "802.3");
	if (!walk->options->link_header || !tagged) {
		out_lit(walk->out, ", length ");
		out_u64(walk->out, length < left ? length : left);
	}
	walk->link_header_len = behind(walk, in);
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
			print_tag(walk, tag);
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

/* Linux cooked captures, v1 and v2: the same fields in another order. */
struct cooked {
	uint32_t interface; /* v2 only */
	uint16_t packet_type;
	uint16_t hardware;
	uint16_t address_len;
	struct ws_span address; /* eight bytes */
	uint16_t type;
	size_t len; /* of the header */
	bool v2;
};

static bool take_cooked(struct ws_cursor *in, struct cooked *ret)
{
	return ws_take_u16(in, &ret->packet_type) && ws_take_u16(in, &ret->hardware) &&
	       ws_take_u16(in, &ret->address_len) && ws_take_span(in, 8, &ret->address) && ws_take_u16(in, &ret->type);
}

static bool take_cooked2(struct ws_cursor *in, struct cooked *ret)
{
	uint16_t reserved;
	uint8_t packet_type, address_len;

	ret->v2 = true;
	if (!ws_take_u16(in, &ret->type) || !ws_take_u16(in, &reserved) || !ws_take_u32(in, &ret->interface) ||
	    !ws_take_u16(in, &ret->hardware) || !ws_take_u8(in, &packet_type) || !ws_take_u8(in, &address_len) ||
	    !ws_take_span(in, 8, &ret->address))
		return false;
	ret->packet_type = packet_type;
	ret->address_len = address_len;
	return true;
}

static const char *packet_type_name(uint16_t type)
{
	static const char *const names[] = {"In", "B", "M", "P", "Out"};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : "?";
}

static void print_padded(struct out *out, const char *text, size_t width)
{
	size_t len = strlen(text);

	out_bytes(out, text, len);
	out_repeat(out, ' ', len < width ? width - len + 1 : 1);
}

/* The name that this machine has for the interface, "?" where it has none. It is asked for once. */
static const char *interface_name(struct line *line, uint32_t index)
{
	struct line_interface *known = &line->interfaces[index % LINE_INTERFACES];

	if (!known->name[0] || known->index != index) {
		known->index = index;
		if (!if_indextoname(index, known->name))
			memcpy(known->name, "?", 2);
	}
	return known->name;
}

/* "lo    In  ": what a v2 header shows even without -e. */
static void print_interface(struct walk *walk, const struct cooked *cooked)
{
	print_padded(walk->out, interface_name(walk->line, cooked->interface), 5);
	print_padded(walk->out, packet_type_name(cooked->packet_type), 3);
}

/* What -e shows of a cooked header. */
static void print_cooked(struct walk *walk, const struct cooked *cooked, uint32_t length)
{
	struct out *out = walk->out;

	if (cooked->v2) {
		out_lit(out, "ifindex ");
		out_u64(out, cooked->interface);
		out_char(out, ' ');
	} else {
		const char *type = packet_type_name(cooked->packet_type);

		out_repeat(out, ' ', 3 - strlen(type));
		out_str(out, type);
		out_char(out, ' ');
	}
	if (cooked->address_len == ADDRESS_LEN) {
		line_ether_address(walk, ws_span_first(cooked->address, ADDRESS_LEN));
		out_char(out, ' ');
	}
	if (walk->options->quiet)
		return;
	if (cooked->type == COOKED_802_3) {
		out_lit(out, "802.3");
	} else if (cooked->type == COOKED_802_2) {
		out_lit(out, "802.2");
	} else {
		const char *name = cooked->type > ETHER_LENGTH_MAX ? line_ether_type_name(cooked->type) : NULL;

		out_lit(out, "ethertype ");
		out_str(out, name ? name : "Unknown");
		out_lit(out, " (0x");
		out_hex(out, cooked->type, 4);
		out_char(out, ')');
	}
	out_lit(out, ", length ");
	out_u64(out, length);
	out_lit(out, ": ");
}

/* The tags of a cooked capture; type becomes that of what is behind them. Sets *ret_stop where one is cut off. */
static bool print_cooked_tags(struct walk *walk, struct ws_cursor *in, uint16_t *type, bool *ret_stop)
{
	while (*type == ETHER_VLAN) {
		const char *name;
		uint16_t tag;

		if (ws_cursor_left(in) < 4) {
			walk->protocol = "vlan";
			line_truncated(walk);
			walk->link_header_len = walk->captured.len;
			*ret_stop = true;
			return true;
		}
		if (!ws_take_u16(in, &tag) || !ws_take_u16(in, type))
			return false;
		if (walk->options->link_header)
			print_tag(walk, tag);
		if (*type <= ETHER_LENGTH_MAX)
			*type = COOKED_802_2;
		if (walk->options->quiet)
			continue;
		name = line_ether_type_name(*type);
		out_lit(walk->out, "ethertype ");
		out_str(walk->out, name ? name : "Unknown");
		out_lit(walk->out, ", ");
	}
	return true;
}

/* LLC, radiotap and what else we do not read. */
static void print_unread(struct walk *walk, const char *name, const struct ws_cursor *in)
{
	out_str(walk->out, name);
	out_lit(walk->out, ", length ");
	out_u64(walk->out, walk->wire_len - behind(walk, in));
	walk->link_header_len = behind(walk, in);
}

static bool print_cooked_packet(struct walk *walk, const struct cooked *cooked, struct ws_cursor in)
{
	uint16_t type = cooked->type;
	bool stop = false, known;
	uint32_t length;

	if (walk->options->link_header)
		print_cooked(walk, cooked, walk->wire_len);
	if (cooked->hardware == COOKED_RADIOTAP) {
		print_unread(walk, "802.11", &in);
		return true;
	}
	if (!print_cooked_tags(walk, &in, &type, &stop))
		return false;
	if (stop)
		return true;
	length = walk->wire_len - (uint32_t)behind(walk, &in);
	if (type == COOKED_802_2 || type == COOKED_802_3) {
		print_unread(walk, type == COOKED_802_2 ? "802.2" : "802.3", &in);
		return true;
	}
	if (type <= ETHER_LENGTH_MAX) {
		print_unknown(walk, in);
	} else {
		if (!line_ether_type(walk, type, in, length, &known))
			return false;
		if (!known && !walk->options->link_header)
			print_cooked(walk, cooked, length + (uint32_t)cooked->len);
		if (!known)
			print_unknown(walk, in);
	}
	walk->link_header_len = behind(walk, &in);
	return true;
}

static bool print_sll(struct walk *walk)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	struct cooked cooked = {.v2 = false};

	walk->protocol = "sll";
	if (!take_cooked(&in, &cooked))
		return false;
	cooked.len = behind(walk, &in);
	return print_cooked_packet(walk, &cooked, in);
}

static bool print_sll2(struct walk *walk)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	struct cooked cooked = {.v2 = true};

	walk->protocol = "sll2";
	if (!take_cooked2(&in, &cooked))
		return false;
	cooked.len = behind(walk, &in);
	print_interface(walk, &cooked);
	return print_cooked_packet(walk, &cooked, in);
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
	walk->link_header_len = behind(walk, &in);
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
		print_unread(walk, name, &in);
		return true;
	}
	if (!walk->options->link_header)
		print_family(walk, family);
	print_unknown(walk, in);
	return true;
}

static bool print_raw(struct walk *walk)
{
	walk->protocol = "raw";
	if (walk->options->link_header)
		out_lit(walk->out, "ip: ");
	return line_ip(walk, ws_cursor_of(walk->captured), walk->wire_len);
}

bool line_link(struct walk *walk, const struct packet *packet)
{
	switch (packet->link_type) {
	case DLT_EN10MB:
		return print_ethernet(walk);
	case DLT_LINUX_SLL:
		return print_sll(walk);
	case DLT_LINUX_SLL2:
		return print_sll2(walk);
	case DLT_NULL:
	case DLT_LOOP:
		return print_null(walk);
	default:
		return print_raw(walk);
	}
}
