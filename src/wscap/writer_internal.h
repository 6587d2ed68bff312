/* What the kinds of capture files that are written share. Private to writer*.c. */
#ifndef WSCAP_WRITER_INTERNAL_H
#define WSCAP_WRITER_INTERNAL_H

#include "wscap/writer.h"

/* One kind of file; state is its own. Those that return an int return 0, or an errno. */
struct writer_kind {
	/* false with a sentence in error; the state is to be destroyed all the same */
	bool (*create)(void **ret_state, const struct options *options, int link_type, uint32_t snaplen,
		       char error[static SENTENCE_SIZE]);
	void (*destroy)(void *state); /* closes what is open; accepts NULL */

	bool (*begin)(void *state, const char *path, char error[static SENTENCE_SIZE]);
	/* -1: not this packet, for the reason in error */
	int (*packet)(void *state, const struct packet *packet, struct ws_span comment,
		      char error[static SENTENCE_SIZE]);
	int64_t (*size)(void *state); /* of the file so far, in bytes; -1 with errno set */
	int (*flush)(void *state);
	int (*end)(void *state); /* closes the file that begin() opened; without one it does nothing */

	/* What a pcapng file brings besides packets; may be NULL */
	void (*block)(void *state, const struct pcapng_block *block, const struct source_place *place);
	void (*watch)(void *state, struct source *source);
	void (*secrets)(void *state, struct ws_span lines); /* may be NULL */
	void (*words)(void *state, struct ws_span words);   /* of the last packet; may be NULL */
};

extern const struct writer_kind writer_pcap, writer_pcapng;

#endif
