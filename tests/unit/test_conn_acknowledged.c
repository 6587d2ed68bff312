/* --acknowledged: what is in order is told when its receiver has acknowledged it. */
#include "tcp_script.h"
#include "test.h"

#define HANDSHAKE     "> S\n< S a0\n> . 0 a0\n"
#define HANDSHAKE_LOG "open #1\n  > syn\n  < syn-ack acks\n  > establishes acks\n"

static void gives_with(enum overlap overlap, size_t waiting, bool ignore, const char *text, const char *want)
{
	struct tcp_script script;

	tcp_script_init(&script);
	script.limits.acknowledged = true;
	script.limits.overlap = overlap;
	if (waiting)
		script.limits.waiting = waiting;
	script.ignore_at_data = ignore;
	tcp_script_play(&script, text);
	tcp_script_logged(&script, want);
	tcp_script_finish(&script);
}

static void gives(const char *text, const char *want)
{
	gives_with(OVERLAP_ACK, 0, false, text, want);
}

static void test_told_when_acknowledged(void **state)
{
	(void)state;
	gives(HANDSHAKE "> P 0:abc a0\n"
			"> P 3:def a0\n"
			"< . 0 a3\n"
			"< P 0:xyz a6\n"
			"> P 6:ghi a3\n",
	      HANDSHAKE_LOG "  > new\n"
			    "  > new\n"
			    "data >0:abc\n"
			    "  < acks\n"
			    "data >3:def\n"
			    "  < new acks\n"
			    "data <0:xyz\n"
			    "  > new acks\n");
}

/* An ACK within a segment leaves all of it. */
static void test_acknowledged_in_part(void **state)
{
	(void)state;
	gives(HANDSHAKE "> P 0:abcdef a0\n"
			"< . 0 a3\n"
			"< . 0 a6\n",
	      HANDSHAKE_LOG "  > new\n"
			    "  < acks\n"
			    "data >0:abcdef\n"
			    "  < acks\n");
}

/* …and what is acknowledged before it was captured does not wait. */
static void test_acknowledged_before(void **state)
{
	(void)state;
	gives(HANDSHAKE "< . 0 a6\n"
			"> P 0:abc a0\n"
			"> P 3:defg a0\n",
	      HANDSHAKE_LOG "  < acks acks-unseen\n"
			    "data >0:abc\n"
			    "  > new fills\n"
			    "  > new fills\n");
}

static void test_other_contents_meanwhile(void **state)
{
	static const char text[] = HANDSHAKE "> P 0:abc a0\n"
					     "> P 3:def a0\n"
					     "> P 0:aXc a0\n"
					     "< . 0 a6\n"
					     "> P 3:dXf a0\n";
	static const char first[] = HANDSHAKE_LOG "  > new\n"
						  "  > new\n"
						  "  > retransmitted differs since=2\n"
						  "data >0:abc\n"
						  "data >3:def\n"
						  "  < acks\n"
						  "  > retransmitted since=3\n";
	static const char last[] = HANDSHAKE_LOG "  > new\n"
						 "  > new\n"
						 "  > retransmitted differs since=2\n"
						 "data >0:aXc\n"
						 "data >3:def\n"
						 "  < acks\n"
						 "  > retransmitted since=3\n";

	(void)state;
	gives_with(OVERLAP_ACK, 0, false, text, first);
	gives_with(OVERLAP_FIRST, 0, false, text, first);
	gives_with(OVERLAP_LAST, 0, false, text, last);
}

/* What is missing is told in its place. */
static void test_gap_in_its_place(void **state)
{
	(void)state;
	gives(HANDSHAKE "> P 0:abc a0\n"
			"> P 6:ghi a0 c1\n"
			"flush\n",
	      HANDSHAKE_LOG "  > new\n"
			    "  > new ahead cut missing=3\n"
			    "data >0:abc\n"
			    "gap >3+3\n"
			    "data >6:g\n"
			    "gap >7+2\n");
}

static void test_ends_when_all_is_acknowledged(void **state)
{
	(void)state;
	gives(HANDSHAKE "> PF 0:abc a0\n"
			"< F 0 a0\n"
			"> . 4 a1\n"
			"< . 1 a4\n",
	      HANDSHAKE_LOG "  > new fin\n"
			    "end <0\n"
			    "  < fin\n"
			    "  > acks fin-acked\n"
			    "data >0:abc\n"
			    "end >3\n"
			    "close #1 fin\n"
			    "  < acks fin-acked\n");
}

static void test_told_before_the_reset(void **state)
{
	(void)state;
	gives(HANDSHAKE "> P 0:abc a0\n"
			"< R 0 a0\n",
	      HANDSHAKE_LOG "  > new\n"
			    "data >0:abc\n"
			    "close #1 rst\n"
			    "  < rst\n");
}

static void test_nobody_could_acknowledge(void **state)
{
	(void)state;
	gives("> S\n"
	      "> . 0 a0\n"
	      "> P 0:abc a0\n",
	      "open #1\n"
	      "  > syn\n"
	      "  > establishes\n"
	      "data >0:abc\n"
	      "  > new\n");
}

static void test_meets_its_limit(void **state)
{
	(void)state;
	gives_with(OVERLAP_ACK, 400, false,
		   HANDSHAKE "> P 0+100 a0\n"
			     "> P 100+300 a0\n"
			     "> P 400+10 a0\n"
			     "< . 0 a410\n",
		   HANDSHAKE_LOG "  > new\n"
				 "limit >max-waiting\n"
				 "data >0:+100\n"
				 "data >100:+300\n"
				 "  > new\n"
				 "  > new\n"
				 "data >400:klmnopqrst\n"
				 "  < acks\n");
}

/* Who is told the first bytes wants no others. */
static void test_ignored_meanwhile(void **state)
{
	(void)state;
	gives_with(OVERLAP_ACK, 0, true,
		   HANDSHAKE "> P 0:abc a0\n"
			     "> P 3:def a0\n"
			     "< P 0:xyz a6\n"
			     "> P 6:ghi a3\n",
		   HANDSHAKE_LOG "  > new\n"
				 "  > new\n"
				 "data >0:abc\n"
				 "  < new acks\n"
				 "  > new acks\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_told_when_acknowledged), cmocka_unit_test(test_acknowledged_in_part),
	    cmocka_unit_test(test_acknowledged_before),    cmocka_unit_test(test_other_contents_meanwhile),
	    cmocka_unit_test(test_gap_in_its_place),       cmocka_unit_test(test_ends_when_all_is_acknowledged),
	    cmocka_unit_test(test_told_before_the_reset),  cmocka_unit_test(test_nobody_could_acknowledge),
	    cmocka_unit_test(test_meets_its_limit),        cmocka_unit_test(test_ignored_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
