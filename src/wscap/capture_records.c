/* Classic capture files. */
#include <limits.h>

#include "wscap/capture_internal.h"
#include "wscap/capture_swap.h"

enum {
	COOKED_ETHERNET = 14, /* a header that Kuznetzov's libpcap made up came on top of the snapshot length */
	LINKTYPE_ETHERNET = 1,
};

static void set_usual(struct capture *capture)
{
	const struct capture_interface *interface = &capture->first;
	const struct pcap_head *head = &capture->head;
	uint32_t longest = interface->type->longest;

	if (head->foreign || head->kuznetzov || head->lengths != PCAP_LENGTHS_STRAIGHT)
		return;
	capture->usual = (struct capture_usual){
	    .caplen_max = interface->snaplen < longest ? interface->snaplen : longest,
	    .fraction_end = NSEC_PER_SEC / head->unit,
	    .unit = head->unit,
	    .link_type = interface->type->dlt,
	};
}

enum capture_step capture_records_begin(struct capture *capture)
{
	enum feed_step step = feed_want(&capture->feed, PCAP_HEAD);
	struct ws_span bytes = feed_left(&capture->feed);
	struct ws_cursor in = ws_cursor_of(bytes);
	struct pcap_head *head = &capture->head;
	struct capture_interface *interface;

	if (step == FEED_END)
		return capture_fail(capture, "truncated dump file; tried to read %d file header bytes, only got %zu",
				    PCAP_HEAD, bytes.len);
	if (step != FEED_READY)
		return capture_feed_step(capture, step);
	pcap_head_take(&in, head);
	if (head->major < 2)
		return capture_fail(capture, "archaic pcap savefile format");
	if (!pcap_head_version_known(head))
		return capture_fail(capture, "unsupported pcap savefile version %u.%u", head->major, head->minor);
	if (!capture_add_interface(capture, head->link_type, head->snaplen, &(struct pcapng_interface){0}))
		return CAPTURE_ERROR;
	interface = &capture->interfaces[0];
	if (head->kuznetzov && head->link_type == LINKTYPE_ETHERNET && interface->snaplen <= INT_MAX - COOKED_ETHERNET)
		interface->snaplen += COOKED_ETHERNET;
	capture->first = *interface;
	set_usual(capture);
	feed_skip(&capture->feed, PCAP_HEAD);
	return CAPTURE_PACKET;
}

/* Two signs of damage at once: another time than the packet before, by far, and lengths or a fraction that contradict
 * themselves. This is what it looks like when bytes are missing in a head, and all heads behind it are read from the
 * wrong place. One sign alone is believed: there are programs that write such files. */
static bool doubtful(const struct capture *capture, const struct pcap_record *record)
{
	return (record->wire_len > CAPTURE_ON_WIRE_MAX || record->caplen > record->wire_len ||
		(uint64_t)record->fraction * capture->head.unit >= NSEC_PER_SEC) &&
	       capture->last_time && !capture_plausible_time(capture, record->time);
}

/* Lengths decide, and a head of nothing but zeroes, which is what a file system leaves where a machine went down while
 * it wrote. */
static inline bool record_possible(const struct capture *capture, const struct pcap_record *record)
{
	return record->caplen <= capture->interfaces->type->longest &&
	       (record->time | record->caplen | record->wire_len) != 0 && !doubtful(capture, record);
}

static enum capture_step impossible(struct capture *capture, const struct pcap_record *record)
{
	const struct capture_interface *interface = capture->interfaces;

	if ((record->time | record->caplen | record->wire_len) == 0)
		capture_fail(capture, "a packet header of zeroes");
	else if (record->caplen <= interface->type->longest)
		capture_fail(capture, "a packet header that makes no sense");
	else if (record->caplen > interface->snaplen)
		capture_fail(capture, "invalid packet capture length %u, bigger than snaplen of %u", record->caplen,
			     interface->snaplen);
	else
		capture_fail(capture, "invalid packet capture length %u, bigger than maximum of %u", record->caplen,
			     interface->type->longest);
	return capture_damaged(capture);
}

/* The feed does not have all of a record. */
static enum capture_step unfinished(struct capture *capture, enum feed_step step, size_t want)
{
	size_t left = feed_left(&capture->feed).len, head = capture->head.record_size;

	if (step != FEED_END)
		return capture_feed_step(capture, step);
	if (left == 0)
		return CAPTURE_END;
	if (left < head)
		return capture_fail(capture, "truncated dump file; tried to read %zu header bytes, only got %zu", head,
				    left);
	capture_fail(capture, "truncated dump file; tried to read %zu captured bytes, only got %zu", want - head,
		     left - head);
	return capture_search_end(capture);
}

/* The record at the feed's place, if it is whole and plausible: nearly all are. */
static inline bool take_record(struct capture *capture, struct packet *ret)
{
	const struct capture_interface *interface = capture->interfaces;
	struct feed *feed = &capture->feed;
	struct ws_cursor in = ws_cursor_of(feed_left(feed));
	struct pcap_record record;

	if (!pcap_record_take(&capture->head, &in, &record) || !record_possible(capture, &record) ||
	    !ws_take_span(&in, record.caplen, &ret->bytes))
		return false;
	ret->bytes = ws_span_first(ret->bytes, interface->snaplen);
	ret->time = capture->last_time = record.time;
	ret->wire_len = record.wire_len;
	ret->link_type = interface->type->dlt;
	ret->interface = 0;
	ret->options = ws_span_of(NULL, 0);
	ret->options_big = false;
	if (capture->head.foreign)
		capture_swap(ret->link_type, feed_own(feed, ret->bytes), ret->bytes.len);
	feed_skip(feed, capture->head.record_size + record.caplen);
	return true;
}

/* Where that is not so. CAPTURE_PACKET: it may be now. */
static enum capture_step find_record(struct capture *capture)
{
	struct ws_cursor in = ws_cursor_of(feed_left(&capture->feed));
	size_t want = capture->head.record_size;
	struct pcap_record record;
	enum feed_step step;

	if (pcap_record_take(&capture->head, &in, &record)) {
		if (!record_possible(capture, &record))
			return impossible(capture, &record);
		want += record.caplen;
	}
	step = feed_want(&capture->feed, want);
	return step == FEED_READY ? CAPTURE_PACKET : unfinished(capture, step, want);
}

static __attribute__((noinline)) enum capture_step next_at_last(struct capture *capture, struct packet *ret)
{
	enum capture_step found = capture->searching ? capture_search(capture) : CAPTURE_PACKET;

	while (found == CAPTURE_PACKET) {
		if (take_record(capture, ret))
			return CAPTURE_PACKET;
		found = find_record(capture);
	}
	return found;
}

enum capture_step capture_records_next(struct capture *capture, struct packet *ret,
				       const struct capture_interface **ret_interface)
{
	*ret_interface = capture->interfaces;
	if (!capture->searching && take_record(capture, ret))
		return CAPTURE_PACKET;
	return next_at_last(capture, ret);
}

/* Of a file that has usual records (capture_usual.h); the others in it end the looking ahead until they were read. */
static inline bool usual_ahead(const struct capture_usual *usual, struct ws_cursor *in, struct packet *ret)
{
	struct pcap_words head;
	struct ws_span bytes;

	if (!ws_take_span(in, PCAP_RECORD, &bytes))
		return false;
	memcpy(&head, bytes.data, sizeof(head));
	if (head.caplen > usual->caplen_max || !ws_take_span(in, head.caplen, &ret->bytes))
		return false;
	ret->wire_len = head.wire_len;
	ret->link_type = usual->link_type;
	return true;
}

static bool record_ahead(const struct capture *capture, struct ws_cursor *in, struct packet *ret)
{
	struct pcap_record record;

	if (!pcap_record_take(&capture->head, in, &record) || !ws_take_span(in, record.caplen, &ret->bytes))
		return false;
	ret->wire_len = record.wire_len;
	ret->link_type = capture->interfaces->type->dlt;
	return true;
}

size_t capture_records_ahead(struct capture *capture, struct ws_span left, struct packet *ret, size_t count)
{
	const struct capture_usual usual = capture->usual;
	struct ws_cursor in = ws_cursor_of(left);
	size_t found = 0;

	if (usual.caplen_max)
		while (found < count && usual_ahead(&usual, &in, &ret[found]))
			found++;
	else
		while (found < count && record_ahead(capture, &in, &ret[found]))
			found++;
	if (found)
		capture->ahead += (uint64_t)(ret[found - 1].bytes.data + ret[found - 1].bytes.len - left.data);
	return found;
}
