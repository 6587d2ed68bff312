/* Blocks of a pcapng file that is written, in this machine's byte order. */
#ifndef WSCAP_PCAPNG_PUT_H
#define WSCAP_PCAPNG_PUT_H

#include "base/out.h"
#include "wscap/capture_pcapng.h"

enum {
	PCAPNG_VALUE_MAX = 0xffff, /* bytes of an option's value */
};

void pcapng_put_u16(struct out *out, uint16_t value);
void pcapng_put_u32(struct out *out, uint32_t value);
void pcapng_put_u64(struct out *out, uint64_t value);
void pcapng_put_padded(struct out *out, struct ws_span bytes); /* to a multiple of four */

/* An option of at most PCAPNG_VALUE_MAX bytes; a longer value is cut there. */
void pcapng_put_option(struct out *out, uint16_t code, struct ws_span value);
void pcapng_put_option_u64(struct out *out, uint16_t code, uint64_t value);

/* Copies the options of a block of that type from a file of the other or the same byte order. Those that nobody knows
 * are copied where the order is the same. Left out are those that count on the interface's clock. */
void pcapng_put_options(struct out *out, uint32_t type, struct ws_span options, bool big);

/* Is that comment among them? */
bool pcapng_has_comment(struct ws_span options, bool big, struct ws_span comment);

/* Copies the records and the options of a block of names likewise. */
void pcapng_put_names(struct out *out, struct ws_span body, bool big);

/* A section's head with these options, as pcapng_put_option() makes them; where they do not say which program it is
 * from, it is from that one. body is a buffer that is empty, before and after. */
void pcapng_put_section(struct out *out, struct out *body, struct ws_span options, struct ws_span program);

/* A whole block: its body is what was put before into a buffer of its own, which is empty then. */
void pcapng_put_block(struct out *out, uint32_t type, struct out *body);

#endif
