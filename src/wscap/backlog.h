/* Packets that were taken from the kernel and wait to be told, between the thread that takes and the one that reads.
 * Both go on without a lock; only who finds nothing waits, and that is for others (bell.h).
 *
 *     writer ─► chunk ─► chunk ─► … ─► chunk ─► reader ─┐
 *                 ▲────────────── spare ◄───────────────┘
 *
 * Packets lie in chunks, one behind the other. What is put is seen by the reader when it is published, many packets at
 * once. A chunk that was read is written again; a few are kept for that, and while the reader keeps up, it is the same
 * two that come by over and over. What a burst took besides goes back to the system as it is read.
 *
 * What finds no room is not put: the writer never waits. */
#ifndef WSCAP_BACKLOG_H
#define WSCAP_BACKLOG_H

#include <stdatomic.h>

#include "wscap/packet.h"

enum {
	BACKLOG_CHUNK = 512 << 10, /* bytes; the longest packet finds room in one */
	BACKLOG_MIN = 2 * BACKLOG_CHUNK,
	BACKLOG_SPARE = 4, /* chunks that are kept to be written again */
};

/* A packet on its way. */
struct backlog_packet {
	int64_t time;  /* nanoseconds since the epoch */
	int64_t taken; /* nanoseconds of the writer's clock */
	uint32_t wire_len;
	uint32_t len; /* of what was captured, which lies behind it */
};

struct backlog_chunk;

struct backlog {
	/* Either may touch these, once for each chunk. */
	_Atomic(struct backlog_chunk *) spare;
	_Atomic uint32_t spare_count;
	_Atomic uint32_t count; /* of all chunks */
	uint32_t count_max;

	/* The writer's; on cache lines of its own, as the reader's are. */
	_Alignas(64) struct backlog_chunk *written;
	size_t write_at;

	_Alignas(64) struct backlog_chunk *read;
	size_t read_at;  /* of the first packet that waits */
	size_t read_end; /* what was published of the chunk, when the reader last looked */
};

/* size: bytes, at least BACKLOG_MIN. Returns 0 or a negative errno. */
int backlog_init(struct backlog *backlog, size_t size);

/* Zeroes are accepted. */
void backlog_finish(struct backlog *backlog);

/* The writer: a copy of packet, whose bytes are these. False where it finds no room. */
bool backlog_put(struct backlog *backlog, const struct backlog_packet *packet, const void *bytes);

/* The writer: the reader is to see what was put so far. */
void backlog_publish(struct backlog *backlog);

/* The reader: the first packet that waits, or NULL. It stays the first until backlog_next(). */
const struct backlog_packet *backlog_first(struct backlog *backlog);

/* The reader: is done with the first packet, and with its bytes. Only after backlog_first() has returned it. */
void backlog_next(struct backlog *backlog);

static inline struct ws_span backlog_bytes(const struct backlog_packet *packet)
{
	return ws_span_of(packet + 1, packet->len);
}

#endif
