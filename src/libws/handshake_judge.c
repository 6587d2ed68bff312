/* Which rules an opening handshake breaks: RFC 6455, sections 4.1 and 4.2.2. One question for each rule. */
#include "libws/deflate_params.h"
#include "libws/scan.h"
#include "ws/handshake.h"

bool ws_handshake_is_request(const struct ws_http_head *head)
{
	return !head->is_response && ws_span_equal(head->method, ws_span_str("GET")) &&
	       ws_http_list_has(head, "Upgrade", "websocket");
}

/* RFC 4648, section 4: 22 characters and "==". */
bool ws_key_is_formed(struct ws_span value)
{
	return value.len == WS_KEY_LEN && memcmp(value.data + WS_KEY_LEN - 2, "==", 2) == 0 &&
	       scan_is_base64(value.data) && scan_is_base64(value.data + WS_KEY_LEN - 2 - 16);
}

/* 27 characters and "=". */
bool ws_accept_is_formed(struct ws_span value)
{
	return value.len == WS_ACCEPT_LEN && value.data[WS_ACCEPT_LEN - 1] == '=' && scan_is_base64(value.data) &&
	       scan_is_base64(value.data + WS_ACCEPT_LEN - 1 - 16);
}

static bool older_than_1_1(const struct ws_http_head *head)
{
	return head->version_major < 1 || (head->version_major == 1 && head->version_minor < 1);
}

static bool request_breaks(const struct ws_http_head *request, enum ws_rule rule)
{
	struct ws_span value;

	switch (rule) {
	case WS_RULE_REQUEST_METHOD:
		return !ws_span_equal(request->method, ws_span_str("GET"));
	case WS_RULE_REQUEST_HTTP_VERSION:
		return older_than_1_1(request);
	case WS_RULE_REQUEST_HOST:
		return !ws_http_field_single(request, "Host", &value);
	case WS_RULE_REQUEST_UPGRADE:
		return !ws_http_list_has(request, "Upgrade", "websocket");
	case WS_RULE_REQUEST_CONNECTION:
		return !ws_http_list_has(request, "Connection", "upgrade");
	case WS_RULE_REQUEST_KEY:
		return !ws_http_field_single(request, "Sec-WebSocket-Key", &value) || !ws_key_is_formed(value);
	case WS_RULE_REQUEST_VERSION:
		return !ws_http_field_single(request, "Sec-WebSocket-Version", &value) ||
		       !ws_span_equal(value, ws_span_str("13"));
	default:
		return false;
	}
}

/* Where the request was not seen, the value must at least be there. */
static bool accept_is_wrong(const struct ws_http_head *request, const struct ws_http_head *response)
{
	struct ws_span key = request ? ws_http_field(request, "Sec-WebSocket-Key") : ws_span_of(NULL, 0), accept;

	if (!ws_http_field_single(response, "Sec-WebSocket-Accept", &accept) || accept.len != WS_ACCEPT_LEN)
		return true;
	return key.data && !ws_accept_is(key, accept);
}

static bool protocol_is_wrong(const struct ws_http_head *request, const struct ws_http_head *response)
{
	struct ws_span chosen = ws_http_field(response, "Sec-WebSocket-Protocol"), offered;
	struct ws_http_list list = {0};

	if (!chosen.data)
		return false;
	if (ws_http_field_count(response, "Sec-WebSocket-Protocol") != 1)
		return true;
	if (!request)
		return false;
	while (ws_http_list_next(request, ws_http_name("Sec-WebSocket-Protocol"), &list, &offered))
		if (ws_span_equal(offered, chosen))
			return false;
	return true;
}

/* What the two heads say of permessage-deflate, as deflate_agreed(). */
static int heads_agreed(const struct ws_http_head *request, const struct ws_http_head *response,
			struct ws_deflate_params *ret, bool *ret_valid)
{
	struct extension_source offers = {.head = request};
	struct extension_source answer = {.head = response};

	if (!ws_http_field(response, "Sec-WebSocket-Extensions").data) {
		*ret = (struct ws_deflate_params){0};
		*ret_valid = true;
		return WS_OK;
	}
	return deflate_agreed(request ? &offers : NULL, &answer, ret, ret_valid);
}

static bool extension_is_wrong(const struct ws_http_head *request, const struct ws_http_head *response)
{
	struct ws_deflate_params params;
	bool valid;

	return heads_agreed(request, response, &params, &valid) < 0 || !valid;
}

static bool response_breaks(const struct ws_http_head *request, const struct ws_http_head *response, enum ws_rule rule)
{
	switch (rule) {
	case WS_RULE_RESPONSE_UPGRADE:
		return !ws_http_list_has(response, "Upgrade", "websocket");
	case WS_RULE_RESPONSE_CONNECTION:
		return !ws_http_list_has(response, "Connection", "upgrade");
	case WS_RULE_RESPONSE_ACCEPT:
		return accept_is_wrong(request, response);
	case WS_RULE_RESPONSE_PROTOCOL:
		return protocol_is_wrong(request, response);
	case WS_RULE_RESPONSE_EXTENSION:
		return extension_is_wrong(request, response);
	default:
		return false;
	}
}

enum ws_rule ws_handshake_judge_request(const struct ws_http_head *request, enum ws_rule after)
{
	enum ws_rule rule = after < WS_RULE_REQUEST_METHOD ? WS_RULE_REQUEST_METHOD : after + 1;

	for (; rule <= WS_RULE_REQUEST_VERSION; rule++)
		if (request_breaks(request, rule))
			return rule;
	return WS_RULE_NONE;
}

enum ws_rule ws_handshake_judge_response(const struct ws_http_head *request, const struct ws_http_head *response,
					 enum ws_rule after)
{
	enum ws_rule rule = after < WS_RULE_RESPONSE_UPGRADE ? WS_RULE_RESPONSE_UPGRADE : after + 1;

	for (; rule <= WS_RULE_RESPONSE_EXTENSION; rule++)
		if (response_breaks(request, response, rule))
			return rule;
	return WS_RULE_NONE;
}

int ws_handshake_deflate(const struct ws_http_head *request, const struct ws_http_head *response,
			 struct ws_deflate_params *ret)
{
	bool valid;

	return heads_agreed(request, response, ret, &valid);
}
