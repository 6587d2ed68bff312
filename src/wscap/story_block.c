#include "wscap/story_block.h"

#include "wscap/narrate.h"

enum {
	LINE_AT_ONCE = 4096, /* bytes of a line that room is made for at once */
	LINE_SIGNS = 4,      /* " * " before it and the newline behind it */
};

#define DIM  "\033[2m"
#define BOLD "\033[1m"
#define OFF  "\033[0m"

static void dim(struct story_block *block, const char *sign)
{
	if (block->color)
		out_lit(block->out, DIM);
	out_str(block->out, sign);
	if (block->color)
		out_lit(block->out, OFF);
}

void story_block_begin(struct story_block *block)
{
	if (block->bare)
		return;
	if (block->printed)
		out_char(block->out, '\n');
	block->printed = true;
	dim(block, "/*");
	out_char(block->out, '\n');
}

/* The text of a line, unable to close the comment. */
static void write_open(struct out *out, struct ws_span text)
{
	struct ws_cursor in = ws_cursor_of(text);
	const uint8_t *end;
	struct ws_span piece;

	while (ws_cursor_left(&in) && (end = memmem(in.at, ws_cursor_left(&in), "*/", 2))) {
		if (!ws_take_span(&in, (size_t)(end - in.at) + 1, &piece))
			break;
		out_bytes(out, piece.data, piece.len);
		out_lit(out, "\\u{2f}");
		if (!ws_take_span(&in, 1, &piece))
			break;
	}
	out_bytes(out, in.at, ws_cursor_left(&in));
}

static void write_line(struct story_block *block, struct ws_span text)
{
	bool title = text.len && *text.data == NARRATE_TITLE;

	dim(block, " *");
	if (text.len)
		out_char(block->out, ' ');
	if (title && block->color)
		out_lit(block->out, BOLD);
	write_open(block->out, ws_span_from(text, title));
	if (title && block->color)
		out_lit(block->out, OFF);
	out_char(block->out, '\n');
}

/* Most lines: without colours, and without an asterisk that could close the comment. */
static void write_plain_line(struct out *out, struct ws_span text)
{
	char *room = text.len <= LINE_AT_ONCE ? out_room(out, LINE_AT_ONCE + LINE_SIGNS) : NULL;

	if (!room) {
		out_lit(out, " * ");
		out_bytes(out, text.data, text.len);
		out_char(out, '\n');
		return;
	}
	memcpy(room, " * ", 3);
	if (text.len)
		memcpy(room + 3, text.data, text.len);
	room[3 + text.len] = '\n';
	out_advance(out, text.len + LINE_SIGNS);
}

static void write_bare(struct out *out, struct ws_span lines)
{
	while (lines.len) {
		const uint8_t *newline = memchr(lines.data, '\n', lines.len);
		size_t len = newline ? (size_t)(newline - lines.data) : lines.len;
		struct ws_span line = ws_span_from(ws_span_first(lines, len), len && *lines.data == NARRATE_TITLE);

		out_bytes(out, line.data, line.len);
		out_char(out, '\n');
		lines = ws_span_from(lines, len + 1);
	}
}

void story_block_lines(struct story_block *block, struct ws_span lines)
{
	bool plain = !block->color && lines.len && !memchr(lines.data, '*', lines.len);

	if (block->bare) {
		write_bare(block->out, lines);
		return;
	}
	while (lines.len) {
		const uint8_t *newline = memchr(lines.data, '\n', lines.len);
		size_t len = newline ? (size_t)(newline - lines.data) : lines.len;

		if (plain && len)
			write_plain_line(block->out,
					 ws_span_from(ws_span_first(lines, len), *lines.data == NARRATE_TITLE));
		else
			write_line(block, ws_span_first(lines, len));
		lines = ws_span_from(lines, len + 1);
	}
}

void story_block_end(struct story_block *block)
{
	if (block->bare)
		return;
	dim(block, " */");
	out_char(block->out, '\n');
}
