/* One direction of a WebSocket: bytes in, messages out.
 *
 * Goal: one decoder for who takes part and for who watches. It judges every frame by rule.h and goes on after a
 * violation as far as the bytes still make sense; who takes part stops at the first one, who watches reports it.
 *
 *     in-order bytes ─► frame header ─► judge ─► unmask ─► inflate ─► UTF-8 ─► item
 *
 * It pulls: give it a cursor and call ws_decoder_next() until it says WS_STEP_MORE. Each call returns at most one item,
 * whose spans live until the next call on any decoder with the same scratch buffer, and not longer than the input.
 *
 * No copy where a view will do: an unmasked, uncompressed message that lies whole in the input is returned as a view of
 * it. Otherwise the payload is unmasked (and inflated) into the scratch buffer, which many decoders share; only a
 * message that the input cuts off is kept in the decoder's own memory, until it is whole.
 *
 * Not done here: I/O, clocks, the closing handshake's conversation, pings' answers. */
#ifndef WS_MESSAGE_H
#define WS_MESSAGE_H

#include "ws/buf.h"
#include "ws/close.h"
#include "ws/deflate.h"
#include "ws/rule.h"

enum ws_item_kind {
	WS_ITEM_MESSAGE,   /* a whole text or binary message */
	WS_ITEM_CONTROL,   /* a ping, pong, close, or a frame with a reserved control opcode */
	WS_ITEM_VIOLATION, /* rule was broken; the frame itself follows as an item of its own where it can be read */
};

/* Why a payload is not all there, or not readable. */
enum ws_cut {
	WS_CUT_NONE = 0,
	WS_CUT_MESSAGE_LIMIT,   /* longer than message_max: the first bytes are here */
	WS_CUT_INFLATED_LIMIT,  /* inflates to more than inflated_max: the first bytes are here */
	WS_CUT_MISSING_BYTES,   /* some of its bytes were skipped (ws_decoder_skip): what came before them is here */
	WS_CUT_MISSING_CONTEXT, /* compressed with a context that was not seen: nothing readable is here */
	WS_CUT_BAD_DEFLATE,     /* does not inflate: what came out before that is here */
};

struct ws_item {
	enum ws_item_kind kind;
	enum ws_rule rule; /* of a violation */
	uint8_t opcode;    /* of the message (its first frame), or of the frame that broke the rule */
	bool masked;       /* the first frame was */
	bool compressed;   /* the first frame had RSV1 with permessage-deflate in force */
	bool utf8;         /* payload is valid UTF-8; a text that is cut loses half a character at its end for it */
	uint8_t mask[4];   /* the first frame's key */
	enum ws_cut cut;
	uint32_t frames;   /* how many frames made the message */
	uint64_t wire_len; /* its payload on the wire, all frames, before inflating, headers not counted */
	uint64_t len;      /* after unmasking and inflating, as far as it is known (inflation stops at the limit) */
	struct ws_span payload; /* unmasked and inflated; for a close frame without its two code bytes (len has them) */
	uint16_t close_code;    /* of a close frame; WS_CLOSE_NO_STATUS where it has none */
	uint64_t begin, end;    /* stream offsets: of the first frame's header, and past the last frame's payload */
};

/* Has a close frame a code? 1005 stands for none (RFC 6455, section 7.1.5), and somebody may send it all the same. */
static inline bool ws_item_has_close_code(const struct ws_item *item)
{
	return item->opcode == WS_CLOSE &&
	       (item->close_code != WS_CLOSE_NO_STATUS || (!item->cut && item->wire_len >= sizeof(item->close_code)));
}

/* Named limits. Each stops one abuse. */
struct ws_decoder_limits {
	size_t message_max;  /* bytes of a message that are kept: endless messages. Default 16 MiB. */
	size_t inflated_max; /* bytes that a message may inflate to: bombs. Default 16 MiB. */
};
enum {
	WS_MESSAGE_MAX_DEFAULT = 16 << 20,
	WS_INFLATED_MAX_DEFAULT = 16 << 20,
};

struct ws_decoder_config {
	bool from_client;                 /* whose frames these are: what section 5.1 asks of them */
	struct ws_deflate_params deflate; /* what the handshake agreed on */
	struct ws_decoder_limits limits;  /* zeroes: the defaults */
	uint64_t begin;                   /* stream offset of the first frame's header */
	struct ws_buf *scratch; /* shared, the caller's, outlives the decoder; used between calls by nobody else */
};

enum ws_step {
	WS_STEP_MORE,   /* the input is used up */
	WS_STEP_ITEM,   /* ret was set; call again with what is left */
	WS_STEP_MEMORY, /* an allocation failed; the message under way is given up, the decoder can go on or be finished
			 */
};

struct ws_decoder;

/* On the heap, small (a few hundred bytes at most) until a message is cut off by the end of the input or a compressed
 * one comes. NULL when out of memory. */
struct ws_decoder *ws_decoder_create(const struct ws_decoder_config *config);
void ws_decoder_destroy(struct ws_decoder *decoder);

/* Goes on with the bytes at *in, in stream order, and advances it over what was used. */
enum ws_step ws_decoder_next(struct ws_decoder *decoder, struct ws_cursor *in, struct ws_item *ret);

/* The next len bytes of the stream will never come. When they lie within the payload of the frame that is being read,
 * the decoder goes on behind them, the message is marked as cut, and this returns true. Otherwise the boundary is lost:
 * it returns false, and ws_decoder_restart() says where to go on. */
bool ws_decoder_skip(struct ws_decoder *decoder, uint64_t len);

/* Begins again at a frame boundary, at stream offset: no message is under way, the earlier context of compression is
 * not known, and a continuation frame is not held against the sender until a message has begun: it is told as the end
 * of a message (opcode WS_CONTINUATION, WS_CUT_MISSING_BYTES), with its payload where it cannot be compressed. Used for
 * a stream that was joined late, or after bytes that were not captured. What was under way is not lost: the next call
 * of ws_decoder_next() tells it, cut with WS_CUT_MISSING_BYTES. */
void ws_decoder_restart(struct ws_decoder *decoder, uint64_t offset);

/* What is being read, for who cannot wait: the kind of message under way and how much of it is here. false when none
 * is. ret->payload may be empty; cut is WS_CUT_MISSING_BYTES, unless it was cut before, or is whole and only its
 * violation has been told. Used at the end of a capture. */
bool ws_decoder_pending(const struct ws_decoder *decoder, struct ws_item *ret);

/* Does it hold nothing that matters for what comes? It stands between two messages, behind no close frame, and nothing
 * may refer to a context of compression: a new decoder with the same configuration, begun at its offset, would go on
 * just as well. Who has many idle connections need not keep a decoder for each. */
bool ws_decoder_at_rest(const struct ws_decoder *decoder);

/* Bytes of memory that it holds, itself included. */
size_t ws_decoder_memory(const struct ws_decoder *decoder);

/* The usual message needs no decoder: it is one frame that lies whole at the start of in, of a text or binary message,
 * a ping or a pong, uncompressed, and breaks no rule. Returns how many bytes it takes, with ret set as
 * ws_decoder_next() would; its payload lives as long as the input and the content of scratch. Returns 0 for all else:
 * then a decoder, begun there, tells what it is. */
struct ws_whole_config {
	bool from_client;
	size_t message_max;
	struct ws_buf *scratch;
};
size_t ws_message_whole(struct ws_span in, const struct ws_whole_config *config, uint64_t begin, struct ws_item *ret);

/* How much in looks like a chain of frames of one sender, for finding a boundary: every header whole, masked as asked,
 * breaking no rule, the payloads following each other. */
struct ws_chain {
	uint32_t frames; /* whole frames */
	size_t len;      /* bytes that they take */
	bool exact;      /* they end exactly at the end of in */
	bool plausible;  /* nothing contradicts: what is left is the start of one more good frame, or nothing */
};
struct ws_chain ws_frame_chain(struct ws_span in, bool masked);

#endif
