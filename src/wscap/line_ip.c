/* IPv4 (RFC 791), with the parenthesis that -v shows of it. */
#include "wscap/line_internal.h"

#include <assert.h>
#include <endian.h>

#include "base/put.h"

enum {
	HEADER_MIN = 20,
	OPTIONS_AT = HEADER_MIN,
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_LOOSE_ROUTE = 131,
	OPTION_STRICT_ROUTE = 137,

	FIELDS_ROOM = 160, /* what -v shows in numbers, at its longest */

	RESERVED_BIT = 0x8000,
	DONT_FRAGMENT = 0x4000,
	MORE_FRAGMENTS = 0x2000,
	FRAGMENT_OFFSET = 0x1fff,
};

/* As it is on the wire. */
struct header_bytes {
	uint8_t first, service;
	uint16_t total, id, fragment;
	uint8_t ttl, protocol;
	uint16_t checksum;
	uint8_t src[4], dst[4];
};

struct ipv4 {
	struct ws_cursor begin;
	uint8_t header_len;
	uint8_t service, ttl;
	uint16_t total, id, fragment, checksum;
	struct line_ip ip;
};

static bool take_header(struct ws_cursor *in, struct ipv4 *ret)
{
	const struct ws_cursor begin = *in;
	struct header_bytes header;
	struct ws_span bytes;

	static_assert(sizeof(header) == HEADER_MIN, "without padding");
	if (!ws_take_span(in, sizeof(header), &bytes))
		return false;
	memcpy(&header, bytes.data, sizeof(header));
	*ret = (struct ipv4){
	    .begin = begin,
	    .header_len = (uint8_t)((header.first & 0xf) * 4),
	    .service = header.service,
	    .ttl = header.ttl,
	    .total = be16toh(header.total),
	    .id = be16toh(header.id),
	    .fragment = be16toh(header.fragment),
	    .checksum = be16toh(header.checksum),
	    .ip =
		{
		    .version = 4,
		    .protocol = header.protocol,
		    .src = ws_span_first(ws_span_from(bytes, offsetof(struct header_bytes, src)), sizeof(header.src)),
		    .dst = ws_span_first(ws_span_from(bytes, offsetof(struct header_bytes, dst)), sizeof(header.dst)),
		},
	};
	ret->ip.final_dst = ret->ip.dst;
	ret->ip.fragment = ret->fragment & MORE_FRAGMENTS;
	return true;
}

/* The last hop of a source route, where the options have one: what the sender's checksum was made with. */
static struct ws_span final_destination(const struct ipv4 *ipv4)
{
	struct ws_cursor in = line_within(line_ahead(ipv4->begin, OPTIONS_AT), ipv4->header_len - (size_t)OPTIONS_AT);
	uint8_t kind, len;

	while (ws_take_u8(&in, &kind) && kind != OPTION_END) {
		struct ws_span value;

		if (kind == OPTION_NOP)
			continue;
		if (!ws_take_u8(&in, &len) || len < 2 || !ws_take_span(&in, len - 2u, &value))
			break;
		if ((kind == OPTION_LOOSE_ROUTE || kind == OPTION_STRICT_ROUTE) && len >= 7)
			return ws_span_from(value, value.len - 4);
	}
	return ipv4->ip.dst;
}

/* "DF", "+, DF", "none" */
static char *put_flags(char *at, uint16_t fragment)
{
	if (fragment & MORE_FRAGMENTS)
		at = fragment & (DONT_FRAGMENT | RESERVED_BIT) ? put_lit(at, "+, ") : put_lit(at, "+");
	if (fragment & DONT_FRAGMENT)
		at = fragment & RESERVED_BIT ? put_lit(at, "DF, ") : put_lit(at, "DF");
	if (fragment & RESERVED_BIT)
		at = put_lit(at, "rsvd");
	if (!(fragment & (MORE_FRAGMENTS | DONT_FRAGMENT | RESERVED_BIT)))
		at = put_lit(at, "none");
	return at;
}

/* "0", "48": no more digits than it takes */
static char *put_service(char *at, uint8_t service)
{
	static const char congestion[4][8] = {"", ",ECT(1)", ",ECT(0)", ",CE"};
	static const uint8_t congestion_len[4] = {0, 7, 7, 3};
	char *digits = put_hex_byte(at, service);

	if (service < 0x10) {
		at[0] = at[1];
		digits--;
	}
	memcpy(digits, congestion[service & 3], sizeof(congestion[0]));
	return digits + congestion_len[service & 3];
}

static void print_fields(struct walk *walk, const struct ipv4 *ipv4)
{
	const char *name = line_protocol_name(ipv4->ip.protocol);
	struct out *out = walk->out;
	char *room = out_room(out, FIELDS_ROOM), *at;

	if (!room)
		return;
	at = put_service(put_lit(room, "(tos 0x"), ipv4->service);
	if (ipv4->ttl)
		at = put_byte(put_lit(at, ", ttl "), ipv4->ttl);
	at = put_short(put_lit(at, ", id "), ipv4->id);
	at = put_short(put_lit(at, ", offset "), (ipv4->fragment & FRAGMENT_OFFSET) * 8u);
	at = put_flags(put_lit(at, ", flags ["), ipv4->fragment);
	out_advance(out, (size_t)(put_lit(at, "], proto ") - room));
	out_str(out, name ? name : "unknown");
	room = out_room(out, FIELDS_ROOM);
	if (!room)
		return;
	at = put_byte(put_lit(room, " ("), ipv4->ip.protocol);
	at = put_short(put_lit(at, "), length "), ipv4->total);
	out_advance(out, (size_t)(at - room));
}

static void print_checksum(struct walk *walk, const struct ipv4 *ipv4)
{
	struct ws_cursor in = ipv4->begin;
	struct ws_span header;
	uint16_t sum;

	if (walk->options->no_checksums || !ws_take_span(&in, ipv4->header_len, &header))
		return;
	sum = line_sum_fold(line_sum(0, header));
	if (sum == 0)
		return;
	out_lit(walk->out, ", bad cksum ");
	out_hex(walk->out, ipv4->checksum, 1);
	out_lit(walk->out, " (->");
	out_hex(walk->out, line_sum_wanted(ipv4->checksum, sum), 1);
	out_lit(walk->out, ")!");
}

/* What -v shows, up to the indentation of the second line. */
static bool print_verbose(struct walk *walk, const struct ipv4 *ipv4, bool *ret_truncated)
{
	print_fields(walk, ipv4);
	if (ipv4->header_len > HEADER_MIN) {
		out_lit(walk->out, ", options (");
		if (!line_ipv4_options(walk, line_ahead(ipv4->begin, OPTIONS_AT),
				       ipv4->header_len - (uint32_t)OPTIONS_AT, ret_truncated))
			return false;
		if (*ret_truncated)
			out_lit(walk->out, " [truncated-option]");
		out_char(walk->out, ')');
	}
	print_checksum(walk, ipv4);
	out_lit(walk->out, ")\n    ");
	if (*ret_truncated) {
		line_addresses(walk, &ipv4->ip, ": ");
		line_truncated(walk);
	}
	return true;
}

/* A fragment that is not the first: it has no upper header. */
static void print_later_fragment(struct walk *walk, const struct ipv4 *ipv4)
{
	const char *name = walk->options->no_names ? NULL : line_protocol_netdb(ipv4->ip.protocol);

	line_addresses(walk, &ipv4->ip, ":");
	if (name) {
		out_char(walk->out, ' ');
		out_str(walk->out, name);
	} else {
		out_lit(walk->out, " ip-proto-");
		out_u64(walk->out, ipv4->ip.protocol);
	}
}

static bool prints_own_addresses(uint8_t protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_SCTP ||
	       protocol == PROTOCOL_DCCP;
}

static bool print_payload(struct walk *walk, struct ipv4 *ipv4, uint32_t length)
{
	struct ws_cursor in = ipv4->begin;
	struct ws_span header;

	if (ipv4->fragment & FRAGMENT_OFFSET) {
		print_later_fragment(walk, ipv4);
		return true;
	}
	if (!prints_own_addresses(ipv4->ip.protocol))
		line_addresses(walk, &ipv4->ip, ": ");
	if (!ws_take_span(&in, ipv4->header_len, &header)) {
		out_lit(walk->out, " [remaining caplen(");
		out_u64(walk->out, ws_cursor_left(&in));
		out_lit(walk->out, ") < header length(");
		out_u64(walk->out, ipv4->header_len);
		out_lit(walk->out, ")]");
		return false;
	}
	if (ipv4->header_len > HEADER_MIN)
		ipv4->ip.final_dst = final_destination(ipv4);
	return line_protocol(walk, ipv4->ip.protocol, in, length - ipv4->header_len, &ipv4->ip);
}

/* The lengths contradict each other. Returns true where that ended the line. */
static bool print_bad_lengths(struct walk *walk, const struct ipv4 *ipv4, uint32_t length)
{
	struct out *out = walk->out;

	if (length < HEADER_MIN) {
		out_lit(out, "truncated-ip ");
		out_u64(out, length);
		return true;
	}
	if (ipv4->header_len < HEADER_MIN) {
		out_lit(out, "bad-hlen ");
		out_u64(out, ipv4->header_len);
		return true;
	}
	if (length < ipv4->total) {
		out_lit(out, "truncated-ip - ");
		out_u64(out, ipv4->total - length);
		out_lit(out, " bytes missing! ");
	}
	/* A length of 0 is offload's, but the tcpdump of today's distributions is built without its guess. */
	if (ipv4->total < ipv4->header_len) {
		out_lit(out, "bad-len ");
		out_u64(out, ipv4->total);
		return true;
	}
	return false;
}

bool line_ipv4(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	struct ws_cursor look = in;
	struct out *out = walk->out;
	bool truncated = false;
	struct ipv4 ipv4;
	uint8_t first;

	walk->protocol = "ip";
	if (!ws_take_u8(&look, &first))
		return false;
	if (first >> 4 == 6) {
		out_lit(out, "IP6, wrong link-layer encapsulation (invalid)");
		return true;
	}
	if (first >> 4 != 4) {
		out_lit(out, "IP");
		out_u64(out, first >> 4);
		out_lit(out, " (invalid)");
		return true;
	}
	if (!walk->options->link_header)
		out_lit(out, "IP ");
	if (!take_header(&in, &ipv4)) {
		line_truncated(walk);
		return true;
	}
	if (print_bad_lengths(walk, &ipv4, length))
		return true;
	length = ipv4.total;
	ipv4.begin = line_within(ipv4.begin, length);
	if (walk->options->verbose && !print_verbose(walk, &ipv4, &truncated))
		return false;
	return truncated || print_payload(walk, &ipv4, length);
}
