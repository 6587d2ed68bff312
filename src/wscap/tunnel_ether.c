/* What an EtherType leads to: Ethernet again, tags, 802.2, labels. */
#include "wscap/tunnel.h"

enum {
	TYPE_LENGTH_MAX = 1500, /* up to here it is the length of an IEEE 802.2 packet */
	TYPE_IPV4 = 0x0800,
	TYPE_BRIDGED = 0x6558, /* transparent Ethernet bridging */
	TYPE_VLAN = 0x8100,
	TYPE_IPV6 = 0x86dd,
	TYPE_PPP = 0x880b,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_UPSTREAM = 0x8848,
	TYPE_PPPOE_SESSION = 0x8864,
	TYPE_QINQ = 0x88a8,
	TYPE_BACKBONE = 0x88e7, /* IEEE 802.1ah */
	TYPE_QINQ_9100 = 0x9100,
	TYPE_QINQ_9200 = 0x9200,

	ETHERNET_ADDRESSES = 12,
	BACKBONE_TAG = 4,
	CONTROL_WORD = 4,
};

enum layer_status tunnel_ethernet(struct tunnel *tunnel)
{
	enum layer_status status = tunnel_skip(tunnel, ETHERNET_ADDRESSES);
	uint16_t type;

	if (status != LAYER_OK)
		return status;
	if (!ws_take_u16(&tunnel->in, &type))
		return LAYER_TRUNCATED;
	return tunnel_next(tunnel, TUNNEL_TYPE, type);
}

static bool is_followed(uint16_t type)
{
	switch (type) {
	case TYPE_IPV4:
	case TYPE_IPV6:
	case TYPE_VLAN:
	case TYPE_QINQ:
	case TYPE_QINQ_9100:
	case TYPE_QINQ_9200:
	case TYPE_MPLS:
	case TYPE_PPPOE_SESSION:
		return true;
	default:
		return false;
	}
}

bool tunnel_looks_like_ethernet(const struct tunnel *tunnel, size_t at)
{
	struct ws_cursor look = tunnel->in;
	struct ws_span skipped;
	uint16_t type;

	return ws_take_span(&look, at + ETHERNET_ADDRESSES, &skipped) && ws_take_u16(&look, &type) && is_followed(type);
}

/* A tag is its own four bytes; its last two are the type of what follows. */
static enum layer_status take_tag(struct tunnel *tunnel)
{
	uint16_t tag, type;

	if (!ws_take_u16(&tunnel->in, &tag) || !ws_take_u16(&tunnel->in, &type))
		return LAYER_TRUNCATED;
	return tunnel_next(tunnel, TUNNEL_TYPE, type);
}

enum layer_status tunnel_type(struct tunnel *tunnel)
{
	switch (tunnel->type) {
	case TYPE_IPV4:
	case TYPE_IPV6:
		return tunnel_next(tunnel, TUNNEL_IP, 0);
	case TYPE_VLAN:
	case TYPE_QINQ:
	case TYPE_QINQ_9100:
	case TYPE_QINQ_9200:
		return take_tag(tunnel);
	case TYPE_MPLS:
	case TYPE_MPLS_UPSTREAM:
		return tunnel_next(tunnel, TUNNEL_MPLS, 0);
	case TYPE_PPPOE_SESSION:
		return tunnel_next(tunnel, TUNNEL_PPPOE, 0);
	case TYPE_PPP:
		return tunnel_next(tunnel, TUNNEL_PPP, 0);
	case TYPE_BRIDGED:
		return tunnel_next(tunnel, TUNNEL_ETHERNET, 0);
	case TYPE_BACKBONE:
		tunnel_next(tunnel, TUNNEL_ETHERNET, 0);
		return tunnel_skip(tunnel, BACKBONE_TAG);
	default:
		if (tunnel->type > TYPE_LENGTH_MAX)
			return LAYER_OTHER;
		/* Linux cooked captures write small numbers there, which are no lengths. */
		return tunnel_next(tunnel, TUNNEL_LLC, 0);
	}
}

/* IEEE 802.2 with a SNAP header (RFC 1042), and its predecessor for IP alone. */
enum layer_status tunnel_llc(struct tunnel *tunnel)
{
	uint8_t to, from, control, vendor;
	uint16_t vendor_rest, type;

	if (!ws_take_u8(&tunnel->in, &to) || !ws_take_u8(&tunnel->in, &from) || !ws_take_u8(&tunnel->in, &control))
		return LAYER_TRUNCATED;
	if (control != 0x03) /* unnumbered information */
		return LAYER_OTHER;
	if (to == 0x06 && from == 0x06)
		return tunnel_next(tunnel, TUNNEL_IP, 0);
	if (to != 0xaa || from != 0xaa)
		return LAYER_OTHER;
	if (!ws_take_u8(&tunnel->in, &vendor) || !ws_take_u16(&tunnel->in, &vendor_rest) ||
	    !ws_take_u16(&tunnel->in, &type))
		return LAYER_TRUNCATED;
	/* An EtherType; 0000f8 is IEEE 802.1H's bridge tunnel. */
	if (vendor != 0 || (vendor_rest != 0x0000 && vendor_rest != 0x00f8) || type <= TYPE_LENGTH_MAX)
		return LAYER_OTHER;
	return tunnel_next(tunnel, TUNNEL_TYPE, type);
}

/* Nothing behind a stack of labels says what it is; the first nibble is IP's version, or a pseudowire's control word's
 * 0, or any Ethernet address's: RFC 4928, section 3; RFC 4385, section 3. */
static enum layer_status guess_behind_labels(struct tunnel *tunnel)
{
	struct ws_cursor look = tunnel->in;
	uint8_t first;

	if (!ws_take_u8(&look, &first))
		return LAYER_TRUNCATED;
	if (first >> 4 == 0 && tunnel_looks_like_ethernet(tunnel, CONTROL_WORD)) {
		tunnel_next(tunnel, TUNNEL_ETHERNET, 0);
		return tunnel_skip(tunnel, CONTROL_WORD);
	}
	if (tunnel_looks_like_ethernet(tunnel, 0))
		return tunnel_next(tunnel, TUNNEL_ETHERNET, 0);
	return tunnel_next(tunnel, TUNNEL_IP, 0);
}

/* RFC 3032, section 2.1: label, traffic class, bottom of stack, TTL. */
enum layer_status tunnel_mpls(struct tunnel *tunnel)
{
	uint32_t entry;

	for (unsigned labels = 0; labels < TUNNEL_LABELS_MAX; labels++) {
		if (!ws_take_u32(&tunnel->in, &entry))
			return LAYER_TRUNCATED;
		if (entry & 0x100)
			return guess_behind_labels(tunnel);
	}
	return LAYER_OTHER;
}
