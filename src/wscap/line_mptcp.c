/* Multipath TCP's option: RFC 8684, section 3. Lengths here are without the option's kind and length. */
#include "wscap/line_internal.h"

#include "wscap/tcp.h"

enum {
	CAPABLE_CHECKSUM = 0x80,
	JOIN_BACKUP = 0x01,
	DSS_FIN = 0x10,
	DSS_LONG_NUMBER = 0x08,
	DSS_MAPPING = 0x04,
	DSS_LONG_ACK = 0x02,
	DSS_ACK = 0x01,
};

/* An option's value being read: the first byte has the subtype in its upper half. */
struct value {
	struct walk *walk;
	struct ws_cursor in; /* behind the first byte */
	size_t len;          /* the whole value's */
	uint8_t low;         /* the first byte's lower half */
	uint8_t tcp_flags;
};

static void print_hex_number(struct value *value, const char *before, size_t len)
{
	struct ws_span bytes;
	uint64_t number = 0;

	if (!ws_take_span(&value->in, len, &bytes))
		return;
	for (size_t i = 0; i < len; i++)
		number = number << 8 | bytes.data[i];
	out_str(value->walk->out, before);
	out_hex(value->walk->out, number, 1);
}

/* A number of len bytes in decimal; false where they are not there. */
static bool print_number(struct value *value, const char *before, size_t len)
{
	struct ws_span bytes;
	uint64_t number = 0;

	if (!ws_take_span(&value->in, len, &bytes))
		return false;
	for (size_t i = 0; i < len; i++)
		number = number << 8 | bytes.data[i];
	out_str(value->walk->out, before);
	out_u64(value->walk->out, number);
	return true;
}

static bool print_capable(struct value *value)
{
	bool syn = value->tcp_flags & TCP_SYN;
	bool ack_only = (value->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_ACK;
	struct out *out = value->walk->out;
	uint8_t flags;

	if (!((value->len == 10 || value->len == 2) && syn) && !((value->len == 18 || value->len == 20) && ack_only))
		return false;
	if (value->low > 1) {
		out_lit(out, " Unknown Version (");
		out_u64(out, value->low);
		out_char(out, ')');
		return true;
	}
	out_lit(out, " v");
	out_u64(out, value->low);
	if (ws_take_u8(&value->in, &flags) && flags & CAPABLE_CHECKSUM)
		out_lit(out, " csum");
	if (value->len == 2)
		return true;
	print_hex_number(value, " {0x", 8);
	if (value->len > 10)
		print_hex_number(value, ",0x", 8);
	out_char(out, '}');
	return true;
}

static bool print_join(struct value *value)
{
	uint8_t flags = value->tcp_flags & (TCP_SYN | TCP_ACK);
	struct out *out = value->walk->out;
	struct ws_span mac;
	uint8_t id;

	if (!(value->len == 10 && flags & TCP_SYN) && !(value->len == 14 && flags == (TCP_SYN | TCP_ACK)) &&
	    !(value->len == 22 && flags & TCP_ACK))
		return false;
	if (!ws_take_u8(&value->in, &id))
		return false;
	if (value->len == 22) {
		if (!ws_take_span(&value->in, 20, &mac))
			return false;
		out_lit(out, " hmac 0x");
		for (size_t i = 0; i < mac.len; i++)
			out_hex(out, mac.data[i], 2);
		return true;
	}
	if (value->low & JOIN_BACKUP)
		out_lit(out, " backup");
	out_lit(out, " id ");
	out_u64(out, id);
	if (value->len == 10)
		print_hex_number(value, " token 0x", 4);
	else
		print_hex_number(value, " hmac 0x", 8);
	print_hex_number(value, " nonce 0x", 4);
	return true;
}

/* Data sequence signal. What is there is printed, even where the rest does not fit. */
static bool print_dss(struct value *value)
{
	struct out *out = value->walk->out;
	uint8_t flags;

	if (value->tcp_flags & TCP_SYN || !ws_take_u8(&value->in, &flags))
		return false;
	if (flags & DSS_FIN)
		out_lit(out, " fin");
	if (flags & DSS_ACK) {
		out_lit(out, " ack ");
		if (!print_number(value, "", flags & DSS_LONG_ACK ? 8 : 4))
			return false;
	}
	if (flags & DSS_MAPPING) {
		out_lit(out, " seq ");
		if (!print_number(value, "", flags & DSS_LONG_NUMBER ? 8 : 4) || !print_number(value, " subseq ", 4) ||
		    !print_number(value, " len ", 2))
			return false;
		if (ws_cursor_left(&value->in) >= 2)
			print_hex_number(value, " csum 0x", 2);
	}
	return ws_cursor_left(&value->in) == 0;
}

static const char *address_kind(uint8_t low)
{
	switch (low) {
	case 0:
		return "v1";
	case 1:
		return "v1-echo";
	case 4:
		return "v0-ip4";
	case 6:
		return "v0-ip6";
	default:
		return "[bad version/echo]";
	}
}

/* The length says whether there is a port, and whether the address is proven. */
static bool print_add_address(struct value *value)
{
	bool v6 = value->len >= 18;
	size_t rest = value->len - (v6 ? 18 : 6);
	struct out *out = value->walk->out;
	struct ws_span addr;
	uint8_t id;

	if (value->len < 6 || (rest != 0 && rest != 2 && rest != 8 && rest != 10))
		return false;
	if (!ws_take_u8(&value->in, &id) || !ws_take_span(&value->in, v6 ? 16 : 4, &addr))
		return false;
	out_char(out, ' ');
	out_str(out, address_kind(value->low));
	out_lit(out, " id ");
	out_u64(out, id);
	out_char(out, ' ');
	line_address(value->walk, addr);
	if (rest == 2 || rest == 10)
		print_number(value, ":", 2);
	if (rest >= 8)
		print_hex_number(value, " hmac 0x", 8);
	return true;
}

static bool print_remove_address(struct value *value)
{
	if (value->len < 2)
		return false;
	out_lit(value->walk->out, " id");
	while (print_number(value, " ", 1))
		;
	return true;
}

static bool print_priority(struct value *value)
{
	if (value->len != 1 && value->len != 2)
		return false;
	out_str(value->walk->out, value->low & JOIN_BACKUP ? " backup" : " non-backup");
	print_number(value, " id ", 1);
	return true;
}

static bool print_fail(struct value *value)
{
	uint8_t reserved;

	return value->len == 10 && ws_take_u8(&value->in, &reserved) && print_number(value, " seq ", 8);
}

static bool print_fast_close(struct value *value)
{
	uint8_t reserved;

	if (value->len != 10 || !ws_take_u8(&value->in, &reserved))
		return false;
	print_hex_number(value, " key 0x", 8);
	return true;
}

static const struct {
	const char *name;
	bool (*print)(struct value *value);
} subtypes[] = {
    {"capable", print_capable},
    {"join", print_join},
    {"dss", print_dss},
    {"add-addr", print_add_address},
    {"rem-addr", print_remove_address},
    {"prio", print_priority},
    {"fail", print_fail},
    {"fast-close", print_fast_close},
};

bool line_mptcp(struct walk *walk, struct ws_span bytes, uint8_t tcp_flags)
{
	struct value value = {.walk = walk, .in = ws_cursor_of(bytes), .len = bytes.len, .tcp_flags = tcp_flags};
	uint8_t first, subtype;

	walk->protocol = "mptcp";
	if (!ws_take_u8(&value.in, &first))
		return false;
	subtype = first >> 4;
	value.low = first & 0xf;
	out_char(walk->out, ' ');
	out_u64(walk->out, bytes.len + 2);
	out_char(walk->out, ' ');
	if (subtype >= sizeof(subtypes) / sizeof(subtypes[0])) {
		out_lit(walk->out, "unknown");
		return true;
	}
	out_str(walk->out, subtypes[subtype].name);
	return subtypes[subtype].print(&value);
}
