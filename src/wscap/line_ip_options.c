/* The options of an IPv4 header, as -v shows them: RFC 791, section 3.1. */
#include "wscap/line_internal.h"

enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_RECORD_ROUTE = 7,
	OPTION_TIMESTAMP = 68,
	OPTION_TRACEROUTE = 82,
	OPTION_SECURITY = 130,
	OPTION_LOOSE_ROUTE = 131,
	OPTION_STRICT_ROUTE = 137,
	OPTION_ROUTER_ALERT = 148,

	TIMESTAMP_ONLY = 0,
	TIMESTAMP_ADDRESS = 1,
	TIMESTAMP_PRESPECIFIED = 3,
};

/* How an option, or the list, ended. */
enum ending {
	GOOD,
	TRUNCATED, /* bytes are missing, and tcpdump says so itself */
	STOPPED,   /* what follows makes no sense */
};

static const char *option_name(uint8_t kind)
{
	switch (kind) {
	case OPTION_END:
		return "EOL";
	case OPTION_NOP:
		return "NOP";
	case OPTION_TIMESTAMP:
		return "timestamp";
	case OPTION_SECURITY:
		return "security";
	case OPTION_RECORD_ROUTE:
		return "RR";
	case OPTION_STRICT_ROUTE:
		return "SSRR";
	case OPTION_LOOSE_ROUTE:
		return "LSRR";
	case OPTION_ROUTER_ALERT:
		return "RA";
	case OPTION_TRACEROUTE:
		return "traceroute";
	default:
		return NULL;
	}
}

static void print_number(struct walk *walk, const char *before, uint32_t number)
{
	out_str(walk->out, before);
	out_u64(walk->out, number);
	out_char(walk->out, ']');
}

/* The addresses of a route; a comma stands behind those that were passed. option begins with its kind. */
static enum ending print_route(struct walk *walk, struct ws_cursor option, uint8_t len)
{
	struct ws_cursor at = line_ahead(option, 2);
	uint8_t pointer;
	uint32_t passed;

	if (len < 3) {
		print_number(walk, " [bad length ", len);
		return GOOD;
	}
	if ((len + 1) % 4)
		print_number(walk, " [bad length ", len);
	if (!ws_take_u8(&at, &pointer))
		return TRUNCATED;
	passed = pointer - 1u;
	if (passed < 3 || (passed + 1) % 4 || passed > len + 1u)
		print_number(walk, " [bad ptr ", pointer);
	for (uint32_t i = 3; i < len; i += 4) {
		struct ws_span addr;

		if (!ws_take_span(&at, 4, &addr))
			return TRUNCATED;
		out_char(walk->out, ' ');
		line_address(walk, addr);
		if (passed > i)
			out_char(walk->out, ',');
	}
	return GOOD;
}

/* "{ 1234@10.0.0.1 ^ 0@…}": RFC 791, page 22. */
static enum ending print_hops(struct walk *walk, struct ws_cursor at, uint8_t len, uint32_t next, uint32_t hop_len,
			      uint32_t *ret_end)
{
	const char *before = " ";
	uint32_t i;

	for (i = 4; i < len; i += hop_len) {
		struct ws_span addr = {0};
		uint32_t when;

		if (next == i)
			before = " ^ ";
		if ((hop_len == 8 && !ws_take_span(&at, 4, &addr)) || !ws_take_u32(&at, &when))
			return TRUNCATED;
		out_str(walk->out, before);
		out_u64(walk->out, when);
		out_char(walk->out, '@');
		if (hop_len == 8)
			line_address(walk, addr);
		before = " ";
	}
	*ret_end = i;
	return GOOD;
}

static enum ending print_timestamps(struct walk *walk, struct ws_cursor option, uint8_t len)
{
	struct ws_cursor at = line_ahead(option, 2);
	uint8_t pointer, overflow_and_flag, flag;
	uint32_t next, hop_len, end = 0;

	if (len < 4) {
		print_number(walk, "[bad length ", len);
		return GOOD;
	}
	out_lit(walk->out, " TS{");
	if (!ws_take_u8(&at, &pointer) || !ws_take_u8(&at, &overflow_and_flag))
		return TRUNCATED;
	flag = overflow_and_flag & 0xf;
	hop_len = flag == TIMESTAMP_ONLY ? 4 : 8;
	if ((len - 4u) % hop_len)
		print_number(walk, "[bad length ", len);
	next = pointer - 1u;
	if (next < 4 || (next - 4) % hop_len || next > len + 1u)
		print_number(walk, "[bad ptr ", pointer);
	if (flag == TIMESTAMP_ONLY || flag == TIMESTAMP_ADDRESS || flag == TIMESTAMP_PRESPECIFIED) {
		out_str(walk->out, flag == TIMESTAMP_ONLY      ? "TSONLY"
				   : flag == TIMESTAMP_ADDRESS ? "TS+ADDR"
							       : "PRESPEC");
		if (print_hops(walk, at, len, next, hop_len, &end) == TRUNCATED)
			return TRUNCATED;
	} else {
		print_number(walk, "[bad ts type ", flag);
	}
	if (next == end)
		out_lit(walk->out, " ^ ");
	if (overflow_and_flag >> 4) {
		out_lit(walk->out, " [");
		out_u64(walk->out, overflow_and_flag >> 4);
		out_lit(walk->out, " hops not recorded]} ");
	} else {
		out_char(walk->out, '}');
	}
	return GOOD;
}

static enum ending print_router_alert(struct walk *walk, struct ws_cursor option, uint8_t len)
{
	struct ws_cursor at = line_ahead(option, 2);
	uint16_t value;

	if (len < 4) {
		print_number(walk, " [bad length ", len);
		return GOOD;
	}
	if (!ws_take_u16(&at, &value))
		return TRUNCATED;
	if (value) {
		out_lit(walk->out, " value ");
		out_u64(walk->out, value);
	}
	return GOOD;
}

/* One option at *in, which is moved past it; left is what the header has room for. Returns false where even its kind
 * or length is missing. */
static bool print_option(struct walk *walk, struct ws_cursor *in, uint32_t left, uint8_t *ret_len,
			 enum ending *ret_ending)
{
	struct ws_cursor option = *in;
	struct ws_span whole;
	const char *name;
	uint8_t kind;

	*ret_ending = STOPPED;
	*ret_len = 1;
	if (!ws_take_u8(in, &kind))
		return false;
	name = option_name(kind);
	if (name) {
		out_str(walk->out, name);
	} else {
		out_lit(walk->out, "unknown ");
		out_u64(walk->out, kind);
	}
	if (kind == OPTION_END)
		return true;
	if (kind != OPTION_NOP) {
		if (!ws_take_u8(in, ret_len))
			return false;
		if (*ret_len < 2 || *ret_len > left) {
			print_number(walk, " [bad length ", *ret_len);
			return true;
		}
	}
	*in = option;
	*ret_ending = GOOD;
	if (!ws_take_span(in, *ret_len, &whole))
		*ret_ending = TRUNCATED;
	else if (kind == OPTION_TIMESTAMP)
		*ret_ending = print_timestamps(walk, option, *ret_len);
	else if (kind == OPTION_RECORD_ROUTE || kind == OPTION_STRICT_ROUTE || kind == OPTION_LOOSE_ROUTE)
		*ret_ending = print_route(walk, option, *ret_len);
	else if (kind == OPTION_ROUTER_ALERT)
		*ret_ending = print_router_alert(walk, option, *ret_len);
	return true;
}

bool line_ipv4_options(struct walk *walk, struct ws_cursor in, uint32_t len, bool *ret_truncated)
{
	enum ending ending = GOOD;
	bool first = true;

	while (len && ending == GOOD) {
		uint8_t option_len;

		if (!first)
			out_char(walk->out, ',');
		first = false;
		if (!print_option(walk, &in, len, &option_len, &ending))
			return false;
		len -= ending == GOOD ? option_len : 0;
	}
	*ret_truncated = ending == TRUNCATED;
	return true;
}
