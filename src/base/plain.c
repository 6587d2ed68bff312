#include "base/plain.h"

#include "base/vector.h"

#include <assert.h>

enum {
	PLAIN_FIRST = 0x20,
	PLAIN_LAST = 0x7e,
};

enum {
	BLOCK = 64, /* bytes whose findings fit into a word, a bit each */
};

size_t plain_len_bytewise(struct ws_span text)
{
	size_t len = 0;

	while (len < text.len && text.data[len] >= PLAIN_FIRST && text.data[len] <= PLAIN_LAST)
		len++;
	return len;
}

/* ff for each byte that is plain: those are moved to where the lowest signed numbers are, which takes one comparison,
 * of the kind that machines have. */
static vector is_plain(vector bytes)
{
	enum {
		LOWEST = 0x80,
	};

	return (vector)((signed_vector)(bytes + (LOWEST - PLAIN_FIRST)) <
			PLAIN_LAST + 1 + LOWEST - PLAIN_FIRST - 0x100);
}

/* A bit for each byte that is not, of what is_plain() says. */
static uint64_t others(vector plain)
{
	return vector_bits(plain) ^ ((UINT64_C(1) << VECTOR) - 1);
}

bool plain_is_short(const char text[static PLAIN_SHORT], size_t len)
{
	static_assert((int)PLAIN_SHORT == (int)VECTOR, "it is one vector");
	const uint64_t bits = len < PLAIN_SHORT ? (UINT64_C(1) << len) - 1 : UINT64_MAX;

	return len <= PLAIN_SHORT && !(others(is_plain(vector_at((const uint8_t *)text))) & bits);
}

size_t plain_escape_bytewise(struct ws_span text, char *to, size_t *ret_len)
{
	size_t len = plain_len_bytewise(text), put = 0;

	for (size_t i = 0; i < len; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			to[put++] = '\\';
		to[put++] = (char)text.data[i];
	}
	*ret_len = put;
	return len;
}

/* The first four vectors, together: most text has nothing to find. */
static bool block_is_plain(const uint8_t block[BLOCK])
{
	vector plain = is_plain(vector_at(block));

	for (unsigned i = VECTOR; i < BLOCK; i += VECTOR)
		plain &= is_plain(vector_at(block + i));
	return !others(plain);
}

size_t plain_len(struct ws_span text)
{
	size_t len = 0;

	while (text.len - len >= BLOCK && block_is_plain(text.data + len))
		len += BLOCK;
	for (; text.len - len >= VECTOR; len += VECTOR) {
		uint64_t found = others(is_plain(vector_at(text.data + len)));

		if (found)
			return len + (size_t)__builtin_ctzll(found);
	}
	return len + plain_len_bytewise(ws_span_from(text, len));
}

size_t plain_copy_bytewise(struct ws_span text, char *to)
{
	size_t len = plain_len_bytewise(text);

	if (len)
		memcpy(to, text.data, len);
	return len;
}

/* Copies a vector's bytes, and tells which of them are plain. */
static vector copy_vector(char *to, const uint8_t *from)
{
	vector bytes = vector_at(from);

	memcpy(to, &bytes, VECTOR);
	return is_plain(bytes);
}

static bool copy_block(char *to, const uint8_t *from)
{
	vector plain = copy_vector(to, from);

	for (unsigned i = VECTOR; i < BLOCK; i += VECTOR)
		plain &= copy_vector(to + i, from + i);
	return !others(plain);
}

size_t plain_copy(struct ws_span text, char *to)
{
	size_t len = 0;
	uint64_t found;

	if (text.len < VECTOR)
		return plain_copy_bytewise(text, to);
	while (text.len - len >= BLOCK && copy_block(to + len, text.data + len))
		len += BLOCK;
	while (text.len - len >= VECTOR) {
		found = others(copy_vector(to + len, text.data + len));
		if (found)
			return len + (size_t)__builtin_ctzll(found);
		len += VECTOR;
	}
	/* The last vector ends where the text does; what it has in common with the one before is plain. */
	len = text.len - VECTOR;
	found = others(copy_vector(to + len, text.data + len));
	return found ? len + (size_t)__builtin_ctzll(found) : text.len;
}

size_t plain_string_len_bytewise(struct ws_span text)
{
	size_t len = 0;

	while (len < text.len && text.data[len] < 0x80 && text.data[len] != '"' && text.data[len] != '\\')
		len++;
	return len;
}

size_t plain_string_len(struct ws_span text)
{
	size_t len = 0;

	for (; text.len - len >= VECTOR; len += VECTOR) {
		vector bytes = vector_at(text.data + len);
		vector found = (vector)((bytes == '"') | (bytes == '\\') | ((signed_vector)bytes < 0));
		uint64_t bits = vector_bits(found);

		if (bits)
			return len + (size_t)__builtin_ctzll(bits);
	}
	return len + plain_string_len_bytewise(ws_span_from(text, len));
}

/* What a block has of the bytes that do not pass as they are. */
struct findings {
	uint64_t stop;   /* bits of those that are not plain */
	uint64_t escape; /* …of quotes and backslashes */
};

static struct findings look_at(const uint8_t block[BLOCK])
{
	struct findings found = {0};

	for (unsigned i = 0; i < BLOCK; i += VECTOR) {
		vector bytes = vector_at(block + i);

		found.stop |= others(is_plain(bytes)) << i;
		found.escape |= vector_bits((vector)((bytes == '"') | (bytes == '\\'))) << i;
	}
	return found;
}

/* By whole vectors, one at least, which most pieces fit into: up to VECTOR bytes more are read, and written. */
static void copy_over(char *to, const uint8_t *from, size_t len)
{
	size_t done = 0;

	do {
		memcpy(to + done, from + done, VECTOR);
		done += VECTOR;
	} while (done < len);
}

/* The first len bytes of a block that VECTOR more bytes follow. Returns where the copy ends. */
static char *escape_block(char *to, const uint8_t *from, size_t len, uint64_t escape)
{
	size_t done = 0;

	for (; escape; escape &= escape - 1) {
		size_t at = (size_t)__builtin_ctzll(escape);

		copy_over(to, from + done, at - done);
		to += at - done;
		to[0] = '\\';
		to[1] = (char)from[at];
		to += 2;
		done = at + 1;
	}
	copy_over(to, from + done, len - done);
	return to + (len - done);
}

static uint64_t bits_below(size_t count)
{
	return count < BLOCK ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
}

size_t plain_escape(struct ws_span text, char *to, size_t *ret_len)
{
	const char *begin = to;
	size_t taken = 0;

	while (taken < text.len) {
		uint8_t rest[BLOCK + VECTOR];
		const uint8_t *block = text.data + taken;
		size_t len = text.len - taken < BLOCK ? text.len - taken : BLOCK;
		struct findings found;
		uint64_t stop;

		if (text.len - taken < sizeof(rest)) { /* nothing is read behind the text */
			memset(rest, 0, sizeof(rest));
			memcpy(rest, block, len);
			block = rest;
		}
		found = look_at(block);
		stop = found.stop & bits_below(len);
		if (stop)
			len = (size_t)__builtin_ctzll(stop);
		to = escape_block(to, block, len, found.escape & bits_below(len));
		taken += len;
		if (stop)
			break;
	}
	*ret_len = (size_t)(to - begin);
	return taken;
}
