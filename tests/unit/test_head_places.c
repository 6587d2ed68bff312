/* A request's head that is kept with the places of its parts is the same as one that is read again. */
#include "test.h"

#include "wscap/head_places.h"

#include <stdio.h>

static struct ws_http_head parsed, kept;
static struct head_places places;

static void assert_same(struct ws_span a, struct ws_span b)
{
	assert_int_equal(a.len, b.len);
	assert_ptr_equal(a.data, b.data);
}

/* …in a copy of it, elsewhere. Returns whether its places were known. */
static bool kept_as_read(const char *text)
{
	static char copy[1 << 17];
	size_t len = strlen(text);

	assert_int_equal(ws_http_head_parse(ws_span_of(text, len), &parsed), len);
	head_places_take(&places, &parsed);
	memcpy(copy, text, len);
	if (!head_places_read(&places, ws_span_of(copy, len), &kept))
		return false;
	ws_http_head_parse(ws_span_of(copy, len), &parsed);
	assert_same(kept.all, parsed.all);
	assert_false(kept.is_response);
	assert_int_equal(kept.version_major, parsed.version_major);
	assert_int_equal(kept.version_minor, parsed.version_minor);
	assert_same(kept.method, parsed.method);
	assert_same(kept.target, parsed.target);
	assert_int_equal(kept.field_count, parsed.field_count);
	for (size_t i = 0; i < kept.field_count; i++) {
		assert_same(kept.fields[i].name, parsed.fields[i].name);
		assert_same(kept.fields[i].value, parsed.fields[i].value);
	}
	assert_int_equal(ws_http_field_count(&kept, "a"), ws_http_field_count(&parsed, "A"));
	assert_same(ws_http_field(&kept, "Host"), ws_http_field(&parsed, "host"));
	return true;
}

static const char *with_fields(unsigned count, unsigned value)
{
	static char text[1 << 17];
	size_t at = (size_t)sprintf(text, "GET /x HTTP/1.0\r\n");

	while (count--)
		at += (size_t)sprintf(text + at, "A: %0*u\r\n", (int)value, count);
	sprintf(text + at, "\r\n");
	return text;
}

static void test_requests(void **state)
{
	(void)state;
	assert_true(kept_as_read("GET / HTTP/1.1\r\n\r\n"));
	assert_true(kept_as_read("\r\nGET /chat HTTP/1.1\r\nHost: a\r\nEmpty:\r\na: 1\r\nA:\t2 \r\n\r\n"));
	assert_true(kept_as_read(with_fields(HEAD_PLACES, 10)));
	assert_true(kept_as_read(with_fields(1, UINT16_MAX - 24)));
	assert_int_equal(parsed.all.len, UINT16_MAX);
}

static void test_what_there_is_no_room_for(void **state)
{
	(void)state;
	assert_false(kept_as_read(with_fields(HEAD_PLACES + 1, 1)));
	assert_false(kept_as_read(with_fields(1, UINT16_MAX - 23)));
	assert_false(kept_as_read("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_requests),
	    cmocka_unit_test(test_what_there_is_no_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
