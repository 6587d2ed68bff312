/* A connection's life, and how its two streams wait for each other.
 *
 * Each stream is in one state, and each state has one step that takes bytes. What a step cannot use yet is kept, and
 * given to it again with more behind it. A client's bytes behind its request wait for the answer, an answer without
 * its request waits for that: captures are not always in order between the two directions. They wait for
 * limits.reorder at most, or until a gap shows that nothing will come. */
#include "wscap/decode_internal.h"

#include <stdlib.h>

static size_t step_held(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in)
{
	(void)decode;
	(void)dir;
	(void)offset;
	(void)in;
	if (!c->waiting)
		c->waiting_since = decode->now;
	c->waiting = true;
	return 0;
}

static decode_step *const steps[] = {
    [STREAM_HEAD] = decode_step_head,       [STREAM_BODY] = decode_step_body,
    [STREAM_ANSWERS] = decode_step_answers, [STREAM_HELD] = step_held,
    [STREAM_SEEK] = decode_step_seek,       [STREAM_FRAMES] = decode_step_frames,
    [STREAM_CLOSED] = decode_step_closed,
};

static void init(struct decode_conn *c, struct conn *conn, const struct limits *limits)
{
	*c = (struct decode_conn){.conn = conn, .request_begin = -1};
	c->streams[DIR_C2S].state = STREAM_HEAD;
	c->streams[DIR_S2C].state = STREAM_ANSWERS;
	ws_buf_init(&c->streams[DIR_C2S].kept, limits->head);
	ws_buf_init(&c->streams[DIR_S2C].kept, limits->head);
	ws_buf_init(&c->request, limits->head);
}

static void finish(struct decode_conn *c)
{
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		ws_buf_finish(&c->streams[dir].kept);
		ws_decoder_destroy(c->streams[dir].decoder);
	}
	ws_buf_finish(&c->request);
}

static bool on_heap(const struct decode_conn *c)
{
	return conn_user(c->conn) == c;
}

void decode_conn_destroy(struct decode *decode, struct decode_conn *c)
{
	*(c->prev ? &c->prev->next : &decode->first) = c->next;
	if (c->next)
		c->next->prev = c->prev;
	finish(c);
	free(c);
}

void decode_stream_set(struct decode_conn *c, enum dir dir, enum stream_state state)
{
	struct decode_stream *stream = &c->streams[dir];

	if (stream->state == STREAM_HELD)
		c->waiting = false;
	stream->state = state;
	stream->wake = true;
}

void decode_stream_drop(struct decode_stream *stream)
{
	ws_buf_clear(&stream->kept);
	stream->looked = 0;
	stream->bits = stream->bits_turned = 0;
}

void decode_conn_known(struct decode *decode, struct decode_conn *c)
{
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		struct decode_stream *stream = &c->streams[dir];

		if (!stream->gap_len || stream->unseen)
			continue;
		decode_gap(decode, c, dir, stream->gap_offset, stream->gap_len);
		stream->gap_len = 0;
	}
}

void decode_conn_open(struct decode *decode, struct decode_conn *c)
{
	struct decode_stream *client = &c->streams[DIR_C2S], *server = &c->streams[DIR_S2C];

	decode_conn_known(decode, c);
	c->stage = STAGE_OPEN;
	decode_stream_set(c, DIR_C2S, client->state == STREAM_HELD ? STREAM_FRAMES : STREAM_SEEK);
	decode_stream_set(c, DIR_S2C, server->state == STREAM_HEAD ? STREAM_FRAMES : STREAM_SEEK);
	ws_buf_finish(&c->request);
}

void decode_conn_refused(struct decode_conn *c)
{
	c->stage = STAGE_HTTP;
	if (c->streams[DIR_C2S].state == STREAM_HELD)
		decode_stream_set(c, DIR_C2S, STREAM_HEAD);
	decode_stream_set(c, DIR_S2C, STREAM_ANSWERS);
	ws_buf_finish(&c->request);
	c->request_begin = -1;
}

/* Whoever did not agree on compression does not set its bit, so it may be taken as agreed. */
void decode_conn_open_unanswered(struct decode *decode, struct decode_conn *c)
{
	c->deflate =
	    (struct ws_deflate_params){.enabled = true, .server_max_window_bits = 15, .client_max_window_bits = 15};
	decode_conn_known(decode, c);
	c->stage = STAGE_OPEN;
	decode_stream_drop(&c->streams[DIR_S2C]);
	decode_stream_set(c, DIR_C2S, STREAM_SEEK);
	decode_stream_set(c, DIR_S2C, STREAM_SEEK);
	ws_buf_finish(&c->request);
}

/* Bytes that wait for the other stream go on without it. */
static void stop_waiting(struct decode *decode, struct decode_conn *c)
{
	if (!c->waiting)
		return;
	c->waiting = false;
	if (c->stage == STAGE_OPENING) {
		decode_conn_open_unanswered(decode, c);
	} else if (c->streams[DIR_S2C].state == STREAM_HELD) {
		/* A 101 whose request was not captured. */
		decode_stream_drop(&c->streams[DIR_C2S]);
		c->streams[DIR_C2S].state = STREAM_SEEK;
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
	struct ws_buf *kept = &c->streams[dir].kept;
	struct ws_buf now = *kept; /* a step that clears what is kept does not pull it from under itself */
	size_t used;

	ws_buf_init(kept, now.max);
	used = run(decode, c, dir, c->streams[dir].kept_offset, ws_buf_span(&now));
	if (used >= now.len || c->gone) {
		ws_buf_finish(&now);
		return;
	}
	memmove(now.data, now.data + used, now.len - used);
	now.len -= used;
	*kept = now;
	c->streams[dir].kept_offset += (int64_t)used;
}

static void run_awake(struct decode *decode, struct decode_conn *c)
{
	while (!c->gone && (c->streams[DIR_C2S].wake || c->streams[DIR_S2C].wake)) {
		enum dir dir = c->streams[DIR_C2S].wake ? DIR_C2S : DIR_S2C;

		c->streams[dir].wake = false;
		if (c->streams[dir].kept.len)
			run_kept(decode, c, dir);
	}
}

/* Moves c, which lives on the stack, to the heap. */
static bool move_to_heap(struct decode *decode, const struct decode_conn *c)
{
	struct decode_conn *copy = malloc(sizeof(*copy));

	if (!copy)
		return false;
	*copy = *c;
	copy->next = decode->first;
	if (copy->next)
		copy->next->prev = copy;
	decode->first = copy;
	conn_set_user(copy->conn, copy);
	return true;
}

static void forget(struct decode *decode, struct decode_conn *c)
{
	struct conn *conn = c->conn;

	if (!on_heap(c)) {
		finish(c);
		return;
	}
	decode_conn_destroy(decode, c);
	conn_set_user(conn, NULL);
}

/* Between plain requests: a new decode_conn would be the same. */
static bool is_idle(const struct decode_conn *c)
{
	const struct decode_stream *client = &c->streams[DIR_C2S], *server = &c->streams[DIR_S2C];

	return c->stage == STAGE_HTTP && client->state == STREAM_HEAD && server->state == STREAM_ANSWERS &&
	       !client->kept.len && !server->kept.len && !client->gap_len && !server->gap_len;
}

/* Nothing but the bytes could tell which side is the client, and it is not the one that was guessed: what is kept is
 * looked at again, the other way round. */
static void turn(struct decode *decode, struct decode_conn *c)
{
	struct decode_stream client = c->streams[DIR_C2S];

	c->turned = false;
	conn_set_client(c->conn, DIR_S2C);
	c->streams[DIR_C2S] = c->streams[DIR_S2C];
	c->streams[DIR_S2C] = client;
	if (c->streams[DIR_C2S].state == STREAM_ANSWERS)
		c->streams[DIR_C2S].state = STREAM_HEAD;
	if (c->streams[DIR_S2C].state == STREAM_HEAD)
		c->streams[DIR_S2C].state = STREAM_ANSWERS;
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		c->streams[dir].bits = c->streams[dir].bits_turned;
		c->streams[dir].wake = true;
	}
	run_awake(decode, c);
}

/* After anything has happened: decides where c lives on, if it does. */
static void settle(struct decode *decode, struct decode_conn *c)
{
	if (c->turned && !c->gone)
		turn(decode, c);
	if (c->gone) {
		struct conn *conn = c->conn;

		forget(decode, c);
		conn_ignore(conn);
	} else if (is_idle(c)) {
		forget(decode, c);
	} else if (!on_heap(c) && !move_to_heap(decode, c)) {
		decode->stats.no_memory++;
		finish(c);
		conn_ignore(c->conn);
	}
}

/* Keeps what cannot be used yet. False: there is no room, and nothing was kept. */
static bool keep(struct decode *decode, struct decode_conn *c, enum dir dir, struct ws_span bytes)
{
	struct decode_stream *stream = &c->streams[dir];
	int status = ws_buf_append(&stream->kept, bytes);

	if (status == WS_OK)
		return true;
	if (status == WS_E_LIMIT && stream->state == STREAM_HELD && c->waiting) {
		stop_waiting(decode, c);
		run_awake(decode, c);
		return false;
	}
	if (status == WS_E_LIMIT && stream->state == STREAM_SEEK) {
		decode_stream_drop(stream);
		return false;
	}
	if (status == WS_E_MEMORY)
		decode->stats.no_memory++;
	else
		decode_limit(decode, c, dir, "max-head");
	c->gone = true;
	return false;
}

/* Would looking again at a head that is kept tell more than the last time? A head ends with a line. */
static bool worth_a_look(const struct decode_stream *stream, struct ws_span more)
{
	enum {
		START_LINE = 64,
	};

	return stream->state != STREAM_HEAD || stream->kept.len < START_LINE || memchr(more.data, '\n', more.len);
}

static void take(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct decode_stream *stream = &c->streams[dir];

	while (bytes.len && !c->gone) {
		size_t used = 0;

		if (!stream->kept.len) {
			used = run(decode, c, dir, offset, bytes);
			offset += (int64_t)used;
			bytes = ws_span_from(bytes, used);
			stream->kept_offset = offset;
			run_awake(decode, c);
		}
		if (!bytes.len || c->gone)
			return;
		if (keep(decode, c, dir, bytes)) {
			if (worth_a_look(stream, bytes))
				run_kept(decode, c, dir);
			break;
		}
	}
	run_awake(decode, c);
}

/* Bytes that have waited for the other stream for too long go on without it. */
static void end_long_wait(struct decode *decode, struct decode_conn *c)
{
	if (!c->waiting || decode->now - c->waiting_since < decode->limits.reorder)
		return;
	stop_waiting(decode, c);
	run_awake(decode, c);
}

void decode_on_data(void *context, struct conn *conn, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct decode *decode = context;
	struct decode_conn *c = conn_user(conn), fresh;

	if (!c) {
		init(&fresh, conn, &decode->limits);
		c = &fresh;
	}
	end_long_wait(decode, c);
	if (c->streams[dir].unseen) {
		c->streams[dir].unseen = false;
		decode_conn_known(decode, c);
	}
	take(decode, c, dir, offset, bytes);
	settle(decode, c);
}

static void remember_gap(struct decode_stream *stream, int64_t offset, uint64_t len)
{
	if (!stream->gap_len)
		stream->gap_offset = offset;
	stream->gap_len += len;
}

/* Before anything says that this is a WebSocket. A request may be lost: then both streams may be at frames. */
static void client_gap_undecided(struct decode_conn *c, int64_t offset, uint64_t len)
{
	struct decode_stream *client = &c->streams[DIR_C2S];

	if (client->state == STREAM_BODY && len <= client->body_left) {
		client->body_left -= len;
		client->state = client->body_left ? STREAM_BODY : STREAM_HEAD;
		return;
	}
	remember_gap(client, offset, len);
	decode_stream_drop(client);
	client->state = STREAM_SEEK;
	c->streams[DIR_S2C].state = STREAM_SEEK;
}

static void server_gap_undecided(struct decode_conn *c, int64_t offset, uint64_t len)
{
	struct decode_stream *server = &c->streams[DIR_S2C];

	if (server->state == STREAM_ANSWERS && offset > 0)
		return; /* in an answer to a plain request */
	remember_gap(server, offset, len);
	decode_stream_drop(server);
	c->waiting = false;
	if (server->state != STREAM_ANSWERS)
		server->state = STREAM_SEEK;
}

static void gap(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, uint64_t len)
{
	struct decode_stream *stream = &c->streams[dir];

	if (c->stage == STAGE_HTTP && dir == DIR_C2S) {
		stop_waiting(decode, c);
		run_awake(decode, c);
	}
	if (c->gone)
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
		remember_gap(stream, offset, len);
		return;
	}
	decode_gap(decode, c, dir, offset, len);
	if (c->stage == STAGE_OPENING && (dir == DIR_S2C || stream->kept.len)) {
		decode_conn_open_unanswered(decode, c);
		run_awake(decode, c);
	}
	if (stream->state == STREAM_HELD)
		stream->state = STREAM_SEEK;
	else if (stream->state == STREAM_SEEK)
		decode_stream_drop(stream);
	else if (stream->state == STREAM_FRAMES)
		decode_frames_gap(decode, c, dir, offset, len);
}

void decode_on_gap(void *context, struct conn *conn, enum dir dir, int64_t offset, uint64_t len)
{
	struct decode *decode = context;
	struct decode_conn *c = conn_user(conn), fresh;

	if (!c) {
		init(&fresh, conn, &decode->limits);
		c = &fresh;
	}
	gap(decode, c, dir, offset, len);
	settle(decode, c);
}

void decode_on_mid_stream(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	struct decode *decode = context;
	struct decode_conn *c = conn_user(conn), fresh;

	(void)offset;
	if (!c) {
		init(&fresh, conn, &decode->limits);
		c = &fresh;
	}
	if (c->stage == STAGE_HTTP)
		c->streams[dir].state = STREAM_SEEK;
	settle(decode, c);
}

void decode_on_end(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	struct decode *decode = context;
	struct decode_conn *c = conn_user(conn);

	(void)offset;
	if (!c || c->streams[dir].state != STREAM_FRAMES)
		return;
	decode_frames_end(decode, c, dir);
	c->streams[dir].state = STREAM_CLOSED;
	c->streams[dir].silent = true;
}

void decode_conn_over(struct decode *decode, struct decode_conn *c)
{
	stop_waiting(decode, c);
	run_awake(decode, c);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C && !c->gone; dir++)
		decode_frames_end(decode, c, dir);
	settle(decode, c);
}

void decode_conn_tick(struct decode *decode, struct decode_conn *c)
{
	end_long_wait(decode, c);
	settle(decode, c);
}
