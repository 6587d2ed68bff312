/* Bytes of a direction to frames.
 *
 * A frame of DATA is handed on as its bytes come. Of the others, those that say something are handed on whole: in place
 * where they lie whole in the bytes, else from a copy, up to --max-head. */
#include "wscap/h2_internal.h"

static bool is_wanted_whole(uint8_t type)
{
	return type < H2_TYPES && type != H2_DATA && type != H2_PRIORITY && type != H2_PING;
}

static void begin_payload(struct h2_conn *h2, struct h2_side *side, enum dir dir)
{
	side->left = side->frame.len;
	side->padding = 0;
	h2_on_header(h2, dir);
	if (side->state == H2_READ_LOST)
		return;
	if (is_wanted_whole(side->frame.type)) {
		side->state = side->left <= h2->limits.head ? H2_READ_WHOLE : H2_READ_SKIP;
		if (side->state == H2_READ_SKIP) {
			h2_limit(h2, dir, side->frame.stream, "max-head");
			h2_on_frame_lost(h2, dir);
		}
	} else if (side->frame.type == H2_DATA) {
		side->state = side->frame.flags & H2_PADDED ? H2_READ_PADDED : H2_READ_DATA;
	} else {
		side->state = H2_READ_SKIP;
	}
}

/* Fills begin up to want bytes; false while some are missing. */
static bool fill_begin(struct h2_side *side, struct ws_cursor *at, uint8_t want)
{
	size_t need = (size_t)(want - side->begin_len), there = ws_cursor_left(at);
	struct ws_span bytes;

	if (!ws_take_span(at, there < need ? there : need, &bytes) || !bytes.len)
		return false;
	memcpy(side->begin + side->begin_len, bytes.data, bytes.len);
	side->begin_len = (uint8_t)(side->begin_len + bytes.len);
	return side->begin_len == want;
}

static void read_preface(struct h2_conn *h2, struct h2_side *side, enum dir dir, struct ws_cursor *at)
{
	bool whole = fill_begin(side, at, H2_PREFACE_LEN);

	if (!h2_may_be_preface(ws_span_of(side->begin, side->begin_len)))
		h2_reader_lose(h2, dir);
	else if (whole)
		side->state = H2_READ_HEADER;
	if (side->state != H2_READ_PREFACE)
		side->begin_len = 0;
}

static void read_header(struct h2_conn *h2, struct h2_side *side, enum dir dir, int64_t offset, struct ws_cursor *at)
{
	struct ws_span bytes;

	if (!side->begin_len)
		side->frame_at = offset;
	if (!side->begin_len && h2_frame_parse(ws_span_of(at->at, ws_cursor_left(at)), &side->frame)) {
		ws_take_span(at, H2_HEADER_LEN, &bytes);
	} else {
		if (!fill_begin(side, at, H2_HEADER_LEN))
			return;
		h2_frame_parse(ws_span_of(side->begin, H2_HEADER_LEN), &side->frame);
		side->begin_len = 0;
	}
	begin_payload(h2, side, dir);
}

static void read_whole(struct h2_conn *h2, struct h2_side *side, enum dir dir, struct ws_cursor *at)
{
	size_t there = ws_cursor_left(at);
	struct ws_span bytes;

	if (!side->kept.len && ws_take_span(at, side->left, &bytes)) {
		side->state = H2_READ_HEADER;
		side->left = 0;
		h2_on_frame(h2, dir, bytes);
		return;
	}
	if (!ws_take_span(at, there < side->left ? there : side->left, &bytes))
		return;
	if (ws_buf_append(&side->kept, bytes) != WS_OK) {
		h2->no_memory = true;
		return;
	}
	side->left -= (uint32_t)bytes.len;
	if (side->left)
		return;
	side->state = H2_READ_HEADER;
	h2_on_frame(h2, dir, ws_buf_span(&side->kept));
	ws_buf_finish(&side->kept);
}

static void read_padding_length(struct h2_conn *h2, struct h2_side *side, enum dir dir, struct ws_cursor *at)
{
	uint8_t padding;

	if (!side->left) { /* no room for it */
		h2_violation(h2, dir, side->frame.stream, H2_RULE_PADDING);
		side->state = H2_READ_DATA;
		return;
	}
	if (!ws_take_u8(at, &padding))
		return;
	side->left--;
	side->state = H2_READ_DATA;
	if (padding > side->left) {
		h2_violation(h2, dir, side->frame.stream, H2_RULE_PADDING);
		side->state = H2_READ_SKIP;
		return;
	}
	side->left -= padding;
	side->padding = padding;
}

/* Behind the last byte of a frame's data: its padding, and then the next frame. */
static void end_data(struct h2_conn *h2, struct h2_side *side, enum dir dir)
{
	side->left = side->padding;
	side->padding = 0;
	side->state = H2_READ_SKIP;
	h2_on_frame_end(h2, dir);
}

static void read_data(struct h2_conn *h2, struct h2_side *side, enum dir dir, int64_t offset, struct ws_cursor *at)
{
	size_t there = ws_cursor_left(at);
	struct ws_span bytes;

	if (side->left && ws_take_span(at, there < side->left ? there : side->left, &bytes)) {
		side->left -= (uint32_t)bytes.len;
		if (bytes.len)
			h2_on_data(h2, dir, offset, bytes);
	}
	if (!side->left && side->state == H2_READ_DATA)
		end_data(h2, side, dir);
}

static void read_skipped(struct h2_side *side, struct ws_cursor *at)
{
	size_t there = ws_cursor_left(at);
	struct ws_span bytes;

	if (ws_take_span(at, there < side->left ? there : side->left, &bytes))
		side->left -= (uint32_t)bytes.len;
	if (!side->left)
		side->state = H2_READ_HEADER;
}

static void seek(struct h2_side *side, int64_t offset, struct ws_cursor *at)
{
	struct ws_span in = ws_span_of(at->at, ws_cursor_left(at));
	size_t skip = h2_seek(&side->seek, offset, in);

	at->at += skip;
	if (skip == in.len)
		return;
	side->state = H2_READ_HEADER;
	side->guessed_at = offset + (int64_t)skip;
	side->begin_len = 0;
}

/* Nothing is left to read, and no state can go on without bytes? */
static bool goes_on(const struct h2_conn *h2, const struct h2_side *side, const struct ws_cursor *at)
{
	bool empty = !side->left && (side->state == H2_READ_WHOLE || side->state == H2_READ_DATA ||
				     side->state == H2_READ_PADDED || side->state == H2_READ_SKIP);

	return !h2->no_memory && (ws_cursor_left(at) || empty);
}

int h2_conn_feed(struct h2_conn *h2, enum dir dir, int64_t offset, struct ws_span bytes, int64_t now)
{
	struct h2_side *side = &h2->sides[dir];
	struct ws_cursor at = ws_cursor_of(bytes);

	h2->now = now;
	while (goes_on(h2, side, &at)) {
		int64_t here = offset + (int64_t)(bytes.len - ws_cursor_left(&at));

		switch (side->state) {
		case H2_READ_PREFACE:
			read_preface(h2, side, dir, &at);
			break;
		case H2_READ_HEADER:
			read_header(h2, side, dir, here, &at);
			break;
		case H2_READ_WHOLE:
			read_whole(h2, side, dir, &at);
			break;
		case H2_READ_PADDED:
			read_padding_length(h2, side, dir, &at);
			break;
		case H2_READ_DATA:
			read_data(h2, side, dir, here, &at);
			break;
		case H2_READ_SKIP:
			read_skipped(side, &at);
			break;
		case H2_READ_LOST:
			seek(side, here, &at);
			break;
		}
	}
	return h2->no_memory ? WS_E_MEMORY : WS_OK;
}

void h2_reader_lose(struct h2_conn *h2, enum dir dir)
{
	struct h2_side *side = &h2->sides[dir];
	size_t at = 0;
	struct h2_stream *stream;

	side->state = H2_READ_LOST;
	side->guessed = true;
	side->seek.count = 0;
	side->left = side->padding = 0;
	side->begin_len = 0;
	side->block_open = side->block_dropped = false;
	ws_buf_finish(&side->kept);
	h2_fields_lose(&side->fields);
	h2->windows_lost = h2->settings_lost = true;
	if (dir == DIR_C2S)
		h2_streams_missed(h2);
	while ((stream = h2_conn_next(h2, &at)))
		h2->sink.gap(h2->sink.context, stream, dir, 0);
}

bool h2_conn_gap_within(const struct h2_conn *h2, enum dir dir, uint64_t len)
{
	const struct h2_side *side = &h2->sides[dir];

	return (side->state == H2_READ_DATA || side->state == H2_READ_SKIP) && len <= side->left;
}

static void gap_within(struct h2_conn *h2, struct h2_side *side, enum dir dir, uint64_t len)
{
	struct h2_stream *stream = h2_stream_find(h2, side->frame.stream);

	side->left -= (uint32_t)len;
	if (side->state != H2_READ_DATA)
		return;
	if (stream)
		h2->sink.gap(h2->sink.context, stream, dir, len);
	if (!side->left)
		end_data(h2, side, dir);
}

void h2_conn_gap(struct h2_conn *h2, enum dir dir, uint64_t len)
{
	struct h2_side *side = &h2->sides[dir];

	if (h2_conn_gap_within(h2, dir, len)) {
		gap_within(h2, side, dir, len);
	} else if (side->state == H2_READ_WHOLE && len <= side->left) {
		side->left -= (uint32_t)len;
		side->state = H2_READ_SKIP;
		ws_buf_finish(&side->kept);
		h2_on_frame_lost(h2, dir);
	} else {
		h2_reader_lose(h2, dir);
	}
}
