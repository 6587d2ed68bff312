/* What a segment does to its connection. */
#include "wscap/conn_internal.h"
#include "wscap/seq.h"

/* A SYN+ACK for the SYN that was seen: it acknowledges it, and perhaps data that came with it (RFC 7413). */
static bool answers_syn(const struct conn *conn, unsigned side, const struct tcp *tcp)
{
	int64_t acked;

	return tcp->flags & TCP_ACK && stream_place(&conn->streams[side], tcp->ack, &acked) && acked >= 0 &&
	       acked <= stream_highest(conn, side) + SANE_BEFORE;
}

bool conn_has_syn(const struct conn *conn, unsigned side, const struct tcp *tcp)
{
	const struct stream *stream = &conn->streams[side];
	const struct stream *other = &conn->streams[!side];
	int64_t at;

	if (stream->syn && stream->base == tcp->seq + 1)
		return true;
	if (conn->closed)
		return false;
	if (stream->syn) /* a SYN cookie made anew for the SYN that was repeated: RFC 4987, section 3.6 */
		return !conn->established && stream->next == 0 && !stream->captured_data && !stream->fin &&
		       other->syn && answers_syn(conn, !side, tcp);
	if (other->syn && tcp->flags & TCP_ACK && !answers_syn(conn, !side, tcp))
		return false;
	if (stream->begun)
		return stream->base == tcp->seq + 1;
	if (!stream->placed)
		return true;
	if ((other->begun && !other->syn) || stream->fin) /* no SYN comes that late */
		return false;
	at = seq_to_offset(tcp->seq + 1, stream->base, stream->next);
	return at <= stream_lowest(conn, side) && at >= stream_lowest(conn, side) - SANE_BEFORE &&
	       (!stream->ack_known || at <= stream->acked);
}

bool conn_is_strange(struct conn *conn, unsigned side, const struct tcp *tcp)
{
	struct stream *stream = &conn->streams[side];
	struct trouble *trouble;
	int64_t offset;

	if (!stream->placed || stream_place(stream, tcp->seq, &offset)) {
		stream->strange = 0;
		return false;
	}
	if (tcp->flags & (TCP_SYN | TCP_RST))
		return false;
	trouble = stream_trouble_set(conn, side);
	if (tcp->seq - trouble->strange_seq > SANE_BEFORE)
		stream->strange = 0;
	trouble->strange_seq = tcp->seq;
	return ++stream->strange >= STRANGE_MAX;
}

void conn_take_scale(struct conn *conn, unsigned side, const struct tcp *tcp)
{
	uint8_t shift;

	conn->scales[side] = SCALE_NONE;
	if (tcp_option_window_scale(tcp, &shift))
		conn->scales[side] = shift < SCALE_MAX ? shift : SCALE_MAX;
}

/* A SYN+ACK tells where the other direction begins, if that SYN was not captured. (Not where the SYN carried data; what
 * it acknowledges of them is not looked for then.) */
static void begin_at_answer(struct conn *conn, unsigned side, const struct tcp *tcp)
{
	struct stream *asking = &conn->streams[!side];
	int64_t at;

	if (asking->begun || !(tcp->flags & TCP_ACK))
		return;
	if (!asking->placed)
		stream_guess(asking, tcp->ack);
	if (!stream_place(asking, tcp->ack, &at) || at > stream_lowest(conn, !side))
		return;
	stream_begin(conn, !side, at);
	asking->acked = 0;
	asking->ack_known = true;
	stream_advance(conn, !side);
}

static void take_syn(struct conn *conn, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	struct stream *stream = &conn->streams[side];
	bool answer = tcp->flags & TCP_ACK;
	int64_t at = 0;

	ret->facts |= answer ? SEGMENT_SYN_ACK : SEGMENT_SYN;
	if (stream->syn && stream->base == tcp->seq + 1 && stream->syn_answers == answer)
		ret->facts |= SEGMENT_SYN_REPEATED;
	if (!stream->syn && (stream->has_waiting || stream->begun))
		ret->facts |= SEGMENT_BEFORE_SYN;
	if (!stream->placed || (stream->syn && stream->base != tcp->seq + 1)) {
		stream_guess(stream, tcp->seq + 1);
		stream->begun = false;
		stream->ack_known = false;
	}
	if (!stream->begun) {
		at = seq_to_offset(tcp->seq + 1, stream->base, stream->next);
		stream_begin(conn, side, at);
	}
	stream->syn = true;
	stream->syn_answers = answer;
	stream->ack_known = true; /* at the least: the SYN is not acknowledged */
	conn_take_scale(conn, side, tcp);
	if (!conn->role_known && !conn->told_data)
		conn_set_client(conn, (side == conn->client_side) != answer ? DIR_C2S : DIR_S2C);
	if (!conn->told_data)
		conn_set_mid_stream(conn, false);
	begin_at_answer(conn, side, tcp);
}

/* RFC 9293, section 3.5: step 3 acknowledges the SYN+ACK and nothing behind it. */
static bool establishes(const struct conn *conn, const struct place *place, const struct tcp *tcp,
			const struct segment *segment)
{
	const struct stream *stream = &conn->streams[place->side];
	const struct stream *other = &conn->streams[!place->side];

	if (conn->established || !(tcp->flags & TCP_ACK) || tcp->flags & (TCP_SYN | TCP_RST) || stream->syn_answers ||
	    place->begin > stream->next)
		return false;
	if (other->syn_answers)
		return segment->facts & SEGMENT_ACKS_NEW && segment->acked_to == 0;
	return stream->syn && !other->captured; /* one direction only was captured */
}

/* Would the receiver believe this RST? RFC 5961, section 3.2, seen from outside: in what it may have as its window. */
static bool believed_reset(const struct conn *conn, const struct place *place)
{
	const struct stream *stream = &conn->streams[place->side];
	int64_t from = stream->next;

	if (!stream->begun)
		return true;
	if (stream->ack_known && stream->acked < from)
		from = stream->acked;
	return place->begin >= from - 1 && place->begin <= stream->next + SANE_JUMP;
}

/* An HTTP head is a beginning that can be trusted: of the stream, and, where it is a request, of the connection. */
static void begin_at_head(struct conn *conn, struct place *place, const struct tcp *tcp)
{
	enum stream_head head = stream_http_head(tcp->payload);
	int64_t lowest = place->begin;

	waiting_lowest(stream_waiting(conn, place->side), &lowest);
	if (lowest < place->begin || !head)
		return;
	stream_begin(conn, place->side, place->begin);
	place->end -= place->begin;
	place->begin = 0;
	if (head == STREAM_HEAD_REQUEST)
		conn_set_mid_stream(conn, false);
}

/* The connection was silent, and now both directions go on further ahead: the capture was blind, waiting is no use. */
static void give_up_if_blind(struct conn *conn, const struct place *place, const struct segment *segment)
{
	const uint32_t both = SEGMENT_OUT_OF_ORDER | SEGMENT_ACKS_UNSEEN;

	if ((segment->facts & both) != both || conn->streams[place->side].has_waiting ||
	    place->silent < conn_table_limits(conn->table)->reorder)
		return;
	stream_give_up(conn, !place->side, stream_acked(conn, !place->side));
	stream_give_up(conn, place->side, place->begin);
}

static void remember_sent(struct conn *conn, const struct place *place)
{
	struct stream *stream = &conn->streams[place->side];

	if (place->end <= stream_highest(conn, place->side)) /* it filled a hole: not the last one that was sent */
		return;
	if (stream_flight_is_over(stream)) {
		stream->flight_seq = stream_seq(stream, place->begin);
		stream->flight_time = place->now;
	}
	stream->sent_seq = stream_seq(stream, place->begin);
	stream->sent_time = place->now;
}

static void take_data(struct conn *conn, struct place *place, const struct tcp *tcp, struct segment *ret)
{
	struct stream *stream = &conn->streams[place->side];

	if (place->begin >= stream_fin_at(conn, place->side)) /* nothing follows a FIN */
		return;
	if (!stream->begun && !conn_quiet(conn))
		begin_at_head(conn, place, tcp);
	conn_data_facts(conn, place, tcp, ret);
	/* Also where nobody wants its bytes any more: that may be because the first ones were forged. */
	if (ret->facts & (SEGMENT_RETRANSMISSION | SEGMENT_OVERLAP) && !conn->closed)
		stream_compare(conn, place->side, place->begin, tcp->payload);
	give_up_if_blind(conn, place, ret);
	if (ret->facts & SEGMENT_NEW_DATA) {
		remember_sent(conn, place);
		stream->captured_data = true;
	}
	stream_receive(conn, place->side, place->begin, tcp->payload, tcp->payload_len);
}

static void take_fin(struct conn *conn, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	struct stream *stream = &conn->streams[side];
	int64_t before = stream_fin_at(conn, side);
	int64_t at;

	ret->facts |= SEGMENT_FIN;
	if (!stream_place(stream, tcp->seq + (tcp->flags & TCP_SYN ? 1 : 0) + tcp->payload_len, &at))
		return;
	if (at == before && !ret->new_len)
		ret->facts |= SEGMENT_RETRANSMISSION;
	stream_fin(conn, side, at);
}

/* Its place is known, or guessed. */
static void take_placed(struct conn *conn, struct place *place, const struct tcp *tcp, struct segment *ret)
{
	struct stream *stream = &conn->streams[place->side];
	const uint32_t probes = SEGMENT_KEEP_ALIVE | SEGMENT_WINDOW_PROBE;

	conn_ack_facts(conn, place, tcp, ret);
	if (establishes(conn, place, tcp, ret)) {
		ret->facts |= SEGMENT_ESTABLISHES;
		conn->established = true;
	}
	conn_window_facts(conn, place, tcp, ret);
	if (stream_has_unread(conn, !place->side)) {
		stream_release(conn, !place->side, stream_acked(conn, !place->side));
		stream_advance(conn, !place->side);
	}
	if (tcp->flags & TCP_RST) /* RFC 9293, section 3.5.3: what it may carry is no part of the stream */
		return;
	if (tcp->payload_len && !(ret->facts & probes && place->begin < stream->next))
		take_data(conn, place, tcp, ret);
	else if (!stream->begun && !stream->has_waiting && place->begin > stream->next)
		stream->next = place->begin;
	if (tcp->flags & TCP_FIN)
		take_fin(conn, place->side, tcp, ret);
	if (stream->begun)
		stream_advance(conn, place->side);
}

void conn_segment(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret)
{
	struct stream *stream = &conn->streams[side];
	struct place place = {.side = side, .now = now, .silent = conn->packets ? time_since(now, conn->last) : 0};
	bool reset = tcp->flags & TCP_RST;
	bool syn = tcp->flags & TCP_SYN && !reset;
	bool believed;

	conn_set_calm(conn, false);
	conn->packets++;
	conn->last = now;
	ret->len = tcp->payload_len;
	if (syn)
		take_syn(conn, side, tcp, ret);
	if (!stream->placed)
		stream_guess(stream, tcp->seq);
	stream->captured = true;
	believed = stream_place(stream, tcp->seq + syn, &place.begin);
	place.end = place.begin + tcp->payload_len;
	if (believed)
		take_placed(conn, &place, tcp, ret);
	if (reset)
		ret->facts |= SEGMENT_RST;
	if (reset && believed && believed_reset(conn, &place))
		conn_close_as(conn, CONN_CLOSE_RST);
	else
		conn_settle(conn, now);
	ret->dir = conn_dir(conn, side);
	ret->window = conn_scaled_window(conn, side, tcp);
	ret->placed = stream->begun && stream_place(stream, tcp->seq + syn, &ret->offset);
}
