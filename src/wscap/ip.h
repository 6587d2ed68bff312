/* IPv4 (RFC 791) and IPv6 (RFC 8200) headers. A pure function; truncation is a value. */
#ifndef WSCAP_IP_H
#define WSCAP_IP_H

#include "wscap/link.h"

struct ip {
	enum layer_status status; /* OTHER: neither version, or a protocol that is not TCP (protocol tells) */
	uint8_t version;          /* 4, 6; 0 when not even that is known */
	uint8_t protocol;         /* the upper layer's, behind IPv6 extension headers */
	bool fragment;            /* a part of a packet: payload is its bytes, protocol that of the whole */
	bool more_fragments;
	uint8_t src[16], dst[16];  /* an IPv4 address in the first four bytes, zeroes behind it */
	uint32_t fragment_id;      /* IPv4's identification, or that of IPv6's fragment header */
	uint16_t id;               /* IPv4's; 0 in IPv6 */
	uint16_t fragment_offset;  /* in bytes */
	uint16_t header_len;       /* with options or extension headers */
	uint8_t ttl;               /* or hop limit */
	uint32_t payload_wire_len; /* as the header says; where it says 0 (offload), as the packet's length says */
	struct ws_span payload;    /* the upper layer's captured bytes, padding of the link layer cut off */
};

/* link says where the bytes are; link->ether_type is not trusted beyond what the version nibble confirms. */
void ip_parse(const struct link *link, struct ip *ret);

#endif
