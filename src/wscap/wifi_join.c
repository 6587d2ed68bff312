#include "wscap/wifi_join.h"

#include <stdlib.h>

struct frame {
	bool used;
	struct wifi_piece first;
	uint8_t next; /* the piece that is missing */
	int64_t begun;
	size_t len;
	uint8_t bytes[WIFI_JOIN_MAX];
};

struct wifi_join {
	struct frame frames[WIFI_JOIN_FRAMES];
};

struct wifi_join *wifi_join_create(void)
{
	return calloc(1, sizeof(struct wifi_join));
}

void wifi_join_destroy(struct wifi_join *join)
{
	free(join);
}

static bool is_of(const struct frame *frame, const struct wifi_piece *piece)
{
	return frame->used && frame->first.sequence == piece->sequence && frame->first.traffic == piece->traffic &&
	       memcmp(frame->first.ends, piece->ends, sizeof(piece->ends)) == 0;
}

/* The frame that piece is of, or NULL. */
static struct frame *find(struct wifi_join *join, int64_t now, const struct wifi_piece *piece)
{
	for (size_t i = 0; i < WIFI_JOIN_FRAMES; i++) {
		struct frame *frame = &join->frames[i];
		int64_t waited;

		if (!is_of(frame, piece))
			continue;
		if (__builtin_sub_overflow(now, frame->begun, &waited) || waited > WIFI_JOIN_NS ||
		    waited < -WIFI_JOIN_NS)
			frame->used = false;
		else
			return frame;
	}
	return NULL;
}

/* One that is not used, or the one begun longest ago. */
static struct frame *find_room(struct wifi_join *join)
{
	struct frame *oldest = join->frames;

	for (size_t i = 0; i < WIFI_JOIN_FRAMES; i++) {
		if (!join->frames[i].used)
			return &join->frames[i];
		if (join->frames[i].begun < oldest->begun)
			oldest = &join->frames[i];
	}
	return oldest;
}

static struct frame *begin(struct wifi_join *join, int64_t now, const struct wifi_piece *piece)
{
	struct frame *frame = find_room(join);

	frame->used = true;
	frame->first = *piece;
	frame->next = 0;
	frame->begun = now;
	frame->len = 0;
	return frame;
}

bool wifi_join_take(struct wifi_join *join, int64_t now, const struct wifi_piece *piece, struct ws_span bytes,
		    struct ws_span *ret)
{
	struct frame *frame = find(join, now, piece);

	if (piece->number == 0 && frame && !piece->again) /* numbers come around */
		frame->used = false;
	if (piece->number == 0 && (!frame || !piece->again))
		frame = begin(join, now, piece);
	if (!frame || piece->number < frame->next)
		return false;
	if (piece->number > frame->next || bytes.len > WIFI_JOIN_MAX - frame->len) {
		frame->used = false;
		return false;
	}
	if (bytes.len)
		memcpy(frame->bytes + frame->len, bytes.data, bytes.len);
	frame->len += bytes.len;
	frame->next++;
	if (piece->more)
		return false;
	frame->used = false;
	*ret = ws_span_of(frame->bytes, frame->len);
	return true;
}
