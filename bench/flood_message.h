/* The message that both floods send: masked text of about 150 bytes, from a client, with a number of its own, so that
 * who captured them can be asked for each. RFC 6455, section 5.2. */
#ifndef BENCH_FLOOD_MESSAGE_H
#define BENCH_FLOOD_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

enum {
	FLOOD_FRAME_MAX = 256, /* bytes; a length of 16 bits stands in its header */
	FLOOD_HEAD_MAX = 256,  /* of a handshake's half */
};

/* The example of RFC 6455, section 1.3. */
extern const char flood_request[], flood_answer[];

/* Writes the frame and returns its length, which is the same for each number below 10^9. */
size_t flood_message(uint8_t frame[FLOOD_FRAME_MAX], unsigned long number);

/* The same frame with another number. */
void flood_renumber(uint8_t *frame, unsigned long number);

#endif
