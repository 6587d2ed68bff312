/* Bytes that are sent twice, with other contents: somebody wants to mislead who watches, or who receives. */
#include "wscap/conn_internal.h"
#include "wscap/seq.h"

/* Of which segment. */
struct again {
	struct conn *conn;
	unsigned side;
};

/* What its ACKs tell of [begin, end), which was captured once and comes again. */
static enum receiver_has receiver_of(const struct conn *conn, unsigned side, int64_t begin, int64_t end)
{
	const struct stream *stream = &conn->streams[side];
	int64_t missed_to;

	if (!stream->begun || !stream->ack_known)
		return RECEIVER_UNKNOWN;
	if (end <= stream->acked)
		return RECEIVER_FIRST;
	if (stream->missed && begin >= stream->acked &&
	    stream_place(stream, stream_trouble(conn, side)->missed_to, &missed_to) && end <= missed_to)
		return RECEIVER_LAST;
	return RECEIVER_UNKNOWN;
}

static void tell(const struct again *again, const struct conn_overlap *overlap)
{
	const struct conn_sink *sink = conn_table_sink(again->conn->table);

	if (sink->overlap)
		sink->overlap(sink->context, again->conn, conn_dir(again->conn, again->side), overlap);
}

static void differs_from_read(void *context, int64_t offset, struct ws_span first, struct ws_span last)
{
	const struct again *again = context;
	struct conn_overlap overlap = {.offset = offset, .first = first, .last = last};

	overlap.receiver = receiver_of(again->conn, again->side, offset, offset + (int64_t)first.len);
	tell(again, &overlap);
}

static void differs_from_waiting(void *context, int64_t offset, struct ws_span first, struct ws_span last,
				 bool kept_last)
{
	const struct again *again = context;
	const struct stream *stream = &again->conn->streams[again->side];
	struct conn_overlap overlap = {
	    .offset = stream->begun ? offset : -1, .first = first, .last = last, .kept_last = kept_last};

	overlap.receiver = receiver_of(again->conn, again->side, offset, offset + (int64_t)first.len);
	if (kept_last && conn_table_limits(again->conn->table)->overlap == OVERLAP_ACK)
		overlap.receiver = RECEIVER_LAST;
	tell(again, &overlap);
}

void stream_compare(struct conn *conn, unsigned side, int64_t begin, struct ws_span bytes)
{
	static const enum waiting_choice choices[] = {
	    [OVERLAP_ACK] = WAITING_TAKEN,
	    [OVERLAP_FIRST] = WAITING_FIRST,
	    [OVERLAP_LAST] = WAITING_LAST,
	};
	struct stream *stream = &conn->streams[side];
	struct again again = {.conn = conn, .side = side};

	if (stream->begun)
		recent_compare(conn_table_recent(conn->table), stream_id(conn, side), begin, bytes, differs_from_read,
			       &again);
	waiting_choose(stream->waiting, choices[conn_table_limits(conn->table)->overlap],
		       stream->ack_known ? stream->acked : INT64_MIN, begin, bytes, differs_from_waiting, &again);
	stream->missed = false;
}

void stream_missed(struct conn *conn, unsigned side, const struct tcp *tcp)
{
	struct stream *stream = &conn->streams[side];
	uint32_t edges[TCP_SACK_MAX][2];
	unsigned count = tcp_option_sack(tcp, edges);
	int64_t low = INT64_MAX, begin;

	stream->missed = false;
	for (unsigned i = 0; i < count; i++) {
		/* a block below what is acknowledged tells what came twice: RFC 2883 */
		if (!stream_place(stream, edges[i][0], &begin) || begin <= stream->acked || begin >= low)
			continue;
		low = begin;
		stream_trouble_set(conn, side)->missed_to = edges[i][0];
	}
	/* what was not captured by now may have come later */
	stream->missed = low <= stream->next;
}

void stream_taken(struct stream *stream, const struct tcp *tcp)
{
	uint32_t edges[TCP_SACK_MAX][2];
	unsigned count = tcp_option_sack(tcp, edges);

	for (unsigned i = 0; i < count; i++) {
		int64_t begin, end;

		if (stream_place(stream, edges[i][0], &begin) && stream_place(stream, edges[i][1], &end))
			waiting_taken(stream->waiting, i, begin, end);
	}
}
