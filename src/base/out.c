#include "base/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	DIGITS_MAX = 20, /* of a uint64_t in decimal */
	PRINTF_MAX = 1024,
};

int out_init(struct out *out, int fd)
{
	*out = (struct out){.fd = fd, .text = malloc(OUT_SIZE)};
	if (!out->text)
		return -ENOMEM;
	out->cap = OUT_SIZE;
	return 0;
}

void out_finish(struct out *out)
{
	if (!out)
		return;
	free(out->text);
	*out = (struct out){.fd = -1};
}

/* Writes all of data, over short writes and interrupts. */
static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return errno;
		data += done;
		len -= (size_t)done;
	}
	return 0;
}

int out_flush(struct out *out)
{
	if (out->fd >= 0) {
		if (!out->error)
			out->error = write_all(out->fd, out->text, out->len);
		out->len = 0;
	}
	return -out->error;
}

/* Only for fd -1: the text grows as it is needed. */
static bool grow(struct out *out, size_t len)
{
	size_t cap = out->cap ? out->cap : OUT_SIZE;
	char *text;

	while (cap < out->len + len)
		cap *= 2;
	text = realloc(out->text, cap);
	if (!text) {
		out->error = ENOMEM;
		return false;
	}
	out->text = text;
	out->cap = cap;
	return true;
}

char *out_make_room(struct out *out, size_t len)
{
	if (out->fd < 0)
		return grow(out, len) ? out->text + out->len : NULL;
	out_flush(out);
	return out->cap >= len ? out->text : NULL;
}

void out_pieces(struct out *out, const char *data, size_t len)
{
	while (len) {
		size_t piece = len < OUT_SIZE ? len : OUT_SIZE;
		char *room = out_room(out, piece);

		if (!room)
			return;
		memcpy(room, data, piece);
		out_advance(out, piece);
		data += piece;
		len -= piece;
	}
}

void out_repeat(struct out *out, char c, size_t count)
{
	while (count) {
		size_t piece = count < OUT_SIZE ? count : OUT_SIZE;
		char *room = out_room(out, piece);

		if (!room)
			return;
		memset(room, c, piece);
		out_advance(out, piece);
		count -= piece;
	}
}

/* Two digits at a time: half the divisions. */
static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445"
    "46474849505152535455565758596061626364656667686970717273747576777879808182838485868788899091"
    "9293949596979899";

/* Writes value's digits so that they end at end. Returns where they begin. */
static char *digits_before(char *end, uint64_t value)
{
	while (value >= 100) {
		end -= 2;
		memcpy(end, pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10) {
		end -= 2;
		memcpy(end, pairs + 2 * value, 2);
	} else {
		*--end = (char)('0' + value);
	}
	return end;
}

void out_u64_padded(struct out *out, uint64_t value, unsigned width, char pad)
{
	char digits[DIGITS_MAX];
	char *begin = digits_before(digits + DIGITS_MAX, value);
	unsigned count = (unsigned)(digits + DIGITS_MAX - begin);

	if (width > count)
		out_repeat(out, pad, width - count);
	out_bytes(out, begin, count);
}

static unsigned count_digits(uint64_t value)
{
	unsigned count = 1;

	for (;; value /= 10000, count += 4) {
		if (value < 10)
			return count;
		if (value < 100)
			return count + 1;
		if (value < 1000)
			return count + 2;
		if (value < 10000)
			return count + 3;
	}
}

void out_u64(struct out *out, uint64_t value)
{
	char *room = out_room(out, DIGITS_MAX);
	unsigned count = count_digits(value);

	if (!room)
		return;
	digits_before(room + count, value);
	out_advance(out, count);
}

void out_i64(struct out *out, int64_t value)
{
	if (value < 0)
		out_char(out, '-');
	out_u64(out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void out_hex(struct out *out, uint64_t value, unsigned width)
{
	static const char hex[] = "0123456789abcdef";
	char digits[16];
	unsigned count = 0;

	do {
		digits[sizeof(digits) - ++count] = hex[value & 0xf];
		value >>= 4;
	} while (value);
	if (width > count)
		out_repeat(out, '0', width - count);
	out_bytes(out, digits + sizeof(digits) - count, count);
}

void out_printf(struct out *out, const char *format, ...)
{
	char text[PRINTF_MAX];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len > 0)
		out_bytes(out, text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
}
