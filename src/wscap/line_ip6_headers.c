/* IPv6 extension headers: RFC 8200, section 4; RFC 2675 (jumbograms), 6275 (mobility), 8754 (segment routing). */
#include "wscap/line_internal.h"

enum {
	OPTION_PAD1 = 0,
	OPTION_PADN = 1,
	OPTION_ROUTER_ALERT = 5,
	OPTION_JUMBO = 0xc2,
	OPTION_HOME_ADDRESS = 0xc9,

	ROUTER_ALERT_LEN = 2,
	JUMBO_LEN = 4,
	JUMBO_MIN = 65536,
	ADDRESS_LEN = 16,

	ROUTING_SOURCE = 0, /* deprecated by RFC 5095 */
	ROUTING_MOBILE = 2,
	ROUTING_SEGMENTS = 4,

	FRAGMENT_HEADER = 8,
	FRAGMENT_OFFSET = 0xfff8,
};

struct option {
	uint8_t kind;
	struct ws_span value;
	size_t room; /* from its first byte to the end of the header */
};

/* Says what is wrong with an option's length, and returns false, where something is: fits tells. */
static bool check_length(struct walk *walk, const struct option *option, const char *name, size_t wanted, bool fits)
{
	if (option->room >= wanted + 2 && fits)
		return true;
	out_char(walk->out, '(');
	out_str(walk->out, name);
	if (option->room < wanted + 2) {
		out_lit(walk->out, ": trunc)");
	} else {
		out_lit(walk->out, ": invalid len ");
		out_u64(walk->out, option->value.len);
		out_char(walk->out, ')');
	}
	return false;
}

static bool print_router_alert(struct walk *walk, const struct option *option)
{
	struct ws_cursor in = ws_cursor_of(option->value);
	uint16_t value;

	if (!check_length(walk, option, "rtalert", ROUTER_ALERT_LEN, option->value.len == ROUTER_ALERT_LEN) ||
	    !ws_take_u16(&in, &value))
		return false;
	if (walk->options->verbose) {
		out_lit(walk->out, "(rtalert: 0x");
		out_hex(walk->out, value, 4);
		out_lit(walk->out, ") ");
	}
	return true;
}

/* hop_by_hop is NULL in destination options, where it has no meaning. */
static bool print_jumbo(struct walk *walk, const struct option *option, struct line_ipv6 *hop_by_hop, bool *seen)
{
	struct ws_cursor in = ws_cursor_of(option->value);
	const char *objection = "";
	uint32_t len;

	if (!check_length(walk, option, "jumbo", JUMBO_LEN, option->value.len == JUMBO_LEN) || !ws_take_u32(&in, &len))
		return false;
	if (*seen) {
		objection = " - already seen";
	} else if (!hop_by_hop) {
		objection = " - not a hop-by-hop option";
	} else if (hop_by_hop->payload_len) {
		objection = " - payload len != 0";
	} else if (len < JUMBO_MIN) {
		objection = " - < 65536";
	} else {
		hop_by_hop->jumbo = true;
		hop_by_hop->payload_len = len;
	}
	*seen = true;
	if (walk->options->verbose) {
		out_lit(walk->out, "(jumbo: ");
		out_u64(walk->out, len);
		out_str(walk->out, objection);
		out_lit(walk->out, ") ");
	}
	return true;
}

/* Options within an option. */
static bool print_suboptions(struct walk *walk, struct ws_span suboptions)
{
	struct ws_cursor in = ws_cursor_of(suboptions);
	uint8_t kind, len;

	while (ws_take_u8(&in, &kind)) {
		struct ws_span value;

		if (kind == OPTION_PAD1) {
			out_lit(walk->out, ", pad1");
			continue;
		}
		if (!ws_take_u8(&in, &len) || !ws_take_span(&in, len, &value))
			return false;
		if (kind == OPTION_PADN) {
			out_lit(walk->out, ", padn");
			continue;
		}
		out_lit(walk->out, ", sopt_type 0x");
		out_hex(walk->out, kind, 2);
		out_lit(walk->out, ": len=");
		out_u64(walk->out, len);
	}
	return true;
}

static bool print_home_address(struct walk *walk, const struct option *option)
{
	if (!check_length(walk, option, "homeaddr", ADDRESS_LEN, option->value.len >= ADDRESS_LEN))
		return false;
	if (!walk->options->verbose)
		return true;
	out_lit(walk->out, "(homeaddr: ");
	line_address(walk, ws_span_first(option->value, ADDRESS_LEN));
	if (!print_suboptions(walk, ws_span_from(option->value, ADDRESS_LEN)))
		return false;
	out_char(walk->out, ')');
	return true;
}

static bool print_option(struct walk *walk, const struct option *option, struct line_ipv6 *hop_by_hop, bool *jumbo_seen)
{
	switch (option->kind) {
	case OPTION_PADN:
		if (walk->options->verbose)
			out_lit(walk->out, "(padn)");
		return true;
	case OPTION_ROUTER_ALERT:
		return print_router_alert(walk, option);
	case OPTION_JUMBO:
		return print_jumbo(walk, option, hop_by_hop, jumbo_seen);
	case OPTION_HOME_ADDRESS:
		return print_home_address(walk, option);
	default:
		if (walk->options->verbose) {
			out_lit(walk->out, "(opt_type 0x");
			out_hex(walk->out, option->kind, 2);
			out_lit(walk->out, ": len=");
			out_u64(walk->out, option->value.len);
			out_char(walk->out, ')');
		}
		return true;
	}
}

/* Returns false at an option that makes no sense. */
static bool print_options(struct walk *walk, struct ws_span options, struct line_ipv6 *hop_by_hop)
{
	struct ws_cursor in = ws_cursor_of(options);
	bool jumbo_seen = false;
	struct option option;

	while (ws_take_u8(&in, &option.kind)) {
		uint8_t len;

		option.room = ws_cursor_left(&in) + 1;
		if (option.kind == OPTION_PAD1) {
			if (walk->options->verbose)
				out_lit(walk->out, "(pad1)");
			continue;
		}
		if (!ws_take_u8(&in, &len) || !ws_take_span(&in, len, &option.value) ||
		    !print_option(walk, &option, hop_by_hop, &jumbo_seen))
			return false;
	}
	if (walk->options->verbose)
		out_char(walk->out, ' ');
	return true;
}

/* A header that says its length in units of eight bytes; ret_options is what follows its first two. Returns false where
 * even these are cut off; sets *ret_stop where the rest is. */
static bool take_header(struct walk *walk, struct ws_cursor *in, struct ws_span *ret_options, bool *ret_stop)
{
	struct ws_cursor at = *in;
	uint8_t next, len;

	if (!ws_take_u8(&at, &next) || !ws_take_u8(&at, &len))
		return false;
	if (!ws_take_span(&at, (len + 1u) * 8 - 2, ret_options)) {
		line_truncated(walk);
		*ret_stop = true;
		return true;
	}
	*in = at;
	return true;
}

bool line_hop_by_hop(struct walk *walk, struct ws_cursor *in, struct line_ipv6 *ip, bool *ret_stop)
{
	struct ws_span options;

	walk->protocol = "hbhopt";
	if (!take_header(walk, in, &options, ret_stop))
		return false;
	if (!*ret_stop) {
		out_lit(walk->out, "HBH ");
		if (!print_options(walk, options, ip)) {
			line_truncated(walk);
			*ret_stop = true;
		}
	}
	if (ip->payload_len == 0 && !ip->jumbo) {
		out_lit(walk->out, "[No valid Jumbo Payload Hop-by-Hop option found] (invalid)");
		*ret_stop = true;
	}
	return true;
}

bool line_destination_options(struct walk *walk, struct ws_cursor *in, bool *ret_stop)
{
	struct ws_span options;

	walk->protocol = "dstopt";
	if (!take_header(walk, in, &options, ret_stop))
		return false;
	if (*ret_stop)
		return true;
	out_lit(walk->out, "DSTOPT ");
	if (walk->options->verbose && !print_options(walk, options, NULL)) {
		line_truncated(walk);
		*ret_stop = true;
	}
	return true;
}

bool line_fragment(struct walk *walk, struct ws_cursor *in, struct line_ipv6 *ip, bool *ret_stop)
{
	struct ws_cursor at = *in;
	size_t header_at = (size_t)(in->at - ip->begin);
	struct out *out = walk->out;
	uint8_t next, reserved;
	uint16_t fragment;
	uint32_t id = 0;

	walk->protocol = "frag6";
	if (!ws_take_u8(&at, &next) || !ws_take_u8(&at, &reserved) || !ws_take_u16(&at, &fragment) ||
	    (walk->options->verbose && !ws_take_u32(&at, &id)))
		return false;
	out_lit(out, "frag (");
	if (walk->options->verbose) {
		out_lit(out, "0x");
		out_hex(out, id, 8);
		out_char(out, ':');
	}
	out_u64(out, fragment & FRAGMENT_OFFSET);
	out_char(out, '|');
	/* 40 and the payload's length, less what has been read; it may be less than nothing, as with tcpdump. */
	out_u64(out, (size_t)40 + ip->header_payload_len - header_at - FRAGMENT_HEADER);
	out_char(out, ')');
	ip->ip.fragment = true;
	if (fragment & FRAGMENT_OFFSET) {
		*ret_stop = true;
		return true;
	}
	out_char(out, ' ');
	*ret_stop = ws_cursor_left(in) <= FRAGMENT_HEADER;
	*in = line_ahead(*in, FRAGMENT_HEADER);
	return true;
}

/* "[0]fe80::1, [1]fe80::2": all addresses that the header's length has room for. */
static bool print_route(struct walk *walk, struct ws_cursor *at, unsigned count, struct ws_span *ret_last)
{
	for (unsigned i = 0; i < count; i++) {
		if (!ws_take_span(at, ADDRESS_LEN, ret_last))
			return false;
		out_lit(walk->out, ", [");
		out_u64(walk->out, i);
		out_char(walk->out, ']');
		line_address(walk, *ret_last);
	}
	return true;
}

/* Source and mobile routing: the last address is where it goes in the end. */
static bool print_source_route(struct walk *walk, struct ws_cursor *at, uint8_t len, struct ws_span *ret_final,
			       bool *ret_stop)
{
	uint32_t reserved;

	if (!ws_take_u32(at, &reserved))
		return false;
	if (reserved || walk->options->verbose) {
		out_lit(walk->out, ", rsv=0x");
		out_hex(walk->out, reserved, 1);
	}
	*ret_stop = len % 2;
	return *ret_stop || print_route(walk, at, len / 2, ret_final);
}

/* Segment routing: the first address in the list is the last in the route. */
static bool print_segments(struct walk *walk, struct ws_cursor *at, uint8_t len, struct ws_span *ret_final,
			   bool *ret_stop)
{
	struct ws_cursor first;
	struct ws_span segment;
	uint8_t last_entry, flags;
	uint16_t tag;

	if (!ws_take_u8(at, &last_entry))
		return false;
	out_lit(walk->out, ", last-entry=");
	out_u64(walk->out, last_entry);
	if (!ws_take_u8(at, &flags))
		return false;
	if (flags || walk->options->verbose) {
		out_lit(walk->out, ", flags=0x");
		out_hex(walk->out, flags, 1);
	}
	if (!ws_take_u16(at, &tag))
		return false;
	out_lit(walk->out, ", tag=");
	out_hex(walk->out, tag, 1);
	*ret_stop = len % 2;
	if (*ret_stop)
		return true;
	first = *at;
	ws_take_span(&first, ADDRESS_LEN, ret_final);
	return print_route(walk, at, len / 2, &segment);
}

static bool take_routing(struct walk *walk, struct ws_cursor *at, uint8_t *ret_len, uint8_t *ret_type)
{
	uint8_t next, segments_left;

	if (!ws_take_u8(at, &next) || !ws_take_u8(at, ret_len))
		return false;
	out_lit(walk->out, " (len=");
	out_u64(walk->out, *ret_len);
	if (!ws_take_u8(at, ret_type))
		return false;
	out_lit(walk->out, ", type=");
	out_u64(walk->out, *ret_type);
	if (*ret_type == ROUTING_SOURCE)
		out_lit(walk->out, " [Deprecated]");
	if (!ws_take_u8(at, &segments_left))
		return false;
	out_lit(walk->out, ", segleft=");
	out_u64(walk->out, segments_left);
	return true;
}

bool line_routing(struct walk *walk, struct ws_cursor *in, struct line_ipv6 *ip, bool *ret_stop)
{
	struct ws_cursor at = *in;
	struct ws_span final = ip->ip.final_dst;
	uint8_t len, type;

	if (ws_cursor_left(in) == 0) {
		line_truncated(walk);
		*ret_stop = true;
		return true;
	}
	walk->protocol = "rt6";
	out_lit(walk->out, "RT6");
	if (!take_routing(walk, &at, &len, &type))
		return false;
	if (type == ROUTING_SOURCE || type == ROUTING_MOBILE) {
		if (!print_source_route(walk, &at, len, &final, ret_stop))
			return false;
	} else if (type == ROUTING_SEGMENTS) {
		if (!print_segments(walk, &at, len, &final, ret_stop))
			return false;
	} else {
		out_lit(walk->out, " (unknown type) (invalid)");
		*ret_stop = true;
		return true;
	}
	if (*ret_stop) {
		out_lit(walk->out, " (invalid length ");
		out_u64(walk->out, len);
		out_lit(walk->out, ") (invalid)");
		return true;
	}
	out_lit(walk->out, ") ");
	if (!ip->seen_routing)
		ip->ip.final_dst = final;
	ip->seen_routing = true;
	*in = line_ahead(*in, (len + 1u) * 8);
	return true;
}
