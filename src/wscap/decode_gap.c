/* Bytes of a channel that will not come: what that makes of its states, and when they are told.
 *
 * Nothing is told of what may be no WebSocket. The channel stays where it is, even if it is gone: decode_conn.c settles
 * that. */
#include "wscap/decode_internal.h"

static void remember_gap(struct stream_pending *pending, int64_t offset, uint64_t len)
{
	if (!pending->gap_len)
		pending->gap_offset = offset;
	pending->gap_len += len;
}

/* Before anything says that this is a WebSocket. A request may be lost: then both streams may be at frames. */
static void client_gap_undecided(struct decode_conn *c, int64_t offset, uint64_t len)
{
	struct decode_stream *client = &c->streams[DIR_C2S];

	remember_gap(&c->pending->streams[DIR_C2S], offset, len);
	decode_stream_drop(c, DIR_C2S);
	client->state = STREAM_SEEK;
	c->streams[DIR_S2C].state = STREAM_SEEK;
}

/* An answer may be lost: of a request that was lost too, or of a client of which nothing was captured. */
static void server_gap_undecided(struct decode_conn *c, int64_t offset, uint64_t len)
{
	struct decode_stream *server = &c->streams[DIR_S2C];

	/* in an answer to a plain request; unless nobody is there who asks */
	if (server->state == STREAM_ANSWERS && offset > 0 && c->streams[DIR_C2S].fed) {
		decode_stream_drop(c, DIR_S2C);
		return;
	}
	remember_gap(&c->pending->streams[DIR_S2C], offset, len);
	decode_stream_drop(c, DIR_S2C);
	c->waiting = false;
	if (server->state != STREAM_ANSWERS || !c->streams[DIR_C2S].fed)
		server->state = STREAM_SEEK;
}

void decode_take_gap(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, uint64_t len)
{
	struct decode_stream *stream = &c->streams[dir];

	if (c->stage == STAGE_HTTP) { /* what was before it counts */
		decode_stop_waiting(decode, c);
		decode_run_awake(decode, c);
	}
	if (c->gone || decode_body_gap(c, dir, len))
		return;
	if (c->stage == STAGE_HTTP) {
		if (dir == DIR_C2S)
			client_gap_undecided(c, offset, len);
		else
			server_gap_undecided(c, offset, len);
		return;
	}
	if (stream->state == STREAM_CLOSED)
		return;
	if (stream->unseen) {
		remember_gap(&c->pending->streams[dir], offset, len);
		return;
	}
	decode_seek_to(decode, c, dir, offset);
	decode_gap(decode, c, dir, offset, len);
	if (c->stage == STAGE_OPENING && (dir == DIR_S2C || c->pending->streams[dir].kept.len)) {
		decode_conn_open_unanswered(decode, c);
		decode_run_awake(decode, c);
	}
	if (stream->state == STREAM_HELD)
		stream->state = STREAM_SEEK;
	else if (stream->state == STREAM_SEEK)
		decode_stream_drop(c, dir);
	else if (stream->state == STREAM_FRAMES)
		decode_frames_gap(decode, c, dir, offset, len);
	if (c->stage == STAGE_OPEN && stream->state == STREAM_SEEK)
		decode_seek_from(c, dir, offset + (int64_t)len);
}
