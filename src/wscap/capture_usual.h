/* The record that nearly all are, of a classic file in this machine's byte order: its lengths and its time are sound,
 * all of it is in the window, and no more of it was captured than the file's head says.
 *
 * It is what capture_next() makes of such a one, in a quarter of the instructions; all else is left to that. A test
 * reads the same files both ways. */
#ifndef WSCAP_CAPTURE_USUAL_H
#define WSCAP_CAPTURE_USUAL_H

#include "wscap/capture_internal.h"

/* False, with nothing taken, where it is not one of those. */
static inline bool capture_usual(struct capture *capture, struct packet *ret)
{
	const struct capture_usual *usual = &capture->usual;
	struct ws_cursor in = ws_cursor_of(feed_left(&capture->feed));
	struct pcap_words head;
	struct ws_span bytes;

	if (!ws_take_span(&in, PCAP_RECORD, &bytes))
		return false;
	memcpy(&head, bytes.data, sizeof(head));
	/* an empty one is none of those, as none is where usual has no values */
	if (head.caplen - 1 >= usual->caplen_max || head.fraction >= usual->fraction_end ||
	    head.wire_len > CAPTURE_ON_WIRE_MAX || head.caplen > head.wire_len || capture->searching ||
	    !ws_take_span(&in, head.caplen, &ret->bytes))
		return false;
	feed_skip(&capture->feed, PCAP_RECORD + (size_t)head.caplen);
	ret->time = capture->last_time = (int32_t)head.seconds * (int64_t)NSEC_PER_SEC + head.fraction * usual->unit;
	ret->wire_len = head.wire_len;
	ret->link_type = usual->link_type;
	ret->interface = 0;
	ret->options = ws_span_of(NULL, 0);
	ret->options_big = false;
	return true;
}

#endif
