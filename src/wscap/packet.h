/* What a capture gives: bytes, when they were seen, and how many there were on the wire. */
#ifndef WSCAP_PACKET_H
#define WSCAP_PACKET_H

#include "ws/span.h"

enum {
	NSEC_PER_SEC = 1000000000,
};

/* An int64_t of nanoseconds reaches the year 2262; a file may say anything. */
#define PACKET_SECONDS_MAX INT64_C(9000000000)

struct packet {
	uint64_t number; /* from 1, in the order of the source, after the filter */
	int64_t time;    /* nanoseconds since the epoch */
	uint32_t wire_len;
	int link_type;          /* DLT_*, as libpcap names them */
	uint32_t interface;     /* its number in the source, from 0 over all files and sections */
	struct ws_span bytes;   /* what was captured; lives until the source's next packet */
	struct ws_span options; /* a pcapng file's of this packet, as they stand there; or empty. They live as long */
	bool options_big;       /* their byte order */
};

#endif
