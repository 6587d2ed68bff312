/* A hash table with open addressing, at most three quarters full: a search always ends at a free slot. */
#include "wscap/relseq.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/siphash.h"

enum {
	SLOTS_FIRST = 1024,
	KEY_WORDS = 5, /* two addresses, and the ports with a mark that the slot is used */
};

struct slot {
	uint64_t key[KEY_WORDS];
	uint32_t base[2]; /* sequence numbers that count as 0: of the key's first endpoint, and of its second */
};

struct relseq {
	struct slot *slots;
	size_t slot_count; /* a power of two */
	size_t slots_max;
	size_t used;
	struct siphash_seed seed;
};

struct relseq *relseq_create(uint32_t max)
{
	struct relseq *relseq = calloc(1, sizeof(*relseq));

	if (!relseq)
		return NULL;
	relseq->slot_count = SLOTS_FIRST;
	relseq->slots_max = SLOTS_FIRST;
	while (relseq->slots_max / 4 * 3 < max)
		relseq->slots_max *= 2;
	relseq->slots = calloc(relseq->slot_count, sizeof(*relseq->slots));
	if (!relseq->slots || getrandom(&relseq->seed, sizeof(relseq->seed), 0) != sizeof(relseq->seed)) {
		relseq_destroy(relseq);
		return NULL;
	}
	return relseq;
}

void relseq_destroy(struct relseq *relseq)
{
	if (!relseq)
		return;
	free(relseq->slots);
	free(relseq);
}

static bool slot_used(const struct slot *slot)
{
	return slot->key[KEY_WORDS - 1] != 0;
}

/* The slot with this key, or the free one where it would go. */
static struct slot *find(const struct relseq *relseq, const uint64_t key[KEY_WORDS])
{
	size_t mask = relseq->slot_count - 1;
	size_t at = siphash_words(&relseq->seed, key, KEY_WORDS) & mask;

	while (slot_used(&relseq->slots[at]) && memcmp(relseq->slots[at].key, key, sizeof(uint64_t) * KEY_WORDS) != 0)
		at = (at + 1) & mask;
	return &relseq->slots[at];
}

static bool grow(struct relseq *relseq)
{
	struct relseq larger = *relseq;

	larger.slot_count *= 2;
	larger.slots = calloc(larger.slot_count, sizeof(*larger.slots));
	if (!larger.slots)
		return false;
	for (size_t i = 0; i < relseq->slot_count; i++)
		if (slot_used(&relseq->slots[i]))
			*find(&larger, relseq->slots[i].key) = relseq->slots[i];
	free(relseq->slots);
	*relseq = larger;
	return true;
}

/* A slot for a key that is not there yet. */
static struct slot *add(struct relseq *relseq, const uint64_t key[KEY_WORDS])
{
	struct slot *slot;

	if (relseq->used >= relseq->slot_count / 4 * 3 && (relseq->slot_count >= relseq->slots_max || !grow(relseq))) {
		memset(relseq->slots, 0, relseq->slot_count * sizeof(*relseq->slots));
		relseq->used = 0;
	}
	slot = find(relseq, key);
	memcpy(slot->key, key, sizeof(slot->key));
	relseq->used++;
	return slot;
}

/* One key for both directions: the endpoint with the lower port goes first, or with the lower address where the ports
 * are the same. Returns 1 where that turned them round. */
static unsigned make_key(const struct relseq_segment *segment, uint64_t key[KEY_WORDS])
{
	bool turned = segment->src_port > segment->dst_port ||
		      (segment->src_port == segment->dst_port &&
		       memcmp(segment->src.data, segment->dst.data, segment->src.len) > 0);
	const struct ws_span *first = turned ? &segment->dst : &segment->src;
	const struct ws_span *second = turned ? &segment->src : &segment->dst;
	uint16_t low = turned ? segment->dst_port : segment->src_port;
	uint16_t high = turned ? segment->src_port : segment->dst_port;

	memset(key, 0, sizeof(uint64_t) * KEY_WORDS);
	memcpy(&key[0], first->data, first->len);
	memcpy(&key[2], second->data, second->len);
	key[KEY_WORDS - 1] = (uint64_t)segment->src.len << 32 | (uint32_t)low << 16 | high;
	return turned;
}

struct relseq_view relseq_look(struct relseq *relseq, const struct relseq_segment *segment)
{
	uint64_t key[KEY_WORDS];
	unsigned own = make_key(segment, key);
	unsigned other = !own;
	struct slot *slot = find(relseq, key);

	if (slot_used(slot) && !segment->syn)
		return (struct relseq_view){
		    .seq = segment->seq - slot->base[own],
		    .ack = segment->ack - slot->base[other],
		    .other_base = slot->base[other],
		};
	if (!slot_used(slot))
		slot = add(relseq, key);
	slot->base[own] = segment->seq;
	slot->base[other] = segment->ack - 1;
	return (struct relseq_view){.seq = segment->seq, .ack = segment->ack, .other_base = slot->base[other]};
}
