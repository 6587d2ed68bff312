/* Linux' netfilter log. */
#include "wscap/line_internal.h"

#include <arpa/inet.h>
#include <sys/socket.h>

enum {
	HEADER = 4,
	ATTRIBUTE_HEAD = 4,
	ATTRIBUTE_PACKET = 9,
};

struct nflog {
	uint8_t family, version;
	uint16_t resource;
};

static void print_header(struct walk *walk, const struct nflog *nflog, uint32_t length)
{
	const char *name = nflog->family == AF_INET ? "IPv4" : nflog->family == AF_INET6 ? "IPv6" : NULL;

	out_printf(walk->out, "version %u, resource ID %u", nflog->version, nflog->resource);
	if (!walk->options->quiet)
		out_printf(walk->out, ", family %s (%u)", name ? name : "Unknown", nflog->family);
	else if (name)
		out_printf(walk->out, ", %s", name);
	else
		out_printf(walk->out, ", Unknown NFLOG (0x%02x)", nflog->family);
	out_printf(walk->out, ", length %u: ", length);
}

/* Up to the packet's first byte. Lengths are in the byte order of the machine that captured, which libpcap made this
 * one's. False where an attribute is cut off or shorter than its own head. */
static bool find_packet(struct ws_cursor *in, uint32_t *length)
{
	while (*length > 0) {
		struct ws_cursor look = *in;
		uint16_t len, type;
		uint32_t whole;

		if (!ws_take_u16(&look, &len) || !ws_take_u16(&look, &type))
			return false;
		whole = (uint16_t)((htons(len) + 3U) / 4 * 4);
		if (whole < ATTRIBUTE_HEAD || ws_cursor_left(in) < whole)
			return false;
		if (htons(type) == ATTRIBUTE_PACKET) {
			*in = look;
			*length -= ATTRIBUTE_HEAD;
			return true;
		}
		in->at += whole;
		*length -= whole;
	}
	return true;
}

bool line_nflog(struct walk *walk)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	uint32_t length = walk->wire_len;
	struct nflog nflog;
	bool good = true;
	size_t behind;

	walk->protocol = "nflog";
	if (!ws_take_u8(&in, &nflog.family) || !ws_take_u8(&in, &nflog.version) || !ws_take_u16(&in, &nflog.resource)) {
		line_truncated(walk);
		walk->link_header_len = walk->captured.len;
		return true;
	}
	walk->link_header_len = HEADER;
	if (nflog.version != 0) {
		out_printf(walk->out, "version %u (unknown)", nflog.version);
		return true;
	}
	if (walk->options->link_header)
		print_header(walk, &nflog, length);
	length -= HEADER;
	if (!find_packet(&in, &length)) {
		line_truncated(walk);
		walk->link_header_len = line_behind(walk, &in);
		return true;
	}
	behind = line_behind(walk, &in);
	if (nflog.family == AF_INET || nflog.family == AF_INET6) {
		good = nflog.family == AF_INET ? line_ipv4(walk, in, length) : line_ipv6(walk, in, length);
	} else {
		if (!walk->options->link_header)
			print_header(walk, &nflog, length + HEADER);
		line_unknown(walk, in);
	}
	walk->link_header_len = behind;
	return good;
}
