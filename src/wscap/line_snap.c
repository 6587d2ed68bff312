/* IP, and what else Ethernet carries, behind IEEE 802.2 with SNAP (RFC 1042): in 802.3, and in data frames of 802.11.
 * Where anything else is in them, they are not read. */
#include "wscap/line_internal.h"

#define LLC_SNAP 0xaaaa0300u /* both service access points, an unnumbered frame, and the OUI's first byte */
enum {
	OUI_ETHERNET = 0x0000, /* …and its others */
	OUI_CISCO_90 = 0x00f8,
};

static bool take_snap(struct ws_cursor *in, uint16_t *ret_oui, uint16_t *ret_type)
{
	uint32_t llc;

	return ws_take_u32(in, &llc) && ws_take_u16(in, ret_oui) && ws_take_u16(in, ret_type) && llc == LLC_SNAP &&
	       (*ret_oui == OUI_ETHERNET || *ret_oui == OUI_CISCO_90) && !line_ether_type_unread(*ret_type);
}

bool line_is_snap(struct ws_cursor in)
{
	uint16_t oui, type;

	return take_snap(&in, &oui, &type);
}

static void print_header(struct walk *walk, uint16_t oui, uint16_t type, uint32_t length)
{
	const char *name = line_ether_type_name(type);

	out_lit(walk->out, "LLC, dsap SNAP (0xaa) Individual, ssap SNAP (0xaa) Command, ctrl 0x03: oui ");
	out_printf(walk->out, "%s (0x%06x), %s ", oui == OUI_ETHERNET ? "Ethernet" : "Cisco bridged", oui,
		   oui == OUI_ETHERNET ? "ethertype" : "pid");
	out_printf(walk->out, "%s (0x%04x), length %u: ", name ? name : "Unknown", type, length);
}

static void print_unknown(struct walk *walk, const struct line_cards *cards, uint16_t oui, uint16_t type,
			  uint32_t length)
{
	const char *name = line_ether_type_name(type);

	if (cards) {
		line_ether_address(walk, cards->src);
		out_lit(walk->out, " > ");
		line_ether_address(walk, cards->dst);
		out_char(walk->out, ' ');
	}
	if (oui == OUI_ETHERNET)
		out_lit(walk->out, "SNAP, ethertype ");
	else
		out_printf(walk->out, "SNAP, oui Cisco bridged (0x%06x), pid ", oui);
	out_printf(walk->out, "%s (0x%04x), length %u: ", name ? name : "Unknown", type, length);
}

bool line_snap(struct walk *walk, struct ws_cursor *in, uint32_t length, const struct line_cards *cards,
	       bool *ret_known)
{
	struct ws_cursor begin = *in, behind = *in;
	uint16_t oui, type;
	bool known;

	*ret_known = take_snap(&behind, &oui, &type);
	if (!*ret_known)
		return true;
	*in = behind;
	length -= (uint32_t)(behind.at - begin.at);
	walk->protocol = "snap";
	if (walk->options->link_header)
		print_header(walk, oui, type, length);
	if (!line_ether_type(walk, type, behind, length, &known))
		return false;
	if (!known && !walk->options->link_header)
		print_unknown(walk, cards, oui, type, length);
	if (!known)
		line_unknown(walk, begin);
	return true;
}
