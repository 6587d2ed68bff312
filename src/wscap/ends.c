#include "wscap/ends.h"

#include "base/safe.h"
#include "wscap/decode.h"
#include "wscap/line.h"

#include <assert.h>

static_assert(ENDS_WIDTH_MAX < ENDS_TEXT, "a column of any width is in the kept text");

int ends_init(struct ends *ends, struct line *line)
{
	*ends = (struct ends){.line = line, .width = ENDS_WIDTH_MIN};
	return out_init(&ends->text, -1);
}

void ends_finish(struct ends *ends)
{
	out_finish(&ends->text);
}

static void put_client(struct ends *ends, const struct event *event)
{
	const struct label_text *user = decode_user(event);
	struct endpoint client = conn_client(event->conn);

	line_endpoint(ends->line, &client, &ends->text);
	if (!user->len)
		return;
	out_lit(&ends->text, " (");
	safe_text(&ends->text, label_span(user), SAFE_ONE_LINE, "");
	out_char(&ends->text, ')');
}

static void make(struct ends *ends, const struct event *event, enum dir dir)
{
	struct endpoint server = conn_server(event->conn);

	ends->text.len = 0;
	out_char(&ends->text, '#');
	out_u64(&ends->text, conn_number(event->conn));
	if (event_within(event->stream)) {
		out_char(&ends->text, '.');
		out_u64(&ends->text, event_within(event->stream));
	}
	if (event->stream) {
		out_char(&ends->text, '.');
		out_u64(&ends->text, event_stream(event->stream));
	}
	out_char(&ends->text, ' ');
	if (dir == DIR_C2S) {
		put_client(ends, event);
		out_lit(&ends->text, " > ");
		line_endpoint(ends->line, &server, &ends->text);
	} else {
		line_endpoint(ends->line, &server, &ends->text);
		out_lit(&ends->text, " > ");
		put_client(ends, event);
	}
}

/* How many bytes a column of len takes, with the space behind it. */
static size_t widen(struct ends *ends, size_t len)
{
	if (len > ends->width)
		ends->width = len < ENDS_WIDTH_MAX ? len : ENDS_WIDTH_MAX;
	return (len > ends->width ? len : ends->width) + 1;
}

/* Where its text is kept, or will be. The name of a user is learnt once, and then stays. */
static struct ends_kept *kept_of(struct ends *ends, const struct event *event)
{
	uint64_t conn = conn_number(event->conn);
	struct ends_kept *kept = &ends->kept[(conn + event->stream) % ENDS_KEPT];
	bool named = decode_user(event)->len > 0;

	if (kept->conn != conn || kept->stream != event->stream || kept->named != named) {
		kept->conn = conn;
		kept->stream = event->stream;
		kept->named = named;
		kept->len[DIR_C2S] = kept->len[DIR_S2C] = 0;
	}
	return kept;
}

static void keep(struct ends_kept *kept, enum dir dir, const struct out *text)
{
	if (out_error(text) || text->len >= ENDS_TEXT)
		return;
	memset(kept->text[dir], ' ', ENDS_TEXT);
	memcpy(kept->text[dir], text->text, text->len);
	kept->len[dir] = (uint8_t)text->len;
}

static inline void put_kept(struct ends *ends, const char text[static ENDS_TEXT], size_t len, struct out *out)
{
	char *room = out_room(out, ENDS_TEXT);

	if (!room)
		return;
	memcpy(room, text, ENDS_TEXT);
	out_advance(out, widen(ends, len));
}

static __attribute__((noinline)) void put_new(struct ends *ends, struct ends_kept *kept, const struct event *event,
					      enum dir dir, struct out *out)
{
	make(ends, event, dir);
	if (conn_role(event->conn) == ROLE_KNOWN)
		keep(kept, dir, &ends->text);
	out_bytes(out, ends->text.text, ends->text.len);
	out_repeat(out, ' ', widen(ends, ends->text.len) - ends->text.len);
}

void ends_put(struct ends *ends, const struct event *event, enum dir dir, struct out *out)
{
	struct ends_kept *kept = kept_of(ends, event);

	if (kept->len[dir])
		put_kept(ends, kept->text[dir], kept->len[dir], out);
	else
		put_new(ends, kept, event, dir, out);
}
