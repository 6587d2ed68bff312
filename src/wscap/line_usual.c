/* The usual packet: TCP without options or with its timestamps, over IPv4 or IPv6 without any, all headers captured and
 * right. Its line is made in one go, in room that is asked for once. Whatever is not so is left to line_ip.c,
 * line_ip6.c and line_tcp.c, which can print everything, this too: a test compares them. */
#include "wscap/line_internal.h"

#include <assert.h>
#include <endian.h>
#include <pcap/dlt.h>

#include "wscap/line_put.h"

enum {
	ETHERNET_ADDRESSES = 12,
	COOKED_ADDRESS = 10,   /* with its length */
	COOKED_RADIOTAP = 803, /* ARPHRD_IEEE80211_RADIOTAP: 802.11 follows, whatever the type says */
	IPV4_HEADER = 20,
	IPV4_FIRST = 0x45, /* version, and a header of five words */
	IPV6_HEADER = 40,
	FRAGMENT = 0x3fff, /* more fragments, or an offset */
};

struct ipv4_bytes {
	uint8_t first, service;
	uint16_t total, id, fragment;
	uint8_t ttl, protocol;
	uint16_t checksum;
	uint8_t src[4], dst[4];
};

struct ipv6_bytes {
	uint8_t first, flow[3];
	uint16_t payload_len;
	uint8_t protocol, hop_limit;
	uint8_t src[16], dst[16];
};

bool line_usual_asked(const struct options *options)
{
	return options->no_names && !options->verbose && !options->quiet && !options->link_header;
}

static struct relseq_view numbers(struct line *line, const struct line_tcp_bytes *tcp, const uint8_t *src,
				  const uint8_t *dst, size_t addr_len)
{
	struct relseq_segment segment = {
	    .src = ws_span_of(src, addr_len),
	    .dst = ws_span_of(dst, addr_len),
	    .src_port = be16toh(tcp->src_port),
	    .dst_port = be16toh(tcp->dst_port),
	    .seq = be32toh(tcp->seq),
	    .ack = be32toh(tcp->ack),
	    .syn = tcp->flags & TCP_SYN,
	};

	if (!line->relseq || !(tcp->flags & TCP_ACK))
		return (struct relseq_view){.seq = segment.seq, .ack = segment.ack};
	return relseq_look(line->relseq, &segment);
}

static inline char *put_endpoint(struct line *line, char *at, const uint8_t *addr, size_t addr_len, uint16_t port)
{
	return put_short(put_char(line_put_address(line, at, ws_span_of(addr, addr_len)), '.'), be16toh(port));
}

/* in: from TCP's first byte; length: of the segment, by IP's header. */
static inline bool print_segment(struct walk *walk, struct ws_cursor in, uint32_t length, const uint8_t *src,
				 const uint8_t *dst, size_t addr_len)
{
	struct line *line = walk->line;
	struct line_timestamps stamps = {.value = 0};
	struct relseq_view view;
	struct line_tcp_bytes tcp;
	struct ws_span bytes;
	uint32_t header_len;
	char *room, *at;

	static_assert(sizeof(tcp) == LINE_TCP_HEADER);
	if (!ws_take_span(&in, sizeof(tcp), &bytes))
		return false;
	memcpy(&tcp, bytes.data, sizeof(tcp));
	header_len = (tcp.offset >> 4) * 4u;
	if (header_len < LINE_TCP_HEADER || header_len > length || tcp.flags & TCP_URG)
		return false;
	if (header_len > LINE_TCP_HEADER && !line_take_timestamps(in, header_len - LINE_TCP_HEADER, &stamps))
		return false;
	length -= header_len;
	if (length && line_may_be_text(be16toh(tcp.src_port), be16toh(tcp.dst_port)))
		return false;
	room = out_room(walk->out, LINE_TCP_ROOM);
	if (!room)
		return true;
	view = numbers(line, &tcp, src, dst, addr_len);
	at = addr_len == 4 ? put_lit(room, "IP ") : put_lit(room, "IP6 ");
	at = put_lit(put_endpoint(line, at, src, addr_len, tcp.src_port), " > ");
	at = put_lit(put_endpoint(line, at, dst, addr_len, tcp.dst_port), ": ");
	at = line_put_flags(at, tcp.flags);
	at = line_put_numbers(at, &view, tcp.flags, be16toh(tcp.window), length, false);
	if (header_len > LINE_TCP_HEADER)
		at = line_put_timestamps(at, &stamps);
	out_advance(walk->out, (size_t)(line_put_length(at, length) - room));
	return true;
}

static bool print_ipv4(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	struct ipv4_bytes ip;
	struct ws_span bytes;

	static_assert(sizeof(ip) == IPV4_HEADER);
	if (!ws_take_span(&in, sizeof(ip), &bytes))
		return false;
	memcpy(&ip, bytes.data, sizeof(ip));
	if (ip.first != IPV4_FIRST || ip.protocol != PROTOCOL_TCP || ip.fragment & htobe16(FRAGMENT) ||
	    be16toh(ip.total) > length || be16toh(ip.total) < IPV4_HEADER)
		return false;
	length = be16toh(ip.total) - (uint32_t)IPV4_HEADER;
	return print_segment(walk, line_within(in, length), length, ip.src, ip.dst, sizeof(ip.src));
}

static bool print_ipv6(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	struct ipv6_bytes ip;
	struct ws_span bytes;

	static_assert(sizeof(ip) == IPV6_HEADER);
	if (!ws_take_span(&in, sizeof(ip), &bytes))
		return false;
	memcpy(&ip, bytes.data, sizeof(ip));
	if (ip.first >> 4 != 6 || ip.protocol != PROTOCOL_TCP ||
	    be16toh(ip.payload_len) + (uint32_t)IPV6_HEADER > length)
		return false;
	length = be16toh(ip.payload_len);
	return print_segment(walk, line_within(in, length), length, ip.src, ip.dst, sizeof(ip.src));
}

/* The EtherType behind the header of a link layer that prints nothing of itself. 0: it has none, or it is another. */
static uint16_t take_link(struct ws_cursor *in, int link_type)
{
	uint16_t packet_type, hardware = 0, type;
	struct ws_span rest;
	bool good;

	if (link_type == DLT_EN10MB)
		good = ws_take_span(in, ETHERNET_ADDRESSES, &rest) && ws_take_u16(in, &type);
	else if (link_type == DLT_LINUX_SLL)
		good = ws_take_u16(in, &packet_type) && ws_take_u16(in, &hardware) &&
		       ws_take_span(in, COOKED_ADDRESS, &rest) && ws_take_u16(in, &type);
	else
		return 0;
	return good && hardware != COOKED_RADIOTAP ? type : 0;
}

bool line_usual(struct walk *walk, const struct packet *packet)
{
	struct ws_cursor in = ws_cursor_of(packet->bytes);
	uint16_t type = take_link(&in, packet->link_type);
	uint32_t length = packet->wire_len - (uint32_t)line_behind(walk, &in);

	if (!(type == ETHER_IPV4 && print_ipv4(walk, in, length)) &&
	    !(type == ETHER_IPV6 && print_ipv6(walk, in, length)))
		return false;
	walk->link_header_len = line_behind(walk, &in);
	return true;
}
