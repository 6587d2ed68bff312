/* Reads capture files, classic and pcapng, from a feed: packet after packet, each a view of the feed's window.
 *
 * Where a file is damaged in the middle, the next plausible records are looked for (capture_search.c): reading goes on
 * there, and capture_error() says where it was and how much was left out. What is wrong otherwise is said in libpcap's
 * words, which tcpdump's users know. */
#ifndef WSCAP_CAPTURE_H
#define WSCAP_CAPTURE_H

#include "wscap/capture_pcap.h"
#include "wscap/capture_pcapng.h"
#include "wscap/feed.h"
#include "wscap/link_types.h"

enum {
	CAPTURE_INTERFACES_MAX = 65536, /* of a section: an array of them is kept */
	CAPTURE_BLOCK_MAX =
	    16 << 20, /* bytes of a pcapng block, libpcap's limit; more where a link type has longer packets */
	CAPTURE_SECTION_MAX = 1 << 20, /* bytes of a section's head, libpcap's limit */
};

enum capture_step {
	CAPTURE_PACKET,
	CAPTURE_IDLE, /* nothing came for a while; ask again */
	CAPTURE_END,
	CAPTURE_ERROR, /* said in capture_error(), without the file's name */
};

/* Where packets were captured. A classic file has one. */
struct capture_interface {
	struct link_type *type;
	uint32_t snaplen;              /* as libpcap has it: the type's longest where the file says nothing sensible */
	struct pcapng_interface clock; /* its options are not kept */
};

struct capture_damage {
	uint64_t places; /* how many */
	uint64_t first;  /* where in the file */
	uint64_t bytes;  /* skipped, of all */
	char why[160];   /* what was wrong with the first */
};

/* A block that is no packet: interfaces, names, statistics, secrets, whatever there is. It lives until the call
 * returns. */
typedef void capture_block(void *context, const struct pcapng_block *block);

/* Of a classic file, what its usual records have (capture_usual.h). Zeroes: it has none. */
struct capture_usual {
	uint32_t caplen_max;   /* of 1 to so many bytes */
	uint32_t fraction_end; /* of a second: fewer of them */
	uint32_t unit;         /* of that, in nanoseconds */
	int link_type;
};

struct capture {
	struct feed feed;
	struct link_types *types;
	capture_block *on_block; /* may be NULL; the caller's to set */
	void *block_context;

	bool pcapng;
	struct pcap_head head; /* of a classic file */
	struct capture_usual usual;
	bool big; /* the section's byte order */
	uint32_t block_max;

	struct capture_interface first;       /* of the file */
	struct capture_interface *interfaces; /* of the section */
	uint32_t interface_count, interface_room;
	uint32_t interface_first; /* how many there were in the sections before */

	uint64_t ahead; /* where capture_ahead() goes on; below the feed's place: there */

	int64_t last_time; /* of the packet before, 0 while there is none */
	bool searching;    /* behind damage, for the next plausible records */
	uint64_t damaged_at;
	struct capture_damage damage;
	char error[SENTENCE_SIZE];
	char said[SENTENCE_SIZE]; /* capture_error()'s */
};

/* types must outlive it. Whatever capture_begin() returns, finish it. */
void capture_init(struct capture *capture, struct link_types *types, feed_read *read, void *context);
void capture_finish(struct capture *capture);

/* Reads up to where the first interface is known. CAPTURE_PACKET: packets may be asked for; CAPTURE_IDLE: ask again. */
enum capture_step capture_begin(struct capture *capture);

/* The next packet, all but its number. ret_interface is valid until the next call. */
enum capture_step capture_next(struct capture *capture, struct packet *ret,
			       const struct capture_interface **ret_interface);

/* Up to count packets behind those that were looked at so before, ahead of capture_next(): their bytes, lengths and
 * link type, for who can make something ready for them. They may be others than capture_next() will give. Returns how
 * many there are: fewer where the others are not read yet. */
size_t capture_ahead(struct capture *capture, struct packet *ret, size_t count);

/* What was left out, and what ended it; NULL where all is well. Valid until the next call. */
const char *capture_error(struct capture *capture);

/* Of the file's first interface, also before the first packet. */
const struct capture_interface *capture_first(const struct capture *capture);

#endif
