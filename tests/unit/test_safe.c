#include "test.h"

#include "base/safe.h"

#include <stdlib.h>

static struct out out;

static int setup(void **state)
{
	(void)state;
	return out_init(&out, -1);
}

static int teardown(void **state)
{
	(void)state;
	out_finish(&out);
	return 0;
}

static void expect(const char *wanted)
{
	out_char(&out, '\0');
	assert_string_equal(out.text, wanted);
	out.len = 0;
}

static void one_line(const char *text, const char *wanted)
{
	safe_text(&out, ws_span_str(text), SAFE_ONE_LINE, "unused");
	expect(wanted);
}

static void many_lines(const char *text, const char *wanted)
{
	safe_text(&out, ws_span_str(text), SAFE_MANY_LINES, " * ");
	expect(wanted);
}

static void json(const char *text, const char *wanted)
{
	safe_json(&out, ws_span_str(text));
	expect(wanted);
}

static void plain_text_passes(void **state)
{
	(void)state;
	one_line("", "");
	one_line("{\"a\":1} ~\\", "{\"a\":1} ~\\");
	one_line("è 中文 😀 ❤\xef\xb8\x8f", "è 中文 😀 ❤\xef\xb8\x8f");
}

static void controls_are_shown(void **state)
{
	(void)state;
	one_line("\x1b[31mred\x7f\x01", "\\x1b[31mred\\x7f\\x01");
	one_line("a\r\nb\tc\n", "a\\r\\nb\\tc\\n");
	one_line("\xc2\x9b"
		 "31m",
		 "\\u{009b}31m");
	safe_text(&out, ws_span_of("a\0b", 3), SAFE_ONE_LINE, NULL);
	expect("a\\x00b");
}

static void lines_are_kept(void **state)
{
	(void)state;
	many_lines("a\r\nb\tc\nd", "a\n * b\tc\n * d");
	many_lines("a\rb\r", "a\\rb\\r");
}

static void deceivers_are_shown(void **state)
{
	(void)state;
	one_line("\u202egpj.exe", "\\u{202e}gpj.exe");
	one_line("a\u200bb\u200d\u2028\ufeff", "a\\u{200b}b\\u{200d}\\u{2028}\\u{feff}");
	one_line("\U000e0041\u2066\u061c", "\\u{e0041}\\u{2066}\\u{061c}");
	one_line("\u2027\u2030\ufffd\U000e0080\u00a0", "\u2027\u2030\ufffd\U000e0080\u00a0");
}

static void what_is_no_utf8_is_shown(void **state)
{
	(void)state;
	one_line("\xff\xfe", "\\xff\\xfe");
	one_line("\xc0\xaf", "\\xc0\\xaf");                   /* overlong */
	one_line("\xe0\x80\xaf", "\\xe0\\x80\\xaf");          /* overlong */
	one_line("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* surrogate */
	one_line("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
	one_line("\xe4\xb8", "\\xe4\\xb8");                   /* cut off */
	one_line("\xe4\xb8(", "\\xe4\\xb8(");
	one_line("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf");
}

static void json_is_escaped(void **state)
{
	(void)state;
	json("say \"hi\\\"", "say \\\"hi\\\\\\\"");
	json("\b\t\n\f\r\x01\x1b\x7f/", "\\b\\t\\n\\f\\r\\u0001\\u001b\\u007f/");
	json("è\u202e\u2028\xc2\x85", "è\\u202e\\u2028\\u0085");
	json("\U000e0041😀", "\\udb40\\udc41😀");
	json("a\xff\xe4\xb8z", "a\ufffd\ufffd\ufffdz");
}

/* Longer than what room is made for at once, with escapes on both sides of where the pieces meet. */
static void long_json_is_escaped(void **state)
{
	enum { LEN = 3 * (OUT_SIZE / 4) + 5 };
	char *text = malloc(LEN), *wanted = malloc(2 * LEN + 1);

	(void)state;
	assert_true(text && wanted);
	memset(text, '"', LEN);
	for (size_t i = 0; i < LEN; i++)
		memcpy(wanted + 2 * i, "\\\"", 2);
	wanted[2 * LEN] = '\0';
	safe_json(&out, ws_span_of(text, LEN));
	expect(wanted);
	free(text);
	free(wanted);
}

/* No byte that moves a terminal comes out, whatever goes in. */
static void anything_is_harmless(void **state)
{
	uint8_t bytes[64];

	(void)state;
	srand(1);
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)rand() % sizeof(bytes);

		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(rand() % 3 ? 0x80 + rand() % 0x80 : rand() % 256);
		safe_text(&out, ws_span_of(bytes, len), SAFE_ONE_LINE, NULL);
		safe_json(&out, ws_span_of(bytes, len));
		for (size_t i = 0; i < out.len; i++) {
			uint8_t byte = (uint8_t)out.text[i];

			assert_true(byte >= 0x20 && byte != 0x7f);
			assert_false(byte == 0xc2 && (uint8_t)out.text[i + 1] < 0xa0);
		}
		out.len = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(plain_text_passes),        cmocka_unit_test(controls_are_shown),
	    cmocka_unit_test(lines_are_kept),           cmocka_unit_test(deceivers_are_shown),
	    cmocka_unit_test(what_is_no_utf8_is_shown), cmocka_unit_test(json_is_escaped),
	    cmocka_unit_test(long_json_is_escaped),     cmocka_unit_test(anything_is_harmless),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
