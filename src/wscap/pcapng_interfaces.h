/* The interfaces of a pcapng file that is written: numbered anew in each section, as they come to be written. */
#ifndef WSCAP_PCAPNG_INTERFACES_H
#define WSCAP_PCAPNG_INTERFACES_H

#include "wscap/pcapng_put.h"

struct interface {
	int64_t written;    /* its number in this file's section; negative while it is not there */
	uint32_t unit;      /* of its times, in nanoseconds */
	uint16_t link_type; /* LINKTYPE_* */
	uint32_t snaplen;
	struct pcapng_interface read; /* its clock in the file that is read */
	char *options;                /* as they are written; or NULL */
	size_t options_len;
};

/* Those of the section that is read. Zeroes are a beginning. */
struct interfaces {
	struct interface *all;
	uint32_t first; /* number in the source (packet.interface) of all[0] */
	uint32_t count, room;
	uint32_t in_file; /* of them, in this file's section */
};

void interfaces_finish(struct interfaces *interfaces);

/* A section begins, whose first interface has that number in the source. */
void interfaces_begin_section(struct interfaces *interfaces, uint32_t first);

/* A file begins: none is in it. */
void interfaces_begin_file(struct interfaces *interfaces);

/* One that a block describes. NULL when out of memory, or where the block is not what it must be. body is a
 * buffer that is empty, before and after. */
struct interface *interfaces_take(struct interfaces *interfaces, const struct pcapng_block *block, struct out *body);

/* Any other. options are as pcapng_put_option() makes them, without an end; they may be empty. NULL: no memory. */
struct interface *interfaces_add(struct interfaces *interfaces, uint16_t link_type, uint32_t snaplen, uint32_t unit,
				 struct ws_span options);

/* That number in the source; NULL where nobody described it. Then interfaces_add() makes it. */
struct interface *interfaces_find(struct interfaces *interfaces, uint32_t number);

/* Its block, unless it is in the file. body as above. */
void interfaces_put(struct interfaces *interfaces, struct interface *interface, struct out *body, struct out *out);

/* A time in nanoseconds since 1970, in the interface's units; and one in units of the file that is read, as that. */
void interface_put_time(const struct interface *interface, struct out *out, int64_t time);
int64_t interface_time(const struct interface *interface, uint64_t units);

#endif
