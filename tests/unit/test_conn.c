#include "tcp_script.h"
#include "test.h"

#define HANDSHAKE "> S\n< S a0\n> . 0 a0\n"
#define HANDSHAKE_LOG                                                                                                  \
	"open #1\n  > syn\n"                                                                                           \
	"  < syn-ack acks\n"                                                                                           \
	"  > establishes acks\n"

static void test_conversation(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 0:hello a0\n"
				   "< P 0:world a5\n"
				   "> . 5 a5\n"
				   "> F 5 a5\n"
				   "< F 5 a6\n"
				   "> . 6 a6\n",
			 HANDSHAKE_LOG "data >0:hello\n  > new\n"
				       "data <0:world\n  < new acks\n"
				       "  > acks\n"
				       "end >5\n  > fin\n"
				       "end <5\nclose #1 fin\n  < fin acks fin-acked\n"
				       "  > acks fin-acked\n");
}

/* seed/STORY.md, packets 1, 2, 15, 16 and 20. */
static void test_blind_for_a_while(void **state)
{
	(void)state;
	tcp_script_gives("> S\n< S a0\n"
			 "< P 435+79 a815 t450000\n"
			 "> . 815 a514\n"
			 "< P 514+102 a815 t32000\n",
			 "open #1\n  > syn\n  < syn-ack acks\n"
			 "gap >0+815\ngap <0+435\ndata <435:+79\n  < new ahead acks acks-unseen missing=435\n"
			 "  > acks\n"
			 "data <514:+102\n  < new\n");
}

static void test_out_of_order(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 3:def a0\n> P 6:ghi a0\n> P 0:abc a0\n",
			 HANDSHAKE_LOG "  > new ahead missing=3\n"
				       "  > new ahead missing=3\n"
				       "data >0:abc\ndata >3:defghi\n  > new fills\n");
}

static void test_acknowledged_and_never_captured(void **state)
{
	(void)state;
	tcp_script_gives(HANDSHAKE "> P 3:def a0\n< . 0 a6\ntick 998\ntick 2\n",
			 HANDSHAKE_LOG "  > new ahead missing=3\n"
				       "  < acks acks-unseen\n"
				       "gap >0+3\ndata >3:def\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_conversation),
	    cmocka_unit_test(test_blind_for_a_while),
	    cmocka_unit_test(test_out_of_order),
	    cmocka_unit_test(test_acknowledged_and_never_captured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
