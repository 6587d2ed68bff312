#include "wschat/tape.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>

/* Each holder keeps its chunk alive, and each chunk the one behind it. */
struct tape_chunk {
	struct tape_chunk *next;
	uint64_t begin;   /* place of its first byte on the tape */
	uint32_t holders; /* readers that stand in it, the chunk before it, the tape while it is the last */
	uint32_t len;
	uint32_t cap;
	uint8_t bytes[];
};

/* For len bytes behind last (NULL: it is the first). */
static struct tape_chunk *chunk_create(uint64_t begin, size_t len, const struct tape_chunk *last)
{
	size_t cap = last ? (size_t)last->cap * 2 : TAPE_CHUNK_FIRST;
	struct tape_chunk *chunk;

	if (cap > TAPE_CHUNK_MAX)
		cap = TAPE_CHUNK_MAX;
	if (cap < len)
		cap = len;
	chunk = malloc(sizeof(*chunk) + cap);

	if (chunk)
		*chunk = (struct tape_chunk){.begin = begin, .cap = (uint32_t)cap};
	return chunk;
}

/* A chunk that nobody holds gives up the next one: in a loop, as a slow reader may have left a long row behind it. */
static void chunk_drop(struct tape_chunk *chunk)
{
	while (chunk && --chunk->holders == 0) {
		struct tape_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
}

/* Makes the last chunk one that has room for len bytes. */
static int make_room(struct tape *tape, size_t len)
{
	struct tape_chunk *last = tape->last;
	struct tape_chunk *chunk;

	/* All has been heard by all: it can be written again. */
	if (last && tape->at_end == tape->readers) {
		last->begin = tape->end;
		last->len = 0;
	}
	if (last && last->cap - last->len >= len)
		return 0;
	chunk = chunk_create(tape->end, len, last);
	if (!chunk)
		return -ENOMEM;
	chunk->holders = 1; /* the tape */
	if (last) {
		last->next = chunk;
		chunk->holders++; /* the one before it */
		chunk_drop(last);
	}
	tape->last = chunk;
	return 0;
}

int tape_append(struct tape *tape, struct ws_span frame)
{
	int status;

	if (frame.len > UINT32_MAX)
		return -ENOMEM;
	status = make_room(tape, frame.len);
	if (status < 0)
		return status;
	memcpy(tape->last->bytes + tape->last->len, frame.data, frame.len);
	tape->last->len += (uint32_t)frame.len;
	tape->end += frame.len;
	if (frame.len)
		tape->at_end = 0;
	return 0;
}

int tape_join(struct tape *tape, struct tape_reader *reader)
{
	int status = make_room(tape, 0);

	if (status < 0)
		return status;
	tape->last->holders++;
	tape->readers++;
	tape->at_end++;
	*reader = (struct tape_reader){.chunk = tape->last, .at = tape->end};
	return 0;
}

void tape_leave(struct tape *tape, struct tape_reader *reader)
{
	if (!reader->chunk)
		return;
	tape->readers--;
	tape->at_end -= reader->at == tape->end;
	chunk_drop(reader->chunk);
	*reader = (struct tape_reader){0};
}

size_t tape_view(const struct tape_reader *reader, uint64_t upto, struct iovec *ret, size_t max)
{
	struct tape_chunk *chunk = reader->chunk;
	uint64_t at = reader->at;
	size_t count = 0;

	for (; chunk && at < upto && count < max; chunk = chunk->next) {
		uint64_t end = chunk->begin + chunk->len < upto ? chunk->begin + chunk->len : upto;

		if (end <= at)
			continue;
		ret[count++] = (struct iovec){.iov_base = chunk->bytes + (at - chunk->begin), .iov_len = end - at};
		at = end;
	}
	return count;
}

void tape_advance(struct tape *tape, struct tape_reader *reader, uint64_t len)
{
	reader->at += len;
	tape->at_end += len && reader->at == tape->end;
	while (reader->chunk->next && reader->at >= reader->chunk->begin + reader->chunk->len) {
		struct tape_chunk *left = reader->chunk;

		reader->chunk = left->next;
		reader->chunk->holders++;
		chunk_drop(left);
	}
}

void tape_finish(struct tape *tape)
{
	chunk_drop(tape->last);
	*tape = (struct tape){0};
}
