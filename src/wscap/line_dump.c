/* -A, -X and -x: rows are built in place in the output buffer. */
#include "wscap/line_internal.h"

enum {
	ROW_BYTES = 16,
	ROW_HEX = ROW_BYTES / 2 * 5, /* " 4500" for every two bytes */
	ROW_ROOM = 128,              /* more than a row can be long */
	ASCII_PIECE = 32768,         /* bytes that are looked at in one go */
};

static const char hex[16] = "0123456789abcdef";

/* "\n\t0x0010: "; more than four digits where they are needed. */
static char *put_offset(char *at, size_t offset)
{
	unsigned digits = 4;

	while (digits < 8 && offset >> (4 * digits))
		digits++;
	memcpy(at, "\n\t0x", 4);
	at += 4;
	while (digits--)
		*at++ = hex[offset >> (4 * digits) & 0xf];
	memcpy(at, ": ", 2);
	return at + 2;
}

static char *put_hex(char *at, struct ws_span row)
{
	for (size_t i = 0; i < row.len; i++) {
		if (i % 2 == 0)
			*at++ = ' ';
		*at++ = hex[row.data[i] >> 4];
		*at++ = hex[row.data[i] & 0xf];
	}
	return at;
}

static char printable(uint8_t byte)
{
	return byte > ' ' && byte <= '~' ? (char)byte : '.';
}

void line_dump_hex(struct out *out, struct ws_span bytes)
{
	for (size_t offset = 0; offset < bytes.len; offset += ROW_BYTES) {
		char *room = out_room(out, ROW_ROOM);
		char *at;

		if (!room)
			return;
		at = put_offset(room, offset);
		at = put_hex(at, ws_span_first(ws_span_from(bytes, offset), ROW_BYTES));
		out_advance(out, (size_t)(at - room));
	}
}

void line_dump_hex_ascii(struct out *out, struct ws_span bytes)
{
	for (size_t offset = 0; offset < bytes.len; offset += ROW_BYTES) {
		struct ws_span row = ws_span_first(ws_span_from(bytes, offset), ROW_BYTES);
		char *room = out_room(out, ROW_ROOM);
		char *at, *hex_end;

		if (!room)
			return;
		at = put_offset(room, offset);
		hex_end = at + ROW_HEX;
		at = put_hex(at, row);
		memset(at, ' ', (size_t)(hex_end - at) + 2);
		at = hex_end + 2;
		for (size_t i = 0; i < row.len; i++)
			*at++ = printable(row.data[i]);
		out_advance(out, (size_t)(at - room));
	}
}

/* A carriage return at the end of a line, or of the packet, is left out. */
static bool ends_line(struct ws_span bytes, size_t at)
{
	return bytes.len - at <= 2 || bytes.data[at + 1] == '\n';
}

void line_dump_ascii(struct out *out, struct ws_span bytes)
{
	size_t i = 0;

	out_char(out, '\n');
	while (i < bytes.len) {
		size_t end = bytes.len - i < ASCII_PIECE ? bytes.len : i + ASCII_PIECE;
		char *room = out_room(out, ASCII_PIECE);
		char *at = room;

		if (!room)
			return;
		for (; i < end; i++) {
			uint8_t byte = bytes.data[i];

			if (byte == '\r' && ends_line(bytes, i))
				continue;
			*at++ = byte == ' ' || byte == '\t' || byte == '\n' ? (char)byte : printable(byte);
		}
		out_advance(out, (size_t)(at - room));
	}
}

/* The whole packet where the letter was given twice, else what is behind the link layer's header. */
static struct ws_span wanted(const struct walk *walk, uint8_t times)
{
	return times > 1 ? walk->captured : ws_span_from(walk->captured, walk->link_header_len);
}

void line_dump(struct walk *walk)
{
	const struct options *options = walk->options;

	if (options->hex_ascii) {
		line_dump_hex_ascii(walk->out, wanted(walk, options->hex_ascii));
	} else if (options->hex) {
		line_dump_hex(walk->out, wanted(walk, options->hex));
	} else if (options->ascii) {
		struct ws_span bytes = wanted(walk, options->ascii);

		if (bytes.len)
			line_dump_ascii(walk->out, bytes);
	}
}
