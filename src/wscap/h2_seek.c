#include "wscap/h2_seek.h"

enum {
	TRUST_WITHIN = 60, /* bits of h2_weigh() where every byte is tried, not only the first of a piece */
	HEADERS_MIN = 3,   /* in a row, over several pieces: each is worth some 24 bits */
};

/* What is missing of a candidate's header is taken from the piece. False while it is not whole. */
static bool fill(struct h2_candidate *candidate, int64_t offset, struct ws_span in)
{
	int64_t from = candidate->at + candidate->have - offset;
	struct ws_span more;

	if (from < 0 || from >= (int64_t)in.len)
		return false;
	more = ws_span_first(ws_span_from(in, (size_t)from), (size_t)(H2_HEADER_LEN - candidate->have));
	memcpy(candidate->head + candidate->have, more.data, more.len);
	candidate->have = (uint8_t)(candidate->have + more.len);
	return candidate->have == H2_HEADER_LEN;
}

enum followed {
	FOLLOWED_ON,    /* beyond this piece */
	FOLLOWED_WRONG, /* it was none */
	FOLLOWED_GOOD,  /* a frame begins at its place, which is in this piece */
};

static enum followed follow(struct h2_candidate *candidate, int64_t offset, struct ws_span in)
{
	struct h2_frame frame;

	while (fill(candidate, offset, in)) {
		if (!h2_frame_parse(ws_span_of(candidate->head, H2_HEADER_LEN), &frame) || !h2_frame_is_usual(&frame))
			return FOLLOWED_WRONG;
		if (candidate->headers < UINT8_MAX)
			candidate->headers++;
		if (candidate->headers >= HEADERS_MIN && candidate->at >= offset)
			return FOLLOWED_GOOD;
		candidate->at += H2_HEADER_LEN + frame.len;
		candidate->have = 0;
	}
	return FOLLOWED_ON;
}

/* Returns where in the piece one of them is good, or in.len. */
static size_t follow_all(struct h2_seek *seek, int64_t offset, struct ws_span in)
{
	uint8_t kept = 0;

	for (uint8_t i = 0; i < seek->count; i++) {
		struct h2_candidate candidate = seek->list[i];
		enum followed followed = follow(&candidate, offset, in);

		if (followed == FOLLOWED_GOOD)
			return (size_t)(candidate.at - offset);
		if (followed == FOLLOWED_ON)
			seek->list[kept++] = candidate;
	}
	seek->count = kept;
	return in.len;
}

/* A header may stand here whose frame goes on behind the piece. */
static void note(struct h2_seek *seek, int64_t offset, struct ws_span in)
{
	struct h2_frame frame;

	if (seek->count == H2_CANDIDATES || !h2_frame_parse(in, &frame) || !h2_frame_is_usual(&frame) ||
	    H2_HEADER_LEN + frame.len <= in.len)
		return;
	seek->list[seek->count++] = (struct h2_candidate){.at = offset + H2_HEADER_LEN + frame.len, .headers = 1};
}

size_t h2_seek(struct h2_seek *seek, int64_t offset, struct ws_span in)
{
	size_t good = in.len ? follow_all(seek, offset, in) : 0;

	if (h2_weigh(in) >= H2_TRUST)
		return 0;
	if (good < in.len)
		return good;
	note(seek, offset, in);
	for (size_t i = 1; i < in.len; i++) {
		struct ws_span from = ws_span_from(in, i);

		if (h2_weigh(from) >= TRUST_WITHIN)
			return i;
		note(seek, offset + (int64_t)i, from);
	}
	return in.len;
}
