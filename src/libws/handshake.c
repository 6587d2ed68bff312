#include "ws/handshake.h"

static int append_line(struct ws_buf *out, int status, const char *name, struct ws_span value)
{
	if (status == WS_OK)
		status = ws_buf_append(out, ws_span_str(name));
	if (status == WS_OK)
		status = ws_buf_append(out, value);
	return status == WS_OK ? ws_buf_append(out, ws_span_str("\r\n")) : status;
}

static int append_optional(struct ws_buf *out, int status, const char *name, struct ws_span value)
{
	return value.len ? append_line(out, status, name, value) : status;
}

/* extra and the empty line; on failure nothing of the head stays in out. */
static int append_end(struct ws_buf *out, int status, struct ws_span extra, size_t before)
{
	if (status == WS_OK)
		status = ws_buf_append(out, extra);
	status = append_line(out, status, "", ws_span_of(NULL, 0));
	if (status < 0)
		out->len = before;
	return status;
}

int ws_request_write(const struct ws_request *request, struct ws_buf *out)
{
	size_t before = out->len;
	int status = ws_buf_append(out, ws_span_str("GET "));

	if (status == WS_OK)
		status = ws_buf_append(out, request->target);
	status = append_line(out, status, " HTTP/1.1", ws_span_of(NULL, 0));
	status = append_line(out, status, "Host: ", request->host);
	status = append_line(out, status, "Upgrade: ", ws_span_str("websocket"));
	status = append_line(out, status, "Connection: ", ws_span_str("Upgrade"));
	status = append_line(out, status, "Sec-WebSocket-Key: ", request->key);
	status = append_line(out, status, "Sec-WebSocket-Version: ", ws_span_str("13"));
	status = append_optional(out, status, "Origin: ", request->origin);
	status = append_optional(out, status, "Sec-WebSocket-Protocol: ", request->protocol);
	status = append_optional(out, status, "Sec-WebSocket-Extensions: ", request->extensions);
	return append_end(out, status, request->extra, before);
}

int ws_response_write(const struct ws_response *response, struct ws_buf *out)
{
	char accept[WS_ACCEPT_LEN + 1];
	size_t before = out->len;
	int status = append_line(out, WS_OK, "HTTP/1.1 101 ", ws_span_str("Switching Protocols"));

	ws_accept_value(response->key, accept);
	if (!accept[0])
		status = WS_E_MEMORY;
	status = append_line(out, status, "Upgrade: ", ws_span_str("websocket"));
	status = append_line(out, status, "Connection: ", ws_span_str("Upgrade"));
	status = append_line(out, status, "Sec-WebSocket-Accept: ", ws_span_str(accept));
	status = append_optional(out, status, "Sec-WebSocket-Protocol: ", response->protocol);
	status = append_optional(out, status, "Sec-WebSocket-Extensions: ", response->extensions);
	return append_end(out, status, response->extra, before);
}
