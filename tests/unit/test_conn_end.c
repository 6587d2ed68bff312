/* How connections end: FIN, RST, idle, given up. */
#include "tcp_script.h"
#include "test.h"

#define HANDSHAKE     "> S\n< S a0\n> . 0 a0\n"
#define HANDSHAKE_LOG "open #1\n  > syn\n  < syn-ack acks\n  > establishes acks\n"

static void test_fin_with_data_and_repeated(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> F 0:abc a0\n"
				   "> F 0:abc a0 t300\n"
				   "< . 0 a4\n"
				   "< P 0:xyz a4\n"
				   "< F 3 a4\n"
				   "< F 3 a4 t300\n"
				   "> . 4 a4\n",
			 HANDSHAKE_LOG "data >0:abc\n"
				       "end >3\n"
				       "  > new fin\n"
				       "  > fin retransmitted since=300\n"
				       "  < acks fin-acked\n"
				       "data <0:xyz\n"
				       "  < new\n"
				       "end <3\n"
				       "close #1 fin\n"
				       "  < fin\n"
				       "  < fin retransmitted\n"
				       "  > acks fin-acked\n");
}

static void test_fin_ahead_of_data(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> F 3 a0\n"
				   "> P 0:abcdef a0\n"
				   "> P 5:zz a0\n",
			 HANDSHAKE_LOG "  > fin\n"
				       "data >0:abc\n"
				       "end >3\n"
				       "  > new\n"
				       "  >\n");
}

static void test_reset_answers_syn(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< R 0 a0\n"
			 "> S t1000\n"
			 "< R 0 a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "close #1 rst\n"
			 "  < rst acks\n"
			 "  > syn syn-again\n"
			 "  < rst\n");
}

static void test_reset_ends_what_waits(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 0:abc a0\n"
				   "> P 5:xyz a0\n"
				   "< R 0 a0\n"
				   "> P 3:de a0\n",
			 HANDSHAKE_LOG "data >0:abc\n"
				       "  > new\n"
				       "  > new ahead missing=2\n"
				       "gap >3+2\n"
				       "data >5:xyz\n"
				       "close #1 rst\n"
				       "  < rst\n"
				       "  > late\n");
}

/* RFC 5961, section 3.2: nobody believes it. */
static void test_reset_outside_the_window(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 0:abc a0\n"
				   "> R 2000000000\n"
				   "> R -5\n"
				   "< R 0\n",
			 HANDSHAKE_LOG "data >0:abc\n"
				       "  > new\n"
				       "  > rst\n"
				       "  > rst\n"
				       "close #1 rst\n"
				       "  < rst\n");
}

static void test_longest_idle_one_is_given_up(void **state)
{
	struct tcp_script script;

	(void)state;
	tcp_script_init(&script);
	script.limits.connections = 2;
	tcp_script_play(&script, "> S p1\n"
				 "> S p2\n"
				 "> . 0 p1 t1500\n"
				 "> S p3\n"
				 "> . 0 p2\n");
	tcp_script_logged(&script, "open #1\n"
				   "  > syn\n"
				   "open #2\n"
				   "  > syn\n"
				   "  > establishes\n"
				   "close #2 timeout\n"
				   "open #3\n"
				   "  > syn\n"
				   "close #1 timeout\n"
				   "open #4 mid\n"
				   "  < mid-stream\n");
	tcp_script_finish(&script);
}

static void test_closed_ones_go_first(void **state)
{
	struct tcp_script script;

	(void)state;
	tcp_script_init(&script);
	script.limits.connections = 2;
	tcp_script_play(&script, "> S p1\n"
				 "> S p2\n"
				 "< R 0 a0 p2\n"
				 "> S p3\n"
				 "> . 0 p1\n");
	tcp_script_logged(&script, "open #1\n"
				   "  > syn\n"
				   "open #2\n"
				   "  > syn\n"
				   "close #2 rst\n"
				   "  < rst acks\n"
				   "open #3\n"
				   "  > syn\n"
				   "  > establishes\n");
	tcp_script_finish(&script);
}

static void test_idle_too_long(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "> P 3:def\n"
			 "tick 3600000\n"
			 "tick 1\n",
			 "open #1\n"
			 "  > syn\n"
			 "  > new ahead missing=3\n"
			 "gap >0+3\n"
			 "data >3:def\n"
			 "close #1 timeout\n");
}

static void test_time_goes_backwards(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0 t-500000\n"
			 "> . 0 a0\n"
			 "> P 3:def a0 t-100000\n"
			 "< . 0 a6\n"
			 "tick 999\n"
			 "tick 1\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  > establishes acks\n"
			 "  > new ahead missing=3\n"
			 "  < acks acks-unseen\n"
			 "gap >0+3\n"
			 "data >3:def\n");
}

/* …and nothing tells: until the first bytes are looked at. */
static void test_client_has_the_lower_port(void **state)
{
	struct tcp_script script;

	(void)state;
	tcp_script_init(&script);
	script.set_client_at_data = true;
	tcp_script_play(&script, "> P 0:abc a0 p20\n"
				 "< P 0:xyz a3 p20\n"
				 "tick 300\n");
	tcp_script_logged(&script, "open #1 mid\n"
				   "  < new mid-stream\n"
				   "  > new\n"
				   "mid >0\n"
				   "data >0:xyz\n"
				   "mid <0\n"
				   "data <0:abc\n");
	tcp_script_finish(&script);
}

/* Nobody is captured who could acknowledge: time alone decides. */
static void test_one_sided(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "> . 0 a0\n"
			 "> P 0:abc a0\n"
			 "> P 6:ghi a0\n"
			 "> P 9:jkl a0\n"
			 "tick 998\n"
			 "tick 1\n"
			 "> F 12 a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  > establishes\n"
			 "data >0:abc\n"
			 "  > new\n"
			 "  > new ahead missing=3\n"
			 "  > new ahead missing=3\n"
			 "gap >3+3\n"
			 "data >6:ghi\n"
			 "data >9:jkl\n"
			 "end >12\n"
			 "  > fin\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fin_with_data_and_repeated),
	    cmocka_unit_test(test_fin_ahead_of_data),
	    cmocka_unit_test(test_reset_answers_syn),
	    cmocka_unit_test(test_reset_ends_what_waits),
	    cmocka_unit_test(test_reset_outside_the_window),
	    cmocka_unit_test(test_longest_idle_one_is_given_up),
	    cmocka_unit_test(test_closed_ones_go_first),
	    cmocka_unit_test(test_idle_too_long),
	    cmocka_unit_test(test_time_goes_backwards),
	    cmocka_unit_test(test_client_has_the_lower_port),
	    cmocka_unit_test(test_one_sided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
