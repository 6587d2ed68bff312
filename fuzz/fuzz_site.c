/* What a stranger sends to either port: requests for the page, for what is not there, with or without a WebSocket in
 * the end, and what comes behind them. The first byte says how the server is set up, the second how the rest is cut
 * into pieces. Whatever it was, each answer is one that HTTP allows: nothing of the request gets into its head. */
#include "wschat/addresses.h"
#include "wschat/client.h"
#include "wschat/hub_internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	INPUT_MAX = 64 << 10,
	ANSWERS_MAX = 1 << 20, /* bytes; what is longer is not looked at */
	CHAT_PORT = 1,
	ECHO = 2,
	PROXY = 4,
	COMPRESS = 8,
};

static struct options options;
static struct server server;
static struct worker *worker;

/* A worker without its thread, and a hub that only gathers. */
static void set_up(void)
{
	static struct worker *workers[1];
	char error[256];

	options_init(&options);
	options.log_level = LOG_ERRORS;
	options.io_uring = false;
	server = (struct server){.options = &options, .workers = workers, .worker_count = 1, .chat_port = 7272};
	server.addresses = addresses_create(0);
	server.hub = calloc(1, sizeof(*server.hub) + sizeof(*server.hub->lanes));
	worker = worker_create(&server, 0, NULL, 0, error, sizeof(error));
	if (!server.addresses || !server.hub || !worker)
		abort();
	server.hub->lane_count = 1;
	pthread_mutex_init(&server.hub->stats_lock, NULL);
	workers[0] = worker;
}

static void configure(uint8_t how)
{
	options.echo = how & ECHO;
	options.compress = how & COMPRESS;
	options.proxy_count = how & PROXY ? 1 : 0;
	options.proxies[0] = (struct network){.address = {[10] = 0xff, [11] = 0xff, [12] = 127}, .bits = 104};
}

static struct client *accept_one(int fd, bool chat_port)
{
	union {
		struct sockaddr_storage any;
		struct sockaddr_in in;
	} from = {.in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};

	client_accept(worker, fd, &from.any, chat_port);
	return worker->clients;
}

/* As at the end of a turn. */
static void flush(void)
{
	while (worker->dirty) {
		struct client *client = worker->dirty;

		worker->dirty = client->next_dirty;
		client->dirty = false;
		client_flush(client);
	}
}

static void forget_commands(void)
{
	hub_submission_destroy(server.hub->lanes[0].gathering);
	server.hub->lanes[0].gathering = NULL;
}

struct answers {
	uint8_t bytes[ANSWERS_MAX];
	size_t len;
};

static void gather(int fd, struct answers *answers)
{
	ssize_t got;

	while ((got = recv(fd, answers->bytes + answers->len, sizeof(answers->bytes) - answers->len, 0)) > 0)
		answers->len += (size_t)got;
}

static uint64_t content_length(const struct ws_http_head *head)
{
	struct ws_span field = ws_http_field(head, "Content-Length");
	uint64_t len = 0;

	if (!field.len || field.len > 8)
		abort();
	for (size_t i = 0; i < field.len; i++) {
		if (field.data[i] < '0' || field.data[i] > '9')
			abort();
		len = len * 10 + (uint64_t)(field.data[i] - '0');
	}
	return len;
}

/* Answers to GET, one behind the other; behind a 101 come frames, which are libws's. */
static void check(struct ws_span answers)
{
	while (answers.len) {
		struct ws_http_head head;
		long len = ws_http_head_parse(answers, &head);
		uint64_t body;

		if (len <= 0 || !head.is_response || head.status < 101 || head.status > 503)
			abort();
		if (head.status == 101)
			return;
		if (!ws_http_field(&head, "Content-Security-Policy").data && head.status != 503)
			abort();
		body = content_length(&head);
		if (answers.len - (size_t)len < body)
			abort();
		answers = ws_span_from(answers, (size_t)len + (size_t)body);
	}
}

static void talk(int fds[2], bool chat_port, size_t piece, struct ws_span input, struct answers *answers)
{
	struct client *client = accept_one(fds[0], chat_port);

	while (input.len && worker->clients && client->state != CLIENT_FLUSHING) {
		struct ws_span now = ws_span_first(input, piece);

		if (send(fds[1], now.data, now.len, MSG_NOSIGNAL) != (ssize_t)now.len)
			break;
		input = ws_span_from(input, now.len);
		client->watch.ready(&client->watch, LOOP_READ);
		flush();
		gather(fds[1], answers);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct answers answers;
	int fds[2];

	if (size < 2 || size > INPUT_MAX)
		return 0;
	if (!worker)
		set_up();
	configure(data[0]);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) < 0)
		abort();
	answers.len = 0;
	talk(fds, data[0] & CHAT_PORT, data[1] ? data[1] : size, ws_span_of(data + 2, size - 2), &answers);
	while (worker->clients)
		client_destroy(worker->clients);
	forget_commands();
	gather(fds[1], &answers);
	close(fds[1]);
	/* A HEAD's answer has a length and no content. */
	if (answers.len < sizeof(answers.bytes) && !memmem(data + 2, size - 2, "HEAD", 4))
		check(ws_span_of(answers.bytes, answers.len));
	return 0;
}
