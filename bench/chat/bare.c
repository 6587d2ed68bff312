/* The kernel alone: what a server costs that does nothing but send(), and so what no server that sends each message by
 * itself can do better than.
 *
 * It answers the handshake and the login of load.c, and no other client's: it believes that a request, and a frame,
 * come whole. What is said is framed once and sent to everybody, one send() each, from one buffer; no queue, no limit,
 * no history, no time-outs.
 *
 * Usage: bare PORT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws/frame.h"
#include "ws/handshake.h"
#include "ws/mask.h"

enum {
	EVENTS = 256,
	BACKLOG = 4096,
	RECEIVE = 16384,
};

static int *fds; /* of those who are in, by place; ids are descriptors */
static unsigned count, cap;
static int epoll;

static void fail(const char *what)
{
	fprintf(stderr, "bare: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int listen_at(const char *port)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, BACKLOG) < 0)
		fail(port);
	return fd;
}

static void watch(int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		fail("epoll_ctl");
}

/* Everybody who listens. */
static void enter(int fd)
{
	if (count == cap) {
		cap = cap ? cap * 2 : 1024;
		fds = reallocarray(fds, cap, sizeof(*fds));
		if (!fds)
			fail("memory");
	}
	fds[count++] = fd;
}

static size_t build(char *out, size_t size, const char *json, size_t len)
{
	struct ws_frame frame = {.fin = true, .opcode = WS_TEXT, .payload_len = len};
	size_t head = ws_frame_write(&frame, (uint8_t *)out);

	memcpy(out + head, json, len < size - head ? len : size - head);
	return head + len;
}

static void answer_login(int fd)
{
	static const char welcome[] = "{\"type\":\"login\",\"client_list\":{}}";
	char out[sizeof(welcome) + WS_FRAME_HEADER_MAX];

	send(fd, out, build(out, sizeof(out), welcome, sizeof(welcome) - 1), MSG_NOSIGNAL);
	enter(fd);
}

static void say(int from, const char *content, size_t len)
{
	char json[RECEIVE + 512], out[sizeof(json) + WS_FRAME_HEADER_MAX];
	int json_len = snprintf(json, sizeof(json),
				"{\"type\":\"say\",\"from_client_id\":\"%020x\",\"from_client_name\":\"u0\","
				"\"to_client_id\":\"all\",\"content\":\"%.*s\",\"time\":\"2026-01-01 00:00:00\"}",
				(unsigned)from, (int)len, content);
	size_t out_len = build(out, sizeof(out), json, (size_t)json_len);

	for (unsigned i = 0; i < count; i++)
		send(fds[i], out, out_len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void take_text(int fd, const char *text, size_t len)
{
	static const char mark[] = "\"content\":\"";
	const char *content = memmem(text, len, mark, sizeof(mark) - 1);

	if (!content) {
		answer_login(fd);
		return;
	}
	content += sizeof(mark) - 1;
	say(fd, content, (size_t)(text + len - 2 - content));
}

static void take_frames(int fd, uint8_t *bytes, size_t len)
{
	struct ws_frame frame;
	size_t head;

	while ((head = ws_frame_parse(ws_span_of(bytes, len), &frame)) && frame.payload_len <= len - head) {
		ws_mask(bytes + head, bytes + head, frame.payload_len, frame.mask, 0);
		if (frame.opcode == WS_TEXT)
			take_text(fd, (const char *)bytes + head, frame.payload_len);
		bytes += head + frame.payload_len;
		len -= head + frame.payload_len;
	}
}

static void shake_hands(int fd, const struct ws_http_head *request)
{
	struct ws_response response = {.key = ws_http_field(request, "Sec-WebSocket-Key")};
	struct ws_buf out;

	ws_buf_init(&out, RECEIVE);
	if (ws_response_write(&response, &out) == 0)
		send(fd, out.data, out.len, MSG_NOSIGNAL);
	ws_buf_finish(&out);
}

static void take(int fd)
{
	static uint8_t bytes[RECEIVE];
	ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
	struct ws_http_head head;

	if (got <= 0) {
		close(fd);
		return;
	}
	/* A masked frame's first byte is no letter. */
	if (bytes[0] == 'G' && ws_http_head_parse(ws_span_of(bytes, (size_t)got), &head) > 0)
		shake_hands(fd, &head);
	else
		take_frames(fd, bytes, (size_t)got);
}

static void take_in(int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
		watch(fd);
	}
}

int main(int argc, char **argv)
{
	static struct epoll_event ready[EVENTS];
	struct rlimit files;
	int listener;

	if (argc != 2)
		return 2;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	listener = listen_at(argv[1]);
	watch(listener);
	for (;;) {
		int got = epoll_wait(epoll, ready, EVENTS, -1);

		for (int i = 0; i < got; i++) {
			if (ready[i].data.fd == listener)
				take_in(listener);
			else
				take(ready[i].data.fd);
		}
	}
}
