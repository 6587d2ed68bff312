#include "wscap/narrate.h"

#include "base/plain.h"
#include "base/safe.h"
#include "wscap/json_indent.h"
#include "wscap/narrate_words.h"

enum {
	HEX_ROW = 16,
};

void narrator_init(struct narrator *narrator)
{
	*narrator = (struct narrator){.signs = &block_signs[BLOCK_PLAIN]};
	words_init(&narrator->words);
}

static void begin_line(struct narrator *narrator)
{
	narrate_end_line(narrator);
	block_put(narrator->out, &narrator->signs->line);
	narrator->line = narrator->out->len;
	narrator->has_text = true;
}

void narrate_paragraph(struct narrator *narrator)
{
	narrate_end_line(narrator);
	if (narrator->below)
		block_put(narrator->out, &narrator->signs->empty);
	narrator->below = false;
}

void narrate_title(struct narrator *narrator, const char *msgid, const struct arg *args, size_t count)
{
	narrate_paragraph(narrator);
	narrator->below = true;
	block_put(narrator->out, &narrator->signs->title);
	words_format(&narrator->words, narrator->out, words_get(&narrator->words, msgid), args, count);
	block_put(narrator->out, &narrator->signs->title_end);
}

/* Chinese and Japanese put no space behind their full stop. */
static bool wants_space(const struct out *out)
{
	return out->len && (uint8_t)out->text[out->len - 1] < 0x80;
}

/* About how wide text is on a terminal, never more than it has bytes: Chinese characters are two columns wide. */
static size_t columns(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)text[i];

		count += (byte & 0xc0) != 0x80;
		count += byte >= 0xe3;
	}
	return count;
}

/* The sentence that begins at `at` made the line too long: it gets its own. */
static APART void break_line(struct narrator *narrator, size_t at)
{
	const struct block_sign *sign = &narrator->signs->line;
	struct out *out = narrator->out;
	size_t from = at + (out->text[at] == ' ');

	if (!out_room(out, 1 + sign->len))
		return;
	narrator->line = at + 1 + sign->len;
	memmove(out->text + narrator->line, out->text + from, out->len - from);
	out->text[at] = '\n';
	memcpy(out->text + at + 1, sign->text, sign->len);
	out->len += narrator->line - from;
}

void narrate_sentence(struct narrator *narrator, const struct phrase *phrase, const struct arg *args, size_t count)
{
	struct out *out = narrator->out;
	size_t at = out->len;
	bool first = !narrator->has_text;

	if (first)
		begin_line(narrator);
	else if (wants_space(out))
		out_char(out, ' ');
	words_format(&narrator->words, out, phrase, args, count);
	if (!first && out->len > at && out->len - narrator->line > SENTENCE_COLUMNS &&
	    columns(out->text + narrator->line, out->len - narrator->line) > SENTENCE_COLUMNS)
		break_line(narrator, at);
}

void narrate_clause(struct narrator *narrator, const struct phrase *phrase, const struct arg *args, size_t count)
{
	if (narrator->has_text) {
		/* TRANSLATORS: what stands between the parts of a list such as "masked with 01 02 03 04; in 3 frames",
		 * with its space. */
		words_format(&narrator->words, narrator->out, words_get(&narrator->words, N_("; ")), NULL, 0);
		words_format(&narrator->words, narrator->out, phrase, args, count);
	} else {
		begin_line(narrator);
		words_format_start(&narrator->words, narrator->out, phrase, args, count);
	}
}

void narrate_end_clauses(struct narrator *narrator)
{
	if (!narrator->has_text)
		return;
	/* TRANSLATORS: the full stop behind such a list. */
	words_format(&narrator->words, narrator->out, words_get(&narrator->words, N_(".")), NULL, 0);
	narrate_end_line(narrator);
}

static SELDOM void tell_left_out(struct narrator *narrator, size_t len)
{
	SENTENCE(narrator, "… and %1$s more, not shown.", ARG_BYTES(len));
	narrate_end_line(narrator);
}

static inline void left_out(struct narrator *narrator, size_t len)
{
	if (len)
		tell_left_out(narrator, len);
}

/* How many bytes stand before the line that begins at from: a line without words has no space behind its sign. */
static size_t sign_len(const struct narrator *narrator, const char *from, const char *end)
{
	bool empty = from == end || *from == '\n';

	return (empty ? &narrator->signs->empty : &narrator->signs->line)->len - empty;
}

/* The line's words turn out to begin with its end: the sign before them was that of a line with words. */
static SELDOM void drop_space(struct narrator *narrator, size_t from)
{
	struct out *out = narrator->out;

	if (!narrator->signs->line.len)
		return;
	memmove(out->text + from - 1, out->text + from, out->len - from);
	out->len--;
}

/* What stands from `from` on may be several lines: those behind the first get their signs, the last one first. */
static APART void set_lines(struct narrator *narrator, size_t from)
{
	struct out *out = narrator->out;
	const char *end = out->text + out->len, *newline = out->text + from;
	size_t more = 0, to;

	if (out_error(out))
		return;
	while ((newline = memchr(newline, '\n', (size_t)(end - newline))))
		more += sign_len(narrator, ++newline, end);
	if (!more || !out_room(out, more))
		return;
	end = out->text + out->len;
	to = out->len + more;
	for (size_t at = out->len; at > from; at--) {
		if (out->text[at - 1] == '\n') {
			const char *next = out->text + to;
			size_t len = sign_len(narrator, next, end + more);

			to -= len;
			memcpy(out->text + to, narrator->signs->line.text, len);
		}
		out->text[--to] = out->text[at - 1];
	}
	out_advance(out, more);
	if (out->text[from] == '\n')
		drop_space(narrator, from);
}

/* Most text is one line as it is. At most TEXT_SHOWN_MAX bytes. */
static void put_text(struct narrator *narrator, struct ws_span text)
{
	struct out *out = narrator->out;
	char *room = out_room(out, text.len);
	size_t plain = room ? plain_copy(text, room) : text.len;

	if (room)
		out_advance(out, plain);
	if (plain == text.len)
		return;
	safe_text(out, ws_span_from(text, plain), SAFE_MANY_LINES, "  ");
	set_lines(narrator, narrator->line);
}

void narrate_text(struct narrator *narrator, struct ws_span text)
{
	struct ws_span shown = text_shorten(text, TEXT_SHOWN_MAX);
	size_t indented;

	if (!text.len)
		return;
	begin_line(narrator);
	indented = narrator->indent_json ? json_indent(narrator->out, text, TEXT_SHOWN_MAX) : 0;
	if (indented) {
		shown.len = indented;
		set_lines(narrator, narrator->line);
	} else {
		put_text(narrator, shown);
	}
	narrate_end_line(narrator);
	left_out(narrator, text.len - shown.len);
}

static struct ws_span without_end(struct ws_span head)
{
	while (head.len && (head.data[head.len - 1] == '\n' || head.data[head.len - 1] == '\r'))
		head.len--;
	return head;
}

/* The end of a line behind which there is one with words: a newline, or CRLF. 0: there is none. */
static size_t line_end(struct ws_span text)
{
	struct ws_cursor in = ws_cursor_of(text);
	uint8_t end, next;

	if (!ws_take_u8(&in, &end) || (end == '\r' && !ws_take_u8(&in, &end)) || end != '\n' ||
	    !ws_take_u8(&in, &next) || next == '\n' || next == '\r')
		return 0;
	return text.len - ws_cursor_left(&in) - 1;
}

/* Puts a line of plain text, and begins the next one. Returns how many bytes of text that was; 0 where it is not so
 * plain, or is the last one. */
static size_t put_plain_line(struct narrator *narrator, struct ws_span text)
{
	struct out *out = narrator->out;
	char *room = out_room(out, text.len + 1 + BLOCK_SIGN_MAX);
	size_t plain = room ? plain_copy(text, room) : 0;
	size_t end = plain ? line_end(ws_span_from(text, plain)) : 0;

	if (!end)
		return 0;
	room[plain] = '\n';
	out_advance(out, plain + 1);
	block_put(out, &narrator->signs->line);
	return plain + end;
}

void narrate_head(struct narrator *narrator, struct ws_span head)
{
	struct ws_span all = without_end(head);
	struct ws_span shown = text_shorten(all, TEXT_SHOWN_MAX), rest = shown;
	size_t len, from;

	begin_line(narrator);
	while ((len = put_plain_line(narrator, rest)))
		rest = ws_span_from(rest, len);
	from = narrator->out->len;
	safe_text(narrator->out, rest, SAFE_MANY_LINES, "");
	set_lines(narrator, from);
	narrate_end_line(narrator);
	left_out(narrator, all.len - shown.len);
}

static void hex_row(struct out *out, size_t offset, struct ws_span row)
{
	struct ws_cursor in = ws_cursor_of(row);
	uint8_t byte;

	out_hex(out, offset, 4);
	out_lit(out, ": ");
	while (ws_take_u8(&in, &byte)) {
		out_char(out, ' ');
		out_hex(out, byte, 2);
	}
	out_repeat(out, ' ', 3 * (HEX_ROW - row.len) + 2);
	in = ws_cursor_of(row);
	while (ws_take_u8(&in, &byte))
		out_char(out, byte >= 0x20 && byte < 0x7f ? (char)byte : '.');
}

void narrate_hex(struct narrator *narrator, struct ws_span bytes)
{
	struct ws_span shown = ws_span_first(bytes, HEX_SHOWN_MAX);

	for (size_t offset = 0; offset < shown.len; offset += HEX_ROW) {
		begin_line(narrator);
		hex_row(narrator->out, offset, ws_span_first(ws_span_from(shown, offset), HEX_ROW));
		narrate_end_line(narrator);
	}
	left_out(narrator, bytes.len - shown.len);
}
