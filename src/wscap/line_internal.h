/* What the files of tcpdump's line share.
 *
 * tcpdump prints while it reads, so what stands on a line whose packet was cut off depends on the order in which it
 * reads. These functions read in that order, from cursors that end where the layer ends, and print as they go; they do
 * not look at what link_parse() and its kin found out. Each returns false as soon as a byte that it needs is missing;
 * its caller then gives up too, and line_print() ends the line with [|protocol], protocol being what was read last.
 * Where tcpdump itself notes the cut and goes on, so do they: line_truncated(). */
#ifndef WSCAP_LINE_INTERNAL_H
#define WSCAP_LINE_INTERNAL_H

#include <net/if.h>

#include "base/seldom.h"
#include "wscap/line.h"
#include "wscap/line_names.h"
#include "wscap/options.h"
#include "wscap/relseq.h"

enum {
	LINE_INTERFACES = 16,        /* names that are remembered, by the index's last bits */
	LINE_KNOWN_ADDRESSES = 64,   /* IPv6 addresses whose text is kept, by a hash of theirs; a power of two */
	LINE_KNOWN_ENDPOINTS = 1024, /* of IPv4, with their ports, likewise */
	LINE_KNOWN_STAMPS = 64,      /* numbers of timestamps, by their last bits; a power of two */
	LINE_NESTING_MAX = 32,       /* IP in IP in GRE: stops packets that are nothing but headers */
	LINE_ADDRESS_ROOM = 64,      /* what the longest form of an IPv6 address takes, and put.h may write behind it */

	ETHER_IPV4 = 0x0800,
	ETHER_ARP = 0x0806,
	ETHER_REVERSE_ARP = 0x8035,
	ETHER_BRIDGED = 0x6558,
	ETHER_VLAN = 0x8100,
	ETHER_IPV6 = 0x86dd,
	ETHER_PPP = 0x880b,
	ETHER_MPLS = 0x8847,
	ETHER_MPLS_MULTICAST = 0x8848,
	ETHER_PPPOE_SESSION = 0x8864,
	ETHER_QINQ = 0x88a8,
	ETHER_QINQ_9100 = 0x9100,
	ETHER_QINQ_9200 = 0x9200,
	ETHER_LENGTH_MAX = 1500, /* up to here the field is a length: IEEE 802.3 */

	COOKED_RADIOTAP = 803, /* ARPHRD_IEEE80211_RADIOTAP: 802.11 follows, whatever the type says */

	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_ICMP = 1,
	PROTOCOL_IGMP = 2,
	PROTOCOL_IPV4 = 4,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_DCCP = 33,
	PROTOCOL_IPV6 = 41,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_GRE = 47,
	PROTOCOL_AUTHENTICATION = 51,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_NONE = 59,
	PROTOCOL_DESTINATION_OPTIONS = 60,
	PROTOCOL_MOBILITY_OLD = 62,
	PROTOCOL_SUN_ND = 77,
	PROTOCOL_SCTP = 132,
	PROTOCOL_MOBILITY = 135,
	PROTOCOL_ETHERNET = 143,
};

struct line_clock {
	int64_t reference;  /* what -ttt and -ttttt count from; 0 is not known yet */
	int64_t second;     /* the one that text is of */
	enum time_style of; /* what text is made for */
	bool absolute;      /* it is a packet's second, not one since another packet's */
	char text[32];
	size_t len;
};

struct line_interface {
	uint32_t index;
	char name[IF_NAMESIZE]; /* empty: not asked for yet */
};

/* An IPv6 address that was printed, and its text: making it takes as long as all the rest of a line. */
struct line_known_address {
	uint8_t addr[16];
	char text[47];
	uint8_t len; /* 0: free */
};

/* An IPv4 address and a port that were printed, and their text: nearly all packets are of endpoints that others had. */
struct line_known_endpoint {
	uint64_t key; /* 0: free */
	char text[23];
	uint8_t len;
};

/* A number of a timestamp, and its text: what one side sends is sent back to it, and many packets have the same. */
struct line_known_number {
	uint32_t value;
	char text[11];
	uint8_t len; /* 0: free */
};

struct line {
	const struct options *options;
	struct line_clock clock;
	struct line_interface interfaces[LINE_INTERFACES];
	struct line_known_address known[LINE_KNOWN_ADDRESSES];
	struct line_known_endpoint endpoints[LINE_KNOWN_ENDPOINTS];
	struct line_known_number stamps[LINE_KNOWN_STAMPS];
	struct names *names;   /* NULL with -n */
	struct relseq *relseq; /* NULL with -S */
	bool usual;            /* line_usual_asked() */
};

/* One packet on its way to the paper. */
struct walk {
	struct line *line;
	const struct options *options;
	struct out *out;
	const char *protocol;    /* tcpdump's name for what is being read */
	size_t link_header_len;  /* what -A, -X and -x leave out */
	unsigned nesting;        /* of IP and Ethernet in others */
	struct ws_span captured; /* the whole packet */
	uint32_t wire_len;
};

/* What TCP and UDP need of the IP header before them. */
struct line_ip {
	uint8_t version;
	uint8_t protocol; /* that the header itself names: extension headers may follow */
	bool fragment;
	struct ws_span src, dst;
	struct ws_span final_dst; /* behind source routing: what checksums are made with */
};

/* A cursor that is moved, at most to its end. */
static inline struct ws_cursor line_ahead(struct ws_cursor in, size_t len)
{
	in.at += len < ws_cursor_left(&in) ? len : ws_cursor_left(&in);
	return in;
}

/* A cursor that ends after len bytes, if not before. */
static inline struct ws_cursor line_within(struct ws_cursor in, size_t len)
{
	if (len < ws_cursor_left(&in))
		in.end = in.at + len;
	return in;
}

void line_truncated(struct walk *walk); /* " [|tcp]" */

/* Layers, each from its first byte. length is what the layer below says of it, which may be more or less than is
 * there. */
bool line_link(struct walk *walk, int link_type);
bool line_cooked(struct walk *walk);
bool line_cooked2(struct walk *walk);
bool line_ether_type(struct walk *walk, uint16_t type, struct ws_cursor in, uint32_t length, bool *ret_known);
bool line_arp(struct walk *walk, struct ws_cursor in, uint32_t length);
bool line_ip(struct walk *walk, struct ws_cursor in, uint32_t length); /* the version decides */
bool line_ipv4(struct walk *walk, struct ws_cursor in, uint32_t length);
bool line_ipv6(struct walk *walk, struct ws_cursor in, uint32_t length);
bool line_protocol(struct walk *walk, uint8_t protocol, struct ws_cursor in, uint32_t length, const struct line_ip *ip);
bool line_tcp(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_ip *ip);
bool line_udp(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_ip *ip);

bool line_icmp(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_ip *ip);
bool line_icmp6(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_ip *ip);

/* Link layers other than Ethernet. */
bool line_nflog(struct walk *walk);
bool line_ppp_link(struct walk *walk);
bool line_ppp_serial(struct walk *walk);
bool line_hdlc(struct walk *walk);

/* What lies in something else, and what it lies in. ret_len: what the headers take, which dumps of a link layer leave
 * out. The inner two stop at LINE_NESTING_MAX. */
bool line_ethernet(struct walk *walk, struct ws_cursor in, uint32_t length, size_t *ret_len);
bool line_ppp(struct walk *walk, struct ws_cursor in, uint32_t length, size_t *ret_len);
bool line_pppoe(struct walk *walk, struct ws_cursor in, uint32_t length, size_t *ret_len);
bool line_mpls(struct walk *walk, struct ws_cursor in, uint32_t length);
bool line_gre(struct walk *walk, struct ws_cursor in, uint32_t length);
bool line_inner_ip(struct walk *walk, unsigned version, struct ws_cursor in, uint32_t length);
bool line_inner_ethernet(struct walk *walk, struct ws_cursor in, uint32_t length);
/* UDP's payload, where a port is known: or ret_known is false, and nothing printed. */
bool line_overlay(struct walk *walk, uint16_t port_a, uint16_t port_b, struct ws_cursor in, uint32_t length,
		  bool *ret_known);

/* The header's fields, which the two versions have in another order. */
struct line_cooked {
	uint32_t interface; /* v2 only */
	uint16_t packet_type;
	uint16_t hardware;
	uint16_t address_len;
	struct ws_span address; /* eight bytes */
	uint16_t type;
	size_t len; /* of the header */
	bool v2;
};
bool line_take_cooked(struct ws_cursor *in, struct line_cooked *ret);
bool line_take_cooked2(struct ws_cursor *in, struct line_cooked *ret);
void line_print_interface(struct walk *walk, const struct line_cooked *cooked); /* "lo    In  ", with v2 only */

/* The usual packet, quickly: line_usual.c. false: it is not usual, and nothing was done. */
bool line_usual(struct walk *walk, const struct packet *packet);
bool line_usual_note(struct line *line, const struct packet *packet, struct line_note *ret);
void line_usual_noted(struct walk *walk, const struct line_note *note);
bool line_usual_asked(const struct options *options); /* are the options ones that it knows? */

/* Pieces of link layers. */
static inline size_t line_behind(const struct walk *walk, const struct ws_cursor *in)
{
	return (size_t)(in->at - walk->captured.data);
}
void line_tag(struct walk *walk, uint16_t tag);                                    /* "vlan 5, p 3, DEI, " */
void line_unread(struct walk *walk, const char *name, const struct ws_cursor *in); /* "802.2, length 60" */

/* line_snap.c. *ret_known is false where nothing was printed, as it is not read: then line_unread() is what is left. */
/* An IEEE 802.2 header at in, which moves on behind it, and what it leads to; with -e the header, too. cards: their
 * addresses, for who does not show them himself; may be NULL. */
bool line_is_snap(struct ws_cursor in); /* will it be read? */
struct line_cards {
	struct ws_span src, dst;
};
bool line_snap(struct walk *walk, struct ws_cursor *in, uint32_t length, const struct line_cards *cards,
	       bool *ret_known);
void line_unknown(struct walk *walk, struct ws_cursor in); /* as bytes */

/* IPv4's options under -v, len bytes of them by the header. ret_truncated: tcpdump says so and prints no more. */
bool line_ipv4_options(struct walk *walk, struct ws_cursor in, uint32_t len, bool *ret_truncated);

/* IPv6 extension headers. Each returns false where a byte is missing, and advances *in past the header, or sets
 * *ret_stop where the rest cannot be printed. */
struct line_ipv6 {
	const uint8_t *begin;
	uint16_t header_payload_len;
	uint32_t payload_len; /* the same, or that of the jumbo payload option */
	bool jumbo;
	bool seen_hop_by_hop;
	bool seen_routing;
	struct line_ip ip;
};
bool line_hop_by_hop(struct walk *walk, struct ws_cursor *in, struct line_ipv6 *ip, bool *ret_stop);
bool line_destination_options(struct walk *walk, struct ws_cursor *in, bool *ret_stop);
bool line_fragment(struct walk *walk, struct ws_cursor *in, struct line_ipv6 *ip, bool *ret_stop);
bool line_routing(struct walk *walk, struct ws_cursor *in, struct line_ipv6 *ip, bool *ret_stop);

/* TCP's options and payload. */
struct line_tcp {
	const struct line_ip *ip;
	struct ws_cursor segment; /* from the header's first byte */
	uint16_t src_port, dst_port;
	uint8_t flags;
	uint8_t header_len;
	uint32_t length; /* of the payload, on the wire */
	struct relseq_view numbers;
};
/* ret_stop: an option was bad or cut off, and tcpdump ends the line. */
bool line_tcp_options(struct walk *walk, const struct line_tcp *tcp, bool *ret_stop);
/* value: the whole option but for its kind and length. false: its length does not fit its subtype. */
bool line_mptcp(struct walk *walk, struct ws_span value, uint8_t tcp_flags);
bool line_tcp_payload(struct walk *walk, const struct line_tcp *tcp);
bool line_may_be_text(uint16_t port_a, uint16_t port_b); /* false: line_text_protocol() would print nothing */
bool line_text_protocol(struct walk *walk, uint16_t port_a, uint16_t port_b, struct ws_cursor in, uint32_t length);

/* The Internet checksum (RFC 1071) of data behind a sum, in host order; 0 is right. */
uint32_t line_sum(uint32_t sum, struct ws_span data);
uint16_t line_sum_fold(uint32_t sum);
uint32_t line_sum_pseudo(const struct line_ip *ip, uint8_t protocol, uint32_t length);
/* What the field should hold, when it holds field and the checksum over all is sum. */
uint16_t line_sum_wanted(uint16_t field, uint16_t sum);

/* The dump that -A, -X or -x asks for, each line after a newline. */
void line_dump(struct walk *walk);
void line_dump_hex_ascii(struct out *out, struct ws_span bytes); /* as -X */
void line_dump_hex(struct out *out, struct ws_span bytes);       /* as -x */
void line_dump_ascii(struct out *out, struct ws_span bytes);     /* as -A */
/* Their plain twins, for the test. */
/* …for a machine without shuffles, which the two above choose by themselves. */
void line_dump_hex_ascii_words(struct out *out, struct ws_span bytes);
void line_dump_hex_words(struct out *out, struct ws_span bytes);
void line_dump_hex_ascii_plain(struct out *out, struct ws_span bytes);
void line_dump_hex_plain(struct out *out, struct ws_span bytes);
void line_dump_ascii_plain(struct out *out, struct ws_span bytes);

/* Addresses, ports and numbers' names. */
void line_address(struct walk *walk, struct ws_span addr);                /* of 4 or 16 bytes */
char *line_put_address(struct line *line, char *at, struct ws_span addr); /* as a number; returns where the text ends */
char *line_put_endpoint(struct line *line, char *at, struct ws_span addr, uint16_t port); /* the same, with a port */
void line_addresses(struct walk *walk, const struct line_ip *ip, const char *behind);
void line_ether_address(struct walk *walk, struct ws_span addr);
void line_port(struct walk *walk, uint8_t protocol, uint16_t port);
const char *line_ether_type_name(uint16_t type);     /* "IPv4", or NULL */
bool line_ether_type_unread(uint16_t type);          /* tcpdump reads it, we do not */
const char *line_protocol_name(uint8_t protocol);    /* "TCP", or NULL: what tcpdump knows to print */
const char *line_protocol_netdb(uint8_t protocol);   /* "tcp", or NULL: as /etc/protocols has it */
const char *line_ether_vendor(const uint8_t oui[3]); /* never NULL */

#endif
