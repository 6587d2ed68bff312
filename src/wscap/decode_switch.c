/* Where HTTP/1.1 and HTTP/2 meet: bytes that turn out to be HTTP/2 (RFC 9113, section 3), to whose layer a channel then
 * gives its seat. */
#include "wscap/decode_internal.h"
#include "wscap/h2_frame.h"
#include "wscap/h2_seek.h"

/* Whoever listens may speak first: the server's settings may come before the client's preface. In the middle of a
 * connection only the client's preface is believed: behind CONNECT, or behind an upgrade. */
static enum match match_begin(struct ws_span begin, enum dir dir, bool first)
{
	bool may = dir == DIR_C2S ? h2_may_be_preface(begin) : first && h2_may_be_settings(begin);

	if (!may || !begin.len)
		return MATCH_NO;
	return begin.len < (dir == DIR_C2S ? sizeof("PRI * HTTP/2.0") - 1 : H2_HEADER_LEN) ? MATCH_MORE : MATCH_YES;
}

/* Of a stream of HTTP/2 that may be anything, it is not said. */
static bool may_be_joined(const struct seat *seat)
{
	return !seat->stream || seat->protocol == PROTOCOL_UNKNOWN;
}

enum match decode_match_h2(const struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span bytes)
{
	const struct stream_pending *pending = &c->pending->streams[dir];
	enum stream_state state = c->streams[dir].state;
	struct ws_span kept = ws_span_first(ws_buf_span(&pending->kept), H2_PREFACE_LEN);
	struct ws_span more = ws_span_first(bytes, H2_PREFACE_LEN - kept.len);
	int64_t begin = pending->kept.len ? pending->kept_offset : offset;
	uint8_t both[H2_PREFACE_LEN];
	struct ws_span first = more;

	if (c->stage != STAGE_HTTP)
		return MATCH_NO;
	if (c->layer.at.protocol == PROTOCOL_H2)
		return MATCH_YES;
	if (state == STREAM_SEEK)
		return may_be_joined(&c->layer.at) && !pending->kept.len && h2_weigh(bytes) >= H2_TRUST ? MATCH_YES
													: MATCH_NO;
	if (state != (dir == DIR_C2S ? STREAM_HEAD : STREAM_ANSWERS))
		return MATCH_NO;
	if (kept.len) {
		memcpy(both, kept.data, kept.len);
		if (more.len)
			memcpy(both + kept.len, more.data, more.len);
		first = ws_span_of(both, kept.len + more.len);
	}
	return match_begin(first, dir, begin == 0);
}

enum speaker {
	SPEAKER_UNKNOWN,
	SPEAKER_CLIENT,
	SPEAKER_SERVER,
};

/* A header block begins with a pseudo-header field (RFC 9113, section 8.3), and most of them as the static table has it
 * (RFC 7541, appendix A): :authority, :method, :path and :scheme are its entries 1 to 7, :status 8 to 14. */
static enum speaker block_speaker(const struct h2_frame *frame, struct ws_span payload)
{
	struct ws_span content;
	struct ws_cursor at;
	uint8_t first;
	unsigned entry;

	if (!h2_frame_content(frame, payload, &content))
		return SPEAKER_UNKNOWN;
	at = ws_cursor_of(content);
	if (!ws_take_u8(&at, &first))
		return SPEAKER_UNKNOWN;
	if (first & 0x80) /* an indexed field */
		entry = first & 0x7f;
	else if (first & 0x40) /* a literal with an indexed name; it goes into the table */
		entry = first & 0x3f;
	else /* …and does not; or the table's size, whose bit stands where these have none */
		entry = first & 0x20 ? 0 : first & 0x0f;
	if (entry >= 1 && entry <= 7)
		return SPEAKER_CLIENT;
	return entry >= 8 && entry <= 14 ? SPEAKER_SERVER : SPEAKER_UNKNOWN;
}

/* Frames of WebSocket are masked by the client, and only by it: RFC 6455, section 5.1. */
static enum speaker data_speaker(const struct h2_frame *frame, struct ws_span payload)
{
	struct decode_weight weight;
	struct ws_span content;

	if (!h2_frame_content(frame, payload, &content))
		return SPEAKER_UNKNOWN;
	decode_weigh(content, true, &weight);
	if (weight.bits >= TRUST_KNOWN)
		return SPEAKER_CLIENT;
	decode_weigh(content, false, &weight);
	return weight.bits >= TRUST_UNKNOWN ? SPEAKER_SERVER : SPEAKER_UNKNOWN;
}

/* RFC 8441, section 3: only a server says that it allows WebSockets. */
static enum speaker settings_speaker(struct ws_span payload)
{
	struct ws_cursor at = ws_cursor_of(payload);
	uint32_t value;
	uint16_t id;

	while (h2_take_setting(&at, &id, &value))
		if (id == H2_SETTING_ENABLE_CONNECT)
			return SPEAKER_SERVER;
	return SPEAKER_UNKNOWN;
}

static enum speaker speaker_of(const struct h2_frame *frame, struct ws_span payload)
{
	switch (frame->type) {
	case H2_DATA:
		return data_speaker(frame, payload);
	case H2_HEADERS:
		return block_speaker(frame, payload);
	case H2_SETTINGS:
		return settings_speaker(payload);
	case H2_PUSH_PROMISE:
		return SPEAKER_SERVER;
	default:
		return SPEAKER_UNKNOWN;
	}
}

bool decode_h2_is_turned(const struct seat *seat, enum dir dir, struct ws_span bytes)
{
	struct ws_cursor at = ws_cursor_of(bytes);
	enum speaker speaker = SPEAKER_UNKNOWN;
	struct ws_span header, payload;
	struct h2_frame frame;

	if (conn_role(seat->conn) != ROLE_UNKNOWN)
		return false;
	while (speaker == SPEAKER_UNKNOWN && h2_frame_parse(ws_span_of(at.at, ws_cursor_left(&at)), &frame) &&
	       ws_take_span(&at, H2_HEADER_LEN, &header) && ws_take_span(&at, frame.len, &payload))
		speaker = speaker_of(&frame, payload);
	return speaker != SPEAKER_UNKNOWN && (speaker == SPEAKER_CLIENT) != (dir == DIR_C2S);
}

/* Within as many others as are followed: an event would have no name for its streams. */
static void pass_over(struct decode *decode, struct decode_conn *c, enum dir dir)
{
	struct event event = decode_event(decode, c, EVENT_H2, dir);
	struct seat seat = c->layer.at;

	event.as.h2 = (struct h2_news){.kind = H2_NEWS_WITHIN, .dir = dir, .stream = seat.stream};
	decode_emit(decode, &event);
	decode_conn_forget(decode, c);
	layer_ignore(decode, &seat);
}

void decode_switch_to_h2(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset,
			 struct ws_span bytes)
{
	if (!seat_takes_h2(&c->layer.at)) {
		pass_over(decode, c, dir);
		return;
	}

	bool joined = c->streams[DIR_C2S].state == STREAM_SEEK || c->streams[DIR_S2C].state == STREAM_SEEK;
	const enum stream_state states[2] = {c->streams[DIR_C2S].state, c->streams[DIR_S2C].state};
	struct stream_pending pending[2] = {c->pending->streams[DIR_C2S], c->pending->streams[DIR_S2C]};
	struct seat seat = c->layer.at;
	bool turned = joined && decode_h2_is_turned(&seat, dir, bytes);
	struct layer *h2;

	for (enum dir each = DIR_C2S; each <= DIR_S2C; each++)
		ws_buf_init(&c->pending->streams[each].kept, 0);
	decode_conn_forget(decode, c);
	if (turned)
		conn_set_client(seat.conn, DIR_S2C);
	h2 = decode_h2_create(decode, &seat, joined);
	if (!h2) {
		decode->stats.no_memory++;
		layer_ignore(decode, &seat);
	}
	/* What is kept of the other direction came before. */
	for (int i = 1; i >= 0; i--) {
		enum dir each = i ? dir_other(dir) : dir;
		struct stream_pending *stream = &pending[each];

		if (h2 && stream->kept.len && states[each] != STREAM_SEEK)
			h2->ops->data(decode, h2, turned ? dir_other(each) : each, stream->kept_offset,
				      ws_buf_span(&stream->kept));
		ws_buf_finish(&stream->kept);
	}
	if (h2 && bytes.len)
		h2->ops->data(decode, h2, turned ? dir_other(dir) : dir, offset, bytes);
}
