/* pcapng files. */
#include "wscap/capture_internal.h"
#include "wscap/capture_swap.h"

enum {
	EPB_AND_OPTIONS = 32 + 131072, /* what libpcap adds to the longest packet for the longest block */
	SECTION_MAJOR = 1,
	HOST_BIG = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
	BLOCK_HEAD = 8, /* type and length, which libpcap reads first */
};

/* Why it is no block: libpcap's sentences. */
static void say_bad(struct capture *capture, enum pcapng_step step, const struct pcapng_block *block)
{
	if (step == PCAPNG_BAD_END)
		capture_fail(capture, "block total length in header and trailer don't match");
	else if (step == PCAPNG_BAD_ORDER)
		capture_fail(capture, "the file has a section with a bad byte order magic field");
	else if (step == PCAPNG_MORE)
		capture_fail(capture, "pcapng block size %u > maximum %u", block->len, capture->block_max);
	else if (block->len >= PCAPNG_BLOCK_MIN && block->len % 4)
		capture_fail(capture, "block in pcapng dump file has a length of %u that is not a multiple of 4",
			     block->len);
	else
		capture_fail(capture, "block in pcapng dump file has a length of %u < %d", block->len,
			     block->type == PCAPNG_SECTION ? PCAPNG_SECTION_MIN : PCAPNG_BLOCK_MIN);
}

/* The feed ends in the block behind the offset, or gives nothing. */
static enum capture_step unfinished(struct capture *capture, enum feed_step step, size_t offset, uint32_t want)
{
	size_t left = feed_left(&capture->feed).len - offset;
	size_t head = left < BLOCK_HEAD ? 0 : BLOCK_HEAD;

	if (step != FEED_END)
		return capture_feed_step(capture, step);
	if (left == 0)
		return CAPTURE_END;
	return capture_fail(capture, "truncated pcapng dump file; tried to read %zu bytes, only got %zu",
			    head ? want - head : BLOCK_HEAD, left - head);
}

enum block_step {
	BLOCK_READY,
	BLOCK_BAD,    /* as the error says */
	BLOCK_CUT,    /* the file ends in it; so the error says */
	BLOCK_NOTHING /* in ret_step */
};

/* The block behind the offset, which the feed then holds as a whole. */
static enum block_step get_block(struct capture *capture, size_t offset, struct pcapng_block *ret,
				 enum capture_step *ret_step)
{
	bool big = capture->big;

	for (;;) {
		struct ws_span left = ws_span_from(feed_left(&capture->feed), offset);
		enum pcapng_step parsed = pcapng_block_parse(left, &big, ret);
		enum feed_step step;

		if (parsed == PCAPNG_DONE) {
			capture->big = big;
			return BLOCK_READY;
		}
		if (parsed != PCAPNG_MORE || ret->len > capture->block_max) {
			say_bad(capture, parsed, ret);
			return BLOCK_BAD;
		}
		step = feed_want(&capture->feed, offset + ret->len);
		if (step == FEED_READY)
			continue;
		*ret_step = unfinished(capture, step, offset, ret->len);
		return step == FEED_END && *ret_step == CAPTURE_ERROR && left.len ? BLOCK_CUT : BLOCK_NOTHING;
	}
}

static enum capture_step take_section(struct capture *capture, const struct pcapng_block *block)
{
	struct pcapng_section section = {0};

	if (!pcapng_section_parse(block, &section) || section.major != SECTION_MAJOR)
		return capture_fail(capture, "unsupported pcapng savefile version %u.%u", section.major, section.minor);
	capture->interface_first += capture->interface_count;
	capture->interface_count = 0;
	return CAPTURE_PACKET;
}

static enum capture_step take_interface(struct capture *capture, const struct pcapng_block *block)
{
	struct pcapng_interface clock;
	const struct capture_interface *added;
	const char *what;
	uint32_t longest;

	if (!pcapng_interface_parse(block, &clock, &what))
		return capture_fail(capture, "%s", what ? what : "block of type 1 in pcapng dump file is too short");
	clock.options = ws_span_of(NULL, 0);
	if (!capture_add_interface(capture, clock.link_type, clock.snaplen, &clock))
		return CAPTURE_ERROR;
	added = &capture->interfaces[capture->interface_count - 1];
	longest = added->type->longest + EPB_AND_OPTIONS;
	if (capture->block_max < longest)
		capture->block_max = longest;
	return CAPTURE_PACKET;
}

/* Everything but packets. */
static enum capture_step take_block(struct capture *capture, const struct pcapng_block *block)
{
	enum capture_step step = CAPTURE_PACKET;

	if (block->type == PCAPNG_SECTION)
		step = take_section(capture, block);
	if (block->type == PCAPNG_INTERFACE)
		step = take_interface(capture, block);
	if (step == CAPTURE_PACKET && capture->on_block)
		capture->on_block(capture->block_context, block);
	return step;
}

static bool is_packet(const struct pcapng_block *block)
{
	return block->type == PCAPNG_PACKET || block->type == PCAPNG_SIMPLE_PACKET || block->type == PCAPNG_OLD_PACKET;
}

/* The first interface is what is said of the file. The feed stays at its beginning, so that whoever wants to be told of
 * blocks, secrets for one, can say so before they are read. */
enum capture_step capture_blocks_begin(struct capture *capture)
{
	capture_block *on_block = capture->on_block;
	enum capture_step step = CAPTURE_PACKET;
	struct pcapng_block block;
	size_t offset = 0;

	capture->block_max = CAPTURE_BLOCK_MAX;
	capture->interface_count = 0;
	capture->on_block = NULL;
	while (step == CAPTURE_PACKET && !capture->interface_count) {
		enum block_step got = get_block(capture, offset, &block, &step);

		if (got == BLOCK_BAD)
			step = CAPTURE_ERROR;
		if (got != BLOCK_READY)
			break;
		if (is_packet(&block))
			step = capture_fail(capture, "the capture file has a packet block before any Interface "
						     "Description Blocks");
		else
			step = take_block(capture, &block);
		offset += block.len;
	}
	capture->on_block = on_block;
	if (step == CAPTURE_PACKET)
		capture->first = capture->interfaces[0];
	capture->interface_count = 0;
	if (step == CAPTURE_END)
		step = capture_fail(capture, "the capture file has no Interface Description Blocks");
	return step;
}

/* A packet that cannot be right: only its block is left out. */
static bool leave_out(struct capture *capture, const struct pcapng_block *block)
{
	capture_left_out(capture, feed_offset(&capture->feed), block->len);
	feed_skip(&capture->feed, block->len);
	return false;
}

/* False: it was left out. */
static bool take_packet(struct capture *capture, const struct pcapng_block *block, struct packet *ret,
			const struct capture_interface **ret_interface)
{
	const struct capture_interface *interface = capture->interfaces;
	struct pcapng_packet packet;

	if (!pcapng_packet_parse(block, capture->interface_count ? interface->snaplen : 0, &packet)) {
		capture_fail(capture, "block of type %u in pcapng dump file is too short", block->type);
		return leave_out(capture, block);
	}
	if (packet.interface >= capture->interface_count) {
		capture_fail(capture,
			     "a packet arrived on interface %u, but there's no Interface Description Block for that "
			     "interface",
			     packet.interface);
		return leave_out(capture, block);
	}
	interface += packet.interface;
	if (packet.bytes.len > interface->snaplen && packet.bytes.len > interface->type->longest) {
		capture_fail(capture, "invalid packet capture length %zu, bigger than snaplen of %u", packet.bytes.len,
			     interface->snaplen);
		return leave_out(capture, block);
	}
	ret->bytes = packet.bytes;
	ret->time = capture->last_time = pcapng_time(&interface->clock, packet.units);
	ret->wire_len = packet.wire_len;
	ret->options = packet.options;
	ret->options_big = block->big;
	ret->link_type = interface->type->dlt;
	ret->interface = capture->interface_first + packet.interface;
	*ret_interface = interface;
	if (block->big != HOST_BIG)
		capture_swap(ret->link_type, feed_own(&capture->feed, ret->bytes), ret->bytes.len);
	feed_skip(&capture->feed, block->len);
	return true;
}

enum capture_step capture_blocks_next(struct capture *capture, struct packet *ret,
				      const struct capture_interface **ret_interface)
{
	enum capture_step step = CAPTURE_PACKET;
	struct pcapng_block block;

	if (capture->searching)
		step = capture_search(capture);
	while (step == CAPTURE_PACKET) {
		switch (get_block(capture, 0, &block, &step)) {
		case BLOCK_READY:
			if (!is_packet(&block)) {
				step = take_block(capture, &block);
				if (step == CAPTURE_PACKET)
					feed_skip(&capture->feed, block.len);
			} else if (take_packet(capture, &block, ret, ret_interface)) {
				return CAPTURE_PACKET;
			}
			break;
		case BLOCK_BAD:
			step = capture_damaged(capture);
			break;
		case BLOCK_CUT:
			step = capture_search_end(capture);
			break;
		case BLOCK_NOTHING:
			break;
		}
	}
	return step;
}

/* What is no packet waits for its turn, and so does what stands behind it: it may be a section with other interfaces.
 */
static bool block_ahead(const struct capture *capture, struct ws_span left, struct packet *ret, size_t *ret_len)
{
	bool big = capture->big;
	struct pcapng_block block;
	struct pcapng_packet packet;

	if (pcapng_block_parse(left, &big, &block) != PCAPNG_DONE || block.type != PCAPNG_PACKET ||
	    !pcapng_packet_parse(&block, 0, &packet) || packet.interface >= capture->interface_count)
		return false;
	ret->bytes = packet.bytes;
	ret->wire_len = packet.wire_len;
	ret->link_type = capture->interfaces[packet.interface].type->dlt;
	*ret_len = block.len;
	return true;
}

size_t capture_blocks_ahead(struct capture *capture, struct ws_span left, struct packet *ret, size_t count)
{
	size_t found, len;

	for (found = 0; found < count && block_ahead(capture, left, &ret[found], &len); found++) {
		left = ws_span_from(left, len);
		capture->ahead += len;
	}
	return found;
}
