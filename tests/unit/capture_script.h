/* Capture files that a test writes field by field, in either byte order, and reads through a feed in pieces. */
#ifndef CAPTURE_SCRIPT_H
#define CAPTURE_SCRIPT_H

#include "wscap/capture.h"

enum {
	FILE_MAX = 1 << 16,
	PACKETS_MAX = 64,
};

struct script {
	uint8_t bytes[FILE_MAX];
	size_t len;
	bool big;
};

void put_u16(struct script *script, uint16_t value);
void put_u32(struct script *script, uint32_t value);
void put_u64(struct script *script, uint64_t value);
void put_bytes(struct script *script, const void *bytes, size_t len);

/* A classic file: its head; then records of len bytes, each of them fill. */
void put_head(struct script *script, uint32_t magic, uint16_t minor, uint32_t link_type, uint32_t snaplen);
void put_record(struct script *script, uint32_t seconds, uint32_t fraction, uint32_t len, uint8_t fill);

/* pcapng: begin_block() and end_block() around what a block holds; the lengths are put in. */
size_t begin_block(struct script *script, uint32_t type);
void end_block(struct script *script, size_t begin);
void put_option(struct script *script, uint16_t code, const void *value, uint16_t len);
void put_section(struct script *script);
void put_interface(struct script *script, uint16_t link_type, uint32_t snaplen);
void put_packet(struct script *script, uint32_t interface, uint64_t units, uint32_t len, uint8_t fill);

/* What was read of a packet. */
struct got {
	int64_t time;
	uint32_t len, wire_len, interface;
	int link_type;
	uint8_t fill, last; /* its first and last byte */
};

struct reading {
	const struct script *script;
	size_t piece; /* bytes given at once; each piece but the first is preceded by an idle moment */
	size_t given;
	bool idle;

	struct got got[PACKETS_MAX];
	size_t count;
	size_t usual;      /* of these, that capture_usual() took */
	uint8_t bytes[64]; /* of the last packet, its beginning */
	enum capture_step end;
	struct capture_damage damage;
	char error[SENTENCE_SIZE]; /* capture_error()'s, or empty */
	size_t blocks;             /* that were told */
	uint32_t secrets_type;
	char secrets[64];
};

/* Reads the file to its end in pieces of that size: twice, the usual records by capture_usual() and by capture_next().
 * Where the two do not find the same, it aborts. */
void read_script(struct reading *reading, const struct script *script, size_t piece);

#endif
