#include "wscap/json_walk.h"

#include "base/vector.h"
#include "wscap/span_hash.h"

#include <endian.h>

/* What may come next. */
enum expect {
	EXPECT_VALUE,
	EXPECT_VALUE_OR_CLOSE, /* behind [ */
	EXPECT_KEY,            /* behind a comma in an object */
	EXPECT_KEY_OR_CLOSE,   /* behind { */
	EXPECT_COLON,
	EXPECT_COMMA_OR_CLOSE,
	EXPECT_NOTHING, /* the value is whole */
	EXPECT_FAILED,
};

void json_walk_init(struct json_walk *walk, struct ws_span text)
{
	*walk = (struct json_walk){.in = ws_cursor_of(text), .expect = EXPECT_VALUE};
}

static struct json_token token(const struct json_walk *walk, enum json_kind kind, struct ws_span text)
{
	return (struct json_token){.kind = kind, .depth = walk->depth, .text = text};
}

static struct json_token fail(struct json_walk *walk)
{
	walk->expect = EXPECT_FAILED;
	return token(walk, JSON_BAD, ws_span_of(NULL, 0));
}

static bool in_object(const struct json_walk *walk)
{
	return walk->depth && (walk->objects >> (walk->depth - 1) & 1);
}

static void value_done(struct json_walk *walk)
{
	walk->expect = walk->depth ? EXPECT_COMMA_OR_CLOSE : EXPECT_NOTHING;
}

/* The highest bit of each byte, lowest address first, that is a quote, a backslash or a control character; behind the
 * first of them there may be others set that are not. */
static uint64_t special_bytes(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';

	return ((quote - ones) & ~quote & high) | ((slash - ones) & ~slash & high) |
	       ((word - ones * 0x20) & ~word & high);
}

/* How many bytes of a string's inside stand before the first that means something, as far as whole words go. */
static size_t skip_words(struct ws_cursor *in)
{
	const uint8_t *begin = in->at;
	struct ws_span bytes;
	struct ws_cursor at = *in;
	uint64_t word;

	while (ws_take_span(&at, sizeof(word), &bytes)) {
		memcpy(&word, bytes.data, sizeof(word));
		word = special_bytes(le64toh(word));
		if (word) {
			in->at += (unsigned)__builtin_ctzll(word) / 8;
			break;
		}
		*in = at;
	}
	return (size_t)(in->at - begin);
}

/* The cursor stands behind the opening quote. */
static bool take_string(struct ws_cursor *in, struct ws_span *ret)
{
	struct ws_cursor at = *in;
	size_t len = skip_words(&at);
	struct ws_span quote;
	uint8_t byte;

	while (ws_take_u8(&at, &byte)) {
		if (byte == '"')
			return ws_take_span(in, len, ret) && ws_take_span(in, 1, &quote);
		if (byte < 0x20)
			return false;
		len++;
		if (byte != '\\')
			continue;
		if (!ws_take_u8(&at, &byte))
			return false;
		len += 1 + skip_words(&at);
	}
	return false;
}

static struct json_token open_bracket(struct json_walk *walk, struct ws_span text, bool object)
{
	struct json_token ret = token(walk, JSON_OPEN, text);

	if (walk->depth == JSON_DEPTH_MAX)
		return fail(walk);
	walk->objects &= ~(UINT64_C(1) << walk->depth);
	walk->objects |= (uint64_t)object << walk->depth;
	walk->depth++;
	walk->expect = object ? EXPECT_KEY_OR_CLOSE : EXPECT_VALUE_OR_CLOSE;
	return ret;
}

static struct json_token close_bracket(struct json_walk *walk, struct ws_span text, bool object)
{
	bool may = walk->expect == EXPECT_COMMA_OR_CLOSE ||
		   walk->expect == (object ? EXPECT_KEY_OR_CLOSE : EXPECT_VALUE_OR_CLOSE);

	if (!may || !walk->depth || in_object(walk) != object)
		return fail(walk);
	walk->depth--;
	value_done(walk);
	return token(walk, JSON_CLOSE, text);
}

static struct json_token string(struct json_walk *walk)
{
	struct ws_span text;

	if (!take_string(&walk->in, &text))
		return fail(walk);
	if (walk->expect == EXPECT_KEY || walk->expect == EXPECT_KEY_OR_CLOSE) {
		walk->expect = EXPECT_COLON;
		return token(walk, JSON_KEY, text);
	}
	if (walk->expect != EXPECT_VALUE && walk->expect != EXPECT_VALUE_OR_CLOSE)
		return fail(walk);
	value_done(walk);
	return token(walk, JSON_STRING, text);
}

static bool scalar_byte(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '+' ||
	       byte == '.' || byte == 'E';
}

/* first is its first byte, taken already. */
static struct json_token scalar(struct json_walk *walk, const uint8_t *first)
{
	struct ws_cursor at = walk->in;
	struct ws_span rest;
	uint8_t byte;
	size_t len = 0;

	if (!scalar_byte(*first) || (walk->expect != EXPECT_VALUE && walk->expect != EXPECT_VALUE_OR_CLOSE))
		return fail(walk);
	while (ws_take_u8(&at, &byte) && scalar_byte(byte))
		len++;
	if (!ws_take_span(&walk->in, len, &rest))
		return fail(walk);
	value_done(walk);
	return token(walk, JSON_SCALAR, ws_span_of(first, len + 1));
}

static struct json_token separator(struct json_walk *walk, struct ws_span text, enum json_kind kind)
{
	if (walk->expect != (kind == JSON_COLON ? EXPECT_COLON : EXPECT_COMMA_OR_CLOSE))
		return fail(walk);
	walk->expect = kind == JSON_COMMA && in_object(walk) ? EXPECT_KEY : EXPECT_VALUE;
	return token(walk, kind, text);
}

struct json_token json_walk_next(struct json_walk *walk)
{
	const uint8_t *first;
	uint8_t byte;

	if (walk->expect == EXPECT_FAILED)
		return fail(walk);
	do {
		first = walk->in.at;
		if (!ws_take_u8(&walk->in, &byte))
			return walk->expect == EXPECT_NOTHING ? token(walk, JSON_END, ws_span_of(NULL, 0)) : fail(walk);
	} while (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r');
	switch (byte) {
	case '{':
	case '[':
		if (walk->expect != EXPECT_VALUE && walk->expect != EXPECT_VALUE_OR_CLOSE)
			return fail(walk);
		return open_bracket(walk, ws_span_of(first, 1), byte == '{');
	case '}':
	case ']':
		return close_bracket(walk, ws_span_of(first, 1), byte == '}');
	case '"':
		return string(walk);
	case ',':
		return separator(walk, ws_span_of(first, 1), JSON_COMMA);
	case ':':
		return separator(walk, ws_span_of(first, 1), JSON_COLON);
	default:
		return scalar(walk, first);
	}
}

/* How many bytes of a string's inside stand before the first that is a quote, a backslash or a control character. */
static size_t inside_len(struct ws_span text)
{
	size_t len = 0;

	for (; text.len - len >= VECTOR; len += VECTOR) {
		vector bytes = vector_at(text.data + len);
		uint64_t bits = vector_bits((vector)((bytes == '"') | (bytes == '\\') | (bytes < ' ')));

		if (bits)
			return len + (size_t)__builtin_ctzll(bits);
	}
	while (len < text.len && text.data[len] != '"' && text.data[len] != '\\' && text.data[len] >= ' ')
		len++;
	return len;
}

static inline bool take_sign(struct ws_cursor *in, uint8_t sign)
{
	uint8_t byte;

	return ws_take_u8(in, &byte) && byte == sign;
}

/* A string without an escape, with its quotes. */
static inline bool take_plain(struct ws_cursor *in, struct ws_span *ret)
{
	if (!take_sign(in, '"'))
		return false;
	return ws_take_span(in, inside_len(ws_span_of(in->at, ws_cursor_left(in))), ret) && take_sign(in, '"');
}

bool json_walk_member(struct json_walk *walk, struct ws_span *ret_key, struct ws_span *ret_value)
{
	struct ws_cursor in = walk->in;
	struct ws_span key, value;

	if (walk->expect == EXPECT_COMMA_OR_CLOSE) {
		if (!in_object(walk) || !take_sign(&in, ','))
			return false;
	} else if (walk->expect != EXPECT_KEY && walk->expect != EXPECT_KEY_OR_CLOSE) {
		return false;
	}
	if (!take_plain(&in, &key) || !take_sign(&in, ':') || !take_plain(&in, &value))
		return false;
	*ret_key = key;
	*ret_value = value;
	walk->in = in;
	walk->expect = EXPECT_COMMA_OR_CLOSE;
	return true;
}

static bool take_hex4(struct ws_cursor *in, uint32_t *ret)
{
	struct ws_cursor at = *in;
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		uint8_t byte;

		if (!ws_take_u8(&at, &byte))
			return false;
		if (byte >= '0' && byte <= '9')
			value = value << 4 | (uint32_t)(byte - '0');
		else if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'f')
			value = value << 4 | (uint32_t)((byte | 0x20) - 'a' + 10);
		else
			return false;
	}
	*ret = value;
	*in = at;
	return true;
}

/* The character behind "\u"; the second half of a surrogate pair is taken with the first. */
static uint32_t take_unicode(struct ws_cursor *in)
{
	struct ws_cursor at;
	uint32_t high, low;
	uint8_t slash, u;

	if (!take_hex4(in, &high))
		return 0xfffd;
	at = *in;
	if (high < 0xd800 || high > 0xdbff || !ws_take_u8(&at, &slash) || slash != '\\' || !ws_take_u8(&at, &u) ||
	    u != 'u' || !take_hex4(&at, &low) || low < 0xdc00 || low > 0xdfff)
		return high;
	*in = at;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* Characters are taken together to words. */
struct string_hash {
	uint64_t hash, word;
	unsigned len; /* bytes so far; eight make a word */
};

static void hash_byte(struct string_hash *string, uint8_t byte)
{
	string->word |= (uint64_t)byte << string->len++ % 8 * 8;
	if (string->len % 8)
		return;
	string->hash = span_hash_mix(string->hash, string->word);
	string->word = 0;
}

/* Feeds a character as the bytes of its UTF-8. */
static void hash_character(struct string_hash *string, uint32_t c)
{
	if (c < 0x80) {
		hash_byte(string, (uint8_t)c);
		return;
	}
	if (c < 0x800) {
		hash_byte(string, (uint8_t)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			hash_byte(string, (uint8_t)(0xe0 | c >> 12));
		} else {
			hash_byte(string, (uint8_t)(0xf0 | c >> 18));
			hash_byte(string, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		}
		hash_byte(string, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
	}
	hash_byte(string, (uint8_t)(0x80 | (c & 0x3f)));
}

/* The last bytes of text, fewer than eight, as hash_byte() puts them into a word: those that are read twice are the
 * same. */
static inline uint64_t last_word(struct ws_span text, size_t len)
{
	const uint8_t *begin;
	uint32_t first, last;
	uint64_t word;

	if (!len)
		return 0;
	if (text.len >= sizeof(word)) {
		memcpy(&word, text.data + text.len - sizeof(word), sizeof(word));
		return le64toh(word) >> 8 * (sizeof(word) - len);
	}
	begin = text.data;
	if (len >= sizeof(first)) {
		memcpy(&first, begin, sizeof(first));
		memcpy(&last, begin + len - sizeof(last), sizeof(last));
		return le32toh(first) | (uint64_t)le32toh(last) << 8 * (len - sizeof(last));
	}
	return begin[0] | (uint64_t)begin[len / 2] << 8 * (len / 2) | (uint64_t)begin[len - 1] << 8 * (len - 1);
}

uint64_t json_plain_hash(struct ws_span text, uint64_t seed)
{
	struct ws_cursor in = ws_cursor_of(text);
	struct ws_span bytes;
	uint64_t hash = seed, word;

	while (ws_take_span(&in, sizeof(word), &bytes)) {
		memcpy(&word, bytes.data, sizeof(word));
		hash = span_hash_mix(hash, le64toh(word));
	}
	return span_hash_mix(span_hash_mix(hash, last_word(text, ws_cursor_left(&in))), (unsigned)text.len);
}

static void hash_escaped(struct string_hash *string, struct ws_span text)
{
	static const char escapes[] = "b\bf\fn\nr\rt\t";
	struct ws_cursor in = ws_cursor_of(text);
	uint8_t byte;

	while (ws_take_u8(&in, &byte)) {
		const char *escape;

		if (byte != '\\' || !ws_take_u8(&in, &byte)) {
			hash_byte(string, byte);
			continue;
		}
		escape = byte ? strchr(escapes, byte) : NULL;
		if (byte == 'u')
			hash_character(string, take_unicode(&in));
		else
			hash_byte(string, escape && (escape - escapes) % 2 == 0 ? (uint8_t)escape[1] : byte);
	}
}

uint64_t json_string_hash(struct ws_span text, uint64_t seed)
{
	struct string_hash string = {.hash = seed};

	if (!text.len || !memchr(text.data, '\\', text.len))
		return json_plain_hash(text, seed);
	hash_escaped(&string, text);
	return span_hash_mix(span_hash_mix(string.hash, string.word), string.len);
}
