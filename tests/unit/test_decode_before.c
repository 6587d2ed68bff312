/* What comes on a connection before the upgrade: pages, content, and tunnels through proxies. */
#include "test.h"

#include "wire.h"

/* Requests may come before the upgrade, with and without content; their answers may look like anything. */
static void build_after_pages(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	wire_text(wire, DIR_S2C, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nHTTP\r\n0\r\n\r\n");
	wire_text(wire, DIR_C2S, "POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: 16\r\n\r\nGET / HTTP/1.1\r\n");
	wire_text(wire, DIR_S2C, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
	wire_handshake(wire);
	FRAME(wire, DIR_C2S, 0x81, "hello");
	wire_goodbye(wire);
}

static void test_after_pages(void **state)
{
	(void)state;
	wire_gives(build_after_pages, false, "open\nhandshake 101 ok\nclose fin\n",
		   "request /chat\ntext 5 hello\nclose 2 1000\n", "close 2 1000\n");
}

/* Joined before the last of several requests: the first answer is another's, and the right one in the same segment. */
static void build_answer_of_another(struct wire *wire)
{
	wire_text(wire, DIR_C2S, wire_request);
	wire_text(wire, DIR_S2C,
		  "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"
		  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
	FRAME(wire, DIR_C2S, 0x81, "{\"type\":\"say\"}");
	FRAME(wire, DIR_S2C, 0x81, "{\"type\":\"said\"}");
}

/* …and in one of its own. */
static void build_answer_behind_another(struct wire *wire)
{
	wire_text(wire, DIR_C2S, wire_request);
	wire_text(wire, DIR_S2C, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	wire_text(wire, DIR_S2C, wire_answer);
	FRAME(wire, DIR_C2S, 0x81, "{\"type\":\"say\"}");
	FRAME(wire, DIR_S2C, 0x81, "{\"type\":\"said\"}");
}

static void test_answer_of_another(void **state)
{
	(void)state;
	wire_gives(build_answer_of_another, false, "open\nhandshake 200\nhandshake 101\n",
		   "request /chat\ntext 14 {\"type\":\"say\"}\n",
		   "violation response-accept\ntext 15 {\"type\":\"said\"}\n");
	wire_gives(build_answer_behind_another, false, "open\nhandshake 200\nhandshake 101 ok\n",
		   "request /chat\ntext 14 {\"type\":\"say\"}\n", "text 15 {\"type\":\"said\"}\n");
}

/* A page with what looks like an answer in it, at the beginning of a segment. */
static void build_page_with_an_answer(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	wire_text(wire, DIR_S2C, "HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n");
	wire_text(wire, DIR_S2C, "HTTP/1.1 101 x\r\n\r\n");
	wire_handshake(wire);
	FRAME(wire, DIR_C2S, 0x81, "hello");
}

static void test_page_with_an_answer(void **state)
{
	(void)state;
	wire_gives(build_page_with_an_answer, false, "open\nhandshake 101 ok\n", "request /chat\ntext 5 hello\n", "");
}

/* Through a proxy, the tunnel is a request of its own. */
static void build_tunnel(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, "CONNECT server.example.com:80 HTTP/1.1\r\nHost: server.example.com\r\n\r\n");
	wire_text(wire, DIR_S2C, "HTTP/1.1 200 Connection established\r\n\r\n");
	wire_handshake(wire);
	FRAME(wire, DIR_C2S, 0x81, "hello");
	wire_goodbye(wire);
}

static void test_through_a_proxy(void **state)
{
	(void)state;
	wire_gives(build_tunnel, false, "open\ntunnel server.example.com:80 200\nhandshake 101 ok\nclose fin\n",
		   "request /chat\ntext 5 hello\nclose 2 1000\n", "close 2 1000\n");
}

/* TLS in it is seen by the server's hello, where the client's was lost, or what had asked for the tunnel. */
static void build_hello(struct wire *wire)
{
	static const char hello[] = "\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03"
				    "01234567890123456789012345678901"
				    "\x00\xc0\x2f";

	wire_send(wire, DIR_S2C, ws_span_of(hello, sizeof(hello)));
	wire_send(wire, DIR_C2S, ws_span_of("\x17\x03\x03\x00\x08records!", 13));
	wire_send(wire, DIR_S2C, ws_span_of("\x17\x03\x03\x00\x08records!", 13));
}

static void build_tunnel_with_tls(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n");
	wire_text(wire, DIR_S2C, "HTTP/1.1 200 OK\r\n\r\n");
	wire_lose(wire, DIR_C2S, 100);
	build_hello(wire);
}

static void build_lost_tunnel(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, "CONNECT a:443 HTTP/1.1\r\n");
	wire_lose(wire, DIR_C2S, 100);
	wire_text(wire, DIR_S2C, "HTTP/1.1 200 OK\r\n\r\n");
	build_hello(wire);
}

static uint64_t tls_in(void (*build)(struct wire *wire))
{
	struct limits limits = wire_limits();
	struct wire_log log;
	struct wire wire;
	uint64_t seen;

	wire_init(&wire, 0);
	wire_log_init(&log);
	build(&wire);
	assert_true(wire_play(&wire, &limits, &log));
	seen = log.stats.tls;
	wire_log_finish(&log);
	wire_finish(&wire);
	return seen;
}

static void test_tunnel_with_tls(void **state)
{
	(void)state;
	assert_int_equal(tls_in(build_tunnel_with_tls), 1);
	assert_int_equal(tls_in(build_lost_tunnel), 1);
}

static void build_tunnel_refused(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n");
	wire_text(wire, DIR_S2C, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 3\r\n\r\nno!");
	wire_text(wire, DIR_C2S, "CONNECT b:80 HTTP/1.1\r\nHost: b\r\n\r\n");
	wire_text(wire, DIR_S2C, "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
	wire_handshake(wire);
	wire_fin(wire);
}

static void test_tunnel_refused(void **state)
{
	(void)state;
	wire_gives(build_tunnel_refused, false,
		   "open\ntunnel a:443 407\ntunnel b:80 200\nhandshake 101 ok\nclose fin\n", "request /chat\n", "");
}

static void build_chunked(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S,
		  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		  "5;ext=\"1\"\r\nGET /\r\n1A\r\n HTTP/1.1\r\nHost: a\r\n\r\n12\r\n\r\n0\r\nTrailer: yes\r\n\r\n");
	wire_handshake(wire);
	FRAME(wire, DIR_C2S, 0x81, "hello");
	wire_goodbye(wire);
}

/* Within its content a request is not looked for, however it is cut. */
static void test_chunked(void **state)
{
	(void)state;
	wire_gives(build_chunked, true, "open\nhandshake 101 ok\nclose fin\n",
		   "request /chat\ntext 5 hello\nclose 2 1000\n", "close 2 1000\n");
}

static void build_pipelined(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S,
		  "GET / HTTP/1.1\r\nHost: a\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
		  "GET /b HTTP/1.1\r\nHost: a\r\n\r\nGET /c HTTP/1.1\r\nHost: a\r\n\r\n");
	wire_text(wire, DIR_C2S, wire_request);
	wire_text(wire, DIR_S2C,
		  "HTTP/1.1 103 Early Hints\r\n\r\n"
		  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n12\r\nHTTP/1.1 101 x\r\n\r\n\r\n0\r\n\r\n"
		  "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
		  "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"
		  "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno!");
	wire_text(wire, DIR_S2C, wire_answer);
	FRAME(wire, DIR_S2C, 0x81, "hello");
	wire_goodbye(wire);
}

/* The answer to the upgrade is the fifth. */
static void test_pipelined(void **state)
{
	(void)state;
	wire_gives(build_pipelined, false, "open\nhandshake 101 ok\nclose fin\n", "request /chat\nclose 2 1000\n",
		   "text 5 hello\nclose 2 1000\n");
}

static void build_pipelined_gap(struct wire *wire)
{
	wire_syn(wire);
	wire_text(wire, DIR_C2S, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	wire_text(wire, DIR_C2S, wire_request);
	wire_text(wire, DIR_S2C, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\na");
	wire_lose(wire, DIR_S2C, 3);
	wire_text(wire, DIR_S2C, "bc");
	wire_text(wire, DIR_S2C, wire_answer);
	FRAME(wire, DIR_S2C, 0x81, "hello");
	wire_goodbye(wire);
}

/* What is missing was content. */
static void test_pipelined_gap(void **state)
{
	(void)state;
	wire_gives(build_pipelined_gap, false, "open\nhandshake 101 ok\nclose fin\n", "request /chat\nclose 2 1000\n",
		   "text 5 hello\nclose 2 1000\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answer_of_another), cmocka_unit_test(test_page_with_an_answer),
	    cmocka_unit_test(test_after_pages),       cmocka_unit_test(test_through_a_proxy),
	    cmocka_unit_test(test_tunnel_with_tls),   cmocka_unit_test(test_tunnel_refused),
	    cmocka_unit_test(test_chunked),           cmocka_unit_test(test_pipelined),
	    cmocka_unit_test(test_pipelined_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
