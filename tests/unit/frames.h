/* For tests of the message decoder: frames are written into a buffer, decoded under every split, and compared by the
 * text of their items. */
#ifndef FRAMES_H
#define FRAMES_H

#include "ws/message.h"

struct frames {
	struct ws_buf wire;
	bool masked; /* with a key that changes from frame to frame */
	uint32_t count;
};

/* What decoders share as scratch; for a group of tests to begin and end with. */
extern struct ws_buf frames_scratch;
int frames_scratch_init(void **state);
int frames_scratch_finish(void **state);

/* Decoders of one direction or the other, nothing agreed on. */
struct ws_decoder_config from_server(void);
struct ws_decoder_config from_client(void);

void frames_init(struct frames *frames, bool masked);
void frames_finish(struct frames *frames);

/* first: FIN, RSV and opcode, as they stand in the first byte. */
void frames_add(struct frames *frames, uint8_t first, struct ws_span payload);
#define FRAME(frames, first, literal) frames_add((frames), (first), ws_span_of((literal), sizeof(literal) - 1))
void frames_raw(struct frames *frames, struct ws_span bytes);
#define RAW(frames, literal) frames_raw((frames), ws_span_of((literal), sizeof(literal) - 1))

/* One line for the item, appended to text: kind, name, lengths, offsets, cut and payload. */
void item_write(const struct ws_item *item, struct ws_buf *text);

/* Decodes bytes in pieces of the lengths that next_piece gives (0: all that is left) and writes the items as text, each
 * with a newline. Each piece is in memory of its own, exactly as long as it. */
void decode_pieces(const struct ws_decoder_config *config, struct ws_span bytes, size_t (*next_piece)(void *context),
		   void *context, struct ws_buf *text);

size_t same_piece(void *context); /* context: a size_t */

/* Whole, in pieces of 1 to 16 bytes, cut in two at every place (of short ones), and at random: the items are equal, and
 * equal to want where it is not NULL. */
void assert_items(const struct ws_decoder_config *config, struct ws_span bytes, const char *want);

/* The same, for a decoder that is restarted before its first byte: the stream was joined late. */
void assert_joined_items(const struct ws_decoder_config *config, struct ws_span bytes, const char *want);

#endif
