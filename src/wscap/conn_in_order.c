/* The segment that nearly all are: of an established connection where nothing is missing and nothing waits, it brings
 * the next bytes or acknowledges some that came, or both.
 *
 * It is what conn_segment() makes of such a one, with all left out that cannot be. A test plays the same conversations
 * with and without it, and finds the same. */
#include "wscap/conn_internal.h"

/* Everything of it is known, and nothing is under way. */
static bool is_settled(const struct stream *stream)
{
	return stream->begun && stream->ack_known && stream->window_known && !stream->watching && !stream->waiting &&
	       stream->fin < 0;
}

/* Does this segment go on from where both streams stand, in a way that needs no second look? */
static bool is_plain(const struct conn *conn, unsigned side, const struct tcp *tcp)
{
	const struct stream *stream = &conn->streams[side], *other = &conn->streams[!side];

	if ((tcp->flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) != TCP_ACK || !tcp->window || !other->window ||
	    tcp->payload.len != tcp->payload_len || conn->closed || conn->watched != NOT_WATCHED)
		return false;
	if (!is_settled(stream) || !is_settled(other) || tcp->seq != stream->base + (uint32_t)stream->next ||
	    stream->acked > stream->next)
		return false;
	/* Step 3 of the handshake, or it cannot be told any more. */
	return conn->established || (!stream->syn && !other->syn);
}

/* How many bytes that came it acknowledges for the first time; -1: others, or what takes a second look. */
static int64_t newly_acked(const struct stream *acked, const struct tcp *tcp)
{
	int64_t flying = acked->next - acked->acked;
	uint32_t newly = tcp->ack - (acked->base + (uint32_t)acked->acked);

	if (acked->acked < 0 || flying < 0 || flying > SANE_JUMP || newly > flying)
		return -1;
	return newly || tcp->payload_len ? (int64_t)newly : -1;
}

static void remember_sent(struct stream *stream, int64_t now)
{
	if (stream->flight_time == INT64_MIN || stream->acked > stream->flight_begin) {
		stream->flight_begin = stream->next;
		stream->flight_time = now;
	}
	stream->sent_begin = stream->next;
	stream->sent_time = now;
	stream->captured_data = true;
}

bool conn_in_order(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	struct stream *stream = &conn->streams[side], *other = &conn->streams[!side];
	int64_t newly, offset = stream->next;

	if (!is_plain(conn, side, tcp) || (newly = newly_acked(other, tcp)) < 0)
		return false;
	*ret = (struct segment){
	    .facts = (newly ? SEGMENT_ACKS_NEW : 0) | (tcp->payload_len ? SEGMENT_NEW_DATA : 0),
	    .placed = true,
	    .offset = offset,
	    .len = tcp->payload_len,
	    .new_len = tcp->payload_len,
	    .ack_placed = true,
	    .acked_from = other->acked,
	    .acked_to = other->acked + newly,
	};
	conn->packets++;
	conn->last = now;
	stream->captured = true;
	stream->strange = 0;
	stream->window = tcp->window;
	stream->keep_alive = other->keep_alive = stream->limit_told = false;
	other->acked += newly;
	if (tcp->payload_len) {
		remember_sent(stream, now);
		stream_next(conn, side, tcp->payload);
	}
	ret->dir = conn_dir(conn, side);
	ret->window = conn_scaled_window(conn, side, tcp);
	return true;
}
