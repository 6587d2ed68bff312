/* pcapng: blocks behind each other, in sections that each have a byte order and interfaces of their own. Pure
 * functions: a block is a view of the file, what it says is taken from there. (draft-ietf-opsawg-pcapng; the sections
 * in comments are its.) */
#ifndef WSCAP_CAPTURE_PCAPNG_H
#define WSCAP_CAPTURE_PCAPNG_H

#include "wscap/capture_fields.h"
#include "wscap/packet.h"

enum {
	PCAPNG_SECTION = 0x0a0d0d0a, /* 4.1; the same in both byte orders */
	PCAPNG_INTERFACE = 1,        /* 4.2 */
	PCAPNG_OLD_PACKET = 2,       /* appendix A */
	PCAPNG_SIMPLE_PACKET = 3,    /* 4.4 */
	PCAPNG_NAMES = 4,            /* 4.5 */
	PCAPNG_STATISTICS = 5,       /* 4.6 */
	PCAPNG_PACKET = 6,           /* 4.3 */
	PCAPNG_JOURNAL = 9,          /* 4.7 */
	PCAPNG_SECRETS = 10,         /* 4.8 */
	PCAPNG_CUSTOM = 0xbad,       /* 4.9 */
	PCAPNG_CUSTOM_NOT_COPIED = 0x40000bad,

	PCAPNG_BYTE_ORDER = 0x1a2b3c4d,
	PCAPNG_BLOCK_MIN = 12, /* type, length, and length again */
	PCAPNG_SECTION_MIN = 28,
};

enum pcapng_option {
	PCAPNG_OPTION_END = 0,
	PCAPNG_OPTION_COMMENT = 1,
	PCAPNG_OPTION_NAME = 2,        /* of an interface */
	PCAPNG_OPTION_DESCRIPTION = 3, /* of an interface */
	PCAPNG_OPTION_RESOLUTION = 9,  /* if_tsresol */
	PCAPNG_OPTION_OFFSET = 14,     /* if_tsoffset */
};

struct pcapng_block {
	uint32_t type;
	uint32_t len;        /* of all of it */
	bool big;            /* its section's byte order */
	struct ws_span body; /* between the two lengths */
};

enum pcapng_step {
	PCAPNG_DONE,
	PCAPNG_MORE, /* the block is longer than what is there: ret->len, PCAPNG_SECTION_MIN while that is unknown */
	PCAPNG_BAD_LENGTH, /* less than the least, or no multiple of four: in ret->len */
	PCAPNG_BAD_END,    /* the second length is not the first */
	PCAPNG_BAD_ORDER,  /* a section without the byte order's mark */
};

/* The block at the beginning of bytes; *big is the byte order of the section so far, and becomes a new section's. */
enum pcapng_step pcapng_block_parse(struct ws_span bytes, bool *big, struct pcapng_block *ret);

struct pcapng_section {
	uint16_t major, minor;
	struct ws_span options;
};

struct pcapng_interface {
	uint16_t link_type; /* LINKTYPE_* */
	uint32_t snaplen;   /* 0: no limit */
	uint64_t units;     /* a second has so many */
	bool binary;        /* units is a power of two */
	int64_t offset;     /* seconds to be added to each time */
	uint64_t quick_end; /* below it a time is its units times nanoseconds */
	uint32_t nanoseconds;
	struct ws_span options;
};

struct pcapng_packet {
	uint32_t interface; /* its number in the section */
	uint64_t units;     /* time in the interface's units since 1970; 0 where it has none */
	uint32_t wire_len;
	struct ws_span bytes;
	struct ws_span options;
};

/* Each false where the block is too short for it. */
bool pcapng_section_parse(const struct pcapng_block *block, struct pcapng_section *ret);

/* Also false where an option is not what it must be: then *ret_what says so, in libpcap's words; it is NULL before. */
bool pcapng_interface_parse(const struct pcapng_block *block, struct pcapng_interface *ret, const char **ret_what);

/* PCAPNG_PACKET, PCAPNG_OLD_PACKET and PCAPNG_SIMPLE_PACKET, which has no captured length: snaplen is its interface's,
 * 0 where that has no limit. */
bool pcapng_packet_parse(const struct pcapng_block *block, uint32_t snaplen, struct pcapng_packet *ret);

/* PCAPNG_SECRETS */
bool pcapng_secrets_parse(const struct pcapng_block *block, uint32_t *ret_type, struct ws_span *ret_bytes);

/* The next option, 3.5. False at their end, and where they are cut off. */
bool pcapng_option_take(struct ws_cursor *options, bool big, uint16_t *ret_code, struct ws_span *ret_value);

/* A time in the interface's units as nanoseconds since 1970; far beyond our days, as far as that can say. */
int64_t pcapng_time_slow(const struct pcapng_interface *interface, uint64_t units);

static inline int64_t pcapng_time(const struct pcapng_interface *interface, uint64_t units)
{
	if (units < interface->quick_end)
		return (int64_t)(units * interface->nanoseconds);
	return pcapng_time_slow(interface, units);
}

#endif
