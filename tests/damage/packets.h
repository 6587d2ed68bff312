/* A capture file's packets in memory, each with bytes of its own. */
#ifndef DAMAGE_PACKETS_H
#define DAMAGE_PACKETS_H

#include "wscap/packet.h"

struct packets {
	struct packet *list;
	size_t count;
	size_t bytes; /* of all */
};

/* path: "-" is standard input. False where it cannot be read to its end; that was said. */
bool packets_read(const char *path, struct packets *ret);
void packets_finish(struct packets *packets);

#endif
