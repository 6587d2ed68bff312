/* The only place that compares 32-bit sequence numbers: RFC 9293, section 3.4.
 *
 * Everything else counts in 64-bit stream offsets: 0 is the first byte after the SYN. */
#ifndef WSCAP_SEQ_H
#define WSCAP_SEQ_H

#include <stdbool.h>
#include <stdint.h>

static inline bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* The offset nearest to near whose low 32 bits stand for seq, when seq `base` is offset 0. It may be negative: bytes
 * before what was taken for the beginning. */
static inline int64_t seq_to_offset(uint32_t seq, uint32_t base, int64_t near)
{
	return near + (int32_t)(seq - base - (uint32_t)near);
}

#endif
