/* Packets in, events out: link, ip, tcp, conn, stream, and then http and libws for each connection.
 *
 *     packet ─► link ─► ip ─► tcp ─► conn ─► stream ─► (here) request head ─► response head ─► frames ─► event
 *
 * A connection is one of: undecided (its first bytes have not told), opening (a request was seen), open (frames), or
 * ignored. */
#ifndef WSCAP_DECODE_H
#define WSCAP_DECODE_H

#include "wscap/event.h"

/* A packet and what its layers are, for a sink that prints it. */
struct packet_view {
	const struct packet *packet;
	struct link link;
	struct ip ip;    /* meaningful when link.status is LAYER_OK */
	struct tcp tcp;  /* meaningful when ip.status is LAYER_OK */
	bool is_segment; /* tcp.status is LAYER_OK and it was followed: conn and segment are set */
	struct conn *conn;
	struct segment segment;
};

struct decode_sink {
	void (*event)(void *context, const struct event *event);
	void *context;
};

struct decode_stats {
	struct conn_stats conn;
	uint64_t packets, handshakes, messages, messages_c2s, messages_s2c, control, violations, limits;
};

struct decode;

/* What decode may leave out because nobody asks: with PACKETS_ONLY nothing above tcp_parse is done. */
enum decode_depth {
	DECODE_PACKETS_ONLY,
	DECODE_ALL,
};

/* NULL when out of memory. */
struct decode *decode_create(const struct limits *limits, enum decode_depth depth, const struct decode_sink *sink);
void decode_destroy(struct decode *decode);

/* One packet: the events that it completes, and what it is. ret lives as long as the packet. */
void decode_packet(struct decode *decode, const struct packet *packet, struct packet_view *ret);

/* Live only: time has passed without a packet. Events name the last packet of their connection. */
void decode_tick(struct decode *decode, int64_t now);

/* The capture is over. */
void decode_flush(struct decode *decode);

void decode_stats(const struct decode *decode, struct decode_stats *ret);

#endif
