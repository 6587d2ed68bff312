/* What each frame does: RFC 9113, section 6. */
#include "wscap/h2_internal.h"

#include <stdlib.h>

static void init_side(struct h2_side *side, const struct h2_limits *limits, enum h2_reader_state state)
{
	side->state = state;
	side->guessed = state == H2_READ_LOST;
	side->window = side->window_first = H2_WINDOW_FIRST;
	side->max_frame = H2_FRAME_MIN_MAX;
	ws_buf_init(&side->kept, limits->head);
	h2_fields_init(&side->fields, limits->head);
}

struct h2_conn *h2_conn_create(const struct h2_limits *limits, bool joined, const struct h2_sink *sink)
{
	struct h2_conn *h2 = calloc(1, sizeof(*h2));

	if (!h2)
		return NULL;
	h2->limits = *limits;
	h2->sink = *sink;
	init_side(&h2->sides[DIR_C2S], limits, joined ? H2_READ_LOST : H2_READ_PREFACE);
	init_side(&h2->sides[DIR_S2C], limits, joined ? H2_READ_LOST : H2_READ_HEADER);
	if (!joined)
		return h2;
	h2->joined = h2->floor_open = h2->windows_lost = h2->settings_lost = true;
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		h2_fields_lose(&h2->sides[dir].fields);
	return h2;
}

void h2_conn_destroy(struct h2_conn *h2)
{
	if (!h2)
		return;
	while (h2->stream_count)
		h2_stream_forget(h2, h2->streams[h2->stream_count - 1]);
	free(h2->streams);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		ws_buf_finish(&h2->sides[dir].kept);
		h2_fields_finish(&h2->sides[dir].fields);
	}
	free(h2);
}

void h2_tell(struct h2_conn *h2, const struct h2_news *news)
{
	h2->sink.news(h2->sink.context, news);
}

void h2_violation(struct h2_conn *h2, enum dir dir, uint32_t stream, enum h2_rule rule)
{
	h2_tell(h2, &(struct h2_news){.kind = H2_NEWS_VIOLATION, .dir = dir, .stream = stream, .rule = rule});
}

void h2_limit(struct h2_conn *h2, enum dir dir, uint32_t stream, const char *name)
{
	h2_tell(h2, &(struct h2_news){.kind = H2_NEWS_LIMIT, .dir = dir, .stream = stream, .name = name});
}

static void tell_opened(struct h2_conn *h2, enum dir dir)
{
	if (h2->opened)
		return;
	h2->opened = true;
	h2_tell(h2, &(struct h2_news){.kind = H2_NEWS_OPEN, .dir = dir, .joined = h2->joined});
}

/* The block under way will not become whole. */
static void drop_block(struct h2_conn *h2, enum dir dir, int64_t end)
{
	struct h2_side *side = &h2->sides[dir];

	h2_fields_lose(&side->fields);
	side->block_open = side->block_dropped = false;
	h2_block_end(h2, dir, false, end);
}

static void begin_data(struct h2_conn *h2, enum dir dir, const struct h2_frame *frame)
{
	const struct h2_stream *stream = h2_stream_find(h2, frame->stream);

	if (stream && stream->ended[dir] && frame->len && !h2->sides[dir].guessed)
		h2_violation(h2, dir, frame->stream, H2_RULE_STREAM_ENDED);
	h2_flow_sent(h2, dir, frame);
}

/* Not a frame as it would have to be here, and its boundary was found in the middle, not further back than a frame is
 * long: what was found may have been the content of DATA, in a tunnel that carries HTTP/2 itself, and is over. */
static bool is_misread(const struct h2_side *side)
{
	const struct h2_frame *frame = &side->frame;

	if (!side->guessed || side->frame_at - side->guessed_at > H2_FRAME_MIN_MAX)
		return false;
	return !h2_frame_is_usual(frame) || side->block_open != (frame->type == H2_CONTINUATION) ||
	       (side->block_open && frame->stream != side->block_stream);
}

void h2_on_header(struct h2_conn *h2, enum dir dir)
{
	struct h2_side *side = &h2->sides[dir];
	const struct h2_frame *frame = &side->frame;
	enum h2_rule rule = h2_frame_judge(frame, h2->settings_lost ? H2_FRAME_MAX_MAX : side->max_frame);

	if (is_misread(side)) {
		h2_reader_lose(h2, dir);
		return;
	}
	tell_opened(h2, dir);
	if (rule != H2_RULE_NONE)
		h2_violation(h2, dir, frame->stream, rule);
	if (rule == H2_RULE_FRAME_SIZE) {
		h2_reader_lose(h2, dir);
		return;
	}
	if (side->block_open && (frame->type != H2_CONTINUATION || frame->stream != side->block_stream)) {
		h2_violation(h2, dir, side->block_stream, H2_RULE_HEADERS_OPEN);
		drop_block(h2, dir, side->frame_at);
	}
	if (frame->type == H2_DATA && frame->stream)
		begin_data(h2, dir, frame);
}

/* A fragment of the block under way; with END_HEADERS its last. */
static void take_fragment(struct h2_conn *h2, enum dir dir, struct ws_span fragment)
{
	struct h2_side *side = &h2->sides[dir];
	bool last = side->frame.flags & H2_END_HEADERS, was_lost = side->fields.lost;
	int64_t end = side->frame_at + H2_HEADER_LEN + side->frame.len;
	int status = side->block_dropped ? WS_OK : h2_fields_take(&side->fields, fragment, last);

	if (status == WS_E_MEMORY) {
		h2->no_memory = true;
		return;
	}
	if (status == WS_E_SYNTAX) {
		if (!was_lost)
			h2_violation(h2, dir, side->block_stream, H2_RULE_HPACK);
		side->block_dropped = true;
	}
	side->block_open = !last;
	if (!last)
		return;
	h2_block_end(h2, dir, !side->block_dropped, end);
	side->block_dropped = false;
}

static void begin_block(struct h2_conn *h2, enum dir dir, uint32_t stream, bool pushed)
{
	struct h2_side *side = &h2->sides[dir];

	side->block_stream = stream;
	side->block_at = side->frame_at;
	side->block_pushed = pushed;
	side->block_ends = !pushed && (side->frame.flags & H2_END_STREAM);
	side->block_dropped = false;
	h2_fields_begin(&side->fields, pushed ? H2_WANT_NOTHING : h2_block_wants(h2, dir, stream));
}

/* A block whose first frame is broken: the table is lost with it. */
static void begin_broken_block(struct h2_conn *h2, enum dir dir)
{
	struct h2_side *side = &h2->sides[dir];

	h2_fields_lose(&side->fields);
	side->block_dropped = true;
	side->block_open = !(side->frame.flags & H2_END_HEADERS);
	if (!side->block_open)
		drop_block(h2, dir, side->frame_at + H2_HEADER_LEN + side->frame.len);
}

static void on_headers(struct h2_conn *h2, enum dir dir, struct ws_span payload)
{
	struct h2_side *side = &h2->sides[dir];
	bool pushed = side->frame.type == H2_PUSH_PROMISE;
	struct ws_span content;
	struct ws_cursor at;
	uint32_t promised;

	begin_block(h2, dir, side->frame.stream, pushed);
	if (pushed && dir == DIR_C2S)
		h2_violation(h2, dir, side->frame.stream, H2_RULE_PUSH);
	if (!h2_frame_content(&side->frame, payload, &content)) {
		h2_violation(h2, dir, side->frame.stream, H2_RULE_PADDING);
		begin_broken_block(h2, dir);
		return;
	}
	at = ws_cursor_of(content);
	if (pushed && !ws_take_u32(&at, &promised)) {
		begin_broken_block(h2, dir);
		return;
	}
	take_fragment(h2, dir, ws_span_of(at.at, ws_cursor_left(&at)));
}

static void on_continuation(struct h2_conn *h2, enum dir dir, struct ws_span payload)
{
	if (h2->sides[dir].block_open)
		take_fragment(h2, dir, payload);
	else if (!h2->sides[dir].fields.lost)
		h2_violation(h2, dir, h2->sides[dir].frame.stream, H2_RULE_HEADERS_OPEN);
}

static void on_reset(struct h2_conn *h2, enum dir dir, struct ws_cursor payload)
{
	uint32_t code;

	if (ws_take_u32(&payload, &code))
		h2_stream_reset(h2, dir, h2->sides[dir].frame.stream, code);
}

static void on_goaway(struct h2_conn *h2, enum dir dir, struct ws_cursor payload)
{
	struct h2_news news = {.kind = H2_NEWS_GOAWAY, .dir = dir};

	if (!ws_take_u32(&payload, &news.last) || !ws_take_u32(&payload, &news.code))
		return;
	news.last &= H2_STREAM_MAX;
	news.text = ws_span_of(payload.at, ws_cursor_left(&payload));
	h2_tell(h2, &news);
}

static void on_window_update(struct h2_conn *h2, enum dir dir, struct ws_cursor payload)
{
	uint32_t increment;

	if (ws_take_u32(&payload, &increment))
		h2_flow_update(h2, dir, h2->sides[dir].frame.stream, increment & H2_STREAM_MAX);
}

void h2_on_frame(struct h2_conn *h2, enum dir dir, struct ws_span payload)
{
	const struct h2_frame *frame = &h2->sides[dir].frame;
	struct ws_cursor at = ws_cursor_of(payload);

	switch (frame->type) {
	case H2_HEADERS:
	case H2_PUSH_PROMISE:
		on_headers(h2, dir, payload);
		break;
	case H2_CONTINUATION:
		on_continuation(h2, dir, payload);
		break;
	case H2_RST_STREAM:
		on_reset(h2, dir, at);
		break;
	case H2_SETTINGS:
		if (!(frame->flags & H2_ACK))
			h2_flow_settings(h2, dir, payload);
		break;
	case H2_GOAWAY:
		on_goaway(h2, dir, at);
		break;
	case H2_WINDOW_UPDATE:
		on_window_update(h2, dir, at);
		break;
	default:
		break;
	}
}

void h2_on_frame_lost(struct h2_conn *h2, enum dir dir)
{
	struct h2_side *side = &h2->sides[dir];

	switch (side->frame.type) {
	case H2_HEADERS:
	case H2_PUSH_PROMISE:
		begin_block(h2, dir, side->frame.stream, side->frame.type == H2_PUSH_PROMISE);
		begin_broken_block(h2, dir);
		break;
	case H2_CONTINUATION:
		if (side->block_open)
			begin_broken_block(h2, dir);
		break;
	case H2_SETTINGS:
	case H2_WINDOW_UPDATE:
		h2->windows_lost = h2->settings_lost = true;
		break;
	default:
		break;
	}
}

void h2_on_data(struct h2_conn *h2, enum dir dir, int64_t offset, struct ws_span bytes)
{
	uint32_t id = h2->sides[dir].frame.stream;
	struct h2_stream *stream = h2_stream_of_data(h2, dir, id);

	if (!stream || stream->ignored)
		return;
	if (!stream->ended[dir])
		h2->sink.data(h2->sink.context, stream, dir, offset, bytes);
}

void h2_on_frame_end(struct h2_conn *h2, enum dir dir)
{
	const struct h2_frame *frame = &h2->sides[dir].frame;

	if (frame->flags & H2_END_STREAM)
		h2_stream_end(h2, dir, frame->stream);
}

uint64_t h2_conn_others(const struct h2_conn *h2)
{
	return h2->others;
}

size_t h2_conn_memory(const struct h2_conn *h2)
{
	size_t memory =
	    sizeof(*h2) + h2->stream_cap * sizeof(struct h2_stream *) + h2->stream_count * sizeof(**h2->streams);

	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		memory += h2->sides[dir].kept.cap + h2_fields_memory(&h2->sides[dir].fields);
	return memory;
}
