#include "test.h"

#include "failmalloc.h"
#include "h2_wire.h"

enum {
	H2_OK_LEN = 10,
};

/* What is sent goes in DATA frames of these streams, each a tunnel in the one before. */
static uint8_t tunnels[2];
static size_t tunnel_count;

static void wrapped(struct wire *wire, enum dir dir, const char *data, size_t len, size_t depth)
{
	char frame[1024] = {0, (char)(len >> 8), (char)len};

	if (!depth) {
		wire_send(wire, dir, ws_span_of(data, len));
		return;
	}
	assert_true(len <= sizeof(frame) - 9);
	frame[8] = (char)tunnels[depth - 1];
	memcpy(frame + 9, data, len);
	wrapped(wire, dir, frame, 9 + len, depth - 1);
}

void h2w_bytes(struct wire *wire, enum dir dir, const char *data, size_t len)
{
	wrapped(wire, dir, data, len, tunnel_count);
}

void h2w_greet(struct wire *wire)
{
	H2W_BYTES(wire, DIR_S2C, "\0\0\x06\x04\0\0\0\0\0\x00\x08\x00\x00\x00\x01");
	H2W_BYTES(wire, DIR_C2S, H2_PREFACE "\0\0\0\x04\0\0\0\0\0");
}

void h2w_preface(struct wire *wire)
{
	wire_syn(wire);
	h2w_greet(wire);
}

void h2w_request(struct wire *wire, uint8_t stream)
{
	static const char block[] = LITERAL("\x07", ":method", "\x07", "CONNECT")
	    LITERAL("\x09", ":protocol", "\x09", "websocket") LITERAL("\x07", ":scheme", "\x04", "http")
		LITERAL("\x05", ":path", "\x05", "/chat") LITERAL("\x0a", ":authority", "\x01", "a") VERSION_FIELD;
	char frame[9 + sizeof(block) - 1] = {0, 0, (char)(sizeof(block) - 1), 1, 4, 0, 0, 0, (char)stream};

	memcpy(frame + 9, block, sizeof(block) - 1);
	h2w_bytes(wire, DIR_C2S, frame, sizeof(frame));
}

void h2w_answer(struct wire *wire, uint8_t stream)
{
	char frame[H2_OK_LEN] = {0, 0, 1, 1, 4, 0, 0, 0, (char)stream, (char)0x88};

	h2w_bytes(wire, DIR_S2C, frame, sizeof(frame));
}

void h2w_data(struct wire *wire, enum dir dir, uint8_t stream, uint8_t flags, const char *text)
{
	size_t len = strlen(text), mask = dir == DIR_C2S ? 4 : 0;
	char frame[9 + 6 + 100] = {0,
				   0,
				   (char)(2 + mask + len),
				   0,
				   (char)flags,
				   0,
				   0,
				   0,
				   (char)stream,
				   (char)0x81,
				   (char)(mask ? 0x80 | len : len)};

	memcpy(frame + 11 + mask, text, len);
	h2w_bytes(wire, dir, frame, 11 + mask + len);
}

void h2w_connect(struct wire *wire, uint8_t stream, bool agreed)
{
	static const char block[] =
	    LITERAL("\x07", ":method", "\x07", "CONNECT") LITERAL("\x0a", ":authority", "\x04", "b:80");
	char frame[9 + sizeof(block) - 1] = {0, 0, (char)(sizeof(block) - 1), 1, 4, 0, 0, 0, (char)stream};

	memcpy(frame + 9, block, sizeof(block) - 1);
	h2w_bytes(wire, DIR_C2S, frame, sizeof(frame));
	if (agreed)
		h2w_answer(wire, stream);
	else /* 404 */
		h2w_bytes(wire, DIR_S2C, (char[H2_OK_LEN]){0, 0, 1, 1, 5, 0, 0, 0, (char)stream, (char)0x8d},
			  H2_OK_LEN);
}

void h2w_carry(struct wire *wire, enum dir dir, uint8_t stream, const char *what)
{
	size_t len = strlen(what);
	char header[9] = {0, (char)(len >> 8), (char)len, 0, 0, 0, 0, 0, (char)stream};

	h2w_bytes(wire, dir, header, sizeof(header));
	h2w_bytes(wire, dir, what, len);
}

void h2w_enter(uint8_t stream)
{
	tunnels[tunnel_count++] = stream;
}

void h2w_leave(void)
{
	tunnel_count--;
}

void h2w_each_allocation(void (*build)(struct wire *wire))
{
	struct limits limits = wire_limits();
	struct wire wire;
	long n = 0;
	bool failed;

	wire_init(&wire, 40);
	build(&wire);
	do {
		struct wire_log log;

		wire_log_init(&log);
		failmalloc_after(n++);
		wire_play(&wire, &limits, &log);
		failed = failmalloc_failed();
		failmalloc_after(-1);
		assert_true(log.stats.messages <= 5);
		wire_log_finish(&log);
	} while (failed);
	assert_true(n > 20);
	wire_finish(&wire);
}
