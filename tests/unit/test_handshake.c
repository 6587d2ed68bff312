#include "test.h"

#include "ws/handshake.h"

#include <stdio.h>
#include <stdlib.h>

#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static struct ws_http_head request, response;

/* RFC 6455, section 1.3 */
static void test_accept(void **state)
{
	char accept[WS_ACCEPT_LEN + 1];

	(void)state;
	ws_accept_value(ws_span_str(KEY), accept);
	assert_string_equal(accept, ACCEPT);
	ws_accept_value(ws_span_of(NULL, 0), accept);
	assert_string_equal(accept, "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w="); /* of the GUID alone */
}

/* Of a value as it should be, with each byte as it is and as each other one. */
static void change_each_byte(struct ws_span key, char accept[WS_ACCEPT_LEN + 1])
{
	for (size_t i = 0; i < WS_ACCEPT_LEN; i++) {
		char was = accept[i];

		for (unsigned byte = 0; byte < 256; byte++) {
			accept[i] = (char)byte;
			assert_int_equal(ws_accept_is(key, ws_span_of(accept, WS_ACCEPT_LEN)), accept[i] == was);
		}
		accept[i] = was;
	}
}

/* It is found as it is computed, for keys of the usual length and of others. */
static void test_accept_is(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;
	char accept[WS_ACCEPT_LEN + 2] = "";
	uint8_t bytes[3 * WS_KEY_LEN];

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		size_t len = round % 2 ? WS_KEY_LEN : round % sizeof(bytes);
		struct ws_span key = ws_span_of(bytes, len);

		for (size_t i = 0; i < len; i++) {
			random = random * 6364136223846793005 + 1442695040888963407;
			bytes[i] = (uint8_t)(random >> 56);
		}
		ws_accept_value(key, accept);
		assert_true(ws_accept_is(key, ws_span_of(accept, WS_ACCEPT_LEN)));
		assert_false(ws_accept_is(key, ws_span_of(accept, WS_ACCEPT_LEN - 1)));
		assert_false(ws_accept_is(key, ws_span_of(accept, WS_ACCEPT_LEN + 1)));
		if (round < 20)
			change_each_byte(key, accept);
		if (len)
			bytes[round % len] ^= 1;
		assert_int_equal(ws_accept_is(key, ws_span_of(accept, WS_ACCEPT_LEN)), !len);
	}
	assert_false(ws_accept_is(ws_span_str(KEY), ws_span_of(NULL, 0)));
}

static const char *rules_of_request(const char *text)
{
	static char ids[1000];
	enum ws_rule rule = WS_RULE_NONE;

	ids[0] = '\0';
	assert_int_equal(ws_http_head_parse(ws_span_str(text), &request), strlen(text));
	while ((rule = ws_handshake_judge_request(&request, rule)) != WS_RULE_NONE)
		snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s ", ws_rule_info(rule)->id);
	return ids;
}

#define REST "Host: a\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"

static void test_requests(void **state)
{
	(void)state;
	assert_string_equal(rules_of_request("GET / HTTP/1.1\r\n" REST "Sec-WebSocket-Key: " KEY "\r\n"
					     "Sec-WebSocket-Version: 13\r\n\r\n"),
			    "");
	assert_true(ws_handshake_is_request(&request));
	assert_string_equal(rules_of_request("POST / HTTP/1.0\r\n\r\n"),
			    "request-method request-http-version request-host request-upgrade request-connection "
			    "request-key request-version ");
	assert_false(ws_handshake_is_request(&request));
	assert_string_equal(rules_of_request("GET / HTTP/1.1\r\n" REST "Sec-WebSocket-Key: " KEY "\r\n"
					     "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 8\r\n\r\n"),
			    "request-key request-version ");
	assert_true(ws_handshake_is_request(&request));
	assert_string_equal(rules_of_request("GET / HTTP/2.0\r\n" REST "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAAA\r\n"
					     "Sec-WebSocket-Version: 13\r\nHost: b\r\n\r\n"),
			    "request-host request-key ");
}

static const char *rules_of_response(const char *offered, const char *answered)
{
	static char ids[1000];
	static char text[2][2000]; /* request and response point into it */
	enum ws_rule rule = WS_RULE_NONE;

	ids[0] = '\0';
	snprintf(text[0], sizeof(text[0]), "GET / HTTP/1.1\r\nSec-WebSocket-Key: " KEY "\r\n%s\r\n",
		 offered ? offered : "");
	snprintf(text[1], sizeof(text[1]), "HTTP/1.1 101 Switching Protocols\r\n%s\r\n", answered);
	assert_true(ws_http_head_parse(ws_span_str(text[0]), &request) > 0);
	assert_true(ws_http_head_parse(ws_span_str(text[1]), &response) > 0);
	while ((rule = ws_handshake_judge_response(offered ? &request : NULL, &response, rule)) != WS_RULE_NONE)
		snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s ", ws_rule_info(rule)->id);
	return ids;
}

#define GOOD       "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n"
#define EXT(value) "Sec-WebSocket-Extensions: " value "\r\n"
#define SUB(value) "Sec-WebSocket-Protocol: " value "\r\n"

static void test_responses(void **state)
{
	(void)state;
	assert_string_equal(rules_of_response("", GOOD), "");
	assert_string_equal(rules_of_response(NULL, GOOD), "");
	assert_string_equal(rules_of_response("", ""), "response-upgrade response-connection response-accept ");
	assert_string_equal(rules_of_response(NULL, ""), "response-upgrade response-connection response-accept ");
	assert_string_equal(rules_of_response("", "Upgrade: WEBSOCKET\r\nConnection: a, UPGRADE\r\n"
						  "Sec-WebSocket-Accept: t3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
			    "response-accept ");
	assert_string_equal(rules_of_response("", GOOD SUB("chat")), "response-protocol ");
	assert_string_equal(rules_of_response(SUB("a, chat"), GOOD SUB("chat")), "");
	assert_string_equal(rules_of_response(SUB("a") SUB("chat"), GOOD SUB("chat")), "");
	assert_string_equal(rules_of_response(SUB("chat"), GOOD SUB("Chat")), "response-protocol ");
	assert_string_equal(rules_of_response(SUB("chat"), GOOD SUB("chat") SUB("chat")), "response-protocol ");
	assert_string_equal(rules_of_response(NULL, GOOD SUB("chat")), "");
	assert_string_equal(rules_of_response("", GOOD EXT("permessage-deflate")), "response-extension ");
	assert_string_equal(rules_of_response(NULL, GOOD EXT("permessage-deflate")), "");
	assert_string_equal(rules_of_response(NULL, GOOD EXT("permessage-deflate; x")), "response-extension ");
	assert_string_equal(rules_of_response(EXT("a, b; c=\"d\""), GOOD EXT("b;c=d")), "");
	assert_string_equal(rules_of_response(EXT("a"), GOOD EXT("b")), "response-extension ");
	assert_string_equal(rules_of_response(EXT("a"), GOOD EXT("a; =")), "response-extension ");
	assert_string_equal(rules_of_response(EXT("a") EXT("permessage-deflate"), GOOD EXT("Permessage-Deflate")), "");
}

/* What is agreed on, in one line: "on s=15 c=10 snct cnct", with "!" where the answer is not valid. */
static const char *agreed(const char *offers, const char *answer)
{
	static char line[100];
	struct ws_deflate_params params;
	bool valid;

	if (ws_deflate_agreed(ws_span_str(offers), ws_span_str(answer), &params, &valid) < 0)
		return "syntax";
	snprintf(line, sizeof(line), "%s%s s=%u c=%u%s%s", valid ? "" : "! ", params.enabled ? "on" : "off",
		 params.server_max_window_bits, params.client_max_window_bits,
		 params.server_no_context_takeover ? " snct" : "", params.client_no_context_takeover ? " cnct" : "");
	return line;
}

#define PMD "permessage-deflate"

static void test_the_answer_decides(void **state)
{
	static const struct {
		const char *offers, *answer, *want;
	} cases[] = {
	    {"", "", "off s=0 c=0"},
	    {PMD, "", "off s=0 c=0"},
	    {PMD, PMD, "on s=15 c=15"},
	    {PMD "; client_max_window_bits", PMD "; client_max_window_bits=8", "on s=15 c=8"},
	    {PMD "; client_max_window_bits", PMD "; server_max_window_bits=8", "on s=8 c=15"},
	    {PMD "; client_max_window_bits=10", PMD "; client_max_window_bits=\"9\"", "on s=15 c=9"},
	    {PMD "; client_max_window_bits=10", PMD "; client_max_window_bits=\"1\\0\"", "on s=15 c=10"},
	    {PMD "; client_max_window_bits=10", PMD "; client_max_window_bits=11", "! on s=15 c=11"},
	    {PMD, PMD "; client_max_window_bits=11", "! on s=15 c=11"},
	    {PMD "; client_max_window_bits", PMD "; client_max_window_bits", "! on s=15 c=15"},
	    {PMD "; server_max_window_bits=10", PMD, "! on s=15 c=15"},
	    {PMD "; server_max_window_bits=10", PMD "; server_max_window_bits=9", "on s=9 c=15"},
	    {PMD "; server_max_window_bits=10," PMD, PMD, "on s=15 c=15"}, /* the second offer is the accepted one */
	    {PMD "; server_no_context_takeover", PMD, "! on s=15 c=15"},
	    {PMD "; server_no_context_takeover", PMD ";server_no_context_takeover", "on s=15 c=15 snct"},
	    {PMD, PMD "; client_no_context_takeover; server_no_context_takeover", "on s=15 c=15 snct cnct"},
	    {PMD "; client_no_context_takeover", PMD, "on s=15 c=15"},
	    {PMD, PMD "; server_no_context_takeover=1", "! on s=15 c=15 snct"},
	    {PMD, PMD "; server_no_context_takeover; server_no_context_takeover", "! on s=15 c=15 snct"},
	    {PMD, PMD "; client_no_context_takeover; client_no_context_takeover", "! on s=15 c=15 cnct"},
	    {PMD, PMD "; server_max_window_bits=7", "! on s=15 c=15"},
	    {PMD, PMD "; server_max_window_bits=16", "! on s=15 c=15"},
	    {PMD, PMD "; server_max_window_bits=08", "! on s=15 c=15"},
	    {PMD, PMD "; server_max_window_bits=1000000009", "! on s=15 c=15"},
	    {PMD, PMD "; unknown", "! on s=15 c=15"},
	    {PMD, PMD ", " PMD, "! on s=15 c=15"},
	    {"x-webkit-deflate-frame", PMD, "! on s=15 c=15"},
	    {PMD ", a; b=\"c\"", "a , PERMESSAGE-DEFLATE ; server_max_window_bits = 12", "on s=12 c=15"},
	    {PMD, ",," PMD ",", "on s=15 c=15"},
	    {PMD, PMD ";", "syntax"},
	    {PMD, PMD "; a=", "syntax"},
	    {PMD, PMD "; a=\"\"", "syntax"},
	    {PMD, PMD "; a=\"b", "syntax"},
	    {PMD, PMD "; a=\"b c\"", "syntax"},
	    {PMD, PMD " b", "syntax"},
	    {PMD, "@", "syntax"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(agreed(cases[i].offers, cases[i].answer), cases[i].want);
}

static const char *chosen(const char *offers, struct ws_deflate_params want)
{
	static char text[300];
	struct ws_deflate_params params, back;
	struct ws_buf answer;
	bool valid;

	if (ws_deflate_choose(ws_span_str(offers), &want, &params) < 0)
		return "syntax";
	if (!params.enabled)
		return "";
	ws_buf_init(&answer, 300);
	assert_int_equal(ws_deflate_answer_write(&params, &answer), WS_OK);
	/* what one half writes the other reads, and finds valid */
	assert_int_equal(ws_deflate_agreed(ws_span_str(offers), ws_buf_span(&answer), &back, &valid), WS_OK);
	assert_true(valid);
	assert_int_equal(back.server_max_window_bits, params.server_max_window_bits);
	assert_int_equal(back.client_max_window_bits, params.client_max_window_bits);
	snprintf(text, sizeof(text), "%.*s", (int)answer.len, (char *)answer.data);
	ws_buf_finish(&answer);
	return text;
}

static void test_a_server_chooses(void **state)
{
	struct ws_deflate_params any = {0}, small = {.server_max_window_bits = 10, .client_max_window_bits = 9},
				 alone = {.server_no_context_takeover = true, .client_no_context_takeover = true};

	(void)state;
	assert_string_equal(chosen("", any), "");
	assert_string_equal(chosen("foo, bar; baz", any), "");
	assert_string_equal(chosen(PMD "; =", any), "syntax");
	assert_string_equal(chosen(PMD, any), PMD);
	assert_string_equal(chosen(PMD "; client_max_window_bits", any), PMD);
	assert_string_equal(chosen(PMD, small), ""); /* the client cannot be told to use less */
	assert_string_equal(chosen(PMD "; client_max_window_bits", small),
			    PMD "; server_max_window_bits=10; client_max_window_bits=9");
	assert_string_equal(chosen(PMD "; client_max_window_bits=8; server_max_window_bits=8", small),
			    PMD "; server_max_window_bits=8; client_max_window_bits=8");
	assert_string_equal(
	    chosen(PMD "; server_max_window_bits=7, " PMD "; x, " PMD "; server_max_window_bits=12, " PMD, any),
	    PMD "; server_max_window_bits=12");
	assert_string_equal(chosen(PMD, alone), PMD "; server_no_context_takeover; client_no_context_takeover");
	assert_string_equal(chosen(PMD "; client_no_context_takeover", any), PMD "; client_no_context_takeover");
}

static void test_from_heads(void **state)
{
	struct ws_deflate_params params;

	(void)state;
	rules_of_response(EXT(PMD "; client_max_window_bits"), GOOD EXT("a") EXT(PMD "; client_max_window_bits=11"));
	assert_int_equal(ws_handshake_deflate(&request, &response, &params), WS_OK);
	assert_true(params.enabled && params.client_max_window_bits == 11);
	assert_int_equal(ws_handshake_deflate(NULL, &response, &params), WS_OK);
	assert_true(params.enabled && params.client_max_window_bits == 11);
	rules_of_response(EXT(PMD), GOOD);
	assert_int_equal(ws_handshake_deflate(&request, &response, &params), WS_OK);
	assert_false(params.enabled);
	rules_of_response(EXT(PMD), GOOD EXT(PMD "; ;"));
	assert_int_equal(ws_handshake_deflate(&request, &response, &params), WS_E_SYNTAX);
}

static void test_what_is_written_breaks_no_rule(void **state)
{
	struct ws_request ask = {.target = ws_span_str("/chat"),
				 .host = ws_span_str("a:1"),
				 .key = ws_span_str(KEY),
				 .origin = ws_span_str("http://a"),
				 .protocol = ws_span_str("x, y"),
				 .extensions = ws_span_str(PMD),
				 .extra = ws_span_str("A: b\r\n")};
	struct ws_response answer = {.key = ask.key,
				     .protocol = ws_span_str("y"),
				     .extensions = ask.extensions,
				     .extra = ws_span_str("C: d\r\n")};
	struct ws_buf asked, answered;

	(void)state;
	ws_buf_init(&asked, 4096);
	ws_buf_init(&answered, 4096);
	assert_int_equal(ws_request_write(&ask, &asked), WS_OK);
	assert_int_equal(ws_response_write(&answer, &answered), WS_OK);
	assert_int_equal(ws_http_head_parse(ws_buf_span(&asked), &request), asked.len);
	assert_int_equal(ws_http_head_parse(ws_buf_span(&answered), &response), answered.len);
	assert_int_equal(ws_handshake_judge_request(&request, WS_RULE_NONE), WS_RULE_NONE);
	assert_int_equal(ws_handshake_judge_response(&request, &response, WS_RULE_NONE), WS_RULE_NONE);
	assert_true(ws_span_equal(ws_http_field(&request, "origin"), ask.origin));
	assert_true(ws_span_equal(ws_http_field(&request, "a"), ws_span_str("b")));
	assert_true(ws_span_equal(ws_http_field(&response, "c"), ws_span_str("d")));
	for (size_t max = 0; max < answered.len; max++) {
		struct ws_buf small;

		ws_buf_init(&small, max);
		assert_int_equal(ws_response_write(&answer, &small), WS_E_LIMIT);
		assert_int_equal(small.len, 0);
		ws_buf_finish(&small);
	}
	ws_buf_finish(&asked);
	ws_buf_finish(&answered);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accept),
	    cmocka_unit_test(test_accept_is),
	    cmocka_unit_test(test_requests),
	    cmocka_unit_test(test_responses),
	    cmocka_unit_test(test_the_answer_decides),
	    cmocka_unit_test(test_a_server_chooses),
	    cmocka_unit_test(test_from_heads),
	    cmocka_unit_test(test_what_is_written_breaks_no_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
