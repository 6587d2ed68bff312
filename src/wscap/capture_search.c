/* Finds its way back into a file that is damaged in the middle: the next place from which several plausible records, or
 * blocks, follow each other without a gap.
 *
 * A classic record has no mark of its own. It is plausible when its lengths are possible, its fraction is less than a
 * second and its time is near the last one before the damage; bytes of a packet can look like that by chance, but then
 * they do not point to a second such record, and that one not to a third. A block of pcapng says its length twice, so
 * two of them are enough. At the end of the file, a shorter chain that ends exactly there is as good.
 *
 * What is plausible here is less than what is possible: reading goes on to believe the file as before. */
#include <stdio.h>
#include <stdlib.h>

#include "wscap/capture_internal.h"

enum {
	RECORDS = 4,        /* of a chain in a classic file */
	BLOCKS = 2,         /* of one in a pcapng file */
	BYTES_MAX = 262144, /* captured of one packet */
};

enum chain {
	CHAIN_NONE,
	CHAIN_FOUND,
	CHAIN_MORE, /* in ret_want: it takes so many bytes to know */
};

static bool plausible_record(const struct capture *capture, const struct pcap_record *record)
{
	return record->caplen > 0 && record->caplen <= BYTES_MAX && record->caplen <= record->wire_len &&
	       record->wire_len <= CAPTURE_ON_WIRE_MAX && record->fraction < NSEC_PER_SEC / capture->head.unit &&
	       capture_plausible_time(capture, record->time);
}

static enum chain record_chain(const struct capture *capture, struct ws_span bytes, size_t *ret_want)
{
	bool ended = capture->feed.ended;
	struct ws_cursor in = ws_cursor_of(bytes);
	struct pcap_record record;
	struct ws_span data;
	int count;

	for (count = 0; count < RECORDS; count++) {
		size_t taken = bytes.len - ws_cursor_left(&in), want = taken + capture->head.record_size;

		if (ended && taken == bytes.len)
			break;
		if (pcap_record_take(&capture->head, &in, &record)) {
			if (!plausible_record(capture, &record))
				return CHAIN_NONE;
			if (ws_take_span(&in, record.caplen, &data))
				continue;
			want += record.caplen;
		}
		*ret_want = want;
		return ended ? CHAIN_NONE : CHAIN_MORE;
	}
	return count ? CHAIN_FOUND : CHAIN_NONE;
}

static bool plausible_block(uint32_t type)
{
	return type == PCAPNG_SECTION || (type >= PCAPNG_INTERFACE && type <= PCAPNG_SECRETS) ||
	       type == PCAPNG_CUSTOM || type == PCAPNG_CUSTOM_NOT_COPIED;
}

static enum chain block_chain(const struct capture *capture, struct ws_span bytes, size_t *ret_want)
{
	bool ended = capture->feed.ended, big = capture->big;
	struct pcapng_block block;
	size_t at = 0;
	int count;

	for (count = 0; count < BLOCKS; count++) {
		enum pcapng_step step;

		if (ended && at == bytes.len)
			break;
		step = pcapng_block_parse(ws_span_from(bytes, at), &big, &block);
		if (bytes.len - at >= sizeof(block.type) && !plausible_block(block.type))
			return CHAIN_NONE;
		*ret_want = at + block.len;
		if (step == PCAPNG_MORE && !ended && block.len <= BYTES_MAX)
			return CHAIN_MORE;
		if (step != PCAPNG_DONE)
			return CHAIN_NONE;
		at += block.len;
	}
	return count ? CHAIN_FOUND : CHAIN_NONE;
}

static enum chain chain_at(const struct capture *capture, struct ws_span bytes, size_t *ret_want)
{
	return capture->pcapng ? block_chain(capture, bytes, ret_want) : record_chain(capture, bytes, ret_want);
}

/* Looks in what the feed holds. Goes on to the chain, or to where more bytes are needed to know: then ret_want says how
 * many. */
static bool look(struct capture *capture, size_t *ret_want)
{
	struct ws_span left = feed_left(&capture->feed);

	for (size_t i = 0; i < left.len; i++) {
		enum chain chain = chain_at(capture, ws_span_from(left, i), ret_want);

		if (chain == CHAIN_NONE)
			continue;
		feed_skip(&capture->feed, i);
		return chain == CHAIN_FOUND;
	}
	feed_skip(&capture->feed, left.len);
	*ret_want = 1;
	return false;
}

void capture_left_out(struct capture *capture, uint64_t at, uint64_t len)
{
	struct capture_damage *damage = &capture->damage;

	if (damage->places++ == 0) {
		damage->first = at;
		snprintf(damage->why, sizeof(damage->why), "%.159s", capture->error);
	}
	damage->bytes += len;
	*capture->error = '\0';
}

enum capture_step capture_search(struct capture *capture)
{
	enum feed_step step;
	size_t want;

	while (!look(capture, &want)) {
		step = feed_want(&capture->feed, want);
		if (step == FEED_IDLE || step == FEED_ERROR)
			return capture_feed_step(capture, step);
		if (step == FEED_END && feed_left(&capture->feed).len == 0)
			return CAPTURE_ERROR; /* as it was said */
	}
	capture->searching = false;
	capture_left_out(capture, capture->damaged_at, feed_offset(&capture->feed) - capture->damaged_at);
	return CAPTURE_PACKET;
}

enum capture_step capture_damaged(struct capture *capture)
{
	capture->searching = true;
	capture->damaged_at = feed_offset(&capture->feed);
	feed_skip(&capture->feed, 1);
	return capture_search(capture);
}

enum capture_step capture_search_end(struct capture *capture)
{
	struct ws_span left = feed_left(&capture->feed);
	uint64_t at = feed_offset(&capture->feed);
	size_t want;

	for (size_t i = 1; i < left.len; i++) {
		if (chain_at(capture, ws_span_from(left, i), &want) != CHAIN_FOUND)
			continue;
		feed_skip(&capture->feed, i);
		capture_left_out(capture, at, i);
		return CAPTURE_PACKET;
	}
	return CAPTURE_ERROR;
}
