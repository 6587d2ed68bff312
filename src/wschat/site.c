#include "wschat/site.h"

#include <stdio.h>

#include "wschat/asset.h"

enum {
	ANSWER_MAX = 4 << 20, /* bytes of one answer: assets, metrics */
};

/* Nothing but what the server itself gives runs, is styled or shown; nobody frames the page. */
#define SECURITY_HEADERS                                                                                               \
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "           \
	"connect-src 'self' ws: wss:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "      \
	"'none'\r\n"                                                                                                   \
	"X-Content-Type-Options: nosniff\r\n"                                                                          \
	"Referrer-Policy: no-referrer\r\n"

struct answer {
	unsigned status;
	const char *type;
	const char *extra; /* whole lines */
	struct ws_span body;
};

static const char *reason_of(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} reasons[] = {
	    {200, "OK"},
	    {304, "Not Modified"},
	    {400, "Bad Request"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {413, "Content Too Large"},
	    {426, "Upgrade Required"},
	    {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"},
	    {503, "Service Unavailable"},
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

bool site_keeps_alive(const struct ws_http_head *request)
{
	return request && request->version_major == 1 && request->version_minor >= 1 &&
	       !ws_http_list_has(request, "Connection", "close");
}

static void send_answer(struct client *client, const struct ws_http_head *request, const struct answer *answer)
{
	bool is_head = request && ws_span_equal(request->method, ws_span_str("HEAD"));
	char head[2048];
	int len = snprintf(head, sizeof(head),
			   "HTTP/1.1 %u %s\r\n"
			   "%s%s%s"
			   "Content-Length: %zu\r\n"
			   "%s" SECURITY_HEADERS "%s"
			   "\r\n",
			   answer->status, reason_of(answer->status), answer->type ? "Content-Type: " : "",
			   answer->type ? answer->type : "", answer->type ? "\r\n" : "", answer->body.len,
			   answer->extra, site_keeps_alive(request) ? "" : "Connection: close\r\n");

	client_send_raw(client, ws_span_of(head, (size_t)len));
	if (!is_head && answer->body.len)
		client_send_raw(client, answer->body);
}

void site_say(struct client *client, const struct ws_http_head *request, unsigned status, const char *extra,
	      const char *sentence)
{
	char body[512];
	int len = snprintf(body, sizeof(body), "%s\n", sentence);

	send_answer(
	    client, request,
	    &(struct answer){.status = status,
			     .type = "text/plain; charset=utf-8",
			     .extra = extra,
			     .body = ws_span_of(body, (size_t)len < sizeof(body) ? (size_t)len : sizeof(body) - 1)});
}

static struct ws_span path_of(const struct ws_http_head *request)
{
	const uint8_t *query = memchr(request->target.data, '?', request->target.len);

	return query ? ws_span_of(request->target.data, (size_t)(query - request->target.data)) : request->target;
}

/* RFC 9110, section 13.1.2: a list of what the client has, compared weakly. */
static bool has_already(const struct ws_http_head *request, const char *etag)
{
	struct ws_http_list list = {0};
	struct ws_span member;

	while (ws_http_list_next(request, ws_http_name("If-None-Match"), &list, &member)) {
		if (member.len > 2 && memcmp(member.data, "W/", 2) == 0)
			member = ws_span_from(member, 2);
		if (ws_span_equal(member, ws_span_str(etag)) || ws_span_equal(member, ws_span_str("*")))
			return true;
	}
	return false;
}

static void answer_asset(struct client *client, const struct ws_http_head *request, const struct asset *asset)
{
	const char *root = options_of(client->worker)->web_root;
	struct ws_buf body;
	char extra[160];

	if (!root) {
		snprintf(extra, sizeof(extra), "Cache-Control: no-cache\r\nETag: %s\r\n", asset->etag);
		if (has_already(request, asset->etag))
			send_answer(client, request, &(struct answer){.status = 304, .extra = extra});
		else
			send_answer(
			    client, request,
			    &(struct answer){.status = 200, .type = asset->type, .extra = extra, .body = asset->body});
		return;
	}
	ws_buf_init(&body, ANSWER_MAX);
	if (asset_read(asset, root, &body) < 0)
		site_say(client, request, 404, "", "not in --web-root");
	else
		send_answer(client, request,
			    &(struct answer){.status = 200,
					     .type = asset->type,
					     .extra = "Cache-Control: no-store\r\n",
					     .body = ws_buf_span(&body)});
	ws_buf_finish(&body);
}

/* Where the page finds its WebSocket, best first: what --websocket-url says; the chat's own port on the host by which
 * the page was reached, unless a proxy stands between; ws beside the page, which is always there. That is a path as
 * seen from the page: a proxy may have put it under a path of its own. */
static void answer_config(struct client *client, const struct ws_http_head *request)
{
	const struct options *options = options_of(client->worker);
	char body[512], first[256] = "";

	(void)request;
	if (options->websocket_url)
		snprintf(first, sizeof(first), "{\"url\":\"%s\"},", options->websocket_url);
	else if (!client->proxied && client->worker->server->chat_port)
		snprintf(first, sizeof(first), "{\"port\":%u,\"path\":\"/\"},", client->worker->server->chat_port);
	snprintf(body, sizeof(body), "{\"websocket\":[%s{\"path\":\"ws\"}]}\n", first);
	send_answer(client, request,
		    &(struct answer){.status = 200,
				     .type = "application/json",
				     .extra = "Cache-Control: no-store\r\n",
				     .body = ws_span_str(body)});
}

static void answer_metrics(struct client *client, const struct ws_http_head *request)
{
	struct ws_buf body;

	ws_buf_init(&body, ANSWER_MAX);
	if (metrics_write(client->worker->server, &body) < 0)
		site_say(client, request, 500, "", "out of memory");
	else
		send_answer(client, request,
			    &(struct answer){.status = 200,
					     .type = "text/plain; version=0.0.4; charset=utf-8",
					     .extra = "Cache-Control: no-store\r\n",
					     .body = ws_buf_span(&body)});
	ws_buf_finish(&body);
}

void site_answer(struct client *client, const struct ws_http_head *request)
{
	struct ws_span path = path_of(request);
	const struct asset *asset = asset_find(path);

	if (asset)
		answer_asset(client, request, asset);
	else if (ws_span_equal(path, ws_span_str("/config.json")))
		answer_config(client, request);
	else if (ws_span_equal(path, ws_span_str("/healthz")))
		site_say(client, request, 200, "Cache-Control: no-store\r\n", "ok");
	else if (ws_span_equal(path, ws_span_str("/metrics")))
		answer_metrics(client, request);
	else
		site_say(client, request, 404, "", "there is nothing here");
}
