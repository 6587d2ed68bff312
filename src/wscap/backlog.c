#include "wscap/backlog.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

enum {
	HEADER = sizeof(struct backlog_packet),
	ALIGNMENT = _Alignof(struct backlog_packet),
};

/* The writer's until it has published of it; then the reader's up to there, and with next all of it. */
struct backlog_chunk {
	_Alignas(64) _Atomic size_t end;      /* bytes that were published */
	_Atomic(struct backlog_chunk *) next; /* once the writer is done with this one; end does not move then */
	struct backlog_chunk *spare;          /* below this one, of those to be written again */
	_Alignas(64) uint8_t bytes[];
};

enum {
	ROOM = BACKLOG_CHUNK - sizeof(struct backlog_chunk),
	PACKET_MAX = 262144, /* libpcap's */
};

static_assert(ROOM >= HEADER + PACKET_MAX, "the longest packet finds room in a chunk");

/* Bytes that a packet of len takes. */
static size_t room_for(size_t len)
{
	return (HEADER + len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static struct backlog_packet *packet_at(struct backlog_chunk *chunk, size_t at)
{
	return (struct backlog_packet *)(void *)(chunk->bytes + at);
}

/* The writer: one that was read, or a new one. NULL where that would be too many, or there is no memory. Nobody else
 * takes a spare one, so the one below it stays what it is. */
static struct backlog_chunk *take_chunk(struct backlog *backlog)
{
	struct backlog_chunk *chunk = atomic_load(&backlog->spare);
	void *memory;

	while (chunk && !atomic_compare_exchange_weak(&backlog->spare, &chunk, chunk->spare))
		;
	if (chunk) {
		atomic_fetch_sub(&backlog->spare_count, 1);
		return chunk;
	}
	if (atomic_load(&backlog->count) >= backlog->count_max)
		return NULL;
	/* not malloc(): it would not give it back to the system */
	memory = mmap(NULL, BACKLOG_CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	atomic_fetch_add(&backlog->count, 1);
	return memory;
}

/* The reader: was done with it. */
static void give_chunk(struct backlog *backlog, struct backlog_chunk *chunk)
{
	if (atomic_load(&backlog->spare_count) >= BACKLOG_SPARE) {
		munmap(chunk, BACKLOG_CHUNK);
		atomic_fetch_sub(&backlog->count, 1);
		return;
	}
	chunk->spare = atomic_load(&backlog->spare);
	while (!atomic_compare_exchange_weak(&backlog->spare, &chunk->spare, chunk))
		;
	atomic_fetch_add(&backlog->spare_count, 1);
}

int backlog_init(struct backlog *backlog, size_t size)
{
	size_t count = size / BACKLOG_CHUNK;

	*backlog = (struct backlog){.count_max = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX};
	backlog->written = backlog->read = take_chunk(backlog);
	return backlog->written ? 0 : -ENOMEM;
}

void backlog_finish(struct backlog *backlog)
{
	struct backlog_chunk *chunk = backlog->read, *next;

	for (; chunk; chunk = next) {
		next = atomic_load(&chunk->next);
		munmap(chunk, BACKLOG_CHUNK);
	}
	for (chunk = atomic_load(&backlog->spare); chunk; chunk = next) {
		next = chunk->spare;
		munmap(chunk, BACKLOG_CHUNK);
	}
	*backlog = (struct backlog){.count_max = 0};
}

/* The writer: goes on in another chunk. */
static bool write_on(struct backlog *backlog)
{
	struct backlog_chunk *chunk = take_chunk(backlog);

	if (!chunk)
		return false;
	atomic_store_explicit(&chunk->end, 0, memory_order_relaxed);
	atomic_store_explicit(&chunk->next, NULL, memory_order_relaxed);
	backlog_publish(backlog);
	atomic_store(&backlog->written->next, chunk);
	backlog->written = chunk;
	backlog->write_at = 0;
	return true;
}

bool backlog_put(struct backlog *backlog, const struct backlog_packet *packet, const void *bytes)
{
	size_t needed = room_for(packet->len);
	struct backlog_packet *header;

	if (ROOM - backlog->write_at < needed && (needed > ROOM || !write_on(backlog)))
		return false;
	header = packet_at(backlog->written, backlog->write_at);
	*header = *packet;
	memcpy(header + 1, bytes, packet->len);
	backlog->write_at += needed;
	return true;
}

void backlog_publish(struct backlog *backlog)
{
	atomic_store(&backlog->written->end, backlog->write_at);
}

/* The reader: goes on in the next chunk. */
static void read_on(struct backlog *backlog, struct backlog_chunk *next)
{
	give_chunk(backlog, backlog->read);
	backlog->read = next;
	backlog->read_at = 0;
	backlog->read_end = 0;
}

const struct backlog_packet *backlog_first(struct backlog *backlog)
{
	while (backlog->read_at == backlog->read_end) {
		/* in this order: where there is a next one, the end is the last */
		struct backlog_chunk *next = atomic_load(&backlog->read->next);

		backlog->read_end = atomic_load(&backlog->read->end);
		if (backlog->read_at != backlog->read_end)
			break;
		if (!next)
			return NULL;
		read_on(backlog, next);
	}
	return packet_at(backlog->read, backlog->read_at);
}

void backlog_next(struct backlog *backlog)
{
	backlog->read_at += room_for(packet_at(backlog->read, backlog->read_at)->len);
}
