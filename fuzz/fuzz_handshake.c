/* A request head and, behind it, a response head: read, judged, and what they agree on about compression. */
#include "ws/handshake.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_within(struct ws_span part, struct ws_span whole)
{
	if (part.len && (part.data < whole.data || part.data + part.len > whole.data + whole.len))
		abort();
}

static void check_head(const struct ws_http_head *head)
{
	struct ws_http_list list = {0};
	struct ws_span member;

	check_within(head->method, head->all);
	check_within(head->target, head->all);
	check_within(head->reason, head->all);
	for (size_t i = 0; i < head->field_count; i++) {
		check_within(head->fields[i].name, head->all);
		check_within(head->fields[i].value, head->all);
	}
	while (ws_http_list_next(head, ws_http_name("Connection"), &list, &member))
		check_within(member, head->all);
}

static void judge(const struct ws_http_head *request, const struct ws_http_head *response)
{
	struct ws_deflate_params params;
	enum ws_rule rule = WS_RULE_NONE;

	while (request && (rule = ws_handshake_judge_request(request, rule)) != WS_RULE_NONE)
		continue;
	if (!response)
		return;
	while ((rule = ws_handshake_judge_response(request, response, rule)) != WS_RULE_NONE)
		continue;
	if (ws_handshake_deflate(request, response, &params) == WS_OK && params.enabled &&
	    (params.server_max_window_bits < 8 || params.server_max_window_bits > 15 ||
	     params.client_max_window_bits < 8 || params.client_max_window_bits > 15))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ws_http_head first, second;
	struct ws_span in = ws_span_of(data, size);
	long len = ws_http_head_parse(in, &first), rest;

	if (len > 0 && !ws_http_head_plausible(in))
		abort();
	if (len <= 0)
		return 0;
	check_head(&first);
	rest = ws_http_head_parse(ws_span_from(in, (size_t)len), &second);
	if (rest > 0)
		check_head(&second);
	if (first.is_response)
		judge(NULL, &first);
	else
		judge(&first, rest > 0 && second.is_response ? &second : NULL);
	return 0;
}
