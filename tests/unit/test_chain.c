/* Chains of plausible frames: where a stream that is joined in the middle may be read from. */
#include "test.h"

#include "frames.h"

static void test_chain(void **state)
{
	struct ws_chain chain;

	(void)state;
	chain = ws_frame_chain(ws_span_str("\x01\x02hi\x89\x01p\x80\x03"
					   "end"),
			       false);
	assert_true(chain.frames == 3 && chain.len == 12 && chain.exact && chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x01\x02hi\x89\x01p\x80\x03"
					   "e"),
			       false);
	assert_true(chain.frames == 2 && chain.len == 7 && !chain.exact && chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x81\x02hi\x93"), false);
	assert_true(chain.frames == 1 && !chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x81\x02hi\x89"), false);
	assert_true(chain.frames == 1 && chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x81\x02hi\x89\x7e"), false);
	assert_true(chain.frames == 1 && !chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x01\x02hi\x81\x02hi"), false); /* a message within a message */
	assert_true(chain.frames == 1 && !chain.plausible);
	chain = ws_frame_chain(ws_span_of("\x81\x02hi\x82\x7e\x01", 7), false);
	assert_true(chain.frames == 1 && chain.plausible);
	chain = ws_frame_chain(ws_span_of("\x81\x02hi\x88\x00\x89\x00", 8), false); /* nothing follows a close frame */
	assert_true(chain.frames == 2 && !chain.plausible);
	chain = ws_frame_chain(ws_span_str("\x81\x02hi"), true);
	assert_true(chain.frames == 0 && !chain.plausible);
	chain = ws_frame_chain(ws_span_str("\xc1\x82"
					   "keyshi"),
			       true);
	assert_true(chain.frames == 1 && chain.exact);
	chain = ws_frame_chain(ws_span_str("GET / HTTP/1.1\r\n"), false);
	assert_true(chain.frames == 0 && !chain.plausible);
	chain = ws_frame_chain(ws_span_of(NULL, 0), false);
	assert_true(chain.frames == 0 && !chain.exact && chain.plausible);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
