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
	const struct trouble *trouble = stream_trouble(conn, side);
	int64_t missed_to;

	if (!stream->begun || !stream->ack_known)
		return RECEIVER_UNKNOWN;
	if (end <= stream->acked)
		return RECEIVER_FIRST;
	if (trouble->missed && begin >= stream->acked && stream_place(stream, trouble->missed_to, &missed_to) &&
	    end <= missed_to)
		return RECEIVER_LAST;
	return RECEIVER_UNKNOWN;
}

/* Both versions, and which of them the receiver reads; what it has acknowledged may also be a third. */
static bool differ(const struct again *again, const struct versions *versions, bool lost)
{
	const struct conn_sink *sink = conn_table_sink(again->conn->table);
	const struct stream *stream = &again->conn->streams[again->side];
	int64_t end = versions->offset + (int64_t)versions->first.len;
	struct conn_overlap overlap = {
	    .offset = stream->begun ? versions->offset : -1,
	    .first = versions->first,
	    .last = versions->last,
	    .kept_last = versions->replaced,
	    .receiver = lost ? RECEIVER_LAST : receiver_of(again->conn, again->side, versions->offset, end),
	};
	bool disputed = !lost && (overlap.receiver != RECEIVER_FIRST || versions->disputed);

	if (overlap.receiver == RECEIVER_FIRST && versions->disputed)
		overlap.receiver = RECEIVER_UNKNOWN;
	if (sink->overlap)
		sink->overlap(sink->context, again->conn, conn_dir(again->conn, again->side), &overlap);
	return disputed;
}

static bool differs_from_read(void *context, const struct versions *versions)
{
	return differ(context, versions, false);
}

static bool differs_from_waiting(void *context, const struct versions *versions)
{
	const struct again *again = context;

	return differ(again, versions,
		      versions->replaced && conn_table_limits(again->conn->table)->overlap == OVERLAP_ACK);
}

static void forget_missed(struct conn *conn, unsigned side)
{
	if (stream_trouble(conn, side)->missed)
		stream_trouble_set(conn, side)->missed = false;
}

void stream_compare(struct conn *conn, unsigned side, int64_t begin, struct ws_span bytes)
{
	static const enum waiting_choice choices[] = {
	    [OVERLAP_ACK] = WAITING_TAKEN,
	    [OVERLAP_FIRST] = WAITING_FIRST,
	    [OVERLAP_LAST] = WAITING_LAST,
	};
	const struct stream *stream = &conn->streams[side];
	struct again again = {.conn = conn, .side = side};

	if (stream->begun)
		recent_compare(conn_table_recent(conn->table), stream_id(conn, side), begin, bytes, differs_from_read,
			       &again);
	waiting_choose(stream_waiting(conn, side), choices[conn_table_limits(conn->table)->overlap],
		       stream->ack_known ? stream->acked : INT64_MIN, begin, bytes, differs_from_waiting, &again);
	waiting_choose(stream_trouble(conn, side)->unread, choices[conn_table_limits(conn->table)->overlap],
		       stream->ack_known ? stream->acked : INT64_MIN, begin, bytes, differs_from_waiting, &again);
	forget_missed(conn, side);
}

void stream_missed(struct conn *conn, unsigned side, const struct tcp *tcp)
{
	const struct stream *stream = &conn->streams[side];
	uint32_t edges[TCP_SACK_MAX][2];
	unsigned count = tcp_option_sack(tcp, edges);
	int64_t low = INT64_MAX, begin;

	forget_missed(conn, side);
	for (unsigned i = 0; i < count; i++) {
		/* a block below what is acknowledged tells what came twice: RFC 2883 */
		if (!stream_place(stream, edges[i][0], &begin) || begin <= stream->acked || begin >= low)
			continue;
		low = begin;
		stream_trouble_set(conn, side)->missed_to = edges[i][0];
	}
	/* what was not captured by now may have come later */
	if (low <= stream->next)
		stream_trouble_set(conn, side)->missed = true;
}

void stream_taken(struct conn *conn, unsigned side, const struct tcp *tcp)
{
	const struct stream *stream = &conn->streams[side];
	uint32_t edges[TCP_SACK_MAX][2];
	unsigned count = tcp_option_sack(tcp, edges);

	for (unsigned i = 0; i < count; i++) {
		int64_t begin, end;

		if (!stream_place(stream, edges[i][0], &begin) || !stream_place(stream, edges[i][1], &end))
			continue;
		waiting_taken(stream_waiting(conn, side), i, begin, end);
		waiting_taken(stream_trouble(conn, side)->unread, i, begin, end);
	}
}
