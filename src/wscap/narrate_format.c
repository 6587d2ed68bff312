#include "wscap/narrate_format.h"

#include "base/safe.h"
#include "base/seldom.h"
#include "wscap/narrate_put.h"
#include "wscap/narrate_words.h"

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
	words->decimal_len = strlen(words->decimal);
	words->thousands_len = strlen(words->thousands);
	phrases_init(&words->phrases);
	memset(words->parties, 0, sizeof(words->parties));
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

/* Quotes keep a stranger's text such as "the server (port 7272)" from being read as our own words. */
static void write_stranger(struct out *out, struct ws_span text, bool name)
{
	struct ws_cursor in = ws_cursor_of(text_shorten(text, STRANGER_SHOWN_MAX));
	bool plain = is_plain(text, name);

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

const struct party_text *words_keep_party(struct words *words, const struct arg *arg, bool first, struct ws_span text)
{
	uint64_t key = party_key(arg, first);
	struct party_text *kept = words_party(words, key);
	struct ws_span user = arg->as.party->user;

	if (text.len > PARTY_TEXT)
		return NULL;
	kept->key = key;
	kept->len = (uint8_t)text.len;
	memcpy(kept->text, text.data, text.len);
	if (user.len)
		memcpy(kept->user, user.data, user.len);
	return kept;
}

/* A party whose name has to be made harmless; kept where out only gathers. */
static void write_any_party(struct words *words, struct out *out, const struct arg *arg, bool first)
{
	const struct party *party = arg->as.party;
	size_t at = out->len;

	if (arg->kind == ARG_KIND_PARTY_PORT) {
		write_party_port(words, out, party, arg->detail);
		return;
	}
	write_party(words, out, party, arg->detail, first);
	if (party->user.len <= PARTY_USER && out_gathers(out) && !out_error(out))
		words_keep_party(words, arg, first, ws_span_of(out->text + at, out->len - at));
}

static void write_duration(struct words *words, struct out *out, int64_t time)
{
	struct duration duration = words_duration(time);

	words_format(words, out, words_get(words, duration.msgid), duration.args, duration.count);
}

/* What words_put() leaves. first: it begins the sentence. */
static void write_other(struct words *words, struct out *out, const struct arg *arg, bool first)
{
	if (arg->kind == ARG_KIND_TEXT)
		out_str(out, arg->as.text);
	else if (arg->kind == ARG_KIND_WORD)
		words_format(words, out, words_get(words, arg->as.text), NULL, 0);
	else if (arg->kind == ARG_KIND_BYTES)
		words_format(words, out, words_bytes(words, arg->as.number), ARGS(ARG_NUMBER(arg->as.number)));
	else if (arg->kind == ARG_KIND_DURATION)
		write_duration(words, out, arg->as.time);
	else if (arg->kind == ARG_KIND_STRANGER || arg->kind == ARG_KIND_NAME)
		write_stranger(out, arg->as.span, arg->kind == ARG_KIND_NAME);
	else
		write_any_party(words, out, arg, first);
}

static APART void write_arg(struct words *words, struct out *out, const struct arg *arg, bool first)
{
	char *room = out_room(out, PUT_ARG_ROOM);
	char *at = room ? words_put_arg(words, room, arg, first) : NULL;

	if (at)
		out_advance(out, (size_t)(at - room));
	else
		write_other(words, out, arg, first);
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

/* All of it in room that is asked for once. */
static bool format_at_once(struct words *words, struct out *out, const struct phrase *phrase, const struct arg *args,
			   size_t count, bool capital)
{
	char *room = out_room(out, PUT_PHRASE_ROOM);
	char *at = room ? words_put(words, room, phrase, args, count) : NULL;

	if (!at)
		return false;
	if (capital)
		phrase_capital(phrase, room);
	out_advance(out, (size_t)(at - room));
	return true;
}

void words_format(struct words *words, struct out *out, const struct phrase *phrase, const struct arg *args,
		  size_t count)
{
	if (!format_at_once(words, out, phrase, args, count, false))
		words_format_text(words, out, phrase->text, args, count);
}

void words_format_start(struct words *words, struct out *out, const struct phrase *phrase, const struct arg *args,
			size_t count)
{
	const char *text = phrase->text;

	if (format_at_once(words, out, phrase, args, count, true))
		return;
	if (*text >= 'a' && *text <= 'z')
		out_char(out, (char)(*text++ - 'a' + 'A'));
	words_format_text(words, out, text, args, count);
}
