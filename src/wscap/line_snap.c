/* IP behind IEEE 802.2 with SNAP (RFC 1042): in 802.3, and in data frames of 802.11. Where -e asks for these headers,
 * and where anything else is in them, they are not read. */
#include "wscap/line_internal.h"

enum {
	WIFI_TYPE = 0x0c, /* of the first byte of frame control */
	WIFI_DATA = 0x08,
	WIFI_NULL = 0x40, /* of the subtype: no data */
	WIFI_QOS = 0x80,
	WIFI_BOTH_DS = 0x03, /* of the second byte: between two bridges, with a fourth address */
	WIFI_PROTECTED = 0x40,
	WIFI_HEADER = 24,
	WIFI_FOURTH_ADDRESS = 6,
	WIFI_QOS_CONTROL = 2,
};

#define LLC_SNAP 0xaaaa0300u /* both service access points, an unnumbered frame, and the OUI's first byte */
enum {
	OUI_ETHERNET = 0x0000, /* …and its others */
	OUI_CISCO_90 = 0x00f8,
};

static bool take_snap(struct ws_cursor *in, uint16_t *ret_type)
{
	uint32_t llc;
	uint16_t oui;

	return ws_take_u32(in, &llc) && ws_take_u16(in, &oui) && ws_take_u16(in, ret_type) && llc == LLC_SNAP &&
	       (oui == OUI_ETHERNET || oui == OUI_CISCO_90) && (*ret_type == ETHER_IPV4 || *ret_type == ETHER_IPV6);
}

bool line_snap(struct walk *walk, struct ws_cursor *in, uint32_t length, bool *ret_known)
{
	struct ws_cursor behind = *in;
	size_t all = ws_cursor_left(in);
	uint16_t type;

	*ret_known = !walk->options->link_header && take_snap(&behind, &type);
	if (!*ret_known)
		return true;
	*in = behind;
	return line_ether_type(walk, type, behind, length - (uint32_t)(all - ws_cursor_left(&behind)), ret_known);
}

/* The header as tcpdump takes it: a field for high throughput is not looked for. */
static bool take_wifi(struct ws_cursor *in)
{
	struct ws_span header;
	uint8_t first, second;
	size_t len = WIFI_HEADER;

	if (!ws_take_u8(in, &first) || !ws_take_u8(in, &second) || (first & WIFI_TYPE) != WIFI_DATA ||
	    (first & WIFI_NULL) || (second & WIFI_PROTECTED))
		return false;
	if ((second & WIFI_BOTH_DS) == WIFI_BOTH_DS)
		len += WIFI_FOURTH_ADDRESS;
	if (first & WIFI_QOS)
		len += WIFI_QOS_CONTROL;
	return ws_take_span(in, len - 2 * sizeof(uint8_t), &header);
}

bool line_wifi(struct walk *walk, bool *ret_known)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);

	walk->protocol = "802.11";
	*ret_known = take_wifi(&in);
	if (!*ret_known)
		return true;
	if (!line_snap(walk, &in, walk->wire_len - (uint32_t)line_behind(walk, &in), ret_known))
		return false;
	if (*ret_known)
		walk->link_header_len = line_behind(walk, &in);
	return true;
}
