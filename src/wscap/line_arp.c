/* ARP (RFC 826): the one protocol besides IP that everyone sees. */
#include "wscap/line_internal.h"

enum {
	HARDWARE_ATM = 19, /* RFC 2225: other fields, not read here */
	TYPE_TRAILER = 0x1000,

	OP_REQUEST = 1,
	OP_REPLY = 2,
	OP_REVERSE_REQUEST = 3,
	OP_REVERSE_REPLY = 4,
	OP_INVERSE_REQUEST = 8,
	OP_INVERSE_REPLY = 9,
	OP_NAK = 10,
};

struct arp {
	uint16_t hardware, protocol, operation;
	uint8_t hardware_len, protocol_len;
	struct ws_span sender_hardware, sender, target_hardware, target;
};

static bool take_arp(struct ws_cursor *in, struct arp *ret)
{
	return ws_take_u16(in, &ret->hardware) && ws_take_u16(in, &ret->protocol) &&
	       ws_take_u8(in, &ret->hardware_len) && ws_take_u8(in, &ret->protocol_len) &&
	       ws_take_u16(in, &ret->operation) && ws_take_span(in, ret->hardware_len, &ret->sender_hardware) &&
	       ws_take_span(in, ret->protocol_len, &ret->sender) &&
	       ws_take_span(in, ret->hardware_len, &ret->target_hardware) &&
	       ws_take_span(in, ret->protocol_len, &ret->target);
}

static const char *operation_name(uint16_t operation)
{
	static const char *const names[] = {
	    [OP_REQUEST] = "Request",
	    [OP_REPLY] = "Reply",
	    [OP_REVERSE_REQUEST] = "Reverse Request",
	    [OP_REVERSE_REPLY] = "Reverse Reply",
	    [OP_INVERSE_REQUEST] = "Inverse Request",
	    [OP_INVERSE_REPLY] = "Inverse Reply",
	    [OP_NAK] = "NACK Reply",
	};

	return operation < sizeof(names) / sizeof(names[0]) ? names[operation] : NULL;
}

static const char *hardware_name(uint16_t hardware)
{
	static const struct {
		uint16_t hardware;
		const char *name;
	} names[] = {
	    {1, "Ethernet"}, {6, "TokenRing"},  {7, "ArcNet"},      {15, "FrameRelay"},
	    {23, "Strip"},   {24, "IEEE 1394"}, {32, "InfiniBand"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].hardware == hardware)
			return names[i].name;
	return NULL;
}

static void print_hardware(struct walk *walk, struct ws_span addr)
{
	if (addr.len == 0) {
		out_lit(walk->out, "<empty>");
		return;
	}
	if (addr.len == 6) {
		line_ether_address(walk, addr);
		return;
	}
	for (size_t i = 0; i < addr.len; i++) {
		if (i)
			out_char(walk->out, ':');
		out_hex(walk->out, addr.data[i], 2);
	}
}

static void print_address(struct walk *walk, const struct arp *arp, struct ws_span addr)
{
	if (arp->protocol != ETHER_IPV4 && arp->protocol != TYPE_TRAILER)
		out_lit(walk->out, "<wrong proto type>");
	else if (addr.len != 4)
		out_lit(walk->out, "<wrong len>");
	else
		line_address(walk, addr);
}

/* "Ethernet (len 6), IPv4 (len 4)" */
static void print_kinds(struct walk *walk, const struct arp *arp)
{
	const char *hardware = hardware_name(arp->hardware);
	const char *protocol = line_ether_type_name(arp->protocol);
	struct out *out = walk->out;

	if (hardware)
		out_str(out, hardware);
	else
		out_printf(out, "Unknown Hardware (%u)", arp->hardware);
	out_printf(out, " (len %u), ", arp->hardware_len);
	if (protocol)
		out_str(out, protocol);
	else
		out_printf(out, "Unknown Protocol (0x%04x)", arp->protocol);
	out_printf(out, " (len %u)", arp->protocol_len);
}

static bool is_zero(struct ws_span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i])
			return false;
	return true;
}

/* false: an operation that nobody knows. */
static bool print_operation(struct walk *walk, const struct arp *arp)
{
	struct out *out = walk->out;

	switch (arp->operation) {
	case OP_REQUEST:
		out_lit(out, "who-has ");
		print_address(walk, arp, arp->target);
		if (!is_zero(arp->target_hardware)) {
			out_lit(out, " (");
			print_hardware(walk, arp->target_hardware);
			out_char(out, ')');
		}
		out_lit(out, " tell ");
		print_address(walk, arp, arp->sender);
		return true;
	case OP_REPLY:
		print_address(walk, arp, arp->sender);
		out_lit(out, " is-at ");
		print_hardware(walk, arp->sender_hardware);
		return true;
	case OP_REVERSE_REQUEST:
	case OP_INVERSE_REQUEST:
		out_lit(out, "who-is ");
		print_hardware(walk, arp->target_hardware);
		out_lit(out, " tell ");
		print_hardware(walk, arp->sender_hardware);
		return true;
	case OP_REVERSE_REPLY:
		print_hardware(walk, arp->target_hardware);
		out_lit(out, " at ");
		print_address(walk, arp, arp->target);
		return true;
	case OP_INVERSE_REPLY:
		print_hardware(walk, arp->sender_hardware);
		out_lit(out, " at ");
		print_address(walk, arp, arp->sender);
		return true;
	default:
		return false;
	}
}

bool line_arp(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	const struct options *options = walk->options;
	struct ws_span whole = ws_span_of(in.at, ws_cursor_left(&in));
	struct out *out = walk->out;
	struct arp arp;
	const char *name;

	walk->protocol = "arp";
	if (!take_arp(&in, &arp))
		return false;
	if (!options->link_header)
		out_lit(out, "ARP, ");
	if (arp.hardware != HARDWARE_ATM) {
		bool usual = (arp.protocol == ETHER_IPV4 || arp.protocol == TYPE_TRAILER) && arp.protocol_len == 4 &&
			     arp.hardware_len;

		if (!usual || options->verbose)
			print_kinds(walk, &arp);
		if (usual || options->verbose) {
			if (options->verbose)
				out_lit(out, ", ");
			name = operation_name(arp.operation);
			if (name)
				out_str(out, name);
			else
				out_printf(out, "Unknown (%u)", arp.operation);
			out_char(out, ' ');
			if (!print_operation(walk, &arp)) {
				line_dump_hex_ascii(out, whole);
				return true;
			}
		}
	}
	out_lit(out, ", length ");
	out_u64(out, length);
	return true;
}
