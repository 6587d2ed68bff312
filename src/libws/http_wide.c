#include "libws/http_wide.h"

#include "libws/scan.h"

#include <assert.h>

#ifdef __x86_64__
#include <immintrin.h>

#define WIDE __attribute__((target("avx2,bmi,bmi2")))

enum {
	ROW = sizeof(__m256i),
	WORD = 2 * ROW,    /* bytes that a word of marks is about */
	WORDS_AT_ONCE = 4, /* most heads need no more than one or two times that */
	WORDS_MAX = 64,    /* larger heads are read by the plain twin */
};

static_assert(WORDS_MAX % WORDS_AT_ONCE == 0, "they are filled without a rest");

/* What the first bytes of in are, a bit for each. */
struct marks {
	struct ws_span in;          /* a row at least */
	size_t words;               /* so many have values */
	uint64_t ends[WORDS_MAX];   /* LF */
	uint64_t others[WORDS_MAX]; /* what is no character of a token (RFC 9110, section 5.6.2) */
	uint64_t bad[WORDS_MAX];    /* what no field's line may hold: zero, and what is behind a CR and no LF */
	uint64_t carry;             /* the byte before the next word is a CR */
};

struct row_marks {
	uint64_t ends, returns, zeroes, others;
};

static inline WIDE uint64_t bits_of(__m256i holds)
{
	return (uint32_t)_mm256_movemask_epi8(holds);
}

/* Of each low half of a byte a table has the high halves that make a token's character with it, a bit for each; above
 * seven none does. */
static inline WIDE __m256i others_of(__m256i row)
{
	const __m256i lows = _mm256_broadcastsi128_si256(
	    _mm_setr_epi8((char)0xe8, (char)0xfc, (char)0xf8, (char)0xfc, (char)0xfc, (char)0xfc, (char)0xfc,
			  (char)0xfc, (char)0xf8, (char)0xf8, (char)0xf4, 0x54, (char)0xd0, 0x54, (char)0xf4, 0x70));
	const __m256i highs =
	    _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0));
	const __m256i half = _mm256_set1_epi8(0x0f);
	__m256i low = _mm256_shuffle_epi8(lows, _mm256_and_si256(row, half));
	__m256i high = _mm256_shuffle_epi8(highs, _mm256_and_si256(_mm256_srli_epi16(row, 4), half));

	return _mm256_cmpeq_epi8(_mm256_and_si256(low, high), _mm256_setzero_si256());
}

static inline WIDE struct row_marks marks_of(const uint8_t *at)
{
	__m256i row = _mm256_loadu_si256((const __m256i *)(const void *)at);

	return (struct row_marks){
	    .ends = bits_of(_mm256_cmpeq_epi8(row, _mm256_set1_epi8('\n'))),
	    .returns = bits_of(_mm256_cmpeq_epi8(row, _mm256_set1_epi8('\r'))),
	    .zeroes = bits_of(_mm256_cmpeq_epi8(row, _mm256_setzero_si256())),
	    .others = bits_of(others_of(row)),
	};
}

/* Those of the row at offset; where in ends within, it is read as the row that ends there, so that nothing behind it
 * is. */
static inline WIDE struct row_marks row_marks(struct ws_span in, size_t offset)
{
	size_t before = offset + ROW - in.len;
	struct row_marks row;

	if (in.len >= offset + ROW)
		return marks_of(in.data + offset);
	if (before >= ROW)
		return (struct row_marks){0};
	row = marks_of(in.data + in.len - ROW);
	row.ends >>= before;
	row.returns >>= before;
	row.zeroes >>= before;
	row.others >>= before;
	return row;
}

/* A few more. False: there are none. */
static WIDE bool mark_more(struct marks *marks)
{
	struct ws_span in = marks->in;
	size_t word = marks->words, end = word + WORDS_AT_ONCE;

	if (word == WORDS_MAX || word * WORD >= in.len)
		return false;
	do {
		struct row_marks low = row_marks(in, word * WORD), high = row_marks(in, word * WORD + ROW);
		uint64_t ends = low.ends | high.ends << ROW, returns = low.returns | high.returns << ROW;

		marks->ends[word] = ends;
		marks->others[word] = low.others | high.others << ROW;
		marks->bad[word] = low.zeroes | high.zeroes << ROW | ((returns << 1 | marks->carry) & ~ends);
		marks->carry = returns >> (WORD - 1);
	} while (++word < end && word * WORD < in.len);
	marks->words = word;
	return true;
}

/* The first place from there on that no token's character is at, before one that ends a line. */
static inline WIDE size_t find_other(const struct marks *marks, size_t from)
{
	size_t word = from / WORD;
	uint64_t bits = marks->others[word] >> from % WORD << from % WORD;

	while (!bits && ++word < marks->words)
		bits = marks->others[word];
	return word * WORD + (size_t)__builtin_ctzll(bits);
}

/* "HTTP/1." and a digit. */
static inline bool take_version(struct ws_cursor *cursor, struct ws_http_head *head)
{
	static const char text[] = "HTTP/1.";
	struct ws_span version;

	if (!ws_take_span(cursor, sizeof(text), &version) || memcmp(version.data, text, sizeof(text) - 1) != 0 ||
	    !ws_is_digit(version.data[sizeof(text) - 1]))
		return false;
	head->version_major = 1;
	head->version_minor = (uint8_t)(version.data[sizeof(text) - 1] - '0');
	return true;
}

static inline bool take_space(struct ws_cursor *cursor)
{
	uint8_t byte;

	return ws_take_u8(cursor, &byte) && byte == ' ';
}

static inline bool read_request_line(struct ws_cursor line, size_t method_len, struct ws_http_head *head)
{
	const uint8_t *target;

	if (!method_len || method_len > HTTP_METHOD_MAX || !ws_take_span(&line, method_len, &head->method) ||
	    !take_space(&line))
		return false;
	target = line.at;
	line.at = scan_target(target, line.end);
	head->target = ws_span_of(target, (size_t)(line.at - target));
	return head->target.len && take_space(&line) && take_version(&line, head) && line.at == line.end;
}

static inline bool read_status_line(struct ws_cursor line, struct ws_http_head *head)
{
	uint8_t a, b, c;

	head->is_response = true;
	if (!take_version(&line, head) || !take_space(&line) || !ws_take_u8(&line, &a) || !ws_take_u8(&line, &b) ||
	    !ws_take_u8(&line, &c) || !ws_is_digit(a) || !ws_is_digit(b) || !ws_is_digit(c) || !take_space(&line))
		return false;
	head->status = (uint16_t)((a - '0') * 100 + (b - '0') * 10 + (c - '0'));
	head->reason = ws_span_of(line.at, ws_cursor_left(&line));
	return true;
}

/* The line that ends there; its token ends at token_len. */
static inline bool read_start_line(struct ws_span line, size_t token_len, struct ws_http_head *head)
{
	if (token_len == sizeof("HTTP") - 1 && line.len > token_len && line.data[token_len] == '/')
		return read_status_line(ws_cursor_of(line), head);
	return read_request_line(ws_cursor_of(line), token_len, head);
}

/* Is none of the first len bytes one that no line may hold? */
static inline bool is_good(const struct marks *marks, size_t len)
{
	uint64_t bad = len % WORD ? marks->bad[len / WORD] << (WORD - len % WORD) : 0;

	for (size_t word = 0; word < len / WORD; word++)
		/* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): a line's end was found behind it */
		bad |= marks->bad[word];
	return !bad;
}

/* What stands behind a field's colon, without the white space around it. Most have one space before it. */
static inline struct ws_span value_of(struct ws_span in, size_t begin, size_t end)
{
	begin += in.data[begin] == ' ';
	if (begin < end && !ws_is_blank(in.data[begin]) && !ws_is_blank(in.data[end - 1]))
		return ws_span_of(in.data + begin, end - begin);
	return ws_span_trim(ws_span_of(in.data + begin, end - begin));
}

static inline WIDE bool read_field(const struct marks *marks, size_t begin, size_t end, struct ws_http_head *head)
{
	struct ws_span in = marks->in;
	size_t colon = find_other(marks, begin);

	if (colon == begin || in.data[colon] != ':' || head->field_count == WS_HTTP_FIELDS_MAX)
		return false;
	ws_http_add(head, ws_span_of(in.data + begin, colon - begin), value_of(in, colon + 1, end));
	return true;
}

/* The line that begins there, up to its LF. */
static inline WIDE bool read_line(const struct marks *marks, size_t begin, size_t newline, struct ws_http_head *head)
{
	size_t end = newline - (newline > begin && marks->in.data[newline - 1] == '\r');

	if (begin)
		return read_field(marks, begin, end, head);
	return read_start_line(ws_span_first(marks->in, end), find_other(marks, 0), head);
}

/* Line by line: each has its end marked. An empty one is the head's. */
static WIDE bool parse(struct marks *marks, struct ws_http_head *ret)
{
	struct ws_span in = marks->in;
	size_t begin = 0, newline;

	ws_http_begin(ret);
	for (size_t word = 0; word < marks->words || mark_more(marks); word++) {
		for (uint64_t ends = marks->ends[word]; ends; ends &= ends - 1) {
			newline = word * WORD + (size_t)__builtin_ctzll(ends);
			if (begin && (newline == begin || (newline == begin + 1 && in.data[begin] == '\r'))) {
				ret->all = ws_span_first(in, newline + 1);
				return is_good(marks, newline + 1);
			}
			if (!read_line(marks, begin, newline, ret))
				return false;
			begin = newline + 1;
		}
	}
	return false;
}

bool http_wide_parse(struct ws_span in, struct ws_http_head *ret)
{
	struct marks marks;

	if (in.len < ROW || !__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") ||
	    !__builtin_cpu_supports("bmi2"))
		return false;
	marks.in = in;
	marks.words = 0;
	marks.carry = 0;
	return parse(&marks, ret);
}

#else

bool http_wide_parse(struct ws_span in, struct ws_http_head *ret)
{
	(void)in;
	(void)ret;
	return false;
}

#endif
