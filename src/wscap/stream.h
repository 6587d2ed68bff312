/* One direction's bytes, in order, with 64-bit offsets.
 *
 * Goal: give each byte once, in order, to who decodes it, and say what each segment was.
 * In order is the fast path: the payload goes from the captured bytes straight on, never copied. Only what is out of
 * order is kept (copied), against limits.
 *
 *     segment ─► place it (seq.h) ─► new bytes in order ─► deliver ─► then what waited and now fits
 *                                └─► ahead of a missing piece: it waits
 *
 * A missing piece becomes a gap, and what waits behind it is delivered, as soon as
 *   - the receiver has acknowledged it and limits.reorder or limits.reorder_packets have passed since, or
 *   - the segment that opens it comes after the connection was silent for limits.reorder and itself acknowledges bytes
 *     of the other direction that were not captured: the capture was blind for a while, or
 *   - limits.reorder has passed, and no packet of the receiver was ever captured: nobody could acknowledge, or
 *   - what waits behind it meets a limit, or the connection or the capture ends.
 * Bytes that are cut by the snap length are a gap too, known at once. Of a direction of which nothing was captured, not
 * even a SYN, no gaps are told: all of it is missing.
 *
 * A stream whose SYN was not seen has no beginning yet. Its bytes wait until the SYN comes after all (or the SYN+ACK
 * that acknowledges it), an HTTP head stands at its lowest byte, or LIMIT_START_PACKETS packets (limits.reorder_packets
 * while what waits is in pieces, or begins behind what the receiver asks for) or LIMIT_START_NS have passed; then its
 * lowest byte is where it begins, and it is mid-stream (unless the HTTP head was it). */
#ifndef WSCAP_STREAM_H
#define WSCAP_STREAM_H

#include "wscap/limits.h"
#include "wscap/tcp.h"

enum {
	LIMIT_START_PACKETS = 8,
	LIMIT_START_NS = 200000000,
};

enum dir {
	DIR_C2S = 0,
	DIR_S2C = 1,
};

static inline enum dir dir_other(enum dir dir)
{
	return dir == DIR_C2S ? DIR_S2C : DIR_C2S;
}

/* What a segment is, as a set. What cannot be known (no SYN seen, other direction not captured) is not set. */
enum segment_fact {
	SEGMENT_SYN = 1 << 0,         /* step 1: SYN without ACK */
	SEGMENT_SYN_ACK = 1 << 1,     /* step 2 */
	SEGMENT_ESTABLISHES = 1 << 2, /* step 3: the first ACK of the client */
	SEGMENT_NEW_DATA = 1 << 3,    /* has bytes that were not seen before */
	SEGMENT_FIN = 1 << 4,
	SEGMENT_RST = 1 << 5,
	SEGMENT_CAPTURED_TWICE = 1 << 6, /* the same packet again (any device, bridge): nothing else is said of it */
	SEGMENT_RETRANSMISSION = 1 << 7, /* all its bytes were seen before */
	SEGMENT_OVERLAP = 1 << 8,        /* some were */
	SEGMENT_DIFFERS = 1 << 9, /* …and they still wait, with other contents: the sink's overlap() tells them */
	SEGMENT_OUT_OF_ORDER = 1 << 10, /* ahead of a missing piece */
	SEGMENT_FILLS = 1 << 11,        /* closes a missing piece */
	SEGMENT_LATE = 1 << 12,         /* bytes that were already given up, in the last gap that was told */
	SEGMENT_KEEP_ALIVE = 1 << 13,   /* RFC 9293, 3.8.4: one byte or none, just before the next expected */
	SEGMENT_KEEP_ALIVE_ACK = 1 << 14,
	SEGMENT_ZERO_WINDOW = 1 << 15,   /* the sender of it cannot take more */
	SEGMENT_WINDOW_PROBE = 1 << 16,  /* a byte sent into a zero window */
	SEGMENT_WINDOW_UPDATE = 1 << 17, /* pure ACK that only moves the window */
	SEGMENT_DUPLICATE_ACK = 1 << 18, /* RFC 5681, section 2 */
	SEGMENT_ACKS_NEW = 1 << 19,      /* acknowledges bytes (or SYN or FIN) that were not acknowledged before */
	SEGMENT_ACKS_UNSEEN = 1 << 20,   /* …among them bytes that were not captured */
	SEGMENT_MID_STREAM = 1 << 21,    /* the first packet of a connection whose start was not captured */
	SEGMENT_BEFORE_SYN = 1 << 22,    /* data before its SYN; or the SYN, of which data was captured before */
	SEGMENT_SYN_REPEATED = 1 << 23,  /* the same SYN or SYN+ACK again */
	SEGMENT_CUT = 1 << 24,           /* payload cut by the snap length */
};

struct segment {
	uint32_t facts;
	enum dir dir;
	uint32_t len;       /* of its payload on the wire */
	uint32_t new_len;   /* how many of those are new */
	int64_t offset;     /* of its first payload byte in its stream */
	int64_t acked_from; /* bytes of the other stream that this one newly acknowledges, [from, to) */
	int64_t acked_to;   /* …without the place that SYN and FIN take; equal to from when none */
	int64_t since_ns;   /* retransmission: since the bytes were first seen where known, else 0 */
	uint32_t missing;   /* SEGMENT_OUT_OF_ORDER: bytes between what is there and this */
	uint32_t window;    /* scaled where the scale is known */
	bool placed;        /* offset is known */
	bool ack_placed;    /* acked_to is known */
	bool acks_fin;      /* acknowledges the other direction's FIN, for the first time */
};

/* What a stream gives, in order. Spans live during the call. */
struct stream_sink {
	void (*data)(void *context, enum dir dir, int64_t offset, struct ws_span bytes);
	void (*gap)(void *context, enum dir dir, int64_t offset, uint64_t len);
	/* the stream begins, not at its first byte, but here: right before its first data() */
	void (*mid_stream)(void *context, enum dir dir, int64_t offset);
	/* FIN was reached in order: nothing follows */
	void (*end)(void *context, enum dir dir, int64_t offset);
	/* a limit was met: name of the option ("max-waiting") */
	void (*limit)(void *context, enum dir dir, const char *name);
	void *context;
};

#endif
