#include "wscap/ip.h"

enum {
	IPV4_HEADER_MIN = 20,
	IPV6_HEADER = 40,

	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_TCP = 6,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_AUTHENTICATION = 51,
	PROTOCOL_DESTINATION_OPTIONS = 60,

	IPV4_MORE_FRAGMENTS = 0x2000,
	IPV4_FRAGMENT_OFFSET = 0x1fff, /* in units of eight bytes */
	IPV6_MORE_FRAGMENTS = 0x0001,
	IPV6_FRAGMENT_OFFSET = 0xfff8, /* in bytes */
};

/* What is behind the headers: at most wire_len bytes of what is left. */
static void set_payload(struct ip *ip, const struct ws_cursor *in, uint32_t wire_len)
{
	ip->payload = ws_span_first(ws_span_of(in->at, ws_cursor_left(in)), wire_len);
	ip->payload_wire_len = wire_len;
}

/* RFC 791, section 3.1. */
static enum layer_status take_ipv4(struct ws_cursor *in, uint32_t wire_len, struct ip *ip)
{
	struct ws_span src, dst, options;
	uint16_t total, fragment, checksum;
	uint8_t first, service;

	if (!ws_take_u8(in, &first) || !ws_take_u8(in, &service) || !ws_take_u16(in, &total) ||
	    !ws_take_u16(in, &ip->id) || !ws_take_u16(in, &fragment) || !ws_take_u8(in, &ip->ttl) ||
	    !ws_take_u8(in, &ip->protocol) || !ws_take_u16(in, &checksum) || !ws_take_span(in, 4, &src) ||
	    !ws_take_span(in, 4, &dst))
		return wire_len < IPV4_HEADER_MIN ? LAYER_BAD : LAYER_TRUNCATED;
	memcpy(ip->src, src.data, src.len);
	memcpy(ip->dst, dst.data, dst.len);
	ip->more_fragments = fragment & IPV4_MORE_FRAGMENTS;
	ip->fragment_offset = (uint16_t)((fragment & IPV4_FRAGMENT_OFFSET) * 8);
	ip->fragment = ip->more_fragments || ip->fragment_offset;
	ip->fragment_id = ip->id;
	ip->header_len = (uint16_t)((first & 0xf) * 4);
	if (ip->header_len < IPV4_HEADER_MIN)
		return LAYER_BAD;
	/* 0: the card was going to write it, after cutting the segment into pieces (offload). */
	if (total && total < ip->header_len)
		return LAYER_BAD;
	if (wire_len < ip->header_len)
		return LAYER_BAD;
	if (!ws_take_span(in, ip->header_len - IPV4_HEADER_MIN, &options))
		return LAYER_TRUNCATED;
	set_payload(ip, in, (total ? total : wire_len) - ip->header_len);
	return ip->protocol == PROTOCOL_TCP ? LAYER_OK : LAYER_OTHER;
}

/* RFC 8200, section 4.5. */
static bool take_fragment_header(struct ws_cursor *in, struct ip *ip)
{
	uint8_t reserved;
	uint16_t fragment;

	if (!ws_take_u8(in, &ip->protocol) || !ws_take_u8(in, &reserved) || !ws_take_u16(in, &fragment) ||
	    !ws_take_u32(in, &ip->fragment_id))
		return false;
	ip->more_fragments = fragment & IPV6_MORE_FRAGMENTS;
	ip->fragment_offset = fragment & IPV6_FRAGMENT_OFFSET;
	ip->fragment = ip->more_fragments || ip->fragment_offset; /* RFC 6946: one of nothing else is none */
	return true;
}

/* One of the headers that say their own length: RFC 8200, section 4.2; RFC 4302, section 2.2. */
static bool take_extension(struct ws_cursor *in, struct ip *ip)
{
	bool authentication = ip->protocol == PROTOCOL_AUTHENTICATION;
	struct ws_span rest;
	uint8_t len;

	return ws_take_u8(in, &ip->protocol) && ws_take_u8(in, &len) &&
	       ws_take_span(in, authentication ? (len + 2u) * 4 - 2 : (len + 1u) * 8 - 2, &rest);
}

/* RFC 8200, sections 3 and 4. What is behind a fragment's header is a part of something: it is not read. */
static enum layer_status take_ipv6(struct ws_cursor *in, uint32_t wire_len, struct ip *ip)
{
	const uint8_t *begin = in->at;
	struct ws_span src, dst;
	uint32_t first, total;
	uint16_t payload_len;

	if (!ws_take_u32(in, &first) || !ws_take_u16(in, &payload_len) || !ws_take_u8(in, &ip->protocol) ||
	    !ws_take_u8(in, &ip->ttl) || !ws_take_span(in, 16, &src) || !ws_take_span(in, 16, &dst))
		return wire_len < IPV6_HEADER ? LAYER_BAD : LAYER_TRUNCATED;
	memcpy(ip->src, src.data, src.len);
	memcpy(ip->dst, dst.data, dst.len);
	/* 0: a jumbogram (RFC 2675), or offload. */
	total = payload_len ? IPV6_HEADER + (uint32_t)payload_len : wire_len;
	while (!ip->fragment) {
		bool taken;

		if (ip->protocol == PROTOCOL_FRAGMENT)
			taken = take_fragment_header(in, ip);
		else if (ip->protocol == PROTOCOL_HOP_BY_HOP || ip->protocol == PROTOCOL_ROUTING ||
			 ip->protocol == PROTOCOL_DESTINATION_OPTIONS || ip->protocol == PROTOCOL_AUTHENTICATION)
			taken = take_extension(in, ip);
		else
			break;
		if (!taken)
			return LAYER_TRUNCATED;
		if (in->at - begin > UINT16_MAX)
			return LAYER_BAD;
	}
	ip->header_len = (uint16_t)(in->at - begin);
	if (total < ip->header_len)
		return LAYER_BAD;
	set_payload(ip, in, total - ip->header_len);
	return ip->protocol == PROTOCOL_TCP ? LAYER_OK : LAYER_OTHER;
}

void ip_parse(const struct link *link, struct ip *ret)
{
	struct ws_cursor in = ws_cursor_of(link->payload);
	struct ws_cursor look = in;
	uint8_t first;

	*ret = (struct ip){.status = LAYER_OTHER};
	if (link->status != LAYER_OK)
		return;
	if (!ws_take_u8(&look, &first)) {
		ret->status = LAYER_TRUNCATED;
		return;
	}
	ret->version = first >> 4;
	if (ret->version == 4 && link->ether_type == 0x0800)
		ret->status = take_ipv4(&in, link->payload_wire_len, ret);
	else if (ret->version == 6 && link->ether_type == 0x86dd)
		ret->status = take_ipv6(&in, link->payload_wire_len, ret);
	else
		ret->version = 0;
}
