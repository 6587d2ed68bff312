/* What is put in order, what is a gap, and when. */
#include "tcp_script.h"
#include "test.h"

#define HANDSHAKE     "> S\n< S a0\n> . 0 a0\n"
#define HANDSHAKE_LOG "open #1\n  > syn\n  < syn-ack acks\n  > establishes acks\n"

/* seed/STORY.md, packets 1, 2, 15, 16 and 20. */
static void test_blind_for_a_while(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "< P 435+79 a815 t450000\n"
			 "> . 815 a514\n"
			 "< P 514+102 a815 t32000\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "gap >0+815\n"
			 "gap <0+435\n"
			 "data <435:+79\n"
			 "  < new ahead acks acks-unseen missing=435\n"
			 "  > acks\n"
			 "data <514:+102\n"
			 "  < new\n");
}

static void test_not_blind_for_long_enough(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "< P 435+79 a815 t999\n"
			 "tick 999\n"
			 "tick 1\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  < new ahead acks acks-unseen missing=435\n"
			 "gap >0+815\n");
}

static void test_out_of_order(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 3:def a0\n"
				   "> P 6:ghi a0\n"
				   "> P 0:abc a0\n",
			 HANDSHAKE_LOG "  > new ahead missing=3\n"
				       "  > new ahead missing=3\n"
				       "data >0:abc\n"
				       "data >3:def\n"
				       "data >6:ghi\n"
				       "  > new fills\n");
}

static void test_several_holes(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 9:jkl a0\n"
				   "> P 3:def a0\n"
				   "> P 6:ghi a0\n"
				   "> P 0:abc a0\n",
			 HANDSHAKE_LOG "  > new ahead missing=9\n"
				       "  > new ahead fills missing=3\n"
				       "  > new ahead fills missing=3\n"
				       "data >0:abc\n"
				       "data >3:def\n"
				       "data >6:ghi\n"
				       "data >9:jkl\n"
				       "  > new fills\n");
}

static void test_acknowledged_and_never_captured(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 3:def a0\n"
				   "< . 0 a6\n"
				   "tick 998\n"
				   "tick 2\n",
			 HANDSHAKE_LOG "  > new ahead missing=3\n"
				       "  < acks acks-unseen\n"
				       "gap >0+3\n"
				       "data >3:def\n");
}

/* What becomes a gap is what had been acknowledged for so long, not more. */
static void test_not_acknowledged_is_waited_for(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> P 3:def a0\n"
			 "tick 5000\n"
			 "< . 0 a2\n"
			 "tick 500\n"
			 "< . 0 a6\n"
			 "tick 500\n"
			 "tick 999\n"
			 "tick 1\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  > new ahead acks missing=3\n"
			 "  < acks acks-unseen\n"
			 "  < acks acks-unseen\n"
			 "gap >0+2\n"
			 "gap >2+1\n"
			 "data >3:def\n");
}

static void test_nothing_behind_it(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "< . 0 a500\n"
			 "tick 1000\n"
			 "> P 500:abc a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  < acks acks-unseen\n"
			 "gap >0+500\n"
			 "data >500:abc\n"
			 "  > establishes new acks\n");
}

static void test_late(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> P 3:def a0\n"
			 "< . 0 a6\n"
			 "tick 1000\n"
			 "> P 0:abc a0\n"
			 "> P 0:abcdefghi a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  > new ahead acks missing=3\n"
			 "  < acks acks-unseen\n"
			 "gap >0+3\n"
			 "data >3:def\n"
			 "  > late\n"
			 "data >6:ghi\n"
			 "  > new overlap late new=3\n");
}

/* The end of the capture; should something follow, it goes on. */
static void test_flush(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> P 3:def a0\n"
			 "< P 5:x a0\n"
			 "flush\n"
			 "> P 0:abc a0\n"
			 "> P 6:ghi a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  > new ahead acks missing=3\n"
			 "  < new ahead missing=5\n"
			 "gap >0+3\n"
			 "data >3:def\n"
			 "gap <0+5\n"
			 "data <5:x\n"
			 "  > late\n"
			 "data >6:ghi\n"
			 "  > new\n");
}

static void test_fin_acknowledged_behind_a_gap(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> F 3 a0\n"
			 "< . 0 a4\n"
			 "tick 1000\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  > fin acks\n"
			 "  < acks acks-unseen fin-acked\n"
			 "gap >0+3\n"
			 "end >3\n");
}

/* The first bytes win. */
static void test_overlap(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 0:abcdef a0\n"
				   "> P 0:abcdef a0 t200\n"
				   "> P 3:defghi a0\n"
				   "> P 3:dXfghi a0\n"
				   "< . 0 a9\n"
				   "> P 12:mno a0\n"
				   "> P 12:mnX a0\n"
				   "> P 10:kXmno a0\n"
				   "> P 8:iXXXXXXX a0\n",
			 HANDSHAKE_LOG "data >0:abcdef\n"
				       "  > new\n"
				       "  > retransmitted since=200\n"
				       "data >6:ghi\n"
				       "  > new overlap new=3\n"
				       "  > retransmitted since=1\n"
				       "  < acks\n"
				       "  > new ahead missing=3\n"
				       "  > retransmitted differs since=1\n"
				       "  > new overlap ahead fills missing=1 new=2\n"
				       "data >9:X\n"
				       "data >10:kX\n"
				       "data >12:mno\n"
				       "data >15:X\n"
				       "  > new overlap differs fills new=2\n");
}

static void test_cut_by_snap_length(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> P 0:hello a0 c2\n"
			 "> P 5:world a0 c3\n"
			 "> P 20:abcdef a0 c2\n"
			 "> P 10:0123456789 a0 c4\n"
			 "> P 26:end a0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "data >0:he\n"
			 "gap >2+3\n"
			 "  > establishes new acks cut\n"
			 "data >5:wor\n"
			 "gap >8+2\n"
			 "  > new cut\n"
			 "  > new ahead cut missing=10\n"
			 "data >10:0123\n"
			 "gap >14+6\n"
			 "data >20:ab\n"
			 "gap >22+4\n"
			 "  > new fills cut\n"
			 "data >26:end\n"
			 "  > new\n");
}

static void test_headers_only(void **state)
{
	(void)state;
	tcp_script_gives("> S\n"
			 "< S a0\n"
			 "> P 3:abc a0 c0\n"
			 "> P 0:abc a0 c0\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "  > new ahead acks cut missing=3\n"
			 "gap >0+3\n"
			 "gap >3+3\n"
			 "  > new fills cut\n");
}

static void test_waiting_meets_its_limit(void **state)
{
	struct tcp_script script;

	(void)state;
	tcp_script_init(&script);
	script.limits.waiting = 200;
	tcp_script_play(&script, "> S\n"
				 "< S a0\n"
				 "> P 10+100 a0\n"
				 "> P 200+100 a0\n"
				 "> P 400+300 a0\n"
				 "> P 700+10 a0\n");
	tcp_script_logged(&script, "open #1\n"
				   "  > syn\n"
				   "  < syn-ack acks\n"
				   "  > new ahead acks missing=10\n"
				   "limit >max-waiting\n"
				   "gap >0+10\n"
				   "data >10:+100\n"
				   "  > new ahead missing=100\n"
				   "limit >max-waiting\n"
				   "gap >110+90\n"
				   "data >200:+100\n"
				   "limit >max-waiting\n"
				   "gap >300+100\n"
				   "data >400:+300\n"
				   "  > new ahead missing=190\n"
				   "data >700:yzabcdefgh\n"
				   "  > new\n");
	tcp_script_finish(&script);
}

static void test_wrap_around(void **state)
{
	(void)state;
	tcp_script_gives("> S n4294967290\n"
			 "< S a0 n4294967295\n"
			 "> P 0:abcdefghijkl a0\n"
			 "> P 14:op a0\n"
			 "> P 12:mn a0\n"
			 "< P 0:x a16\n"
			 "> . 16 a1\n",
			 "open #1\n"
			 "  > syn\n"
			 "  < syn-ack acks\n"
			 "data >0:abcdefghijkl\n"
			 "  > establishes new acks\n"
			 "  > new ahead missing=2\n"
			 "data >12:mn\n"
			 "data >14:op\n"
			 "  > new fills\n"
			 "data <0:x\n"
			 "  < new acks\n"
			 "  > acks\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_blind_for_a_while),
	    cmocka_unit_test(test_not_blind_for_long_enough),
	    cmocka_unit_test(test_out_of_order),
	    cmocka_unit_test(test_several_holes),
	    cmocka_unit_test(test_acknowledged_and_never_captured),
	    cmocka_unit_test(test_not_acknowledged_is_waited_for),
	    cmocka_unit_test(test_nothing_behind_it),
	    cmocka_unit_test(test_late),
	    cmocka_unit_test(test_flush),
	    cmocka_unit_test(test_fin_acknowledged_behind_a_gap),
	    cmocka_unit_test(test_overlap),
	    cmocka_unit_test(test_cut_by_snap_length),
	    cmocka_unit_test(test_headers_only),
	    cmocka_unit_test(test_waiting_meets_its_limit),
	    cmocka_unit_test(test_wrap_around),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
