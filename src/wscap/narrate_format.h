/* Sentences from templates, in the reader's language, without printf.
 *
 * A template is gettext's msgid; its places are numbered, "%1$s", so that a translation can turn them round, and every
 * one is an %s whatever its argument is: how an argument looks is the argument's matter. xgettext marks these strings
 * as c-format by itself, so msgfmt --check holds every translation to the same places.
 *
 * Text from a stranger goes in only as ARG_STRANGER, ARG_NAME or within a party, and is made harmless there. */
#ifndef WSCAP_NARRATE_FORMAT_H
#define WSCAP_NARRATE_FORMAT_H

#include "base/out.h"
#include "wscap/phrase.h"

enum {
	PARTIES_KEPT = 256,      /* texts of who takes part; a power of two */
	PARTY_TEXT = 96,         /* bytes of each: longer ones are made each time */
	PARTY_USER = 64,         /* …and those with a longer name */
	WORDS_SIGN_MAX = 8,      /* bytes of a decimal sign or of what stands between thousands */
	STRANGER_SHOWN_MAX = 200 /* bytes of a header value, a reason, a path inside a sentence */
};

/* Who takes part, as a sentence needs them. */
enum party_kind {
	PARTY_SERVER,
	PARTY_CLIENT,
	PARTY_BROWSER, /* a client whose User-Agent is a browser's */
	PARTY_KINDS,
};

struct party {
	enum party_kind kind;
	uint16_t port;
	struct ws_span user; /* the name that a message told; empty where none has, and for the server */
};

/* Languages melt prepositions into articles, so each of these is translated as a whole. */
enum party_form {
	PARTY_SUBJECT,
	PARTY_FROM,
	PARTY_TO,
	PARTY_FORMS,
	PARTY_START = PARTY_FORMS, /* the subject at the start of a sentence: the same words, with a capital letter */
};

/* "to mynick's browser": the same few stand in nearly all sentences, so each is made once and kept, in the place that
 * its key has. */
struct party_text {
	uint64_t key; /* party_key(); 0: nothing here */
	uint8_t len;
	char user[PARTY_USER];
	char text[PARTY_TEXT];
};

/* What the language says about numbers, and what was needed so far. */
struct words {
	char decimal[WORDS_SIGN_MAX];
	char thousands[WORDS_SIGN_MAX];
	size_t decimal_len, thousands_len;
	struct phrases phrases;
	struct party_text parties[PARTIES_KEPT];
};

enum arg_kind {
	ARG_KIND_TEXT,      /* our own, already translated */
	ARG_KIND_WORD,      /* our own, a msgid that is translated here */
	ARG_KIND_NUMBER,    /* 1,250 */
	ARG_KIND_BYTES,     /* 1,250 bytes */
	ARG_KIND_PLAIN,     /* 60653: ports, packets, codes */
	ARG_KIND_CONN,      /* 3, or 3.5, or 3.5.1: a connection, a stream of it, and one in that */
	ARG_KIND_DECIMAL,   /* 0.87: a number in thousandths, shortened */
	ARG_KIND_DURATION,  /* 0.87 ms: nanoseconds */
	ARG_KIND_STRANGER,  /* shown on one line, shortened; quoted when it is not one word */
	ARG_KIND_NAME,      /* a label or a user's name: quoted when it is not one word of letters and digits */
	ARG_KIND_KEY,       /* four bytes of hex: 9a 26 5f 9d */
	ARG_KIND_PARTY,     /* mynick's browser */
	ARG_KIND_PARTY_PORT /* mynick's browser (port 60653) */
};

struct arg {
	enum arg_kind kind;
	uint8_t detail;  /* of a decimal: digits behind its sign; of a party: its form */
	uint64_t stream; /* of a connection, as events have it; 0: none */
	union {
		const char *text;
		uint64_t number;
		int64_t time;
		struct ws_span span;
		const struct party *party;
	} as;
};

#define ARG_TEXT(value)            ((struct arg){.kind = ARG_KIND_TEXT, .as.text = (value)})
#define ARG_WORD(value)            ((struct arg){.kind = ARG_KIND_WORD, .as.text = (value)})
#define ARG_NUMBER(value)          ((struct arg){.kind = ARG_KIND_NUMBER, .as.number = (value)})
#define ARG_BYTES(value)           ((struct arg){.kind = ARG_KIND_BYTES, .as.number = (value)})
#define ARG_PLAIN(value)           ((struct arg){.kind = ARG_KIND_PLAIN, .as.number = (value)})
#define ARG_CONN(scene)            ((struct arg){.kind = ARG_KIND_CONN, .stream = (scene)->stream, .as.number = (scene)->conn})
#define ARG_DECIMAL(value, digits) ((struct arg){.kind = ARG_KIND_DECIMAL, .detail = (digits), .as.number = (value)})
#define ARG_DURATION(value)        ((struct arg){.kind = ARG_KIND_DURATION, .as.time = (value)})
#define ARG_STRANGER(value)        ((struct arg){.kind = ARG_KIND_STRANGER, .as.span = (value)})
#define ARG_NAME(value)            ((struct arg){.kind = ARG_KIND_NAME, .as.span = (value)})
#define ARG_KEY(value)             ((struct arg){.kind = ARG_KIND_KEY, .as.span = ws_span_of((value), 4)})
#define ARG_PARTY(value, form)     ((struct arg){.kind = ARG_KIND_PARTY, .detail = (uint8_t)(form), .as.party = (value)})
#define ARG_PARTY_PORT(value, form)                                                                                    \
	((struct arg){.kind = ARG_KIND_PARTY_PORT, .detail = (uint8_t)(form), .as.party = (value)})

#define ARGS(...) (const struct arg[]){__VA_ARGS__}, sizeof((const struct arg[]){__VA_ARGS__}) / sizeof(struct arg)

/* Learns the language's number signs. After the locale is set. */
void words_init(struct words *words);

/* The translation of a literal: phrases_get(). */
static inline const struct phrase *words_get(struct words *words, const char *msgid)
{
	return phrases_get(&words->phrases, msgid);
}

/* At most max bytes of text, not ended within a character. */
struct ws_span text_shorten(struct ws_span text, size_t max);

/* Writes phrase with its places filled. A place without an argument stays empty. */
void words_format(struct words *words, struct out *out, const struct phrase *phrase, const struct arg *args,
		  size_t count);

/* The same, where a sentence begins: with a capital letter, if the phrase itself begins with a small one of ASCII. */
void words_format_start(struct words *words, struct out *out, const struct phrase *phrase, const struct arg *args,
			size_t count);

/* Its twin, which reads the template (translated already) as it goes. */
void words_format_text(struct words *words, struct out *out, const char *template, const struct arg *args,
		       size_t count);

#endif
