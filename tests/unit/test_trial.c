/* trial: what is deflate without what was before it, and what only looks like it. */
#include "test.h"

#include "wscap/trial.h"

#include <zlib.h>

enum {
	SIZE = 64 << 10,
	TAIL = 4, /* bytes that a message leaves out at its end: RFC 7692, section 7.2.1 */
};

static uint8_t room[SIZE];

/* What text is as the next message of a stream. */
static struct ws_span deflated(z_stream *z, const void *text, size_t len)
{
	z->next_in = (Bytef *)(uintptr_t)text;
	z->avail_in = (unsigned)len;
	z->next_out = room;
	z->avail_out = sizeof(room);
	assert_int_equal(deflate(z, Z_SYNC_FLUSH), Z_OK);
	return ws_span_of(room, sizeof(room) - z->avail_out - TAIL);
}

static void begin(z_stream *z)
{
	*z = (z_stream){0};
	assert_int_equal(deflateInit2(z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
}

static void messages(void **state)
{
	static const char text[] = "{\"type\":\"say\",\"content\":\"hello, you\"}";
	struct ws_span payload;
	z_stream z;

	(void)state;
	begin(&z);
	for (int i = 0; i < 3; i++) { /* the later ones refer to the first */
		payload = deflated(&z, text, sizeof(text) - 1);
		assert_int_equal(trial_inflate(payload, true), TRIAL_SUCCEEDS);
		assert_int_equal(trial_inflate(ws_span_first(payload, payload.len - 1), true), TRIAL_FAILS);
		assert_int_equal(trial_inflate(ws_span_first(payload, payload.len - 1), false), TRIAL_UNKNOWN);
	}
	deflateEnd(&z);
}

/* Of a long one only the beginning is looked at. */
static void long_one(void **state)
{
	static uint8_t noise[4 * TRIAL_LOOK];
	uint32_t random = 1;
	struct ws_span payload;
	z_stream z;

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)('a' + ((random = random * 1664525 + 1013904223) >> 28));
	begin(&z);
	payload = deflated(&z, noise, sizeof(noise));
	assert_true(payload.len > TRIAL_LOOK);
	assert_int_equal(trial_inflate(ws_span_first(payload, TRIAL_LOOK), false), TRIAL_SUCCEEDS);
	deflateEnd(&z);
}

/* One that inflates to very much: it is not inflated to its end. */
static void bomb(void **state)
{
	static const uint8_t zeroes[1 << 20];
	struct ws_span payload;
	z_stream z;

	(void)state;
	begin(&z);
	payload = deflated(&z, zeroes, sizeof(zeroes));
	assert_int_equal(trial_inflate(ws_span_first(payload, TRIAL_LOOK), false), TRIAL_UNKNOWN);
	deflateEnd(&z);
}

static void others(void **state)
{
	unsigned successes = 0;
	uint32_t random = 1;
	uint8_t bytes[40];

	(void)state;
	for (unsigned i = 0; i < 50000; i++) {
		for (size_t j = 0; j < sizeof(bytes); j++)
			bytes[j] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
		successes += trial_inflate(ws_span_of(bytes, 2 + i % (sizeof(bytes) - 2)), true) == TRIAL_SUCCEEDS;
	}
	assert_true(successes < 50000 >> TRIAL_BITS);
	assert_int_equal(trial_inflate(ws_span_of(NULL, 0), true), TRIAL_UNKNOWN);
	assert_int_equal(trial_inflate(ws_span_of("\0", 1), true), TRIAL_UNKNOWN); /* by chance, too */
	assert_int_equal(trial_inflate(ws_span_of("\0\0\0\0", 4), true), TRIAL_FAILS);
	/* RFC 7692, section 7.2.3.4: a block with BFINAL, and a byte behind it */
	assert_int_equal(trial_inflate(ws_span_of("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8), true), TRIAL_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages),
	    cmocka_unit_test(long_one),
	    cmocka_unit_test(bomb),
	    cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
