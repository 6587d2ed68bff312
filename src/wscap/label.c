#include "wscap/label.h"

#include "base/plain.h"
#include "base/vector.h"

#include <assert.h>

enum {
	UTF8_MAX = 4,
	KEY_MAX = 16, /* longer than every key that is looked for */
	REPLACEMENT = 0xfffd,
};

/* The keys, the best first; ended by one without letters. */
struct key {
	char letters[KEY_MAX];
	size_t len;
};

#define KEY(text)                                                                                                      \
	{                                                                                                              \
		text, sizeof(text) - 1                                                                                 \
	}
static const struct key label_keys[] = {KEY("type"), KEY("event"), KEY("op"), KEY("method"), {"", 0}};
static const struct key user_keys[] = {KEY("name"), KEY("client_name"), KEY("nick"), KEY("user"), {"", 0}};

/* What stands between two quotes, escapes and all. */
struct string {
	struct ws_span inside;
	bool plain; /* it stands for itself */
};

static bool peek(const struct ws_cursor *in, char *ret)
{
	struct ws_cursor at = *in;
	uint8_t byte;

	if (!ws_take_u8(&at, &byte))
		return false;
	*ret = (char)byte;
	return true;
}

/* Takes the next byte when it is c. */
static bool take_char(struct ws_cursor *in, char c)
{
	char next;

	if (!peek(in, &next) || next != c)
		return false;
	in->at++;
	return true;
}

static void skip_space(struct ws_cursor *in)
{
	char next;

	while (peek(in, &next) && (next == ' ' || next == '\t' || next == '\n' || next == '\r'))
		in->at++;
}

static void skip_digits(struct ws_cursor *in)
{
	char next;

	while (peek(in, &next) && next >= '0' && next <= '9')
		in->at++;
}

/* As take_string(), of any string. */
static bool take_any_string(struct ws_cursor *in, struct string *ret)
{
	const uint8_t *begin = in->at, *from = in->at;

	for (;;) {
		const uint8_t *quote = memchr(from, '"', (size_t)(in->end - from));
		size_t slashes = 0;

		if (!quote)
			return false;
		while (quote - slashes > from && quote[-1 - (ptrdiff_t)slashes] == '\\')
			slashes++;
		if (slashes % 2 == 0) {
			*ret = (struct string){.inside = ws_span_of(begin, (size_t)(quote - begin))};
			in->at = quote + 1;
			return true;
		}
		from = quote + 1;
	}
}

/* Past the end of a string whose opening quote was taken. Most are plain. */
static bool take_string(struct ws_cursor *in, struct string *ret)
{
	size_t len = plain_string_len(ws_span_of(in->at, ws_cursor_left(in)));
	struct ws_cursor at = *in;

	if (!ws_take_span(&at, len, &ret->inside) || !take_char(&at, '"'))
		return take_any_string(in, ret);
	ret->plain = true;
	*in = at;
	return true;
}

/* Past a value of any kind. Brackets are counted, not matched: who skims does not judge. */
static bool skip_value(struct ws_cursor *in)
{
	struct string string;
	size_t depth = 0;
	char next;

	while (peek(in, &next)) {
		if (depth == 0 && (next == ',' || next == '}' || next == ']'))
			return true;
		in->at++;
		if (next == '"' && !take_string(in, &string))
			return false;
		if (next == '{' || next == '[')
			depth++;
		if (next == '}' || next == ']')
			depth--;
	}
	return false;
}

static bool take_hex4(struct ws_cursor *in, uint32_t *ret)
{
	struct ws_cursor at = *in;
	uint32_t value = 0;
	uint8_t c;

	for (unsigned i = 0; i < 4; i++) {
		if (!ws_take_u8(&at, &c))
			return false;
		if (c >= '0' && c <= '9')
			value = value << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	*in = at;
	*ret = value;
	return true;
}

/* The character of a \u escape whose "\u" was taken; two escapes where they are a surrogate pair (RFC 8259, 7). */
static uint32_t take_u_escape(struct ws_cursor *in)
{
	struct ws_cursor at;
	uint32_t high, low;

	if (!take_hex4(in, &high))
		return REPLACEMENT;
	if (high < 0xd800 || high > 0xdfff)
		return high;
	at = *in;
	if (high > 0xdbff || !take_char(&at, '\\') || !take_char(&at, 'u') || !take_hex4(&at, &low) || low < 0xdc00 ||
	    low > 0xdfff)
		return REPLACEMENT;
	*in = at;
	return 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
}

static size_t put_utf8(uint32_t c, char ret[UTF8_MAX])
{
	if (c < 0x80) {
		ret[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		ret[0] = (char)(0xc0 | c >> 6);
		ret[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		ret[0] = (char)(0xe0 | c >> 12);
		ret[1] = (char)(0x80 | (c >> 6 & 0x3f));
		ret[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	ret[0] = (char)(0xf0 | c >> 18);
	ret[1] = (char)(0x80 | (c >> 12 & 0x3f));
	ret[2] = (char)(0x80 | (c >> 6 & 0x3f));
	ret[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* The character of an escape whose backslash was taken. One that JSON does not have stands for its letter. */
static uint32_t take_escape(struct ws_cursor *in)
{
	char c = '\\';

	if (!peek(in, &c) || (uint8_t)c >= 0x80)
		return '\\';
	in->at++;
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'u':
		return take_u_escape(in);
	default:
		return (uint8_t)c;
	}
}

/* How many bytes a character takes by its first one; 1 for bytes that begin none. */
static size_t utf8_len(uint8_t first)
{
	return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}

/* Undoes the escapes of string, as far as max bytes reach, always to the end of a character. Returns the length. */
static size_t unescape(const struct string *string, char *ret, size_t max)
{
	struct ws_cursor in = ws_cursor_of(string->inside);
	size_t len = 0;
	char next;

	if (string->plain && string->inside.len) {
		len = string->inside.len < max ? string->inside.len : max;
		memcpy(ret, string->inside.data, len);
		return len;
	}
	while (len < max && peek(&in, &next)) {
		char character[UTF8_MAX];
		size_t size;

		if (take_char(&in, '\\')) {
			size = put_utf8(take_escape(&in), character);
		} else {
			struct ws_span raw;

			size = utf8_len((uint8_t)next);
			if (!ws_take_span(&in, size, &raw))
				break;
			memcpy(character, raw.data, size);
		}
		if (len + size > max)
			break;
		memcpy(ret + len, character, size);
		len += size;
	}
	return len;
}

/* The place of key in keys; more than any place when it is not there. */
static size_t rank(const struct key *keys, struct ws_span key)
{
	for (size_t i = 0; keys[i].len; i++)
		if (keys[i].len == key.len && memcmp(keys[i].letters, key.data, key.len) == 0)
			return i;
	return SIZE_MAX;
}

/* The best value so far under one list of keys. */
struct candidate {
	const struct key *keys;
	size_t rank; /* of the key that it stands under; SIZE_MAX when none */
	struct string value;
};

static void offer(struct candidate *candidate, struct ws_span key, const struct string *value)
{
	size_t place = rank(candidate->keys, key);

	if (place < candidate->rank) {
		candidate->rank = place;
		candidate->value = *value;
	}
}

/* One key and its value, up to the comma or the end. False: the object is over, or it is none. */
static bool skim_member(struct ws_cursor *in, struct candidate *label, struct candidate *user)
{
	struct string raw, value;
	char letters[KEY_MAX];

	skip_space(in);
	if (!take_char(in, '"') || !take_string(in, &raw))
		return false;
	skip_space(in);
	if (!take_char(in, ':'))
		return false;
	skip_space(in);
	if (take_char(in, '"')) {
		struct ws_span key = raw.inside;

		if (!raw.plain)
			key = ws_span_of(letters, unescape(&raw, letters, sizeof(letters)));
		if (!take_string(in, &value))
			return false;
		offer(label, key, &value);
		if (user)
			offer(user, key, &value);
	} else if (!skip_value(in)) {
		return false;
	}
	skip_space(in);
	return take_char(in, ',');
}

static void keep(const struct candidate *candidate, struct label_text *ret)
{
	ret->len = (uint8_t)unescape(&candidate->value, ret->text, sizeof(ret->text));
}

static void find_in_object(struct ws_cursor *in, bool want_user, struct label *ret)
{
	struct candidate label = {.keys = label_keys, .rank = SIZE_MAX}, user = {.keys = user_keys, .rank = SIZE_MAX};

	while (label.rank || (want_user && user.rank))
		if (!skim_member(in, &label, want_user ? &user : NULL))
			break;
	keep(&label, &ret->label);
	keep(&user, &ret->user);
}

/* What Socket.IO puts before an array: type digits, the number of attachments and "-", "/namespace,", an id. */
static void skip_socket_io(struct ws_cursor *in)
{
	skip_digits(in);
	take_char(in, '-');
	if (take_char(in, '/')) {
		const uint8_t *comma = memchr(in->at, ',', ws_cursor_left(in));

		in->at = comma ? comma + 1 : in->end;
	}
	skip_digits(in);
}

static void find_in_array(struct ws_cursor *in, struct label *ret)
{
	struct string first;

	skip_space(in);
	if (take_char(in, '"') && take_string(in, &first))
		ret->label.len = (uint8_t)unescape(&first, ret->label.text, sizeof(ret->label.text));
}

__attribute__((noinline)) bool label_find_plain(struct ws_span text, bool want_user, struct label *ret)
{
	struct ws_cursor in = ws_cursor_of(ws_span_first(text, LABEL_SCAN_MAX));

	ret->label.len = 0;
	ret->user.len = 0;
	skip_space(&in);
	if (take_char(&in, '{')) {
		find_in_object(&in, want_user, ret);
	} else {
		skip_socket_io(&in);
		if (take_char(&in, '['))
			find_in_array(&in, ret);
	}
	return ret->label.len || ret->user.len;
}

/* Most say first what they are, in a word, and most of those begin with the same bytes. False where this one does not.
 */
static inline bool find_at_once(struct ws_span text, struct label *ret)
{
	static const char begins[] = "{\"type\":\"";
	struct ws_cursor in = ws_cursor_of(text);
	struct ws_span first, word;
	uint64_t ends;
	vector bytes;

	static_assert((int)VECTOR <= (int)LABEL_MAX, "there is room for all of it");
	if (!ws_take_span(&in, sizeof(begins) - 1, &first) || memcmp(first.data, begins, sizeof(begins) - 1) != 0 ||
	    !ws_take_span(&in, VECTOR, &word))
		return false;
	bytes = vector_at(word.data);
	ends = vector_bits((vector)((bytes == '"') | (bytes == '\\') | ((signed_vector)bytes < 0)));
	if (!ends || !(ends & -ends & vector_bits((vector)(bytes == '"'))))
		return false;
	memcpy(ret->label.text, &bytes, VECTOR);
	ret->label.len = (uint8_t)__builtin_ctzll(ends);
	ret->user.len = 0;
	return true;
}

/* ff where a key of a user may end (me" ck" er"), or where an escape may hide one. */
static vector user_key_ends(const uint8_t *at)
{
	vector first = vector_at(at), second = vector_at(at + 1), third = vector_at(at + 2);
	vector letters = (vector)(((first == 'm') & (second == 'e')) | ((first == 'c') & (second == 'k')) |
				  ((first == 'e') & (second == 'r')));

	return (letters & (vector)(third == '"')) | (vector)((first == '\\') | (third == '\\'));
}

/* False only where there is none. A client that never says a name is asked for it with each message, and what it says
 * is long more often than it is nested: this is a look at each byte, and no more. */
static __attribute__((noinline)) bool may_have_user(struct ws_span text)
{
	enum {
		LOOK = VECTOR + 2,
	};
	size_t at = 0;

	if (text.len < LOOK)
		return true;
	for (; text.len - at >= LOOK; at += VECTOR)
		if (vector_bits(user_key_ends(text.data + at)))
			return true;
	return vector_bits(user_key_ends(text.data + text.len - LOOK));
}

bool label_find(struct ws_span text, bool want_user, struct label *ret)
{
	text = ws_span_first(text, LABEL_SCAN_MAX);
	want_user = want_user && may_have_user(text);
	if (!want_user && find_at_once(text, ret))
		return ret->label.len;
	return label_find_plain(text, want_user, ret);
}
