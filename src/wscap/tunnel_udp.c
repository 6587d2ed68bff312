/* Overlays over UDP. A port only suggests one; its header, and what follows it, have to bear it out. */
#include "wscap/tunnel.h"

enum {
	PORT_GTP_U = 2152,
	PORT_GRE = 4754, /* RFC 8086 */
	PORT_VXLAN = 4789,
	PORT_VXLAN_GPE = 4790,
	PORT_GENEVE = 6081,
	PORT_MPLS = 6635,        /* RFC 7510 */
	PORT_VXLAN_LINUX = 8472, /* before it was given one; flannel's still */

	UDP_HEADER = 8,

	VXLAN_HAS_VNI = 0x08,
	VXLAN_HAS_PROTOCOL = 0x04,
	VXLAN_IPV4 = 1,
	VXLAN_IPV6 = 2,
	VXLAN_ETHERNET = 3,
	VXLAN_MPLS = 5,

	GENEVE_CONTROL = 0x80,

	GTP_VERSION_1 = 0x20,
	GTP_VERSION = 0xe0,
	GTP_NOT_PRIME = 0x10,
	GTP_HAS_EXTENSION = 0x04,
	GTP_HAS_OPTIONAL = 0x07, /* any of the three brings all of their fields */
	GTP_PACKET = 255,
};

static enum tunnel_kind kind_of_port(uint16_t port)
{
	switch (port) {
	case PORT_GTP_U:
		return TUNNEL_GTP;
	case PORT_GRE:
		return TUNNEL_GRE;
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX:
		return TUNNEL_VXLAN;
	case PORT_VXLAN_GPE:
		return TUNNEL_VXLAN_GPE;
	case PORT_GENEVE:
		return TUNNEL_GENEVE;
	case PORT_MPLS:
		return TUNNEL_MPLS;
	default:
		return TUNNEL_NOTHING;
	}
}

/* RFC 768. An overlay's source port is a hash of what it carries; GTP-U's may be the one that is known. */
enum layer_status tunnel_udp(struct tunnel *tunnel)
{
	uint16_t from, to, len, checksum;
	enum tunnel_kind kind;

	if (!ws_take_u16(&tunnel->in, &from) || !ws_take_u16(&tunnel->in, &to) || !ws_take_u16(&tunnel->in, &len) ||
	    !ws_take_u16(&tunnel->in, &checksum))
		return LAYER_TRUNCATED;
	kind = kind_of_port(to);
	if (kind == TUNNEL_NOTHING && from == PORT_GTP_U)
		kind = TUNNEL_GTP;
	if (kind == TUNNEL_NOTHING)
		return LAYER_OTHER;
	if (len && len < UDP_HEADER)
		return LAYER_BAD;
	if (len)
		tunnel_within(tunnel, len - (size_t)UDP_HEADER);
	return tunnel_next(tunnel, kind, 0);
}

/* RFC 7348, section 5. */
enum layer_status tunnel_vxlan(struct tunnel *tunnel)
{
	uint32_t flags, vni;

	if (!ws_take_u32(&tunnel->in, &flags) || !ws_take_u32(&tunnel->in, &vni))
		return LAYER_TRUNCATED;
	return flags >> 24 & VXLAN_HAS_VNI ? tunnel_next(tunnel, TUNNEL_ETHERNET, 0) : LAYER_OTHER;
}

/* draft-ietf-nvo3-vxlan-gpe, section 3: the same, and the last byte of the first word names what is carried. */
enum layer_status tunnel_vxlan_gpe(struct tunnel *tunnel)
{
	uint32_t flags, vni;

	if (!ws_take_u32(&tunnel->in, &flags) || !ws_take_u32(&tunnel->in, &vni))
		return LAYER_TRUNCATED;
	if (!(flags >> 24 & VXLAN_HAS_VNI))
		return LAYER_OTHER;
	if (!(flags >> 24 & VXLAN_HAS_PROTOCOL))
		return tunnel_next(tunnel, TUNNEL_ETHERNET, 0);
	switch (flags & 0xff) {
	case VXLAN_IPV4:
	case VXLAN_IPV6:
		return tunnel_next(tunnel, TUNNEL_IP, 0);
	case VXLAN_ETHERNET:
		return tunnel_next(tunnel, TUNNEL_ETHERNET, 0);
	case VXLAN_MPLS:
		return tunnel_next(tunnel, TUNNEL_MPLS, 0);
	default:
		return LAYER_OTHER;
	}
}

/* RFC 8926, section 3.4. */
enum layer_status tunnel_geneve(struct tunnel *tunnel)
{
	uint8_t version_and_len, flags;
	uint16_t type;
	uint32_t vni;

	if (!ws_take_u8(&tunnel->in, &version_and_len) || !ws_take_u8(&tunnel->in, &flags) ||
	    !ws_take_u16(&tunnel->in, &type) || !ws_take_u32(&tunnel->in, &vni))
		return LAYER_TRUNCATED;
	if (version_and_len >> 6 || flags & GENEVE_CONTROL)
		return LAYER_OTHER;
	tunnel_next(tunnel, TUNNEL_TYPE, type);
	return tunnel_skip(tunnel, (version_and_len & 0x3f) * 4u);
}

/* 3GPP TS 29.281, section 5.2: each tells its length in words, and what follows it. */
static enum layer_status skip_gtp_extensions(struct tunnel *tunnel, uint8_t next)
{
	for (unsigned count = 0; next; count++) {
		struct ws_span content;
		uint8_t words;

		if (count == TUNNEL_EXTENSIONS_MAX)
			return LAYER_OTHER;
		if (!ws_take_u8(&tunnel->in, &words))
			return LAYER_TRUNCATED;
		if (!words)
			return LAYER_BAD;
		if (!ws_take_span(&tunnel->in, words * 4u - 2, &content) || !ws_take_u8(&tunnel->in, &next))
			return LAYER_TRUNCATED;
	}
	return LAYER_OK;
}

/* What a bearer carries was agreed on elsewhere: IP nearly always, else Ethernet. */
static enum layer_status guess_bearer(struct tunnel *tunnel)
{
	struct ws_cursor look = tunnel->in;
	uint8_t first;

	if (!ws_take_u8(&look, &first))
		return LAYER_TRUNCATED;
	if (first >> 4 != 4 && first >> 4 != 6 && tunnel_looks_like_ethernet(tunnel, 0))
		return tunnel_next(tunnel, TUNNEL_ETHERNET, 0);
	return tunnel_next(tunnel, TUNNEL_IP, 0);
}

/* 3GPP TS 29.281, section 5.1. */
enum layer_status tunnel_gtp(struct tunnel *tunnel)
{
	enum layer_status status;
	uint8_t flags, type, pdu, next;
	uint16_t len, sequence;
	uint32_t endpoint;

	if (!ws_take_u8(&tunnel->in, &flags) || !ws_take_u8(&tunnel->in, &type) || !ws_take_u16(&tunnel->in, &len) ||
	    !ws_take_u32(&tunnel->in, &endpoint))
		return LAYER_TRUNCATED;
	if ((flags & GTP_VERSION) != GTP_VERSION_1 || !(flags & GTP_NOT_PRIME) || type != GTP_PACKET)
		return LAYER_OTHER;
	tunnel_within(tunnel, len);
	if (!(flags & GTP_HAS_OPTIONAL))
		return guess_bearer(tunnel);
	if (!ws_take_u16(&tunnel->in, &sequence) || !ws_take_u8(&tunnel->in, &pdu) || !ws_take_u8(&tunnel->in, &next))
		return LAYER_TRUNCATED;
	status = skip_gtp_extensions(tunnel, flags & GTP_HAS_EXTENSION ? next : 0);
	return status == LAYER_OK ? guess_bearer(tunnel) : status;
}
