/* The segment that nearly all are: of an established connection where nothing is missing and nothing waits, it brings
 * the next bytes or acknowledges some that came, or both.
 *
 * It is what conn_segment() makes of such a one, with all left out that cannot be. A test plays the same conversations
 * with and without it, and finds the same.
 *
 * Once a connection was found to be one where nothing is under way, it is calm: it stays so until something happens to
 * it elsewhere, which says so (conn->calm), and is not looked through again with each segment. */
#include "wscap/conn_internal.h"

/* Everything of it is known, and nothing is under way. */
static bool is_settled(const struct stream *stream)
{
	return stream->begun && stream->ack_known && stream->window_known && !stream->watching &&
	       !stream->has_waiting && !stream->fin;
}

/* Can a segment of stream go on from where both streams stand? Other may know more than was captured of stream, or say
 * that it takes nothing: then it takes a second look. */
static __attribute__((noinline)) bool can_go_on(const struct conn *conn, const struct stream *stream,
						const struct stream *other)
{
	if (conn_table_limits(conn->table)->acknowledged || conn->closed || conn_troubles(conn)->watched ||
	    !is_settled(stream) || !is_settled(other) || !other->window || stream->acked > stream->next)
		return false;
	/* Step 3 of the handshake, or it cannot be told any more. */
	return conn->established || (!stream->syn && !other->syn);
}

/* A segment of stream came in order: what there was of it that is over now. */
static __attribute__((noinline)) void calm_down(struct conn *conn, struct stream *stream, struct stream *other)
{
	stream->captured = true;
	stream->strange = 0;
	stream->keep_alive = other->keep_alive = stream->limit_told = false;
	conn_set_calm(conn, !other->strange && !other->limit_told);
}

/* Is it one that needs no second look, the next of its stream? */
static inline bool is_next(const struct stream *stream, const struct tcp *tcp)
{
	return (tcp->flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK && tcp->window &&
	       tcp->payload.len == tcp->payload_len && tcp->seq == stream->base + (uint32_t)stream->next;
}

/* How many bytes that came it acknowledges for the first time; -1: others, or what takes a second look. */
static inline int64_t newly_acked(const struct stream *acked, const struct tcp *tcp)
{
	int64_t flying = acked->next - acked->acked;
	uint32_t newly = tcp->ack - (acked->base + (uint32_t)acked->acked);

	if (acked->acked < 0 || flying < 0 || flying > SANE_JUMP || newly > flying)
		return -1;
	return newly || tcp->payload_len ? (int64_t)newly : -1;
}

static inline void take_data(struct stream *stream, uint32_t seq, uint32_t len, int64_t now)
{
	if (stream_flight_is_over(stream)) {
		stream->flight_seq = seq;
		stream->flight_time = now;
	}
	stream->sent_seq = seq;
	stream->sent_time = now;
	stream->captured_data = true;
	stream->next += len;
}

static inline __attribute__((always_inline)) bool take(struct conn *conn, unsigned side, struct stream *stream,
						       struct stream *other, int64_t now, const struct tcp *tcp,
						       struct segment *ret)
{
	int64_t newly;

	if (!is_next(stream, tcp) || (newly = newly_acked(other, tcp)) < 0 ||
	    (!conn->calm && !can_go_on(conn, stream, other)))
		return false;
	*ret = (struct segment){
	    .facts = (newly ? SEGMENT_ACKS_NEW : 0) | (tcp->payload_len ? SEGMENT_NEW_DATA : 0),
	    .dir = conn_dir(conn, side),
	    .len = tcp->payload_len,
	    .new_len = tcp->payload_len,
	    .offset = stream->next,
	    .acked_from = other->acked,
	    .acked_to = other->acked + newly,
	    .since_ns = 0,
	    .missing = 0,
	    .window = conn_scaled(conn, side, tcp->window),
	    .placed = true,
	    .ack_placed = true,
	    .acks_fin = false,
	};
	conn->packets++;
	conn->last = now;
	stream->window = tcp->window;
	other->acked += newly;
	if (!conn->calm)
		calm_down(conn, stream, other);
	if (tcp->payload_len)
		take_data(stream, tcp->seq, tcp->payload_len, now);
	return true;
}

bool conn_in_order(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	struct stream *stream = &conn->streams[side], *other = &conn->streams[!side];

	/* These addresses are made once: the compiler would make them of the side again, for each field. */
	__asm__("" : "+r"(stream), "+r"(other));
	if (!take(conn, side, stream, other, now, tcp, ret))
		return false;
	if (tcp->payload_len)
		stream_tell(conn, side, ret->offset, tcp->payload, false);
	ret->dir = conn_dir(conn, side); /* who was told may have found out who is the client */
	return true;
}
