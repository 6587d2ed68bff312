/* Names for addresses and ports, looked up as tcpdump does without -n, and remembered. */
#ifndef WSCAP_LINE_NAMES_H
#define WSCAP_LINE_NAMES_H

#include "ws/span.h"

enum {
	NAMES_MAX = 65536, /* addresses that are remembered: address scans. When it is met, all are forgotten. */
};

struct names;

/* Reads the table of services. NULL when out of memory. */
struct names *names_create(void);
void names_destroy(struct names *names);

/* Each returns NULL where there is no name: the number is printed. Names live until the next call of their kind. */
const char *names_host(struct names *names, struct ws_span addr);  /* asks the resolver, which may take its time */
const char *names_ether(struct names *names, struct ws_span addr); /* /etc/ethers */
const char *names_tcp_port(const struct names *names, uint16_t port);
const char *names_udp_port(const struct names *names, uint16_t port);

#endif
