/* TCP's options, well formed and not. As tcpdump has it, an option of a known kind takes the bytes that its kind needs,
 * whatever length it says, and a wrong length is noted behind it. */
#include "wscap/line_internal.h"

enum {
	HEADER_MIN = 20,

	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WINDOW_SCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_ECHO = 6,
	OPTION_ECHO_REPLY = 7,
	OPTION_TIMESTAMPS = 8,
	OPTION_CC = 11,
	OPTION_CC_NEW = 12,
	OPTION_CC_ECHO = 13,
	OPTION_MD5 = 19,
	OPTION_SCPS = 20,
	OPTION_USER_TIMEOUT = 28,
	OPTION_AUTHENTICATION = 29,
	OPTION_MPTCP = 30,
	OPTION_FAST_OPEN = 34,
	OPTION_EXPERIMENT = 254,

	MD5_LEN = 16,
	EXPERIMENT_FAST_OPEN = 0xf989, /* RFC 7413, appendix */
};

/* How an option ended. */
enum ending {
	GOOD,
	BAD, /* it contradicts itself */
	CUT, /* it is not all there, which tcpdump notes within the brackets */
};

/* The option that is being printed. */
struct option {
	struct walk *walk;
	const struct line_tcp *tcp;
	struct ws_cursor at; /* its value, up to the end of what was captured */
	uint8_t len;         /* as it says, kind and length included */
	uint32_t room;       /* what the header has left for its value */
	uint32_t taken;      /* bytes of the value that its kind needs */
};

/* Are there so many bytes of value? */
static enum ending need(struct option *option, uint32_t len)
{
	if (len > option->room)
		return BAD;
	return ws_cursor_left(&option->at) < len ? CUT : GOOD;
}

static void print_hex(struct out *out, struct ws_span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		out_hex(out, bytes.data[i], 2);
}

static struct ws_span value_of(const struct option *option, uint32_t len)
{
	return ws_span_first(ws_span_of(option->at.at, ws_cursor_left(&option->at)), len);
}

/* Kinds with one number: mss, wscale, echo… */
static enum ending print_number(struct option *option, uint32_t len)
{
	struct ws_span value;
	enum ending ending;
	uint32_t number = 0;

	option->taken = len;
	ending = need(option, len);
	if (ending != GOOD)
		return ending;
	value = value_of(option, len);
	for (size_t i = 0; i < value.len; i++)
		number = number << 8 | value.data[i];
	out_char(option->walk->out, ' ');
	out_u64(option->walk->out, number);
	return GOOD;
}

static enum ending print_timestamps(struct option *option)
{
	struct ws_cursor in = option->at;
	uint32_t value, echo;
	enum ending ending;

	option->taken = 8;
	ending = need(option, option->taken);
	if (ending != GOOD || !ws_take_u32(&in, &value) || !ws_take_u32(&in, &echo))
		return ending;
	out_lit(option->walk->out, " val ");
	out_u64(option->walk->out, value);
	out_lit(option->walk->out, " ecr ");
	out_u64(option->walk->out, echo);
	return GOOD;
}

/* RFC 2018: blocks of the other direction's bytes. */
static enum ending print_sack(struct option *option)
{
	uint32_t base = option->tcp->numbers.other_base;
	struct ws_cursor in = option->at;
	struct out *out = option->walk->out;

	option->taken = option->len - 2u;
	if (option->taken % 8) {
		out_lit(out, " invalid sack");
		return GOOD;
	}
	out_char(out, ' ');
	out_u64(out, option->taken / 8);
	out_char(out, ' ');
	for (uint32_t i = 0; i < option->taken; i += 8) {
		uint32_t begin, end;

		if (!ws_take_u32(&in, &begin) || !ws_take_u32(&in, &end))
			return CUT;
		out_char(out, '{');
		out_u64(out, begin - base);
		out_char(out, ':');
		out_u64(out, end - base);
		out_char(out, '}');
	}
	return GOOD;
}

/* RFC 2385. Without the secret it cannot be checked; tcpdump says which of the two things is missing. */
static enum ending print_md5(struct option *option)
{
	const struct line_tcp *tcp = option->tcp;
	struct out *out = option->walk->out;
	enum ending ending;

	option->taken = MD5_LEN;
	ending = need(option, option->taken);
	if (ending != GOOD)
		return ending;
	if (ws_cursor_left(&tcp->segment) < (size_t)tcp->header_len + tcp->length)
		out_lit(out, " snaplen too short, can't check - ");
	else
		out_lit(out, " shared secret not supplied with -M, can't check - ");
	print_hex(out, value_of(option, MD5_LEN));
	return GOOD;
}

static enum ending print_scps(struct option *option)
{
	struct ws_cursor in = option->at;
	uint8_t capabilities, id;
	enum ending ending;

	option->taken = 2;
	ending = need(option, option->taken);
	if (ending != GOOD || !ws_take_u8(&in, &capabilities) || !ws_take_u8(&in, &id))
		return ending;
	out_lit(option->walk->out, " cap ");
	out_hex(option->walk->out, capabilities, 2);
	out_lit(option->walk->out, " id ");
	out_u64(option->walk->out, id);
	return GOOD;
}

/* RFC 5482: a bit that says minutes, and a number; shown in seconds. */
static enum ending print_user_timeout(struct option *option)
{
	struct ws_cursor in = option->at;
	enum ending ending;
	uint16_t value;

	option->taken = 2;
	ending = need(option, option->taken);
	if (ending != GOOD || !ws_take_u16(&in, &value))
		return ending;
	out_lit(option->walk->out, " 0x");
	out_hex(option->walk->out, value, 1);
	out_char(option->walk->out, ' ');
	/* tcpdump takes the lowest bit for the one that says minutes. */
	out_u64(option->walk->out, value & 1 ? (value >> 1) * 60u : value >> 1);
	return GOOD;
}

/* RFC 5925, section 2.2. */
static enum ending print_authentication(struct option *option)
{
	struct ws_cursor in = option->at;
	struct out *out = option->walk->out;
	uint8_t key, next_key;

	option->taken = option->len - 2u;
	if (option->taken < 2) {
		out_lit(out, " (invalid)");
		return GOOD;
	}
	if (!ws_take_u8(&in, &key))
		return CUT;
	out_lit(out, " keyid ");
	out_u64(out, key);
	if (!ws_take_u8(&in, &next_key))
		return CUT;
	out_lit(out, " rnextkeyid ");
	out_u64(out, next_key);
	if (option->taken > 2) {
		out_lit(out, " mac 0x");
		print_hex(out, ws_span_from(value_of(option, option->taken), 2));
	}
	return need(option, option->taken);
}

/* RFC 7413: a cookie, or the wish for one. */
static void print_cookie(struct out *out, struct ws_span cookie)
{
	if (cookie.len == 0) {
		out_lit(out, " cookiereq");
	} else if (cookie.len % 2 || cookie.len < 4 || cookie.len > 16) {
		out_lit(out, " (invalid)");
	} else {
		out_lit(out, " cookie ");
		print_hex(out, cookie);
	}
}

static enum ending print_fast_open(struct option *option)
{
	enum ending ending;

	option->taken = option->len - 2u;
	ending = need(option, option->taken);
	if (ending != GOOD)
		return ending;
	out_char(option->walk->out, ' ');
	print_cookie(option->walk->out, value_of(option, option->taken));
	return GOOD;
}

/* RFC 6994: a number says whose experiment it is. */
static enum ending print_experiment(struct option *option)
{
	struct ws_cursor in = option->at;
	struct out *out = option->walk->out;
	enum ending ending;
	uint16_t id;

	option->taken = option->len - 2u;
	ending = need(option, option->taken);
	if (ending != GOOD)
		return ending;
	if (option->taken < 2 || !ws_take_u16(&in, &id))
		return BAD;
	out_char(out, '-');
	if (id == EXPERIMENT_FAST_OPEN) {
		out_lit(out, "tfo");
		print_cookie(out, ws_span_from(value_of(option, option->taken), 2));
	} else {
		out_hex(out, id, 4);
	}
	return GOOD;
}

static enum ending print_bytes(struct option *option)
{
	option->taken = option->len - 2u;
	if (option->taken)
		out_lit(option->walk->out, " 0x");
	print_hex(option->walk->out, value_of(option, option->taken));
	return need(option, option->taken);
}

static enum ending print_mptcp(struct option *option)
{
	enum ending ending;

	option->taken = option->len - 2u;
	ending = need(option, option->taken);
	if (ending != GOOD)
		return ending;
	return line_mptcp(option->walk, value_of(option, option->taken), option->tcp->flags) ? GOOD : BAD;
}

static const char *option_name(uint8_t kind)
{
	static const char *const names[256] = {
	    [OPTION_END] = "eol",
	    [OPTION_NOP] = "nop",
	    [OPTION_MSS] = "mss",
	    [OPTION_WINDOW_SCALE] = "wscale",
	    [OPTION_SACK_PERMITTED] = "sackOK",
	    [OPTION_SACK] = "sack",
	    [OPTION_ECHO] = "echo",
	    [OPTION_ECHO_REPLY] = "echoreply",
	    [OPTION_TIMESTAMPS] = "TS",
	    [OPTION_CC] = "cc",
	    [OPTION_CC_NEW] = "ccnew",
	    [OPTION_CC_ECHO] = "",
	    [OPTION_MD5] = "md5",
	    [OPTION_SCPS] = "scps",
	    [OPTION_USER_TIMEOUT] = "uto",
	    [OPTION_AUTHENTICATION] = "tcp-ao",
	    [OPTION_MPTCP] = "mptcp",
	    [OPTION_FAST_OPEN] = "tfo",
	    [OPTION_EXPERIMENT] = "exp",
	};

	return names[kind];
}

/* The value of an option whose name stands. */
static enum ending print_value(struct option *option, uint8_t kind)
{
	switch (kind) {
	case OPTION_END:
	case OPTION_NOP:
	case OPTION_SACK_PERMITTED:
		return GOOD;
	case OPTION_MSS:
		return print_number(option, 2);
	case OPTION_WINDOW_SCALE:
		return print_number(option, 1);
	case OPTION_SACK:
		return print_sack(option);
	case OPTION_ECHO:
	case OPTION_ECHO_REPLY:
	case OPTION_CC:
	case OPTION_CC_NEW:
	case OPTION_CC_ECHO:
		return print_number(option, 4);
	case OPTION_TIMESTAMPS:
		return print_timestamps(option);
	case OPTION_MD5:
		return print_md5(option);
	case OPTION_SCPS:
		return print_scps(option);
	case OPTION_USER_TIMEOUT:
		return print_user_timeout(option);
	case OPTION_AUTHENTICATION:
		return print_authentication(option);
	case OPTION_MPTCP:
		return print_mptcp(option);
	case OPTION_FAST_OPEN:
		return print_fast_open(option);
	case OPTION_EXPERIMENT:
		return print_experiment(option);
	default:
		return print_bytes(option);
	}
}

/* One option at option->at, with option->room bytes of header left. Moves both past it. ret_missing: not even its kind
 * and length are there. */
static enum ending print_option(struct option *option, uint8_t *ret_kind, bool *ret_missing)
{
	struct out *out = option->walk->out;
	bool has_len;
	enum ending ending;

	*ret_missing = true;
	if (!ws_take_u8(&option->at, ret_kind))
		return GOOD;
	has_len = *ret_kind != OPTION_END && *ret_kind != OPTION_NOP;
	option->len = 1;
	if (has_len && !ws_take_u8(&option->at, &option->len))
		return GOOD;
	*ret_missing = false;
	if (has_len && (option->len < 2 || option->len > option->room))
		return BAD;
	option->room -= has_len ? 2 : 1;
	option->taken = 0;
	if (option_name(*ret_kind)) {
		out_str(out, option_name(*ret_kind));
	} else {
		out_lit(out, "unknown-");
		out_u64(out, *ret_kind);
	}
	ending = print_value(option, *ret_kind);
	if (ending != GOOD)
		return ending;
	option->at = line_ahead(option->at, option->taken);
	option->room -= option->taken;
	if (option->taken + (has_len ? 2 : 1) != option->len) {
		out_lit(out, "[len ");
		out_u64(out, option->len);
		out_char(out, ']');
	}
	return GOOD;
}

bool line_tcp_options(struct walk *walk, const struct line_tcp *tcp, bool *ret_stop)
{
	struct option option = {.walk = walk,
				.tcp = tcp,
				.at = line_ahead(tcp->segment, HEADER_MIN),
				.room = tcp->header_len - (uint32_t)HEADER_MIN};
	uint8_t kind = OPTION_NOP;
	bool first = true;

	out_lit(walk->out, ", options [");
	for (; option.room && kind != OPTION_END; first = false) {
		enum ending ending;
		bool missing;

		if (!first)
			out_char(walk->out, ',');
		ending = print_option(&option, &kind, &missing);
		if (missing)
			return false;
		if (ending == GOOD)
			continue;
		if (ending == BAD)
			out_lit(walk->out, "[bad opt]");
		else
			line_truncated(walk);
		if (!first)
			out_char(walk->out, ending == BAD ? ']' : '>');
		*ret_stop = true;
		return true;
	}
	out_char(walk->out, ']');
	return true;
}
