/* Two hash tables, as IPv4's connections take half of the room that IPv6's do: open addressing, at most three quarters
 * full, so that a search always ends at a free slot. */
#include "wscap/relseq.h"

#include "base/seed.h"
#include "wscap/huge.h"

#include <stdlib.h>

enum {
	SLOTS_FIRST = 1024,
	IPV4_WORDS = 2,    /* of a key: two addresses with their ports */
	IPV6_WORDS = 5,    /* two addresses, and the ports */
	SLOTS_FAR = 32768, /* so many are too many to be near the processor */
};

/* In the last word of a key, above the ports and what else is there: the slot is used. */
#define SLOT_USED (UINT64_C(1) << 63)

/* Behind a slot's key. */
struct bases {
	uint32_t of[2]; /* sequence numbers that count as 0: of the key's first endpoint, and of its second */
};

struct table {
	uint64_t *slots;
	size_t slot_count; /* a power of two */
	size_t used;
	unsigned words; /* of a key; of a slot one more, for its bases */
};

struct relseq {
	struct table ipv4, ipv6;
	size_t slots_max;
	uint64_t seed[2];
};

static size_t slots_bytes(const struct table *table)
{
	return table->slot_count * (table->words + 1) * sizeof(*table->slots);
}

/* Slots in random order are asked for soon, and all of them: the pages of very many come at once. One that is first
 * read and then written would be stopped for twice. */
static bool make_slots(struct table *table)
{
	size_t bytes = slots_bytes(table);

	table->slots = huge_create(bytes);
	for (size_t at = 0; table->slots && at < bytes; at += HUGE_AHEAD)
		huge_ahead(table->slots, bytes, at);
	return table->slots;
}

static void table_finish(struct table *table)
{
	huge_destroy(table->slots, slots_bytes(table));
}

static bool table_init(struct table *table, unsigned words)
{
	*table = (struct table){.slot_count = SLOTS_FIRST, .words = words};
	return make_slots(table);
}

struct relseq *relseq_create(uint32_t max)
{
	struct relseq *relseq = calloc(1, sizeof(*relseq));

	if (!relseq)
		return NULL;
	relseq->slots_max = SLOTS_FIRST;
	while (relseq->slots_max / 4 * 3 < max)
		relseq->slots_max *= 2;
	if (!table_init(&relseq->ipv4, IPV4_WORDS) || !table_init(&relseq->ipv6, IPV6_WORDS)) {
		relseq_destroy(relseq);
		return NULL;
	}
	seed_make(relseq->seed, sizeof(relseq->seed));
	return relseq;
}

void relseq_destroy(struct relseq *relseq)
{
	if (!relseq)
		return;
	table_finish(&relseq->ipv4);
	table_finish(&relseq->ipv6);
	free(relseq);
}

/* The product's halves, folded: each bit of both words has its part in each bit of the sum. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A stranger picks the keys, but not the seed, and never sees what it makes of them. One product alone would put ports
 * that follow each other at places with one step between them; a second one, of what the first gave, ends that. */
static inline uint64_t hash(const uint64_t seed[2], const uint64_t *key, unsigned words)
{
	uint64_t sum = seed[0];

	for (unsigned i = 0; i + 1 < words; i += 2)
		sum = mix(sum ^ key[i], seed[1] ^ key[i + 1]);
	return mix(words % 2 ? sum ^ key[words - 1] : sum, seed[1]);
}

static inline bool slot_used(const uint64_t *slot, unsigned words)
{
	return slot[words - 1] & SLOT_USED;
}

static inline bool same_key(const uint64_t *a, const uint64_t *b, unsigned words)
{
	uint64_t difference = 0;

	for (unsigned i = 0; i < words; i++)
		difference |= a[i] ^ b[i];
	return !difference;
}

/* Where a search for the key begins. */
static inline size_t first_place(const struct relseq *relseq, const struct table *table, const uint64_t *key,
				 unsigned words)
{
	return hash(relseq->seed, key, words) & (table->slot_count - 1);
}

/* The slot with this key, or the free one where it would go. */
static inline uint64_t *find(const struct relseq *relseq, const struct table *table, const uint64_t *key,
			     unsigned words)
{
	size_t mask = table->slot_count - 1;

	for (size_t at = first_place(relseq, table, key, words);; at++) {
		uint64_t *slot = table->slots + (at & mask) * (words + 1);

		if (!slot_used(slot, words) || same_key(slot, key, words))
			return slot;
	}
}

/* As the place is the hash's last bits, slots move in their order to two places that go forward, too. */
static bool grow(const struct relseq *relseq, struct table *table)
{
	const size_t stride = table->words + 1;
	struct table larger = *table;

	if (table->slot_count >= relseq->slots_max)
		return false;
	larger.slot_count *= 2;
	if (!make_slots(&larger))
		return false;
	for (size_t i = 0; i < table->slot_count; i++) {
		const uint64_t *slot = table->slots + i * stride;

		if (slot_used(slot, table->words))
			memcpy(find(relseq, &larger, slot, table->words), slot, stride * sizeof(*slot));
	}
	table_finish(table);
	*table = larger;
	return true;
}

/* A slot for a key that is not there yet. Where the table cannot grow all others are forgotten. */
static uint64_t *add(const struct relseq *relseq, struct table *table, const uint64_t *key, unsigned words)
{
	uint64_t *slot;

	if (table->used >= table->slot_count / 4 * 3 && !grow(relseq, table)) {
		memset(table->slots, 0, slots_bytes(table));
		table->used = 0;
	}
	slot = find(relseq, table, key, words);
	memcpy(slot, key, words * sizeof(*key));
	table->used++;
	return slot;
}

/* own: the place of the sender in the key, 0 or 1. */
static inline struct relseq_view look(struct relseq *relseq, struct table *table, const uint64_t *key, unsigned words,
				      unsigned own, const struct relseq_segment *segment)
{
	uint64_t *slot = find(relseq, table, key, words);
	unsigned other = !own;
	struct bases bases;

	if (slot_used(slot, words) && !segment->syn) {
		memcpy(&bases, slot + words, sizeof(bases));
		return (struct relseq_view){
		    .seq = segment->seq - bases.of[own],
		    .ack = segment->ack - bases.of[other],
		    .other_base = bases.of[other],
		};
	}
	if (!slot_used(slot, words))
		slot = add(relseq, table, key, words);
	bases.of[own] = segment->seq;
	bases.of[other] = segment->ack - 1;
	memcpy(slot + words, &bases, sizeof(bases));
	return (struct relseq_view){.seq = segment->seq, .ack = segment->ack, .other_base = bases.of[other]};
}

/* One key for both directions: the endpoints in the order of their ports, or of their addresses where the ports are the
 * same. Which way a segment goes is anybody's guess, so there is no branch that depends on it. */

static inline bool make_key_ipv4(const struct relseq_segment *segment, uint64_t key[static IPV4_WORDS])
{
	uint64_t src = (uint64_t)segment->src_port << 32, dst = (uint64_t)segment->dst_port << 32;
	uint32_t addr;
	bool turned;

	memcpy(&addr, segment->src, sizeof(addr));
	src |= addr;
	memcpy(&addr, segment->dst, sizeof(addr));
	dst |= addr;
	turned = src > dst;
	key[0] = turned ? dst : src;
	key[1] = (turned ? src : dst) | SLOT_USED;
	return turned;
}

static inline bool make_key_ipv6(const struct relseq_segment *segment, uint64_t key[static IPV6_WORDS])
{
	uint64_t src[2], dst[2];
	bool turned = segment->src_port > segment->dst_port;

	memcpy(src, segment->src, sizeof(src));
	memcpy(dst, segment->dst, sizeof(dst));
	key[4] = SLOT_USED | (turned ? (uint64_t)segment->dst_port << 16 | segment->src_port
				     : (uint64_t)segment->src_port << 16 | segment->dst_port);
	if (segment->src_port == segment->dst_port)
		turned = memcmp(src, dst, sizeof(src)) > 0;
	key[0] = turned ? dst[0] : src[0];
	key[1] = turned ? dst[1] : src[1];
	key[2] = turned ? src[0] : dst[0];
	key[3] = turned ? src[1] : dst[1];
	return turned;
}

static struct relseq_view look_ipv4(struct relseq *relseq, const struct relseq_segment *segment)
{
	uint64_t key[IPV4_WORDS];
	bool turned = make_key_ipv4(segment, key);

	return look(relseq, &relseq->ipv4, key, IPV4_WORDS, turned, segment);
}

static struct relseq_view look_ipv6(struct relseq *relseq, const struct relseq_segment *segment)
{
	uint64_t key[IPV6_WORDS];
	bool turned = make_key_ipv6(segment, key);

	return look(relseq, &relseq->ipv6, key, IPV6_WORDS, turned, segment);
}

struct relseq_view relseq_look(struct relseq *relseq, const struct relseq_segment *segment)
{
	return segment->address_len == 4 ? look_ipv4(relseq, segment) : look_ipv6(relseq, segment);
}

static inline const void *far_slot(const struct relseq *relseq, const struct table *table, const uint64_t *key,
				   unsigned words)
{
	if (table->slot_count < SLOTS_FAR)
		return NULL;
	return table->slots + first_place(relseq, table, key, words) * (words + 1);
}

const void *relseq_far(const struct relseq *relseq, const struct relseq_segment *segment)
{
	uint64_t key[IPV6_WORDS] = {0};

	if (segment->address_len == 4) {
		make_key_ipv4(segment, key);
		return far_slot(relseq, &relseq->ipv4, key, IPV4_WORDS);
	}
	make_key_ipv6(segment, key);
	return far_slot(relseq, &relseq->ipv6, key, IPV6_WORDS);
}
