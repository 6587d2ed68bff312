/* A client that speaks HTTP: requests are answered, or become a WebSocket. */
#include "wschat/client.h"
#include "wschat/origin.h"
#include "wschat/proxy.h"
#include "wschat/site.h"

#include <stdio.h>

static void end(struct client *client)
{
	client_finish(client);
}

static bool path_is(const struct ws_http_head *request, const char *path)
{
	struct ws_span target = request->target;
	const uint8_t *query = memchr(target.data, '?', target.len);

	if (query)
		target.len = (size_t)(query - target.data);
	return ws_span_equal(target, ws_span_str(path));
}

/* Why a WebSocket may not be opened: status 0 when it may. */
struct refusal {
	unsigned status;
	const char *extra, *reason;
};

static struct refusal judge(const struct client *client, const struct ws_http_head *request, bool echo)
{
	enum ws_rule rule = ws_handshake_judge_request(request, WS_RULE_NONE);

	if (rule == WS_RULE_REQUEST_VERSION)
		return (struct refusal){426, "Sec-WebSocket-Version: 13\r\n", ws_rule_info(rule)->text};
	if (rule)
		return (struct refusal){400, "", ws_rule_info(rule)->text};
	if (!client->chat_port && !echo && !path_is(request, "/ws"))
		return (struct refusal){404, "", "the WebSocket is at /ws"};
	if (!origin_allowed(options_of(client->worker), request))
		return (struct refusal){403, "", "pages of this origin may not open the chat"};
	return (struct refusal){0};
}

/* Says why it may not be opened, to who asked and to the log; true when it may. */
static bool may_open(struct client *client, const struct ws_http_head *request, bool *ret_echo)
{
	struct refusal refusal;

	*ret_echo = options_of(client->worker)->echo && path_is(request, "/echo");
	refusal = judge(client, request, *ret_echo);
	if (!refusal.status)
		return true;
	site_say(client, request, refusal.status, refusal.extra, refusal.reason);
	client_log_handshake_refused(client, refusal.status, refusal.reason);
	count(client->worker, COUNTER_HANDSHAKES_FAILED, 1);
	return false;
}

static bool has_body(const struct ws_http_head *request)
{
	struct ws_span len = ws_http_field(request, "Content-Length");

	return ws_http_field(request, "Transfer-Encoding").data || (len.data && !ws_span_equal(len, ws_span_str("0")));
}

static void answer(struct client *client, const struct ws_http_head *request)
{
	bool get =
	    ws_span_equal(request->method, ws_span_str("GET")) || ws_span_equal(request->method, ws_span_str("HEAD"));

	count(client->worker, COUNTER_HTTP_REQUESTS, 1);
	if (request->is_response || has_body(request)) {
		site_say(client, NULL, 400, "", "requests with content are not taken");
		end(client);
		return;
	}
	if (!get)
		site_say(client, request, 405, "Allow: GET, HEAD\r\n", "only GET and HEAD");
	else if (client->chat_port)
		site_say(client, request, 426, "Upgrade: websocket\r\nConnection: Upgrade\r\n",
			 "this port speaks WebSocket; the page is on another");
	else
		site_answer(client, request);
	if (!site_keeps_alive(request))
		end(client);
}

/* One whole request. False when the client was destroyed. */
static bool take_request(struct client *client, const struct ws_http_head *request)
{
	uint8_t address[16];
	bool echo;

	if (client->proxied && !client->counted) {
		if (!proxy_client_address(options_of(client->worker), request, address))
			memcpy(address, client->address, sizeof(address));
		if (!client_set_address(client, address)) {
			client_refuse(client);
			return false;
		}
	}
	if (!ws_handshake_is_request(request)) {
		answer(client, request);
		return true;
	}
	if (may_open(client, request, &echo))
		return client_upgrade(client, request, echo);
	end(client);
	return true;
}

static bool refuse_head(struct client *client, long status)
{
	if (status == WS_E_LIMIT)
		site_say(client, NULL, 431, "", "the request's head is too long");
	else
		site_say(client, NULL, 400, "", "this is no HTTP request");
	end(client);
	return true;
}

/* Who asks again and again and does not read the answers gets no more of them: RFC 9112, section 9.3.2, has clients ask
 * again for what was not answered. */
static bool has_enough(const struct client *client)
{
	return sendq_waiting(&client->queue) > options_of(client->worker)->limits.max_waiting;
}

/* As many requests as bytes holds. What is left of it, not a whole head yet, is in *ret_rest. False when the client was
 * destroyed. */
static bool take_requests(struct client *client, struct ws_span bytes, struct ws_span *ret_rest)
{
	while (client->state == CLIENT_HEAD && bytes.len) {
		struct ws_http_head head;
		long len = ws_http_head_parse(bytes, &head);

		if (len < 0 || len > WORKER_REQUEST_MAX)
			return refuse_head(client, len < 0 ? len : WS_E_LIMIT);
		if (len == 0)
			break;
		if (!take_request(client, &head))
			return false;
		bytes = ws_span_from(bytes, (size_t)len);
		if (client->state == CLIENT_HEAD && has_enough(client))
			end(client);
		/* The next request has as long as the first had. */
		loop_timer_set(client->worker->loop, &client->timer,
			       (client->state == CLIENT_OPEN ? options_of(client->worker)->limits.ping_interval
							     : options_of(client->worker)->limits.handshake_timeout) *
				   INT64_C(1000));
	}
	*ret_rest = bytes;
	return true;
}

bool client_read_head(struct client *client, struct ws_span bytes)
{
	struct ws_buf held = client->head;
	struct ws_span rest = {0};
	bool alive;

	if (held.len) {
		if (ws_buf_append(&client->head, bytes) < 0)
			return refuse_head(client, WS_E_LIMIT);
		held = client->head;
		bytes = ws_buf_span(&held);
	}
	/* The client's own buffer is free for what is left, while the requests still point into the old one. */
	ws_buf_init(&client->head, WORKER_REQUEST_MAX);
	alive = take_requests(client, bytes, &rest);
	if (alive && client->state == CLIENT_OPEN)
		alive = client_read_frames(client, rest);
	else if (alive && client->state == CLIENT_HEAD && rest.len && ws_buf_append(&client->head, rest) < 0)
		refuse_head(client, WS_E_LIMIT);
	ws_buf_finish(&held);
	return alive;
}
