/* The link types of capture files. What is in files (LINKTYPE_*) is nearly, but not always, what libpcap calls it
 * (DLT_*), and each type has a longest packet; only libpcap knows both. It tells when it is given the head of a capture
 * file, so that is done, once for each type; the handle that it returns compiles the filter for this type. */
#ifndef WSCAP_LINK_TYPES_H
#define WSCAP_LINK_TYPES_H

#include <pcap/pcap.h>
#include <stdbool.h>

#include "base/log.h"

enum {
	LINK_TYPES_MAX = 64, /* in one file; each costs a compiled filter */
};

struct link_type {
	uint32_t number; /* LINKTYPE_* */
	int dlt;
	uint32_t longest; /* bytes of a packet, at most */
	pcap_t *pcap;
	struct bpf_program program; /* bf_insns is NULL while there is no filter */
	bool unreadable;            /* the source's: nothing is to be made of its packets; that was said */
	bool prepared;              /* the source's: its filter is compiled */
	bool passes;                /* …or there is none, and it is readable */
};

struct link_types {
	struct link_type types[LINK_TYPES_MAX];
	unsigned count;
};

/* The entry of a LINKTYPE_*, which stays where it is until link_types_finish(). NULL with a sentence in error. */
struct link_type *link_types_get(struct link_types *types, uint32_t number, char error[static SENTENCE_SIZE]);

/* The number that files have (LINKTYPE_*) for one of libpcap's (DLT_*); 0 without memory. */
uint32_t link_types_number(int dlt);

void link_types_finish(struct link_types *types);

#endif
