/* Numbers of a file that says itself which byte order it has. Each take returns false, and moves nothing, when fewer
 * bytes are left than it wants. */
#ifndef WSCAP_CAPTURE_FIELDS_H
#define WSCAP_CAPTURE_FIELDS_H

#include "ws/span.h"

static inline bool fields_take_u16(struct ws_cursor *in, bool big, uint16_t *ret)
{
	if (!ws_take_u16(in, ret))
		return false;
	*ret = big ? *ret : __builtin_bswap16(*ret);
	return true;
}

static inline bool fields_take_u32(struct ws_cursor *in, bool big, uint32_t *ret)
{
	if (!ws_take_u32(in, ret))
		return false;
	*ret = big ? *ret : __builtin_bswap32(*ret);
	return true;
}

static inline bool fields_take_u64(struct ws_cursor *in, bool big, uint64_t *ret)
{
	if (!ws_take_u64(in, ret))
		return false;
	*ret = big ? *ret : __builtin_bswap64(*ret);
	return true;
}

#endif
