/* What writer_pcapng.c and writer_pcapng_take.c share, and nobody else sees. */
#ifndef WSCAP_WRITER_PCAPNG_H
#define WSCAP_WRITER_PCAPNG_H

#include "wscap/pcapng_interfaces.h"
#include "wscap/writer_internal.h"

enum {
	KEPT_MAX = 4 << 20, /* bytes of names and keys that are kept for the files that -C and -G begin */
	HOST_BIG = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
};

struct pcapng_writer {
	const struct options *options;
	struct source *source; /* NULL until it is watched */
	int link_type;         /* DLT_*, where no block says it */
	uint32_t snaplen;

	int fd;
	struct out out;
	struct out body;    /* of the block that is put together */
	struct out kept;    /* whole blocks that each file begins with */
	struct out section; /* the options of the section that is read, without an end */
	enum section_due {
		NOTHING_DUE,
		SECTION_DUE, /* before the next block */
		FILE_DUE,    /* …and it is the first of a file */
	} due;

	struct out held;     /* the last packet's block, without the options' end; empty where there is none */
	struct out behind;   /* whole blocks that follow it */
	size_t held_options; /* where they begin in it */

	struct interfaces interfaces;
	bool described;   /* the file that is read says what its interfaces are */
	uint64_t packets; /* in all files */
	int64_t last_time;
};

/* The section's head, if it is not there yet. */
void pcapng_writer_section(struct pcapng_writer *writer);

/* The packet that is held, and what follows it. */
void pcapng_writer_held(struct pcapng_writer *writer);

/* Where a block goes that comes now. */
struct out *pcapng_writer_out(struct pcapng_writer *writer);

/* A block of the file that is read, as writer_kind.block has it. */
void pcapng_writer_take(void *state, const struct pcapng_block *block, const struct source_place *place);

/* The body of a block of secrets, appended to body. type: SECRETS_… */
void pcapng_put_secrets(struct out *body, uint32_t type, struct ws_span secrets);

#endif
