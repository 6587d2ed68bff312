/* Private to capture*.c. */
#ifndef WSCAP_CAPTURE_INTERNAL_H
#define WSCAP_CAPTURE_INTERNAL_H

#include "wscap/capture.h"

enum {
	CAPTURE_ON_WIRE_MAX = 1 << 20, /* a plausible packet's length; offloading joins up to 512 KiB */
	CAPTURE_DAYS_APART_MAX = 30,   /* between a packet and a plausible next one */
};

/* Is this a time for a packet behind the last one? */
static inline bool capture_plausible_time(const struct capture *capture, int64_t time)
{
	const int64_t apart = (int64_t)CAPTURE_DAYS_APART_MAX * 24 * 3600 * NSEC_PER_SEC;

	if (capture->last_time == 0)
		return time > 0;
	return time > capture->last_time - apart && time < capture->last_time + apart;
}

/* What is wrong, kept as the capture's error. Returns CAPTURE_ERROR. */
enum capture_step capture_fail(struct capture *capture, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where the feed does not give what was asked for: idle, or its error. Not for FEED_READY and FEED_END. */
enum capture_step capture_feed_step(struct capture *capture, enum feed_step step);

/* len bytes from at on are left out: what was wrong is the capture's error, which becomes the damage's. */
void capture_left_out(struct capture *capture, uint64_t at, uint64_t len);

/* What stands at the feed's place is damaged, as the error says: the next plausible records are looked for behind it.
 * CAPTURE_PACKET: reading may go on; CAPTURE_IDLE: call capture_search() again; CAPTURE_ERROR: there are none. */
enum capture_step capture_damaged(struct capture *capture);
enum capture_step capture_search(struct capture *capture);

/* At the feed's end, where a record or block is not whole: is it that its length is damaged, and plausible records fill
 * the file behind it? Then CAPTURE_PACKET, else CAPTURE_ERROR, with the error as it is. */
enum capture_step capture_search_end(struct capture *capture);

/* Adds one. Returns false with the error set. */
bool capture_add_interface(struct capture *capture, uint32_t number, uint32_t snaplen,
			   const struct pcapng_interface *clock);

/* The two kinds of files. */
enum capture_step capture_records_begin(struct capture *capture);
enum capture_step capture_records_next(struct capture *capture, struct packet *ret,
				       const struct capture_interface **ret_interface);
/* capture_ahead(), of what is left from capture->ahead on. */
size_t capture_records_ahead(struct capture *capture, struct ws_span left, struct packet *ret, size_t count);
enum capture_step capture_blocks_begin(struct capture *capture);
enum capture_step capture_blocks_next(struct capture *capture, struct packet *ret,
				      const struct capture_interface **ret_interface);
size_t capture_blocks_ahead(struct capture *capture, struct ws_span left, struct packet *ret, size_t count);

#endif
