/* How bytes reach the step of their stream, and how the two streams of a connection wait for each other.
 *
 * Each stream is in one state, and each state has one step that takes bytes. What a step cannot use yet is kept, and
 * given to it again with more behind it. A client's bytes behind its request wait for the answer, an answer without
 * its request waits for that: captures are not always in order between the two directions. They wait for
 * limits.reorder at most, or until a gap shows that nothing will come. */
#include "wscap/decode_internal.h"

static size_t step_held(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in)
{
	(void)decode;
	(void)dir;
	(void)offset;
	(void)in;
	if (!c->waiting)
		c->pending->waiting_since = decode->now;
	c->waiting = true;
	return 0;
}

static decode_step *const steps[] = {
    [STREAM_HEAD] = decode_step_head,       [STREAM_BODY] = decode_step_body,
    [STREAM_ANSWERS] = decode_step_answers, [STREAM_HELD] = step_held,
    [STREAM_SEEK] = decode_step_seek,       [STREAM_FRAMES] = decode_step_frames,
    [STREAM_EARLIER] = decode_step_earlier, [STREAM_CLOSED] = decode_step_closed,
};

/* Bytes that wait for the other stream go on without it. */
void decode_stop_waiting(struct decode *decode, struct decode_conn *c)
{
	if (!c->waiting)
		return;
	c->waiting = false;
	if (c->stage == STAGE_OPENING) {
		decode_conn_open_unanswered(decode, c);
	} else if (c->streams[DIR_S2C].state == STREAM_HELD) {
		/* A 101 whose request was not captured. */
		decode_stream_set(c, DIR_C2S, STREAM_SEEK);
		decode_stream_set(c, DIR_S2C, STREAM_HEAD);
	}
}

static size_t run(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in)
{
	struct decode_stream *stream = &c->streams[dir];
	size_t used = 0;

	while (used < in.len && !c->gone) {
		enum stream_state state = stream->state;
		size_t taken = steps[state](decode, c, dir, offset + (int64_t)used, ws_span_from(in, used));

		if (!taken && state == stream->state)
			break;
		used += taken;
	}
	return used;
}

/* What was kept, from its beginning. */
static void run_kept(struct decode *decode, struct decode_conn *c, enum dir dir)
{
	struct ws_buf *kept = &c->pending->streams[dir].kept;
	struct ws_buf now = *kept; /* a step that clears what is kept does not pull it from under itself */
	size_t used;

	ws_buf_init(kept, now.max);
	used = run(decode, c, dir, c->pending->streams[dir].kept_offset, ws_buf_span(&now));
	c->pending->streams[dir].kept_offset += (int64_t)used;
	if (used >= now.len || c->gone) {
		ws_buf_finish(&now);
		return;
	}
	memmove(now.data, now.data + used, now.len - used);
	now.len -= used;
	*kept = now;
}

static bool keeps_nothing(const struct decode_conn *c)
{
	return !c->pending->streams[DIR_C2S].kept.len && !c->pending->streams[DIR_S2C].kept.len;
}

void decode_run_awake(struct decode *decode, struct decode_conn *c)
{
	if (keeps_nothing(c)) {
		c->streams[DIR_C2S].wake = c->streams[DIR_S2C].wake = false;
		return;
	}
	while (!c->gone && (c->streams[DIR_C2S].wake || c->streams[DIR_S2C].wake)) {
		enum dir dir = c->streams[DIR_C2S].wake ? DIR_C2S : DIR_S2C;

		c->streams[dir].wake = false;
		if (c->pending->streams[dir].kept.len)
			run_kept(decode, c, dir);
	}
}

/* Nothing but the bytes could tell which side is the client, and it is not the one that was guessed: what is kept is
 * looked at again, the other way round. */
void decode_turn(struct decode *decode, struct decode_conn *c)
{
	struct decode_stream client = c->streams[DIR_C2S];
	struct stream_pending pending = c->pending->streams[DIR_C2S];

	c->turned = false;
	conn_set_client(c->layer.at.conn, DIR_S2C);
	c->streams[DIR_C2S] = c->streams[DIR_S2C];
	c->streams[DIR_S2C] = client;
	c->pending->streams[DIR_C2S] = c->pending->streams[DIR_S2C];
	c->pending->streams[DIR_S2C] = pending;
	if (c->streams[DIR_C2S].state == STREAM_ANSWERS)
		c->streams[DIR_C2S].state = STREAM_HEAD;
	if (c->streams[DIR_S2C].state == STREAM_HEAD)
		c->streams[DIR_S2C].state = STREAM_ANSWERS;
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		c->pending->streams[dir].bits = c->pending->streams[dir].bits_turned;
		c->streams[dir].wake = true;
	}
	decode_run_awake(decode, c);
}

/* Keeps what cannot be used yet. False: there is no room, and nothing was kept; how many bytes of it are given up with
 * what was is in ret_lost. */
static bool keep(struct decode *decode, struct decode_conn *c, enum dir dir, struct ws_span bytes, size_t *ret_lost)
{
	enum stream_state state = c->streams[dir].state;
	struct ws_buf *kept = &c->pending->streams[dir].kept;
	bool room = decode->kept + bytes.len <= decode->limits.waiting_total;
	int status = room ? ws_buf_append(kept, bytes) : WS_E_LIMIT;

	*ret_lost = 0;
	if (status == WS_OK)
		return true;
	if (status == WS_E_MEMORY) {
		decode->stats.no_memory++;
		c->gone = true;
	} else if (state == STREAM_HELD && c->waiting) {
		decode_stop_waiting(decode, c);
		decode_run_awake(decode, c);
	} else if (state == STREAM_SEEK) {
		c->pending->sought += kept->len;
		decode_stream_drop(c, dir);
	} else {
		decode_limit(decode, c, dir, room ? "max-head" : "max-waiting-total");
		*ret_lost = decode_head_lose(decode, c, dir, bytes);
	}
	return false;
}

/* Would looking again at a head that is kept tell more than the last time? A head ends with a line. */
static bool worth_a_look(const struct decode_conn *c, enum dir dir, struct ws_span more)
{
	enum stream_state state = c->streams[dir].state;
	enum {
		START_LINE = 64,
	};

	return (state != STREAM_HEAD && state != STREAM_EARLIER) || c->pending->streams[dir].kept.len < START_LINE ||
	       memchr(more.data, '\n', more.len);
}

/* Where nothing is kept, the bytes are used in place, and only the rest is kept. Returns whether any of them is left to
 * be given again, because what was kept had to go. */
static bool feed(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t *offset, struct ws_span *bytes)
{
	struct stream_pending *pending = &c->pending->streams[dir];
	size_t lost;
	bool seeks;

	if (!pending->kept.len) {
		size_t used = run(decode, c, dir, *offset, *bytes);

		*offset += (int64_t)used;
		*bytes = ws_span_from(*bytes, used);
		pending->kept_offset = *offset;
		if (bytes->len)
			decode_run_awake(decode, c);
	}
	if (!bytes->len || c->gone)
		return false;
	/* A candidate that there is no room for is given up; bytes behind it may still be one. */
	seeks = c->streams[dir].state == STREAM_SEEK && !pending->kept.len;
	if (!keep(decode, c, dir, *bytes, &lost)) {
		*offset += (int64_t)lost;
		*bytes = ws_span_from(*bytes, lost);
		return !seeks && bytes->len;
	}
	if (worth_a_look(c, dir, *bytes))
		run_kept(decode, c, dir);
	return false;
}

void decode_feed(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span bytes)
{
	while (feed(decode, c, dir, &offset, &bytes) && !c->gone)
		;
	decode_run_awake(decode, c);
}

/* Bytes that have waited for the other stream for too long go on without it. */
void decode_end_long_wait(struct decode *decode, struct decode_conn *c)
{
	if (!c->waiting || decode_since(decode, c->pending->waiting_since) < decode->limits.reorder)
		return;
	decode_stop_waiting(decode, c);
	decode_run_awake(decode, c);
}
