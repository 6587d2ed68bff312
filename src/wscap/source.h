/* Where packets come from: a file, standard input, a live device. Linux, libpcap. */
#ifndef WSCAP_SOURCE_H
#define WSCAP_SOURCE_H

#include "wscap/packet.h"

struct options;

enum source_step {
	SOURCE_PACKET,
	SOURCE_IDLE, /* live: nothing came for a while; time goes on */
	SOURCE_END,
	SOURCE_ERROR, /* said in source_error() */
};

struct source; /* source_internal.h */

/* Opens what options name, compiles the filter. NULL with a sentence in error (one line, with the thing's name). */
struct source *source_open(const struct options *options, char *error, size_t error_size);
void source_close(struct source *source);

/* The next packet that passes the filter; its bytes live until the next call. Numbered from 1. */
enum source_step source_next(struct source *source, struct packet *ret);

/* From a signal handler: the source ends at its next packet. */
void source_break(struct source *source);

#endif
