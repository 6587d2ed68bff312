/* Ethernet, as a link layer and inside of something else, and what -e shows of it. */
#include "wscap/line_internal.h"

enum {
	ETHERNET_HEADER = 14,
	ADDRESS_LEN = 6,
	TAG_LEN = 4,
};

/* One header on its way. */
struct ether {
	struct ws_cursor begin;
	uint32_t length; /* of all of it, on the wire */
	bool tagged;     /* a tag was printed */
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

/* "ethertype IPv4 (0x0800)", or with -q "IPv4" */
static void print_type(struct walk *walk, uint16_t type)
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

static void print_length(struct walk *walk, const struct ether *ether)
{
	out_lit(walk->out, ", length ");
	out_u64(walk->out, ether->length);
	out_lit(walk->out, ": ");
}

static void print_addresses(struct walk *walk, const struct ether *ether)
{
	line_ether_address(walk, ws_span_of(ether->begin.at + ADDRESS_LEN, ADDRESS_LEN));
	out_lit(walk->out, " > ");
	line_ether_address(walk, ws_span_of(ether->begin.at, ADDRESS_LEN));
	out_lit(walk->out, ", ");
}

/* What the header takes, up to in. */
static size_t taken(const struct ether *ether, const struct ws_cursor *in)
{
	return (size_t)(in->at - ether->begin.at);
}

/* What is behind the last tag: an EtherType's packet. */
static bool print_payload(struct walk *walk, const struct ether *ether, uint16_t type, struct ws_cursor in)
{
	bool shows_link = walk->options->link_header;
	bool known;

	if (shows_link) {
		print_type(walk, type);
		if (ether->tagged)
			out_lit(walk->out, ", ");
		else
			print_length(walk, ether);
	}
	if (!line_ether_type(walk, type, in, ether->length - (uint32_t)taken(ether, &in), &known))
		return false;
	if (!known) {
		if (!shows_link) {
			print_addresses(walk, ether);
			print_type(walk, type);
			print_length(walk, ether);
		}
		line_unknown(walk, in);
	}
	return true;
}

/* IEEE 802.3: the type is a length, and LLC follows, of which only the way to IP is read. What is behind that length is
 * padding. */
static bool print_802_3(struct walk *walk, const struct ether *ether, uint16_t length, struct ws_cursor *in)
{
	uint32_t left = ether->length - (uint32_t)taken(ether, in);
	const struct line_cards cards = {
	    .src = ws_span_of(ether->begin.at + ADDRESS_LEN, ADDRESS_LEN),
	    .dst = ws_span_of(ether->begin.at, ADDRESS_LEN),
	};
	struct ws_cursor packet;
	bool known;

	if (length > left)
		length = (uint16_t)left;
	packet = ws_cursor_of(ws_span_first(ws_span_of(in->at, ws_cursor_left(in)), length));
	if (walk->options->link_header && line_is_snap(packet)) {
		out_lit(walk->out, "802.3");
		if (!ether->tagged)
			out_printf(walk->out, ", length %u: ", length);
	}
	if (!line_snap(walk, &packet, length, &cards, &known))
		return false;
	if (known) {
		in->at = packet.at;
		return true;
	}
	out_lit(walk->out, "802.3");
	if (!ether->tagged) {
		out_lit(walk->out, ", length ");
		out_u64(walk->out, length);
	}
	return true;
}

/* The tags; *type becomes that of what is behind them. Sets *ret_stop where one is cut off. */
static bool print_tags(struct walk *walk, struct ether *ether, struct ws_cursor *in, uint16_t *type, bool *ret_stop)
{
	while (is_vlan(*type)) {
		uint16_t tag, next;

		if (ws_cursor_left(in) < TAG_LEN) {
			walk->protocol = "vlan";
			line_truncated(walk);
			*ret_stop = true;
			return true;
		}
		if (!ws_take_u16(in, &tag) || !ws_take_u16(in, &next))
			return false;
		if (walk->options->link_header) {
			print_type(walk, *type);
			if (ether->tagged)
				out_lit(walk->out, ", ");
			else
				print_length(walk, ether);
			line_tag(walk, tag);
			ether->tagged = true;
		}
		*type = next;
	}
	return true;
}

bool line_ethernet(struct walk *walk, struct ws_cursor in, uint32_t length, size_t *ret_len)
{
	struct ether ether = {.begin = in, .length = length};
	size_t captured = ws_cursor_left(&in);
	bool stop = false;
	uint16_t type;

	walk->protocol = "ether";
	if (length < captured) {
		out_printf(walk->out, "[length %u < caplen %zu] (invalid)", length, captured);
		*ret_len = length;
		return true;
	}
	if (captured < ETHERNET_HEADER) {
		line_truncated(walk);
		*ret_len = captured;
		return true;
	}
	in.at += 2 * ADDRESS_LEN;
	if (!ws_take_u16(&in, &type))
		return false;
	if (walk->options->link_header)
		print_addresses(walk, &ether);
	if (!print_tags(walk, &ether, &in, &type, &stop))
		return false;
	if (stop) {
		*ret_len = captured;
		return true;
	}
	*ret_len = taken(&ether, &in);
	if (type > ETHER_LENGTH_MAX)
		return print_payload(walk, &ether, type, in);
	if (!print_802_3(walk, &ether, type, &in))
		return false;
	*ret_len = taken(&ether, &in);
	return true;
}
