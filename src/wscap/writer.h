/* -w: packets into capture files, named and rotated (-C, -G, -W) as tcpdump does it, to the byte. */
#ifndef WSCAP_WRITER_H
#define WSCAP_WRITER_H

#include "base/log.h"
#include "wscap/packet.h"

struct options;

enum writer_step {
	WRITER_DONE,
	WRITER_FULL,   /* -G and -W: the last file is complete; the packet was not written */
	WRITER_CLOSED, /* whoever read standard output went away */
	WRITER_ERROR,  /* said in writer_error() */
};

struct writer;

/* Opens the first file. link_type is a DLT_*; snaplen goes into the files' heads. NULL with a sentence in error.
 * options must outlive the writer. */
struct writer *writer_open(const struct options *options, int link_type, uint32_t snaplen,
			   char error[static SENTENCE_SIZE]);

/* One packet, in a new file where it is time for one. */
enum writer_step writer_packet(struct writer *writer, const struct packet *packet);

/* What waits in memory goes to the file. */
enum writer_step writer_flush(struct writer *writer);

const char *writer_error(const struct writer *writer);

/* Flush first: what fails here is not told. NULL is accepted. */
void writer_close(struct writer *writer);

#endif
