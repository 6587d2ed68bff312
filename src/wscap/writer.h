/* -w: packets into capture files, named and rotated (-C, -G, -W) as tcpdump does it.
 *
 * A name that ends in .pcapng makes a pcapng file: each packet's interface is kept, with its link type and resolution
 * of time, and a comment can stand beside each packet. Any other name makes a classic file, tcpdump's to the byte. */
#ifndef WSCAP_WRITER_H
#define WSCAP_WRITER_H

#include "base/log.h"
#include "wscap/packet.h"
#include "wscap/source.h"

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

/* Does -w name a pcapng file? */
bool writer_is_pcapng(const struct options *options);

/* Takes from source what a pcapng file says besides packets: interfaces, names, statistics. Before the first packet;
 * source must outlive the last call of the writer but writer_close(). */
void writer_watch(struct writer *writer, struct source *source);

/* One packet, in a new file where it is time for one. comment, UTF-8, stands beside it in a pcapng file; it may be
 * empty. */
enum writer_step writer_packet(struct writer *writer, const struct packet *packet, struct ws_span comment);

/* Lines of a key log for --write-keys: they stand before the next packet, or at the end. */
void writer_secrets(struct writer *writer, struct ws_span lines);

/* Another comment of the last packet, known only at the end of the capture. A packet that was flushed gets none. */
void writer_words(struct writer *writer, struct ws_span words);

/* What waits in memory goes to the file. */
enum writer_step writer_flush(struct writer *writer);

/* The last file is complete: a pcapng file ends with the statistics. Nothing may be written behind it. */
enum writer_step writer_end(struct writer *writer);

const char *writer_error(const struct writer *writer);

/* End it first: what fails here is not told. NULL is accepted. */
void writer_close(struct writer *writer);

#endif
