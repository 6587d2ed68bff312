/* -A, -X and -x: rows of sixteen bytes are built in place in the output buffer. Each routine has a plain twin in
 * line_dump_plain.c. */
#include "wscap/line_internal.h"

#include <endian.h>

#include "base/put.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* A row, or a piece of -A's text; the compiler makes of it what the machine has. */
typedef uint8_t row __attribute__((vector_size(16)));
typedef int8_t signed_row __attribute__((vector_size(16)));

enum {
	ROW_BYTES = sizeof(row),
	ROW_HEX = ROW_BYTES / 2 * 5, /* " 4500" for every two bytes */
	ROW_ASCII_AT = ROW_HEX + 2,
	ROW_ROOM = 128,     /* more than a row can write */
	ROWS_AT_ONCE = 128, /* for which room is asked */
	ASCII_PIECE = 4096, /* bytes of text for which room is asked at once */
};

/* At most the first ROW_BYTES of bytes, with zeroes behind them where there are fewer. */
static inline row load(struct ws_span bytes)
{
	row ret = {0};

	if (bytes.len >= ROW_BYTES)
		memcpy(&ret, bytes.data, ROW_BYTES);
	else
		memcpy(&ret, bytes.data, bytes.len);
	return ret;
}

/* The last len bytes before end, fewer than ROW_BYTES, where that many could be read. What is put together from pieces
 * in memory, and read from there, would be waited for. */
static inline row load_last(const uint8_t *end, size_t len)
{
	unsigned __int128 bytes;
	row ret;

	memcpy(&bytes, end - ROW_BYTES, ROW_BYTES);
#if __BYTE_ORDER == __LITTLE_ENDIAN
	bytes >>= 8 * (ROW_BYTES - len);
#else
	bytes <<= 8 * (ROW_BYTES - len);
#endif
	memcpy(&ret, &bytes, sizeof(ret));
	return ret;
}

static inline row choose(row which, row yes, row no)
{
	return (which & yes) | (~which & no);
}

/* "\n\t0x0010: "; more than four digits where they are needed. */
static inline char *put_offset(char *at, size_t offset)
{
	at = put_lit(at, "\n\t0x");
	if (offset >> 16)
		for (unsigned shift = 28; shift >= 16; shift -= 4)
			if (offset >> shift)
				at = put_char(at, "0123456789abcdef"[offset >> shift & 0xf]);
	at = put_hex_byte(at, (uint8_t)(offset >> 8));
	at = put_hex_byte(at, (uint8_t)offset);
	return put_lit(at, ": ");
}

static inline row digits_of(row nibbles)
{
	return nibbles + '0' + ((row)(nibbles > 9) & (uint8_t)('a' - '0' - 10));
}

/* All of ROW_HEX, and a few bytes behind it. */
static inline void put_hex_words(char *at, row bytes)
{
	row high = digits_of(bytes >> 4), low = digits_of(bytes & 0xf);
	row digits[2] = {
	    __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
	    __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
	};
	uint32_t words[ROW_BYTES / 2];

	memcpy(words, digits, sizeof(words));
	for (size_t i = 0; i < ROW_BYTES / 2; i++)
		at = put_word(at, ' ' | (uint64_t)le32toh(words[i]) << 8, 5);
}

#ifdef __x86_64__
#define SHUFFLES __attribute__((target("avx2")))

/* Where each byte comes from, or a space. */
#define SPACE (-128)

static inline SHUFFLES void put_shuffled(char *at, __m128i digits, __m128i from)
{
	/* what comes from nowhere is zero, and the highest bit of SPACE, two places lower, is a space */
	__m128i spaces = _mm_and_si128(_mm_srli_epi16(from, 2), _mm_set1_epi8(' '));

	_mm_storeu_si128((__m128i *)(void *)at, _mm_or_si128(_mm_shuffle_epi8(digits, from), spaces));
}

/* The same by a machine that takes sixteen bytes from anywhere in one step: of 32 digits, three times as many as stand
 * in sixteen characters. */
static inline SHUFFLES void put_hex_shuffled(char *at, row bytes)
{
	const __m128i letters =
	    _mm_setr_epi8('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f');
	const __m128i nibble = _mm_set1_epi8(0xf);
	__m128i high = _mm_shuffle_epi8(letters, _mm_and_si128(_mm_srli_epi16((__m128i)bytes, 4), nibble));
	__m128i low = _mm_shuffle_epi8(letters, _mm_and_si128((__m128i)bytes, nibble));
	__m128i first = _mm_unpacklo_epi8(high, low), last = _mm_unpackhi_epi8(high, low);
	__m128i middle = _mm_alignr_epi8(last, first, 12);

	put_shuffled(at, first, _mm_setr_epi8(SPACE, 0, 1, 2, 3, SPACE, 4, 5, 6, 7, SPACE, 8, 9, 10, 11, SPACE));
	put_shuffled(at + 16, middle, _mm_setr_epi8(0, 1, 2, 3, SPACE, 4, 5, 6, 7, SPACE, 8, 9, 10, 11, SPACE, 12));
	put_shuffled(
	    at + 32, last,
	    _mm_setr_epi8(9, 10, 11, SPACE, 12, 13, 14, 15, SPACE, SPACE, SPACE, SPACE, SPACE, SPACE, SPACE, SPACE));
}
#endif

/* Where the digits of so many bytes end. */
static inline size_t hex_len(size_t bytes)
{
	return bytes / 2 * 5 + bytes % 2 * 3;
}

static inline row printable(row bytes)
{
	/* as signed numbers, what has the eighth bit is below all of them */
	row graphic = (row)((signed_row)bytes > ' ') & (row)((signed_row)bytes <= '~');

	return choose(graphic, bytes, (row){0} + '.');
}

/* How a machine writes a row's digits. */
typedef void hex_writer(char *at, row bytes);

/* The text of a row of len bytes. Inlined twice, so that of a whole row everything is known. */
static inline __attribute__((always_inline)) char *put_row(char *at, row in, size_t len, size_t offset, bool with_ascii,
							   hex_writer *put_hex)
{
	row ascii = printable(in);

	at = put_offset(at, offset);
	put_hex(at, in);
	if (!with_ascii)
		return at + hex_len(len);
	if (len < ROW_BYTES)
		memset(at + hex_len(len), ' ', ROW_ASCII_AT);
	else
		memset(at + ROW_HEX, ' ', ROW_ASCII_AT - ROW_HEX);
	memcpy(at + ROW_ASCII_AT, &ascii, ROW_BYTES);
	return at + ROW_ASCII_AT + len;
}

static inline __attribute__((always_inline)) void dump_rows(struct out *out, struct ws_span bytes, bool with_ascii,
							    hex_writer *put_hex)
{
	size_t offset = 0;

	while (offset < bytes.len) {
		char *room = out_room(out, ROWS_AT_ONCE * ROW_ROOM);
		size_t end =
		    bytes.len - offset > ROWS_AT_ONCE * ROW_BYTES ? offset + ROWS_AT_ONCE * ROW_BYTES : bytes.len;
		char *at = room;

		if (!room)
			return;
		for (; end - offset >= ROW_BYTES; offset += ROW_BYTES)
			at = put_row(at, load(ws_span_of(bytes.data + offset, ROW_BYTES)), ROW_BYTES, offset,
				     with_ascii, put_hex);
		if (offset < end) {
			size_t len = end - offset;
			row last = offset ? load_last(bytes.data + end, len) : load(bytes);

			at = put_row(at, last, len, offset, with_ascii, put_hex);
			offset = end;
		}
		out_advance(out, (size_t)(at - room));
	}
}

#ifdef SHUFFLES
static SHUFFLES void dump_hex_shuffled(struct out *out, struct ws_span bytes)
{
	dump_rows(out, bytes, false, put_hex_shuffled);
}

static SHUFFLES void dump_hex_ascii_shuffled(struct out *out, struct ws_span bytes)
{
	dump_rows(out, bytes, true, put_hex_shuffled);
}

static bool shuffles(void)
{
	return __builtin_cpu_supports("avx2");
}
#else
#define dump_hex_shuffled       line_dump_hex_words
#define dump_hex_ascii_shuffled line_dump_hex_ascii_words
static bool shuffles(void)
{
	return false;
}
#endif

void line_dump_hex_words(struct out *out, struct ws_span bytes)
{
	dump_rows(out, bytes, false, put_hex_words);
}

void line_dump_hex_ascii_words(struct out *out, struct ws_span bytes)
{
	dump_rows(out, bytes, true, put_hex_words);
}

void line_dump_hex(struct out *out, struct ws_span bytes)
{
	(shuffles() ? dump_hex_shuffled : line_dump_hex_words)(out, bytes);
}

void line_dump_hex_ascii(struct out *out, struct ws_span bytes)
{
	(shuffles() ? dump_hex_ascii_shuffled : line_dump_hex_ascii_words)(out, bytes);
}

/* How many of the first bytes are no carriage return. */
static inline size_t before_return(row bytes)
{
	uint64_t found[2];
	row returns = (row)(bytes == '\r');

	memcpy(found, &returns, sizeof(found));
	if (found[0])
		return (size_t)__builtin_ctzll(le64toh(found[0])) / 8;
	return found[1] ? 8 + (size_t)__builtin_ctzll(le64toh(found[1])) / 8 : ROW_BYTES;
}

/* A carriage return at the end of a line, or of the packet, is left out. */
static bool ends_line(struct ws_span bytes)
{
	return bytes.len <= 2 || bytes.data[1] == '\n';
}

/* The first bytes, as -A shows them: at most ROW_BYTES, up to a carriage return, or that alone. They are taken from
 * *bytes. Writes ROW_BYTES, of which what it returns counts. */
static inline char *put_ascii(char *at, struct ws_span *bytes)
{
	row in = load(*bytes), text;
	size_t len = before_return(in);

	if (len == 0) {
		*at = '.';
		at += !ends_line(*bytes);
		len = 1;
	} else {
		text = choose((row)(in == ' ') | (row)(in == '\t') | (row)(in == '\n'), in, printable(in));
		memcpy(at, &text, ROW_BYTES);
		if (len > bytes->len)
			len = bytes->len;
		at += len;
	}
	*bytes = ws_span_from(*bytes, len);
	return at;
}

void line_dump_ascii(struct out *out, struct ws_span bytes)
{
	out_char(out, '\n');
	while (bytes.len) {
		char *room = out_room(out, ASCII_PIECE + ROW_BYTES);
		char *at = room;

		if (!room)
			return;
		while (bytes.len && at - room < ASCII_PIECE)
			at = put_ascii(at, &bytes);
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
