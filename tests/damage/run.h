/* One reading of some packets of a capture, watched: what it tells is learned, or judged; what it holds stays within
 * the limits. */
#ifndef DAMAGE_RUN_H
#define DAMAGE_RUN_H

#include "packets.h"
#include "parts.h"
#include "told.h"
#include "wscap/decode.h"

struct run {
	struct packets packets; /* of the whole capture */
	struct tls_keyring *keyring;
	struct told *told;
	bool learning;
	struct {
		size_t most; /* bytes that were held at once since somebody set it to 0 */
		size_t readings;
	} * sums; /* also of the children's: shared memory */

	/* what is read now */
	const struct limits *limits;
	struct decode *decode;
	size_t before; /* bytes that were held when it began */
	size_t given;  /* packets */
};

void run_init(struct run *run);
void run_finish(struct run *run);

/* One reading: its beginning, each packet, by its place in the whole capture, and its end. */
void run_begin(struct run *run, const struct limits *limits);
void run_packet(struct run *run, size_t place);
void run_end(struct run *run);

/* Reads the whole capture, and again for what in it contradicts itself: told knows what was sent, parts who sent it. */
void run_learn(struct run *run, const struct limits *limits, struct parts *parts);

#endif
