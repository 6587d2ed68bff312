/* Tunnels of HTTP/2 (RFC 9113, section 8.5), and what is in them, from packets to events: with gaps, and with each
 * allocation failing once. */
#include "test.h"

#include "h2_wire.h"

/* RFC 9113, section 8.5: beside a WebSocket of RFC 8441, one refused, and one with another protocol in it. */
static void build_tunnel(struct wire *wire)
{
	h2w_preface(wire);
	h2w_connect(wire, 1, false);
	h2w_connect(wire, 3, true);
	h2w_connect(wire, 5, true);
	h2w_carry(wire, DIR_C2S, 3, wire_request);
	h2w_carry(wire, DIR_S2C, 5, "220 mail");
	h2w_request(wire, 7);
	h2w_carry(wire, DIR_S2C, 3, wire_answer);
	h2w_data(wire, DIR_C2S, 3, 0, "through");
	h2w_data(wire, DIR_C2S, 5, 0, "no WebSocket");
	h2w_answer(wire, 7);
	h2w_data(wire, DIR_C2S, 7, 0, "beside");
	h2w_data(wire, DIR_S2C, 3, 1, "and back");
	wire_fin(wire);
}

static void test_tunnel(void **state)
{
	(void)state;
	wire_gives(
	    build_tunnel, false,
	    "open\ntunnel b:80 404\ntunnel b:80 200\ntunnel b:80 200\nhandshake 101 ok\nhandshake 200\nclose fin\n",
	    "request /chat\nrequest /chat\ntext 7 through\ntext 6 beside\n",
	    "h2 0 0\nh2 1 0\ntext 8 and back\nh2 2 3\n");
}

/* The gap may be anywhere: what was under way goes on where a frame can be trusted. */
static void build_tunnel_gap(struct wire *wire)
{
	h2w_preface(wire);
	h2w_connect(wire, 1, true);
	h2w_connect(wire, 3, true);
	h2w_carry(wire, DIR_C2S, 1, wire_request);
	h2w_carry(wire, DIR_S2C, 1, wire_answer);
	wire_lose(wire, DIR_C2S, 60);
	h2w_data(wire, DIR_C2S, 1, 0, "hello");
	h2w_data(wire, DIR_C2S, 1, 0, "again");
	wire_fin(wire);
}

static void test_tunnel_gap(void **state)
{
	(void)state;
	wire_gives(build_tunnel_gap, false, "open\ntunnel b:80 200\ntunnel b:80 200\nhandshake 101 ok\nclose fin\n",
		   "request /chat\ngap 60\ntext 5 hello\ntext 5 again\n", "h2 0 0\nh2 1 0\n");
}

/* HTTP/2 in a tunnel of HTTP/2, on streams of the same numbers; beside it a WebSocket in the outer one. */
static void build_h2_within(struct wire *wire)
{
	h2w_preface(wire);
	h2w_connect(wire, 1, true);
	h2w_enter(1);
	h2w_greet(wire);
	h2w_request(wire, 1);
	h2w_answer(wire, 1);
	h2w_leave();
	h2w_request(wire, 3);
	h2w_answer(wire, 3);
	h2w_data(wire, DIR_C2S, 3, 0, "beside");
	h2w_enter(1);
	h2w_data(wire, DIR_C2S, 1, 0, "within");
	h2w_request(wire, 3);
	h2w_answer(wire, 3);
	h2w_data(wire, DIR_C2S, 3, 0, "two");
	h2w_data(wire, DIR_S2C, 1, 1, "and back");
	h2w_leave();
	wire_fin(wire);
}

static void test_h2_within(void **state)
{
	(void)state;
	wire_gives(build_h2_within, false,
		   "open\ntunnel b:80 200\nhandshake 200\nhandshake 200\nhandshake 200\nclose fin\n",
		   "request /chat\nrequest /chat\ntext 6 beside\ntext 6 within\nrequest /chat\ntext 3 two\n",
		   "h2 0 0\nh2 1 0\nh2 0 1\nh2 1 1\ntext 8 and back\nh2 2 1.1\n");
}

/* How much of it is missing may be known, where it is one DATA frame's, or not: it is found again. */
static void build_h2_within_gap(struct wire *wire)
{
	h2w_preface(wire);
	h2w_connect(wire, 1, true);
	h2w_enter(1);
	h2w_greet(wire);
	h2w_request(wire, 1);
	h2w_answer(wire, 1);
	h2w_data(wire, DIR_C2S, 1, 0, "before");
	wire_lose(wire, DIR_C2S, 70);
	for (int i = 0; i < 4; i++)
		h2w_data(wire, DIR_C2S, 1, 0, "behind the gap");
	h2w_leave();
	wire_fin(wire);
}

static void test_h2_within_gap(void **state)
{
	(void)state;
	wire_gives(build_h2_within_gap, false, "open\ntunnel b:80 200\nhandshake 200\nclose fin\n",
		   "request /chat\ntext 6 before\ngap 70\ntext 14 behind the gap\ntext 14 behind the gap\n"
		   "text 14 behind the gap\ntext 14 behind the gap\n",
		   "h2 0 0\nh2 1 0\nh2 0 1\nh2 1 1\n");
}

/* A third one's streams would have no name: told once, and left alone. */
static void build_h2_within_h2_within(struct wire *wire)
{
	h2w_preface(wire);
	h2w_connect(wire, 1, true);
	h2w_enter(1);
	h2w_greet(wire);
	h2w_connect(wire, 5, true);
	h2w_enter(5);
	h2w_greet(wire);
	h2w_request(wire, 1);
	h2w_answer(wire, 1);
	h2w_leave();
	h2w_request(wire, 7);
	h2w_answer(wire, 7);
	h2w_data(wire, DIR_C2S, 7, 0, "still read");
	h2w_leave();
	wire_fin(wire);
}

static void test_no_third_h2(void **state)
{
	(void)state;
	wire_gives(build_h2_within_h2_within, false,
		   "open\ntunnel b:80 200\ntunnel b:80 200\nhandshake 200\nclose fin\n",
		   "request /chat\ntext 10 still read\n", "h2 0 0\nh2 1 0\nh2 0 1\nh2 1 1\nh2 10 1.5\n");
}

static void test_each_allocation(void **state)
{
	(void)state;
	h2w_each_allocation(build_tunnel);
	h2w_each_allocation(build_h2_within);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tunnel),      cmocka_unit_test(test_tunnel_gap),
	    cmocka_unit_test(test_h2_within),   cmocka_unit_test(test_h2_within_gap),
	    cmocka_unit_test(test_no_third_h2), cmocka_unit_test(test_each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
