/* What wraps IP and Ethernet: GRE and MPLS; and the nesting of it all. */
#include "wscap/line_internal.h"

enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_STRICT = 0x0800,
	GRE_ACKNOWLEDGMENT = 0x0080,
	GRE_VERSION = 0x0007,

	MPLS_ENTRY = 4,
	MPLS_NAMED = 16, /* labels that are reserved: RFC 3032, section 2.1 */
};

bool line_inner_ip(struct walk *walk, unsigned version, struct ws_cursor in, uint32_t length)
{
	bool good;

	if (walk->nesting == LINE_NESTING_MAX) {
		out_printf(walk->out, "IP, length %u", length);
		return true;
	}
	walk->nesting++;
	good = version == 4 ? line_ipv4(walk, in, length) : line_ipv6(walk, in, length);
	walk->nesting--;
	return good;
}

bool line_inner_ethernet(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	size_t header;
	bool good;

	if (walk->nesting == LINE_NESTING_MAX) {
		out_printf(walk->out, "Ethernet, length %u", length);
		return true;
	}
	walk->nesting++;
	good = line_ethernet(walk, in, length, &header);
	walk->nesting--;
	return good;
}

/* "key present, sequence# present" */
static void print_gre_flags(struct out *out, uint16_t flags)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} names[] = {
	    {GRE_CHECKSUM, "checksum present"},
	    {GRE_ROUTING, "routing present"},
	    {GRE_KEY, "key present"},
	    {GRE_SEQUENCE, "sequence# present"},
	    {GRE_STRICT, "source routing present"},
	    {GRE_ACKNOWLEDGMENT, "ack present"},
	};
	bool any = false;

	out_lit(out, ", Flags [");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & names[i].bit) {
			if (any)
				out_lit(out, ", ");
			out_str(out, names[i].name);
			any = true;
		}
	out_str(out, any ? "]" : "none]");
}

/* An optional field: printed, and taken off in and length. */
static bool print_gre_field(struct walk *walk, bool present, const char *format, struct ws_cursor *in, uint32_t *length)
{
	uint32_t value;

	if (!present)
		return true;
	if (*length < sizeof(value) || !ws_take_u32(in, &value))
		return false;
	*length -= (uint32_t)sizeof(value);
	out_printf(walk->out, format, value);
	return true;
}

static bool print_gre_checksum(struct walk *walk, uint16_t flags, struct ws_cursor *in, uint32_t *length)
{
	uint16_t sum, offset;

	if (!(flags & (GRE_CHECKSUM | GRE_ROUTING)))
		return true;
	if (*length < sizeof(sum) || !ws_take_u16(in, &sum))
		return false;
	if (walk->options->verbose)
		out_printf(walk->out, ", sum 0x%x", sum);
	if (*length < sizeof(sum) + sizeof(offset) || !ws_take_u16(in, &offset))
		return false;
	out_printf(walk->out, ", off 0x%x", offset);
	*length -= (uint32_t)(sizeof(sum) + sizeof(offset));
	return true;
}

static void print_gre_length(struct walk *walk, uint16_t type, uint32_t whole)
{
	const char *name = line_ether_type_name(type);

	if (walk->options->link_header)
		out_printf(walk->out, ", proto %s (0x%04x)", name ? name : "unknown", type);
	out_printf(walk->out, ", length %u", whole);
}

/* RFC 2784, RFC 2890. The source routes of RFC 1701 are not read. */
static bool print_gre_0(struct walk *walk, struct ws_cursor in, uint16_t flags, uint16_t type, uint32_t left,
			uint32_t whole)
{
	if (!print_gre_checksum(walk, flags, &in, &left) ||
	    !print_gre_field(walk, flags & GRE_KEY, ", key=0x%x", &in, &left) ||
	    !print_gre_field(walk, flags & GRE_SEQUENCE, ", seq %u", &in, &left)) {
		line_truncated(walk);
		return true;
	}
	print_gre_length(walk, type, whole);
	if (flags & GRE_ROUTING)
		return true;
	out_str(walk->out, walk->options->verbose ? "\n\t" : ": ");
	switch (type) {
	case ETHER_IPV4:
		return line_inner_ip(walk, 4, in, left);
	case ETHER_IPV6:
		return line_inner_ip(walk, 6, in, left);
	case ETHER_MPLS:
		return line_mpls(walk, in, left);
	case ETHER_BRIDGED:
		return line_inner_ethernet(walk, in, left);
	default:
		out_printf(walk->out, "gre-proto-0x%x", type);
		return true;
	}
}

/* RFC 2637, section 4.1: PPTP's. */
static bool print_gre_1(struct walk *walk, struct ws_cursor in, uint16_t flags, uint16_t type, uint32_t left,
			uint32_t whole)
{
	struct ws_cursor key = in;
	uint32_t call;
	size_t len;

	if (flags & GRE_KEY) {
		if (left < sizeof(call) || !ws_take_u32(&key, &call)) {
			line_truncated(walk);
			return true;
		}
		out_printf(walk->out, ", call %u", call & 0xffff);
		in = key;
		left -= (uint32_t)sizeof(call);
	}
	if (!print_gre_field(walk, flags & GRE_SEQUENCE, ", seq %u", &in, &left) ||
	    !print_gre_field(walk, flags & GRE_ACKNOWLEDGMENT, ", ack %u", &in, &left)) {
		line_truncated(walk);
		return true;
	}
	if (!(flags & GRE_SEQUENCE))
		out_lit(walk->out, ", no-payload");
	print_gre_length(walk, type, whole);
	if (!(flags & GRE_SEQUENCE))
		return true;
	out_str(walk->out, walk->options->verbose ? "\n\t" : ": ");
	if (type == ETHER_PPP)
		return line_ppp(walk, in, left, &len);
	out_printf(walk->out, "gre-proto-0x%x", type);
	return true;
}

bool line_gre(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	uint16_t flags, type;
	unsigned version;

	walk->protocol = "gre";
	if (length < sizeof(flags) || !ws_take_u16(&in, &flags)) {
		line_truncated(walk);
		return true;
	}
	version = flags & GRE_VERSION;
	out_printf(walk->out, "GREv%u", version);
	if (version > 1) {
		out_lit(walk->out, " ERROR: unknown-version");
		return true;
	}
	if (walk->options->verbose)
		print_gre_flags(walk->out, flags);
	if (length < sizeof(flags) + sizeof(type) || !ws_take_u16(&in, &type)) {
		line_truncated(walk);
		return true;
	}
	return (version ? print_gre_1 : print_gre_0)(walk, in, flags, type,
						     length - (uint32_t)(sizeof(flags) + sizeof(type)), length);
}

static const char *label_name(uint32_t label)
{
	static const char *const names[] = {"IPv4 explicit NULL", "router alert", "IPv6 explicit NULL",
					    "implicit NULL"};

	return label < sizeof(names) / sizeof(names[0]) ? names[label] : "rsvd";
}

/* " (label 16, tc 3, [S], ttl 64)"; under -v each but the first on a line of its own. */
static void print_label(struct walk *walk, uint32_t entry, bool first)
{
	uint32_t label = entry >> 12;

	out_str(walk->out, !first && walk->options->verbose ? "\n\t" : " ");
	out_printf(walk->out, "(label %u", label);
	if (walk->options->verbose && label < MPLS_NAMED)
		out_printf(walk->out, " (%s)", label_name(label));
	out_printf(walk->out, ", tc %u%s, ttl %u)", entry >> 9 & 7, entry & 0x100 ? ", [S]" : "", entry & 0xff);
}

/* Nothing says what the labels are for: a reserved one does, or the first byte. Sets *ret_version; 0: neither. */
static bool guess_version(uint32_t label, struct ws_cursor look, unsigned *ret_version)
{
	uint8_t first;

	*ret_version = label == 0 || label == 3 ? 4 : label == 2 ? 6 : 0;
	if (*ret_version)
		return true;
	if (!ws_take_u8(&look, &first))
		return false;
	if (first >= 0x45 && first <= 0x4f)
		*ret_version = 4;
	else if (first >> 4 == 6)
		*ret_version = 6;
	return true;
}

/* The bytes, length of them; that some were not captured counts only where they are shown. */
static bool print_unknown(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	bool shown = !walk->options->quiet && !walk->options->hex && !walk->options->hex_ascii;

	in = line_within(in, length);
	line_unknown(walk, in);
	return !shown || ws_cursor_left(&in) == length;
}

/* RFC 3032, section 2.1. */
bool line_mpls(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	bool first = true;
	unsigned version;
	uint32_t entry;

	walk->protocol = "mpls";
	out_lit(walk->out, "MPLS");
	do {
		if (length < MPLS_ENTRY) {
			out_lit(walk->out, " (invalid)");
			return ws_cursor_left(&in) >= length;
		}
		if (!ws_take_u32(&in, &entry))
			return false;
		print_label(walk, entry, first);
		first = false;
		length -= MPLS_ENTRY;
	} while (!(entry & 0x100));
	if (length < 1 && entry >> 12 != 0 && entry >> 12 != 2 && entry >> 12 != 3)
		return true;
	if (!guess_version(entry >> 12, in, &version))
		return false;
	if (!version)
		return print_unknown(walk, in, length);
	out_str(walk->out, walk->options->verbose ? "\n\t" : " ");
	return line_inner_ip(walk, version, in, length);
}
