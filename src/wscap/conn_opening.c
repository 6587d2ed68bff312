/* The three segments that open a connection (RFC 9293, section 3.5), where they come as they nearly always do: each
 * once, in this order, with nothing else in them.
 *
 * It is what conn_segment() makes of such ones, with all left out that cannot be, as conn_in_order() is for those that
 * follow: with a million connections they are three of every ten packets. A test plays openings of every odd kind with
 * and without it, and finds the same. */
#include "wscap/conn_internal.h"

enum {
	FLAGS = TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK, /* those that change what a segment is */
};

bool conn_opens(const struct tcp *tcp)
{
	return (tcp->flags & FLAGS) == TCP_SYN && !tcp->payload_len;
}

/* A SYN of this side came, with or without an ACK: all that is known of its stream from now on. */
static void begin(struct conn *conn, unsigned side, const struct tcp *tcp)
{
	struct stream *stream = &conn->streams[side];

	stream->base = tcp->seq + 1;
	stream->window = tcp->window;
	stream->placed = stream->begun = stream->syn = stream->captured = true;
	stream->ack_known = stream->window_known = true;
	stream->syn_answers = tcp->flags & TCP_ACK;
	conn_take_scale(conn, side, tcp);
}

void conn_opened(struct conn *conn, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	begin(conn, side, tcp);
	conn->packets = 1;
	*ret = (struct segment){
	    .facts = SEGMENT_SYN,
	    .dir = conn_dir(conn, side),
	    .window = tcp->window,
	    .placed = true,
	};
}

/* Nothing came of it but its SYN. */
static bool has_only_syn(const struct stream *stream)
{
	return stream->syn && stream->next == 0 && !stream->fin;
}

/* Step 2: it acknowledges the SYN, which is all there was. */
static bool take_answer(struct conn *conn, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	struct stream *asking = &conn->streams[!side];

	if (conn->packets != 1 || !has_only_syn(asking) || asking->syn_answers || tcp->ack != asking->base)
		return false;
	begin(conn, side, tcp);
	asking->acked = 0;
	ret->facts = SEGMENT_SYN_ACK | SEGMENT_ACKS_NEW;
	ret->window = tcp->window;
	return true;
}

/* Step 3: it acknowledges the SYN+ACK. From now on nothing is under way, as conn_in_order() wants it. */
static bool take_last(struct conn *conn, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	struct stream *stream = &conn->streams[side], *answered = &conn->streams[!side];

	/* Of two packets the other one had an ACK, where this side's SYN is acknowledged. */
	if (!has_only_syn(stream) || stream->syn_answers || stream->acked != 0 || !has_only_syn(answered) ||
	    !answered->window || !tcp->window || tcp->seq != stream->base || tcp->ack != answered->base)
		return false;
	stream->window = tcp->window;
	answered->acked = 0;
	conn->established = true;
	conn_set_calm(conn, !conn_table_limits(conn->table)->acknowledged);
	ret->facts = SEGMENT_ESTABLISHES | SEGMENT_ACKS_NEW;
	ret->window = conn_scaled(conn, side, tcp->window);
	return true;
}

bool conn_opening(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	struct segment segment = {.dir = conn_dir(conn, side), .placed = true, .ack_placed = true};
	unsigned flags = tcp->flags & FLAGS;

	if (conn->packets > 2 || conn->closed || tcp->payload_len)
		return false;
	if (flags == (TCP_SYN | TCP_ACK) ? !take_answer(conn, side, tcp, &segment)
					 : flags != TCP_ACK || !take_last(conn, side, tcp, &segment))
		return false;
	conn->packets++;
	conn->last = now;
	*ret = segment;
	return true;
}
