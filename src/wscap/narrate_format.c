#include "wscap/narrate_format.h"

#include "base/put.h"
#include "base/safe.h"
#include "wscap/narrate_words.h"
#include "wscap/packet.h"

#include <assert.h>

enum {
	USEC = 1000,
	MSEC = 1000 * USEC,
	MINUTE = 60,
	THOUSAND = 1000,
	DIGITS_MAX = 20,
};

/* What stands between two digits of the example number, as long as it fits. */
static void learn_sign(const char *example, char before, char after, char ret[WORDS_SIGN_MAX])
{
	const char *begin = strchr(example, before);
	const char *end = begin ? strchr(begin, after) : NULL;
	size_t len = end ? (size_t)(end - begin - 1) : 0;

	if (len >= WORDS_SIGN_MAX)
		len = 0;
	if (len)
		memcpy(ret, begin + 1, len);
	ret[len] = '\0';
}

void words_init(struct words *words)
{
	/* TRANSLATORS: not a sentence: write this number as your language does; its two signs are taken from it. */
	const char *example = gettext("1,234.5");

	learn_sign(example, '1', '2', words->thousands);
	learn_sign(example, '4', '5', words->decimal);
	phrases_init(&words->phrases);
	memset(words->parties, 0, sizeof(words->parties));
}

/* Most numbers in sentences are small: lengths, copies, times. */
static void write_plain(struct out *out, uint64_t number)
{
	char *room;

	if (number > UINT8_MAX) {
		out_u64(out, number);
		return;
	}
	room = out_room(out, PUT_ROOM);
	if (room)
		out_advance(out, (size_t)(put_byte(room, (uint8_t)number) - room));
}

static void write_number(const struct words *words, struct out *out, uint64_t number)
{
	char digits[DIGITS_MAX];
	unsigned count = 0;

	if (number < THOUSAND) {
		write_plain(out, number);
		return;
	}
	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	while (count--) {
		out_char(out, digits[count]);
		if (count && count % 3 == 0)
			out_str(out, words->thousands);
	}
}

static void write_fraction(const struct words *words, struct out *out, uint64_t whole, uint64_t rest, unsigned digits)
{
	char *room;

	write_number(words, out, whole);
	out_str(out, words->decimal);
	room = out_room(out, PUT_ROOM);
	if (room)
		out_advance(out, (size_t)(put_digits(room, (uint32_t)rest, digits) - room));
}

/* number counts thousandths; it is rounded to `digits` (at most 2) behind the sign. (Divisions by what is known here
 * are products.) */
static void write_decimal(const struct words *words, struct out *out, uint64_t number, unsigned digits)
{
	uint64_t tenths = (number + 50) / 100, hundredths = (number + 5) / 10;

	if (digits == 0)
		write_number(words, out, (number + THOUSAND / 2) / THOUSAND);
	else if (digits == 1)
		write_fraction(words, out, tenths / 10, tenths % 10, 1);
	else
		write_fraction(words, out, hundredths / 100, hundredths % 100, 2);
}

/* Two or three digits that matter, in the unit that a person would choose. */
static void write_duration(struct words *words, struct out *out, int64_t time)
{
	uint64_t ns = time < 0 ? 0 : (uint64_t)time;
	uint64_t seconds = ns / NSEC_PER_SEC;

#define UNIT(msgid, ...) words_format(words, out, words_get(words, msgid), ARGS(__VA_ARGS__))
	if (ns < USEC)
		UNIT(N_("%1$s ns"), ARG_PLAIN(ns));
	else if (ns < 10 * USEC)
		UNIT(N_("%1$s µs"), ARG_DECIMAL(ns, 1));
	else if (ns < 100 * USEC)
		UNIT(N_("%1$s µs"), ARG_DECIMAL(ns, 0));
	else if (ns < 995 * USEC)
		UNIT(N_("%1$s ms"), ARG_DECIMAL(ns / USEC, 2));
	else if (ns < 100 * MSEC)
		UNIT(N_("%1$s ms"), ARG_DECIMAL(ns / USEC, 1));
	else if (ns < 995 * MSEC)
		UNIT(N_("%1$s ms"), ARG_DECIMAL(ns / USEC, 0));
	else if (seconds < 2 * MINUTE)
		UNIT(N_("%1$s s"), ARG_DECIMAL(ns / MSEC, 1));
	else
		UNIT(N_("%1$s min %2$s s"), ARG_NUMBER(seconds / MINUTE), ARG_PLAIN(seconds % MINUTE));
#undef UNIT
}

struct ws_span text_shorten(struct ws_span text, size_t max)
{
	size_t len = max;

	if (text.len <= max)
		return text;
	while (len && max - len < 3 && (text.data[len] & 0xc0) == 0x80)
		len--;
	return ws_span_first(text, len);
}

/* A word that cannot be taken for several: no space of any kind, none of the signs that our sentences have. For a name,
 * letters, digits and what joins them, in any script; for other text, anything printable in ASCII. */
static bool is_plain(struct ws_span text, bool name)
{
	struct ws_cursor in = ws_cursor_of(text);
	uint8_t c;

	while (ws_take_u8(&in, &c)) {
		bool letter = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
		/* U+0080 to U+00BF, U+1000 to U+1FFF, U+2000 to U+2FFF: spaces and signs are among them */
		bool foreign = c >= 0x80 && c != 0xc2 && c != 0xe1 && c != 0xe2;
		/* U+3000 to U+303F */
		bool ideographic_sign = c == 0xe3 && ws_cursor_left(&in) && *in.at == 0x80;

		if (name && !letter && c != '_' && c != '-' && c != '.' && c != ':' && (!foreign || ideographic_sign))
			return false;
		if (!name && (c <= ' ' || c == '"' || c >= 0x7f))
			return false;
	}
	return text.len > 0;
}

/* A short word of ASCII, as most names and labels are: it passes as it is. */
static bool is_short_word(struct ws_span text, bool name)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		bool letter = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';

		if (!letter && (name || c != '/'))
			return false;
	}
	return text.len > 0 && text.len <= STRANGER_SHOWN_MAX;
}

/* Quotes keep a stranger's text such as "the server (port 7272)" from being read as our own words. */
static void write_stranger(struct out *out, struct ws_span text, bool name)
{
	struct ws_cursor in = ws_cursor_of(text_shorten(text, STRANGER_SHOWN_MAX));
	bool plain;

	if (is_short_word(text, name)) {
		out_bytes(out, text.data, text.len);
		return;
	}
	plain = is_plain(text, name);
	if (!plain)
		out_char(out, '"');
	while (ws_cursor_left(&in)) {
		const uint8_t *quote = memchr(in.at, '"', ws_cursor_left(&in));
		struct ws_span piece;

		if (!ws_take_span(&in, quote ? (size_t)(quote - in.at) : ws_cursor_left(&in), &piece))
			break;
		safe_text(out, piece, SAFE_ONE_LINE, NULL);
		if (quote && ws_take_span(&in, 1, &piece))
			out_lit(out, "\\\"");
	}
	if (text.len > STRANGER_SHOWN_MAX)
		out_lit(out, "…");
	if (!plain)
		out_char(out, '"');
}

static void write_key(struct out *out, struct ws_span key)
{
	struct ws_cursor in = ws_cursor_of(key);
	uint8_t byte;

	while (ws_take_u8(&in, &byte)) {
		if (in.at != key.data + 1)
			out_char(out, ' ');
		out_hex(out, byte, 2);
	}
}

/* PARTY_START has its capital letter only where the translation did begin with it. */
static void write_party(struct words *words, struct out *out, const struct party *party, enum party_form form,
			bool first)
{
	enum party_form words_form = form == PARTY_START ? PARTY_SUBJECT : form;
	const struct phrase *phrase =
	    words_get(words, narrate_party_phrase(party->kind, words_form, party->user.len > 0));

	if (form == PARTY_START && first)
		words_format_start(words, out, phrase, ARGS(ARG_NAME(party->user)));
	else
		words_format(words, out, phrase, ARGS(ARG_NAME(party->user)));
}

/* mynick's browser (port 60653) */
static void write_party_port(struct words *words, struct out *out, const struct party *party, enum party_form form)
{
	words_format(words, out, words_get(words, N_("%1$s (port %2$s)")),
		     ARGS(ARG_PARTY(party, form), ARG_PLAIN(party->port)));
}

/* What is written behind at is the text of key. */
static void keep_party(struct party_text *kept, uint64_t key, const struct party *party, const struct out *out,
		       size_t at)
{
	if (out_error(out) || out->len - at > PARTY_TEXT)
		return;
	kept->key = key;
	kept->len = (uint8_t)(out->len - at);
	memcpy(kept->text, out->text + at, kept->len);
	if (party->user.len)
		memcpy(kept->user, party->user.data, party->user.len);
}

static bool put_party(const struct party_text *kept, uint64_t key, const struct party *party, struct out *out)
{
	char *room;

	if (kept->key != key || (party->user.len && memcmp(kept->user, party->user.data, party->user.len) != 0))
		return false;
	room = out_room(out, PARTY_TEXT);
	if (room) {
		memcpy(room, kept->text, PARTY_TEXT);
		out_advance(out, kept->len);
	}
	return true;
}

/* A party, as arg asks for it; kept where out only gathers. */
static void write_any_party(struct words *words, struct out *out, const struct arg *arg, bool first)
{
	const struct party *party = arg->as.party;
	bool port = arg->kind == ARG_KIND_PARTY_PORT, short_enough = party->user.len <= PARTY_USER && out_gathers(out);
	uint64_t key = UINT64_C(1) << 63 | (uint64_t)party->kind << 48 | (uint64_t)arg->detail << 40 |
		       (uint64_t)party->user.len << 32 | (uint64_t)party->port << 8 | (uint64_t)port << 1 | first;
	struct party_text *kept = &words->parties[key * UINT64_C(0x9e3779b97f4a7c15) >> 56];
	size_t at = out->len;

	static_assert(PARTIES_KEPT == 1 << (64 - 56), "the shift leaves as many bits as there are places");
	if (short_enough && put_party(kept, key, party, out))
		return;
	if (port)
		write_party_port(words, out, party, arg->detail);
	else
		write_party(words, out, party, arg->detail, first);
	if (short_enough)
		keep_party(kept, key, party, out, at);
}

/* first: it begins the sentence. */
static void write_arg(struct words *words, struct out *out, const struct arg *arg, bool first)
{
	switch (arg->kind) {
	case ARG_KIND_TEXT:
		out_str(out, arg->as.text);
		break;
	case ARG_KIND_WORD:
		words_format(words, out, words_get(words, arg->as.text), NULL, 0);
		break;
	case ARG_KIND_NUMBER:
		write_number(words, out, arg->as.number);
		break;
	case ARG_KIND_BYTES:
		words_format(words, out, phrases_get_n(&words->phrases, "%1$s byte", "%1$s bytes", arg->as.number),
			     ARGS(ARG_NUMBER(arg->as.number)));
		break;
	case ARG_KIND_PLAIN:
		out_u64(out, arg->as.number);
		break;
	case ARG_KIND_CONN:
		write_plain(out, arg->as.number);
		if (arg->stream) {
			out_char(out, '.');
			out_u64(out, arg->stream);
		}
		break;
	case ARG_KIND_DECIMAL:
		write_decimal(words, out, arg->as.number, arg->detail);
		break;
	case ARG_KIND_DURATION:
		write_duration(words, out, arg->as.time);
		break;
	case ARG_KIND_STRANGER:
		write_stranger(out, arg->as.span, false);
		break;
	case ARG_KIND_NAME:
		write_stranger(out, arg->as.span, true);
		break;
	case ARG_KIND_KEY:
		write_key(out, arg->as.span);
		break;
	case ARG_KIND_PARTY:
	case ARG_KIND_PARTY_PORT:
		write_any_party(words, out, arg, first);
		break;
	}
}

void words_format_text(struct words *words, struct out *out, const char *template, const struct arg *args, size_t count)
{
	const char *begin = template, *percent;

	while ((percent = strchr(template, '%'))) {
		size_t place = (size_t)(percent[1] - '1');

		out_bytes(out, template, (size_t)(percent - template));
		if (place < 9 && percent[2] == '$' && percent[3] == 's') {
			if (place < count)
				write_arg(words, out, &args[place], percent == begin);
			template = percent + 4;
		} else {
			out_char(out, '%');
			template = percent + (percent[1] == '%' ? 2 : 1);
		}
	}
	out_str(out, template);
}

/* Bytes of ours, which PHRASE_COPY more stand behind. */
static void copy_piece(struct out *out, const char *text, size_t len, bool capital)
{
	char *room = out_room(out, len + PHRASE_COPY);

	if (!room)
		return;
	for (size_t i = 0; i < len; i += PHRASE_COPY)
		memcpy(room + i, text + i, PHRASE_COPY);
	if (capital && len && *text >= 'a' && *text <= 'z')
		*room = (char)(*text - 'a' + 'A');
	out_advance(out, len);
}

static void write_pieces(struct words *words, struct out *out, const struct phrase *phrase, const struct arg *args,
			 size_t count, bool capital)
{
	for (size_t i = 0; i < phrase->count; i++) {
		const struct phrase_piece *piece = &phrase->piece[i];

		copy_piece(out, phrase->literal + piece->begin, piece->len, capital && i == 0);
		if (piece->place < count)
			write_arg(words, out, &args[piece->place], i == 0 && !piece->len);
	}
}

void words_format(struct words *words, struct out *out, const struct phrase *phrase, const struct arg *args,
		  size_t count)
{
	if (phrase->count == PHRASE_AS_IT_IS)
		words_format_text(words, out, phrase->text, args, count);
	else
		write_pieces(words, out, phrase, args, count, false);
}

void words_format_start(struct words *words, struct out *out, const struct phrase *phrase, const struct arg *args,
			size_t count)
{
	const char *text = phrase->text;

	if (phrase->count != PHRASE_AS_IT_IS) {
		write_pieces(words, out, phrase, args, count, true);
		return;
	}
	if (*text >= 'a' && *text <= 'z')
		out_char(out, (char)(*text++ - 'a' + 'A'));
	words_format_text(words, out, text, args, count);
}
