/* The usual packet: TCP without options or with its timestamps, over IPv4 or IPv6 without any, all headers captured and
 * right. Its line is made in one go, in room that is asked for once. Whatever is not so is left to line_ip.c,
 * line_ip6.c and line_tcp.c, which can print everything, this too: a test compares them. */
#include "wscap/line_internal.h"

#include <assert.h>
#include <endian.h>
#include <pcap/dlt.h>
#include <stddef.h>

#include "wscap/line_put.h"

enum {
	ETHERNET_ADDRESSES = 12,
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

/* What the line is made of. */
struct usual {
	struct line_cooked cooked; /* with the link layers that are */
	struct line_tcp_bytes tcp;
	struct line_timestamps stamps;
	bool has_stamps;
	struct ws_span src, dst; /* addresses */
	uint32_t length;         /* of the payload */
	size_t link_header_len;
};

bool line_usual_asked(const struct options *options)
{
	return !options->verbose && !options->quiet && !options->link_header;
}

/* in: from TCP's first byte; length: of the segment, by IP's header. */
static inline bool take_segment(struct ws_cursor in, uint32_t length, struct usual *ret)
{
	struct line_tcp_bytes *tcp = &ret->tcp;
	struct ws_span bytes;
	uint32_t header_len;

	static_assert(sizeof(*tcp) == LINE_TCP_HEADER, "without padding");
	if (!ws_take_span(&in, sizeof(*tcp), &bytes))
		return false;
	memcpy(tcp, bytes.data, sizeof(*tcp));
	header_len = (tcp->offset >> 4) * 4u;
	if (header_len < LINE_TCP_HEADER || header_len > length || tcp->flags & TCP_URG)
		return false;
	ret->has_stamps = header_len > LINE_TCP_HEADER;
	if (ret->has_stamps && !line_take_timestamps(in, header_len - LINE_TCP_HEADER, &ret->stamps))
		return false;
	ret->length = length - header_len;
	return !ret->length || !line_may_be_text(be16toh(tcp->src_port), be16toh(tcp->dst_port));
}

static inline bool take_ipv4(struct ws_cursor in, uint32_t length, struct usual *ret)
{
	struct ipv4_bytes ip;
	struct ws_span bytes;

	static_assert(sizeof(ip) == IPV4_HEADER, "without padding");
	if (!ws_take_span(&in, sizeof(ip), &bytes))
		return false;
	memcpy(&ip, bytes.data, sizeof(ip));
	if (ip.first != IPV4_FIRST || ip.protocol != PROTOCOL_TCP || ip.fragment & htobe16(FRAGMENT) ||
	    be16toh(ip.total) > length || be16toh(ip.total) < IPV4_HEADER)
		return false;
	ret->src = ws_span_of(bytes.data + offsetof(struct ipv4_bytes, src), sizeof(ip.src));
	ret->dst = ws_span_of(bytes.data + offsetof(struct ipv4_bytes, dst), sizeof(ip.dst));
	length = be16toh(ip.total) - (uint32_t)IPV4_HEADER;
	return take_segment(line_within(in, length), length, ret);
}

static inline bool take_ipv6(struct ws_cursor in, uint32_t length, struct usual *ret)
{
	struct ipv6_bytes ip;
	struct ws_span bytes;

	static_assert(sizeof(ip) == IPV6_HEADER, "without padding");
	if (!ws_take_span(&in, sizeof(ip), &bytes))
		return false;
	memcpy(&ip, bytes.data, sizeof(ip));
	if (ip.first >> 4 != 6 || ip.protocol != PROTOCOL_TCP ||
	    be16toh(ip.payload_len) + (uint32_t)IPV6_HEADER > length)
		return false;
	ret->src = ws_span_of(bytes.data + offsetof(struct ipv6_bytes, src), sizeof(ip.src));
	ret->dst = ws_span_of(bytes.data + offsetof(struct ipv6_bytes, dst), sizeof(ip.dst));
	length = be16toh(ip.payload_len);
	return take_segment(line_within(in, length), length, ret);
}

static inline uint16_t cooked_type(bool taken, const struct line_cooked *cooked)
{
	return taken && cooked->hardware != COOKED_RADIOTAP ? cooked->type : 0;
}

/* The EtherType behind the link layer's header. 0: it has none, or it is another layer. */
static inline uint16_t take_link(struct ws_cursor *in, int link_type, struct line_cooked *ret_cooked)
{
	struct ws_span addresses;
	uint16_t type;

	switch (link_type) {
	case DLT_EN10MB:
		return ws_take_span(in, ETHERNET_ADDRESSES, &addresses) && ws_take_u16(in, &type) ? type : 0;
	case DLT_LINUX_SLL:
		return cooked_type(line_take_cooked(in, ret_cooked), ret_cooked);
	case DLT_LINUX_SLL2:
		return cooked_type(line_take_cooked2(in, ret_cooked), ret_cooked);
	default:
		return 0;
	}
}

static inline bool take(const struct packet *packet, struct usual *ret)
{
	struct ws_cursor in = ws_cursor_of(packet->bytes);
	uint16_t type = take_link(&in, packet->link_type, &ret->cooked);
	uint32_t length;

	ret->link_header_len = packet->bytes.len - ws_cursor_left(&in);
	length = packet->wire_len - (uint32_t)ret->link_header_len;
	return (type == ETHER_IPV4 && take_ipv4(in, length, ret)) || (type == ETHER_IPV6 && take_ipv6(in, length, ret));
}

static inline struct relseq_view numbers(struct relseq *relseq, const struct usual *usual)
{
	struct relseq_segment segment = {
	    .src = usual->src.data,
	    .dst = usual->dst.data,
	    .address_len = usual->src.len,
	    .src_port = be16toh(usual->tcp.src_port),
	    .dst_port = be16toh(usual->tcp.dst_port),
	    .seq = be32toh(usual->tcp.seq),
	    .ack = be32toh(usual->tcp.ack),
	    .syn = usual->tcp.flags & TCP_SYN,
	};

	if (!relseq || !(usual->tcp.flags & TCP_ACK))
		return (struct relseq_view){.seq = segment.seq, .ack = segment.ack};
	return relseq_look(relseq, &segment);
}

static APART void print_named_endpoints(struct walk *walk, const struct usual *usual)
{
	line_address(walk, usual->src);
	out_char(walk->out, '.');
	line_port(walk, PROTOCOL_TCP, be16toh(usual->tcp.src_port));
	out_lit(walk->out, " > ");
	line_address(walk, usual->dst);
	out_char(walk->out, '.');
	line_port(walk, PROTOCOL_TCP, be16toh(usual->tcp.dst_port));
	out_lit(walk->out, ": ");
}

static inline void print(struct walk *walk, const struct usual *usual, const struct relseq_view *view)
{
	const struct line_tcp_bytes *tcp = &usual->tcp;
	struct line *line = walk->line;
	struct out *out = walk->out;
	char *room, *at;

	if (line->names) {
		out_str(out, usual->src.len == 4 ? "IP " : "IP6 ");
		print_named_endpoints(walk, usual);
	}
	at = room = out_room(out, LINE_TCP_ROOM);
	if (!room)
		return;
	if (!line->names) {
		at = usual->src.len == 4 ? put_lit(at, "IP ") : put_lit(at, "IP6 ");
		at = put_lit(line_put_endpoint(line, at, usual->src, be16toh(tcp->src_port)), " > ");
		at = put_lit(line_put_endpoint(line, at, usual->dst, be16toh(tcp->dst_port)), ": ");
	}
	at = line_put_flags(at, tcp->flags);
	at = line_put_numbers(at, view, tcp->flags, be16toh(tcp->window), usual->length, false);
	if (usual->has_stamps)
		at = line_put_timestamps(line, at, &usual->stamps);
	out_advance(out, (size_t)(line_put_length(at, usual->length) - room));
}

static inline void print_packet(struct walk *walk, bool has_interface, const struct usual *usual,
				const struct relseq_view *view)
{
	if (has_interface)
		line_print_interface(walk, &usual->cooked);
	print(walk, usual, view);
	walk->link_header_len = usual->link_header_len;
}

bool line_usual(struct walk *walk, const struct packet *packet)
{
	struct relseq_view view;
	struct usual usual;

	if (!take(packet, &usual))
		return false;
	view = numbers(walk->line->relseq, &usual);
	print_packet(walk, packet->link_type == DLT_LINUX_SLL2, &usual, &view);
	return true;
}

bool line_usual_note(struct line *line, const struct packet *packet, struct line_note *ret)
{
	struct relseq_view view;
	struct usual usual;

	if (!take(packet, &usual))
		return false;
	view = numbers(line->relseq, &usual);
	ret->seq = view.seq;
	ret->ack = view.ack;
	ret->length = usual.length;
	ret->link_header_len = (uint8_t)usual.link_header_len;
	ret->address_len = (uint8_t)usual.src.len;
	ret->has_stamps = usual.has_stamps;
	ret->has_interface = packet->link_type == DLT_LINUX_SLL2;
	return true;
}

/* What was noted of it, and only that: where it is was looked for before, so all of it is taken at once. */
static inline bool take_noted(const struct line_note *note, struct usual *ret)
{
	struct ws_cursor in = ws_cursor_of(note->bytes);
	size_t before = note->address_len == 4 ? offsetof(struct ipv4_bytes, src) : offsetof(struct ipv6_bytes, src);
	size_t src = note->link_header_len + before, dst = src + note->address_len, tcp = dst + note->address_len;
	struct ws_span headers;

	if (note->has_interface) {
		struct ws_cursor cooked = in;

		line_take_cooked2(&cooked, &ret->cooked);
	}
	if (!ws_take_span(&in, tcp + sizeof(ret->tcp), &headers))
		return false;
	ret->link_header_len = note->link_header_len;
	ret->length = note->length;
	ret->has_stamps = note->has_stamps;
	ret->src = ws_span_of(headers.data + src, note->address_len);
	ret->dst = ws_span_of(headers.data + dst, note->address_len);
	memcpy(&ret->tcp, headers.data + tcp, sizeof(ret->tcp));
	return !note->has_stamps || line_take_timestamps(in, LINE_TIMESTAMPS, &ret->stamps);
}

void line_usual_noted(struct walk *walk, const struct line_note *note)
{
	struct relseq_view view = {.seq = note->seq, .ack = note->ack};
	struct usual usual;

	if (take_noted(note, &usual))
		print_packet(walk, note->has_interface, &usual, &view);
}
