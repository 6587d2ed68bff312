/* Usage: converse ADDRESS PORT [PAUSE]
 *
 * The document's conversation, had with a real server by two real clients that speak its dialect (A): a first user is
 * there, mynick logs in, and says hi to all. Each step waits until everybody has been told of the one before, and PAUSE
 * milliseconds, so that who watches can read along. Prints every message as it is sent and received; fails when one
 * does not come. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "ws/close.h"
#include "ws/frame.h"
#include "ws/handshake.h"
#include "ws/mask.h"
#include "ws/message.h"

enum {
	ANSWER_MAX = 16 << 10, /* bytes of the server's head */
	MESSAGE_MAX = 1 << 20,
	PATIENCE = 10, /* seconds for each thing that is awaited */
};

struct talker {
	const char *name;
	int fd;
	struct ws_decoder *decoder;
	struct ws_buf scratch;
	struct ws_buf received;
	size_t used; /* bytes of it that were decoded */
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "converse: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static void show(const struct talker *talker, const char *arrow, struct ws_span text)
{
	printf("%s %s %.*s\n", talker->name, arrow, (int)text.len, (const char *)text.data);
	fflush(stdout);
}

static void send_all(const struct talker *talker, struct ws_span bytes)
{
	if (send(talker->fd, bytes.data, bytes.len, MSG_NOSIGNAL) != (ssize_t)bytes.len)
		fail(talker->name, strerror(errno));
}

static void receive(struct talker *talker)
{
	uint8_t bytes[4096];
	ssize_t got = recv(talker->fd, bytes, sizeof(bytes), 0);

	if (got <= 0)
		fail(talker->name, got < 0 ? strerror(errno) : "the server closed the connection");
	if (ws_buf_append(&talker->received, ws_span_of(bytes, (size_t)got)) < 0)
		fail(talker->name, "too much was received");
}

/* A masked frame in one send, as a browser does it. */
static void send_frame(const struct talker *talker, enum ws_opcode opcode, struct ws_span payload)
{
	struct ws_frame frame = {.fin = true, .masked = true, .opcode = (uint8_t)opcode, .payload_len = payload.len};
	uint8_t bytes[WS_FRAME_HEADER_MAX + 1024];
	size_t len;

	if (payload.len > sizeof(bytes) - WS_FRAME_HEADER_MAX)
		fail(talker->name, "too long to be said");
	if (getrandom(frame.mask, sizeof(frame.mask), 0) != sizeof(frame.mask))
		fail("getrandom", strerror(errno));
	len = ws_frame_write(&frame, bytes);
	ws_mask(bytes + len, payload.data, payload.len, frame.mask, 0);
	send_all(talker, ws_span_of(bytes, len + payload.len));
}

static void send_text(const struct talker *talker, const char *text)
{
	show(talker, "→", ws_span_str(text));
	send_frame(talker, WS_TEXT, ws_span_str(text));
}

/* The next item of the server's, off what was received or is still to come. It lives until the next call. */
static struct ws_item next_item(struct talker *talker)
{
	for (;;) {
		struct ws_cursor in = ws_cursor_of(ws_span_from(ws_buf_span(&talker->received), talker->used));
		struct ws_item item;
		enum ws_step step = ws_decoder_next(talker->decoder, &in, &item);

		talker->used = talker->received.len - ws_cursor_left(&in);
		if (step == WS_STEP_MEMORY || (step == WS_STEP_ITEM && item.kind == WS_ITEM_VIOLATION))
			fail(talker->name, "the server's answer cannot be read");
		if (step == WS_STEP_ITEM)
			return item;
		ws_buf_clear(&talker->received);
		talker->used = 0;
		receive(talker);
	}
}

/* Reads until a message of this type has come. */
static void await(struct talker *talker, const char *type)
{
	char wanted[64];
	int len = snprintf(wanted, sizeof(wanted), "\"type\":\"%s\"", type);
	struct ws_item item;

	do {
		item = next_item(talker);
		if (item.kind == WS_ITEM_CONTROL && item.opcode == WS_CLOSE)
			fail(talker->name, ws_close_code_text(item.close_code));
		if (item.kind == WS_ITEM_MESSAGE)
			show(talker, "←", item.payload);
	} while (item.kind != WS_ITEM_MESSAGE || !memmem(item.payload.data, item.payload.len, wanted, (size_t)len));
}

static int connect_to(const char *address, const char *port)
{
	const struct timeval patience = {.tv_sec = PATIENCE};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		fail(address, "is no IPv4 address");
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		fail(address, strerror(errno));
	return fd;
}

static void write_request(const char *address, const char *port, struct ws_buf *out)
{
	unsigned char nonce[16], key[WS_KEY_LEN + 1];
	char host[128];

	if (getrandom(nonce, sizeof(nonce), 0) != sizeof(nonce))
		fail("getrandom", strerror(errno));
	EVP_EncodeBlock(key, nonce, sizeof(nonce));
	snprintf(host, sizeof(host), "%s:%s", address, port);
	if (ws_request_write(&(struct ws_request){.target = ws_span_str("/"),
						  .host = ws_span_str(host),
						  .key = ws_span_of(key, WS_KEY_LEN),
						  .extra = ws_span_str("User-Agent: converse/" VERSION "\r\n")},
			     out) < 0)
		fail(host, "out of memory");
}

/* The opening handshake: RFC 6455, section 4.1. */
static void open_talker(struct talker *talker, const char *name, const char *address, const char *port)
{
	struct ws_http_head request, response;
	struct ws_buf asked;
	long len;

	*talker = (struct talker){.name = name, .fd = connect_to(address, port)};
	ws_buf_init(&asked, ANSWER_MAX);
	ws_buf_init(&talker->scratch, MESSAGE_MAX);
	ws_buf_init(&talker->received, MESSAGE_MAX);
	write_request(address, port, &asked);
	send_all(talker, ws_buf_span(&asked));
	do
		receive(talker);
	while ((len = ws_http_head_parse(ws_buf_span(&talker->received), &response)) == 0);
	if (len < 0 || ws_http_head_parse(ws_buf_span(&asked), &request) <= 0 ||
	    ws_handshake_judge_response(&request, &response, WS_RULE_NONE) != WS_RULE_NONE)
		fail(address, "no WebSocket was opened");
	talker->used = (size_t)len;
	talker->decoder = ws_decoder_create(&(struct ws_decoder_config){.scratch = &talker->scratch});
	if (!talker->decoder)
		fail(address, "out of memory");
	ws_buf_finish(&asked);
}

/* The closing handshake: section 7.1.2. The server closes the connection first. */
static void close_talker(struct talker *talker)
{
	static const uint8_t normal[] = {WS_CLOSE_NORMAL >> 8, WS_CLOSE_NORMAL & 0xff};
	struct ws_item item;

	send_frame(talker, WS_CLOSE, ws_span_of(normal, sizeof(normal)));
	do
		item = next_item(talker);
	while (item.kind != WS_ITEM_CONTROL || item.opcode != WS_CLOSE);
	close(talker->fd);
	ws_decoder_destroy(talker->decoder);
	ws_buf_finish(&talker->scratch);
	ws_buf_finish(&talker->received);
}

int main(int argc, char **argv)
{
	long pause = argc > 3 ? atol(argv[3]) : 0;
	const struct timespec moment = {.tv_sec = pause / 1000, .tv_nsec = pause % 1000 * 1000000};
	struct talker first, second;

	if (argc < 3) {
		fprintf(stderr, "Usage: converse ADDRESS PORT [PAUSE]\n");
		return 2;
	}
	open_talker(&first, "猪猪", argv[1], argv[2]);
	send_text(&first, "{\"type\":\"login\",\"name\":\"猪猪\"}");
	await(&first, "login");
	nanosleep(&moment, NULL);

	open_talker(&second, "mynick", argv[1], argv[2]);
	nanosleep(&moment, NULL);
	send_text(&second, "{\"type\":\"login\",\"name\":\"mynick\"}");
	await(&second, "login");
	await(&first, "login");
	nanosleep(&moment, NULL);

	send_text(&second, "{\"type\":\"say\",\"to_uid\":\"all\",\"content\":\"hi,  all !\"}");
	await(&second, "say");
	await(&first, "say");
	nanosleep(&moment, NULL);

	close_talker(&second);
	await(&first, "logout");
	close_talker(&first);
	return EXIT_SUCCESS;
}
