#include "base/safe.h"

#include "base/plain.h"

enum {
	TEXT_PIECE = OUT_SIZE / 4, /* bytes of text that room is made for at once */
	JSON_PIECE = OUT_SIZE / 4, /* …and escapes may double them */
};

/* Ranges of characters that steer a terminal or deceive a reader, in ascending order. */
static const struct range {
	uint32_t first, last;
} dangerous[] = {
    {0x0080, 0x009f},   /* C1 controls */
    {0x00ad, 0x00ad},   /* soft hyphen */
    {0x061c, 0x061c},   /* Arabic letter mark */
    {0x115f, 0x1160},   /* Hangul fillers */
    {0x180e, 0x180e},   /* Mongolian vowel separator */
    {0x200b, 0x200f},   /* zero-width space, joiners, direction marks */
    {0x2028, 0x202e},   /* line and paragraph separator, embeddings, overrides */
    {0x2060, 0x206f},   /* word joiner, invisible operators, isolates, shaping controls */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xfeff, 0xfeff},   /* byte order mark */
    {0xffa0, 0xffa0},   /* halfwidth Hangul filler */
    {0xfff9, 0xfffb},   /* interlinear annotation */
    {0xe0000, 0xe007f}, /* tags */
};

static bool is_dangerous(uint32_t character)
{
	for (size_t i = 0; i < sizeof(dangerous) / sizeof(dangerous[0]); i++)
		if (character <= dangerous[i].last)
			return character >= dangerous[i].first;
	return false;
}

/* One character that is more than a byte long, as RFC 3629, section 4 has it: no overlong form, no surrogate, nothing
 * above U+10FFFF. Returns its length, or 0 where the first byte of text begins none. */
static size_t decode(struct ws_span text, uint32_t *ret)
{
	static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
	struct ws_cursor in = ws_cursor_of(text);
	uint32_t character;
	uint8_t byte;
	size_t len;

	if (!ws_take_u8(&in, &byte) || byte < 0xc2 || byte > 0xf4)
		return 0;
	len = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
	character = byte & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if (!ws_take_u8(&in, &byte) || (byte & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (byte & 0x3f);
	}
	if (character < lowest[len] || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
		return 0;
	*ret = character;
	return len;
}

/* How many bytes at the start of text are characters beyond ASCII that pass unchanged. */
static size_t foreign_len(struct ws_span text)
{
	size_t len = 0;

	while (len < text.len && text.data[len] >= 0x80) {
		uint32_t character;
		size_t more = decode(ws_span_from(text, len), &character);

		if (!more || is_dangerous(character))
			break;
		len += more;
	}
	return len;
}

static void escape_byte(struct out *out, uint8_t byte)
{
	out_lit(out, "\\x");
	out_hex(out, byte, 2);
}

/* One byte of ASCII that is no plain text. */
static void text_control(struct out *out, struct ws_span at, enum safe_newlines newlines, const char *prefix)
{
	uint8_t byte = at.data[0];
	bool many = newlines == SAFE_MANY_LINES;

	if (byte == '\n' && many) {
		out_char(out, '\n');
		if (prefix)
			out_str(out, prefix);
	} else if (byte == '\t' && many) {
		out_char(out, '\t');
	} else if (byte == '\r' && many && at.len > 1 && at.data[1] == '\n') {
		return; /* the newline behind it says it all */
	} else if (byte == '\n') {
		out_lit(out, "\\n");
	} else if (byte == '\r') {
		out_lit(out, "\\r");
	} else if (byte == '\t') {
		out_lit(out, "\\t");
	} else {
		escape_byte(out, byte);
	}
}

/* Copies what is plain at the start of text. Returns how many bytes that are. */
static size_t text_plain(struct out *out, struct ws_span text)
{
	struct ws_span piece = ws_span_first(text, TEXT_PIECE);
	char *room = out_room(out, piece.len);
	size_t len;

	if (!room)
		return text.len; /* nothing can be written any more */
	len = plain_copy(piece, room);
	out_advance(out, len);
	return len;
}

/* The first character of text, which does not pass unchanged. Returns its length. */
static size_t text_character(struct out *out, struct ws_span text, enum safe_newlines newlines, const char *prefix)
{
	uint32_t character;
	size_t len;

	if (text.data[0] < 0x80) {
		text_control(out, text, newlines, prefix);
		return 1;
	}
	len = decode(text, &character);
	if (!len) {
		escape_byte(out, text.data[0]);
		return 1;
	}
	out_lit(out, "\\u{");
	out_hex(out, character, 4);
	out_char(out, '}');
	return len;
}

void safe_text(struct out *out, struct ws_span text, enum safe_newlines newlines, const char *prefix)
{
	while (text.len) {
		size_t len = text.data[0] < 0x80 ? text_plain(out, text) : 0;

		if (!len && (len = foreign_len(text)) > 0)
			out_bytes(out, text.data, len);
		else if (!len)
			len = text_character(out, text, newlines, prefix);
		text = ws_span_from(text, len);
	}
}

static void json_unit(struct out *out, uint32_t unit)
{
	out_lit(out, "\\u");
	out_hex(out, unit, 4);
}

static void json_ascii(struct out *out, uint8_t byte)
{
	static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

	if (byte < sizeof(letters) && letters[byte]) {
		out_char(out, '\\');
		out_char(out, letters[byte]);
	} else {
		json_unit(out, byte);
	}
}

/* Copies what needs nothing but quotes and backslashes escaped. Returns how many bytes of text that are. */
static size_t json_plain(struct out *out, struct ws_span text)
{
	struct ws_span piece = ws_span_first(text, JSON_PIECE);
	char *room = out_room(out, 2 * piece.len + PLAIN_ESCAPE_ROOM);
	size_t len, put;

	if (!room)
		return text.len; /* nothing can be written any more */
	len = plain_escape(piece, room, &put);
	out_advance(out, put);
	return len;
}

/* The first character of text, which does not pass unchanged. Returns its length. */
static size_t json_character(struct out *out, struct ws_span text)
{
	uint32_t character;
	size_t len;

	if (text.data[0] < 0x80) {
		json_ascii(out, text.data[0]);
		return 1;
	}
	len = decode(text, &character);
	if (!len) {
		out_lit(out, "\xef\xbf\xbd");
		return 1;
	}
	if (character < 0x10000) {
		json_unit(out, character);
	} else {
		json_unit(out, 0xd800 + ((character - 0x10000) >> 10));
		json_unit(out, 0xdc00 + ((character - 0x10000) & 0x3ff));
	}
	return len;
}

void safe_json(struct out *out, struct ws_span text)
{
	while (text.len) {
		size_t len = text.data[0] < 0x80 ? json_plain(out, text) : 0;

		if (!len && (len = foreign_len(text)) > 0)
			out_bytes(out, text.data, len);
		else if (!len)
			len = json_character(out, text);
		text = ws_span_from(text, len);
	}
}
