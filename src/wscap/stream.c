/* Where bytes are put in order. See stream.h for the rules; when they apply is conn.c's. */
#include "wscap/conn_internal.h"
#include "wscap/seq.h"

#include <stdlib.h>

const struct troubles *conn_troubles(const struct conn *conn)
{
	static const struct troubles none;

	return conn->troubled ? conn_table_troubles(conn) : &none;
}

struct troubles *conn_troubles_set(struct conn *conn)
{
	struct troubles *troubles = conn_table_troubles(conn);

	if (!conn->troubled)
		*troubles = (struct troubles){0};
	conn->troubled = true;
	return troubles;
}

void stream_guess(struct stream *stream, uint32_t seq)
{
	stream->base = seq;
	stream->next = 0;
	stream->placed = true;
}

bool stream_place(const struct stream *stream, uint32_t seq, int64_t *ret)
{
	int64_t offset;

	if (!stream->placed)
		return false;
	offset = seq_to_offset(seq, stream->base, stream->next);
	if (offset > stream->next + SANE_JUMP || offset < stream->next - SANE_JUMP)
		return false;
	*ret = offset;
	return true;
}

int64_t stream_lowest(const struct conn *conn, unsigned side)
{
	const struct stream *stream = &conn->streams[side];
	int64_t lowest = stream->next;

	if (waiting_lowest(stream_waiting(conn, side), &lowest) || !stream->fin)
		return lowest;
	return stream_fin_at(conn, side);
}

int64_t stream_highest(const struct conn *conn, unsigned side)
{
	int64_t highest = conn->streams[side].next;

	waiting_highest(stream_waiting(conn, side), &highest);
	return highest;
}

int64_t stream_acked(const struct conn *conn, unsigned side)
{
	int64_t acked = conn->streams[side].acked, fin = stream_fin_at(conn, side);

	return acked < fin ? acked : fin;
}

void stream_begin(struct conn *conn, unsigned side, int64_t at)
{
	struct stream *stream = &conn->streams[side];

	if (stream->has_waiting)
		waiting_shift(stream_waiting(conn, side), -at);
	stream->base += (uint32_t)at;
	stream->acked = stream->ack_known && stream->acked >= at ? stream->acked - at : -1;
	if (stream->fin == FIN_AHEAD && (stream_trouble_set(conn, side)->fin -= at) < 0)
		stream->fin = FIN_UNSEEN;
	stream->next = 0;
	stream->begun = true;
	stream->watching = false;
}

/* "HTTP/1.1 101": a version, and a status behind it; where a request line ends with its version, there is none. */
static bool is_answer(struct ws_span bytes)
{
	struct ws_cursor at = ws_cursor_of(bytes);
	struct ws_span name;
	uint8_t minor, space, status;

	return ws_take_span(&at, sizeof("HTTP/1.") - 1, &name) && ws_span_equal(name, ws_span_str("HTTP/1.")) &&
	       ws_take_u8(&at, &minor) && ws_take_u8(&at, &space) && ws_take_u8(&at, &status) && space == ' ' &&
	       status >= '1' && status <= '5';
}

enum stream_head stream_http_head(struct ws_span bytes)
{
	static const char *const methods[] = {"GET ", "POST ", "HEAD ", "PUT ", "OPTIONS ", "DELETE ", "CONNECT "};

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		struct ws_span method = ws_span_str(methods[i]);

		if (ws_span_equal(ws_span_first(bytes, method.len), method))
			return STREAM_HEAD_REQUEST;
	}
	return is_answer(bytes) ? STREAM_HEAD_ANSWER : STREAM_HEAD_NONE;
}

enum stream_head stream_head_waits(const struct conn *conn, unsigned side)
{
	uint8_t first[sizeof("HTTP/1.1 1") - 1];

	return stream_http_head(ws_span_of(first, waiting_peek(stream_waiting(conn, side), first, sizeof(first))));
}

void stream_tell(struct conn *conn, unsigned side, int64_t offset, struct ws_span bytes, bool disputed)
{
	const struct conn_sink *sink = conn_table_sink(conn->table);

	if (conn_quiet(conn) || !bytes.len)
		return;
	conn->told_data = true;
	recent_put(conn_table_recent(conn->table), stream_id(conn, side), offset, bytes, disputed);
	sink->data(sink->context, conn, conn_dir(conn, side), offset, bytes);
}

void stream_tell_gap(struct conn *conn, unsigned side, int64_t offset, uint64_t len)
{
	const struct conn_sink *sink = conn_table_sink(conn->table);
	struct conn_stats *counters = conn_table_counters(conn->table);

	if (conn_quiet(conn))
		return;
	counters->gaps++;
	counters->gap_bytes += len;
	sink->gap(sink->context, conn, conn_dir(conn, side), offset, len);
}

/* These are missing, and are waited for no longer. */
static void skip(struct conn *conn, unsigned side, int64_t offset, uint64_t len)
{
	struct trouble *trouble;

	if (!len)
		return;
	trouble = stream_trouble_set(conn, side);
	if (offset != trouble->gap_end)
		trouble->gap_begin = offset;
	trouble->gap_end = offset + (int64_t)len;
	stream_read_gap(conn, side, offset, len);
}

void stream_tell_limit(struct conn *conn, unsigned side, enum waiting_result result)
{
	const struct conn_sink *sink = conn_table_sink(conn->table);
	struct stream *stream = &conn->streams[side];

	if (result == WAITING_NO_MEMORY) {
		conn_table_counters(conn->table)->no_memory++;
		return;
	}
	if (stream->limit_told || conn_quiet(conn))
		return;
	stream->limit_told = true;
	sink->limit(sink->context, conn, conn_dir(conn, side),
		    result == WAITING_STREAM_FULL ? "max-waiting" : "max-waiting-total");
}

void stream_free_waiting(struct conn *conn, unsigned side)
{
	struct trouble *trouble;

	if (!conn->troubled)
		return;
	trouble = stream_trouble_set(conn, side);
	waiting_clear(&trouble->waiting, conn_table_account(conn->table));
	waiting_clear(&trouble->unread, conn_table_account(conn->table));
	conn->streams[side].has_waiting = false;
}

/* What waits and is next is read. Whoever is told may want no more of it: all that waits is gone then. */
static void read_waiting(struct conn *conn, unsigned side)
{
	struct stream *stream = &conn->streams[side];
	struct waiting **waiting = &stream_trouble_set(conn, side)->waiting;
	int64_t lowest;
	struct piece piece;

	while (waiting_lowest(*waiting, &lowest) && lowest <= stream->next &&
	       waiting_take(waiting, conn_table_account(conn->table), &piece)) {
		stream->has_waiting = *waiting;
		stream->next = piece.begin + piece.len;
		if (piece.data)
			stream_read(conn, side, piece.begin, ws_span_of(piece.data, piece.len), piece.disputed);
		else
			skip(conn, side, piece.begin, piece.len);
		free(piece.data);
	}
}

void stream_advance(struct conn *conn, unsigned side)
{
	const struct conn_sink *sink = conn_table_sink(conn->table);
	struct stream *stream = &conn->streams[side];

	if (stream->has_waiting)
		read_waiting(conn, side);
	if (!stream->has_waiting && !stream_has_unread(conn, side))
		stream->limit_told = false;
	if (stream->fin == FIN_AHEAD && stream->next >= stream_fin_at(conn, side))
		stream->fin = FIN_NEXT;
	if (stream->fin == FIN_NEXT && !stream_has_unread(conn, side)) {
		stream->fin = FIN_ENDED;
		if (!conn_quiet(conn))
			sink->end(sink->context, conn, conn_dir(conn, side), stream->next);
	}
}

void stream_give_up(struct conn *conn, unsigned side, int64_t to)
{
	struct stream *stream = &conn->streams[side];
	int64_t fin = stream_fin_at(conn, side);

	if (to > fin) /* whatever was acknowledged: nothing follows a FIN */
		to = fin;
	while (stream->next < to) {
		int64_t begin = stream->next;
		int64_t stop = to;

		waiting_lowest(stream_waiting(conn, side), &stop);
		stream->next = stop < to ? stop : to;
		if (begin == 0 && !conn_quiet(conn))
			conn_set_mid_stream(conn, true);
		skip(conn, side, begin, (uint64_t)(stream->next - begin));
		stream_advance(conn, side);
	}
}

void stream_begin_mid(struct conn *conn, unsigned side, int64_t at)
{
	const struct conn_sink *sink = conn_table_sink(conn->table);
	int64_t lowest;
	bool there = waiting_lowest(stream_waiting(conn, side), &lowest) && lowest == at;
	enum stream_head head = there ? stream_head_waits(conn, side) : STREAM_HEAD_NONE;
	bool empty = stream_fin_at(conn, side) == at;

	stream_begin(conn, side, at);
	if (head == STREAM_HEAD_REQUEST)
		conn_set_mid_stream(conn, false);
	if (!head && !empty && !conn_quiet(conn)) {
		conn_set_mid_stream(conn, true);
		sink->mid_stream(sink->context, conn, conn_dir(conn, side), 0);
	}
	stream_advance(conn, side);
}

/* Keeps a segment, the captured part and what was cut off behind it. */
static enum waiting_result keep(struct conn *conn, unsigned side, int64_t begin, struct ws_span bytes, uint32_t len)
{
	struct waiting **waiting = &stream_trouble_set(conn, side)->waiting;
	struct waiting_account *account = conn_table_account(conn->table);
	enum waiting_result result = WAITING_OK;

	if (bytes.len)
		result = waiting_put(waiting, account, begin, bytes);
	if (result == WAITING_OK && len > bytes.len)
		result = waiting_put(waiting, account, begin + (int64_t)bytes.len, ws_span_of(NULL, len - bytes.len));
	conn->streams[side].has_waiting = *waiting;
	return result;
}

/* There is no room to keep a segment that begins there: the first missing piece is waited for no longer. Returns where
 * the segment begins from now on. */
static int64_t make_room(struct conn *conn, unsigned side, int64_t begin)
{
	struct stream *stream = &conn->streams[side];
	int64_t hole = begin;

	waiting_lowest(stream_waiting(conn, side), &hole);
	if (hole > begin)
		hole = begin;
	if (stream->begun) {
		stream_give_up(conn, side, hole);
		return begin;
	}
	stream_begin_mid(conn, side, hole);
	return begin - hole;
}

/* The next bytes are in this segment: up to where some already wait, for the first ones win. */
static void deliver(struct conn *conn, unsigned side, int64_t begin, struct ws_span bytes, uint32_t len)
{
	struct stream *stream = &conn->streams[side];
	int64_t from = stream->next;
	int64_t captured = begin + (int64_t)bytes.len;
	int64_t stop = from < captured ? captured : begin + len;
	int64_t lowest = stop;

	waiting_lowest(stream_waiting(conn, side), &lowest);
	stream->next = lowest < stop ? lowest : stop;
	if (from < captured)
		stream_read(conn, side, from, ws_span_of(bytes.data + (from - begin), (size_t)(stream->next - from)),
			    false);
	else
		skip(conn, side, from, (uint64_t)(stream->next - from));
	stream_advance(conn, side);
}

/* Nobody wants the bytes: only where they are is followed, and the last place where some are missing. */
static void follow(struct conn *conn, unsigned side, int64_t begin, int64_t end)
{
	struct stream *stream = &conn->streams[side];
	int64_t gap_begin = stream_trouble(conn, side)->gap_begin, gap_end = stream_trouble(conn, side)->gap_end;

	if (!stream->begun) {
		stream_begin(conn, side, begin);
		end -= begin;
		begin = 0;
	}
	if (end > stream->next) {
		if (begin > stream->next) {
			struct trouble *trouble = stream_trouble_set(conn, side);

			trouble->gap_begin = stream->next;
			trouble->gap_end = begin;
		}
		stream->next = end;
	} else if (begin <= gap_begin && end > gap_begin && gap_begin < gap_end) {
		stream_trouble_set(conn, side)->gap_begin = end < gap_end ? end : gap_end;
	}
}

void stream_receive(struct conn *conn, unsigned side, int64_t begin, struct ws_span bytes, uint32_t len)
{
	struct stream *stream = &conn->streams[side];
	int64_t fin = stream_fin_at(conn, side);

	if (begin >= fin) /* nothing follows a FIN */
		return;
	if (begin + len > fin)
		len = (uint32_t)(fin - begin);
	bytes = ws_span_first(bytes, len);
	if (conn_quiet(conn)) {
		follow(conn, side, begin, begin + len);
		return;
	}
	while (!stream->begun || stream->next < begin + len) {
		enum waiting_result result;

		if (stream->begun && stream->next >= begin) {
			deliver(conn, side, begin, bytes, len);
			continue;
		}
		result = keep(conn, side, begin, bytes, len);
		if (result == WAITING_OK)
			return;
		stream_tell_limit(conn, side, result);
		begin = make_room(conn, side, begin);
	}
}

void stream_fin(struct conn *conn, unsigned side, int64_t at)
{
	struct stream *stream = &conn->streams[side];

	/* Before what was acknowledged when nothing else was known: an old one. */
	if (!stream->fin && at >= 0 && at >= stream_highest(conn, side)) {
		if (stream->begun && stream->next == at) {
			stream->fin = FIN_NEXT;
		} else {
			stream->fin = FIN_AHEAD;
			stream_trouble_set(conn, side)->fin = at;
		}
	}
	if (stream->begun)
		stream_advance(conn, side);
}
