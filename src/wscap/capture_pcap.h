/* The classic capture file: a head of 24 bytes, then records. Pure functions; libpcap's savefile format, and what is
 * out there that libpcap reads too: both byte orders, micro- and nanoseconds, Kuznetzov's longer records, and the
 * versions before 2.4 whose two lengths stand the other way round. */
#ifndef WSCAP_CAPTURE_PCAP_H
#define WSCAP_CAPTURE_PCAP_H

#include "wscap/capture_fields.h"
#include "wscap/packet.h"

enum {
	PCAP_HEAD = 24,
	PCAP_RECORD = 16,
	PCAP_RECORD_KUZNETZOV = 24, /* interface, protocol and packet type behind the lengths */
};

enum pcap_lengths {
	PCAP_LENGTHS_STRAIGHT,
	PCAP_LENGTHS_SWAPPED,       /* before 2.3, and DG/UX's 543.0: the length on the wire comes first */
	PCAP_LENGTHS_MAYBE_SWAPPED, /* 2.3: some wrote the number without the change */
};

struct pcap_head {
	bool big;     /* byte order */
	bool foreign; /* not this machine's */
	bool kuznetzov;
	enum pcap_lengths lengths;
	uint16_t major, minor;
	uint32_t unit;        /* of the fraction of a second, in nanoseconds */
	uint32_t snaplen;     /* as it stands there */
	uint32_t link_type;   /* LINKTYPE_*, as it is in files; without the bits above it (FCS length) */
	uint32_t record_size; /* PCAP_RECORD or PCAP_RECORD_KUZNETZOV */
};

/* A record as it stands there, in most files. */
struct pcap_words {
	uint32_t seconds, fraction, caplen, wire_len;
};

struct pcap_record {
	int64_t time;      /* nanoseconds since the epoch */
	uint32_t fraction; /* as it stands there: its unit is the head's */
	uint32_t caplen, wire_len;
};

/* Is this, from its first four bytes on, such a file? */
bool pcap_head_known(struct ws_span first);

/* Takes PCAP_HEAD bytes of which pcap_head_known() is true. False when there are fewer. */
bool pcap_head_take(struct ws_cursor *in, struct pcap_head *ret);

/* Is it a version that libpcap reads: 2.0 to 2.4, and 543.0? */
bool pcap_head_version_known(const struct pcap_head *head);

/* The other byte order. */
void pcap_record_turn(uint32_t words[static 4]);

/* Takes one record's head, record_size bytes. False when there are fewer.
 *
 * A time is signed in a file of this machine's byte order, and unsigned in one of the other: so libpcap has it, and our
 * lines are to be tcpdump's. */
static inline bool pcap_record_take(const struct pcap_head *head, struct ws_cursor *in, struct pcap_record *ret)
{
	uint32_t words[4];
	int64_t seconds, fraction;
	struct ws_span bytes;

	if (!ws_take_span(in, head->record_size, &bytes) || bytes.len < sizeof(words))
		return false;
	memcpy(words, bytes.data, sizeof(words));
	seconds = (int32_t)words[0];
	fraction = (int32_t)words[1];
	if (head->foreign) {
		pcap_record_turn(words);
		seconds = words[0];
		fraction = words[1];
	}
	ret->time = seconds * NSEC_PER_SEC + fraction * head->unit;
	ret->fraction = words[1];
	ret->caplen = words[2];
	ret->wire_len = words[3];
	if (head->lengths == PCAP_LENGTHS_SWAPPED || (head->lengths && ret->caplen > ret->wire_len)) {
		ret->caplen = words[3];
		ret->wire_len = words[2];
	}
	return true;
}

#endif
