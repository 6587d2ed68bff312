/* What a segment is, told from what was known before it. */
#include "wscap/conn_internal.h"

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How much of [begin, end) lies in [from, to). */
static uint32_t common(int64_t begin, int64_t end, int64_t from, int64_t to)
{
	int64_t len = smaller(end, to) - larger(begin, from);

	return len > 0 ? (uint32_t)len : 0;
}

void conn_ack_facts(struct conn *conn, const struct place *place, const struct tcp *tcp, struct segment *ret)
{
	struct stream *acked = &conn->streams[!place->side];
	int64_t before, to, fin;

	if (!(tcp->flags & TCP_ACK))
		return;
	if (!acked->placed)
		stream_guess(acked, tcp->ack);
	if (!stream_place(acked, tcp->ack, &to))
		return;
	before = acked->ack_known ? acked->acked : to;
	fin = stream_fin_at(conn, !place->side);
	ret->ack_placed = acked->begun && to >= 0;
	ret->acked_to = larger(smaller(to, fin), 0);
	ret->acked_from = to > before ? larger(smaller(before, fin), 0) : ret->acked_to;
	ret->acks_fin = to > fin && before <= fin;
	if (to > before) {
		ret->facts |= SEGMENT_ACKS_NEW;
		if (acked->begun && acked->captured && !conn_quiet(conn) && ret->acked_to > acked->next &&
		    waiting_missing(stream_waiting(conn, !place->side), larger(ret->acked_from, acked->next),
				    ret->acked_to))
			ret->facts |= SEGMENT_ACKS_UNSEEN;
	}
	acked->acked = larger(before, to);
	if (acked->has_waiting || stream_has_unread(conn, !place->side))
		stream_taken(conn, !place->side, tcp);
	if (acked->begun && to == acked->acked)
		stream_missed(conn, !place->side, tcp);
	acked->ack_known = true;
	if (!acked->begun && !acked->has_waiting && to > acked->next)
		acked->next = to;
}

/* Of a stream that has not begun yet: what waits is all that is known. */
static void early_data_facts(const struct conn *conn, const struct place *place, uint32_t len, struct segment *ret)
{
	ret->new_len = (uint32_t)waiting_missing(stream_waiting(conn, place->side), place->begin, place->end);
	if (ret->new_len)
		ret->facts |= SEGMENT_NEW_DATA;
	if (ret->new_len < len)
		ret->facts |= ret->new_len ? SEGMENT_OVERLAP : SEGMENT_RETRANSMISSION;
	if (conn->streams[!place->side].syn)
		ret->facts |= SEGMENT_BEFORE_SYN;
}

static void placed_data_facts(const struct conn *conn, const struct place *place, uint32_t len, struct segment *ret)
{
	const struct stream *stream = &conn->streams[place->side];
	const struct trouble *trouble = stream_trouble(conn, place->side);
	int64_t next = stream->next;
	uint32_t late = common(place->begin, smaller(place->end, next), trouble->gap_begin, trouble->gap_end);
	uint32_t old;

	if (!stream->syn) /* before what was taken for its beginning */
		late += common(place->begin, place->end, INT64_MIN, 0);
	ret->new_len =
	    (uint32_t)waiting_missing(stream_waiting(conn, place->side), larger(place->begin, next), place->end);
	old = len - ret->new_len - late;
	if (late && conn->ignored) { /* nothing was given up, it only was not there */
		ret->facts |= SEGMENT_FILLS;
		ret->new_len += late;
	} else if (late) {
		ret->facts |= SEGMENT_LATE;
	}
	if (ret->new_len) {
		ret->facts |= SEGMENT_NEW_DATA;
		if (place->begin > next) {
			ret->facts |= SEGMENT_OUT_OF_ORDER;
			ret->missing = (uint32_t)waiting_missing(stream_waiting(conn, place->side), next, place->begin);
		}
		if (larger(place->begin, next) <
		    larger(stream_highest(conn, place->side), stream_acked(conn, place->side)))
			ret->facts |= SEGMENT_FILLS;
	}
	if (old)
		ret->facts |= old == len ? SEGMENT_RETRANSMISSION : SEGMENT_OVERLAP;
}

/* How long ago bytes that are repeated came first: known of the last segment, and of the first that is in flight. */
static int64_t since(const struct stream *stream, const struct place *place)
{
	uint32_t seq = stream_seq(stream, place->begin);

	if (stream->sent_time != INT64_MIN && !seq_before(seq, stream->sent_seq))
		return larger(time_since(place->now, stream->sent_time), 0);
	if (stream->flight_time != INT64_MIN && seq == stream->flight_seq)
		return larger(time_since(place->now, stream->flight_time), 0);
	return 0;
}

void conn_data_facts(const struct conn *conn, const struct place *place, const struct tcp *tcp, struct segment *ret)
{
	const struct stream *stream = &conn->streams[place->side];
	uint32_t len = tcp->payload_len;

	if (tcp->payload.len < len)
		ret->facts |= SEGMENT_CUT;
	if (!stream->begun)
		early_data_facts(conn, place, len, ret);
	else if (place->begin == stream->next && !stream->has_waiting && stream->acked <= place->begin) {
		ret->facts |= SEGMENT_NEW_DATA;
		ret->new_len = len;
		return;
	} else {
		placed_data_facts(conn, place, len, ret);
	}
	if (waiting_differs(stream_waiting(conn, place->side), place->begin, tcp->payload) ||
	    waiting_differs(stream_trouble(conn, place->side)->unread, place->begin, tcp->payload))
		ret->facts |= SEGMENT_DIFFERS;
	if (ret->facts & SEGMENT_RETRANSMISSION)
		ret->since_ns = since(stream, place);
}

/* RFC 9293, section 3.8.4: a keep-alive repeats the place before the next byte, with that byte or without. A zero
 * window is probed in the same shape (Linux), or there with the first byte that does not fit (section 3.8.6.1). */
static bool repeats_last_place(const struct conn *conn, const struct place *place, uint32_t len)
{
	const struct stream *stream = &conn->streams[place->side];
	bool all_acked = stream->ack_known && stream->acked == stream->next;

	return stream->window_known && len <= 1 && stream_highest(conn, place->side) == stream->next && !stream->fin &&
	       place->begin == stream->next - 1 && (len == 0 || all_acked);
}

static uint32_t probe_fact(const struct conn *conn, const struct place *place, uint32_t len)
{
	const struct stream *stream = &conn->streams[place->side];
	const struct stream *other = &conn->streams[!place->side];
	bool repeats = repeats_last_place(conn, place, len);
	bool fresh = len == 1 && place->begin == stream->next;
	bool unacked = len <= 1 && stream->ack_known && place->begin == stream->acked - 1;
	bool again =
	    len == 1 && stream->ack_known && place->begin == stream->acked; /* a fresh one that was not taken */

	if (other->window_known && other->window == 0 && (repeats || fresh || unacked || again))
		return SEGMENT_WINDOW_PROBE;
	return repeats ? SEGMENT_KEEP_ALIVE : 0;
}

/* A pure ACK that acknowledges nothing new. */
static uint32_t repeated_ack_fact(const struct conn *conn, const struct place *place, const struct tcp *tcp)
{
	const struct stream *stream = &conn->streams[place->side];
	const struct stream *acked = &conn->streams[!place->side];
	int64_t to, end;

	if (!stream->window_known ||
	    place->begin != stream->next + (stream_fin_at(conn, place->side) == stream->next) ||
	    !stream_place(acked, tcp->ack, &to) || to != acked->acked)
		return 0;
	if (acked->keep_alive)
		return SEGMENT_KEEP_ALIVE_ACK;
	if (tcp->window != stream->window)
		return tcp->window ? SEGMENT_WINDOW_UPDATE : 0;
	end = acked->fin ? stream_fin_at(conn, !place->side) + 1 : 0;
	if (tcp->window && larger(stream_highest(conn, !place->side), end) > acked->acked)
		return SEGMENT_DUPLICATE_ACK;
	return 0;
}

void conn_window_facts(struct conn *conn, const struct place *place, const struct tcp *tcp, struct segment *ret)
{
	struct stream *stream = &conn->streams[place->side];
	struct stream *other = &conn->streams[!place->side];
	uint32_t fact = 0;

	if (tcp->flags & TCP_RST)
		return;
	if (!(tcp->flags & (TCP_SYN | TCP_FIN)) && tcp->flags & TCP_ACK)
		fact = probe_fact(conn, place, tcp->payload_len);
	if (!fact && !(tcp->flags & (TCP_SYN | TCP_FIN)) && tcp->flags & TCP_ACK && !tcp->payload_len &&
	    !(ret->facts & SEGMENT_ACKS_NEW))
		fact = repeated_ack_fact(conn, place, tcp);
	if (tcp->window == 0 && !(tcp->flags & TCP_SYN))
		fact |= SEGMENT_ZERO_WINDOW;
	ret->facts |= fact;
	other->keep_alive = false;
	stream->keep_alive = fact & SEGMENT_KEEP_ALIVE;
	stream->window = tcp->window;
	stream->window_known = true;
}
