/* What is said of acknowledgments, windows, keep-alives and copies. */
#include "tcp_script.h"
#include "test.h"

#define HANDSHAKE     "> S\n< S a0\n> . 0 a0\n"
#define HANDSHAKE_LOG "open #1\n  > syn\n  < syn-ack acks\n  > establishes acks\n"

static void test_keep_alive(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 0:abc a0\n"
				   "< . 0 a3\n"
				   "> . 2 a0 t45000\n"
				   "< . 0 a3\n"
				   "> . 2:c a0 t45000\n"
				   "< . 0 a3\n"
				   "< . 0 a3\n",
			 HANDSHAKE_LOG "data >0:abc\n"
				       "  > new\n"
				       "  < acks\n"
				       "  > keep-alive\n"
				       "  < keep-alive-ack\n"
				       "  > keep-alive\n"
				       "  < keep-alive-ack\n"
				       "  <\n");
}

/* While it is not acknowledged. */
static void test_one_byte_again_is_no_keep_alive(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 0:abc a0\n"
				   "> P 2:c a0 t200\n",
			 HANDSHAKE_LOG "data >0:abc\n"
				       "  > new\n"
				       "  > retransmitted since=200\n");
}

static void test_keep_alive_mid_stream(void **state)
{
	(void)state;
	tcp_script_gives("> . 2 a0\n"
			 "< . 0 a3\n"
			 "> . 2 a0 t45000\n"
			 "< . 0 a3\n"
			 "> . 2 a0 t45000\n"
			 "< . 0 a3\n",
			 "open #1 mid\n"
			 "  > mid-stream\n"
			 "  <\n"
			 "  > keep-alive\n"
			 "  < keep-alive-ack\n"
			 "  > keep-alive\n"
			 "  < keep-alive-ack\n");
}

static void test_zero_window(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 0:abc a0\n"
				   "< . 0 a3 w0\n"
				   "> . 2 a0\n"
				   "< . 0 a3 w0\n"
				   "> . 3:d a0\n"
				   "< . 0 a3 w0\n"
				   "< . 0 a3 w500\n"
				   "< . 0 a4 w500\n",
			 HANDSHAKE_LOG "data >0:abc\n"
				       "  > new\n"
				       "  < zero-window acks\n"
				       "  > probe\n"
				       "  < zero-window\n"
				       "data >3:d\n"
				       "  > new probe\n"
				       "  < zero-window\n"
				       "  < window\n"
				       "  < acks\n");
}

/* RFC 5681, section 2. */
static void test_duplicate_acks(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 0:abc a0\n"
				   "< . 0 a3\n"
				   "< . 0 a3\n"
				   "> P 6:ghi a0\n"
				   "< . 0 a3\n"
				   "< . 0 a3\n"
				   "> P 9:jkl a0\n"
				   "< . 0 a3\n"
				   "< . 0 a3 w900\n"
				   "< P 0:x a3 w900\n"
				   "> P 3:def a1 t300\n"
				   "< . 1 a12 w900\n",
			 HANDSHAKE_LOG "data >0:abc\n"
				       "  > new\n"
				       "  < acks\n"
				       "  <\n"
				       "  > new ahead missing=3\n"
				       "  < duplicate-ack\n"
				       "  < duplicate-ack\n"
				       "  > new ahead missing=3\n"
				       "  < duplicate-ack\n"
				       "  < window\n"
				       "data <0:x\n"
				       "  < new\n"
				       "data >3:def\n"
				       "data >6:ghi\n"
				       "data >9:jkl\n"
				       "  > new fills acks\n"
				       "  < acks\n");
}

/* Another IP identification, or more time between: it was sent again. */
static void test_captured_twice(void **state)
{
	(void)state;
	tcp_script_gives("> S i7\n"
			 "> S i7 t0.1\n"
			 "< S a0 i8\n"
			 "< S a0 i8 t0.1\n"
			 "> . 0 a0\n"
			 "> P 0:abc a0 i9\n"
			 "> P 0:abc a0 i9 t9\n"
			 "> P 0:abc a0 i9 t11\n"
			 "> P 0:abc a0 i10\n",
			 "open #1\n"
			 "  > syn\n"
			 "  > twice\n"
			 "  < syn-ack acks\n"
			 "  < twice\n"
			 "  > establishes acks\n"
			 "data >0:abc\n"
			 "  > new\n"
			 "  > twice\n"
			 "  > retransmitted since=20\n"
			 "  > retransmitted since=21\n");
}

static void test_captured_twice_in_a_burst(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> . 0:abc a0 i10 t0.01\n"
			 "> . 3:def a0 i11 t0.01\n"
			 "> . 6:ghi a0 i12 t0.01\n"
			 "> . 0:abc a0 i10 t0.01\n"
			 "> . 3:def a0 i11 t0.01\n"
			 "> . 6:ghi a0 i12 t0.01\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "data >0:abc\n"
			 "  > establishes new acks\n"
			 "data >3:def\n"
			 "  > new\n"
			 "data >6:ghi\n"
			 "  > new\n"
			 "  > twice\n"
			 "  > twice\n"
			 "  > twice\n");
}

/* RFC 6864: then timestamps tell, and a pure ACK without them is never a copy. */
static void test_captured_twice_without_identification(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> P 0:abc a0 i0\n"
			 "> P 0:abc a0 i0 t0.5\n"
			 "> P 0:abc a0 i0 t1\n"
			 "< . 0 a0 i0\n"
			 "< . 0 a0 i0 t0\n"
			 "< . 0 a3 i0 T5\n"
			 "< . 0 a3 i0 T5 t1\n"
			 "< . 0 a3 i0 T6 t1\n"
			 "< . 0 a3 i0 T6 t3\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "data >0:abc\n"
			 "  > establishes new acks\n"
			 "  > twice\n"
			 "  > retransmitted since=1\n"
			 "  < duplicate-ack\n"
			 "  < duplicate-ack\n"
			 "  < acks\n"
			 "  < twice\n"
			 "  <\n"
			 "  <\n");
}

static void test_captured_twice_in_ipv6(void **state)
{
	(void)state;
	tcp_script_gives("> S v6\n"
			 "< S a0 v6\n"
			 "> P 0:abc a0 v6 T1\n"
			 "> P 0:abc a0 v6 T1 t1\n"
			 "> P 0:abc a0 v6 T2 t1\n"
			 "> P 0:abc a0 v6 T2 t3\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "data >0:abc\n"
			 "  > establishes new acks\n"
			 "  > twice\n"
			 "  > retransmitted since=2\n"
			 "  > retransmitted since=5\n");
}

static void test_acknowledges_what_was_not_captured(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> P 0:abc a0\n"
			 "< . 0 a5\n"
			 "> P 5:fgh a0\n"
			 "< . 0 a8\n"
			 "> P 3:de a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "data >0:abc\n"
			 "  > establishes new acks\n"
			 "  < acks acks-unseen\n"
			 "  > new ahead missing=2\n"
			 "  < acks\n"
			 "data >3:de\n"
			 "data >5:fgh\n"
			 "  > new fills\n");
}

static void test_acknowledges_a_fin(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> F 0:abc a0\n"
			 "< . 0 a3\n"
			 "< . 0 a4\n"
			 "< . 0 a4\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "data >0:abc\n"
			 "end >3\n"
			 "  > establishes new fin acks\n"
			 "  < acks\n"
			 "  < acks fin-acked\n"
			 "  <\n");
}

/* The last segment, the first in flight; of those between it is not known. */
static void test_repeated_since(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> P 0:abc a0 t10\n"
			 "> P 3:def a0 t10\n"
			 "> P 6:ghi a0 t10\n"
			 "> P 0:abc a0 t200\n"
			 "> P 3:def a0 t10\n"
			 "> P 6:ghi a0 t10\n"
			 "< . 0 a9\n"
			 "> P 9:jkl a0 t10\n"
			 "> P 9:jkl a0 t300\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "data >0:abc\n"
			 "  > establishes new acks\n"
			 "data >3:def\n"
			 "  > new\n"
			 "data >6:ghi\n"
			 "  > new\n"
			 "  > retransmitted since=220\n"
			 "  > retransmitted\n"
			 "  > retransmitted since=220\n"
			 "  < acks\n"
			 "data >9:jkl\n"
			 "  > new\n"
			 "  > retransmitted since=300\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keep_alive),
	    cmocka_unit_test(test_one_byte_again_is_no_keep_alive),
	    cmocka_unit_test(test_keep_alive_mid_stream),
	    cmocka_unit_test(test_zero_window),
	    cmocka_unit_test(test_duplicate_acks),
	    cmocka_unit_test(test_captured_twice),
	    cmocka_unit_test(test_captured_twice_in_a_burst),
	    cmocka_unit_test(test_captured_twice_without_identification),
	    cmocka_unit_test(test_captured_twice_in_ipv6),
	    cmocka_unit_test(test_acknowledges_what_was_not_captured),
	    cmocka_unit_test(test_acknowledges_a_fin),
	    cmocka_unit_test(test_repeated_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
