/* Wrapped packets. The first byte chooses the link type, the second how much longer the packet was on the wire than
 * what was captured. The walk ends, and whatever it ends at lies within what it was given. */
#include "wscap/tunnel.h"

#include <pcap/dlt.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int link_types[] = {
    DLT_EN10MB,           DLT_LINUX_SLL,    DLT_LINUX_SLL2,           DLT_RAW,    DLT_NFLOG, DLT_PPP,
    DLT_PPP_SERIAL,       DLT_PPP_ETHER,    DLT_PPP_WITH_DIR,         DLT_C_HDLC, DLT_MPLS,  DLT_IEEE802_11,
    DLT_IEEE802_11_RADIO, DLT_PRISM_HEADER, DLT_IEEE802_11_RADIO_AVS, DLT_PPI};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_within(struct ws_span part, struct ws_span whole)
{
	check(!part.len || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len));
}

/* One packet of those that stand beside each other. */
static void walk(struct tunnel *tunnel, struct ws_span whole)
{
	enum tunnel_end end = tunnel_walk(tunnel);
	struct tcp tcp;

	check(tunnel->depth <= TUNNEL_DEPTH_MAX);
	check_within(ws_span_of(tunnel->in.at, ws_cursor_left(&tunnel->in)), whole);
	if (end == TUNNEL_AT_OTHER)
		return;
	if (end == TUNNEL_AT_PIECE) {
		check(tunnel->piece.more || tunnel->piece.number);
		return;
	}
	check(tunnel->ip.version == 4 || tunnel->ip.version == 6);
	check_within(tunnel->ip.payload, whole);
	check(tunnel->ip.payload.len <= tunnel->ip.payload_wire_len);
	check((end == TUNNEL_AT_FRAGMENT) == tunnel->ip.fragment);
	tcp_parse(&tunnel->ip, &tcp);
	if (tcp.status == LAYER_OK)
		check_within(tcp.payload, tunnel->ip.payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet packet = {.number = 1};
	struct tunnel tunnel;
	size_t left = size;
	struct link link;
	struct ip ip;

	if (size < 2)
		return 0;
	packet.link_type = link_types[data[0] % (sizeof(link_types) / sizeof(link_types[0]))];
	packet.bytes = ws_span_of(data + 2, size - 2);
	packet.wire_len = (uint32_t)packet.bytes.len + data[1];
	link_parse(&packet, &link);
	ip_parse(&link, &ip);
	if (!tunnel_begin(&tunnel, &packet, &link, &ip))
		return 0;
	do {
		walk(&tunnel, packet.bytes);
		check(ws_cursor_left(&tunnel.rest) < left);
		left = ws_cursor_left(&tunnel.rest);
	} while (tunnel_beside(&tunnel));
	return 0;
}
