/* For tests of link, ip and tcp: a packet is written header by header, and parsed by all three.
 *
 * There is one packet, and one result of each layer. */
#ifndef LAYERS_SCRIPT_H
#define LAYERS_SCRIPT_H

#include "wscap/tcp.h"

/* The packet under construction. */
extern uint8_t bytes[4096];
extern size_t length;

/* What parse() made of it. */
extern struct link link_layer;
extern struct ip ip;
extern struct tcp tcp;

void begin(void);
void u8(unsigned value);
void u16(unsigned value);
void u32(uint32_t value);
void zeroes(size_t count);
void text(const char *what);

void ethernet(unsigned type);
/* words: of the header; total: its length field; fragment: flags and offset, as they stand on the wire */
void ipv4(unsigned words, unsigned total, unsigned fragment, unsigned protocol);
void ipv6(unsigned payload, unsigned next);
void tcp_header(unsigned words, unsigned flags);

/* Of which captured bytes are there, of wire_len. */
void parse_cut(int link_type, size_t captured, uint32_t wire_len);
/* …and whole. */
void parse(int link_type);
/* It has led to a whole segment with this in it. */
void expect_payload(const char *what);

#endif
