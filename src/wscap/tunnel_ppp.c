/* PPP (RFC 1661, RFC 1662), its sessions over Ethernet (RFC 2516), and Cisco's HDLC. */
#include "wscap/tunnel.h"

enum {
	PPPOE_VERSION_AND_TYPE = 0x11,
	PPPOE_SESSION = 0,

	HDLC_ADDRESS = 0xff, /* all stations */
	HDLC_CONTROL = 0x03, /* unnumbered information */
	HDLC_CISCO_UNICAST = 0x0f,
	HDLC_CISCO_BROADCAST = 0x8f,

	PPP_IPV4 = 0x0021,
	PPP_IPV6 = 0x0057,
	PPP_MPLS = 0x0281,
	PPP_MPLS_MULTICAST = 0x0283,
};

/* RFC 2516, section 4. */
enum layer_status tunnel_pppoe(struct tunnel *tunnel)
{
	uint8_t version_and_type, code;
	uint16_t session, len;

	if (!ws_take_u8(&tunnel->in, &version_and_type) || !ws_take_u8(&tunnel->in, &code) ||
	    !ws_take_u16(&tunnel->in, &session) || !ws_take_u16(&tunnel->in, &len))
		return LAYER_TRUNCATED;
	if (version_and_type != PPPOE_VERSION_AND_TYPE || code != PPPOE_SESSION)
		return LAYER_OTHER;
	tunnel_within(tunnel, len);
	return tunnel_next(tunnel, TUNNEL_PPP, 0);
}

/* The address and control bytes may be left out; so may the protocol's first byte, where it is 0: RFC 1661, section
 * 6.5 and 6.6. No protocol's first byte is odd, and no short one's is even. */
static bool take_protocol(struct ws_cursor *in, uint16_t *ret)
{
	struct ws_cursor look = *in;
	uint16_t first;
	uint8_t low;

	if (ws_take_u16(&look, &first) && first == (HDLC_ADDRESS << 8 | HDLC_CONTROL))
		*in = look;
	look = *in;
	if (!ws_take_u8(&look, &low))
		return false;
	if (!(low & 1))
		return ws_take_u16(in, ret);
	*ret = low;
	*in = look;
	return true;
}

enum layer_status tunnel_ppp(struct tunnel *tunnel)
{
	uint16_t protocol;

	if (!take_protocol(&tunnel->in, &protocol))
		return LAYER_TRUNCATED;
	switch (protocol) {
	case PPP_IPV4:
	case PPP_IPV6:
		return tunnel_next(tunnel, TUNNEL_IP, 0);
	case PPP_MPLS:
	case PPP_MPLS_MULTICAST:
		return tunnel_next(tunnel, TUNNEL_MPLS, 0);
	default:
		return LAYER_OTHER;
	}
}

/* An EtherType behind an address and a control byte: RFC 1547, section 4.3.1. */
enum layer_status tunnel_hdlc(struct tunnel *tunnel)
{
	uint16_t address_and_control, type;

	if (!ws_take_u16(&tunnel->in, &address_and_control) || !ws_take_u16(&tunnel->in, &type))
		return LAYER_TRUNCATED;
	return tunnel_next(tunnel, TUNNEL_TYPE, type);
}

/* A serial line: PPP, or Cisco's HDLC, as the first byte says. */
enum layer_status tunnel_ppp_serial(struct tunnel *tunnel)
{
	struct ws_cursor look = tunnel->in;
	uint8_t address;

	if (!ws_take_u8(&look, &address))
		return LAYER_TRUNCATED;
	if (address == HDLC_CISCO_UNICAST || address == HDLC_CISCO_BROADCAST)
		return tunnel_next(tunnel, TUNNEL_HDLC, 0);
	return tunnel_next(tunnel, TUNNEL_PPP, 0);
}

/* A byte before it tells whether it was sent or received. */
enum layer_status tunnel_ppp_direction(struct tunnel *tunnel)
{
	uint8_t direction;

	if (!ws_take_u8(&tunnel->in, &direction))
		return LAYER_TRUNCATED;
	return tunnel_next(tunnel, TUNNEL_PPP, 0);
}
