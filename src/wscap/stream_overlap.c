/* Bytes that are sent twice, with other contents: somebody wants to mislead who watches, or who receives. */
#include "wscap/conn_internal.h"
#include "wscap/seq.h"

/* Of which segment. */
struct again {
	struct conn *conn;
	unsigned side;
};

static void tell(const struct again *again, int64_t offset, struct ws_span first, struct ws_span last, bool kept_last)
{
	const struct conn_sink *sink = conn_table_sink(again->conn->table);

	if (sink->overlap)
		sink->overlap(sink->context, again->conn, conn_dir(again->conn, again->side), offset, first, last,
			      kept_last);
}

static void differs_from_read(void *context, int64_t offset, struct ws_span first, struct ws_span last)
{
	tell(context, offset, first, last, false);
}

static void differs_from_waiting(void *context, int64_t offset, struct ws_span first, struct ws_span last,
				 bool kept_last)
{
	const struct again *again = context;

	tell(again, again->conn->streams[again->side].begun ? offset : -1, first, last, kept_last);
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
