/* Packets in, events out: link, ip, tcp, conn, stream, and then http and libws for each connection.
 *
 *     packet ─► link ─► ip ─► tcp ─► conn ─► stream ─► (here) request head ─► response head ─► frames ─► event
 *
 * A connection is one of: undecided (its first bytes have not told), opening (a request was seen), open (frames), or
 * ignored. What lies between it and its WebSocket, or its WebSockets, are layers: layer.h. */
#ifndef WSCAP_DECODE_H
#define WSCAP_DECODE_H

#include "wscap/event.h"
#include "wscap/fragments.h"
#include "wscap/label.h"

/* A packet and what its layers are, for a sink that prints it. */
struct packet_view {
	const struct packet *packet;
	struct link link;
	struct ip ip;    /* meaningful when link.status is LAYER_OK; where something wraps TCP, the innermost */
	struct tcp tcp;  /* meaningful when ip.status is LAYER_OK */
	bool is_segment; /* tcp.status is LAYER_OK and it was followed: conn and segment are set */
	struct conn *conn;
	struct segment segment;
	struct fragment fragment; /* meaningful but for its packet, which is gone; with DECODE_ALL only */
};

struct decode_sink {
	void (*event)(void *context, const struct event *event); /* NULL: nobody listens */
	/* Of a packet that carries several segments beside each other each but the last, which is in the packet's view;
	 * after its events. NULL: nobody asks */
	void (*segment)(void *context, const struct packet_view *view);
	void *context;
};

struct decode_stats {
	struct conn_stats conn;
	struct fragments_stats fragments;
	uint64_t packets;
	uint64_t handshakes; /* that opened a WebSocket */
	uint64_t refused;    /* …that were answered with another status than 101 */
	uint64_t mid_stream; /* WebSockets that were joined without their handshake */
	uint64_t messages, messages_c2s, messages_s2c, control, violations, limits, overlaps;
	uint64_t tls, tls_locked; /* TLS connections that agreed on something; …that could not be read */
	uint64_t no_memory;       /* messages or connections given up for want of it */
};

struct decode;

/* What decode may leave out because nobody asks: with PACKETS_ONLY the view has the packet and
 * nothing else, as tcpdump's line reads the packet by itself. */
enum decode_depth {
	DECODE_PACKETS_ONLY,
	DECODE_ALL,
};

/* What may still come that opens TLS. */
enum decode_keys {
	DECODE_KEYS_NONE,
	DECODE_KEYS_HOPED, /* the capture file can have them anywhere: what cannot be read is said at once, and kept */
	DECODE_KEYS_EXPECTED, /* a key log grows: that is said a little later */
};

/* NULL when out of memory. */
struct decode *decode_create(const struct limits *limits, enum decode_depth depth, const struct decode_sink *sink);
void decode_destroy(struct decode *decode);

/* Secrets of TLS connections: keyring is the caller's and outlives decode. refresh, which may be NULL, is called when
 * one is missing: it adds to keyring what there is to add, and may be called often; now: nobody asks again. */
void decode_use_keys(struct decode *decode, struct tls_keyring *keyring, void (*refresh)(void *context, bool now),
		     void *context);
/* Records that no secret opens yet are kept, within limits, because it may still come. The most that was said counts.
 */
void decode_keys_may_come(struct decode *decode, enum decode_keys keys);
/* Some came: what waits for them of connections that are over is told. That of others is with their next packet. */
void decode_keys_came(struct decode *decode);

/* secrets is told, as lines of a key log, those that open a connection, once for each, before the packet that needs
 * them is done; but not those that the capture file itself has. */
void decode_on_secrets(struct decode *decode, void (*secrets)(void *context, struct ws_span lines), void *context);

/* One packet: the events that it completes, and what it is. ret lives as long as the packet. */
void decode_packet(struct decode *decode, const struct packet *packet, struct packet_view *ret);

/* Is it worth while to tell decode_ahead()? CONN_BATCH packets at a time, CONN_AHEAD before they come. */
bool decode_is_crowded(const struct decode *decode);
/* Packets that will come, or may: their bytes, lengths and link types are looked at, and nothing changes. */
void decode_ahead(struct decode *decode, const struct packet *packets, size_t count);

/* Live only: time has passed without a packet. Events name the last packet that came. */
void decode_tick(struct decode *decode, int64_t now);

/* The capture is over: what waits is decoded behind its gaps, and messages under way are told as far as they came. */
void decode_flush(struct decode *decode);

void decode_stats(const struct decode *decode, struct decode_stats *ret);

/* Is it known to be a WebSocket, opening or open (or closed, as long as the connection is there)? */
bool decode_is_websocket(const struct conn *conn);

/* The name of the user at the client of the event's WebSocket; an empty one until somebody has set it: a sink that
 * reads labels does, at the client's messages (decode_learn_user). Lives as long as the event. */
const struct label_text *decode_user(const struct event *event);

/* A client's message (dir c2s) said this name. The first one counts, so that an application's other names do not pass
 * for it. Empty names are ignored. */
void decode_learn_user(const struct event *event, const struct label_text *name);

#endif
