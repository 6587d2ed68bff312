#include "wschat/client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wschat/addresses.h"
#include "wschat/proxy.h"

enum {
	SECOND = 1000,               /* of loop_now() */
	ECHO_WAITING_MAX = 64 << 20, /* bytes: what a conformance suite sends comes back whole */
	LINGER_MS = 2000,            /* for the peer to close after us */
};

static void read_some(struct client *client);
static void on_timer(struct timer *timer);

static void on_ready(struct watch *watch, uint32_t what)
{
	struct client *client = (struct client *)watch;

	if (what & (LOOP_READ | LOOP_HANGUP)) {
		read_some(client);
		return; /* it may be gone; what it can write waits for the end of the turn */
	}
	client->blocked = false;
	worker_mark_dirty(client->worker, client);
}

static void to_in6(const struct sockaddr_storage *address, uint8_t ret[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	memset(ret, 0, 16);
	if (address->ss_family == AF_INET6) {
		memcpy(ret, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
	} else if (address->ss_family == AF_INET) {
		memcpy(ret, mapped, sizeof(mapped));
		memcpy(ret + sizeof(mapped), &((const struct sockaddr_in *)address)->sin_addr, 4);
	}
}

static bool admit(struct server *server)
{
	uint32_t max = server->options->limits.max_connections;

	if (atomic_fetch_add(&server->connections, 1) < max || !max)
		return true;
	atomic_fetch_sub(&server->connections, 1);
	return false;
}

bool client_set_address(struct client *client, const uint8_t address[16])
{
	struct addresses *addresses = client->worker->server->addresses;

	if (client->counted && memcmp(client->address, address, sizeof(client->address)) == 0)
		return true;
	if (client->counted)
		addresses_give_back(addresses, client->address);
	memcpy(client->address, address, sizeof(client->address));
	client->counted = addresses_take(addresses, address);
	return client->counted;
}

static void link_to(struct worker *worker, struct client *client)
{
	client->next = worker->clients;
	client->prev = &worker->clients;
	if (client->next)
		client->next->prev = &client->next;
	worker->clients = client;
	worker->client_count++;
	atomic_fetch_add_explicit(&worker->counters.open, 1, memory_order_relaxed);
}

static void refuse(struct worker *worker, int fd)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

	count(worker, COUNTER_REFUSED, 1);
	send(fd, busy, sizeof(busy) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

void client_accept(struct worker *worker, int fd, const struct sockaddr_storage *address, bool chat_port)
{
	struct client *client = admit(worker->server) ? calloc(1, sizeof(*client)) : NULL;
	uint8_t in6[16];

	if (!client) {
		to_in6(address, in6);
		client_log_refused(in6, "max-connections");
		refuse(worker, fd);
		return;
	}
	*client = (struct client){.watch = {.fd = fd, .ready = on_ready},
				  .timer.fire = on_timer,
				  .worker = worker,
				  .opened_at = loop_now(worker->loop),
				  .heard_at = loop_now(worker->loop),
				  .dialect = DIALECT_COUNT,
				  .chat_port = chat_port};
	ws_buf_init(&client->head, WORKER_REQUEST_MAX);
	link_to(worker, client);
	count(worker, COUNTER_ACCEPTED, 1);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	loop_timer_set(worker->loop, &client->timer, options_of(worker)->limits.handshake_timeout * (int64_t)SECOND);
	to_in6(address, in6);
	memcpy(client->address, in6, sizeof(in6));
	client->proxied = proxy_is_trusted(options_of(worker), in6);
	client_log_accepted(client);
	/* A proxy's connections are its clients': each is counted when its request says whose it is. */
	if (loop_watch(worker->loop, &client->watch, LOOP_READ) < 0 ||
	    (!client->proxied && !client_set_address(client, in6)))
		client_refuse(client);
}

void client_refuse(struct client *client)
{
	int fd = dup(client->watch.fd);
	struct worker *worker = client->worker;

	client_log_refused(client->address, "connections-per-address");
	client_destroy(client);
	if (fd >= 0)
		refuse(worker, fd);
}

/* Its person leaves the chat now, whatever still has to be sent or awaited. */
static void leave_chat(struct client *client)
{
	if (client->logged_in)
		hub_submit(client->worker->server->hub, client->worker->index,
			   &(struct command){.kind = COMMAND_GONE, .from = client->id});
	client->logged_in = false;
	worker_leave_room(client->worker, client);
}

static void unmark_dirty(struct worker *worker, struct client *client)
{
	struct client **at = &worker->dirty;

	if (!client->dirty)
		return;
	while (*at != client)
		at = &(*at)->next_dirty;
	*at = client->next_dirty;
}

void client_destroy(struct client *client)
{
	struct worker *worker = client->worker;

	leave_chat(client);
	client_log_closed(client);
	worker_forget(worker, client);
	unmark_dirty(worker, client);
	loop_timer_cancel(worker->loop, &client->timer);
	loop_unwatch(worker->loop, &client->watch);
	close(client->watch.fd);
	*client->prev = client->next;
	if (client->next)
		client->next->prev = client->prev;
	worker->client_count--;
	atomic_fetch_sub_explicit(&worker->counters.open, 1, memory_order_relaxed);
	atomic_fetch_sub(&worker->server->connections, 1);
	if (client->counted)
		addresses_give_back(worker->server->addresses, client->address);
	sendq_finish(&client->queue);
	ws_decoder_destroy(client->decoder);
	ws_deflate_destroy(client->deflate);
	ws_buf_finish(&client->head);
	free(client);
}

/* Bytes for whoever now reads them. May destroy the client: then it returns false. */
static bool take_bytes(struct client *client, struct ws_span bytes)
{
	client->heard_at = loop_now(client->worker->loop);
	client->pinged = false;
	count(client->worker, COUNTER_BYTES_IN, bytes.len);
	switch ((enum client_state)client->state) {
	case CLIENT_HEAD:
		return client_read_head(client, bytes);
	case CLIENT_OPEN:
	case CLIENT_CLOSING:
		return client_read_frames(client, bytes);
	case CLIENT_FLUSHING:
		return true;
	}
	return true;
}

static void read_some(struct client *client)
{
	struct worker *worker = client->worker;

	for (int i = 0; i < WORKER_READS; i++) {
		ssize_t got = recv(client->watch.fd, worker->receive, sizeof(worker->receive), MSG_DONTWAIT);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (got <= 0) {
			client_destroy(client);
			return;
		}
		if (!take_bytes(client, ws_span_of(worker->receive, (size_t)got)))
			return;
		if ((size_t)got < sizeof(worker->receive))
			return;
	}
}

/* Half an answer is worse than none: nothing more goes out. */
static void queued(struct client *client, int status)
{
	if (status < 0) {
		leave_chat(client);
		sendq_finish(&client->queue);
		client->state = CLIENT_FLUSHING;
	}
	worker_mark_dirty(client->worker, client);
}

void client_send_raw(struct client *client, struct ws_span bytes)
{
	queued(client, sendq_add_raw(&client->queue, bytes));
}

/* Frames go out only while the WebSocket is open: nothing follows a close frame. */
void client_send_frame(struct client *client, const struct ws_frame *frame, struct ws_span payload)
{
	struct ws_buf *buf = &client->worker->frame;
	struct ws_frame whole = *frame;
	uint8_t header[WS_FRAME_HEADER_MAX];

	if (client->state != CLIENT_OPEN)
		return;
	whole.payload_len = payload.len;
	ws_buf_clear(buf);
	if (ws_buf_append(buf, ws_span_of(header, ws_frame_write(&whole, header))) < 0 ||
	    ws_buf_append(buf, payload) < 0)
		queued(client, -ENOMEM);
	else
		queued(client, sendq_add(&client->queue, ws_buf_span(buf)));
}

void client_close(struct client *client, uint16_t code, struct ws_span reason)
{
	uint8_t payload[WS_CONTROL_PAYLOAD_MAX] = {(uint8_t)(code >> 8), (uint8_t)code};
	size_t len = 0;

	if (client->state != CLIENT_OPEN)
		return;
	leave_chat(client);
	client->close_code = code;
	if (code != WS_CLOSE_NO_STATUS) {
		reason = ws_span_first(reason, sizeof(payload) - 2);
		if (reason.len)
			memcpy(payload + 2, reason.data, reason.len);
		len = 2 + reason.len;
	}
	client_send_frame(client, &(struct ws_frame){.fin = true, .opcode = WS_CLOSE}, ws_span_of(payload, len));
	if (client->state == CLIENT_OPEN)
		client->state = CLIENT_CLOSING;
	loop_timer_set(client->worker->loop, &client->timer,
		       options_of(client->worker)->limits.close_timeout * (int64_t)SECOND);
}

void client_finish(struct client *client)
{
	leave_chat(client);
	client->state = CLIENT_FLUSHING;
	loop_timer_set(client->worker->loop, &client->timer,
		       options_of(client->worker)->limits.close_timeout * (int64_t)SECOND);
	worker_mark_dirty(client->worker, client);
}

/* It does not read. What waits is dropped, but for the rest of a frame that was begun, so that it can still be told
 * why. */
static void cut_off_slow(struct client *client)
{
	count(client->worker, COUNTER_SLOW_CLOSED, 1);
	client_log_limited(client, "max-waiting");
	leave_chat(client);
	if (sendq_cut(&client->queue) < 0)
		client->state = CLIENT_FLUSHING;
	else
		client_close(client, WS_CLOSE_POLICY, ws_span_str("does not read"));
}

/* What a send told: bytes, or an errno. Returns 0, or a negative errno when the socket is broken. */
static int take_result(struct client *client, long sent)
{
	if (sent == -EAGAIN) {
		client->blocked = true;
		return 0;
	}
	if (sent < 0)
		return (int)sent;
	count(client->worker, COUNTER_SENDS, 1);
	count(client->worker, COUNTER_BYTES_OUT, (uint64_t)sent);
	return 0;
}

/* Sends until nothing waits or the socket is full. Returns 0, or a negative errno when it is broken. */
static int send_waiting(struct client *client)
{
	int status = 0;

	while (status == 0 && !client->blocked && sendq_waiting(&client->queue))
		status = take_result(client, sendq_send(&client->queue, client->watch.fd));
	return status;
}

/* All is said and sent: the peer is told so, and has a moment to close. */
static void shut(struct client *client)
{
	if (client->shut)
		return;
	client->shut = true;
	shutdown(client->watch.fd, SHUT_WR);
	loop_timer_set(client->worker->loop, &client->timer, LINGER_MS);
}

/* All that could be sent was. May destroy the client. */
static void after_sending(struct client *client)
{
	size_t max = options_of(client->worker)->limits.max_waiting;

	if (client->echo && max < ECHO_WAITING_MAX)
		max = ECHO_WAITING_MAX;
	if (client->state == CLIENT_OPEN && sendq_waiting(&client->queue) > max)
		cut_off_slow(client);
	if (client->state == CLIENT_FLUSHING && !sendq_waiting(&client->queue))
		shut(client);
	loop_rewatch(client->worker->loop, &client->watch, LOOP_READ | (client->blocked ? LOOP_WRITE : 0u));
}

static void send_now(struct client *client)
{
	if (send_waiting(client) < 0)
		client_destroy(client);
	else
		after_sending(client);
}

/* Its part of a burst was carried out: what did not fit into the socket is tried once more, to learn that it is full.
 */
static void on_sent(void *owner, long result)
{
	struct client *client = owner;
	struct ws_span piece;

	if (take_result(client, result) < 0) {
		client_destroy(client);
		return;
	}
	if (result > 0 && sendq_one_piece(&client->queue, &piece))
		sendq_sent(&client->queue, piece, (size_t)result);
	send_now(client);
}

void client_flush(struct client *client)
{
	struct burst *burst = client->worker->burst;
	struct ws_span piece;

	if (!burst || client->blocked || !sendq_one_piece(&client->queue, &piece)) {
		send_now(client);
		return;
	}
	if (burst_count(burst) == BURST_MAX)
		client_send_burst(client->worker);
	burst_add(burst, client->watch.fd, piece.data, piece.len, client);
}

void client_send_burst(struct worker *worker)
{
	if (worker->burst)
		burst_send(worker->burst, on_sent);
}

static void check_silence(struct client *client)
{
	const struct chat_limits *limits = &options_of(client->worker)->limits;
	int64_t now = loop_now(client->worker->loop);
	int64_t silence = now - client->heard_at;
	int64_t next;

	if (silence >= limits->idle_timeout * (int64_t)SECOND) {
		count(client->worker, COUNTER_IDLE_CLOSED, 1);
		client_close(client, WS_CLOSE_GOING_AWAY, ws_span_str("idle"));
		return;
	}
	next = limits->ping_interval * (int64_t)SECOND - silence;
	if (next <= 0 && !client->pinged) {
		client->pinged = true;
		if (client->dialect == DIALECT_C)
			client_send_text(client, ws_span_str("{\"type\":\"ping\"}"));
		client_send_frame(client, &(struct ws_frame){.fin = true, .opcode = WS_PING}, ws_span_of(NULL, 0));
	}
	if (next <= 0)
		next = limits->idle_timeout * (int64_t)SECOND - silence;
	loop_timer_set(client->worker->loop, &client->timer, next);
}

static void on_timer(struct timer *timer)
{
	struct client *client = (struct client *)((char *)timer - offsetof(struct client, timer));

	if (client->state == CLIENT_HEAD && client->head.len)
		client_log_limited(client, "handshake-timeout");
	if (client->state == CLIENT_OPEN)
		check_silence(client);
	else
		client_destroy(client); /* a head, a close frame or an end that did not come */
}
