/* Heads that are like one before: what is kept says of each what reading and judging it does.
 *
 * The input is a list of steps, of four bytes each: what to do, where (two), and a byte. Each changes the request or
 * the answer a little, which is then looked for among those that are kept, and kept where it is without fault. */
#include "ws/handshake.h"
#include "wscap/alike.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	TEXT_MAX = 2 * ALIKE_LEN,
};

/* Bits of a step's first byte. */
enum {
	FROM_SERVER = 1 << 0,
	INSERT = 1 << 1, /* the byte, where it would take another's place else */
	CUT = 1 << 2,    /* the byte that stands there */
	BACK = 1 << 3,   /* afterwards all is as it was */
	LEAVE = 1 << 4,  /* nothing changes */
};

static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct text {
	size_t len;
	uint8_t bytes[TEXT_MAX];
};

static void check(bool good)
{
	if (!good)
		abort();
}

static void check_same(struct ws_span a, struct ws_span b)
{
	check(a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0));
}

static bool is_good(enum dir dir, const struct ws_http_head *head)
{
	if (dir == DIR_C2S)
		return !head->is_response && ws_handshake_judge_request(head, WS_RULE_NONE) == WS_RULE_NONE;
	return head->is_response && head->status == 101 &&
	       ws_handshake_judge_response(NULL, head, WS_RULE_NONE) == WS_RULE_NONE;
}

static void check_like(enum dir dir, const struct ws_http_head *kept, const struct ws_http_head *read)
{
	check(is_good(dir, read));
	check_same(kept->all, read->all);
	check_same(kept->method, read->method);
	check_same(kept->target, read->target);
	check_same(kept->reason, read->reason);
	check(kept->is_response == read->is_response && kept->status == read->status);
	check(kept->version_major == read->version_major && kept->version_minor == read->version_minor);
	check(kept->field_count == read->field_count);
	for (size_t i = 0; i < read->field_count; i++) {
		check_same(kept->fields[i].name, read->fields[i].name);
		check_same(kept->fields[i].value, read->fields[i].value);
	}
}

static void look(struct alike *alike, enum dir dir, struct ws_span in)
{
	static const char *const names[2] = {"Sec-WebSocket-Key", "Sec-WebSocket-Accept"};
	static struct ws_http_head head;
	const struct alike_head *like = alike_find(alike, dir, in);
	bool whole = in.len && ws_http_head_parse(in, &head) == (long)in.len;

	if (like) {
		check(whole);
		check_like(dir, &like->head, &head);
		check_same(alike_value(like, dir), ws_http_field(&head, names[dir]));
	} else if (whole && is_good(dir, &head)) {
		like = alike_keep(alike, dir, &head, ws_http_field(&head, names[dir]));
		if (like)
			check(alike_find(alike, dir, in) == like);
	}
}

static void change(struct text *text, unsigned what, size_t at, uint8_t byte)
{
	if (what & LEAVE || !text->len)
		return;
	at %= text->len;
	if (what & CUT) {
		memmove(text->bytes + at, text->bytes + at + 1, --text->len - at);
	} else if (what & INSERT && text->len < TEXT_MAX) {
		memmove(text->bytes + at + 1, text->bytes + at, text->len++ - at);
		text->bytes[at] = byte;
	} else {
		text->bytes[at] = byte;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text texts[2] = {{.len = sizeof(request) - 1}, {.len = sizeof(answer) - 1}}, was;
	struct ws_cursor steps = ws_cursor_of(ws_span_of(data, size));
	struct alike *alike = alike_create();
	uint8_t what, byte;
	uint16_t at;

	if (!alike)
		return 0;
	memcpy(texts[DIR_C2S].bytes, request, sizeof(request) - 1);
	memcpy(texts[DIR_S2C].bytes, answer, sizeof(answer) - 1);
	while (ws_take_u8(&steps, &what) && ws_take_u16(&steps, &at) && ws_take_u8(&steps, &byte)) {
		enum dir dir = what & FROM_SERVER ? DIR_S2C : DIR_C2S;
		struct text *text = &texts[dir];

		was = *text;
		change(text, what, at, byte);
		look(alike, dir, ws_span_of(text->bytes, text->len));
		if (what & BACK)
			*text = was;
	}
	alike_destroy(alike);
	return 0;
}
