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

/* As they stand on the wire, at any address: RFC 791, section 3.1, and RFC 9293, section 3.1. */
struct headers {
	uint8_t version_and_length, service;
	uint16_t total, id, fragment;
	uint8_t ttl, protocol;
	uint16_t ip_checksum;
	uint8_t src[4], dst[4];
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
	uint16_t offset_and_flags, window, checksum, urgent;
} __attribute__((packed, may_alias));

static_assert(sizeof(struct headers) == IPV4_HEADER + TCP_HEADER, "no holes");

/* The fields of a cooked header that count. */
static bool take_cooked(struct ws_cursor *in, unsigned before_hardware, unsigned before_type, uint16_t *ret_type)
{
	struct ws_span skipped;
	uint16_t hardware;

	return ws_take_span(in, before_hardware, &skipped) && ws_take_u16(in, &hardware) && hardware != RADIOTAP &&
	       ws_take_span(in, before_type, &skipped) && (!before_type || ws_take_u16(in, ret_type));
}

/* Takes the link layer's header; 0: it is another one. */
static inline __attribute__((always_inline)) size_t take_link(struct ws_cursor *in, int link_type)
{
	struct ws_span skipped;
	uint16_t type = 0;

	switch (link_type) {
	case DLT_EN10MB:
		return ws_take_span(in, ETHERNET - 2, &skipped) && ws_take_u16(in, &type) && type == TYPE_IPV4
			   ? ETHERNET
			   : 0;
	case DLT_LINUX_SLL:
		return take_cooked(in, 2, 10, &type) && type == TYPE_IPV4 ? COOKED : 0;
	case DLT_LINUX_SLL2:
		return ws_take_u16(in, &type) && type == TYPE_IPV4 && take_cooked(in, 6, 0, NULL) &&
			       ws_take_span(in, 10, &skipped)
			   ? COOKED2
			   : 0;
	default:
		return 0;
	}
}

static bool is_usual(const struct headers *headers, uint32_t wire_len)
{
	unsigned tcp_header = (be16toh(headers->offset_and_flags) >> 12) * 4;

	return headers->version_and_length == IPV4_PLAIN && headers->protocol == PROTOCOL_TCP &&
	       !(be16toh(headers->fragment) & IPV4_FRAGMENT) && tcp_header >= TCP_HEADER &&
	       be16toh(headers->total) >= IPV4_HEADER + tcp_header && wire_len >= IPV4_HEADER;
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

static void set_ip(const struct headers *headers, struct ws_span payload, uint32_t wire_len, struct ip *ret)
{
	*ret = (struct ip){
	    .status = LAYER_OK,
	    .version = 4,
	    .protocol = PROTOCOL_TCP,
	    .id = be16toh(headers->id),
	    .fragment_id = be16toh(headers->id),
	    .ttl = headers->ttl,
	    .header_len = IPV4_HEADER,
	    .payload = payload,
	    .payload_wire_len = wire_len,
	};
	set_address(headers->src, ret->src);
	set_address(headers->dst, ret->dst);
}

static void set_tcp(const struct headers *headers, struct ws_span segment, uint32_t wire_len, struct tcp *ret)
{
	uint16_t offset_and_flags = be16toh(headers->offset_and_flags);
	uint8_t header_len = (uint8_t)((offset_and_flags >> 12) * 4);

	*ret = (struct tcp){
	    .status = LAYER_OK,
	    .src_port = be16toh(headers->src_port),
	    .dst_port = be16toh(headers->dst_port),
	    .seq = be32toh(headers->seq),
	    .ack = be32toh(headers->ack),
	    .flags = offset_and_flags & 0x1ff,
	    .window = be16toh(headers->window),
	    .checksum = be16toh(headers->checksum),
	    .urgent = be16toh(headers->urgent),
	    .header_len = header_len,
	    .options = ws_span_first(ws_span_of(segment.data + TCP_HEADER, segment.len - TCP_HEADER),
				     (size_t)header_len - TCP_HEADER),
	    .payload = ws_span_from(segment, header_len),
	    .payload_len = wire_len - header_len,
	};
}

bool usual_parse(const struct packet *packet, struct link *ret_link, struct ip *ret_ip, struct tcp *ret_tcp)
{
	uint32_t captured = (uint32_t)packet->bytes.len;
	struct ws_cursor in = ws_cursor_of(packet->bytes);
	size_t link_len = take_link(&in, packet->link_type);
	struct ws_span network = ws_span_of(in.at, ws_cursor_left(&in)), fixed, segment;
	uint32_t wire_len, total;
	const struct headers *headers;

	if (!link_len || !ws_take_span(&in, sizeof(*headers), &fixed))
		return false;
	headers = (const struct headers *)fixed.data;
	wire_len = (packet->wire_len > captured ? packet->wire_len : captured) - (uint32_t)link_len;
	total = be16toh(headers->total);
	if (!is_usual(headers, wire_len))
		return false;
	*ret_link = (struct link){
	    .status = LAYER_OK,
	    .ether_type = TYPE_IPV4,
	    .header_len = (uint16_t)link_len,
	    .payload = network,
	    .payload_wire_len = wire_len,
	};
	segment = ws_span_first(ws_span_from(network, IPV4_HEADER), total - IPV4_HEADER);
	set_ip(headers, segment, total - IPV4_HEADER, ret_ip);
	set_tcp(headers, segment, total - IPV4_HEADER, ret_tcp);
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
	ret->src_port = headers->src_port;
	ret->dst_port = headers->dst_port;
	return headers->version_and_length == IPV4_PLAIN && headers->protocol == PROTOCOL_TCP;
}

void usual_set_ends(const struct usual_ends *ends, struct ip *ret_ip, struct tcp *ret_tcp)
{
	ret_ip->version = 4;
	set_address((const uint8_t *)&ends->src, ret_ip->src);
	set_address((const uint8_t *)&ends->dst, ret_ip->dst);
	ret_tcp->src_port = be16toh(ends->src_port);
	ret_tcp->dst_port = be16toh(ends->dst_port);
}
