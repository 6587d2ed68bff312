/* The walk. Each kind of header has its step in one of the files tunnel_*.c. */
#include "wscap/tunnel.h"

#include <pcap/dlt.h>

enum {
	PROTOCOL_TCP = 6,
};

static tunnel_step *const steps[TUNNEL_KINDS] = {
    [TUNNEL_ETHERNET] = tunnel_ethernet,
    [TUNNEL_TYPE] = tunnel_type,
    [TUNNEL_LLC] = tunnel_llc,
    [TUNNEL_IP] = tunnel_ip,
    [TUNNEL_PROTOCOL] = tunnel_protocol,
    [TUNNEL_MPLS] = tunnel_mpls,
    [TUNNEL_PPPOE] = tunnel_pppoe,
    [TUNNEL_PPP] = tunnel_ppp,
    [TUNNEL_HDLC] = tunnel_hdlc,
    [TUNNEL_GRE] = tunnel_gre,
    [TUNNEL_UDP] = tunnel_udp,
    [TUNNEL_VXLAN] = tunnel_vxlan,
    [TUNNEL_VXLAN_GPE] = tunnel_vxlan_gpe,
    [TUNNEL_GENEVE] = tunnel_geneve,
    [TUNNEL_GTP] = tunnel_gtp,
    [TUNNEL_WIFI] = tunnel_wifi,
    [TUNNEL_WIFI_PADDED] = tunnel_wifi_padded,
    [TUNNEL_WIFI_SUBFRAME] = tunnel_wifi_subframe,
    [TUNNEL_RADIOTAP] = tunnel_radiotap,
    [TUNNEL_PRISM] = tunnel_prism,
    [TUNNEL_AVS] = tunnel_avs,
    [TUNNEL_PPI] = tunnel_ppi,
    [TUNNEL_NFLOG] = tunnel_nflog,
    [TUNNEL_PPP_SERIAL] = tunnel_ppp_serial,
    [TUNNEL_PPP_DIRECTION] = tunnel_ppp_direction,
};

static const struct {
	int link_type;
	enum tunnel_kind kind;
} links[] = {
    {DLT_PPP, TUNNEL_PPP},
    {DLT_PPP_SERIAL, TUNNEL_PPP_SERIAL},
    {DLT_PPP_ETHER, TUNNEL_PPPOE},
    {DLT_PPP_WITH_DIR, TUNNEL_PPP_DIRECTION},
    {DLT_C_HDLC, TUNNEL_HDLC},
    {DLT_IEEE802_11, TUNNEL_WIFI},
    {DLT_IEEE802_11_RADIO, TUNNEL_RADIOTAP},
    {DLT_PRISM_HEADER, TUNNEL_PRISM},
    {DLT_IEEE802_11_RADIO_AVS, TUNNEL_AVS},
    {DLT_PPI, TUNNEL_PPI},
    {DLT_NFLOG, TUNNEL_NFLOG},
    {DLT_MPLS, TUNNEL_MPLS},
};

enum tunnel_kind tunnel_of_link(int link_type)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].link_type == link_type)
			return links[i].kind;
	return TUNNEL_NOTHING;
}

/* Behind an IP header: fragments and TCP end the walk, the rest is what the protocol says. */
static bool begin_at_ip(struct tunnel *tunnel, const struct ip *ip)
{
	tunnel->ip = *ip;
	tunnel->kind = TUNNEL_PROTOCOL;
	tunnel->type = ip->protocol;
	tunnel->in = ws_cursor_of(ip->payload);
	tunnel->cut = ip->payload_wire_len - (uint32_t)ip->payload.len;
	return ip->status == LAYER_OK || ip->status == LAYER_OTHER;
}

bool tunnel_begin(struct tunnel *tunnel, const struct packet *packet, const struct link *link, const struct ip *ip)
{
	struct ws_span bytes = link->payload;

	tunnel->depth = 0;
	tunnel->ip.version = 0;
	tunnel->rest = ws_cursor_of(ws_span_of(NULL, 0));
	if (link->status == LAYER_OK)
		return ip->version && begin_at_ip(tunnel, ip);
	if (link->status != LAYER_OTHER)
		return false;
	tunnel->kind = tunnel_of_link(packet->link_type);
	tunnel->cut = link->payload_wire_len - (uint32_t)bytes.len;
	tunnel->in = ws_cursor_of(bytes);
	if (tunnel->kind == TUNNEL_NOTHING && link->ether_type) {
		tunnel->kind = TUNNEL_TYPE;
		tunnel->type = link->ether_type;
	}
	return tunnel->kind != TUNNEL_NOTHING;
}

enum tunnel_end tunnel_walk(struct tunnel *tunnel)
{
	for (; tunnel->depth < TUNNEL_DEPTH_MAX; tunnel->depth++) {
		if (tunnel->kind == TUNNEL_PROTOCOL && tunnel->ip.fragment)
			return TUNNEL_AT_FRAGMENT;
		if (tunnel->kind == TUNNEL_WIFI_PIECE)
			return TUNNEL_AT_PIECE;
		if (tunnel->kind == TUNNEL_PROTOCOL && tunnel->type == PROTOCOL_TCP) {
			tunnel->ip.status = LAYER_OK;
			tunnel->ip.protocol = PROTOCOL_TCP;
			tunnel->ip.payload = ws_span_of(tunnel->in.at, ws_cursor_left(&tunnel->in));
			tunnel->ip.payload_wire_len = tunnel_len(tunnel);
			return TUNNEL_AT_TCP;
		}
		if (!steps[tunnel->kind] || steps[tunnel->kind](tunnel) != LAYER_OK)
			return TUNNEL_AT_OTHER;
	}
	return TUNNEL_AT_OTHER;
}

void tunnel_whole(struct tunnel *tunnel, uint8_t protocol, struct ws_span payload, uint32_t wire_len)
{
	tunnel->type = tunnel->ip.protocol = protocol;
	tunnel->ip.fragment = tunnel->ip.more_fragments = false;
	tunnel->ip.fragment_offset = 0;
	tunnel->in = ws_cursor_of(payload);
	tunnel->cut = wire_len - (uint32_t)payload.len;
}

void tunnel_whole_frame(struct tunnel *tunnel, struct ws_span body)
{
	tunnel_next(tunnel, TUNNEL_LLC, 0);
	tunnel->in = ws_cursor_of(body);
	tunnel->cut = 0;
}

bool tunnel_beside(struct tunnel *tunnel)
{
	if (!ws_cursor_left(&tunnel->rest))
		return false;
	tunnel_next(tunnel, TUNNEL_WIFI_SUBFRAME, 0);
	tunnel->in = tunnel->rest;
	tunnel->cut = tunnel->rest_cut;
	tunnel->rest.at = tunnel->rest.end;
	tunnel->depth = 0;
	tunnel->ip = (struct ip){0};
	return true;
}
