#include "wscap/capture_pcap.h"

enum {
	LINK_TYPE_BITS = 0x03ffffff, /* above them: whether and how long the frame check sequence is */
	USUAL_MAJOR = 2,
	USUAL_MINOR = 4,
	DGUX_MAJOR = 543,
	HOST_BIG = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
};

static const struct {
	uint32_t magic, unit;
	bool kuznetzov;
} kinds[] = {
    {0xa1b2c3d4, 1000, false}, /* microseconds */
    {0xa1b23c4d, 1, false},    /* nanoseconds */
    {0xa1b2cd34, 1000, true},  /* microseconds; patched by A. Kuznetzov, in Linux distributions of the nineties */
};

/* Which of the kinds, and in which byte order, or -1. */
static int find_kind(uint32_t magic, bool *ret_big)
{
	for (int i = 0; i < (int)(sizeof(kinds) / sizeof(*kinds)); i++) {
		*ret_big = magic == kinds[i].magic;
		if (*ret_big || magic == __builtin_bswap32(kinds[i].magic))
			return i;
	}
	return -1;
}

bool pcap_head_known(struct ws_span first)
{
	struct ws_cursor in = ws_cursor_of(first);
	uint32_t magic;
	bool big;

	return ws_take_u32(&in, &magic) && find_kind(magic, &big) >= 0;
}

static enum pcap_lengths lengths_of(const struct pcap_head *head)
{
	if (head->major == DGUX_MAJOR || (head->major == USUAL_MAJOR && head->minor < 3))
		return PCAP_LENGTHS_SWAPPED;
	return head->major == USUAL_MAJOR && head->minor == 3 ? PCAP_LENGTHS_MAYBE_SWAPPED : PCAP_LENGTHS_STRAIGHT;
}

bool pcap_head_take(struct ws_cursor *in, struct pcap_head *ret)
{
	struct ws_cursor at = *in;
	struct ws_span zone; /* and accuracy: zeroes everywhere */
	uint32_t magic;
	int kind;

	if (ws_cursor_left(in) < PCAP_HEAD || !ws_take_u32(&at, &magic))
		return false;
	kind = find_kind(magic, &ret->big);
	if (kind < 0)
		return false;
	fields_take_u16(&at, ret->big, &ret->major);
	fields_take_u16(&at, ret->big, &ret->minor);
	ws_take_span(&at, 8, &zone);
	fields_take_u32(&at, ret->big, &ret->snaplen);
	fields_take_u32(&at, ret->big, &ret->link_type);
	ret->link_type &= LINK_TYPE_BITS;
	ret->foreign = ret->big != HOST_BIG;
	ret->unit = kinds[kind].unit;
	ret->kuznetzov = kinds[kind].kuznetzov;
	ret->record_size = ret->kuznetzov ? PCAP_RECORD_KUZNETZOV : PCAP_RECORD;
	ret->lengths = lengths_of(ret);
	*in = at;
	return true;
}

void pcap_record_turn(uint32_t words[static 4])
{
	for (size_t i = 0; i < 4; i++)
		words[i] = __builtin_bswap32(words[i]);
}

bool pcap_head_version_known(const struct pcap_head *head)
{
	return (head->major == USUAL_MAJOR && head->minor <= USUAL_MINOR) ||
	       (head->major == DGUX_MAJOR && head->minor == 0);
}
