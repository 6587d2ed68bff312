#include "wscap/recent.h"

#include <stdlib.h>

enum {
	INDEX_BITS = 10,
	SIZE_MIN = 4096,
	PART = 8, /* of the ring, that one entry may take */
	ALIGN = 8,
};

/* Positions count bytes ever written: what lies further back than the ring is long was written over. */
struct entry {
	uint64_t before; /* position of the one before with the same index, plus one; 0: none */
	uint64_t stream;
	int64_t offset;
	uint32_t len;
	bool disputed;
	_Alignas(ALIGN) uint8_t bytes[];
};

struct recent {
	size_t size;
	uint64_t end;                     /* position of the next entry… */
	size_t at;                        /* …and its place: end % size */
	uint64_t newest[1 << INDEX_BITS]; /* by stream: position of its last entry, plus one; 0: none */
	_Alignas(ALIGN) uint8_t ring[];
};

struct recent *recent_create(size_t size)
{
	struct recent *recent;

	size = size / ALIGN * ALIGN;
	if (size < SIZE_MIN)
		return NULL;
	/* calloc: pages that are never reached take no memory */
	recent = calloc(1, sizeof(*recent) + size);
	if (recent)
		recent->size = size;
	return recent;
}

void recent_destroy(struct recent *recent)
{
	free(recent);
}

static size_t index_of(uint64_t stream)
{
	return (size_t)(stream * 0x9e3779b97f4a7c15 >> (64 - INDEX_BITS));
}

void recent_put(struct recent *recent, uint64_t stream, int64_t offset, struct ws_span bytes, bool disputed)
{
	size_t index = index_of(stream), at, len, size;
	struct entry *entry;

	if (!recent || !bytes.len)
		return;
	len = bytes.len < recent->size / PART ? bytes.len : recent->size / PART;
	size = (sizeof(*entry) + len + ALIGN - 1) / ALIGN * ALIGN;
	at = recent->at;
	if (recent->size - at < size) { /* entries lie in one piece */
		recent->end += recent->size - at;
		at = 0;
	}
	entry = (struct entry *)(void *)(recent->ring + at);
	entry->before = recent->newest[index];
	entry->stream = stream;
	entry->offset = offset;
	entry->len = (uint32_t)len;
	entry->disputed = disputed;
	memcpy(entry->bytes, bytes.data, len);
	recent->newest[index] = recent->end + 1;
	recent->end += size;
	recent->at = at + size == recent->size ? 0 : at + size;
}

bool recent_difference(struct ws_span *first, struct ws_span *last, size_t *ret_at)
{
	size_t from = 0, to = first->len;

	if (first->len == 0 || memcmp(first->data, last->data, first->len) == 0)
		return false;
	while (first->data[from] == last->data[from])
		from++;
	while (first->data[to - 1] == last->data[to - 1])
		to--;
	*first = ws_span_of(first->data + from, to - from);
	*last = ws_span_of(last->data + from, to - from);
	*ret_at = from;
	return true;
}

/* The part that both have, if any, and what differs in it. */
static void compare(struct entry *entry, int64_t offset, struct ws_span bytes, versions_differ *differ, void *context)
{
	int64_t from = entry->offset > offset ? entry->offset : offset;
	int64_t entry_end = entry->offset + (int64_t)entry->len, end = offset + (int64_t)bytes.len;
	int64_t to = entry_end < end ? entry_end : end;
	struct versions versions;
	size_t at;

	if (from >= to)
		return;
	versions = (struct versions){.disputed = entry->disputed};
	versions.first = ws_span_of(entry->bytes + (from - entry->offset), (size_t)(to - from));
	versions.last = ws_span_of(bytes.data + (from - offset), (size_t)(to - from));
	if (!recent_difference(&versions.first, &versions.last, &at))
		return;
	versions.offset = from + (int64_t)at;
	entry->disputed = differ(context, &versions);
}

void recent_compare(struct recent *recent, uint64_t stream, int64_t offset, struct ws_span bytes,
		    versions_differ *differ, void *context)
{
	uint64_t position;

	if (!recent)
		return;
	position = recent->newest[index_of(stream)];
	for (unsigned steps = 0; position && steps < RECENT_STEPS_MAX; steps++) {
		struct entry *entry;

		if (position - 1 + recent->size < recent->end)
			return;
		entry = (struct entry *)(void *)(recent->ring + (position - 1) % recent->size);
		if (entry->stream == stream)
			compare(entry, offset, bytes, differ, context);
		position = entry->before;
	}
}
