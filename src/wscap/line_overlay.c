/* Ethernet and IP over UDP, as tcpdump prints it: VXLAN, Geneve, and OTV, whose port Linux' VXLAN uses. */
#include "wscap/line_internal.h"

enum {
	PORT_VXLAN = 4789,
	PORT_VXLAN_GPE = 4790,
	PORT_GENEVE = 6081,
	PORT_MPLS = 6635,
	PORT_OTV = 8472,

	HEADER = 8, /* of all of them, options apart */
	RESERVED = 3,
	OPTION_HEAD = 4,
	OPTION_CRITICAL = 0x80,
};

/* A name for each bit that is set, from the highest on. */
static void print_bits(struct out *out, uint8_t bits, const char *const names[static 8], const char *none)
{
	bool any = false;

	for (unsigned i = 0; i < 8; i++)
		if (bits & 0x80U >> i && names[i]) {
			out_str(out, names[i]);
			any = true;
		}
	if (!any)
		out_str(out, none);
}

static bool take_u24(struct ws_cursor *in, uint32_t *ret)
{
	uint16_t low;
	uint8_t high;

	if (ws_cursor_left(in) < 3 || !ws_take_u8(in, &high) || !ws_take_u16(in, &low))
		return false;
	*ret = (uint32_t)high << 16 | low;
	return true;
}

/* RFC 7348, section 5. */
static bool print_vxlan(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	static const char *const names[8] = {[4] = "I"};
	uint8_t flags, reserved;
	uint32_t vni;

	walk->protocol = "vxlan";
	out_lit(walk->out, "VXLAN");
	if (length < HEADER) {
		out_lit(walk->out, " (invalid)");
		return true;
	}
	if (!ws_take_u8(&in, &flags))
		return false;
	out_lit(walk->out, ", flags [");
	print_bits(walk->out, flags, names, "invalid");
	out_printf(walk->out, "] (0x%02x), ", flags);
	in = line_ahead(in, RESERVED);
	if (!take_u24(&in, &vni))
		return false;
	out_printf(walk->out, "vni %u\n", vni);
	return ws_take_u8(&in, &reserved) && line_inner_ethernet(walk, in, length - HEADER);
}

/* draft-hasmit-otv-04, section 4.1 */
static bool print_otv(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	uint32_t overlay, instance;
	uint8_t flags, reserved;

	walk->protocol = "otv";
	out_lit(walk->out, "OTV, ");
	if (length < HEADER) {
		out_printf(walk->out, "[length %u < %d] (invalid)", length, HEADER);
		return ws_cursor_left(&in) >= length;
	}
	if (!ws_take_u8(&in, &flags))
		return false;
	out_printf(walk->out, "flags [%s] (0x%02x), ", flags & 0x08 ? "I" : ".", flags);
	if (!take_u24(&in, &overlay))
		return false;
	out_printf(walk->out, "overlay %u, ", overlay);
	if (!take_u24(&in, &instance))
		return false;
	out_printf(walk->out, "instance %u\n", instance);
	return ws_take_u8(&in, &reserved) && line_inner_ethernet(walk, in, length - HEADER);
}

/* draft-ietf-nvo3-vxlan-gpe, section 3. */
static bool print_vxlan_gpe(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	static const char *const names[8] = {[4] = "I", [5] = "P", [6] = "B", [7] = "O"};
	uint8_t flags, next, reserved;
	uint32_t vni;

	walk->protocol = "vxlan_gpe";
	out_lit(walk->out, "VXLAN-GPE, ");
	if (length < HEADER) {
		out_printf(walk->out, " (len %u < %d) (invalid)", length, HEADER);
		return true;
	}
	if (!ws_take_u8(&in, &flags))
		return false;
	out_lit(walk->out, "flags [");
	print_bits(walk->out, flags, names, "none");
	out_lit(walk->out, "], ");
	in = line_ahead(in, RESERVED - 1);
	if (!ws_take_u8(&in, &next) || !take_u24(&in, &vni) || !ws_take_u8(&in, &reserved))
		return false;
	out_printf(walk->out, "vni %u", vni);
	out_str(walk->out, walk->options->verbose ? "\n    " : ": ");
	switch (next) {
	case 1:
		return line_inner_ip(walk, 4, in, length - HEADER);
	case 2:
		return line_inner_ip(walk, 6, in, length - HEADER);
	case 3:
		return line_inner_ethernet(walk, in, length - HEADER);
	case 4:
		out_printf(walk->out, "NSH, length %u", length - HEADER);
		return true;
	default:
		out_lit(walk->out, "ERROR: unknown-next-protocol (invalid)");
		return true;
	}
}

static const char *option_class(uint16_t value)
{
	static const char *const names[] = {"Linux", "Open vSwitch", "Open Virtual Networking (OVN)",
					    "In-band Network Telemetry (INT)", "VMware"};

	if (value >= 0x0100 && value < 0x0100 + sizeof(names) / sizeof(names[0]))
		return names[value - 0x0100];
	if (value <= 0x00ff)
		return "Standard";
	return value >= 0xfff0 ? "Experimental" : "Unknown";
}

/* RFC 8926, section 3.5. All of them were captured. */
static bool print_options(struct walk *walk, struct ws_cursor in)
{
	const char *separator = "";

	while (ws_cursor_left(&in)) {
		size_t left = ws_cursor_left(&in);
		uint16_t class;
		uint8_t type, len;
		uint32_t word;

		out_str(walk->out, separator);
		separator = ", ";
		if (!ws_take_u16(&in, &class) || !ws_take_u8(&in, &type) || !ws_take_u8(&in, &len))
			return false;
		len = (uint8_t)(OPTION_HEAD + (len & 0x1f) * 4);
		out_printf(walk->out, "class %s (0x%x) type 0x%x%s len %u", option_class(class), class, type,
			   type & OPTION_CRITICAL ? "(C)" : "", len);
		if (len > left) {
			out_lit(walk->out, " [bad length]");
			return true;
		}
		if (walk->options->verbose > 1 && len > OPTION_HEAD)
			out_lit(walk->out, " data");
		for (unsigned at = OPTION_HEAD; at < len && ws_take_u32(&in, &word); at += 4)
			if (walk->options->verbose > 1)
				out_printf(walk->out, " %08x", word);
	}
	return true;
}

static bool print_geneve_payload(struct walk *walk, uint16_t type, struct ws_cursor in, uint32_t length)
{
	bool known;

	out_str(walk->out, walk->options->verbose ? "\n\t" : ": ");
	if (type == ETHER_BRIDGED)
		return line_inner_ethernet(walk, in, length);
	if (type == ETHER_IPV4 || type == ETHER_IPV6)
		return line_inner_ip(walk, type == ETHER_IPV4 ? 4 : 6, in, length);
	if (!line_ether_type(walk, type, in, length, &known))
		return false;
	if (!known)
		out_printf(walk->out, "geneve-proto-0x%x", type);
	return true;
}

/* RFC 8926, section 3.4. */
static bool print_geneve(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	static const char *const names[8] = {"O", "C", "R1", "R2", "R3", "R4", "R5", "R6"};
	uint8_t version_and_len, flags, reserved;
	uint32_t vni, options_len;
	struct ws_span options;
	uint16_t type;

	walk->protocol = "geneve";
	out_lit(walk->out, "Geneve");
	if (length < HEADER) {
		out_printf(walk->out, " [length %u < %d] (invalid)", length, HEADER);
		return true;
	}
	if (ws_cursor_left(&in) < HEADER) {
		line_truncated(walk);
		return true;
	}
	if (!ws_take_u8(&in, &version_and_len) || !ws_take_u8(&in, &flags) || !ws_take_u16(&in, &type) ||
	    !take_u24(&in, &vni) || !ws_take_u8(&in, &reserved))
		return false;
	if (version_and_len >> 6) {
		out_printf(walk->out, " ERROR: unknown-version %u", version_and_len >> 6);
		return true;
	}
	out_lit(walk->out, ", Flags [");
	print_bits(walk->out, flags, names, "none");
	out_printf(walk->out, "], vni 0x%x", vni);
	if (reserved)
		out_printf(walk->out, ", rsvd 0x%x", reserved);
	if (walk->options->link_header)
		out_printf(walk->out, ", proto %s (0x%04x)",
			   line_ether_type_name(type) ? line_ether_type_name(type) : "unknown", type);
	length -= HEADER;
	options_len = (version_and_len & 0x3f) * 4u;
	if (length < options_len) {
		out_printf(walk->out, " truncated-geneve - %u bytes missing", options_len - length);
		return true;
	}
	if (!ws_take_span(&in, options_len, &options)) {
		line_truncated(walk);
		return true;
	}
	if (options_len) {
		out_lit(walk->out, ", options [");
		if (!walk->options->verbose)
			out_printf(walk->out, "%u bytes", options_len);
		else if (!print_options(walk, ws_cursor_of(options)))
			return false;
		out_char(walk->out, ']');
	}
	return print_geneve_payload(walk, type, in, length - options_len);
}

bool line_overlay(struct walk *walk, uint16_t port_a, uint16_t port_b, struct ws_cursor in, uint32_t length,
		  bool *ret_known)
{
	static const struct {
		uint16_t port;
		bool (*print)(struct walk *walk, struct ws_cursor in, uint32_t length);
	} overlays[] = {{PORT_OTV, print_otv},
			{PORT_VXLAN, print_vxlan},
			{PORT_GENEVE, print_geneve},
			{PORT_VXLAN_GPE, print_vxlan_gpe},
			{PORT_MPLS, line_mpls}};

	*ret_known = true;
	for (size_t i = 0; i < sizeof(overlays) / sizeof(overlays[0]); i++)
		if (port_a == overlays[i].port || port_b == overlays[i].port)
			return overlays[i].print(walk, in, length);
	*ret_known = false;
	return true;
}
