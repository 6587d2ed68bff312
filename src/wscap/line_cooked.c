/* Linux cooked captures, v1 and v2: what "any" gives. */
#include "wscap/line_wifi.h"

enum {
	ADDRESS_LEN = 6,
	COOKED_802_3 = 0x0001,
	COOKED_802_2 = 0x0004,
};

bool line_take_cooked(struct ws_cursor *in, struct line_cooked *ret)
{
	return ws_take_u16(in, &ret->packet_type) && ws_take_u16(in, &ret->hardware) &&
	       ws_take_u16(in, &ret->address_len) && ws_take_span(in, 8, &ret->address) && ws_take_u16(in, &ret->type);
}

bool line_take_cooked2(struct ws_cursor *in, struct line_cooked *ret)
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
void line_print_interface(struct walk *walk, const struct line_cooked *cooked)
{
	print_padded(walk->out, interface_name(walk->line, cooked->interface), 5);
	print_padded(walk->out, packet_type_name(cooked->packet_type), 3);
}

/* What -e shows of a cooked header. */
static void print_cooked(struct walk *walk, const struct line_cooked *cooked, uint32_t length)
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
			line_tag(walk, tag);
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

static bool print_cooked_packet(struct walk *walk, const struct line_cooked *cooked, struct ws_cursor in)
{
	uint16_t type = cooked->type;
	bool stop = false, known;
	uint32_t length;

	if (walk->options->link_header)
		print_cooked(walk, cooked, walk->wire_len);
	if (cooked->hardware == COOKED_RADIOTAP)
		return line_radiotap(walk, in, walk->wire_len - (uint32_t)line_behind(walk, &in));
	if (!print_cooked_tags(walk, &in, &type, &stop))
		return false;
	if (stop)
		return true;
	length = walk->wire_len - (uint32_t)line_behind(walk, &in);
	if (type == COOKED_802_2 && !line_snap(walk, &in, length, NULL, &known))
		return false;
	if (type == COOKED_802_2 && known) {
		walk->link_header_len = line_behind(walk, &in);
		return true;
	}
	if (type == COOKED_802_2 || type == COOKED_802_3) {
		line_unread(walk, type == COOKED_802_2 ? "802.2" : "802.3", &in);
		return true;
	}
	if (type <= ETHER_LENGTH_MAX) {
		line_unknown(walk, in);
	} else {
		if (!line_ether_type(walk, type, in, length, &known))
			return false;
		if (!known && !walk->options->link_header)
			print_cooked(walk, cooked, length + (uint32_t)cooked->len);
		if (!known)
			line_unknown(walk, in);
	}
	walk->link_header_len = line_behind(walk, &in);
	return true;
}

bool line_cooked(struct walk *walk)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	struct line_cooked cooked = {.v2 = false};

	walk->protocol = "sll";
	if (!line_take_cooked(&in, &cooked))
		return false;
	cooked.len = line_behind(walk, &in);
	return print_cooked_packet(walk, &cooked, in);
}

bool line_cooked2(struct walk *walk)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	struct line_cooked cooked = {.v2 = true};

	walk->protocol = "sll2";
	if (!line_take_cooked2(&in, &cooked))
		return false;
	cooked.len = line_behind(walk, &in);
	line_print_interface(walk, &cooked);
	return print_cooked_packet(walk, &cooked, in);
}
