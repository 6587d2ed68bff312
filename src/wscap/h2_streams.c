/* The streams that are followed, and what heads make of them: RFC 9113, section 5.1, and RFC 8441, section 4. */
#include "wscap/h2_internal.h"

#include <stdlib.h>

/* Where id stands, or would. Ids mostly come in order. */
static size_t place_of(const struct h2_conn *h2, uint32_t id)
{
	size_t low = 0, high = h2->stream_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (h2->streams[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct h2_stream *h2_stream_find(const struct h2_conn *h2, uint32_t id)
{
	size_t place = place_of(h2, id);

	return place < h2->stream_count && h2->streams[place]->id == id ? h2->streams[place] : NULL;
}

struct h2_stream *h2_conn_find(const struct h2_conn *h2, uint32_t id)
{
	return h2_stream_find(h2, id);
}

struct h2_stream *h2_conn_next(const struct h2_conn *h2, size_t *at)
{
	return *at < h2->stream_count ? h2->streams[(*at)++] : NULL;
}

static bool make_room(struct h2_conn *h2)
{
	size_t cap = h2->stream_cap ? 2 * h2->stream_cap : 4;
	struct h2_stream **more;

	if (h2->stream_count < h2->stream_cap)
		return true;
	more = realloc(h2->streams, cap * sizeof(struct h2_stream *));
	if (!more)
		return false;
	h2->streams = more;
	h2->stream_cap = cap;
	return true;
}

/* NULL at --max-streams, which is told, or without memory. */
static struct h2_stream *add(struct h2_conn *h2, enum dir dir, uint32_t id, enum h2_stream_stage stage)
{
	struct h2_stream *stream;
	size_t place = place_of(h2, id);

	if (h2->stream_count >= h2->limits.streams) {
		if (stage == H2_ASKED)
			h2_limit(h2, dir, id, "max-streams");
		return NULL;
	}
	stream = make_room(h2) ? calloc(1, sizeof(*stream)) : NULL;
	if (!stream) {
		h2->no_memory = true;
		return NULL;
	}
	stream->id = id;
	stream->stage = stage;
	stream->window[DIR_C2S] = h2->sides[DIR_C2S].window_first;
	stream->window[DIR_S2C] = h2->sides[DIR_S2C].window_first;
	memmove(h2->streams + place + 1, h2->streams + place, (h2->stream_count - place) * sizeof(struct h2_stream *));
	h2->streams[place] = stream;
	h2->stream_count++;
	return stream;
}

void h2_stream_forget(struct h2_conn *h2, struct h2_stream *stream)
{
	size_t place = place_of(h2, stream->id);

	h2->sink.forget(h2->sink.context, stream);
	h2->stream_count--;
	memmove(h2->streams + place, h2->streams + place + 1, (h2->stream_count - place) * sizeof(struct h2_stream *));
	free(stream);
}

void h2_streams_missed(struct h2_conn *h2)
{
	h2->floor_open = true;
}

struct h2_stream *h2_stream_of_data(struct h2_conn *h2, enum dir dir, uint32_t id)
{
	struct h2_stream *stream = h2_stream_find(h2, id);

	if (stream || !(id & 1) || !(h2->floor_open || id < h2->floor))
		return stream;
	return add(h2, dir, id, H2_UNKNOWN);
}

void h2_stream_end(struct h2_conn *h2, enum dir dir, uint32_t id)
{
	struct h2_stream *stream = h2_stream_find(h2, id);

	if (!stream || stream->ended[dir])
		return;
	stream->ended[dir] = true;
	h2_tell(h2, &(struct h2_news){.kind = H2_NEWS_END, .dir = dir, .stream = id});
	if (stream->ended[dir_other(dir)])
		h2_stream_forget(h2, stream);
}

void h2_stream_reset(struct h2_conn *h2, enum dir dir, uint32_t id, uint32_t code)
{
	struct h2_stream *stream = h2_stream_find(h2, id);

	if (!stream)
		return;
	if (!stream->lingers)
		h2_tell(h2, &(struct h2_news){.kind = H2_NEWS_RESET, .dir = dir, .stream = id, .code = code});
	if (!stream->lingers || stream->ended[dir_other(dir)])
		h2_stream_forget(h2, stream);
	else
		stream->ended[dir] = true;
}

void h2_conn_settle(struct h2_conn *h2)
{
	for (size_t i = h2->stream_count; i--;)
		if (h2->streams[i]->lingers)
			h2_stream_forget(h2, h2->streams[i]);
}

enum h2_want h2_block_wants(const struct h2_conn *h2, enum dir dir, uint32_t id)
{
	const struct h2_stream *stream = h2_stream_find(h2, id);

	if (dir == DIR_C2S)
		return stream ? H2_WANT_NOTHING : H2_WANT_CONNECT;
	return stream && stream->stage != H2_OPEN && !stream->ignored ? H2_WANT_ALL : H2_WANT_NOTHING;
}

static bool field_is(const struct ws_http_head *head, const char *name, const char *value)
{
	return ws_span_equal(ws_http_field(head, name), ws_span_str(value));
}

/* RFC 9113, section 8.5. */
static void judge_tunnel(struct h2_conn *h2, uint32_t id, const struct ws_http_head *head)
{
	if (!ws_http_field_count(head, ":authority") || ws_http_field_count(head, ":scheme") ||
	    ws_http_field_count(head, ":path"))
		h2_violation(h2, DIR_C2S, id, H2_RULE_TUNNEL_FIELDS);
}

/* RFC 8441, sections 3 and 4. */
static void judge_websocket(struct h2_conn *h2, uint32_t id, const struct ws_http_head *head)
{
	if (h2->settings_told && !h2->allowed && !h2->settings_lost)
		h2_violation(h2, DIR_C2S, id, H2_RULE_NOT_ENABLED);
	if (!ws_http_field_count(head, ":scheme") || !head->target.len)
		h2_violation(h2, DIR_C2S, id, H2_RULE_CONNECT_FIELDS);
}

static void connect_request(struct h2_conn *h2, uint32_t id, const struct ws_http_head *head, bool tunnel, int64_t end)
{
	const struct h2_side *side = &h2->sides[DIR_C2S];
	struct h2_stream *stream = add(h2, DIR_C2S, id, H2_ASKED);

	if (!stream)
		return;
	stream->tunnel = tunnel;
	h2->sink.head(h2->sink.context, stream, DIR_C2S, head, side->block_at, end);
	(tunnel ? judge_tunnel : judge_websocket)(h2, id, head);
}

/* Of a stream that is not followed: a new one, or the trailers of one that was passed over. */
static void on_request(struct h2_conn *h2, uint32_t id, bool readable, int64_t end)
{
	const struct h2_fields *fields = &h2->sides[DIR_C2S].fields;
	bool is_new = id > h2->last;
	struct ws_http_head head;
	bool connects = readable && fields->wanted && h2_head(ws_buf_span(&fields->text), false, &head);
	bool tunnel = connects && !fields->cut && !ws_http_field_count(&head, ":protocol");
	bool followed = tunnel || (connects && field_is(&head, ":protocol", "websocket"));

	if (!(id & 1) || (followed && !is_new && !h2->floor_open)) {
		h2_violation(h2, DIR_C2S, id, H2_RULE_STREAM_ID);
		return;
	}
	if (is_new) {
		h2->last = id;
		if (h2->floor_open)
			h2->floor = id;
		h2->floor_open = false;
	}
	if (followed)
		connect_request(h2, id, &head, tunnel, end);
	else if (!readable)
		add(h2, DIR_C2S, id, H2_UNKNOWN);
	else
		h2->others += is_new;
}

/* Of a request that is not known: does it belong to plain HTTP? */
static bool is_plain_answer(const struct ws_http_head *head)
{
	return head->status / 100 != 2 || ws_http_field_count(head, "content-type") ||
	       ws_http_field_count(head, "content-length");
}

static void on_answer(struct h2_conn *h2, struct h2_stream *stream, bool readable, int64_t end)
{
	const struct h2_side *side = &h2->sides[DIR_S2C];
	struct ws_http_head head;
	bool known = readable && h2_head(ws_buf_span(&side->fields.text), true, &head);

	if (known && head.status / 100 == 1)
		return; /* the answer is still to come: RFC 9110, section 15.2 */
	if (stream->stage == H2_UNKNOWN) {
		if (known && is_plain_answer(&head))
			stream->ignored = true;
		return;
	}
	stream->stage = H2_OPEN;
	h2->sink.head(h2->sink.context, stream, DIR_S2C, known ? &head : NULL, side->block_at, end);
	if (known && head.status / 100 != 2)
		h2_stream_forget(h2, stream);
}

static void tell_unreadable(struct h2_conn *h2, enum dir dir, uint32_t id)
{
	struct h2_side *side = &h2->sides[dir];

	if (side->unreadable_told)
		return;
	side->unreadable_told = true;
	h2_tell(h2, &(struct h2_news){.kind = H2_NEWS_UNREADABLE, .dir = dir, .stream = id});
}

void h2_block_end(struct h2_conn *h2, enum dir dir, bool readable, int64_t end)
{
	struct h2_side *side = &h2->sides[dir];
	struct h2_stream *stream = h2_stream_find(h2, side->block_stream);
	uint32_t id = side->block_stream;

	if (!readable)
		tell_unreadable(h2, dir, id);
	if (side->block_pushed)
		return;
	if (readable && side->fields.wanted && side->fields.cut)
		h2_limit(h2, dir, id, "max-head");
	if (readable && side->fields.wanted && side->fields.invalid)
		h2_violation(h2, dir, id, H2_RULE_FIELD);
	if (dir == DIR_C2S && !stream)
		on_request(h2, id, readable, end);
	else if (dir == DIR_S2C && stream && stream->stage != H2_OPEN && !stream->ignored)
		on_answer(h2, stream, readable, end);
	if (side->block_ends)
		h2_stream_end(h2, dir, id);
}
