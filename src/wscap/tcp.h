/* The TCP header: RFC 9293, section 3.1. A pure function; truncation is a value.
 *
 * LAYER_OK as soon as the fixed 20 bytes were captured: options and payload may still be cut, and payload_len is right.
 * LAYER_OTHER for a later fragment, which has no header. */
#ifndef WSCAP_TCP_H
#define WSCAP_TCP_H

#include "wscap/ip.h"

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
	TCP_AE = 0x100,
};

enum {
	TCP_SACK_MAX = 4,
};

/* Numbers stand from the last to the first, so that several of them are turned at once on most machines. */
struct tcp {
	enum layer_status status;
	uint16_t dst_port, src_port;
	uint32_t ack, seq;
	uint16_t urgent, checksum;
	uint16_t window; /* as it stands, not scaled */
	uint16_t flags;
	uint32_t payload_len; /* on the wire; payload.len is less where the snap length cut it */
	uint8_t header_len;
	struct ws_span options; /* captured part of them */
	struct ws_span payload; /* captured part */
};

void tcp_parse(const struct ip *ip, struct tcp *ret);

/* Options that are looked for by value. Return false where they are absent or malformed. RFC 7323. */
bool tcp_option_timestamps(const struct tcp *tcp, uint32_t *ret_value, uint32_t *ret_echo);
bool tcp_option_window_scale(const struct tcp *tcp, uint8_t *ret_shift);
/* SACK blocks (RFC 2018), left and right edge of each: how many there are, at most TCP_SACK_MAX. */
unsigned tcp_option_sack(const struct tcp *tcp, uint32_t ret_edges[static TCP_SACK_MAX][2]);
bool tcp_option_mss(const struct tcp *tcp, uint16_t *ret_mss);

#endif
