/* A frame boundary in the middle of a stream.
 *
 * Who writes frames mostly begins a segment with one, so each segment's start is a candidate. It is kept, with what
 * follows, as long as it may be a chain of frames, until enough speaks for it, by itself or together with the like in
 * the other direction: decode_weigh.c. Whoever looks often enough finds what is improbable: where segments end
 * anywhere, most candidates are none, and each length fits some time. So twice as many candidates ask for one bit more,
 * and so do twice as many looks at one. Other protocols read as WebSocket are worse than a WebSocket that is found a
 * message later. */
#include "wscap/decode_internal.h"

enum {
	CHAIN_MAX = 32, /* whole frames that weigh too little together: not looked at again and again */
	BITS_NOT_FIRST =
	    2, /* what a candidate lacks when one before it was none: who knows where segments begin here */
};

/* A stream without its handshake begins here: said once of each. */
static void tell_joined(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, const char *why)
{
	struct event event = decode_event(decode, c, EVENT_MID_STREAM, dir);

	if (c->handshake_seen || c->streams[dir].joined)
		return;
	decode->stats.mid_stream += !c->mid_stream;
	c->mid_stream = true;
	c->streams[dir].joined = true;
	event.as.mid_stream.offset = offset;
	event.as.mid_stream.why = why;
	decode_emit(decode, &event);
}

void decode_seek_from(struct decode_conn *c, enum dir dir, int64_t offset)
{
	c->pending->streams[dir].lost_from = offset;
	if (!c->streams[dir].doubt) /* else it is the same search that goes on */
		c->pending->streams[dir].tried = 0;
}

void decode_seek_to(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset)
{
	struct stream_pending *pending = &c->pending->streams[dir];
	struct event event = decode_event(decode, c, EVENT_GAP, dir);

	if (c->stage != STAGE_HTTP && pending->lost_from >= 0 && offset > pending->lost_from) {
		event.as.gap.offset = pending->lost_from;
		event.as.gap.len = (uint64_t)(offset - pending->lost_from);
		event.as.gap.captured = true;
		decode_emit(decode, &event);
	}
	pending->lost_from = -1;
}

static void trust(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, const char *why)
{
	if (c->stage == STAGE_HTTP) {
		if (conn_role(c->layer.at.conn) == ROLE_UNKNOWN)
			conn_set_client(c->layer.at.conn, DIR_C2S);
		decode_conn_open_unanswered(decode, c);
	}
	c->pending->streams[dir].looked = 0;
	c->pending->streams[dir].bits = c->pending->streams[dir].bits_turned = 0;
	if (!c->handshake_seen && !c->streams[dir].joined) /* EVENT_MID_STREAM says so */
		c->pending->streams[dir].lost_from = -1;
	decode_seek_to(decode, c, dir, offset);
	decode_stream_set(c, dir, STREAM_FRAMES);
	c->streams[dir].doubt = DOUBT_ITEMS;
	c->streams[dir].restart = true;
	tell_joined(decode, c, dir, offset, why);
}

/* That it opened is only a guess: an upgrade was asked for, and its answer not captured. */
static bool may_be_refused(const struct decode_conn *c)
{
	return c->stage == STAGE_OPEN && !c->handshake_seen && !c->mid_stream;
}

/* HTTP may go on behind what was not captured. Returns whether in begins with it. */
static bool seek_head(struct decode_conn *c, enum dir dir, struct ws_span in)
{
	bool guessed = conn_role(c->layer.at.conn) == ROLE_UNKNOWN;
	bool request = decode_match_get(in) == MATCH_YES, answer = decode_match_upgrade(in) == MATCH_YES;

	if ((request || answer) && may_be_refused(c))
		decode_conn_refused(c);
	if (c->stage != STAGE_HTTP || (!request && !answer) || (!guessed && request != (dir == DIR_C2S)))
		return false;
	c->pending->streams[dir].lost_from = -1; /* what was before it was no frames */
	if (request != (dir == DIR_C2S))
		c->turned = true;
	else if (request)
		decode_stream_set(c, dir, STREAM_HEAD);
	else /* the answer waits for its request, if that may still come */
		decode_stream_set(c, dir, c->streams[DIR_C2S].state == STREAM_SEEK ? STREAM_HEAD : STREAM_HELD);
	return true;
}

/* As far as it goes, in may begin as a head does. */
static bool may_be_head(const struct decode_conn *c, struct ws_span in)
{
	return c->stage == STAGE_HTTP && (decode_match_get(in) == MATCH_MORE || decode_match_upgrade(in) == MATCH_MORE);
}

static bool may_be_frames(struct ws_span in, bool masked)
{
	struct ws_chain chain = ws_frame_chain(in, masked);

	return chain.plausible && chain.frames < CHAIN_MAX;
}

/* The answer is there, and waits for a request that was not captured: now that frames were found it is worth a look. */
static bool wake_answer(struct decode_conn *c, enum dir dir)
{
	if (c->stage != STAGE_HTTP || dir != DIR_C2S || c->streams[DIR_S2C].state != STREAM_HELD)
		return false;
	decode_stream_set(c, DIR_S2C, STREAM_HEAD);
	return true;
}

/* The bits that so many chances take back: their logarithm. */
static uint32_t bits_of(uint32_t chances)
{
	return chances > 1 ? 32 - (uint32_t)__builtin_clz(chances - 1) : 0;
}

static uint32_t minus(uint32_t bits, uint32_t luck)
{
	return bits > luck ? bits - luck : 0;
}

/* That a candidate ends with the segment may be luck, too. */
static void weigh(const struct stream_pending *pending, struct ws_span in, bool masked, struct decode_weight *ret)
{
	uint32_t exact;

	decode_weigh(in, masked, ret);
	exact = minus(ret->exact, bits_of(pending->ends));
	ret->bits -= ret->exact - exact;
	ret->exact = exact;
}

/* What speaks for a candidate is enough, and from where on. Where it is not known to be a WebSocket both directions
 * speak for that together; but that it is one is no reason to believe a boundary. */
static bool is_enough(const struct decode_conn *c, enum dir dir, const struct decode_weight *weight, uint32_t luck,
		      size_t *ret_begin)
{
	const struct stream_pending *pending = &c->pending->streams[dir], *other = &c->pending->streams[dir_other(dir)];

	if (!pending->bits || (c->stage == STAGE_HTTP && pending->bits + other->bits < TRUST_UNKNOWN))
		return false;
	return decode_weight_begin(weight, TRUST_KNOWN + luck, ret_begin);
}

/* Looks at a candidate, which is all of in. Returns whether the state changed, or will; what is to be passed over of in
 * is added to *ret. */
static bool look_at(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in,
		    size_t *ret)
{
	struct stream_pending *pending = &c->pending->streams[dir], *other = &c->pending->streams[dir_other(dir)];
	uint32_t luck = pending->place > 1 ? BITS_NOT_FIRST + bits_of(pending->place) : 0;
	struct decode_weight weight;
	size_t begin;

	if (seek_head(c, dir, in))
		return true;
	weigh(pending, in, dir == DIR_C2S, &weight);
	pending->bits = minus(weight.bits, luck);
	pending->ends += !weight.exact;
	if (is_enough(c, dir, &weight, luck, &begin)) {
		if (wake_answer(c, dir))
			return true;
		trust(decode, c, dir, offset + (int64_t)begin, weight.why);
		*ret += begin;
		return true;
	}
	if (conn_role(c->layer.at.conn) != ROLE_UNKNOWN)
		return false;
	weigh(pending, in, dir == DIR_S2C, &weight);
	pending->bits_turned = minus(weight.bits, luck);
	c->turned = pending->bits_turned && pending->bits_turned + other->bits_turned >= TRUST_UNKNOWN;
	return c->turned;
}

/* The new segment by itself may be a better candidate than what was kept: unless that has something for it. */
static bool look_at_new(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in,
			size_t *ret)
{
	struct stream_pending *pending = &c->pending->streams[dir];
	uint32_t place = pending->place, ends = pending->ends;
	bool found;

	if (pending->bits || pending->bits_turned)
		return false;
	pending->place = ++pending->tried;
	pending->ends = 1;
	found = look_at(decode, c, dir, offset, in, ret);
	pending->place = place;
	pending->ends = ends;
	return found;
}

size_t decode_step_seek(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in)
{
	struct stream_pending *pending = &c->pending->streams[dir];
	size_t old = pending->looked;
	bool guessed = conn_role(c->layer.at.conn) == ROLE_UNKNOWN;
	size_t used = 0;

	if (pending->lost_from < 0)
		decode_seek_from(c, dir, offset);
	pending->looked = 0;
	if (!old) {
		pending->place = ++pending->tried;
		pending->ends = 1;
	}
	if (look_at(decode, c, dir, offset, in, &used))
		return used;
	if (old && old < in.len && look_at_new(decode, c, dir, offset + (int64_t)old, ws_span_from(in, old), &used))
		return old + used;
	if (may_be_head(c, in) || may_be_frames(in, dir == DIR_C2S) || (guessed && may_be_frames(in, dir == DIR_S2C))) {
		pending->looked = in.len;
		return 0;
	}
	pending->bits = pending->bits_turned = 0;
	if (old && old < in.len) {
		pending->tried--; /* it was looked at, and is looked at again */
		return old;
	}
	c->pending->sought += in.len;
	c->gone = c->stage == STAGE_HTTP && c->pending->sought > LIMIT_UNDECIDED_BYTES;
	return in.len;
}
