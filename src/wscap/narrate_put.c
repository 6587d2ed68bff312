#include "wscap/narrate_put.h"

#include "base/i18n.h"
#include "base/seldom.h"
#include "wscap/event.h"
#include "wscap/narrate_words.h"
#include "wscap/packet.h"

enum {
	USEC = 1000,
	MSEC = 1000 * USEC,
	MINUTE = 60,
	THOUSAND = 1000,
	GROUPS_MAX = 7, /* of three digits, in 64 bits */
};

/* 1,250 */
static APART char *put_groups(const struct words *words, char *at, uint64_t number)
{
	unsigned groups[GROUPS_MAX], count = 0;

	for (; number; number /= THOUSAND)
		groups[count++] = (unsigned)(number % THOUSAND);
	at = put_short(at, groups[--count]);
	while (count--) {
		memcpy(at, words->thousands, WORDS_SIGN_MAX);
		at = put_digits(at + words->thousands_len, groups[count], 3);
	}
	return at;
}

static inline char *put_number(const struct words *words, char *at, uint64_t number)
{
	return number < THOUSAND ? put_few(at, (uint32_t)number) : put_groups(words, at, number);
}

static inline char *put_fraction(const struct words *words, char *at, uint64_t whole, uint64_t rest, unsigned digits)
{
	at = put_number(words, at, whole);
	memcpy(at, words->decimal, WORDS_SIGN_MAX);
	at += words->decimal_len;
	if (digits == 1)
		return put_char(at, (char)('0' + rest));
	memcpy(at, put_pairs[rest], 2);
	return at + 2;
}

/* number counts thousandths; it is rounded to `digits` (at most 2) behind the sign. (Divisions by what is known here
 * are products.) */
static inline char *put_decimal(const struct words *words, char *at, uint64_t number, unsigned digits)
{
	uint64_t tenths, hundredths;

	if (digits == 0)
		return put_number(words, at, (number + THOUSAND / 2) / THOUSAND);
	if (digits == 1) {
		tenths = (number + 50) / 100;
		return put_fraction(words, at, tenths / 10, tenths % 10, 1);
	}
	hundredths = (number + 5) / 10;
	return put_fraction(words, at, hundredths / 100, hundredths % 100, 2);
}

/* An argument that is but a number. */
static inline char *put_numeric(const struct words *words, char *at, const struct arg *arg)
{
	if (arg->kind == ARG_KIND_DECIMAL)
		return put_decimal(words, at, arg->as.number, arg->detail);
	return arg->kind == ARG_KIND_PLAIN ? put_u64(at, arg->as.number) : put_number(words, at, arg->as.number);
}

/* Bytes of ours, which PHRASE_COPY more stand behind. */
static inline char *put_piece(char *at, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i += PHRASE_COPY)
		memcpy(at + i, text + i, PHRASE_COPY);
	return at + len;
}

/* words_put() of a phrase whose arguments are but numbers. */
static inline char *put_numbers(const struct words *words, char *at, const struct phrase *phrase,
				const struct arg *args, size_t count)
{
	if (phrase->count == PHRASE_AS_IT_IS)
		return NULL;
	for (size_t i = 0; i < phrase->count; i++) {
		const struct phrase_piece *piece = &phrase->piece[i];

		at = put_piece(at, phrase->literal + piece->begin, piece->len);
		if (piece->place < count)
			at = put_numeric(words, at, &args[piece->place]);
	}
	return at;
}

static inline struct duration duration_of(int64_t time)
{
	uint64_t ns = time < 0 ? 0 : (uint64_t)time;
	uint64_t seconds = ns / NSEC_PER_SEC;

	if (ns < USEC)
		return (struct duration){N_("%1$s ns"), 1, {ARG_PLAIN(ns)}};
	if (ns < 10 * USEC)
		return (struct duration){N_("%1$s µs"), 1, {ARG_DECIMAL(ns, 1)}};
	if (ns < 100 * USEC)
		return (struct duration){N_("%1$s µs"), 1, {ARG_DECIMAL(ns, 0)}};
	if (ns < 995 * USEC)
		return (struct duration){N_("%1$s ms"), 1, {ARG_DECIMAL(ns / USEC, 2)}};
	if (ns < 100 * MSEC)
		return (struct duration){N_("%1$s ms"), 1, {ARG_DECIMAL(ns / USEC, 1)}};
	if (ns < 995 * MSEC)
		return (struct duration){N_("%1$s ms"), 1, {ARG_DECIMAL(ns / USEC, 0)}};
	if (seconds < 2 * MINUTE)
		return (struct duration){N_("%1$s s"), 1, {ARG_DECIMAL(ns / MSEC, 1)}};
	return (struct duration){N_("%1$s min %2$s s"), 2, {ARG_NUMBER(seconds / MINUTE), ARG_PLAIN(seconds % MINUTE)}};
}

struct duration words_duration(int64_t time)
{
	return duration_of(time);
}

static APART char *put_duration(struct words *words, char *at, int64_t time)
{
	struct duration duration = duration_of(time);

	return put_numbers(words, at, words_get(words, duration.msgid), duration.args, duration.count);
}

const struct phrase *words_bytes(struct words *words, uint64_t number)
{
	return phrases_get_n(&words->phrases, "%1$s byte", "%1$s bytes", number);
}

static APART char *put_bytes_of(struct words *words, char *at, uint64_t number)
{
	return put_numbers(words, at, words_bytes(words, number), ARGS(ARG_NUMBER(number)));
}

static char *put_conn(char *at, uint64_t conn, uint64_t stream)
{
	at = put_u64(at, conn);
	if (event_within(stream))
		at = put_u64(put_char(at, '.'), event_within(stream));
	return stream ? put_u64(put_char(at, '.'), event_stream(stream)) : at;
}

/* What passes as it is in a name: a word of ASCII. */
static inline bool is_of_name(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == '-' || c == '.' ||
	       c == ':';
}

/* …and in other text. */
static inline bool is_of_text(uint8_t c)
{
	return c > ' ' && c < 0x7f && c != '"';
}

/* Text that passes as it is, as most names, labels, hosts and paths do. NULL: it is none. It is copied before it is
 * known: both are done many bytes at a time. */
static APART char *put_word_of(char *at, struct ws_span text, bool name)
{
	bool passes = true;

	if (!text.len || text.len > STRANGER_SHOWN_MAX)
		return NULL;
	memcpy(at, text.data, text.len);
	if (name)
		for (size_t i = 0; i < text.len; i++)
			passes &= is_of_name(text.data[i]);
	else
		for (size_t i = 0; i < text.len; i++)
			passes &= is_of_text(text.data[i]);
	return passes ? at + text.len : NULL;
}

static APART char *put_key(char *at, struct ws_span key)
{
	struct ws_cursor in = ws_cursor_of(key);
	uint8_t byte;

	while (ws_take_u8(&in, &byte)) {
		if (in.at != key.data + 1)
			at = put_char(at, ' ');
		at = put_hex_byte(at, byte);
	}
	return at;
}

/* A party's text that is not kept yet, as far as it is made of short words. NULL: it has to be written. PARTY_START has
 * its capital letter only where the translation did begin with it. */
static APART const struct party_text *make_party(struct words *words, const struct arg *arg, bool first)
{
	const struct party *party = arg->as.party;
	bool starts = arg->detail == PARTY_START;
	const struct phrase *phrase = words_get(
	    words, narrate_party_phrase(party->kind, starts ? PARTY_SUBJECT : arg->detail, party->user.len > 0));
	char text[PUT_PHRASE_ROOM];
	char *end;

	if (party->user.len > PARTY_USER)
		return NULL;
	end = words_put(words, text, phrase, ARGS(ARG_NAME(party->user)));
	if (!end)
		return NULL;
	if (starts && first)
		phrase_capital(phrase, text);
	return words_keep_party(words, arg, first, ws_span_of(text, (size_t)(end - text)));
}

static inline const struct party_text *party_of(struct words *words, const struct arg *arg, bool first)
{
	const struct party *party = arg->as.party;
	uint64_t key = party_key(arg, first);
	const struct party_text *kept = words_party(words, key);

	if (kept->key != key || (party->user.len && (party->user.len > PARTY_USER ||
						     memcmp(kept->user, party->user.data, party->user.len) != 0)))
		return make_party(words, arg, first);
	return kept;
}

static APART char *put_party(struct words *words, char *at, const struct arg *arg, bool first)
{
	const struct party_text *kept = party_of(words, arg, first);

	if (!kept)
		return NULL;
	memcpy(at, kept->text, PARTY_TEXT);
	return at + kept->len;
}

/* With its port. Of many connections each has another one: the number is put, and what stands around it is kept. */
static APART char *put_party_port(struct words *words, char *at, const struct arg *arg)
{
	const struct party *party = arg->as.party;
	const struct arg bare = ARG_PARTY(party, arg->detail);

	if (!party_of(words, &bare, false))
		return NULL;
	return words_put(words, at, words_get(words, N_("%1$s (port %2$s)")), ARGS(bare, ARG_PLAIN(party->port)));
}

char *words_put_arg(struct words *words, char *at, const struct arg *arg, bool first)
{
	switch (arg->kind) {
	case ARG_KIND_TEXT:
	case ARG_KIND_WORD:
		break;
	case ARG_KIND_NUMBER:
	case ARG_KIND_PLAIN:
	case ARG_KIND_DECIMAL:
		return put_numeric(words, at, arg);
	case ARG_KIND_BYTES:
		return put_bytes_of(words, at, arg->as.number);
	case ARG_KIND_CONN:
		return put_conn(at, arg->as.number, arg->stream);
	case ARG_KIND_DURATION:
		return put_duration(words, at, arg->as.time);
	case ARG_KIND_STRANGER:
		return put_word_of(at, arg->as.span, false);
	case ARG_KIND_NAME:
		return put_word_of(at, arg->as.span, true);
	case ARG_KIND_KEY:
		return put_key(at, arg->as.span);
	case ARG_KIND_PARTY:
		return put_party(words, at, arg, first);
	case ARG_KIND_PARTY_PORT:
		return put_party_port(words, at, arg);
	}
	return NULL;
}

char *words_put(struct words *words, char *at, const struct phrase *phrase, const struct arg *args, size_t count)
{
	if (phrase->count == PHRASE_AS_IT_IS)
		return NULL;
	for (size_t i = 0; i < phrase->count && at; i++) {
		const struct phrase_piece *piece = &phrase->piece[i];

		at = put_piece(at, phrase->literal + piece->begin, piece->len);
		if (piece->place >= count)
			continue;
		if (args[piece->place].kind == ARG_KIND_NUMBER && args[piece->place].as.number < THOUSAND)
			at = put_few(at, (uint32_t)args[piece->place].as.number);
		else
			at = words_put_arg(words, at, &args[piece->place], i == 0 && !piece->len);
	}
	return at;
}
