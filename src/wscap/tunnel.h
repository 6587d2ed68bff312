/* Below TCP: link types that are more than a header, and what wraps packets on their way: labels, sessions, overlays.
 *
 * Wired networks put TCP right behind link and ip (link.h, ip.h). Whatever leads elsewhere is walked here, a header a
 * step, until there is TCP, a fragment, or something that nobody reads. A step is a pure function: it takes its header
 * off the front and says what is behind it; what is cut off or contradicts itself is a value.
 *
 *     802.11, PPP, NFLOG … ─► EtherType ─► IP ─► protocol ─► UDP ─► VXLAN, Geneve, GTP-U …
 *                                 ▲         ▲        └─► GRE, AH, EtherIP …          │
 *                                 └─────────┴──────────────────────────────────────-─┘
 *
 * Addresses and ports are those of the innermost TCP: a connection is the same one on whichever way its packets come
 * (a bridge shows them bare, the overlay's device wrapped: that is one packet captured twice, not two). Labels, keys
 * and tunnel endpoint identifiers are no part of it, as most differ between the two directions. Two tenants that use
 * the same addresses and ports at the same time are therefore mixed up: the manual says to choose one by a filter. */
#ifndef WSCAP_TUNNEL_H
#define WSCAP_TUNNEL_H

#include "wscap/tcp.h"
#include "wscap/wifi_join.h"

enum {
	TUNNEL_DEPTH_MAX = 24,  /* headers of one packet that are walked: stops packets that are nothing but headers */
	TUNNEL_LABELS_MAX = 16, /* MPLS labels in one stack */
	TUNNEL_EXTENSIONS_MAX = 16, /* GTP-U's and IPv6's extension headers in a row */
};

/* What stands at the front. */
enum tunnel_kind {
	TUNNEL_NOTHING, /* that is followed */
	TUNNEL_ETHERNET,
	TUNNEL_TYPE,     /* what the EtherType in .type says */
	TUNNEL_LLC,      /* IEEE 802.2 */
	TUNNEL_IP,       /* the version's nibble tells */
	TUNNEL_PROTOCOL, /* what the IP protocol in .type says */
	TUNNEL_MPLS,
	TUNNEL_PPPOE,
	TUNNEL_PPP,
	TUNNEL_HDLC, /* Cisco's */
	TUNNEL_GRE,
	TUNNEL_UDP,
	TUNNEL_VXLAN,
	TUNNEL_VXLAN_GPE,
	TUNNEL_GENEVE,
	TUNNEL_GTP,
	TUNNEL_WIFI, /* IEEE 802.11 */
	TUNNEL_WIFI_PADDED,
	TUNNEL_WIFI_SUBFRAME, /* a packet of several in one frame, an A-MSDU */
	TUNNEL_WIFI_PIECE,    /* of a frame's body; tunnel->piece says which */
	TUNNEL_RADIOTAP,
	TUNNEL_PRISM,
	TUNNEL_AVS,
	TUNNEL_PPI,
	TUNNEL_NFLOG,
	TUNNEL_PPP_SERIAL,
	TUNNEL_PPP_DIRECTION,
	TUNNEL_KINDS,
};

/* What is still to be read of a packet. */
struct tunnel {
	enum tunnel_kind kind;
	uint16_t type;       /* for TUNNEL_TYPE and TUNNEL_PROTOCOL */
	struct ws_cursor in; /* captured */
	uint32_t cut;        /* bytes behind it that were on the wire, but not captured */
	unsigned depth;      /* headers so far */
	struct ip ip;        /* the innermost so far; version 0: none */

	struct ws_cursor rest; /* captured, of what stands beside this packet: subframes */
	uint32_t rest_cut;
	struct wifi_piece piece;
};

/* A step: LAYER_OK and the next kind, or why not. */
typedef enum layer_status tunnel_step(struct tunnel *tunnel);

enum tunnel_end {
	TUNNEL_AT_TCP,      /* tunnel->ip carries it */
	TUNNEL_AT_FRAGMENT, /* tunnel->ip is one: more, or another offset than 0 */
	TUNNEL_AT_PIECE,    /* tunnel->piece is a frame's */
	TUNNEL_AT_OTHER,    /* what is there is not followed, cut off, or bad */
};

/* The kind that a link type (DLT_*) begins with; TUNNEL_NOTHING for those that are not read here. */
enum tunnel_kind tunnel_of_link(int link_type);

/* Where to go on behind what link_parse() and ip_parse() made of a packet. False when they say that nothing follows. */
bool tunnel_begin(struct tunnel *tunnel, const struct packet *packet, const struct link *link, const struct ip *ip);

/* Walks until one of the ends. */
enum tunnel_end tunnel_walk(struct tunnel *tunnel);

/* A datagram was put together from fragments: its bytes take the place of the fragment that tunnel->ip is, and the walk
 * may go on. */
void tunnel_whole(struct tunnel *tunnel, uint8_t protocol, struct ws_span payload, uint32_t wire_len);

/* The same for a frame of 802.11 that was put together from pieces. */
void tunnel_whole_frame(struct tunnel *tunnel, struct ws_span body);

/* Behind an end: is there another packet in the same frame? Then the walk may go on there. */
bool tunnel_beside(struct tunnel *tunnel);

/* For the files of the steps. */

/* Bytes that were on the wire, from the front on. */
static inline uint32_t tunnel_len(const struct tunnel *tunnel)
{
	return (uint32_t)ws_cursor_left(&tunnel->in) + tunnel->cut;
}

/* Ends what follows after len bytes, if not before: what is behind them is padding. */
static inline void tunnel_within(struct tunnel *tunnel, size_t len)
{
	size_t left = ws_cursor_left(&tunnel->in);

	if (len <= left) {
		tunnel->in.end = tunnel->in.at + len;
		tunnel->cut = 0;
	} else if (len - left < tunnel->cut) {
		tunnel->cut = (uint32_t)(len - left);
	}
}

static inline enum layer_status tunnel_skip(struct tunnel *tunnel, size_t len)
{
	struct ws_span skipped;

	if (ws_take_span(&tunnel->in, len, &skipped))
		return LAYER_OK;
	return tunnel_len(tunnel) < len ? LAYER_BAD : LAYER_TRUNCATED;
}

/* What is behind the header that was taken. */
static inline enum layer_status tunnel_next(struct tunnel *tunnel, enum tunnel_kind kind, uint16_t type)
{
	tunnel->kind = kind;
	tunnel->type = type;
	return LAYER_OK;
}

/* Does an Ethernet header stand at that many bytes, with a type that is followed? */
bool tunnel_looks_like_ethernet(const struct tunnel *tunnel, size_t at);

/* tunnel_ether.c */
tunnel_step tunnel_ethernet, tunnel_type, tunnel_llc, tunnel_mpls;
/* tunnel_ppp.c */
tunnel_step tunnel_pppoe, tunnel_ppp, tunnel_hdlc, tunnel_ppp_serial, tunnel_ppp_direction;
/* tunnel_ip.c */
tunnel_step tunnel_ip, tunnel_protocol, tunnel_gre;
/* tunnel_udp.c */
tunnel_step tunnel_udp, tunnel_vxlan, tunnel_vxlan_gpe, tunnel_geneve, tunnel_gtp;
/* tunnel_wifi.c */
tunnel_step tunnel_wifi, tunnel_wifi_padded, tunnel_wifi_subframe, tunnel_radiotap, tunnel_prism, tunnel_avs,
    tunnel_ppi;
/* tunnel_nflog.c */
tunnel_step tunnel_nflog;

#endif
