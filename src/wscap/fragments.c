#include "wscap/fragments.h"

#include "base/map.h"
#include "base/seed.h"
#include "base/siphash.h"

#include <stdlib.h>

enum {
	KEY_WORDS = 5,
};

struct piece {
	struct piece *next; /* ascending by begin */
	uint32_t begin, len;
	uint32_t captured;
	uint8_t bytes[];
};

enum state {
	PARTIAL,
	WHOLE,   /* its pieces are gone */
	DROPPED, /* likewise */
};

struct partial {
	uint64_t key[KEY_WORDS]; /* addresses; identification, IP version and IPv4's protocol: RFC 6864, section 2 */
	uint64_t hash;
	struct partial *older, *newer;
	struct piece *first, *last;
	int64_t time; /* of its first fragment, or when it was whole */
	uint64_t packet;
	uint32_t count, len; /* of its pieces */
	uint32_t end;        /* where the packet ends, once that is known */
	size_t held;
	enum state state;
	bool end_known;
	uint8_t protocol;
};

struct fragments {
	struct map map;
	struct partial *oldest, *newest;
	struct siphash_seed seed;
	struct fragments_stats stats;
	size_t max;
	uint8_t whole[FRAGMENTS_PACKET_MAX];
};

struct fragments *fragments_create(size_t max)
{
	struct fragments *fragments = calloc(1, sizeof(*fragments));

	if (!fragments)
		return NULL;
	fragments->max = max;
	seed_make(&fragments->seed, sizeof(fragments->seed));
	return fragments;
}

static void free_pieces(struct fragments *fragments, struct partial *partial)
{
	while (partial->first) {
		struct piece *piece = partial->first;

		partial->first = piece->next;
		free(piece);
	}
	partial->last = NULL;
	fragments->stats.held -= partial->held - sizeof(*partial);
	partial->held = sizeof(*partial);
	partial->count = partial->len = 0;
	partial->end_known = false;
}

static void unlist(struct fragments *fragments, struct partial *partial)
{
	*(partial->older ? &partial->older->newer : &fragments->oldest) = partial->newer;
	*(partial->newer ? &partial->newer->older : &fragments->newest) = partial->older;
}

static void enlist(struct fragments *fragments, struct partial *partial)
{
	partial->older = fragments->newest;
	partial->newer = NULL;
	*(partial->older ? &partial->older->newer : &fragments->oldest) = partial;
	fragments->newest = partial;
}

static void forget(struct fragments *fragments, struct partial *partial)
{
	fragments->stats.given_up += partial->state == PARTIAL;
	free_pieces(fragments, partial);
	unlist(fragments, partial);
	map_remove(&fragments->map, partial->hash, partial);
	fragments->stats.held -= partial->held;
	fragments->stats.packets--;
	free(partial);
}

void fragments_destroy(struct fragments *fragments)
{
	if (!fragments)
		return;
	while (fragments->oldest)
		forget(fragments, fragments->oldest);
	map_finish(&fragments->map);
	free(fragments);
}

void fragments_stats(const struct fragments *fragments, struct fragments_stats *ret)
{
	*ret = fragments->stats;
}

/* Times are a stranger's: whoever goes far back in time has no old fragments either. */
static bool is_over(const struct partial *partial, int64_t now)
{
	int64_t passed;

	return __builtin_sub_overflow(now, partial->time, &passed) || passed >= FRAGMENTS_NS || passed <= -FRAGMENTS_NS;
}

/* Makes room for len bytes, without giving up `keep`. */
static bool make_room(struct fragments *fragments, size_t len, const struct partial *keep)
{
	while (fragments->stats.held + len > fragments->max) {
		struct partial *oldest = fragments->oldest;

		if (oldest && oldest == keep)
			oldest = oldest->newer;
		if (!oldest)
			return false;
		forget(fragments, oldest);
	}
	return true;
}

static void fill_key(uint64_t key[static KEY_WORDS], const struct ip *ip)
{
	memcpy(&key[0], ip->src, sizeof(ip->src));
	memcpy(&key[2], ip->dst, sizeof(ip->dst));
	key[4] = (uint64_t)ip->fragment_id << 32 | (uint64_t)(ip->version == 4 ? ip->protocol : 0) << 8 | ip->version;
}

static bool has_key(const void *item, const void *key)
{
	const struct partial *partial = item;

	return memcmp(partial->key, key, sizeof(partial->key)) == 0;
}

static struct partial *add(struct fragments *fragments, const uint64_t key[static KEY_WORDS], uint64_t hash)
{
	struct partial *partial;

	if (!make_room(fragments, sizeof(*partial), NULL))
		return NULL;
	partial = calloc(1, sizeof(*partial));
	if (!partial || map_add(&fragments->map, hash, partial) < 0) {
		free(partial);
		return NULL;
	}
	memcpy(partial->key, key, sizeof(partial->key));
	partial->hash = hash;
	partial->held = sizeof(*partial);
	fragments->stats.held += partial->held;
	fragments->stats.packets++;
	enlist(fragments, partial);
	return partial;
}

static void restart(struct fragments *fragments, struct partial *partial, int64_t now, uint64_t number)
{
	free_pieces(fragments, partial);
	partial->state = PARTIAL;
	partial->time = now;
	partial->packet = number;
	unlist(fragments, partial);
	enlist(fragments, partial);
}

static struct partial *find(struct fragments *fragments, int64_t now, uint64_t number, const struct ip *ip)
{
	uint64_t key[KEY_WORDS], hash;
	struct partial *partial;

	while (fragments->oldest && is_over(fragments->oldest, now))
		forget(fragments, fragments->oldest);
	fill_key(key, ip);
	hash = siphash_words(&fragments->seed, key, KEY_WORDS);
	partial = map_find(&fragments->map, hash, has_key, key);
	if (!partial) {
		partial = add(fragments, key, hash);
		if (partial)
			restart(fragments, partial, now, number);
	} else if (is_over(partial, now) || (partial->state == WHOLE && now - partial->time > FRAGMENTS_COPY_NS)) {
		restart(fragments, partial, now, number);
	}
	return partial;
}

static enum fragment_result drop(struct fragments *fragments, struct partial *partial, enum fragment_result why)
{
	free_pieces(fragments, partial);
	partial->state = DROPPED;
	fragments->stats.dropped++;
	return why;
}

/* The last piece that begins at or before begin, or NULL. In order, that is the last one of all. */
static struct piece *before(const struct partial *partial, uint32_t begin)
{
	struct piece *found = NULL;

	if (partial->last && partial->last->begin <= begin)
		return partial->last;
	for (struct piece *piece = partial->first; piece && piece->begin <= begin; piece = piece->next)
		found = piece;
	return found;
}

/* RFC 8200, section 4.5; and where a packet ends it ends only once. */
static bool is_possible(const struct partial *partial, const struct ip *ip)
{
	uint32_t end = ip->fragment_offset + ip->payload_wire_len;

	if (ip->payload_wire_len == 0 || end > FRAGMENTS_PACKET_MAX || partial->count == FRAGMENTS_PIECES_MAX)
		return false;
	if (ip->more_fragments && ip->payload_wire_len % 8)
		return false;
	if (partial->end_known)
		return ip->more_fragments ? end < partial->end : end == partial->end;
	return ip->more_fragments || !partial->last || partial->last->begin + partial->last->len <= end;
}

static bool is_same(const struct piece *piece, const struct ip *ip)
{
	return piece->begin == ip->fragment_offset && piece->len == ip->payload_wire_len &&
	       ws_span_equal(ws_span_of(piece->bytes, piece->captured), ip->payload);
}

static enum fragment_result insert(struct fragments *fragments, struct partial *partial, struct piece *after,
				   const struct ip *ip)
{
	size_t size = sizeof(struct piece) + ip->payload.len;
	struct piece *piece = make_room(fragments, size, partial) ? malloc(size) : NULL;

	if (!piece)
		return FRAGMENT_LIMIT;
	*piece = (struct piece){
	    .next = after ? after->next : partial->first,
	    .begin = ip->fragment_offset,
	    .len = ip->payload_wire_len,
	    .captured = (uint32_t)ip->payload.len,
	};
	if (ip->payload.len)
		memcpy(piece->bytes, ip->payload.data, ip->payload.len);
	*(after ? &after->next : &partial->first) = piece;
	if (!piece->next)
		partial->last = piece;
	partial->held += size;
	fragments->stats.held += size;
	partial->count++;
	partial->len += piece->len;
	if (piece->begin == 0)
		partial->protocol = ip->protocol;
	if (!ip->more_fragments) {
		partial->end = piece->begin + piece->len;
		partial->end_known = true;
	}
	return partial->end_known && partial->len == partial->end ? FRAGMENT_WHOLE : FRAGMENT_WAITS;
}

static enum fragment_result place(struct fragments *fragments, struct partial *partial, const struct ip *ip)
{
	struct piece *after, *next;

	if (partial->state == DROPPED)
		return FRAGMENT_DROPPED;
	if (partial->state == WHOLE)
		return FRAGMENT_REPEATED;
	after = before(partial, ip->fragment_offset);
	if (after && is_same(after, ip))
		return FRAGMENT_REPEATED;
	if (!is_possible(partial, ip))
		return drop(fragments, partial, FRAGMENT_BAD);
	next = after ? after->next : partial->first;
	if ((after && after->begin + after->len > ip->fragment_offset) ||
	    (next && next->begin < ip->fragment_offset + ip->payload_wire_len))
		return drop(fragments, partial, FRAGMENT_OVERLAPS);
	return insert(fragments, partial, after, ip);
}

/* The pieces one behind the other, up to the first byte that was not captured. */
static void put_together(struct fragments *fragments, struct partial *partial, int64_t now, struct fragment *ret)
{
	size_t len = 0;

	for (const struct piece *piece = partial->first; piece && piece->begin == len; piece = piece->next) {
		memcpy(fragments->whole + len, piece->bytes, piece->captured);
		len += piece->captured;
	}
	ret->packet = ws_span_of(fragments->whole, len);
	ret->wire_len = partial->end;
	ret->protocol = partial->protocol;
	free_pieces(fragments, partial);
	partial->state = WHOLE;
	partial->time = now;
	fragments->stats.put_together++;
}

void fragments_take(struct fragments *fragments, int64_t now, uint64_t number, const struct ip *ip,
		    struct fragment *ret)
{
	struct partial *partial = find(fragments, now, number, ip);

	*ret = (struct fragment){
	    .result = FRAGMENT_LIMIT,
	    .id = ip->fragment_id,
	    .begin = ip->fragment_offset,
	    .len = ip->payload_wire_len,
	    .first_packet = number,
	    .protocol = ip->protocol,
	};
	if (!partial)
		return;
	ret->result = place(fragments, partial, ip);
	ret->count = partial->count;
	ret->first_packet = partial->packet;
	if (ret->result == FRAGMENT_WHOLE)
		put_together(fragments, partial, now, ret);
}
