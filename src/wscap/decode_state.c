/* What a channel's states turn into: a WebSocket, or plain HTTP again.
 *
 * Only states change here, and what is kept is dropped: what is fed then is decode_feed.c's, and where the channel
 * lives decode_conn.c's. */
#include "wscap/decode_internal.h"

void decode_stream_set(struct decode_conn *c, enum dir dir, enum stream_state state)
{
	struct decode_stream *stream = &c->streams[dir];

	if (stream->state == STREAM_HELD)
		c->waiting = false;
	stream->state = state;
	stream->wake = true;
}

void decode_stream_drop(struct decode_conn *c, enum dir dir)
{
	struct stream_pending *pending = &c->pending->streams[dir];

	ws_buf_finish(&pending->kept);
	pending->looked = 0;
	pending->bits = pending->bits_turned = 0;
}

void decode_tell_gaps(struct decode *decode, struct decode_conn *c)
{
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		struct stream_pending *pending = &c->pending->streams[dir];

		if (!pending->gap_len || c->streams[dir].unseen)
			continue;
		decode_gap(decode, c, dir, pending->gap_offset, pending->gap_len);
		pending->gap_len = 0;
	}
}

void decode_conn_open(struct decode *decode, struct decode_conn *c)
{
	struct decode_stream *client = &c->streams[DIR_C2S], *server = &c->streams[DIR_S2C];

	decode_conn_known(decode, c);
	c->stage = STAGE_OPEN;
	c->refused = false;
	decode_stream_set(c, DIR_C2S, client->state == STREAM_HELD ? STREAM_FRAMES : STREAM_SEEK);
	decode_stream_set(c, DIR_S2C, server->state == STREAM_HEAD ? STREAM_FRAMES : STREAM_SEEK);
	decode_request_end(decode, c->pending);
}

void decode_conn_refused(struct decode_conn *c)
{
	c->stage = STAGE_HTTP;
	c->refused = true;
	c->pending->streams[DIR_C2S].lost_from = c->pending->streams[DIR_S2C].lost_from = -1;
	if (c->streams[DIR_C2S].state == STREAM_HELD)
		decode_stream_set(c, DIR_C2S, STREAM_HEAD);
	decode_stream_set(c, DIR_S2C, STREAM_ANSWERS);
}

/* Whoever did not agree on compression does not set its bit, so it may be taken as agreed. */
void decode_conn_open_unanswered(struct decode *decode, struct decode_conn *c)
{
	c->deflate =
	    (struct ws_deflate_params){.enabled = true, .server_max_window_bits = 15, .client_max_window_bits = 15};
	decode_conn_known(decode, c);
	c->stage = STAGE_OPEN;
	c->refused = false;
	if (c->streams[DIR_S2C].state != STREAM_SEEK) /* what is kept is of a head */
		decode_stream_drop(c, DIR_S2C);
	decode_stream_set(c, DIR_C2S, STREAM_SEEK);
	decode_stream_set(c, DIR_S2C, STREAM_SEEK);
	decode_request_end(decode, c->pending);
}
