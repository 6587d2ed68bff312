/* The link types of a file, and the filter over their packets, which is compiled for each of them when its first packet
 * comes. What cannot be read, or has no such filter, is left out and kept in mind, to be said at the end. */
#ifndef WSCAP_SOURCE_LINKS_H
#define WSCAP_SOURCE_LINKS_H

#include "wscap/link_types.h"
#include "wscap/source_internal.h"

enum {
	UNKNOWN_SIZE = 1024,
};

struct source_links {
	struct source *source; /* whose they are */
	struct link_types types;
	char *filter;               /* its text, or NULL */
	char other[SENTENCE_SIZE];  /* the first link type that has no such filter, in a sentence; or empty */
	char unknown[UNKNOWN_SIZE]; /* the names of those that nothing can be made of; or empty */
};

/* What is wrong with a classic file's link type is wrong with the file. A pcapng file may have others, and what cannot
 * be made of one is said at the end; but a filter that is wrong is told at once. */
bool source_links_first(struct source_links *links, struct link_type *type, bool pcapng,
			char error[static SENTENCE_SIZE]);

/* Is this packet, of a file's link type, to be given? */
bool source_links_pass(struct source_links *links, struct link_type *type, const struct packet *packet);

void source_links_finish(struct source_links *links);

#endif
