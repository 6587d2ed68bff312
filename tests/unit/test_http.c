#include "test.h"

#include "libws/scan.h"
#include "ws/buf.h"
#include "ws/http.h"

#include <ctype.h>
#include <stdlib.h>

static struct ws_http_head head;

static void assert_span(struct ws_span span, const char *want)
{
	assert_int_equal(span.len, strlen(want));
	if (span.len)
		assert_memory_equal(span.data, want, span.len);
}

/* Parses text; every beginning of it needs more bytes, and is plausible. */
static long parsed(const char *text)
{
	size_t len = strlen(text);
	long status = ws_http_head_parse(ws_span_of(text, len), &head);

	for (size_t cut = 0; status > 0 && cut < (size_t)status; cut++) {
		uint8_t *exact = malloc(cut + 1);

		memcpy(exact + 1, text, cut);
		assert_true(ws_http_head_plausible(ws_span_of(exact + 1, cut)));
		assert_int_equal(ws_http_head_parse(ws_span_of(exact + 1, cut), &head), 0);
		free(exact);
	}
	return ws_http_head_parse(ws_span_of(text, len), &head);
}

static void test_request(void **state)
{
	const char *text =
	    "GET /chat?x=1 HTTP/1.1\r\nHost: example.com\r\nX-Empty:\r\nUpgrade:\t websocket \t\r\n\r\nrest";

	(void)state;
	assert_int_equal(parsed(text), strlen(text) - 4);
	assert_false(head.is_response);
	assert_span(head.method, "GET");
	assert_span(head.target, "/chat?x=1");
	assert_int_equal(head.version_major * 10 + head.version_minor, 11);
	assert_int_equal(head.field_count, 3);
	assert_span(head.fields[0].name, "Host");
	assert_span(ws_http_field(&head, "hOST"), "example.com");
	assert_span(ws_http_field(&head, "x-empty"), "");
	assert_span(ws_http_field(&head, "Upgrade"), "websocket");
	assert_null(ws_http_field(&head, "Hos").data);
	assert_int_equal(head.all.len, strlen(text) - 4);
}

static void test_response(void **state)
{
	(void)state;
	assert_true(parsed("HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n") > 0);
	assert_true(head.is_response);
	assert_int_equal(head.status, 101);
	assert_span(head.reason, "Switching Protocols");
	assert_true(parsed("HTTP/1.0 200\r\n\r\n") > 0);
	assert_int_equal(head.status, 200);
	assert_span(head.reason, "");
	assert_int_equal(head.field_count, 0);
	assert_true(parsed("HTTP/1.1 404 \r\n\r\n") > 0);
}

static void test_line_ends(void **state)
{
	(void)state;
	assert_true(parsed("GET / HTTP/1.1\nHost: a\n\n") > 0);
	assert_span(ws_http_field(&head, "host"), "a");
	assert_true(parsed("\r\nGET / HTTP/1.1\r\nHost: b\n\r\n") > 0);
	assert_span(ws_http_field(&head, "host"), "b");
}

static void test_what_is_no_head(void **state)
{
	static const char *const texts[] = {
	    "\x81\x05Hello",
	    "\x16\x03\x01",
	    "GET\r\n\r\n",
	    "GET / HTTP/1.1 \r\n\r\n",
	    "GET  / HTTP/1.1\r\n\r\n",
	    "GET / HTTP/1\r\n\r\n",
	    "GET / http/1.1\r\n\r\n",
	    " GET / HTTP/1.1\r\n\r\n",
	    "HTTP/1.1 20 OK\r\n\r\n",
	    "HTTP/1.1 2000 OK\r\n\r\n",
	    "HTTP/1.1 200OK\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
	    "GET / HTTP/1.1\r\nHost\r\n\r\n",
	    "GET / HTTP/1.1\r\n: a\r\n\r\n",
	    "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
	    "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
	    "SSH-2.0-OpenSSH_9.2\r\n",
	    "THIS-IS-NO-METHOD-OF-ANY-PROTOCOL-THAT-WE-KNOW",
	    "EHLO example.com\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(ws_http_head_parse(ws_span_str(texts[i]), &head), WS_E_SYNTAX);
	assert_int_equal(ws_http_head_parse(ws_span_of("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24), &head), WS_E_SYNTAX);
}

/* Any byte, at any place of a value of any length: RFC 9110, section 5.5. */
static void test_characters_of_a_value(void **state)
{
	const char start[] = "GET / HTTP/1.1\r\nA:";
	uint8_t text[64];

	(void)state;
	for (size_t len = 1; len <= 40; len++) {
		size_t all = sizeof(start) - 1 + len + 4;

		for (size_t at = 0; at < len; at++) {
			for (unsigned byte = 0; byte < 256; byte++) {
				memcpy(text, start, sizeof(start) - 1);
				memset(text + sizeof(start) - 1, 'v', len);
				memcpy(text + all - 4, "\r\n\r\n", 4);
				text[sizeof(start) - 1 + at] = (uint8_t)byte;
				if (byte == '\0' || byte == '\n' || byte == '\r') {
					/* an LF ends the line, and its rest is none */
					assert_int_equal(ws_http_head_parse(ws_span_of(text, all), &head),
							 byte == '\n' && at + 1 == len ? (long)all - 2 : WS_E_SYNTAX);
					continue;
				}
				assert_int_equal(ws_http_head_parse(ws_span_of(text, all), &head), all);
				assert_true(head.fields[0].value.len == len || byte == ' ' || byte == '\t');
			}
		}
	}
}

static void test_plausible(void **state)
{
	(void)state;
	assert_false(ws_http_head_plausible(ws_span_str("\x81")));
	assert_false(ws_http_head_plausible(ws_span_str("{\"a\"")));
	assert_false(ws_http_head_plausible(ws_span_str("GET /x FTP")));
	assert_false(ws_http_head_plausible(ws_span_str("HTTP/x.y zzz")));
	assert_false(ws_http_head_plausible(ws_span_str("HTTP/1.1 2x0 OK")));
	assert_false(ws_http_head_plausible(ws_span_str("\rGET")));
	assert_true(ws_http_head_plausible(ws_span_str("")));
	assert_true(ws_http_head_plausible(ws_span_str("\r")));
	assert_true(ws_http_head_plausible(ws_span_str("HT")));
	assert_true(ws_http_head_plausible(ws_span_str("OPTIONS * HT")));
}

static void test_too_many_fields(void **state)
{
	struct ws_buf text;

	(void)state;
	ws_buf_init(&text, 100000);
	ws_buf_append(&text, ws_span_str("GET / HTTP/1.1\r\n"));
	for (size_t i = 0; i < WS_HTTP_FIELDS_MAX; i++)
		ws_buf_append(&text, ws_span_str("a: b\r\n"));
	assert_int_equal(ws_http_head_parse(ws_buf_span(&text), &head), 0);
	ws_buf_append(&text, ws_span_str("\r\n"));
	assert_int_equal(ws_http_head_parse(ws_buf_span(&text), &head), text.len);
	assert_int_equal(ws_http_field_count(&head, "A"), WS_HTTP_FIELDS_MAX);
	text.len -= 2;
	ws_buf_append(&text, ws_span_str("a: b\r\n"));
	assert_int_equal(ws_http_head_parse(ws_buf_span(&text), &head), WS_E_LIMIT);
	ws_buf_finish(&text);
}

/* A head that comes a byte at a time is asked about with every byte: that must not take long. */
static void test_a_long_head_in_small_pieces(void **state)
{
	enum { LONG = 60000 };
	struct ws_buf text;

	(void)state;
	ws_buf_init(&text, 2 * LONG);
	ws_buf_append(&text, ws_span_str("GET /"));
	for (size_t i = 0; i < LONG; i++) {
		ws_buf_append(&text, ws_span_str("x"));
		assert_int_equal(ws_http_head_parse(ws_buf_span(&text), &head), 0);
	}
	ws_buf_append(&text, ws_span_str(" HTTP/1.1\r\n\r\n"));
	assert_int_equal(ws_http_head_parse(ws_buf_span(&text), &head), text.len);
	assert_int_equal(head.target.len, LONG + 1);
	ws_buf_finish(&text);
}

static void test_lists(void **state)
{
	static const char *const want[] = {"a", "b;x=\"1,2\"", "\"q\\\",\"", "c", "d"};
	struct ws_http_list list = {0};
	struct ws_span member;
	struct ws_buf joined;

	(void)state;
	assert_true(parsed("GET / HTTP/1.1\r\nL: a, b;x=\"1,2\" ,, \"q\\\",\"\r\nM: no\r\nl:\r\nl: c\t,d,\r\n"
			   "Connection: keep-alive, Upgrade\r\n\r\n") > 0);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(ws_http_list_next(&head, ws_http_name("l"), &list, &member));
		assert_span(member, want[i]);
	}
	assert_false(ws_http_list_next(&head, ws_http_name("l"), &list, &member));
	assert_true(ws_http_list_has(&head, "connection", "upgrade"));
	assert_false(ws_http_list_has(&head, "connection", "keep"));
	assert_int_equal(ws_http_field_count(&head, "l"), 3);
	ws_buf_init(&joined, 1000);
	assert_int_equal(ws_http_field_join(&head, "l", &joined), WS_OK);
	assert_span(ws_buf_span(&joined), "a, b;x=\"1,2\" ,, \"q\\\",\", , c\t,d,");
	ws_buf_finish(&joined);
	ws_buf_init(&joined, 20);
	assert_int_equal(ws_http_field_join(&head, "l", &joined), WS_E_LIMIT);
	assert_int_equal(joined.len, 0);
	ws_buf_finish(&joined);
}

/* RFC 9110, section 5.6.2 */
static void test_token_characters(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++)
		assert_int_equal(ws_is_token_char((uint8_t)c),
				 (c < 128 && isalnum((int)c)) || (c && c < 128 && strchr("!#$%&'*+-.^_`|~", (int)c)));
}

/* Any byte at any place of what would else go on, at each alignment; what stands behind the end is never looked at. */
static void test_scans_equal_their_plain_twins(void **state)
{
	enum { LEN_MAX = 50, ALIGNMENTS = 16 };

	(void)state;
	for (size_t from = 0; from < ALIGNMENTS; from++) {
		for (size_t len = 0; len <= LEN_MAX; len++) {
			uint8_t *bytes = malloc(from + len + 1), *at = bytes + from, *end = at + len;

			for (unsigned round = 0; round < 512; round++) {
				size_t place = (round * 31 + from) % (len + 1), next = (place * 7 + round) % (len + 1);

				memset(bytes, "aZ0-"[round % 4], from + len + 1);
				at[next] = '_';
				at[place] = (uint8_t)round;
				assert_ptr_equal(scan_token(at, end), scan_token_plain(at, end));
				assert_ptr_equal(scan_target(at, end), scan_target_plain(at, end));
				assert_ptr_equal(scan_line(at, end), scan_line_plain(at, end));
			}
			free(bytes);
		}
	}
}

/* Each byte at each place among others that are. */
static void test_base64_equals_its_plain_twin(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 16 * 256; round++) {
		uint8_t *bytes = malloc(16);

		for (unsigned i = 0; i < 16; i++)
			bytes[i] = (uint8_t) "AZaz09+/"[(round + i) % 8];
		bytes[round / 256] = (uint8_t)round;
		assert_int_equal(scan_is_base64(bytes), scan_is_base64_plain(bytes));
		assert_int_equal(scan_is_base64_plain(bytes),
				 round % 256 < 128 && round % 256 &&
				     (isalnum((int)(round % 256)) || strchr("+/", (int)(round % 256))));
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_token_characters),
	    cmocka_unit_test(test_scans_equal_their_plain_twins),
	    cmocka_unit_test(test_base64_equals_its_plain_twin),
	    cmocka_unit_test(test_request),
	    cmocka_unit_test(test_response),
	    cmocka_unit_test(test_line_ends),
	    cmocka_unit_test(test_what_is_no_head),
	    cmocka_unit_test(test_characters_of_a_value),
	    cmocka_unit_test(test_plausible),
	    cmocka_unit_test(test_too_many_fields),
	    cmocka_unit_test(test_a_long_head_in_small_pieces),
	    cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
