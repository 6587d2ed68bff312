/* Streams whose beginning was not captured, and those that nobody wants. */
#include "tcp_script.h"
#include "test.h"

/* It begins after some packets, at its lowest byte. */
static void test_mid_stream(void **state)
{
	(void)state;
	tcp_script_gives("> P 3:def a0\n"
			 "> P 0:abc a0\n"
			 "< . 0 a6\n"
			 "< P 0:xyz a6\n"
			 "> . 6 a3\n"
			 "> . 6 a3\n"
			 "> . 6 a3\n"
			 "> . 6 a3\n"
			 "> . 6 a3\n"
			 "> P 6:ghi a3\n"
			 "> P 9:jkl a3\n"
			 "< P 3:uvw a12\n",
			 "open #1 mid\n"
			 "  > new mid-stream\n"
			 "  > new\n"
			 "  <\n"
			 "  < new\n"
			 "  > acks\n"
			 "  >\n"
			 "  >\n"
			 "  >\n"
			 "mid >0\n"
			 "data >0:abc\n"
			 "data >3:def\n"
			 "  >\n"
			 "data >6:ghi\n"
			 "  > new\n"
			 "data >9:jkl\n"
			 "  > new\n"
			 "mid <0\n"
			 "data <0:xyz\n"
			 "data <3:uvw\n"
			 "  < new acks\n");
}

/* The receiver had nothing of it yet: what it waits for comes before what is there. */
static void test_mid_stream_before_what_is_acknowledged(void **state)
{
	struct tcp_script script;

	(void)state;
	tcp_script_init(&script);
	script.quiet = true;
	tcp_script_play(&script, "> . 100 a0\n"
				 "< P 6:ghi a100\n"
				 "< P 3:def a100\n"
				 "> . 100 a0\n> . 100 a0\n> . 100 a0\n> . 100 a0\n> . 100 a0\n> . 100 a0\n"
				 "> . 100 a0\n> . 100 a0\n> . 100 a0\n> . 100 a0\n> . 100 a0\n> . 100 a0\n");
	tcp_script_logged(&script, "open #1 mid\n");
	tcp_script_play(&script, "< P 0:abc a100\n");
	tcp_script_logged(&script, "mid <0\ndata <0:abc\ndata <3:def\ndata <6:ghi\n");
	tcp_script_finish(&script);
}

/* …or it never comes, and the receiver speaks of what is behind it. */
static void test_mid_stream_behind_what_is_acknowledged(void **state)
{
	struct tcp_script script;

	(void)state;
	tcp_script_init(&script);
	script.quiet = true;
	tcp_script_play(&script, "> . 100 a0\n"
				 "< P 3:def a100\n"
				 "> . 100 a0\n> . 100 a0\n> . 100 a0\n> . 100 a0\n> . 100 a0\n> . 100 a0\n"
				 "> . 100 a0\n> . 100 a0\n> . 100 a0\n> . 100 a0\n");
	tcp_script_logged(&script, "open #1 mid\n");
	tcp_script_play(&script, "> . 100 a6\n");
	tcp_script_logged(&script, "mid <0\ndata <0:def\n");
	tcp_script_finish(&script);
}

/* …also where that is one byte before the first that was captured. */
static void test_mid_stream_one_byte_before(void **state)
{
	struct tcp_script script;

	(void)state;
	tcp_script_init(&script);
	script.quiet = true;
	tcp_script_play(&script, "< P 1:bcd a0\n"
				 "< P 0:a a0\n"
				 "tick 200\n");
	tcp_script_logged(&script, "open #1 mid\nmid <0\ndata <0:a\ndata <1:bcd\n");
	tcp_script_finish(&script);
}

static void test_mid_stream_after_a_while(void **state)
{
	(void)state;
	tcp_script_gives("< P 100:abc a0\n"
			 "tick 199\n"
			 "tick 1\n"
			 "< P 103:def a0\n",
			 "open #1 mid\n"
			 "  < new mid-stream\n"
			 "mid <0\n"
			 "data <0:abc\n"
			 "data <3:def\n"
			 "  < new\n");
}

static void test_mid_stream_at_a_head(void **state)
{
	struct tcp_script script;

	(void)state;
	tcp_script_init(&script);
	script.set_client_at_data = true;
	tcp_script_play(&script, "> P 500:GET\\_/\\r\\n a200\n"
				 "< P 200:HTTP/1.1\\_200 a507\n"
				 "< P 190:early a507\n"
				 "> P 490:early a212\n");
	tcp_script_logged(&script, "open #1\n"
				   "data >0:GET /~~\n"
				   "  > new\n"
				   "data <0:HTTP/1.1 200\n"
				   "  < new\n"
				   "  < late\n"
				   "  > late acks\n");
	tcp_script_finish(&script);
}

/* What it answers was asked before, and not captured: its stream is whole, the connection is not. */
static void test_mid_stream_at_an_answer(void **state)
{
	(void)state;
	tcp_script_gives("< P 200:HTTP/1.1\\_101 a507\n", "open #1 mid\n"
							  "data <0:HTTP/1.1 101\n"
							  "  < new mid-stream\n");
}

/* A request line ends as an answer begins. */
static void test_mid_stream_in_a_request_line(void **state)
{
	struct tcp_script script;

	(void)state;
	tcp_script_init(&script);
	script.quiet = true;
	tcp_script_play(&script, "> P 500:HTTP/1.1\\r\\n a200\n");
	tcp_script_logged(&script, "open #1 mid\n");
	tcp_script_play(&script, "tick 200\n");
	tcp_script_logged(&script, "mid >0\ndata >0:HTTP/1.1~~\n");
	tcp_script_finish(&script);
}

static void test_mid_stream_at_a_head_that_waits(void **state)
{
	(void)state;
	tcp_script_gives("> P 514:rest a0\n"
			 "> P 500:POST\\_/submit\\r\\n a0\n",
			 "open #1 mid\n"
			 "  > new mid-stream\n"
			 "data >0:POST /submit~~\n"
			 "data >14:rest\n"
			 "  > new fills\n");
}

/* The last byte was acknowledged and not captured. What stands in its place in a keep-alive is anything. */
static void test_mid_stream_and_keep_alive(void **state)
{
	(void)state;
	tcp_script_gives("> P 500:hell a200\n"
			 "< . 200 a505\n"
			 "tick 5000\n"
			 "> . 504:? a200\n",
			 "open #1 mid\n"
			 "  > new mid-stream\n"
			 "  <\n"
			 "mid >0\n"
			 "data >0:hell\n"
			 "gap >4+1\n"
			 "  > keep-alive\n");
}

static void test_mid_stream_fin(void **state)
{
	(void)state;
	tcp_script_gives("> F 100 a0\n"
			 "tick 200\n"
			 "< F 0 a101\n"
			 "tick 200\n",
			 "open #1 mid\n"
			 "  > fin mid-stream\n"
			 "end >0\n"
			 "  < fin\n"
			 "end <0\n"
			 "close #1 fin\n");
}

/* Facts go on, as far as they can be known when nothing is kept. */
static void test_ignored_at_its_first_bytes(void **state)
{
	struct tcp_script script;

	(void)state;
	tcp_script_init(&script);
	script.ignore_at_data = true;
	tcp_script_play(&script, "> S\n"
				 "< S a0\n"
				 "> P 0:abc a0\n"
				 "> P 5:fgh a0\n"
				 "> P 3:de a0\n"
				 "> P 3:de a0\n"
				 "< P 0:xyz a8\n"
				 "> F 8 a3\n"
				 "< F 3 a9\n");
	tcp_script_logged(&script, "open #1\n"
				   "  > syn\n"
				   "  < syn-ack acks\n"
				   "data >0:abc\n"
				   "  > establishes new acks\n"
				   "  > new ahead missing=2\n"
				   "  > new fills\n"
				   "  > retransmitted\n"
				   "  < new acks\n"
				   "  > fin acks\n"
				   "close #1 fin\n"
				   "  < fin acks fin-acked\n");
	tcp_script_finish(&script);
}

static void test_ignored_while_bytes_wait(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> P 3:def a0\n"
			 "ignore\n"
			 "> P 0:abc a0\n"
			 "< P 0:x a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  > new ahead acks missing=3\n"
			 "  > new fills\n"
			 "  < new\n");
}

static void test_ignored_mid_stream(void **state)
{
	(void)state;
	tcp_script_gives("> P 50:abc a0\n"
			 "ignore\n"
			 "> P 53:def a0\n"
			 "> P 53:def a0\n",
			 "open #1 mid\n"
			 "  > new mid-stream\n"
			 "  > new\n"
			 "  > retransmitted since=1\n");
}

static void test_head_byte_by_byte(void **state)
{
	(void)state;
	tcp_script_gives("> P 500:G a200\n"
			 "> P 502:T a200\n"
			 "> P 501:E a200\n"
			 "> P 503:\\_ a200\n",
			 "open #1 mid\n"
			 "  > new mid-stream\n"
			 "  > new\n"
			 "  > new\n"
			 "data >0:G\n"
			 "data >1:E\n"
			 "data >2:T\n"
			 "data >3: \n"
			 "  > new\n");
}

/* While what waits is in pieces, more packets may fill them. */
static void test_mid_stream_in_pieces(void **state)
{
	struct tcp_script script;

	(void)state;
	tcp_script_init(&script);
	script.quiet = true;
	tcp_script_play(&script, "> P 500:abc a200\n> P 506:ghi a200\n");
	for (int i = 0; i < 20; i++)
		tcp_script_play(&script, "> P 506:ghi a200\n");
	tcp_script_logged(&script, "open #1 mid\n");
	tcp_script_play(&script, "> P 503:def a200\n");
	tcp_script_logged(&script, "mid >0\ndata >0:abc\ndata >3:def\ndata >6:ghi\n");
	tcp_script_finish(&script);
}

/* Of the client nothing was captured: how much is missing is known, but all of it is. */
static void test_no_gaps_in_what_was_never_captured(void **state)
{
	(void)state;
	tcp_script_gives("< S a0\n"
			 "< P 0:abc a100\n"
			 "tick 2000\n"
			 "flush\n",
			 "open #1\n"
			 "  < syn-ack\n"
			 "data <0:abc\n"
			 "  < new acks\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mid_stream),
	    cmocka_unit_test(test_mid_stream_before_what_is_acknowledged),
	    cmocka_unit_test(test_mid_stream_behind_what_is_acknowledged),
	    cmocka_unit_test(test_mid_stream_one_byte_before),
	    cmocka_unit_test(test_mid_stream_after_a_while),
	    cmocka_unit_test(test_mid_stream_at_a_head),
	    cmocka_unit_test(test_mid_stream_at_an_answer),
	    cmocka_unit_test(test_mid_stream_in_a_request_line),
	    cmocka_unit_test(test_mid_stream_at_a_head_that_waits),
	    cmocka_unit_test(test_mid_stream_and_keep_alive),
	    cmocka_unit_test(test_mid_stream_fin),
	    cmocka_unit_test(test_ignored_at_its_first_bytes),
	    cmocka_unit_test(test_ignored_while_bytes_wait),
	    cmocka_unit_test(test_ignored_mid_stream),
	    cmocka_unit_test(test_head_byte_by_byte),
	    cmocka_unit_test(test_mid_stream_in_pieces),
	    cmocka_unit_test(test_no_gaps_in_what_was_never_captured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
