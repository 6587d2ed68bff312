/* A load on a chat server, and what it makes of it: many clients in one room, some of them saying something by a
 * schedule.
 *
 *     connect all ─► opening handshake ─► login ─► (everybody is in) ─► say by the schedule ─► count, and how late
 *
 * Free of coordinated omission: each message carries the time at which the schedule had it sent, whether or not the
 * server (or this program) was late then, and what a receiver sees is measured from there.
 *
 * The server's CPU time is read from /proc/PID/stat. One thread, epoll; it shares no code with the servers but libws's
 * frame header and mask. Prints one line of JSON. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "ws/frame.h"
#include "ws/mask.h"

enum {
	EVENTS = 512,
	RECEIVE = 256 << 10,
	TEXT_MAX = 64 << 10,
	HELD_MAX = 1 << 20, /* bytes of a frame that is not whole yet; the list of a full room is long */
	CONNECTS_AT_ONCE = 256,
	DRAIN_SECONDS = 10,
};

enum stage { CONNECTING, OPENING, ENTERING, INSIDE, GONE };

struct peer {
	int fd;
	enum stage stage;
	uint8_t *held; /* the beginning of a head or frame */
	size_t held_len, held_cap;
};

struct load {
	/* what was asked for */
	unsigned clients, senders, size;
	double rate, seconds;
	int port, pid;
	/* what is going on */
	int epoll;
	struct peer *peers;
	unsigned connected, inside, gone, started;
	uint64_t said, heard, bytes;
	struct histogram late;
	uint8_t receive[RECEIVE];
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Clock ticks of user and system time of the server; 0 without --pid. */
static double cpu_seconds(int pid)
{
	char path[64], text[1024], *at;
	unsigned long user, system;
	FILE *file;

	if (!pid)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file || !fgets(text, sizeof(text), file))
		die(path);
	fclose(file);
	at = strrchr(text, ')');
	if (!at || sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		die(path);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* Kilobytes that are resident, of the server. */
static long resident_kib(int pid)
{
	char path[64], line[256];
	long kib = 0;
	FILE *file;

	if (!pid)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

static void leave(struct load *load, struct peer *peer)
{
	if (peer->stage == GONE)
		return;
	close(peer->fd);
	free(peer->held);
	peer->held = NULL;
	peer->stage = GONE;
	load->gone++;
}

static void start_one(struct load *load)
{
	/* More than one address on loopback: a port range of one address holds only 28,000 connections. */
	struct sockaddr_in from = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK + load->started / 20000)};
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)load->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct peer *peer = &load->peers[load->started++];
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
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, peer->fd, &event) < 0)
		die("epoll_ctl");
}

static void send_whole(struct load *load, struct peer *peer, const void *data, size_t len)
{
	/* Small, and the socket's buffer is empty but for the like of it: a short write means that the server reads no
	 * more. */
	if (send(peer->fd, data, len, MSG_NOSIGNAL) != (ssize_t)len)
		leave(load, peer);
}

static void send_text(struct load *load, struct peer *peer, const char *text, size_t len)
{
	static const uint8_t key[4] = {0x12, 0x34, 0x56, 0x78};
	static uint8_t out[TEXT_MAX + WS_FRAME_HEADER_MAX];
	struct ws_frame frame = {.fin = true, .masked = true, .opcode = WS_TEXT, .payload_len = len};
	size_t head;

	memcpy(frame.mask, key, sizeof(key));
	head = ws_frame_write(&frame, out);
	ws_mask(out + head, (const uint8_t *)text, len, key, 0);
	send_whole(load, peer, out, head + len);
}

static void open_websocket(struct load *load, struct peer *peer)
{
	static const char request[] =
	    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error) {
		errno = error;
		die("connect");
	}
	epoll_ctl(load->epoll, EPOLL_CTL_MOD, peer->fd, &event);
	load->connected++;
	peer->stage = OPENING;
	send_whole(load, peer, request, sizeof(request) - 1);
}

static void log_in(struct load *load, struct peer *peer)
{
	char text[128];
	int len = snprintf(text, sizeof(text), "{\"type\":\"login\",\"client_name\":\"u%td\",\"room_id\":\"bench\"}",
			   peer - load->peers);

	peer->stage = ENTERING;
	send_text(load, peer, text, (size_t)len);
}

static bool has(const uint8_t *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what));
}

static void hear(struct load *load, struct peer *peer, const uint8_t *text, size_t len)
{
	static const char mark[] = "\"content\":\"@";
	const uint8_t *at;

	if (peer->stage == ENTERING && has(text, len, "\"client_list\"")) {
		peer->stage = INSIDE;
		load->inside++;
		return;
	}
	at = memmem(text, len < 300 ? len : 300, mark, sizeof(mark) - 1);
	if (!at)
		return;
	load->heard++;
	histogram_add(&load->late, now_ns() - strtoll((const char *)at + sizeof(mark) - 1, NULL, 10));
}

/* As many whole heads and frames as there are. Returns the bytes that they took, or -1 when the peer left. */
static ssize_t take(struct load *load, struct peer *peer, const uint8_t *data, size_t len)
{
	size_t at = 0;

	if (peer->stage == OPENING) {
		const uint8_t *end = memmem(data, len, "\r\n\r\n", 4);

		if (!end)
			return 0;
		if (len < 12 || memcmp(data + 9, "101", 3) != 0) {
			fprintf(stderr, "load: refused: %.*s\n", (int)(len < 60 ? len : 60), (const char *)data);
			leave(load, peer);
			return -1;
		}
		at = (size_t)(end - data) + 4;
		log_in(load, peer);
	}
	while (peer->stage != GONE && at < len) {
		struct ws_frame frame;
		size_t head = ws_frame_parse(ws_span_of(data + at, len - at), &frame);

		if (!head || len - at - head < frame.payload_len)
			break;
		if (frame.opcode == WS_CLOSE) {
			leave(load, peer);
			return -1;
		}
		hear(load, peer, data + at + head, frame.payload_len);
		at += head + frame.payload_len;
	}
	return peer->stage == GONE ? -1 : (ssize_t)at;
}

static void hold(struct peer *peer, const uint8_t *data, size_t len)
{
	if (peer->held_len + len > peer->held_cap) {
		peer->held_cap =
		    peer->held_len + len > HELD_MAX / 16 ? peer->held_len + len + HELD_MAX / 4 : HELD_MAX / 16;
		peer->held = realloc(peer->held, peer->held_cap);
		if (!peer->held)
			die("realloc");
	}
	memmove(peer->held + peer->held_len, data, len);
	peer->held_len += len;
}

static void take_received(struct load *load, struct peer *peer, const uint8_t *data, size_t len)
{
	ssize_t used;

	load->bytes += len;
	if (!peer->held_len) {
		used = take(load, peer, data, len);
		if (used >= 0 && (size_t)used < len)
			hold(peer, data + used, len - (size_t)used);
		return;
	}
	hold(peer, data, len);
	used = take(load, peer, peer->held, peer->held_len);
	if (used <= 0)
		return;
	peer->held_len -= (size_t)used;
	memmove(peer->held, peer->held + used, peer->held_len);
}

static void on_ready(struct load *load, struct peer *peer)
{
	ssize_t got;

	if (peer->stage == GONE)
		return;
	if (peer->stage == CONNECTING) {
		open_websocket(load, peer);
		return;
	}
	got = recv(peer->fd, load->receive, sizeof(load->receive), 0);
	if (got > 0)
		take_received(load, peer, load->receive, (size_t)got);
	else if (got == 0 || errno != EAGAIN)
		leave(load, peer);
}

static void turn(struct load *load, int64_t until)
{
	static struct epoll_event ready[EVENTS];
	int64_t left = until - now_ns();
	struct timespec wait = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
	int count;

	if (left < 0)
		wait = (struct timespec){0};
	count = epoll_pwait2(load->epoll, ready, EVENTS, &wait, NULL);
	for (int i = 0; i < count; i++)
		on_ready(load, ready[i].data.ptr);
}

/* Everybody comes, as fast as they are let in. Returns the nanoseconds until the last one is inside. */
static int64_t come(struct load *load)
{
	int64_t begin = now_ns();

	while (load->inside + load->gone < load->clients) {
		while (load->started < load->clients && load->started - load->connected < CONNECTS_AT_ONCE)
			start_one(load);
		turn(load, now_ns() + 100000000);
		if (now_ns() - begin > INT64_C(120000000000)) {
			fprintf(stderr, "load: only %u of %u are inside after 120 s\n", load->inside, load->clients);
			exit(1);
		}
	}
	return now_ns() - begin;
}

static void say(struct load *load, unsigned sender, int64_t scheduled)
{
	static char text[TEXT_MAX];
	int len = snprintf(text, sizeof(text),
			   "{\"type\":\"say\",\"to_client_id\":\"all\",\"to_client_name\":\"all\",\"content\":\"@%lld ",
			   (long long)scheduled);
	/* load->size bytes of content */
	const char *content = strstr(text, "@");
	size_t have = (size_t)len - (size_t)(content - text);

	while (have++ < load->size)
		text[len++] = 'x';
	memcpy(text + len, "\"}", 2);
	load->said++;
	send_text(load, &load->peers[sender], text, (size_t)len + 2);
}

static void run(struct load *load, double *ret_seconds)
{
	int64_t begin = now_ns(), end = begin + (int64_t)(load->seconds * 1e9);
	double step = 1e9 / load->rate;
	uint64_t number = 0;

	for (;;) {
		int64_t scheduled = begin + (int64_t)((double)number * step);

		if (scheduled >= end)
			break;
		while (now_ns() < scheduled)
			turn(load, scheduled);
		say(load, (unsigned)(number % load->senders), scheduled);
		number++;
		if (number % 16 == 0)
			turn(load, 0);
	}
	/* What is still on its way counts, and so does the time that it takes. */
	end = now_ns() + INT64_C(1000000000) * DRAIN_SECONDS;
	while (load->heard < load->said * (load->inside - load->gone) && now_ns() < end)
		turn(load, now_ns() + 50000000);
	*ret_seconds = (double)(now_ns() - begin) / 1e9;
}

static void read_options(struct load *load, int argc, char **argv)
{
	static const struct option names[] = {
	    {"clients", 1, NULL, 'c'}, {"senders", 1, NULL, 's'}, {"rate", 1, NULL, 'r'}, {"seconds", 1, NULL, 't'},
	    {"size", 1, NULL, 'b'},    {"port", 1, NULL, 'p'},    {"pid", 1, NULL, 'P'},  {0}};
	int got;

	*load = (struct load){.clients = 1000, .senders = 1, .size = 100, .rate = 100, .seconds = 5, .port = 7272};
	while ((got = getopt_long(argc, argv, "", names, NULL)) != -1) {
		double value = got == '?' ? 0 : strtod(optarg, NULL);

		if (got == 'c')
			load->clients = (unsigned)value;
		else if (got == 's')
			load->senders = (unsigned)value;
		else if (got == 'r')
			load->rate = value;
		else if (got == 't')
			load->seconds = value;
		else if (got == 'b')
			load->size = (unsigned)value;
		else if (got == 'p')
			load->port = (int)value;
		else if (got == 'P')
			load->pid = (int)value;
		else
			exit(2);
	}
	if (!load->clients || !load->senders || load->senders > load->clients || load->rate <= 0 ||
	    load->size > TEXT_MAX / 2) {
		fprintf(stderr, "load: these numbers make no load\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	static struct load load;
	struct rlimit files;
	double seconds = 0, cpu_idle, cpu;
	long kib_before, kib_idle;
	int64_t entered;

	read_options(&load, argc, argv);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	load.peers = calloc(load.clients, sizeof(*load.peers));
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!load.peers || load.epoll < 0 || histogram_init(&load.late) < 0)
		die("setting up");
	kib_before = resident_kib(load.pid);
	entered = come(&load);
	for (int64_t quiet = now_ns() + 500000000; now_ns() < quiet;)
		turn(&load, quiet); /* the last ones' logins still go out to everybody */
	kib_idle = resident_kib(load.pid);
	cpu_idle = cpu_seconds(load.pid);
	run(&load, &seconds);
	cpu = cpu_seconds(load.pid) - cpu_idle;
	printf("{\"clients\":%u,\"senders\":%u,\"rate\":%.0f,\"size\":%u,\"gone\":%u,\"login_ms\":%.1f,\"said\":%llu,"
	       "\"heard\":%llu,\"missing\":%lld,\"seconds\":%.3f,\"cpu_seconds\":%.2f,\"per_second\":%.0f,"
	       "\"per_cpu_second\":%.0f,\"p50_us\":%.0f,\"p99_us\":%.0f,\"max_us\":%.0f,\"bytes_per_client\":%.0f}\n",
	       load.clients, load.senders, load.rate, load.size, load.gone, (double)entered / 1e6,
	       (unsigned long long)load.said, (unsigned long long)load.heard,
	       (long long)(load.said * load.inside) - (long long)load.heard, seconds, cpu, (double)load.heard / seconds,
	       cpu > 0 ? (double)load.heard / cpu : 0, (double)histogram_at(&load.late, 0.5) / 1e3,
	       (double)histogram_at(&load.late, 0.99) / 1e3, (double)histogram_at(&load.late, 1) / 1e3,
	       (double)(kib_idle - kib_before) * 1024 / load.clients);
	return 0;
}
