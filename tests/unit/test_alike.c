/* Heads that are like one before: what is kept says of the next one what reading it would. And conversations with and
 * without what is kept are told the same. */
#include "test.h"

#include "wire.h"

#include "wscap/alike.h"

#include <stdio.h>

enum {
	ROUNDS = 60,
	LANES = 6,  /* connections at once */
	TURNS = 30, /* …one after another in each */
	HEAD_MAX = 2048,
};

static bool with;
static unsigned found;

struct alike_head *__real_alike_find(struct alike *alike, enum dir dir, struct ws_span in);
struct alike_head *__wrap_alike_find(struct alike *alike, enum dir dir, struct ws_span in);

struct alike_head *__wrap_alike_find(struct alike *alike, enum dir dir, struct ws_span in)
{
	struct alike_head *like = with ? __real_alike_find(alike, dir, in) : NULL;

	found += !!like;
	return like;
}

/* xorshift64*: the same numbers everywhere. */
static uint64_t random_state = 0x2545f4914f6cdd1d;

static uint32_t below(uint32_t limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1d) >> 33) % limit;
}

static void draw_key(char key[WS_KEY_LEN + 1])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < WS_KEY_LEN - 2; i++)
		key[i] = digits[below(64)];
	strcpy(key + WS_KEY_LEN - 2, "==");
}

static void put_span(struct out *out, struct ws_span span)
{
	out_printf(out, "%zu:", span.len);
	if (span.len)
		out_bytes(out, span.data, span.len);
}

static void put_head(struct out *out, const struct ws_http_head *head)
{
	if (!head) {
		out_lit(out, " none");
		return;
	}
	out_printf(out, " %d %u.%u %u ", head->is_response, head->version_major, head->version_minor, head->status);
	put_span(out, head->all);
	put_span(out, head->method);
	put_span(out, head->target);
	put_span(out, head->reason);
	for (size_t i = 0; i < head->field_count; i++) {
		put_span(out, head->fields[i].name);
		put_span(out, head->fields[i].value);
	}
	put_span(out, ws_http_field(head, "sec-websocket-key"));
	put_span(out, ws_http_field(head, "Sec-WebSocket-Accept"));
	put_span(out, ws_http_field(head, "X"));
}

static void on_event(void *context, const struct event *event)
{
	struct out *out = context;

	out_printf(out, "\n%llu #%llu %d %d", (unsigned long long)event->packet,
		   (unsigned long long)conn_number(event->conn), event->kind, event->dir);
	if (event->kind == EVENT_REQUEST || event->kind == EVENT_HANDSHAKE) {
		const struct ws_deflate_params *deflate = &event->as.handshake.deflate;

		put_head(out, event->as.handshake.request);
		put_head(out, event->as.handshake.response);
		out_printf(out, " %d %d took %lld %lld-%lld %lld-%lld", event->as.handshake.accept_known,
			   event->as.handshake.accept_ok, (long long)event->as.handshake.took,
			   (long long)event->as.handshake.request_begin, (long long)event->as.handshake.request_end,
			   (long long)event->as.handshake.response_begin, (long long)event->as.handshake.response_end);
		out_printf(out, " %d %d %d %d %d", deflate->enabled, deflate->server_no_context_takeover,
			   deflate->client_no_context_takeover, deflate->server_max_window_bits,
			   deflate->client_max_window_bits);
	} else if (event->kind == EVENT_VIOLATION) {
		out_str(out, event->as.violation.info->id);
	} else if (event->kind == EVENT_MESSAGE || event->kind == EVENT_CONTROL) {
		put_span(out, event->as.item.payload);
		out_printf(out, " %d", event->as.item.compressed);
	} else if (event->kind == EVENT_GAP) {
		out_printf(out, "%llu", (unsigned long long)event->as.gap.len);
	}
}

/* A client of some kind, and what its server says. */
struct lane {
	uint16_t port;
	uint32_t seq[2];
	unsigned step;
	char key[WS_KEY_LEN + 1];
	bool deflate;
};

static size_t make_request(struct lane *lane, char *text)
{
	static const char *const agents[] = {"one", "two", "three", "four", "a longer one", "x/1", "x/2", "y/12345678"};
	static const char *const more[] = {"", "", "", "Sec-WebSocket-Protocol: chat, soap\r\n",
					   "Cookie: a=b\r\nX: y\r\n"};

	draw_key(lane->key);
	lane->deflate = below(3) == 0;
	return (size_t)snprintf(
	    text, HEAD_MAX,
	    "GET /%s HTTP/1.1\r\nHost: h\r\nUser-Agent: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: %s\r\n%s%s\r\n",
	    below(40) ? "" : "other", agents[below(8)], lane->key, below(40) ? "13" : "12", more[below(5)],
	    lane->deflate ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
}

static size_t make_answer(struct lane *lane, char *text)
{
	static const char *const extensions[] = {"permessage-deflate", "permessage-deflate; server_no_context_takeover",
						 "permessage-deflate; bad", "x-other"};
	char accept[WS_ACCEPT_LEN + 1];
	size_t len;

	if (below(30) == 0)
		return (size_t)snprintf(text, HEAD_MAX, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
	if (below(20) == 0)
		draw_key(lane->key); /* another's */
	ws_accept_value(ws_span_str(lane->key), accept);
	len = (size_t)snprintf(text, HEAD_MAX,
			       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			       "Sec-WebSocket-Accept: %s\r\n",
			       accept);
	if (below(5) ? lane->deflate : below(2))
		len += (size_t)snprintf(text + len, HEAD_MAX - len, "Sec-WebSocket-Extensions: %s\r\n",
					extensions[below(3) ? 0 : below(4)]);
	if (below(4) == 0)
		len += (size_t)snprintf(text + len, HEAD_MAX - len, "Sec-WebSocket-Protocol: %s\r\n",
					below(2) ? "chat" : "x");
	return len + (size_t)snprintf(text + len, HEAD_MAX - len, "\r\n");
}

/* Whole, or in pieces, or with a byte that is another, or with something behind it. */
static void send_head(struct wire *wire, enum dir dir, char *text, size_t len)
{
	if (below(12) == 0)
		text[below((uint32_t)len)] = "\r\n\0 :=A,\t\x80"[below(10)];
	if (below(12) == 0)
		text[len++] = (char)below(256);
	wire->segment = below(6) ? 0 : 1 + below((uint32_t)len);
	wire_send(wire, dir, ws_span_of(text, len));
	wire->segment = 0;
}

static void take_step(struct wire *wire, struct lane *lane)
{
	char text[HEAD_MAX];

	wire->ports[DIR_C2S] = lane->port;
	memcpy(wire->seq, lane->seq, sizeof(lane->seq));
	switch (lane->step++ % 6) {
	case 0:
		wire_syn(wire);
		break;
	case 1:
		send_head(wire, DIR_C2S, text, make_request(lane, text));
		break;
	case 2:
		send_head(wire, DIR_S2C, text, make_answer(lane, text));
		break;
	case 3:
		FRAME(wire, DIR_S2C, 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00");
		break;
	case 4:
		FRAME(wire, DIR_C2S, 0x81, "hello");
		break;
	default:
		wire_fin(wire);
		lane->port = (uint16_t)(lane->port + LANES);
	}
	memcpy(lane->seq, wire->seq, sizeof(lane->seq));
}

static void make_talks(struct wire *wire)
{
	struct lane lanes[LANES];

	for (unsigned i = 0; i < LANES; i++)
		lanes[i] = (struct lane){.port = (uint16_t)(10000 + i)};
	for (unsigned i = 0; i < LANES * TURNS * 6; i++)
		take_step(wire, &lanes[below(LANES)]);
}

static void play(const struct wire *wire, bool with_kept, struct out *log)
{
	struct decode_sink sink = {.event = on_event, .context = log};
	struct limits limits = wire_limits();
	struct decode *decode = decode_create(&limits, DECODE_ALL, &sink);

	assert_non_null(decode);
	assert_int_equal(out_init(log, -1), 0);
	with = with_kept;
	wire_feed(wire, decode);
	decode_flush(decode);
	decode_destroy(decode);
}

static void test_same(void **state)
{
	(void)state;
	found = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct out kept, plain;
		struct wire wire;

		wire_init(&wire, 0);
		make_talks(&wire);
		play(&wire, true, &kept);
		play(&wire, false, &plain);
		assert_int_equal(kept.len, plain.len);
		assert_memory_equal(kept.text, plain.text, plain.len);
		out_finish(&kept);
		out_finish(&plain);
		wire_finish(&wire);
	}
	assert_true(found > ROUNDS * LANES * TURNS / 2); /* it was worth looking */
}

static struct alike_head *keep(struct alike *alike, enum dir dir, const char *text, const char *name)
{
	static struct ws_http_head head;

	assert_int_equal(ws_http_head_parse(ws_span_str(text), &head), strlen(text));
	return alike_keep(alike, dir, &head, ws_http_field(&head, name));
}

static void assert_reads_the_same(const struct alike_head *like, struct ws_span in)
{
	static struct ws_http_head head;
	struct out kept, read;

	assert_int_equal(ws_http_head_parse(in, &head), in.len);
	assert_int_equal(out_init(&kept, -1), 0);
	assert_int_equal(out_init(&read, -1), 0);
	put_head(&kept, &like->head);
	put_head(&read, &head);
	assert_int_equal(kept.len, read.len);
	assert_memory_equal(kept.text, read.text, read.len);
	out_finish(&kept);
	out_finish(&read);
}

/* Each byte of it becomes each other one. */
static void change_each_byte(const char *text, enum dir dir, const char *name, const char *value, size_t value_len)
{
	struct alike *alike = alike_create();
	size_t len = strlen(text), hole = (size_t)(strstr(text, value) - text);
	unsigned same = 0, other = 0;

	assert_non_null(alike);
	with = true;
	assert_null(keep(alike, dir, text, name)); /* for the first time */
	assert_null(alike_find(alike, dir, ws_span_str(text)));
	assert_non_null(keep(alike, dir, text, name));
	for (size_t i = 0; i < len; i++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			uint8_t changed[HEAD_MAX];
			struct ws_span in = ws_span_of(changed, len);
			const struct alike_head *like;

			memcpy(changed, text, len);
			changed[i] = (uint8_t)byte;
			like = alike_find(alike, dir, in);
			if (like) {
				assert_reads_the_same(like, in);
				assert_memory_equal(alike_value(like, dir).data, changed + hole, value_len);
				same++;
			} else {
				assert_int_not_equal(byte, (uint8_t)text[i]);
				other++;
			}
		}
	}
	/* As it is, at each place; and with each other digit where the value has one. */
	assert_int_equal(same, len + (value_len - (dir == DIR_C2S ? 2 : 1)) * 63);
	assert_int_equal(same + other, len * 256);
	alike_destroy(alike);
}

static void test_each_byte(void **state)
{
	(void)state;
	change_each_byte(wire_request_deflate, DIR_C2S, "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", WS_KEY_LEN);
	change_each_byte(wire_answer, DIR_S2C, "Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WS_ACCEPT_LEN);
}

static void test_lengths(void **state)
{
	struct alike *alike = alike_create();
	size_t len = strlen(wire_request);
	char text[HEAD_MAX];

	(void)state;
	assert_non_null(alike);
	with = true;
	keep(alike, DIR_C2S, wire_request, "Sec-WebSocket-Key");
	assert_non_null(keep(alike, DIR_C2S, wire_request, "Sec-WebSocket-Key"));
	strcpy(text, wire_request);
	strcat(text, "more");
	assert_null(alike_find(alike, DIR_C2S, ws_span_str(text)));
	assert_null(alike_find(alike, DIR_C2S, ws_span_of(text, len - 1)));
	assert_null(alike_find(alike, DIR_C2S, ws_span_of(text, 0)));
	assert_null(alike_find(alike, DIR_S2C, ws_span_of(text, len)));
	assert_non_null(alike_find(alike, DIR_C2S, ws_span_of(text, len)));
	/* A long one is not kept; one that just fits is. */
	for (size_t longer = 0; longer < 2; longer++) {
		size_t fill = ALIKE_LEN - len - strlen("X: \r\n") + longer;

		snprintf(text, sizeof(text), "%.*sX: %0*d\r\n\r\n", (int)len - 2, wire_request, (int)fill, 0);
		assert_int_equal(strlen(text), ALIKE_LEN + longer);
		keep(alike, DIR_C2S, text, "Sec-WebSocket-Key");
		assert_int_equal(!keep(alike, DIR_C2S, text, "Sec-WebSocket-Key"), longer);
		assert_int_equal(!alike_find(alike, DIR_C2S, ws_span_str(text)), longer);
	}
	alike_destroy(alike);
}

/* Others take its place, and another's stamp is not its own. */
static void test_again(void **state)
{
	struct alike *alike = alike_create();
	struct ws_span request = ws_span_str(wire_request);
	struct alike_head *like;
	uint64_t stamp;
	char text[HEAD_MAX], other[HEAD_MAX];

	(void)state;
	assert_non_null(alike);
	with = true;
	keep(alike, DIR_C2S, wire_request, "Sec-WebSocket-Key");
	like = keep(alike, DIR_C2S, wire_request, "Sec-WebSocket-Key");
	stamp = like->stamp;
	strcpy(other, wire_request);
	memcpy(strstr(other, "dGhl"), "AAAA", 4);
	assert_ptr_equal(alike_find(alike, DIR_C2S, ws_span_str(other)), like);
	assert_memory_equal(alike_value(like, DIR_C2S).data, "AAAA", 4);
	assert_ptr_equal(alike_again(like, stamp, request), like);
	assert_reads_the_same(like, request);
	assert_null(alike_again(NULL, stamp, request));
	for (unsigned i = 0; i < ALIKE_WAYS; i++) {
		strcpy(text, wire_request);
		*strstr(text, "server") = (char)('a' + i);
		keep(alike, DIR_C2S, text, "Sec-WebSocket-Key");
		assert_non_null(keep(alike, DIR_C2S, text, "Sec-WebSocket-Key"));
	}
	assert_null(alike_again(like, stamp, request));
	assert_null(alike_find(alike, DIR_C2S, request));
	alike_destroy(alike);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same),
	    cmocka_unit_test(test_each_byte),
	    cmocka_unit_test(test_lengths),
	    cmocka_unit_test(test_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
