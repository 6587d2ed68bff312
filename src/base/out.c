#include "base/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/put.h"

enum {
	PRINTF_MAX = 1024,
};

int out_init(struct out *out, int fd)
{
	*out = (struct out){.fd = fd, .text = malloc(OUT_SIZE + OUT_REST)};
	if (!out->text)
		return -ENOMEM;
	out->cap = OUT_SIZE + OUT_REST;
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

/* Writes len bytes of what waits. */
static void write_first(struct out *out, size_t len)
{
	if (!out->error)
		out->error = write_all(out->fd, out->text, len);
	out->written += len;
	out->len -= len;
	if (out->len)
		memmove(out->text, out->text + len, out->len);
}

int out_flush(struct out *out)
{
	if (out->fd >= 0)
		write_first(out, out->len);
	return -out->error;
}

/* Makes room for len bytes where the buffer is full. A file takes pieces that begin and end at round places sooner, as
 * its cache is made of such; so what is behind the last of them waits. */
static void flush_most(struct out *out, size_t len)
{
	size_t rest = (out->written + out->len) % OUT_STEP;

	write_first(out, rest < out->len && out->cap - rest >= len ? out->len - rest : out->len);
}

int out_through(struct out *out, const char *data, size_t len)
{
	if (out->fd < 0) {
		out_bytes(out, data, len);
		return -out->error;
	}
	out_flush(out);
	if (!out->error)
		out->error = write_all(out->fd, data, len);
	out->written += len;
	return -out->error;
}

size_t out_through_most(struct out *out, const char *data, size_t len)
{
	size_t rest = (out->written + out->len + len) % OUT_STEP;
	size_t most = rest < len && out->fd >= 0 ? len - rest : len;

	out_through(out, data, most);
	return most;
}

void out_hold(struct out *out)
{
	if (out->fd >= 0 && out->cap - out->len < OUT_HELD)
		flush_most(out, OUT_HELD);
	out->held = true;
}

/* Only while it gathers: the text grows as it is needed. */
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
	if (out_gathers(out))
		return grow(out, len) ? out->text + out->len : NULL;
	flush_most(out, len);
	return out->cap - out->len >= len ? out->text + out->len : NULL;
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

void out_u64(struct out *out, uint64_t value)
{
	char *room = out_room(out, PUT_ROOM);

	if (room)
		out_advance(out, (size_t)(put_u64(room, value) - room));
}

void out_u64_padded(struct out *out, uint64_t value, unsigned width, char pad)
{
	char digits[PUT_ROOM];
	unsigned count = (unsigned)(put_u64(digits, value) - digits);

	if (width > count)
		out_repeat(out, pad, width - count);
	out_bytes(out, digits, count);
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
