#include "test.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/safe.h"
#include "wscap/narrate.h"
#include "wscap/narrate_words.h"
#include "wscap/packet.h"
#include "wscap/story_block.h"

static struct words words;

static int set_up(void **state)
{
	(void)state;
	words_init(&words);
	return 0;
}

static void gives(const char *want, const char *template, const struct arg *args, size_t count)
{
	struct phrase phrase;
	struct out out;

	phrase_make(&phrase, template);
	assert_int_equal(out_init(&out, -1), 0);
	words_format(&words, &out, &phrase, args, count);
	out_char(&out, '\0');
	assert_string_equal(out.text, want);
	out.len = 0;
	words_format_text(&words, &out, template, args, count);
	out_char(&out, '\0');
	assert_string_equal(out.text, want);
	out_finish(&out);
}

#define GIVES(want, template, ...) gives((want), (template), ARGS(__VA_ARGS__))

static void test_places(void **state)
{
	(void)state;
	GIVES("b a b", "%2$s %1$s %2$s", ARG_TEXT("a"), ARG_TEXT("b"));
	GIVES("ab", "%1$s%2$s", ARG_TEXT("a"), ARG_TEXT("b"));
	GIVES("", "", ARG_TEXT("a"));
	GIVES("[]", "[%3$s]", ARG_TEXT("a"));                      /* no such argument */
	GIVES("5% and %d %1 %", "5%% and %d %1 %", ARG_TEXT("a")); /* no places */
	GIVES("%1$d %0$s", "%1$d %0$s", ARG_TEXT("a"));
}

static void test_numbers(void **state)
{
	(void)state;
	GIVES("0", "%1$s", ARG_NUMBER(0));
	GIVES("999 1,000 1,234,567", "%1$s %2$s %3$s", ARG_NUMBER(999), ARG_NUMBER(1000), ARG_NUMBER(1234567));
	GIVES("18,446,744,073,709,551,615", "%1$s", ARG_NUMBER(UINT64_MAX));
	GIVES("60653", "%1$s", ARG_PLAIN(60653));
	GIVES("#3", "#%1$s", ARG_CONN((&(struct scene){.conn = 3})));
	GIVES("#3.5", "#%1$s", ARG_CONN((&(struct scene){.conn = 3, .stream = 5})));
	GIVES("1 byte, 1,250 bytes", "%1$s, %2$s", ARG_BYTES(1), ARG_BYTES(1250));
	GIVES("9a 26 5f 9d", "%1$s", ARG_KEY("\x9a\x26\x5f\x9d"));
}

/* With printf's digits, and a comma before each three of them. */
static void test_numbers_of_each_length(void **state)
{
	uint64_t power = 1;

	(void)state;
	for (unsigned digits = 1; digits <= 20; digits++, power *= 10) {
		for (unsigned less = 0; less < 2; less++) {
			char plain[32], want[64];
			int len = snprintf(plain, sizeof(plain), "%" PRIu64, power - less), put = 0;

			for (int i = 0; i < len; i++) {
				if (i && (len - i) % 3 == 0)
					want[put++] = ',';
				want[put++] = plain[i];
			}
			want[put] = '\0';
			GIVES(want, "%1$s", ARG_NUMBER(power - less));
			GIVES(plain, "%1$s", ARG_PLAIN(power - less));
		}
	}
}

static void lasts(const char *want, int64_t ns)
{
	GIVES(want, "%1$s", ARG_DURATION(ns));
}

static void test_durations(void **state)
{
	(void)state;
	lasts("0 ns", 0);
	lasts("0 ns", -5);
	lasts("999 ns", 999);
	lasts("1.0 µs", 1000);
	lasts("60 µs", 60000);
	lasts("42 µs", 42000);
	lasts("0.10 ms", 100000);
	lasts("0.87 ms", 866000);
	lasts("1.6 ms", 1580000);
	lasts("11.5 ms", 11506000);
	lasts("250 ms", 250000000);
	lasts("1.0 s", INT64_C(999999999));
	lasts("30.1 s", INT64_C(30100000000));
	lasts("2 min 5 s", INT64_C(125) * NSEC_PER_SEC);
	lasts("153,722,867 min 16 s", INT64_MAX);
}

static void test_strangers(void **state)
{
	char many[STRANGER_SHOWN_MAX + 20];

	(void)state;
	GIVES("<\"a\\nb\\x1b[2J\">", "<%1$s>", ARG_STRANGER(ws_span_str("a\nb\033[2J")));
	GIVES("%1$s", "%1$s", ARG_STRANGER(ws_span_str("%1$s")));
	memset(many, 'x', sizeof(many));
	memcpy(many + STRANGER_SHOWN_MAX - 1, "é", 2); /* not cut in two */
	{
		struct out out;

		assert_int_equal(out_init(&out, -1), 0);
		words_format_text(&words, &out, "%1$s", ARGS(ARG_STRANGER(ws_span_of(many, sizeof(many)))));
		assert_int_equal(out.len, STRANGER_SHOWN_MAX - 1 + strlen("\"…\""));
		out_finish(&out);
	}
}

static void test_names_that_are_no_plain_words_are_quoted(void **state)
{
	(void)state;
	GIVES("mynick 猪猪 a-b_c.d", "%1$s %2$s %3$s", ARG_NAME(ws_span_str("mynick")), ARG_NAME(ws_span_str("猪猪")),
	      ARG_NAME(ws_span_str("a-b_c.d")));
	GIVES("\"the server (port 7272)\"", "%1$s", ARG_NAME(ws_span_str("the server (port 7272)")));
	GIVES("\"a\\\" says \\\"b\\n\"", "%1$s", ARG_NAME(ws_span_str("a\" says \"b\n")));
	GIVES("\"\"", "%1$s", ARG_NAME(ws_span_of(NULL, 0)));
	GIVES("\"the\u00a0server\" \"a\u2003b\" \"a\u3000b\" \"a·b\"", "%1$s %2$s %3$s %4$s",
	      ARG_NAME(ws_span_str("the\u00a0server")), ARG_NAME(ws_span_str("a\u2003b")),
	      ARG_NAME(ws_span_str("a\u3000b")), ARG_NAME(ws_span_str("a·b")));
	GIVES("http://a:1/?b=c \"Not Found\"", "%1$s %2$s", ARG_STRANGER(ws_span_str("http://a:1/?b=c")),
	      ARG_STRANGER(ws_span_str("Not Found")));
}

static void test_parties(void **state)
{
	struct party server = {.kind = PARTY_SERVER, .port = 7272};
	struct party browser = {.kind = PARTY_BROWSER, .port = 60653};
	struct party named = {.kind = PARTY_BROWSER, .port = 60653, .user = ws_span_str("mynick")};

	(void)state;
	GIVES("Too: the server", "Too: %1$s", ARG_PARTY(&server, PARTY_START));
	GIVES("The server; to the server; from the server (port 7272)", "%1$s; %2$s; %3$s",
	      ARG_PARTY(&server, PARTY_START), ARG_PARTY(&server, PARTY_TO), ARG_PARTY_PORT(&server, PARTY_FROM));
	GIVES("The browser; the browser", "%1$s; %2$s", ARG_PARTY(&browser, PARTY_START),
	      ARG_PARTY(&browser, PARTY_SUBJECT));
	GIVES("mynick's browser; from mynick's browser (port 60653)", "%1$s; %2$s", ARG_PARTY(&named, PARTY_START),
	      ARG_PARTY_PORT(&named, PARTY_FROM));
	/* Each port has a text of its own, and so has each name, plain or not. */
	for (unsigned turn = 0; turn < 3; turn++) {
		static const char *const users[] = {"anna", "otto", "a b"};
		static const char *const want[] = {"to anna's client (port 1000)", "to otto's client (port 1001)",
						   "to \"a b\"'s client (port 1002)"};

		for (uint16_t i = 0; i < 3; i++) {
			struct party client = {
			    .kind = PARTY_CLIENT, .port = (uint16_t)(1000 + i), .user = ws_span_str(users[i])};

			GIVES(want[i], "%1$s", ARG_PARTY_PORT(&client, PARTY_TO));
		}
	}
}

/* The real catalogues, as the program finds them beside itself. */
static void test_languages(void **state)
{
	struct party named = {.kind = PARTY_BROWSER, .port = 60653, .user = ws_span_str("mynick")};

	(void)state;
	assert_true(i18n_init("it"));
	words_init(&words);
	GIVES("1.250 byte, 0,87 ms, dal browser di mynick (porta 60653)", "%1$s, %2$s, %3$s", ARG_BYTES(1250),
	      ARG_DURATION(866000), ARG_PARTY_PORT(&named, PARTY_FROM));
	assert_true(i18n_init("zh_CN"));
	words_init(&words);
	GIVES("1,250 字节, 0.87 ms, 从 mynick 的浏览器（端口 60653）", "%1$s, %2$s, %3$s", ARG_BYTES(1250),
	      ARG_DURATION(866000), ARG_PARTY_PORT(&named, PARTY_FROM));
	assert_true(i18n_init("en"));
	words_init(&words);
	GIVES("1,250 bytes", "%1$s", ARG_BYTES(1250));
}

static void test_lines(void **state)
{
	struct narrator narrator;
	struct out out;

	(void)state;
	assert_int_equal(out_init(&out, -1), 0);
	narrator_init(&narrator);
	narrator.out = &out;
	TITLE(&narrator, "One");
	SENTENCE(&narrator, "First %1$s.", ARG_TEXT("sentence"));
	SENTENCE(&narrator, "Second.");
	narrate_end_line(&narrator);
	CLAUSE(&narrator, "masked");
	CLAUSE(&narrator, "in pieces:");
	narrate_text(&narrator, ws_span_str("a\nb"));
	TITLE(&narrator, "Two");
	SENTENCE(&narrator, "中文。");
	SENTENCE(&narrator, "Next.");
	narrate_end_line(&narrator);
	out_char(&out, '\0');
	assert_string_equal(out.text, " * One\n * First sentence. Second.\n * Masked; in pieces:\n * a\n *   b\n"
				      " *\n * Two\n * 中文。Next.\n");
	out_finish(&out);
}

static void test_a_long_line_is_broken_between_sentences(void **state)
{
	static const char long_one[] =
	    "This sentence has nearly as many letters as a line may have, and nothing to say.";

	(void)state;
	for (enum block_style style = BLOCK_PLAIN; style <= BLOCK_BARE; style++) {
		struct narrator narrator;
		struct out out, want;

		assert_int_equal(out_init(&out, -1), 0);
		assert_int_equal(out_init(&want, -1), 0);
		narrator_init(&narrator);
		narrator.out = &out;
		narrator.signs = &block_signs[style];
		for (unsigned i = 0; i < 3; i++) {
			SENTENCE(&narrator, "%1$s", ARG_TEXT(long_one));
			block_put(&want, &narrator.signs->line);
			out_str(&want, long_one);
			out_char(&want, '\n');
		}
		narrate_end_line(&narrator);
		assert_int_equal(out.len, want.len);
		assert_memory_equal(out.text, want.text, want.len);
		out_finish(&out);
		out_finish(&want);
	}
}

/* A message's text as a block of its own; the signs of lines without words have no space. */
static void text_gives(enum block_style style, const char *text, const char *expected)
{
	struct narrator narrator;
	struct out out;
	size_t begin;

	assert_int_equal(out_init(&out, -1), 0);
	narrator_init(&narrator);
	narrator.out = &out;
	narrator.signs = &block_signs[style];
	begin = block_begin(narrator.signs, false, &out);
	TITLE(&narrator, "T */");
	narrate_text(&narrator, ws_span_str(text));
	block_end(narrator.signs, &out, begin);
	out_char(&out, '\0');
	assert_string_equal(out.text, expected);
	out_finish(&out);
}

static void test_a_block_cannot_be_closed_from_inside(void **state)
{
	(void)state;
	text_gives(BLOCK_PLAIN, "/\n*/*/\n**//\n\n*\n/",
		   "/*\n * T *\\u{2f}\n * /\n *   *\\u{2f}*\\u{2f}\n *   **\\u{2f}/\n *   \n *   *\n *   /\n */\n");
	text_gives(BLOCK_PLAIN, "\n", "/*\n * T *\\u{2f}\n *\n *   \n */\n");
	text_gives(BLOCK_COLOR, "\nx/*",
		   "\033[2m/*\033[0m\n\033[2m *\033[0m \033[1mT *\\u{2f}\033[0m\n\033[2m *\033[0m\n"
		   "\033[2m *\033[0m   x/*\n\033[2m */\033[0m\n");
	text_gives(BLOCK_BARE, "\n*/", "T */\n\n  */\n");
}

/* What narrate_head() makes of a head, up to so many bytes: made harmless, and then each line behind its sign. */
static void head_lines(const struct block_signs *signs, struct ws_span head, struct out *want)
{
	struct ws_cursor in;
	struct out text;
	bool more = true;

	assert_int_equal(out_init(&text, -1), 0);
	safe_text(&text, head, SAFE_MANY_LINES, "");
	in = ws_cursor_of(ws_span_of(text.text, text.len));
	while (more) {
		const uint8_t *newline = memchr(in.at, '\n', ws_cursor_left(&in));
		struct ws_span line = {0};

		more = newline;
		assert_true(ws_take_span(&in, newline ? (size_t)(newline - in.at) : ws_cursor_left(&in), &line));
		block_put(want, line.len ? &signs->line : &signs->empty);
		want->len -= !line.len; /* the newline that a sign of no words has */
		out_bytes(want, line.data, line.len);
		out_char(want, '\n');
		assert_true(!more || ws_take_span(&in, 1, &line));
	}
	out_finish(&text);
}

static void head_gives(enum block_style style, struct ws_span head)
{
	struct ws_span shown = head;
	struct narrator narrator;
	struct out out, want;

	assert_int_equal(out_init(&out, -1), 0);
	assert_int_equal(out_init(&want, -1), 0);
	narrator_init(&narrator);
	narrator.out = &out;
	narrator.signs = &block_signs[style];
	narrate_head(&narrator, head);
	while (shown.len && (shown.data[shown.len - 1] == '\n' || shown.data[shown.len - 1] == '\r'))
		shown.len--;
	head_lines(narrator.signs, text_shorten(shown, TEXT_SHOWN_MAX), &want);
	assert_in_range(out.len, want.len, want.len + (shown.len > TEXT_SHOWN_MAX ? 100 : 0));
	assert_memory_equal(out.text, want.text, want.len);
	out_finish(&out);
	out_finish(&want);
}

/* Plain lines go another way than all others do. */
static void test_heads(void **state)
{
	static const char *const pieces[] = {"GET / HTTP/1.1", "\r\n", "\n", "\r", "a: b", "\t", "\x1b", "\xc3\xa9"};
	char text[TEXT_SHOWN_MAX + 256];
	uint32_t draw = 1;

	(void)state;
	for (unsigned turn = 0; turn < 20000; turn++) {
		size_t len = 0;

		while (len < turn % 64) {
			const char *piece = pieces[(draw = draw * 1664525 + 1013904223) >> 16 & (turn % 5 ? 7 : 1)];

			memcpy(text + len, piece, strlen(piece));
			len += strlen(piece);
		}
		memcpy(text + len, "x", 1); /* no head is empty */
		head_gives((enum block_style)(turn % 3), ws_span_of(text, len + 1));
	}
	/* cut at each place around the end of a line */
	memset(text, 'a', sizeof(text));
	for (size_t end = TEXT_SHOWN_MAX - 3; end < TEXT_SHOWN_MAX + 3; end++) {
		memcpy(text + end, "\r\n", 2);
		head_gives(BLOCK_PLAIN, ws_span_of(text, sizeof(text)));
		memset(text + end, 'a', 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_numbers_of_each_length),
	    cmocka_unit_test(test_durations),
	    cmocka_unit_test(test_strangers),
	    cmocka_unit_test(test_names_that_are_no_plain_words_are_quoted),
	    cmocka_unit_test(test_parties),
	    cmocka_unit_test(test_languages),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_a_long_line_is_broken_between_sentences),
	    cmocka_unit_test(test_a_block_cannot_be_closed_from_inside),
	    cmocka_unit_test(test_heads),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
