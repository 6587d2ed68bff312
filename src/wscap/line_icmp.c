/* ICMP (RFC 792) and ICMPv6 (RFC 4443, 4861): what hosts that talk TCP send beside it, as with tcpdump; of the others
 * their type and code. */
#include "wscap/line_internal.h"

enum {
	ECHO_REPLY = 0,
	UNREACHABLE = 3,
	SOURCE_QUENCH = 4,
	REDIRECT = 5,
	ECHO_REQUEST = 8,
	TIME_EXCEEDED = 11,
	PARAMETER_PROBLEM = 12,

	UNREACHABLE_PROTOCOL = 2,
	UNREACHABLE_PORT = 3,
	UNREACHABLE_TOO_BIG = 4,

	ECHO_REQUEST6 = 128,
	ECHO_REPLY6 = 129,
	ROUTER_SOLICITATION = 133,
	ROUTER_ADVERTISEMENT = 134,
	NEIGHBOR_SOLICITATION = 135,
	NEIGHBOR_ADVERTISEMENT = 136,

	HEADER = 8, /* then, in an error, the packet that it is about */
};

struct icmp {
	uint8_t type, code;
	uint16_t checksum, id, seq; /* seq: of "too big", the MTU */
};

/* The IPv4 packet that an error is about. */
struct subject {
	uint8_t header_len, protocol;
	struct ws_span dst;
	struct ws_cursor at; /* behind the 20 bytes that were taken */
};

static bool take_subject(struct ws_cursor in, struct subject *ret)
{
	struct ws_span until_protocol, until_dst;
	uint8_t first;

	if (!ws_take_u8(&in, &first) || !ws_take_span(&in, 8, &until_protocol) || !ws_take_u8(&in, &ret->protocol) ||
	    !ws_take_span(&in, 6, &until_dst) || !ws_take_span(&in, 4, &ret->dst))
		return false;
	ret->header_len = (uint8_t)((first & 0xf) * 4);
	ret->at = in;
	return true;
}

/* "10.0.0.2 udp port 53 unreachable" */
static bool print_port(struct walk *walk, struct ws_cursor in, const struct subject *subject)
{
	struct ws_cursor at = line_ahead(in, subject->header_len + 2u); /* behind the source port */
	struct out *out = walk->out;
	uint16_t port;

	if (!ws_take_u16(&at, &port))
		return false;
	out_lit(out, "ICMP ");
	line_address(walk, subject->dst);
	if (subject->protocol == PROTOCOL_TCP || subject->protocol == PROTOCOL_UDP) {
		out_str(out, subject->protocol == PROTOCOL_TCP ? " tcp port " : " udp port ");
		line_port(walk, subject->protocol, port);
	} else {
		out_printf(out, " protocol %u port %u", subject->protocol, port);
	}
	out_lit(out, " unreachable");
	return true;
}

static bool print_unreachable(struct walk *walk, const struct icmp *icmp, struct ws_cursor in)
{
	static const struct {
		const char *before, *behind;
	} words[] = {
	    {"net ", " unreachable"},
	    {"host ", " unreachable"},
	    [5] = {"", " unreachable - source route failed"},
	    {"net ", " unreachable - unknown"},
	    {"host ", " unreachable - unknown"},
	    {"", " unreachable - source host isolated"},
	    {"net ", " unreachable - admin prohibited"},
	    {"host ", " unreachable - admin prohibited"},
	    {"net ", " unreachable - tos prohibited"},
	    {"host ", " unreachable - tos prohibited"},
	    {"host ", " unreachable - admin prohibited filter"},
	    {"host ", " unreachable - host precedence violation"},
	    {"host ", " unreachable - precedence cutoff"},
	};
	bool known = icmp->code < sizeof(words) / sizeof(words[0]) && words[icmp->code].before;
	struct out *out = walk->out;
	struct subject subject;

	if (!take_subject(in, &subject))
		return false;
	if (icmp->code == UNREACHABLE_PORT)
		return print_port(walk, in, &subject);
	out_lit(out, "ICMP ");
	if (known)
		out_str(out, words[icmp->code].before);
	line_address(walk, subject.dst);
	if (known)
		out_str(out, words[icmp->code].behind);
	else if (icmp->code == UNREACHABLE_PROTOCOL)
		out_printf(out, " protocol %u unreachable", subject.protocol);
	else if (icmp->code != UNREACHABLE_TOO_BIG)
		out_printf(out, " unreachable - #%u", icmp->code);
	else if (icmp->seq)
		out_printf(out, " unreachable - need to frag (mtu %u)", icmp->seq);
	else
		out_lit(out, " unreachable - need to frag");
	return true;
}

static void print_code(struct walk *walk, const char *before, const struct icmp *icmp)
{
	out_str(walk->out, before);
	out_lit(walk->out, "type ");
	out_u64(walk->out, icmp->type);
	out_lit(walk->out, ", code ");
	out_u64(walk->out, icmp->code);
}

static void print_echo(struct walk *walk, const char *kind, const struct icmp *icmp)
{
	out_str(walk->out, kind);
	out_lit(walk->out, ", id ");
	out_u64(walk->out, icmp->id);
	out_lit(walk->out, ", seq ");
	out_u64(walk->out, icmp->seq);
}

/* What the message says, without its length. */
static bool print_message(struct walk *walk, struct icmp *icmp, struct ws_cursor in)
{
	struct subject subject;

	if (!ws_take_u8(&in, &icmp->type) || !ws_take_u8(&in, &icmp->code))
		return false;
	if (icmp->type == SOURCE_QUENCH) {
		out_lit(walk->out, "ICMP source quench");
		return true;
	}
	if (icmp->type != ECHO_REQUEST && icmp->type != ECHO_REPLY && icmp->type != UNREACHABLE &&
	    icmp->type != TIME_EXCEEDED) {
		print_code(walk, "ICMP ", icmp);
		return true;
	}
	if (!ws_take_u16(&in, &icmp->checksum) || !ws_take_u16(&in, &icmp->id) || !ws_take_u16(&in, &icmp->seq))
		return false;
	switch (icmp->type) {
	case UNREACHABLE:
		return print_unreachable(walk, icmp, in);
	case TIME_EXCEEDED:
		if (!take_subject(in, &subject))
			return false;
		if (icmp->code == 0)
			out_lit(walk->out, "ICMP time exceeded in-transit");
		else if (icmp->code == 1)
			out_lit(walk->out, "ICMP ip reassembly time exceeded");
		else
			out_printf(walk->out, "ICMP time exceeded-#%u", icmp->code);
		return true;
	default:
		print_echo(walk, icmp->type == ECHO_REQUEST ? "ICMP echo request" : "ICMP echo reply", icmp);
		return true;
	}
}

/* The checksum over all, which is 0 where it is right, and the field. false: not all was captured. */
static bool take_checksum(struct ws_cursor in, uint32_t length, uint32_t pseudo, uint16_t *ret_sum, uint16_t *ret_field)
{
	struct ws_cursor field = line_ahead(in, 2);
	struct ws_span all;

	if (!ws_take_span(&in, length, &all) || !ws_take_u16(&field, ret_field))
		return false;
	*ret_sum = line_sum_fold(line_sum(pseudo, all));
	return true;
}

static void print_length(struct walk *walk, uint32_t length)
{
	out_lit(walk->out, ", length ");
	out_u64(walk->out, length);
}

static bool is_error(uint8_t type)
{
	return type == UNREACHABLE || type == SOURCE_QUENCH || type == REDIRECT || type == TIME_EXCEEDED ||
	       type == PARAMETER_PROBLEM;
}

/* -v: the packet that an error is about, in a line of its own. */
static bool print_subject(struct walk *walk, struct ws_cursor in)
{
	struct ws_cursor length_field = line_ahead(in, 2);
	uint16_t length;
	bool good;

	out_lit(walk->out, "\n\t");
	if (!ws_take_u16(&length_field, &length))
		return false;
	if (walk->nesting == LINE_NESTING_MAX)
		return true;
	walk->nesting++;
	good = line_ipv4(walk, line_within(in, length), length);
	walk->nesting--;
	walk->protocol = "icmp";
	return good;
}

bool line_icmp(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_ip *ip)
{
	uint16_t sum, field;
	struct icmp icmp;

	walk->protocol = "icmp";
	if (!print_message(walk, &icmp, in))
		return false;
	print_length(walk, length);
	if (!walk->options->verbose)
		return true;
	if (!ip->fragment && take_checksum(in, length, 0, &sum, &field) && sum)
		out_printf(walk->out, " (wrong icmp cksum %x (->%x)!)", field, line_sum_wanted(field, sum));
	return !is_error(icmp.type) || print_subject(walk, line_ahead(in, HEADER));
}

/* Neighbour discovery: who asks for whom. The options behind it are not read. */
static bool print_neighbor(struct walk *walk, const char *kind, struct ws_cursor in)
{
	struct ws_cursor at = line_ahead(in, HEADER);
	struct ws_span target;

	if (!ws_take_span(&at, 16, &target))
		return false;
	out_str(walk->out, kind);
	line_address(walk, target);
	return true;
}

static bool print_message6(struct walk *walk, struct ws_cursor in)
{
	struct ws_cursor at = in;
	struct icmp icmp;

	if (!ws_take_u8(&at, &icmp.type) || !ws_take_u8(&at, &icmp.code))
		return false;
	switch (icmp.type) {
	case ECHO_REQUEST6:
	case ECHO_REPLY6:
		if (!ws_take_u16(&at, &icmp.checksum) || !ws_take_u16(&at, &icmp.id) || !ws_take_u16(&at, &icmp.seq))
			return false;
		print_echo(walk, icmp.type == ECHO_REQUEST6 ? "echo request" : "echo reply", &icmp);
		return true;
	case ROUTER_SOLICITATION:
		out_lit(walk->out, "router solicitation");
		return true;
	case ROUTER_ADVERTISEMENT:
		out_lit(walk->out, "router advertisement");
		return true;
	case NEIGHBOR_SOLICITATION:
		return print_neighbor(walk, "neighbor solicitation, who has ", in);
	case NEIGHBOR_ADVERTISEMENT:
		return print_neighbor(walk, "neighbor advertisement, tgt is ", in);
	default:
		print_code(walk, "", &icmp);
		return true;
	}
}

bool line_icmp6(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_ip *ip)
{
	uint32_t pseudo = line_sum_pseudo(ip, PROTOCOL_ICMPV6, length);
	uint16_t sum, field;

	walk->protocol = "icmp6";
	if (walk->options->verbose && !ip->fragment && take_checksum(in, length, pseudo, &sum, &field)) {
		if (sum)
			out_printf(walk->out, "[bad icmp6 cksum 0x%04x -> 0x%04x!] ", field,
				   line_sum_wanted(field, sum));
		else
			out_lit(walk->out, "[icmp6 sum ok] ");
	}
	out_lit(walk->out, "ICMP6, ");
	if (!print_message6(walk, in))
		return false;
	if (!walk->options->verbose)
		print_length(walk, length);
	return true;
}
