/* The packet that nearly all are: Ethernet or Linux cooked, IPv4 without options or fragments, TCP.
 *
 * Its headers have one shape, which is taken at once. What it gives is what link_parse(), ip_parse() and tcp_parse()
 * give, and a test compares them; all else is left to those. */
#ifndef WSCAP_USUAL_H
#define WSCAP_USUAL_H

#include "wscap/tcp.h"

/* False, with nothing set, where it is not one of those: it says nothing against the packet. */
bool usual_parse(const struct packet *packet, struct link *ret_link, struct ip *ret_ip, struct tcp *ret_tcp);

/* Whom such a packet is between, addresses as they stand on the wire; nothing else of it is looked at. */
struct usual_ends {
	uint32_t src, dst;
	uint32_t ports; /* the sender's above the receiver's */
};
bool usual_ends(const struct packet *packet, struct usual_ends *ret);
/* …as ip and tcp have it: the IP version, addresses and ports. */
void usual_set_ends(const struct usual_ends *ends, struct ip *ret_ip, struct tcp *ret_tcp);

#endif
