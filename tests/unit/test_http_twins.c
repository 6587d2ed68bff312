/* Heads are read by a routine of many bytes at a time where the machine has it, and by a plain one: both say the same
 * of any bytes. So does what looks names up, and what compares them. */
#include "test.h"

#include "libws/http_wide.h"
#include "ws/http.h"

#include <ctype.h>
#include <stdlib.h>

static struct ws_http_head wide, plain;
static uint64_t state_of_random = 0x9e3779b97f4a7c15;

/* xorshift64: the same each time. */
static unsigned draw(unsigned below)
{
	state_of_random ^= state_of_random << 13;
	state_of_random ^= state_of_random >> 7;
	state_of_random ^= state_of_random << 17;
	return (unsigned)(state_of_random >> 33) % below;
}

static void assert_same(struct ws_span a, struct ws_span b)
{
	assert_int_equal(a.len, b.len);
	if (a.len)
		assert_ptr_equal(a.data, b.data);
}

static void assert_same_heads(void)
{
	assert_same(wide.all, plain.all);
	assert_int_equal(wide.is_response, plain.is_response);
	assert_int_equal(wide.version_major, plain.version_major);
	assert_int_equal(wide.version_minor, plain.version_minor);
	assert_int_equal(wide.status, plain.status);
	assert_same(wide.method, plain.method);
	assert_same(wide.target, plain.target);
	assert_same(wide.reason, plain.reason);
	assert_int_equal(wide.field_count, plain.field_count);
	for (size_t i = 0; i < wide.field_count; i++) {
		assert_same(wide.fields[i].name, plain.fields[i].name);
		assert_same(wide.fields[i].value, plain.fields[i].value);
	}
}

/* In memory that ends where the bytes do, at each alignment. Returns whether the wide one took it. */
static bool compare(const char *text, size_t len)
{
	size_t from = draw(32);
	uint8_t *bytes = malloc(from + len + 1);
	struct ws_span in = ws_span_of(bytes + from, len);
	bool taken;

	assert_non_null(bytes);
	memcpy(bytes + from, text, len);
	bytes = realloc(bytes, from + len ? from + len : 1);
	in.data = bytes + from;
	taken = http_wide_parse(in, &wide);
	if (taken) {
		assert_int_equal(http_plain_parse(in, &plain), wide.all.len);
		assert_same_heads();
	}
	free(bytes);
	return taken;
}

static size_t put(char *text, size_t at, const char *more)
{
	size_t len = strlen(more);

	memcpy(text + at, more, len);
	return at + len;
}

static size_t make_head(char *text)
{
	static const char *const starts[] = {"GET / HTTP/1.1", "GET /a-long-target?with=much&in=it#and-more HTTP/1.0",
					     "HTTP/1.1 101 Switching Protocols", "HTTP/1.1 200 ", "OPTIONS * HTTP/1.1"};
	static const char *const names[] = {
	    "Host",
	    "Upgrade",
	    "Sec-WebSocket-Key",
	    "X",
	    "a_b!c",
	    "Sec-WebSocket-Extensions",
	    "X-A-Name-That-Is-Longer-Than-A-Row-Of-Bytes-And-Goes-On-Behind-Its-End-For-A-While"};
	static const char *const ends[] = {"\r\n", "\r\n", "\r\n", "\n"};
	size_t at = put(text, 0, starts[draw(5)]);

	at = put(text, at, ends[draw(4)]);
	for (unsigned fields = draw(16); fields; fields--) {
		at = put(text, at, names[draw(7)]);
		at = put(text, at, &":\0: \0:\t \0:  "[(unsigned[]){0, 2, 2, 5, 9}[draw(5)]]);
		for (unsigned len = draw(8) ? draw(40) : draw(150); len; len--)
			text[at++] = (char)(' ' + draw(95));
		at = put(text, at, ends[draw(4)]);
	}
	return put(text, at, "\r\n");
}

static void test_heads(void **state)
{
	static char text[8192];
	unsigned taken = 0, whole = 0;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		size_t len = make_head(text), end = len;

		for (unsigned more = draw(4) ? 0 : draw(100); more; more--) /* what stands behind it */
			text[end++] = (char)draw(256);
		whole += compare(text, end);
		compare(text, draw((unsigned)len));
		for (unsigned broken = draw(4); broken; broken--)
			text[draw((unsigned)len)] = "\r\n\0 :\x80\x7f\tHa"[draw(10)];
		taken += compare(text, end);
	}
	if (__builtin_cpu_supports("avx2")) { /* else nothing was compared */
		assert_true(whole > 19000);
		assert_true(taken > 5000);
	}
}

/* At each length, a head as a whole and without its last byte: the ends of rows and words are among them. */
static void test_each_length(void **state)
{
	static char text[8192];

	(void)state;
	for (size_t len = 0; len < 6000; len += len < 700 ? 1 : 61) {
		size_t at = put(text, 0, "GET / HTTP/1.1\r\nA: ");

		memset(text + at, 'v', len);
		at = put(text, at + len, "\r\nB: c\r\n\r\n");
		if (compare(text, at))
			assert_int_equal(wide.all.len, at);
		else
			assert_true(!__builtin_cpu_supports("avx2") || at > 4096 || at < 32);
		assert_false(compare(text, at - 1));
		text[at - 10] = '\0';
		assert_false(compare(text, at));
	}
}

/* More fields than are taken are no head, to both. */
static void test_too_many(void **state)
{
	static char text[8192];
	size_t at = put(text, 0, "GET / HTTP/1.1\r\n");

	(void)state;
	for (unsigned i = 0; i < WS_HTTP_FIELDS_MAX; i++)
		at = put(text, at, i % 2 ? "a: b\r\n" : "ab: c\r\n");
	put(text, at, "\r\n");
	compare(text, at + 2);
	assert_int_equal(ws_http_head_parse(ws_span_of(text, at + 2), &plain), at + 2);
	assert_int_equal(ws_http_field_count(&plain, "A"), WS_HTTP_FIELDS_MAX / 2);
	at = put(text, at, "a: b\r\n");
	put(text, at, "\r\n");
	assert_false(compare(text, at + 2));
	assert_int_equal(ws_http_head_parse(ws_span_of(text, at + 2), &plain), WS_E_LIMIT);
}

/* As it would be without anything that makes it quick. */
static bool equal_plain(struct ws_span a, struct ws_span b)
{
	bool equal = a.len == b.len;

	for (size_t i = 0; equal && i < a.len; i++)
		equal = (a.data[i] < 128 ? (uint8_t)tolower(a.data[i]) : a.data[i]) ==
			(b.data[i] < 128 ? (uint8_t)tolower(b.data[i]) : b.data[i]);
	return equal;
}

static void test_case_is_ignored(void **state)
{
	unsigned equal = 0;

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		size_t len = draw(40);
		uint8_t *a = malloc(len + 1), *b = malloc(len + 1);
		struct ws_span first = ws_span_of(a + 1, len), second = ws_span_of(b + 1, len);

		assert_true(a && b);
		for (size_t i = 1; i <= len; i++)
			a[i] = b[i] = (uint8_t)draw(256);
		for (unsigned changes = draw(4); len && changes; changes--)
			b[1 + draw((unsigned)len)] ^= 0x20;
		if (len && !draw(4))
			b[1 + draw((unsigned)len)] = (uint8_t)draw(256);
		assert_int_equal(ws_span_equal_nocase(first, second), equal_plain(first, second));
		equal += equal_plain(first, second);
		free(a);
		free(b);
	}
	assert_true(equal > 20000 && equal < 180000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_heads),
	    cmocka_unit_test(test_each_length),
	    cmocka_unit_test(test_too_many),
	    cmocka_unit_test(test_case_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
