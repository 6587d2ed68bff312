#include "wscap/usual.h"

#include <assert.h>
#include <endian.h>
#include <pcap/dlt.h>

enum {
	ETHERNET = 14,
	COOKED = 16,
	COOKED2 = 20,
	RADIOTAP = 803, /* what link.c does not follow behind a cooked header */

	TYPE_IPV4 = 0x0800,
	IPV4_PLAIN = 0x45, /* version 4, 20 bytes */
	IPV4_FRAGMENT = 0x3fff,
	PROTOCOL_TCP = 6,
	IPV4_HEADER = 20,
	TCP_HEADER = 20,
};

/* Of struct headers' flags_to_urgent: all but the data offset and the bits behind it that are reserved. */
#define FLAGS_TO_URGENT UINT64_C(0x01ffffffffffffff)

/* As they stand on the wire, at any address: RFC 791, section 3.1, and RFC 9293, section 3.1. */
struct headers {
	uint8_t version_and_length, service;
	uint16_t total, id, fragment;
	uint8_t ttl, protocol;
	uint16_t ip_checksum;
	uint8_t src[4], dst[4];
	uint32_t ports; /* the sender's first */
	uint64_t seq_and_ack;
	uint64_t flags_to_urgent; /* data offset, flags, window, checksum, urgent pointer */
} __attribute__((packed, may_alias));

static_assert(sizeof(struct headers) == IPV4_HEADER + TCP_HEADER, "no holes");

/* The fields of a link layer's header that count, at any address. */
struct ethernet {
	uint8_t addresses[12];
	uint16_t type;
} __attribute__((packed, may_alias));

struct cooked {
	uint16_t direction, hardware;
	uint8_t sender[10];
	uint16_t type;
} __attribute__((packed, may_alias));

struct cooked2 {
	uint16_t type;
	uint8_t interface[6];
	uint16_t hardware;
	uint8_t sender[10];
} __attribute__((packed, may_alias));

static_assert(sizeof(struct ethernet) == ETHERNET && sizeof(struct cooked) == COOKED &&
		  sizeof(struct cooked2) == COOKED2,
	      "no holes");

/* Takes the link layer's header; 0: it is another one. */
static inline __attribute__((always_inline)) size_t take_link(struct ws_cursor *in, int link_type)
{
	const struct ethernet *ethernet;
	const struct cooked *cooked;
	const struct cooked2 *cooked2;
	struct ws_span taken;

	switch (link_type) {
	case DLT_EN10MB:
		if (!ws_take_span(in, ETHERNET, &taken))
			return 0;
		ethernet = (const struct ethernet *)taken.data;
		return ethernet->type == htobe16(TYPE_IPV4) ? ETHERNET : 0;
	case DLT_LINUX_SLL:
		if (!ws_take_span(in, COOKED, &taken))
			return 0;
		cooked = (const struct cooked *)taken.data;
		return cooked->type == htobe16(TYPE_IPV4) && cooked->hardware != htobe16(RADIOTAP) ? COOKED : 0;
	case DLT_LINUX_SLL2:
		if (!ws_take_span(in, COOKED2, &taken))
			return 0;
		cooked2 = (const struct cooked2 *)taken.data;
		return cooked2->type == htobe16(TYPE_IPV4) && cooked2->hardware != htobe16(RADIOTAP) ? COOKED2 : 0;
	default:
		return 0;
	}
}

static inline bool is_usual(const struct headers *headers, uint32_t total, uint32_t tcp_header)
{
	return headers->version_and_length == IPV4_PLAIN && headers->protocol == PROTOCOL_TCP &&
	       !(headers->fragment & htobe16(IPV4_FRAGMENT)) && tcp_header >= TCP_HEADER &&
	       total >= IPV4_HEADER + tcp_header;
}

/* All of it at once: of what was written a few bytes at a time, more bytes are read late. */
static void set_address(const uint8_t from[4], uint8_t ret[16])
{
	typedef uint32_t whole __attribute__((vector_size(16)));
	uint32_t word;
	whole address;

	memcpy(&word, from, sizeof(word));
	address = (whole){word};
	memcpy(ret, &address, sizeof(address));
}

static inline void set_ip(const struct headers *headers, struct ws_span payload, uint32_t wire_len, struct ip *ret)
{
	uint16_t id = be16toh(headers->id);

	ret->status = LAYER_OK;
	ret->version = 4;
	ret->protocol = PROTOCOL_TCP;
	ret->fragment = ret->more_fragments = false;
	ret->fragment_id = id;
	ret->id = id;
	ret->fragment_offset = 0;
	ret->header_len = IPV4_HEADER;
	ret->ttl = headers->ttl;
	ret->payload_wire_len = wire_len;
	ret->payload = payload;
	set_address(headers->src, ret->src);
	set_address(headers->dst, ret->dst);
}

/* Eight bytes are turned at once, and stored at once. */
static inline void set_tcp(const struct headers *headers, uint32_t header_len, struct ws_span segment,
			   uint32_t wire_len, struct tcp *ret)
{
	uint32_t ports = be32toh(headers->ports);
	uint64_t seq_and_ack = be64toh(headers->seq_and_ack);
	uint64_t rest = be64toh(headers->flags_to_urgent) & FLAGS_TO_URGENT;

	ret->status = LAYER_OK;
	ret->dst_port = (uint16_t)ports;
	ret->src_port = (uint16_t)(ports >> 16);
	ret->ack = (uint32_t)seq_and_ack;
	ret->seq = (uint32_t)(seq_and_ack >> 32);
	ret->urgent = (uint16_t)rest;
	ret->checksum = (uint16_t)(rest >> 16);
	ret->window = (uint16_t)(rest >> 32);
	ret->flags = (uint16_t)(rest >> 48);
	ret->payload_len = wire_len - header_len;
	ret->header_len = (uint8_t)header_len;
	ret->options =
	    ws_span_first(ws_span_of(segment.data + TCP_HEADER, segment.len - TCP_HEADER), header_len - TCP_HEADER);
	ret->payload = ws_span_from(segment, header_len);
}

bool usual_parse(const struct packet *packet, struct link *ret_link, struct ip *ret_ip, struct tcp *ret_tcp)
{
	uint32_t captured = (uint32_t)packet->bytes.len;
	struct ws_cursor in = ws_cursor_of(packet->bytes);
	size_t link_len = take_link(&in, packet->link_type);
	struct ws_span network = ws_span_of(in.at, ws_cursor_left(&in)), fixed, segment;
	uint32_t wire_len, total, tcp_header;
	const struct headers *headers;

	if (!link_len || !ws_take_span(&in, sizeof(*headers), &fixed))
		return false;
	headers = (const struct headers *)fixed.data;
	wire_len = (packet->wire_len > captured ? packet->wire_len : captured) - (uint32_t)link_len;
	total = be16toh(headers->total);
	tcp_header = (uint32_t)(be64toh(headers->flags_to_urgent) >> 60) * 4;
	if (!is_usual(headers, total, tcp_header))
		return false;
	ret_link->status = LAYER_OK;
	ret_link->ether_type = TYPE_IPV4;
	ret_link->vlan_count = 0;
	ret_link->payload = network;
	ret_link->payload_wire_len = wire_len;
	ret_link->header_len = (uint16_t)link_len;
	segment = ws_span_first(ws_span_from(network, IPV4_HEADER), total - IPV4_HEADER);
	set_ip(headers, segment, total - IPV4_HEADER, ret_ip);
	set_tcp(headers, tcp_header, segment, total - IPV4_HEADER, ret_tcp);
	return true;
}

bool usual_ends(const struct packet *packet, struct usual_ends *ret)
{
	struct ws_cursor in = ws_cursor_of(packet->bytes);
	const struct headers *headers;
	struct ws_span fixed;

	if (!take_link(&in, packet->link_type) || !ws_take_span(&in, sizeof(*headers), &fixed))
		return false;
	headers = (const struct headers *)fixed.data;
	memcpy(&ret->src, headers->src, sizeof(ret->src));
	memcpy(&ret->dst, headers->dst, sizeof(ret->dst));
	ret->ports = be32toh(headers->ports);
	return headers->version_and_length == IPV4_PLAIN && headers->protocol == PROTOCOL_TCP;
}

void usual_set_ends(const struct usual_ends *ends, struct ip *ret_ip, struct tcp *ret_tcp)
{
	ret_ip->version = 4;
	set_address((const uint8_t *)&ends->src, ret_ip->src);
	set_address((const uint8_t *)&ends->dst, ret_ip->dst);
	ret_tcp->src_port = (uint16_t)(ends->ports >> 16);
	ret_tcp->dst_port = (uint16_t)ends->ports;
}
