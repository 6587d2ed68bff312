#include "crowd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ws/frame.h"
#include "ws/mask.h"

enum {
	EVENTS = 1024,
	CONNECTS_AT_ONCE = 256,
	PER_ADDRESS = 20000, /* connections from one address: its range of ports holds only 28,000 */
	COME_SECONDS = 300,
	DEFLATE_BITS = 15,
};

int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

void crowd_init(struct crowd *crowd)
{
	crowd->peers = calloc(crowd->clients, sizeof(*crowd->peers));
	crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
	ws_buf_init(&crowd->inflated, CROWD_INFLATED_MAX);
	if (crowd->compress)
		crowd->inflate = ws_inflate_create(DEFLATE_BITS);
	if (!crowd->peers || crowd->epoll < 0 || (crowd->compress && !crowd->inflate))
		die("setting up");
}

static void forget_held(struct peer *peer)
{
	free(peer->held);
	peer->held = NULL;
	peer->held_len = peer->held_cap = 0;
}

static void leave(struct crowd *crowd, struct peer *peer)
{
	if (peer->stage == GONE)
		return;
	close(peer->fd);
	forget_held(peer);
	crowd->inside -= peer->stage == INSIDE;
	crowd->gone++;
	peer->stage = GONE;
}

static void start_one(struct crowd *crowd)
{
	struct sockaddr_in from = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK + crowd->started / PER_ADDRESS)};
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)crowd->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct peer *peer = &crowd->peers[crowd->started++];
	struct epoll_event event = {.events = EPOLLOUT, .data.ptr = peer};

	*peer = (struct peer){.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
	if (peer->fd < 0)
		die("socket");
	setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	setsockopt(peer->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int));
	if (bind(peer->fd, (struct sockaddr *)&from, sizeof(from)) < 0)
		die("bind");
	if (connect(peer->fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS)
		die("connect");
	if (epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, peer->fd, &event) < 0)
		die("epoll_ctl");
}

/* Small, and the socket's buffer is empty but for the like of it: a short write means that the server reads no more. */
static void send_whole(struct crowd *crowd, struct peer *peer, const void *data, size_t len)
{
	if (send(peer->fd, data, len, MSG_NOSIGNAL) != (ssize_t)len)
		leave(crowd, peer);
}

static void send_frame(struct crowd *crowd, struct peer *peer, uint8_t opcode, const void *payload, size_t len)
{
	static const uint8_t key[4] = {0x12, 0x34, 0x56, 0x78};
	static uint8_t out[CROWD_TEXT_MAX + WS_FRAME_HEADER_MAX];
	struct ws_frame frame = {.fin = true, .masked = true, .opcode = opcode, .payload_len = len};
	size_t head;

	if (peer->stage == GONE)
		return;
	memcpy(frame.mask, key, sizeof(key));
	head = ws_frame_write(&frame, out);
	ws_mask(out + head, payload, len, key, 0);
	send_whole(crowd, peer, out, head + len);
}

void crowd_say(struct crowd *crowd, unsigned peer, const char *text, size_t len)
{
	send_frame(crowd, &crowd->peers[peer], WS_TEXT, text, len);
}

static void open_websocket(struct crowd *crowd, struct peer *peer)
{
	static const char extension[] =
	    "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover\r\n";
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
	char request[512];
	int error = 0, request_len;
	socklen_t len = sizeof(error);

	if (getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error) {
		errno = error;
		die("connect");
	}
	epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, peer->fd, &event);
	crowd->connected++;
	peer->stage = OPENING;
	request_len = snprintf(request, sizeof(request),
			       "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
			       crowd->compress ? extension : "");
	send_whole(crowd, peer, request, (size_t)request_len);
}

static void opened(struct crowd *crowd, struct peer *peer)
{
	unsigned number = (unsigned)(peer - crowd->peers);
	char text[128];
	int len = snprintf(text, sizeof(text), "{\"type\":\"login\",\"client_name\":\"u%u\",\"room_id\":\"bench%u\"}",
			   number, crowd->room_size ? number / crowd->room_size : 0);

	peer->stage = crowd->log_in ? ENTERING : INSIDE;
	crowd->inside += !crowd->log_in;
	if (crowd->log_in)
		crowd_say(crowd, number, text, (size_t)len);
}

/* The welcome is the first that has a list of who is there. */
static void hear(struct crowd *crowd, struct peer *peer, struct ws_span text)
{
	static const char list[] = "\"client_list\"";

	if (peer->stage == INSIDE)
		crowd->hear(crowd, (unsigned)(peer - crowd->peers), text);
	else if (memmem(text.data, text.len, list, sizeof(list) - 1)) {
		peer->stage = INSIDE;
		crowd->inside++;
	}
}

static void take_frame(struct crowd *crowd, struct peer *peer, const struct ws_frame *frame, struct ws_span payload)
{
	if (frame->opcode == WS_CLOSE)
		leave(crowd, peer);
	if (frame->opcode == WS_PING)
		send_frame(crowd, peer, WS_PONG, payload.data, payload.len);
	if (frame->opcode != WS_TEXT)
		return;
	if (!(frame->rsv & WS_RSV1)) {
		hear(crowd, peer, payload);
		return;
	}
	ws_buf_clear(&crowd->inflated);
	ws_inflate_reset(crowd->inflate);
	if (ws_inflate_feed(crowd->inflate, payload, true, &crowd->inflated) == WS_INFLATE_DONE)
		hear(crowd, peer, ws_buf_span(&crowd->inflated));
	else
		leave(crowd, peer);
}

/* The answer's head. Returns its bytes; 0 when it is not whole, or refused. */
static size_t take_answer(struct crowd *crowd, struct peer *peer, const uint8_t *data, size_t len)
{
	const uint8_t *end = memmem(data, len, "\r\n\r\n", 4);

	if (!end)
		return 0;
	if (len < 12 || memcmp(data + 9, "101", 3) != 0) {
		fprintf(stderr, "load: refused: %.*s\n", (int)(len < 60 ? len : 60), (const char *)data);
		leave(crowd, peer);
		return 0;
	}
	opened(crowd, peer);
	return (size_t)(end - data) + 4;
}

/* As many whole heads and frames as there are. Returns the bytes that they took. */
static size_t take(struct crowd *crowd, struct peer *peer, const uint8_t *data, size_t len)
{
	size_t at = 0;

	if (peer->stage == OPENING)
		at = take_answer(crowd, peer, data, len);
	while ((peer->stage == ENTERING || peer->stage == INSIDE) && at < len) {
		struct ws_frame frame;
		size_t head = ws_frame_parse(ws_span_of(data + at, len - at), &frame);

		if (!head || len - at - head < frame.payload_len)
			break;
		take_frame(crowd, peer, &frame, ws_span_of(data + at + head, frame.payload_len));
		at += head + frame.payload_len;
	}
	return at;
}

/* The list of a full room is long: memory doubles with what has come, and is given back when the frame was whole. */
static void hold(struct peer *peer, const uint8_t *data, size_t len)
{
	size_t cap = peer->held_cap ? peer->held_cap : 256;

	while (cap < peer->held_len + len)
		cap *= 2;
	if (cap != peer->held_cap)
		peer->held = realloc(peer->held, cap);
	if (!peer->held)
		die("realloc");
	peer->held_cap = cap;
	memcpy(peer->held + peer->held_len, data, len);
	peer->held_len += len;
}

static void take_received(struct crowd *crowd, struct peer *peer, const uint8_t *data, size_t len)
{
	size_t used;

	if (!peer->held_len) {
		used = take(crowd, peer, data, len);
		if (peer->stage != GONE && used < len)
			hold(peer, data + used, len - used);
		return;
	}
	hold(peer, data, len);
	used = take(crowd, peer, peer->held, peer->held_len);
	if (peer->stage == GONE || !used)
		return;
	peer->held_len -= used;
	if (peer->held_len)
		memmove(peer->held, peer->held + used, peer->held_len);
	else
		forget_held(peer);
}

static void on_ready(struct crowd *crowd, struct peer *peer)
{
	ssize_t got;

	if (peer->stage == GONE)
		return;
	if (peer->stage == CONNECTING) {
		open_websocket(crowd, peer);
		return;
	}
	got = recv(peer->fd, crowd->receive, sizeof(crowd->receive), 0);
	if (got > 0)
		take_received(crowd, peer, crowd->receive, (size_t)got);
	else if (got == 0 || errno != EAGAIN)
		leave(crowd, peer);
}

bool crowd_turn(struct crowd *crowd, int64_t until)
{
	static struct epoll_event ready[EVENTS];
	int64_t left = until - now_ns();
	struct timespec wait = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
	int count;

	if (left < 0)
		wait = (struct timespec){0};
	count = epoll_pwait2(crowd->epoll, ready, EVENTS, &wait, NULL);
	for (int i = 0; i < count; i++)
		on_ready(crowd, ready[i].data.ptr);
	return count < EVENTS;
}

int64_t crowd_come(struct crowd *crowd)
{
	int64_t begin = now_ns();
	bool heard_all = true;

	/* Nobody comes while those who are there still have to hear of the last ones: a crowd that does not listen is
	 * sent away. */
	while (crowd->inside + crowd->gone < crowd->clients) {
		while (heard_all && crowd->started < crowd->clients &&
		       crowd->started - crowd->connected < CONNECTS_AT_ONCE)
			start_one(crowd);
		heard_all = crowd_turn(crowd, now_ns() + 100000000);
		if (now_ns() - begin > COME_SECONDS * INT64_C(1000000000)) {
			fprintf(stderr, "load: only %u of %u are inside after %d s\n", crowd->inside, crowd->clients,
				COME_SECONDS);
			exit(1);
		}
	}
	return now_ns() - begin;
}
