#include "speakers.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
	SPEAKERS_MAX = 4096, /* room for all: none is taken while the heap is counted */
};

void *or_abort(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

void *shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return or_abort(memory == MAP_FAILED ? NULL : memory);
}

void speakers_init(struct speakers *speakers)
{
	speakers->list = or_abort(calloc(SPEAKERS_MAX, sizeof(struct speaker)));
	speakers->count = 0;
}

static void finish_reading(struct reading *reading)
{
	for (size_t i = 0; i < reading->count; i++)
		free((void *)(uintptr_t)reading->said[i].payload.data);
	free(reading->said);
}

void speakers_finish(struct speakers *speakers)
{
	for (size_t i = 0; i < speakers->count; i++) {
		for (size_t j = 0; j < READINGS_MAX; j++)
			finish_reading(&speakers->list[i].readings[j]);
		free(speakers->list[i].broken);
	}
	free(speakers->list);
}

bool same_end(const struct endpoint *a, const struct endpoint *b)
{
	return a->version == b->version && a->port == b->port && memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

bool speakers_same(const struct speaker *a, const struct speaker *b)
{
	return a->conn == b->conn && same_end(&a->from, &b->from) && same_end(&a->to, &b->to);
}

bool speakers_talk(const struct speaker *a, const struct speaker *b)
{
	return speakers_same(a, b) || (a->conn == b->conn && same_end(&a->from, &b->to) && same_end(&a->to, &b->from));
}

struct speaker *speakers_find(struct speakers *speakers, const struct conn *conn, uint64_t number, enum dir dir,
			      uint64_t stream)
{
	struct endpoint client = conn_client(conn), server = conn_server(conn);
	struct speaker wanted = {.from = dir == DIR_C2S ? client : server,
				 .to = dir == DIR_C2S ? server : client,
				 .conn = number,
				 .stream = stream};

	for (size_t i = 0; i < speakers->count; i++) {
		if (!number)
			wanted.conn = speakers->list[i].conn;
		if (speakers->list[i].stream == stream && speakers_same(&speakers->list[i], &wanted))
			return &speakers->list[i];
	}
	if (speakers->count == SPEAKERS_MAX)
		abort();
	wanted.conn = number;
	speakers->list[speakers->count] = wanted;
	return &speakers->list[speakers->count++];
}

/* The list with room for one more behind the count that are in it: it doubles, whenever they are a power of two. */
static void *with_room(void *list, size_t count, size_t size)
{
	return count & (count - 1) ? list : or_abort(realloc(list, (count ? 2 * count : 1) * size));
}

void speaker_says(struct speaker *speaker, size_t reading, const struct said *said)
{
	struct reading *to = &speaker->readings[reading];
	uint8_t *copy = or_abort(malloc(said->payload.len + 1));

	if (said->payload.len)
		memcpy(copy, said->payload.data, said->payload.len);
	to->said = with_room(to->said, to->count, sizeof(*said));
	to->said[to->count] = *said;
	to->said[to->count++].payload.data = copy;
}

void speaker_breaks(struct speaker *speaker, const struct ws_rule_info *rule)
{
	speaker->broken =
	    (const struct ws_rule_info **)with_room(speaker->broken, speaker->broken_count, sizeof(void *));
	speaker->broken[speaker->broken_count++] = rule;
}
