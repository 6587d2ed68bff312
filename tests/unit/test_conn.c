/* How connections begin, and whose a segment is. */
#include "tcp_script.h"
#include "test.h"

#define HANDSHAKE     "> S\n< S a0\n> . 0 a0\n"
#define HANDSHAKE_LOG "open #1\n  > syn\n  < syn-ack acks\n  > establishes acks\n"

static void test_conversation(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 0:hello a0\n"
				   "< P 0:world a5\n"
				   "> . 5 a5\n"
				   "> F 5 a5\n"
				   "< F 5 a6\n"
				   "> . 6 a6\n",
			 HANDSHAKE_LOG "data >0:hello\n"
				       "  > new\n"
				       "data <0:world\n"
				       "  < new acks\n"
				       "  > acks\n"
				       "end >5\n"
				       "  > fin\n"
				       "end <5\n"
				       "close #1 fin\n"
				       "  < fin acks fin-acked\n"
				       "  > acks fin-acked\n");
}

static void test_syn_repeated(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "> S t1000\n"
			 "< S a0\n"
			 "< S a0 t1000\n"
			 "> . 0 a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  > syn syn-again\n"
			 "  < syn-ack acks\n"
			 "  < syn-ack syn-again\n"
			 "  > establishes acks\n");
}

/* A SYN with another ISN: what waits in the old connection comes out before it closes. */
static void test_ports_reused(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 0:abc a0\n"
				   "> P 5:xy a0\n"
				   "> S n90000\n"
				   "< S n777 a0\n"
				   "> . 0 a0\n",
			 HANDSHAKE_LOG "data >0:abc\n"
				       "  > new\n"
				       "  > new ahead missing=2\n"
				       "gap >3+2\n"
				       "data >5:xy\n"
				       "close #1 reused\n"
				       "open #2\n"
				       "  > syn\n"
				       "  < syn-ack acks\n"
				       "  > establishes acks\n");
}

/* Closed already: it is not closed again. */
static void test_ports_reused_after_close(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> F 0 a0\n"
				   "< F 0 a1\n"
				   "> . 1 a1\n"
				   "> S n90000 t500\n",
			 HANDSHAKE_LOG "end >0\n"
				       "  > fin\n"
				       "end <0\n"
				       "close #1 fin\n"
				       "  < fin acks fin-acked\n"
				       "  > acks fin-acked\n"
				       "open #2\n"
				       "  > syn\n");
}

/* Three segments that go on from each other far away: the SYN was not captured. */
static void test_ports_reused_without_syn(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> P 2000000000:abc a0\n"
			 "> P 2000000003:abc a0\n"
			 "> P 2000000006:abc a0\n"
			 "> P 2000000009:abc a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  >\n"
			 "  >\n"
			 "close #1 reused\n"
			 "open #2 mid\n"
			 "  > new mid-stream\n"
			 "  > new\n");
}

static void test_strange_segments_are_not_believed(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> P 2000000000:abc a0\n"
			 "> P 1500000000:abc a0\n"
			 "> P 2000000006:abc a0\n"
			 "< . 0 a2000000000\n"
			 "> P 0:abc\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  >\n"
			 "  >\n"
			 "  >\n"
			 "  <\n"
			 "data >0:abc\n"
			 "  > new\n");
}

/* RFC 4987, section 3.6: the SYN is answered again with another ISN. */
static void test_cookie_made_anew(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> S t60000\n"
			 "< S a0 n77777\n"
			 "> . 0 a0\n"
			 "< P 0:hello a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  > syn syn-again\n"
			 "  < syn-ack\n"
			 "  > establishes acks\n"
			 "data <0:hello\n"
			 "  < new\n");
}

/* RFC 9293, section 3.5. */
static void test_simultaneous_open(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S\n"
			 "> S. a0\n"
			 "< S. a0\n"
			 "> P 0:x a0\n"
			 "< P 0:y a1\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn\n"
			 "  > syn-ack acks\n"
			 "  < syn-ack acks\n"
			 "data >0:x\n"
			 "  > new\n"
			 "data <0:y\n"
			 "  < new acks\n");
}

/* RFC 7413. */
static void test_data_in_syn(void **state)
{
	(void)state;
	tcp_script_gives("> S 0:GET\n"
			 "< S a3\n"
			 "< P 0:answer a3\n"
			 "> . 3 a6\n",
			 "open #1\n"
			 "data >0:GET\n"
			 "  > syn new\n"
			 "  < syn-ack acks\n"
			 "data <0:answer\n"
			 "  < new\n"
			 "  > acks\n");
}

static void test_data_in_syn_not_accepted(void **state)
{
	(void)state;
	tcp_script_gives("> S 0:GET\n"
			 "< S a0\n"
			 "> P 0:GET a0\n"
			 "< . 0 a3\n",
			 "open #1\n"
			 "data >0:GET\n"
			 "  > syn new\n"
			 "  < syn-ack acks\n"
			 "  > establishes retransmitted acks since=2\n"
			 "  < acks\n");
}

static void test_data_before_syn(void **state)
{
	(void)state;
	tcp_script_gives("> P 0:hello a0\n"
			 "< . 0 a5\n"
			 "> S\n"
			 "< S a0\n",
			 "open #1 mid\n"
			 "  > new mid-stream\n"
			 "  <\n"
			 "data >0:hello\n"
			 "  > syn before-syn\n"
			 "  < syn-ack\n");
}

static void test_server_data_before_its_syn(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< P 0:hello a0\n"
			 "< S a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < new acks before-syn\n"
			 "data <0:hello\n"
			 "  < syn-ack before-syn\n");
}

static void test_answer_before_syn(void **state)
{
	(void)state;
	tcp_script_gives("< S a0\n"
			 "> S\n"
			 "> . 0 a0\n",
			 "open #1\n"
			 "  < syn-ack\n"
			 "  > syn before-syn\n"
			 "  > establishes acks\n");
}

/* A SYN+ACK tells where both directions begin. */
static void test_syn_not_captured(void **state)
{
	(void)state;
	tcp_script_gives("< S a0\n"
			 "> . 0 a0\n"
			 "> P 0:abc a0\n"
			 "> P 6:ghi a0\n"
			 "> P 3:def a0\n",
			 "open #1\n"
			 "  < syn-ack\n"
			 "  > establishes acks\n"
			 "data >0:abc\n"
			 "  > new\n"
			 "  > new ahead missing=3\n"
			 "data >3:def\n"
			 "data >6:ghi\n"
			 "  > new fills\n");
}

static void test_data_before_answer_without_syn(void **state)
{
	(void)state;
	tcp_script_gives("> P 0:abc a0\n"
			 "< S a0\n",
			 "open #1 mid\n"
			 "  > new mid-stream\n"
			 "data >0:abc\n"
			 "  < syn-ack\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_conversation),
	    cmocka_unit_test(test_syn_repeated),
	    cmocka_unit_test(test_ports_reused),
	    cmocka_unit_test(test_ports_reused_after_close),
	    cmocka_unit_test(test_ports_reused_without_syn),
	    cmocka_unit_test(test_strange_segments_are_not_believed),
	    cmocka_unit_test(test_cookie_made_anew),
	    cmocka_unit_test(test_simultaneous_open),
	    cmocka_unit_test(test_data_in_syn),
	    cmocka_unit_test(test_data_in_syn_not_accepted),
	    cmocka_unit_test(test_data_before_syn),
	    cmocka_unit_test(test_server_data_before_its_syn),
	    cmocka_unit_test(test_answer_before_syn),
	    cmocka_unit_test(test_syn_not_captured),
	    cmocka_unit_test(test_data_before_answer_without_syn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
