/* With --acknowledged: what came in order waits until its receiver has acknowledged it. Until then bytes may be sent
 * again with other contents, and --overlap chooses. */
#include "wscap/conn_internal.h"

#include <stdlib.h>

bool stream_has_unread(const struct conn *conn, unsigned side)
{
	return stream_trouble(conn, side)->unread;
}

/* Where nobody was captured who could acknowledge, nothing waits for it. */
static bool waits_for_ack(const struct conn *conn, unsigned side, int64_t end)
{
	return conn_table_limits(conn->table)->acknowledged && conn->streams[!side].captured &&
	       (stream_has_unread(conn, side) || end > stream_acked(conn, side));
}

/* False: it has to be told at once. bytes.data NULL: len of them are missing. */
static bool keep(struct conn *conn, unsigned side, int64_t offset, struct ws_span bytes)
{
	enum waiting_result result;

	if (conn_quiet(conn) || !bytes.len || !waits_for_ack(conn, side, offset + (int64_t)bytes.len))
		return false;
	result = waiting_put(&stream_trouble_set(conn, side)->unread, conn_table_account(conn->table), offset, bytes);
	if (result == WAITING_OK)
		return true;
	stream_tell_limit(conn, side, result);
	stream_release(conn, side, INT64_MAX);
	return false;
}

void stream_read(struct conn *conn, unsigned side, int64_t offset, struct ws_span bytes, bool disputed)
{
	if (!keep(conn, side, offset, bytes))
		stream_tell(conn, side, offset, bytes, disputed);
	else if (disputed)
		waiting_dispute(stream_trouble(conn, side)->unread, offset);
}

void stream_read_gap(struct conn *conn, unsigned side, int64_t offset, uint64_t len)
{
	if (!keep(conn, side, offset, ws_span_of(NULL, len)))
		stream_tell_gap(conn, side, offset, len);
}

void stream_release(struct conn *conn, unsigned side, int64_t to)
{
	const struct piece *first;
	struct piece piece;

	/* Whoever is told may want no more of it: all that waits is gone then. */
	while ((first = waiting_first(stream_trouble(conn, side)->unread)) && first->begin + first->len <= to) {
		waiting_take(&stream_trouble_set(conn, side)->unread, conn_table_account(conn->table), &piece);
		if (piece.data)
			stream_tell(conn, side, piece.begin, ws_span_of(piece.data, piece.len), piece.disputed);
		else
			stream_tell_gap(conn, side, piece.begin, piece.len);
		free(piece.data);
	}
}
