#include "wscap/capture_pcapng.h"

#include <stdint.h>

enum {
	USUAL_UNITS = 1000000, /* microseconds, where an interface does not say */
	BINARY = 0x80,         /* the resolution is a power of two */
	BINARY_MAX = 63,
	DECIMAL_MAX = 19, /* 10^19 fits into 64 bits, 10^20 does not */
};

/* The second length, which ends the block, and what stands between the two. */
static enum pcapng_step take_rest(struct ws_cursor *in, struct pcapng_block *ret)
{
	uint32_t again;

	if (!ws_take_span(in, ret->len - PCAPNG_BLOCK_MIN, &ret->body) || !fields_take_u32(in, ret->big, &again))
		return PCAPNG_MORE;
	return again == ret->len ? PCAPNG_DONE : PCAPNG_BAD_END;
}

enum pcapng_step pcapng_block_parse(struct ws_span bytes, bool *big, struct pcapng_block *ret)
{
	struct ws_cursor in = ws_cursor_of(bytes), body;
	uint32_t least = PCAPNG_BLOCK_MIN, order;

	*ret = (struct pcapng_block){.big = *big, .len = PCAPNG_BLOCK_MIN};
	if (!fields_take_u32(&in, ret->big, &ret->type) || !fields_take_u32(&in, ret->big, &ret->len))
		return PCAPNG_MORE;
	if (ret->type == PCAPNG_SECTION) {
		/* Its byte order must be known before its length is. */
		body = in;
		ret->len = least = PCAPNG_SECTION_MIN;
		if (!ws_take_u32(&body, &order))
			return PCAPNG_MORE;
		ret->big = order == PCAPNG_BYTE_ORDER;
		if (!ret->big && order != __builtin_bswap32(PCAPNG_BYTE_ORDER))
			return PCAPNG_BAD_ORDER;
		in = ws_cursor_of(ws_span_from(bytes, 4));
		fields_take_u32(&in, ret->big, &ret->len);
	}
	if (ret->len < least || ret->len % 4)
		return PCAPNG_BAD_LENGTH;
	*big = ret->big;
	return take_rest(&in, ret);
}

bool pcapng_option_take(struct ws_cursor *options, bool big, uint16_t *ret_code, struct ws_span *ret_value)
{
	struct ws_cursor in = *options;
	struct ws_span padding;
	uint16_t len;

	if (!fields_take_u16(&in, big, ret_code) || !fields_take_u16(&in, big, &len) ||
	    *ret_code == PCAPNG_OPTION_END || !ws_take_span(&in, len, ret_value) ||
	    !ws_take_span(&in, -len & 3u, &padding))
		return false;
	*options = in;
	return true;
}

static struct ws_span rest(const struct ws_cursor *in)
{
	return ws_span_of(in->at, ws_cursor_left(in));
}

bool pcapng_section_parse(const struct pcapng_block *block, struct pcapng_section *ret)
{
	struct ws_cursor in = ws_cursor_of(block->body);
	uint32_t order;
	uint64_t len; /* of the section: a hint that we do not need */

	if (!ws_take_u32(&in, &order) || !fields_take_u16(&in, block->big, &ret->major) ||
	    !fields_take_u16(&in, block->big, &ret->minor) || !ws_take_u64(&in, &len))
		return false;
	ret->options = rest(&in);
	return true;
}

/* if_tsresol: a negative power of ten, or with the highest bit of two. */
static const char *set_resolution(struct ws_span value, struct pcapng_interface *interface)
{
	struct ws_cursor in = ws_cursor_of(value);
	uint8_t power;

	if (value.len != 1 || !ws_take_u8(&in, &power))
		return "Interface Description Block has an if_tsresol option with a length other than 1";
	interface->binary = power & BINARY;
	if (interface->binary && power - BINARY <= BINARY_MAX) {
		interface->units = 1ull << (power - BINARY);
		return NULL;
	}
	if (interface->binary || power > DECIMAL_MAX)
		return "Interface Description Block if_tsresol option resolution is too high";
	for (interface->units = 1; power; power--)
		interface->units *= 10;
	return NULL;
}

static const char *set_offset(struct ws_span value, bool big, struct pcapng_interface *interface)
{
	struct ws_cursor in = ws_cursor_of(value);
	uint64_t offset;

	if (value.len != sizeof(offset) || !fields_take_u64(&in, big, &offset))
		return "Interface Description Block has an if_tsoffset option with a length other than 8";
	interface->offset = (int64_t)offset;
	return NULL;
}

/* Units of whole nanoseconds, which nearly everybody has, need no division per packet. */
static void prepare_quick_time(struct pcapng_interface *interface)
{
	if (interface->offset || interface->units > NSEC_PER_SEC || NSEC_PER_SEC % interface->units)
		return;
	interface->nanoseconds = (uint32_t)(NSEC_PER_SEC / interface->units);
	interface->quick_end = (uint64_t)PACKET_SECONDS_MAX * interface->units;
}

bool pcapng_interface_parse(const struct pcapng_block *block, struct pcapng_interface *ret, const char **ret_what)
{
	struct ws_cursor in = ws_cursor_of(block->body);
	struct ws_span value;
	uint16_t code;

	*ret = (struct pcapng_interface){.units = USUAL_UNITS};
	*ret_what = NULL;
	if (!fields_take_u16(&in, block->big, &ret->link_type) || !fields_take_u16(&in, block->big, &code) ||
	    !fields_take_u32(&in, block->big, &ret->snaplen))
		return false;
	ret->options = rest(&in);
	while (!*ret_what && pcapng_option_take(&in, block->big, &code, &value)) {
		if (code == PCAPNG_OPTION_RESOLUTION)
			*ret_what = set_resolution(value, ret);
		if (code == PCAPNG_OPTION_OFFSET)
			*ret_what = set_offset(value, block->big, ret);
	}
	prepare_quick_time(ret);
	return !*ret_what;
}

/* What stands before the bytes of the three kinds of packets. */
static bool take_packet_head(struct ws_cursor *in, const struct pcapng_block *block, uint32_t *ret_caplen,
			     struct pcapng_packet *ret)
{
	uint32_t high = 0, low = 0;
	uint16_t interface, drops;
	bool ok = true;

	if (block->type == PCAPNG_SIMPLE_PACKET)
		return fields_take_u32(in, block->big, &ret->wire_len);
	if (block->type == PCAPNG_PACKET) {
		ok = fields_take_u32(in, block->big, &ret->interface);
	} else {
		ok = fields_take_u16(in, block->big, &interface) && fields_take_u16(in, block->big, &drops);
		ret->interface = ok ? interface : 0;
	}
	ok = ok && fields_take_u32(in, block->big, &high) && fields_take_u32(in, block->big, &low);
	ret->units = (uint64_t)high << 32 | low;
	return ok && fields_take_u32(in, block->big, ret_caplen) && fields_take_u32(in, block->big, &ret->wire_len);
}

bool pcapng_packet_parse(const struct pcapng_block *block, uint32_t snaplen, struct pcapng_packet *ret)
{
	struct ws_cursor in = ws_cursor_of(block->body);
	struct ws_span padding;
	uint32_t caplen = 0;

	*ret = (struct pcapng_packet){0};
	if (!take_packet_head(&in, block, &caplen, ret))
		return false;
	if (block->type == PCAPNG_SIMPLE_PACKET)
		caplen = snaplen && ret->wire_len > snaplen ? snaplen : ret->wire_len;
	if (!ws_take_span(&in, caplen, &ret->bytes))
		return false;
	if (block->type != PCAPNG_SIMPLE_PACKET && ws_take_span(&in, -caplen & 3u, &padding))
		ret->options = rest(&in);
	return true;
}

bool pcapng_secrets_parse(const struct pcapng_block *block, uint32_t *ret_type, struct ws_span *ret_bytes)
{
	struct ws_cursor in = ws_cursor_of(block->body);
	uint32_t len;

	return fields_take_u32(&in, block->big, ret_type) && fields_take_u32(&in, block->big, &len) &&
	       ws_take_span(&in, len, ret_bytes);
}

int64_t pcapng_time_slow(const struct pcapng_interface *interface, uint64_t units)
{
	uint64_t seconds = units / interface->units, fraction = units % interface->units;
	int64_t sum;

	if (seconds > INT64_MAX || __builtin_add_overflow((int64_t)seconds, interface->offset, &sum) ||
	    sum > PACKET_SECONDS_MAX)
		sum = PACKET_SECONDS_MAX;
	if (sum < -PACKET_SECONDS_MAX)
		sum = -PACKET_SECONDS_MAX;
	fraction = (uint64_t)((unsigned __int128)fraction * NSEC_PER_SEC / interface->units);
	return sum * NSEC_PER_SEC + (int64_t)fraction;
}
