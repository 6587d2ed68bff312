/* The plain twins of line_dump.c's routines, a byte at a time: what a test compares those with. */
#include "wscap/line_internal.h"

enum {
	ROW_BYTES = 16,
	ROW_HEX = ROW_BYTES / 2 * 5, /* " 4500" for every two bytes */
};

static char printable(uint8_t byte)
{
	return byte > ' ' && byte <= '~' ? (char)byte : '.';
}

static void print_row(struct out *out, struct ws_span row, size_t offset)
{
	out_lit(out, "\n\t0x");
	out_hex(out, offset, 4);
	out_lit(out, ": ");
	for (size_t i = 0; i < row.len; i++) {
		if (i % 2 == 0)
			out_char(out, ' ');
		out_hex(out, row.data[i], 2);
	}
}

void line_dump_hex_plain(struct out *out, struct ws_span bytes)
{
	for (size_t offset = 0; offset < bytes.len; offset += ROW_BYTES)
		print_row(out, ws_span_first(ws_span_from(bytes, offset), ROW_BYTES), offset);
}

void line_dump_hex_ascii_plain(struct out *out, struct ws_span bytes)
{
	for (size_t offset = 0; offset < bytes.len; offset += ROW_BYTES) {
		struct ws_span row = ws_span_first(ws_span_from(bytes, offset), ROW_BYTES);

		print_row(out, row, offset);
		out_repeat(out, ' ', ROW_HEX + 2 - (row.len / 2 * 5 + row.len % 2 * 3));
		for (size_t i = 0; i < row.len; i++)
			out_char(out, printable(row.data[i]));
	}
}

void line_dump_ascii_plain(struct out *out, struct ws_span bytes)
{
	out_char(out, '\n');
	for (size_t i = 0; i < bytes.len; i++) {
		uint8_t byte = bytes.data[i];

		if (byte == '\r' && (bytes.len - i <= 2 || bytes.data[i + 1] == '\n'))
			continue;
		out_char(out, byte == ' ' || byte == '\t' || byte == '\n' ? (char)byte : printable(byte));
	}
}
