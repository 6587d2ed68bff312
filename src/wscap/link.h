/* The link layer: from a captured packet to the network layer's bytes. A pure function; truncation is a value. */
#ifndef WSCAP_LINK_H
#define WSCAP_LINK_H

#include "wscap/packet.h"

enum layer_status {
	LAYER_OK,
	LAYER_TRUNCATED, /* the header is cut off by the snap length */
	LAYER_OTHER,     /* it carries something that we do not follow: see the type */
	LAYER_BAD,       /* the header contradicts itself */
};

enum {
	LINK_VLAN_MAX = 8, /* tags that are followed; more is LAYER_OTHER */
};

struct link {
	enum layer_status status;
	uint16_t ether_type; /* of what is carried, behind all VLAN tags; 0x0800, 0x86dd, … */
	uint16_t vlan_count;
	struct ws_span payload; /* the network layer's captured bytes */
	uint32_t payload_wire_len;
	uint16_t header_len; /* bytes before the network layer's */
};

/* Is this DLT one that is read? link_parse() itself knows Ethernet, Linux cooked v1 and v2, NULL, LOOP, RAW, IPV4 and
 * IPV6; those in tunnel.c are LAYER_OTHER to it. */
bool link_known(int link_type);

void link_parse(const struct packet *packet, struct link *ret);

#endif
