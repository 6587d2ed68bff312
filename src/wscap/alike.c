#include "wscap/alike.h"

#include <assert.h>
#include <stdlib.h>

#include "ws/handshake.h"

enum {
	LOOKS = 10, /* words of a head that tell it from others before it is kept */
};

struct alike_set {
	uint16_t lens[ALIKE_WAYS]; /* of its heads; 0: none is there */
	uint32_t seen[ALIKE_WAYS]; /* the sums of heads that came, each in the place that it tells */
	unsigned oldest;
	struct alike_head heads[ALIKE_WAYS];
};

struct alike {
	struct alike_set sets[2][ALIKE_SETS]; /* by direction */
	uint64_t stamp;                       /* the last one */
};

static_assert(ALIKE_LEN <= UINT16_MAX, "lens has it");

struct alike *alike_create(void)
{
	return calloc(1, sizeof(struct alike));
}

void alike_destroy(struct alike *alike)
{
	free(alike);
}

static inline struct alike_set *set_of(struct alike *alike, enum dir dir, size_t len)
{
	return &alike->sets[dir][len % ALIKE_SETS];
}

static inline size_t hole_len(enum dir dir)
{
	return dir == DIR_C2S ? WS_KEY_LEN : WS_ACCEPT_LEN;
}

static inline bool is_formed(enum dir dir, struct ws_span value)
{
	return dir == DIR_C2S ? ws_key_is_formed(value) : ws_accept_is_formed(value);
}

/* Both have the same length, and the hole is in it. */
static bool is_like(const struct alike_head *like, struct ws_span in, size_t hole)
{
	size_t behind = like->hole + hole;

	return memcmp(like->text, in.data, like->hole) == 0 &&
	       memcmp(like->text + behind, in.data + behind, in.len - behind) == 0;
}

struct alike_head *alike_find(struct alike *alike, enum dir dir, struct ws_span in)
{
	struct alike_set *set = set_of(alike, dir, in.len);

	for (unsigned i = 0; in.len && i < ALIKE_WAYS; i++) {
		struct alike_head *like = &set->heads[i];
		size_t hole = hole_len(dir);

		if (set->lens[i] != in.len || !is_like(like, in, hole))
			continue;
		if (!is_formed(dir, ws_span_of(in.data + like->hole, hole)))
			return NULL;
		memcpy(like->text + like->hole, in.data + like->hole, hole);
		return like;
	}
	return NULL;
}

struct alike_head *alike_again(struct alike_head *like, uint64_t stamp, struct ws_span request)
{
	if (!like || like->stamp != stamp)
		return NULL;
	memcpy(like->text + like->hole, request.data + like->hole, hole_len(DIR_C2S));
	return like;
}

struct ws_span alike_value(const struct alike_head *like, enum dir dir)
{
	return ws_span_of(like->text + like->hole, hole_len(dir));
}

/* What some of its words add up to, but for those in the hole: heads that differ, as by a cookie, nearly always differ
 * here. */
static inline uint32_t sum_of(struct ws_span all, size_t hole, size_t hole_end)
{
	uint64_t word, sum = all.len;
	const size_t step = all.len < sizeof(word) ? 0 : (all.len - sizeof(word)) / LOOKS;

	for (size_t i = 0, at = 0; step && i < LOOKS; i++, at += step) {
		memcpy(&word, all.data + at, sizeof(word));
		if (at + sizeof(word) <= hole || at >= hole_end)
			sum += word * (UINT64_C(0x9e3779b97f4a7c15) + 2 * i);
	}
	return (uint32_t)(sum >> 32);
}

struct alike_head *alike_keep(struct alike *alike, enum dir dir, const struct ws_http_head *head, struct ws_span value)
{
	struct ws_span all = head->all;
	struct alike_set *set = set_of(alike, dir, all.len);
	struct alike_head *like = &set->heads[set->oldest];
	size_t hole = (size_t)(value.data - all.data);
	uint32_t sum = sum_of(all, hole, hole + value.len), *seen = &set->seen[sum % ALIKE_WAYS];

	if (all.len > ALIKE_LEN || *seen != sum) {
		*seen = sum;
		return NULL;
	}
	if (!is_formed(dir, value))
		return NULL;
	memcpy(like->text, all.data, all.len);
	ws_http_head_parse(ws_span_of(like->text, all.len), &like->head);
	like->stamp = ++alike->stamp;
	like->answer = 0;
	like->alone = false;
	like->hole = hole;
	set->lens[set->oldest] = (uint16_t)all.len;
	set->oldest = (set->oldest + 1) % ALIKE_WAYS;
	return like;
}
