/* One connection: who it is between, what it waits for, and how it ends. */
#include "wscap/conn_internal.h"
#include "wscap/pool.h"

#include <stdlib.h>

/* Field by field: so many at once a compiler clears the slow way. Its places in table are set by that. */
void conn_init(struct conn *conn, struct conn_table *table, const struct conn_key *key, uint64_t number,
	       unsigned client_side)
{
	conn->key = *key;
	conn->table = table;
	conn->number = number;
	conn->user = NULL;
	conn->packets = 0;
	conn->client_side = (uint8_t)client_side;
	conn->role_known = conn->mid_stream = conn->established = conn->told_data = false;
	conn->ignored = conn->closed = conn->calm = conn->troubled = false;
	for (unsigned side = 0; side < 2; side++) {
		conn->streams[side] = (struct stream){.acked = -1, .sent_time = INT64_MIN, .flight_time = INT64_MIN};
		conn->scales[side] = SCALE_UNKNOWN;
	}
}

uint64_t conn_number(const struct conn *conn)
{
	return conn->number;
}

static struct endpoint endpoint_of(const struct conn *conn, unsigned side)
{
	uint64_t last = conn->key.words[KEY_WORDS - 1];
	struct endpoint endpoint = {
	    .version = (uint8_t)last,
	    .port = (uint16_t)(side == 0 ? last >> 48 : last >> 32),
	};

	memcpy(endpoint.addr, &conn->key.words[side * 2], sizeof(endpoint.addr));
	return endpoint;
}

struct endpoint conn_client(const struct conn *conn)
{
	return endpoint_of(conn, conn->client_side);
}

struct endpoint conn_server(const struct conn *conn)
{
	return endpoint_of(conn, !conn->client_side);
}

enum conn_role conn_role(const struct conn *conn)
{
	return conn->role_known ? ROLE_KNOWN : ROLE_UNKNOWN;
}

bool conn_is_mid_stream(const struct conn *conn)
{
	return conn->mid_stream;
}

void conn_set_mid_stream(struct conn *conn, bool mid_stream)
{
	struct conn_stats *counters = conn_table_counters(conn->table);

	if (mid_stream && !conn->mid_stream)
		counters->mid_stream++;
	if (!mid_stream && conn->mid_stream)
		counters->mid_stream--;
	conn->mid_stream = mid_stream;
}

void conn_set_client(struct conn *conn, enum dir client_dir)
{
	if (conn->role_known)
		return;
	if (client_dir != DIR_C2S)
		conn->client_side = !conn->client_side;
	conn->role_known = true;
}

/* What waits is freed; where the streams are is still followed. */
static void drop_waiting(struct conn *conn)
{
	for (unsigned side = 0; side < 2; side++) {
		struct stream *stream = &conn->streams[side];
		int64_t highest = stream_highest(conn, side);
		int64_t lowest = stream_lowest(conn, side);

		if (stream->has_waiting && !stream->begun) {
			stream_begin(conn, side, lowest);
			highest -= lowest;
		}
		if (waiting_lowest(stream_waiting(conn, side), &lowest)) {
			struct trouble *trouble = stream_trouble_set(conn, side);

			trouble->gap_begin = stream->next;
			trouble->gap_end = lowest;
		}
		stream_free_waiting(conn, side);
		stream->next = highest;
	}
	conn_table_watch(conn, INT64_MAX);
}

bool conn_is_ignored(const struct conn *conn)
{
	return conn->ignored;
}

bool conn_saw_syn(const struct conn *conn)
{
	return conn->streams[0].syn || conn->streams[1].syn;
}

bool conn_is_behind(const struct conn *conn, enum dir dir)
{
	unsigned side = dir == DIR_C2S ? conn->client_side : !conn->client_side;
	const struct stream *stream = &conn->streams[side];

	return !conn_quiet(conn) && (stream->has_waiting || stream_has_unread(conn, side) ||
				     (stream->begun && stream_acked(conn, side) > stream->next));
}

void conn_ignore(struct conn *conn)
{
	if (conn->ignored)
		return;
	conn->ignored = true;
	drop_waiting(conn);
}

struct conn *conn_copy(const struct conn *conn)
{
	struct conn *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *conn;
	copy->older = copy->newer = POOL_NONE;
	copy->troubled = false; /* the table has them */
	copy->user = NULL;
	copy->streams[0].has_waiting = copy->streams[1].has_waiting = false;
	copy->ignored = copy->closed = true;
	return copy;
}

void conn_copy_free(struct conn *copy)
{
	free(copy);
}

void *conn_user(const struct conn *conn)
{
	return conn->user;
}

void conn_set_user(struct conn *conn, void *user)
{
	conn->user = user;
}

/* What a stream waits for: to begin, or all below *ret_mark. */
static bool waits(const struct conn *conn, unsigned side, int64_t *ret_mark)
{
	const struct stream *stream = &conn->streams[side];

	*ret_mark = stream_acked(conn, side);
	if (!stream->begun)
		return stream->has_waiting || stream->fin;
	if (*ret_mark > stream->next && stream->captured)
		return true;
	/* nobody was captured who could acknowledge */
	return !conn->streams[!side].captured && waiting_lowest(stream_waiting(conn, side), ret_mark);
}

/* Nothing is missing in what waits, nor before it of what the receiver did not have yet when it spoke last: if it was
 * reordered, it no longer is. */
static bool in_one_piece(const struct conn *conn, unsigned side)
{
	int64_t from = stream_lowest(conn, side);

	if (conn->streams[side].ack_known && stream_acked(conn, side) < from)
		from = stream_acked(conn, side);
	return waiting_missing(stream_waiting(conn, side), from, stream_highest(conn, side)) == 0;
}

static bool is_due(const struct conn *conn, unsigned side, int64_t now)
{
	const struct limits *limits = conn_table_limits(conn->table);
	const struct stream *stream = &conn->streams[side];
	const struct trouble *trouble = stream_trouble(conn, side);
	uint32_t packets = conn->packets - trouble->mark_packets;

	if (!stream->begun)
		return packets >= (in_one_piece(conn, side) ? LIMIT_START_PACKETS : limits->reorder_packets) ||
		       time_since(now, trouble->mark_time) >= LIMIT_START_NS || stream_head_waits(conn, side);
	return time_since(now, trouble->mark_time) >= limits->reorder ||
	       (packets >= limits->reorder_packets && conn->streams[!side].captured);
}

/* Gives up what is due. Returns when to look again, or INT64_MAX. */
static int64_t settle(struct conn *conn, unsigned side, int64_t now)
{
	struct stream *stream = &conn->streams[side];
	int64_t mark;

	while (waits(conn, side, &mark)) {
		if (!stream->watching || (stream->begun && stream->next >= stream_trouble(conn, side)->mark)) {
			struct trouble *trouble = stream_trouble_set(conn, side);

			trouble->mark = mark;
			trouble->mark_time = conn->last; /* it is so since then, however long ago that is */
			trouble->mark_packets = conn->packets;
			stream->watching = true;
		}
		if (!is_due(conn, side, now))
			return time_after(stream_trouble(conn, side)->mark_time,
					  stream->begun ? conn_table_limits(conn->table)->reorder : LIMIT_START_NS);
		if (stream->begun)
			stream_give_up(conn, side, stream_trouble(conn, side)->mark);
		else
			stream_begin_mid(conn, side, stream_lowest(conn, side));
	}
	stream->watching = false;
	return INT64_MAX;
}

static inline bool waits_for_nothing(const struct stream *stream)
{
	return !stream->has_waiting && !stream->watching && !stream->fin && stream->acked <= stream->next;
}

void conn_settle(struct conn *conn, int64_t now)
{
	int64_t deadline = INT64_MAX;
	unsigned first = conn->client_side; /* what is told may turn the roles */

	conn_set_calm(conn, false);
	if (!conn_troubles(conn)->watched && waits_for_nothing(&conn->streams[0]) &&
	    waits_for_nothing(&conn->streams[1])) /* as nearly always while one is opened */
		return;
	for (unsigned i = 0; i < 2 && !conn_quiet(conn); i++) {
		int64_t at = settle(conn, i == 0 ? first : !first, now);

		if (at < deadline)
			deadline = at;
	}
	conn_table_watch(conn, conn_quiet(conn) ? INT64_MAX : deadline);
	if (conn->streams[0].fin == FIN_ENDED && conn->streams[1].fin == FIN_ENDED)
		conn_close_as(conn, CONN_CLOSE_FIN);
}

void conn_flush(struct conn *conn)
{
	unsigned first = conn->client_side; /* what is told may turn the roles */

	conn_set_calm(conn, false);
	for (unsigned i = 0; i < 2 && !conn_quiet(conn); i++) {
		unsigned side = i == 0 ? first : !first;
		struct stream *stream = &conn->streams[side];
		int64_t acked;

		if (!stream->begun && (stream->has_waiting || stream->fin))
			stream_begin_mid(conn, side, stream_lowest(conn, side));
		if (!stream->begun)
			continue;
		acked = stream_acked(conn, side);
		stream_give_up(conn, side, stream_highest(conn, side));
		/* whoever sent a FIN has sent all before it, acknowledged or not */
		if (stream->captured)
			stream_give_up(conn, side, stream->fin ? stream_fin_at(conn, side) : acked);
		stream_release(conn, side, INT64_MAX);
		stream_advance(conn, side);
	}
}

void conn_end_as(struct conn *conn, enum conn_close how)
{
	const struct conn_sink *sink = conn_table_sink(conn->table);
	bool calm = conn->calm; /* nothing waits, nothing is missing: its streams need not be looked at */

	if (conn->closed)
		return;
	if (!calm)
		conn_flush(conn);
	sink->close(sink->context, conn, how);
	conn_set_calm(conn, true); /* it is not among those that are restless */
	conn->closed = true;
	conn->calm = false;
	if (!calm)
		drop_waiting(conn);
}

void conn_close_as(struct conn *conn, enum conn_close how)
{
	if (conn->closed)
		return;
	conn_end_as(conn, how);
	conn_table_closed(conn);
}
