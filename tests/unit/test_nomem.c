/* libws with the n-th allocation failing, for every n: nothing leaks, nothing is told that is not so, and what comes
 * after is told again. */
#include "test.h"

#include "failmalloc.h"
#include "frames.h"
#include "ws/handshake.h"

#include <stdlib.h>

enum {
	ROOM = 1 << 20,
	MANY = 1000,
};

#define SPAN(literal) ws_span_of((literal), sizeof(literal) - 1)

/* Items are counted, and each is one that a run without failure tells. */
static int run(const struct frames *frames, size_t piece, struct ws_buf *told, unsigned *ret_failures)
{
	struct ws_buf scratch;
	struct ws_decoder_config config = {.scratch = &scratch,
					   .deflate = {.enabled = true, .server_no_context_takeover = true}};
	struct ws_decoder *decoder;
	struct ws_item item;
	int items = 0;

	*ret_failures = 0;
	ws_buf_init(&scratch, ROOM);
	decoder = ws_decoder_create(&config);
	if (!decoder)
		return -1;
	for (struct ws_span rest = ws_buf_span(&frames->wire); rest.len; rest = ws_span_from(rest, piece)) {
		struct ws_cursor cursor = ws_cursor_of(ws_span_first(rest, piece));
		enum ws_step step;

		while ((step = ws_decoder_next(decoder, &cursor, &item)) != WS_STEP_MORE) {
			if (step == WS_STEP_MEMORY) {
				++*ret_failures;
				continue;
			}
			items++;
			if (told)
				item_write(&item, told);
			if (item.kind == WS_ITEM_MESSAGE && item.payload.len == 5 && item.utf8)
				assert_memory_equal(item.payload.data, "Hello", 5);
		}
		assert_int_equal(ws_cursor_left(&cursor), 0);
	}
	ws_decoder_destroy(decoder);
	ws_buf_finish(&scratch);
	return items;
}

static void fail_each(const struct frames *frames, size_t piece)
{
	unsigned failures;
	int all = run(frames, piece, NULL, &failures);

	for (long n = 0; n < MANY; n++) {
		int items;

		failmalloc_after(n);
		items = run(frames, piece, NULL, &failures);
		if (!failmalloc_failed()) {
			failmalloc_after(-1);
			assert_int_equal(items, all);
			return;
		}
		failmalloc_after(-1);
		assert_true(items == -1 || failures == 1);
		assert_true(items == -1 || items >= all - 2); /* one message is given up, and what it breaks */
	}
	fail();
}

static void test_decoder(void **state)
{
	struct frames frames;

	(void)state;
	frames_init(&frames, false);
	RAW(&frames, "\x01\x02He\x89\x01p\x80\x03llo");
	RAW(&frames, "\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00");
	RAW(&frames, "\x41\x03\xf2\x48\xcd\x80\x04\xc9\xc9\x07\x00");
	RAW(&frames, "\x81\x02\xff\xff\x81\x85"
		     "abcd"
		     "\x29\x07\x0f\x08\x0e\x01\x03\xff\xff\xff\x80\x02\xff\xff");
	RAW(&frames, "\xc1\x05\xff\xff\xff\xff\xff\x81\x05Hello");
	for (size_t piece = 1; piece <= 16; piece++)
		fail_each(&frames, piece);
	fail_each(&frames, frames.wire.len);
	frames_finish(&frames);
}

static void test_heads(void **state)
{
	struct ws_request request = {.target = SPAN("/"), .host = SPAN("h"), .key = SPAN("dGhlIHNhbXBsZSBub25jZQ==")};
	struct ws_response response = {.key = request.key};
	static struct ws_http_head head;
	struct ws_buf out;

	(void)state;
	assert_true(ws_http_head_parse(SPAN("GET / HTTP/1.1\r\na: 1\r\nA: 2\r\n\r\n"), &head) > 0);
	ws_buf_init(&out, ROOM);
	failmalloc_after(0);
	assert_int_equal(ws_request_write(&request, &out), WS_E_MEMORY);
	failmalloc_after(0);
	assert_int_equal(ws_response_write(&response, &out), WS_E_MEMORY);
	failmalloc_after(0);
	assert_int_equal(ws_http_field_join(&head, "a", &out), WS_E_MEMORY);
	assert_int_equal(out.len, 0);
	for (long n = 0; n < 6; n++) {
		struct ws_deflate *deflate;

		failmalloc_after(n);
		deflate = ws_deflate_create(15, 6);
		failmalloc_after(-1);
		ws_deflate_destroy(deflate);
	}
	ws_buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_decoder),
	    cmocka_unit_test(test_heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
