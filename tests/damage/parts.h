/* A capture taken apart. The packets between two ends, of one connection or of several one after another, are a part:
 * what damages it changes nothing of the others, but where all meet a common limit. */
#ifndef DAMAGE_PARTS_H
#define DAMAGE_PARTS_H

#include "wscap/decode.h"

struct part {
	size_t *places; /* of its packets in the whole capture, in order */
	size_t count;
};

struct parts {
	struct ends *ends; /* of each part */
	size_t count;
	size_t *owners; /* of each packet: its part, or PART_NONE */
	size_t packets;
};

void parts_init(struct parts *parts, size_t packets);
void parts_finish(struct parts *parts);

/* A packet of the whole capture, decoded. */
void parts_take(struct parts *parts, size_t place, const struct packet_view *view);

/* All packets. Its places are the caller's, for part_finish(). */
void part_whole(const struct parts *parts, struct part *ret);
/* One part's, and those that are of no connection, as a fragment is: they may be of any. */
void part_one(const struct parts *parts, size_t number, struct part *ret);
void part_finish(struct part *part);

#endif
