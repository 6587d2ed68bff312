#include "wscap/ends.h"

#include "base/put.h"
#include "base/safe.h"
#include "wscap/decode.h"
#include "wscap/line.h"

#include <assert.h>

enum {
	NUMBERS_ROOM = 3 * PUT_ROOM + 2 * LINE_ENDPOINT_ROOM, /* what put_numbers() takes */
	SPACES = ENDS_WIDTH_MAX + 1,                          /* the most that a column can have behind its text */
};

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

/* "#2 ", "#2.5 " for a WebSocket that is stream 5 of its connection. */
static char *put_number(const struct event *event, char *at)
{
	at = put_u64(put_char(at, '#'), conn_number(event->conn));
	if (event_within(event->stream))
		at = put_u32(put_char(at, '.'), event_within(event->stream));
	if (event->stream)
		at = put_u32(put_char(at, '.'), event_stream(event->stream));
	return put_char(at, ' ');
}

/* The column where nobody has a name, into room for NUMBERS_ROOM. */
static char *put_numbers(struct line *line, const struct event *event, enum dir dir, char *at)
{
	struct endpoint client = conn_client(event->conn), server = conn_server(event->conn);

	at = line_endpoint_put(line, dir == DIR_C2S ? &client : &server, put_number(event, at));
	return line_endpoint_put(line, dir == DIR_C2S ? &server : &client, put_lit(at, " > "));
}

/* Any, into ends->text. */
static void make(struct ends *ends, const struct event *event, enum dir dir)
{
	struct endpoint server = conn_server(event->conn);
	char *room;

	ends->text.len = 0;
	room = out_room(&ends->text, NUMBERS_ROOM);
	if (room)
		out_advance(&ends->text, (size_t)(put_number(event, room) - room));
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
		kept->again = false;
		kept->len[DIR_C2S] = kept->len[DIR_S2C] = 0;
	}
	return kept;
}

static void keep(struct ends_kept *kept, enum dir dir, struct ws_span text)
{
	if (text.len >= ENDS_TEXT)
		return;
	memset(kept->text[dir], ' ', ENDS_TEXT);
	memcpy(kept->text[dir], text.data, text.len);
	kept->len[dir] = (uint8_t)text.len;
}

static inline void put_kept(struct ends *ends, const char text[static ENDS_TEXT], size_t len, struct out *out)
{
	char *room = out_room(out, ENDS_TEXT);

	if (!room)
		return;
	memcpy(room, text, ENDS_TEXT);
	out_advance(out, widen(ends, len));
}

/* Puts the column, and returns it without the spaces behind it. */
static struct ws_span put_any(struct ends *ends, const struct event *event, enum dir dir, struct out *out)
{
	make(ends, event, dir);
	out_bytes(out, ends->text.text, ends->text.len);
	out_repeat(out, ' ', widen(ends, ends->text.len) - ends->text.len);
	return ws_span_of(ends->text.text, out_error(&ends->text) ? 0 : ends->text.len);
}

/* The same where nobody has a name. */
static struct ws_span put_nameless(struct ends *ends, const struct event *event, enum dir dir, struct out *out)
{
	char *room = out_room(out, NUMBERS_ROOM + SPACES);
	size_t len;

	if (!room)
		return ws_span_of(NULL, 0);
	len = (size_t)(put_numbers(ends->line, event, dir, room) - room);
	memset(room + len, ' ', SPACES);
	out_advance(out, widen(ends, len));
	return ws_span_of(room, len);
}

/* Where there are more WebSockets than texts can be kept of, to keep each would be in vain: it is when its turn comes
 * again before another's. */
static APART void put_new(struct ends *ends, struct ends_kept *kept, const struct event *event, enum dir dir,
			  struct out *out)
{
	bool nameless = !kept->named && !line_has_names(ends->line);
	struct ws_span text = (nameless ? put_nameless : put_any)(ends, event, dir, out);

	if (kept->again && text.len && conn_role(event->conn) == ROLE_KNOWN)
		keep(kept, dir, text);
	kept->again = true;
}

void ends_put(struct ends *ends, const struct event *event, enum dir dir, struct out *out)
{
	struct ends_kept *kept = kept_of(ends, event);

	if (kept->len[dir])
		put_kept(ends, kept->text[dir], kept->len[dir], out);
	else
		put_new(ends, kept, event, dir, out);
}
