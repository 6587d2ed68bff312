/* What the decoder of message.h is made of. Private to libws.
 *
 *     HEADER ─► JUDGE ─► BEGIN ─► DATA ────► HEADER
 *                             └─► CONTROL ─┘
 *
 * What is due is told first, in any state. */
#ifndef LIBWS_MESSAGE_INTERNAL_H
#define LIBWS_MESSAGE_INTERNAL_H

#include "ws/close.h"
#include "ws/message.h"
#include "ws/utf8.h"

enum decoder_state {
	STATE_HEADER,  /* header[] holds what has come of a header */
	STATE_JUDGE,   /* frame and left are set; judged is the last rule that was told */
	STATE_BEGIN,   /* frame's verdict is told */
	STATE_DATA,    /* left bytes of a data frame are still to come; message is under way */
	STATE_CONTROL, /* left bytes of a control frame are still to come; with none, judged is as above */
};

/* Complete items that wait to be told: behind a violation, or because a restart cut them off. */
enum decoder_due {
	DUE_CONTROL = 1,
	DUE_MESSAGE = 2,
};

enum {
	STEP_ON = -1, /* beside enum ws_step: nothing to return yet */

	/* What zlib can look back to. The decoder's own window is always the largest: what a sender with a smaller
	 * one refers to is then the same under every split of the bytes, also when it breaks its word. */
	WINDOW_BITS = 15,
	WINDOW_SIZE = 1 << WINDOW_BITS,
};

struct ws_decoder {
	struct ws_buf *scratch;
	size_t message_max;
	size_t inflated_max;
	bool from_client;
	bool deflate;
	bool takeover; /* of the compression context */

	uint8_t state; /* enum decoder_state */
	uint8_t due;
	bool after_close;
	bool joined;  /* behind a restart, before the first message */
	bool missing; /* bytes of the frame's payload were skipped since they were last looked at */
	uint8_t header_len;
	uint8_t header[WS_FRAME_HEADER_MAX];
	uint64_t offset; /* of the next byte */
	uint64_t frame_at;
	uint64_t left;
	enum ws_rule judged;
	struct ws_frame frame;

	/* the message under way */
	bool begun;
	bool stopped;       /* the rest of its payload is only counted */
	bool dropped;       /* it is given up for lack of memory, and will not be told */
	bool context_known; /* all that a compressed message may refer to is in inflate */
	size_t context_len; /* bytes of context since it was last lost */
	struct ws_item message;
	struct ws_buf kept;
	struct ws_utf8 utf8; /* of what was kept, as far as it was looked at */
	size_t looked;
	struct ws_inflate *inflate;

	/* the control frame under way; it may stand between a message's fragments */
	struct ws_item control;
	uint8_t control_bytes[WS_CONTROL_PAYLOAD_MAX];
	uint8_t control_len;
};

/* Takes what there is of the frame's payload off in, and counts it. *ret_at is its place in the payload. */
struct ws_span decoder_take(struct ws_decoder *decoder, struct ws_cursor *in, uint64_t *ret_at);

/* Fills ret with a violation by the frame or message that item tells of. */
int decoder_violation(const struct ws_item *item, enum ws_rule rule, struct ws_item *ret);

/* Cuts what is behind the last whole character off a payload that was cut. Returns whether it is UTF-8 so far;
 * *ret_complete whether nothing had to go. */
bool decoder_trim_text(struct ws_span *payload, bool *ret_complete);

/* The same for a payload that was looked at already: utf8 is how it ended. */
bool decoder_trim(struct ws_span *payload, const struct ws_utf8 *utf8, bool *ret_complete);

/* message_data.c. Each returns STEP_ON or an enum ws_step. */
int data_begin(struct ws_decoder *decoder);
int data_step(struct ws_decoder *decoder, struct ws_cursor *in, struct ws_item *ret);
int data_tell(struct ws_decoder *decoder, struct ws_item *ret);
void data_cut_off(struct ws_decoder *decoder, uint64_t end); /* the message under way will not go on: it is due */
bool data_pending(const struct ws_decoder *decoder, struct ws_item *ret);

/* message_control.c */
void control_begin(struct ws_decoder *decoder);
int control_step(struct ws_decoder *decoder, struct ws_cursor *in, struct ws_item *ret);
int control_tell(struct ws_decoder *decoder, struct ws_item *ret);
void control_cut_off(struct ws_decoder *decoder);
bool control_pending(const struct ws_decoder *decoder, struct ws_item *ret);

#endif
