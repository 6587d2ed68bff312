/* What an IP protocol leads to: IP again, GRE, and headers that only protect or route. */
#include "wscap/tunnel.h"

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,

	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_IPV4 = 4,
	PROTOCOL_UDP = 17,
	PROTOCOL_IPV6 = 41,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_GRE = 47,
	PROTOCOL_AUTHENTICATION = 51,
	PROTOCOL_DESTINATION_OPTIONS = 60,
	PROTOCOL_ETHERIP = 97,
	PROTOCOL_MPLS = 137,
	PROTOCOL_ETHERNET = 143, /* RFC 8986 */

	ETHERIP_VERSION = 0x3000,

	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACKNOWLEDGMENT = 0x0080,
	GRE_VERSION = 0x0007,
	TYPE_PPP = 0x880b,
	TYPE_ERSPAN = 0x88be,
	TYPE_ERSPAN_3 = 0x22eb,
	ERSPAN_2_HEADER = 8,
	ERSPAN_3_HEADER = 12,
	ERSPAN_3_SUBHEADER = 8,
};

enum layer_status tunnel_ip(struct tunnel *tunnel)
{
	struct ws_cursor look = tunnel->in;
	struct link link = {.status = LAYER_OK};
	uint8_t first;

	if (!ws_take_u8(&look, &first))
		return LAYER_TRUNCATED;
	link.ether_type = first >> 4 == 4 ? TYPE_IPV4 : TYPE_IPV6;
	link.payload = ws_span_of(tunnel->in.at, ws_cursor_left(&tunnel->in));
	link.payload_wire_len = tunnel_len(tunnel);
	ip_parse(&link, &tunnel->ip);
	if (!tunnel->ip.version)
		return LAYER_OTHER;
	if (tunnel->ip.status != LAYER_OK && tunnel->ip.status != LAYER_OTHER)
		return tunnel->ip.status;
	tunnel->in = ws_cursor_of(tunnel->ip.payload);
	tunnel->cut = tunnel->ip.payload_wire_len - (uint32_t)tunnel->ip.payload.len;
	return tunnel_next(tunnel, TUNNEL_PROTOCOL, tunnel->ip.protocol);
}

/* RFC 4302, section 2: what it protects follows in the clear. IPv6's other extension headers behind a fragment's are
 * read here too: RFC 8200, section 4.2. */
static enum layer_status take_extension(struct tunnel *tunnel)
{
	bool authentication = tunnel->type == PROTOCOL_AUTHENTICATION;
	uint8_t next, len;

	if (!ws_take_u8(&tunnel->in, &next) || !ws_take_u8(&tunnel->in, &len))
		return LAYER_TRUNCATED;
	tunnel_next(tunnel, TUNNEL_PROTOCOL, next);
	return tunnel_skip(tunnel, authentication ? (len + 2u) * 4 - 2 : (len + 1u) * 8 - 2);
}

/* RFC 3378, section 3. */
static enum layer_status take_etherip(struct tunnel *tunnel)
{
	uint16_t version;

	if (!ws_take_u16(&tunnel->in, &version))
		return LAYER_TRUNCATED;
	return version == ETHERIP_VERSION ? tunnel_next(tunnel, TUNNEL_ETHERNET, 0) : LAYER_OTHER;
}

enum layer_status tunnel_protocol(struct tunnel *tunnel)
{
	switch (tunnel->type) {
	case PROTOCOL_IPV4:
	case PROTOCOL_IPV6:
		return tunnel_next(tunnel, TUNNEL_IP, 0);
	case PROTOCOL_UDP:
		return tunnel_next(tunnel, TUNNEL_UDP, 0);
	case PROTOCOL_GRE:
		return tunnel_next(tunnel, TUNNEL_GRE, 0);
	case PROTOCOL_MPLS:
		return tunnel_next(tunnel, TUNNEL_MPLS, 0);
	case PROTOCOL_ETHERNET:
		return tunnel_next(tunnel, TUNNEL_ETHERNET, 0);
	case PROTOCOL_ETHERIP:
		return take_etherip(tunnel);
	case PROTOCOL_HOP_BY_HOP:
	case PROTOCOL_ROUTING:
	case PROTOCOL_DESTINATION_OPTIONS:
		return tunnel->ip.version == 6 ? take_extension(tunnel) : LAYER_OTHER;
	case PROTOCOL_AUTHENTICATION:
		return take_extension(tunnel);
	default:
		return LAYER_OTHER;
	}
}

/* A switch's mirror: type I has no header, type II comes with a sequence number, type III says whether more follows. */
static enum layer_status take_erspan(struct tunnel *tunnel, uint16_t type, bool sequence)
{
	enum layer_status status;
	struct ws_cursor look;
	struct ws_span skipped;
	uint16_t last = 0;

	tunnel_next(tunnel, TUNNEL_ETHERNET, 0);
	if (type == TYPE_ERSPAN)
		return tunnel_skip(tunnel, sequence ? ERSPAN_2_HEADER : 0);
	look = tunnel->in;
	if (ws_take_span(&look, ERSPAN_3_HEADER - sizeof(last), &skipped) && !ws_take_u16(&look, &last))
		return LAYER_TRUNCATED;
	status = tunnel_skip(tunnel, ERSPAN_3_HEADER + (last & 1 ? ERSPAN_3_SUBHEADER : 0));
	if (last >> 10 & 0x1f) /* the frame's type: 0 is Ethernet, 2 is IP */
		tunnel_next(tunnel, (last >> 10 & 0x1f) == 2 ? TUNNEL_IP : TUNNEL_NOTHING, 0);
	return status;
}

/* RFC 2784, RFC 2890; version 1 is that of PPTP, RFC 2637, section 4.1. Source routing (RFC 1701) is not followed. */
enum layer_status tunnel_gre(struct tunnel *tunnel)
{
	enum layer_status status;
	uint16_t flags, type;
	unsigned version;
	size_t words;

	if (!ws_take_u16(&tunnel->in, &flags) || !ws_take_u16(&tunnel->in, &type))
		return LAYER_TRUNCATED;
	version = flags & GRE_VERSION;
	if (version > 1 || flags & GRE_ROUTING || (version == 1 && (type != TYPE_PPP || !(flags & GRE_SEQUENCE))))
		return LAYER_OTHER;
	words = (size_t) !!(flags & GRE_CHECKSUM) + !!(flags & GRE_KEY) + !!(flags & GRE_SEQUENCE);
	words += version == 1 && flags & GRE_ACKNOWLEDGMENT;
	status = tunnel_skip(tunnel, words * sizeof(uint32_t));
	if (status != LAYER_OK)
		return status;
	if (type == TYPE_ERSPAN || type == TYPE_ERSPAN_3)
		return take_erspan(tunnel, type, flags & GRE_SEQUENCE);
	return tunnel_next(tunnel, TUNNEL_TYPE, type);
}
