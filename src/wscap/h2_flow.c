/* Windows and settings: RFC 9113, sections 5.2, 6.5 and 6.9.
 *
 * Who has used up a window has to wait, and a WebSocket that stands still for that reason is worth a sentence. A window
 * that would go below nothing is no fault of its sender: what opened it was not captured, and from there on windows are
 * not known. */
#include "wscap/h2_internal.h"

static void tell_blocked(struct h2_conn *h2, enum dir dir, uint32_t stream)
{
	h2_tell(h2, &(struct h2_news){.kind = H2_NEWS_BLOCKED, .dir = dir, .stream = stream});
}

static void tell_unblocked(struct h2_conn *h2, enum dir dir, uint32_t stream, int64_t since)
{
	struct h2_news news = {.kind = H2_NEWS_UNBLOCKED, .dir = dir, .stream = stream};

	if (__builtin_sub_overflow(h2->now, since, &news.waited))
		news.waited = 0;
	h2_tell(h2, &news);
}

static void lose_windows(struct h2_conn *h2)
{
	size_t at = 0;
	struct h2_stream *stream;

	h2->windows_lost = true;
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		h2->sides[dir].blocked = false;
	while ((stream = h2_conn_next(h2, &at)))
		stream->blocked[DIR_C2S] = stream->blocked[DIR_S2C] = false;
}

static void sent_on_stream(struct h2_conn *h2, enum dir dir, struct h2_stream *stream, const struct h2_frame *frame)
{
	stream->window[dir] -= frame->len;
	if (stream->window[dir] != 0 || !frame->len || (frame->flags & H2_END_STREAM) || stream->stage != H2_OPEN)
		return;
	stream->blocked[dir] = true;
	stream->blocked_at[dir] = h2->now;
	tell_blocked(h2, dir, stream->id);
}

void h2_flow_sent(struct h2_conn *h2, enum dir dir, const struct h2_frame *frame)
{
	struct h2_side *side = &h2->sides[dir];
	struct h2_stream *stream = h2_stream_find(h2, frame->stream);

	if (h2->windows_lost)
		return;
	if (frame->len > side->window || (stream && frame->len > stream->window[dir])) {
		lose_windows(h2);
		return;
	}
	side->window -= frame->len;
	if (stream)
		sent_on_stream(h2, dir, stream, frame);
	if (side->window || !frame->len || !h2->stream_count)
		return;
	side->blocked = true;
	side->blocked_at = h2->now;
	tell_blocked(h2, dir, 0);
}

/* Returns whether it may go on now. */
static bool open_window(struct h2_conn *h2, enum dir dir, uint32_t stream, int64_t *window, int64_t by)
{
	*window += by;
	if (*window > H2_STREAM_MAX) {
		if (!h2->windows_lost)
			h2_violation(h2, dir_other(dir), stream, H2_RULE_WINDOW_OVER);
		*window = H2_STREAM_MAX;
	}
	return *window > 0;
}

static void open_stream(struct h2_conn *h2, enum dir dir, struct h2_stream *stream, int64_t by)
{
	bool opens = open_window(h2, dir, stream->id, &stream->window[dir], by);

	if (!opens || !stream->blocked[dir])
		return;
	stream->blocked[dir] = false;
	tell_unblocked(h2, dir, stream->id, stream->blocked_at[dir]);
}

void h2_flow_update(struct h2_conn *h2, enum dir dir, uint32_t id, uint32_t increment)
{
	enum dir sender = dir_other(dir);
	struct h2_side *side = &h2->sides[sender];
	struct h2_stream *stream = id ? h2_stream_find(h2, id) : NULL;

	if (!increment) {
		h2_violation(h2, dir, id, H2_RULE_WINDOW_ZERO);
	} else if (stream) {
		open_stream(h2, sender, stream, increment);
	} else if (!id && open_window(h2, sender, 0, &side->window, increment) && side->blocked) {
		side->blocked = false;
		tell_unblocked(h2, sender, 0, side->blocked_at);
	}
}

/* Section 6.9.2: it moves the windows of the streams that are there, too. */
static void first_window(struct h2_conn *h2, enum dir sender, uint32_t value)
{
	int64_t by = (int64_t)value - h2->sides[sender].window_first;
	size_t at = 0;
	struct h2_stream *stream;

	h2->sides[sender].window_first = value;
	while ((stream = h2_conn_next(h2, &at)))
		open_stream(h2, sender, stream, by);
}

/* Section 6.5.2; RFC 8441, section 3. */
static bool is_defined(uint16_t id, uint32_t value)
{
	switch (id) {
	case H2_SETTING_ENABLE_PUSH:
	case H2_SETTING_ENABLE_CONNECT:
		return value <= 1;
	case H2_SETTING_INITIAL_WINDOW:
		return value <= H2_STREAM_MAX;
	case H2_SETTING_MAX_FRAME:
		return value >= H2_FRAME_MIN_MAX && value <= H2_FRAME_MAX_MAX;
	default:
		return true;
	}
}

void h2_flow_settings(struct h2_conn *h2, enum dir dir, struct ws_span payload)
{
	struct ws_cursor at = ws_cursor_of(payload);
	enum dir sender = dir_other(dir);
	uint16_t id;
	uint32_t value;

	while (h2_take_setting(&at, &id, &value)) {
		if (!is_defined(id, value))
			h2_violation(h2, dir, 0, H2_RULE_SETTING);
		else if (id == H2_SETTING_INITIAL_WINDOW)
			first_window(h2, sender, value);
		else if (id == H2_SETTING_MAX_FRAME)
			h2->sides[sender].max_frame = value;
		else if (id == H2_SETTING_ENABLE_CONNECT && dir == DIR_S2C)
			h2->allowed |= value;
	}
	if (dir != DIR_S2C || h2->settings_told)
		return;
	h2->settings_told = true;
	h2_tell(h2, &(struct h2_news){.kind = H2_NEWS_SETTINGS, .dir = dir, .allowed = h2->allowed});
}
