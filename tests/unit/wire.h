/* A conversation on one TCP connection as packets (raw IPv4), played to the decoder; what it tells, as text.
 *
 * The log has one text for the connection and one for each direction, as the order between the directions may change
 * with the order of the packets. One line for each event:
 *
 *     open                                  c2s: request /path
 *     handshake 101 ok                      s2c: text 5 hello        (with: z compressed, f2 frames, missing …)
 *     close fin                             s2c: gap 10              c2s: violation client-unmasked      */
#ifndef WIRE_H
#define WIRE_H

#include "base/out.h"
#include "wscap/decode.h"

struct wire_packet {
	int64_t time;
	size_t len;
	uint8_t *bytes;
};

struct wire {
	struct wire_packet *packets;
	size_t count, cap;
	size_t segment;    /* bytes of a segment at most; 0: each send is one */
	bool captured[2];  /* packets of this direction are; both at first */
	uint16_t ports[2]; /* the client's, the server's */
	uint32_t seq[2];   /* next, by direction */
	uint32_t frames;   /* masking keys so far */
	int64_t now;
};

void wire_init(struct wire *wire, size_t segment);
void wire_finish(struct wire *wire);

void wire_syn(struct wire *wire); /* the three steps */
void wire_send(struct wire *wire, enum dir dir, struct ws_span bytes);
void wire_text(struct wire *wire, enum dir dir, const char *text); /* bytes, as they stand */
/* A frame, masked from the client; first: FIN, RSV and opcode, as they stand in the first byte. */
void wire_frame(struct wire *wire, enum dir dir, uint8_t first, struct ws_span payload);
#define FRAME(wire, dir, first, literal) wire_frame((wire), (dir), (first), ws_span_of((literal), sizeof(literal) - 1))
void wire_close_frame(struct wire *wire, enum dir dir, uint16_t code);
/* len bytes are sent and acknowledged, but their packets are not captured. */
void wire_lose(struct wire *wire, enum dir dir, size_t len);
void wire_fin(struct wire *wire);
/* Close frames of both sides, and the end. */
void wire_goodbye(struct wire *wire);
void wire_wait(struct wire *wire, int64_t ns);

/* The handshake of RFC 6455, section 1.3, without and with permessage-deflate. */
extern const char wire_request[], wire_answer[], wire_request_deflate[], wire_answer_deflate[];
void wire_handshake(struct wire *wire);

/* Packets change places within windows of that many, and some come twice. Their times stay in order. */
void wire_shuffle(struct wire *wire, uint32_t seed, size_t window);

struct wire_log {
	struct out conn, streams[2];
	struct decode_stats stats;
};

/* Limits as the program has them by default. */
struct limits wire_limits(void);

/* All packets, to a decode of the caller's. */
void wire_feed(const struct wire *wire, struct decode *decode);

/* Plays all packets and the flush. Returns false where decode could not be made. */
bool wire_play(const struct wire *wire, const struct limits *limits, struct wire_log *log);
void wire_log_init(struct wire_log *log);
void wire_log_finish(struct wire_log *log);

/* What build makes gives these texts: whole; and, where every_way, a byte a segment, and shuffled. */
void wire_gives(void (*build)(struct wire *wire), bool every_way, const char *conn, const char *c2s, const char *s2c);

#endif
