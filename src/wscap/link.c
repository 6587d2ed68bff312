#include "wscap/tunnel.h"

#include <pcap/dlt.h>

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88a8,
	TYPE_QINQ_9100 = 0x9100, /* before 802.1ad gave it a number */
	TYPE_QINQ_9200 = 0x9200,

	ETHERNET_ADDRESSES = 12,
	COOKED_RADIOTAP = 803,  /* ARPHRD_IEEE80211_RADIOTAP: 802.11 headers follow, whatever the protocol field says */
	COOKED_V1_ADDRESS = 10, /* the address' length and eight bytes */

	/* BSD's own numbers, which differ between its kinds. */
	FAMILY_INET = 2,
	FAMILY_INET6_BSD = 24,
	FAMILY_INET6_FREEBSD = 28,
	FAMILY_INET6_DARWIN = 30,
};

/* Follows the tags behind the addresses; type is what stands before the first one. */
static enum layer_status take_vlan_tags(struct ws_cursor *in, uint16_t type, struct link *link)
{
	while (type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ_9100 || type == TYPE_QINQ_9200) {
		uint16_t tag;

		if (link->vlan_count == LINK_VLAN_MAX) {
			link->ether_type = type;
			return LAYER_OTHER;
		}
		if (!ws_take_u16(in, &tag) || !ws_take_u16(in, &type))
			return LAYER_TRUNCATED;
		link->vlan_count++;
	}
	link->ether_type = type;
	return type == TYPE_IPV4 || type == TYPE_IPV6 ? LAYER_OK : LAYER_OTHER;
}

static enum layer_status take_ethernet(struct ws_cursor *in, struct link *link)
{
	struct ws_span addresses;
	uint16_t type;

	if (!ws_take_span(in, ETHERNET_ADDRESSES, &addresses) || !ws_take_u16(in, &type))
		return LAYER_TRUNCATED;
	return take_vlan_tags(in, type, link);
}

/* LINKTYPE_LINUX_SLL: packet type, hardware type, address, protocol. */
static enum layer_status take_cooked(struct ws_cursor *in, struct link *link)
{
	struct ws_span address;
	uint16_t packet_type, hardware, type;

	if (!ws_take_u16(in, &packet_type) || !ws_take_u16(in, &hardware) ||
	    !ws_take_span(in, COOKED_V1_ADDRESS, &address) || !ws_take_u16(in, &type))
		return LAYER_TRUNCATED;
	if (hardware == COOKED_RADIOTAP)
		return LAYER_OTHER;
	return take_vlan_tags(in, type, link);
}

/* LINKTYPE_LINUX_SLL2: protocol, reserved, interface, hardware type, packet type, address. */
static enum layer_status take_cooked2(struct ws_cursor *in, struct link *link)
{
	struct ws_span address;
	uint16_t type, reserved, hardware, packet_type_and_length;
	uint32_t interface;

	if (!ws_take_u16(in, &type) || !ws_take_u16(in, &reserved) || !ws_take_u32(in, &interface) ||
	    !ws_take_u16(in, &hardware) || !ws_take_u16(in, &packet_type_and_length) || !ws_take_span(in, 8, &address))
		return LAYER_TRUNCATED;
	if (hardware == COOKED_RADIOTAP)
		return LAYER_OTHER;
	return take_vlan_tags(in, type, link);
}

/* An address family: in the byte order of the capturing host (NULL), or of the network (LOOP). As families are small,
 * the order tells itself. */
static enum layer_status take_family(struct ws_cursor *in, struct link *link)
{
	uint32_t family;

	if (!ws_take_u32(in, &family))
		return LAYER_TRUNCATED;
	if (family > UINT16_MAX)
		family = __builtin_bswap32(family);
	switch (family) {
	case FAMILY_INET:
		link->ether_type = TYPE_IPV4;
		return LAYER_OK;
	case FAMILY_INET6_BSD:
	case FAMILY_INET6_FREEBSD:
	case FAMILY_INET6_DARWIN:
		link->ether_type = TYPE_IPV6;
		return LAYER_OK;
	default:
		return LAYER_OTHER;
	}
}

/* No header: the version of IP tells. */
static enum layer_status look_at_version(struct ws_cursor *in, struct link *link)
{
	struct ws_cursor at = *in;
	uint8_t version;

	if (!ws_take_u8(&at, &version))
		return LAYER_TRUNCATED;
	switch (version >> 4) {
	case 4:
		link->ether_type = TYPE_IPV4;
		return LAYER_OK;
	case 6:
		link->ether_type = TYPE_IPV6;
		return LAYER_OK;
	default:
		return LAYER_OTHER;
	}
}

static const struct {
	int link_type;
	enum layer_status (*take)(struct ws_cursor *in, struct link *link);
} readers[] = {
    {DLT_EN10MB, take_ethernet}, {DLT_LINUX_SLL, take_cooked}, {DLT_LINUX_SLL2, take_cooked2},
    {DLT_NULL, take_family},     {DLT_LOOP, take_family},      {DLT_RAW, look_at_version},
    {DLT_IPV4, look_at_version}, {DLT_IPV6, look_at_version},
};

enum {
	READERS = sizeof(readers) / sizeof(readers[0]),
};

bool link_known(int link_type)
{
	for (size_t i = 0; i < READERS; i++)
		if (readers[i].link_type == link_type)
			return true;
	return tunnel_of_link(link_type) != TUNNEL_NOTHING;
}

void link_parse(const struct packet *packet, struct link *ret)
{
	struct ws_cursor in = ws_cursor_of(packet->bytes);
	uint32_t captured = (uint32_t)packet->bytes.len;

	*ret = (struct link){.status = LAYER_OTHER};
	for (size_t i = 0; i < READERS; i++)
		if (readers[i].link_type == packet->link_type) {
			ret->status = readers[i].take(&in, ret);
			break;
		}
	ret->header_len = (uint16_t)(captured - ws_cursor_left(&in));
	ret->payload = ws_span_of(in.at, ws_cursor_left(&in));
	ret->payload_wire_len = (packet->wire_len > captured ? packet->wire_len : captured) - ret->header_len;
}
