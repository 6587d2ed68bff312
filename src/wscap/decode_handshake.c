/* The handshake of a WebSocket, told and judged: of HTTP/1.1 (RFC 6455, section 4), and of HTTP/2 (RFC 8441).
 *
 * Heads come here when they are read and known to be a handshake's. Of a channel's states only HTTP/2's change here:
 * decode_http.c has those of HTTP/1.1. */
#include "wscap/decode_internal.h"
#include "wscap/h2_fields.h"

static void tell_request(struct decode *decode, struct decode_conn *c, const struct ws_http_head *request)
{
	struct event event;

	decode_event_set(decode, c, EVENT_REQUEST, DIR_C2S, &event);
	event.as.handshake.request = request;
	event.as.handshake.response = NULL;
	event.as.handshake.accept_known = event.as.handshake.accept_ok = false;
	event.as.handshake.deflate = (struct ws_deflate_params){0};
	event.as.handshake.took = -1;
	event.as.handshake.request_begin = c->pending->request_begin;
	event.as.handshake.request_end = c->pending->request_begin + (int64_t)request->all.len;
	event.as.handshake.response_begin = event.as.handshake.response_end = -1;
	decode_emit(decode, &event);
}

void decode_handshake_asked(struct decode *decode, struct decode_conn *c, const struct decode_head *request)
{
	bool good = !decode->folded;

	tell_request(decode, c, request->head);
	if (request->like)
		return;
	for (enum ws_rule rule = WS_RULE_NONE; (rule = ws_handshake_judge_request(request->head, rule));) {
		decode_violation(decode, c, DIR_C2S, rule);
		good = false;
	}
	if (good)
		alike_keep(decode->alike, DIR_C2S, request->head, ws_http_field(request->head, "Sec-WebSocket-Key"));
}

/* The answer, which stands at offset, to what was asked; request is NULL where it is not known. */
static void answer_event(const struct decode *decode, const struct decode_conn *c, int64_t offset,
			 const struct ws_http_head *request, const struct ws_http_head *response, struct event *ret)
{
	decode_event_set(decode, c, EVENT_HANDSHAKE, DIR_S2C, ret);
	ret->as.handshake.request = request;
	ret->as.handshake.response = response;
	ret->as.handshake.accept_known = ret->as.handshake.accept_ok = false;
	ret->as.handshake.took = request ? decode_since(decode, c->pending->request_time) : -1;
	ret->as.handshake.request_begin = c->pending->request_begin;
	ret->as.handshake.request_end = request ? c->pending->request_begin + (int64_t)request->all.len : -1;
	ret->as.handshake.response_begin = offset;
	ret->as.handshake.response_end = offset + (int64_t)response->all.len;
}

/* What was agreed on, if the answer opens it, is the channel's, and told. */
static void take_deflate(struct decode_conn *c, const struct ws_http_head *request, const struct ws_http_head *response,
			 bool opens, struct event *event)
{
	if (opens && ws_handshake_deflate(request, response, &c->deflate) != WS_OK)
		c->deflate = (struct ws_deflate_params){0};
	event->as.handshake.deflate = c->deflate;
}

/* The rules that a 101 breaks, as a set. */
static uint64_t broken_by(const struct ws_http_head *request, const struct ws_http_head *response)
{
	uint64_t broken = 0;

	static_assert(WS_RULE_RESPONSE_EXTENSION < 64, "a bit for each");
	for (enum ws_rule rule = WS_RULE_NONE; (rule = ws_handshake_judge_response(request, response, rule));)
		broken |= UINT64_C(1) << rule;
	return broken;
}

/* It names nothing that must have been offered. */
static bool stands_alone(const struct ws_http_head *response)
{
	return !ws_http_field_count(response, "Sec-WebSocket-Protocol") &&
	       !ws_http_field_count(response, "Sec-WebSocket-Extensions");
}

/* Both are without fault. Answers like this one to requests like this one are, too, if their accept value is right. */
static void remember(struct decode *decode, const struct decode_conn *c, const struct decode_head *request,
		     const struct decode_head *response, struct ws_span accept)
{
	struct alike_head *answer = response->like;

	if (!answer) {
		answer = alike_keep(decode->alike, DIR_S2C, response->head, accept);
		if (!answer)
			return;
		answer->alone = stands_alone(response->head);
	}
	if (!request->like)
		return;
	request->like->answer = answer->stamp;
	request->like->deflate = c->deflate;
}

/* What both heads say; request is NULL where it was not captured. Returns the rules that are broken. */
static uint64_t judge(struct decode *decode, struct decode_conn *c, const struct decode_head *request,
		      const struct decode_head *response, struct event *event)
{
	const struct ws_http_head *asked = request ? request->head : NULL, *answer = response->head;
	struct ws_span accept = ws_http_field(answer, "Sec-WebSocket-Accept");
	struct ws_span key = asked ? ws_http_field(asked, "Sec-WebSocket-Key") : ws_span_of(NULL, 0);
	bool opens = answer->status == 101;
	uint64_t broken = opens ? broken_by(asked, answer) : 0;

	event->as.handshake.accept_known = key.data && accept.data;
	if (event->as.handshake.accept_known) /* whose rule is kept, it is right: one SHA-1 is enough */
		event->as.handshake.accept_ok =
		    (opens && !(broken >> WS_RULE_RESPONSE_ACCEPT & 1)) || ws_accept_is(key, accept);
	take_deflate(c, asked, answer, opens, event);
	if (request && opens && !broken && !decode->folded)
		remember(decode, c, request, response, accept);
	return broken;
}

static struct ws_span key_of(const struct decode_head *request)
{
	return request->like ? alike_value(request->like, DIR_C2S) : ws_http_field(request->head, "Sec-WebSocket-Key");
}

/* Is only the accept value still to be judged? */
static bool is_judged(const struct decode_head *request, const struct decode_head *response)
{
	if (!request || !response->like)
		return false;
	return (request->like && request->like->answer == response->like->stamp) ||
	       (response->like->alone && key_of(request).data);
}

static uint64_t judge_accept(struct decode_conn *c, const struct decode_head *request,
			     const struct alike_head *response, struct event *event)
{
	bool ok = ws_accept_is(key_of(request), alike_value(response, DIR_S2C));

	c->deflate = response->alone ? (struct ws_deflate_params){0} : request->like->deflate;
	event->as.handshake.accept_known = true;
	event->as.handshake.accept_ok = ok;
	event->as.handshake.deflate = c->deflate;
	return ok ? 0 : UINT64_C(1) << WS_RULE_RESPONSE_ACCEPT;
}

void decode_handshake(struct decode *decode, struct decode_conn *c, int64_t offset, const struct decode_head *request,
		      const struct decode_head *response)
{
	struct event event;
	uint64_t broken;

	answer_event(decode, c, offset, request ? request->head : NULL, response->head, &event);
	if (is_judged(request, response))
		broken = judge_accept(c, request, response->like, &event);
	else
		broken = judge(decode, c, request, response, &event);
	decode_emit(decode, &event);
	c->handshake_seen = c->handshake_seen || response->head->status == 101;
	for (; broken; broken &= broken - 1)
		decode_violation(decode, c, DIR_S2C, (enum ws_rule)__builtin_ctzll(broken));
}

/* RFC 8441, section 5: version, subprotocols and extensions are those of RFC 6455; there is no key. */
static void judge_h2_request(struct decode *decode, struct decode_conn *c, const struct ws_http_head *head)
{
	for (enum ws_rule rule = WS_RULE_NONE; (rule = ws_handshake_judge_request(head, rule));)
		if (rule == WS_RULE_REQUEST_VERSION)
			decode_violation(decode, c, DIR_C2S, rule);
}

static void judge_h2_answer(struct decode *decode, struct decode_conn *c, const struct ws_http_head *request,
			    const struct ws_http_head *response)
{
	for (enum ws_rule rule = WS_RULE_NONE; (rule = ws_handshake_judge_response(request, response, rule));)
		if (rule == WS_RULE_RESPONSE_PROTOCOL || rule == WS_RULE_RESPONSE_EXTENSION)
			decode_violation(decode, c, DIR_S2C, rule);
}

void decode_h2_request(struct decode *decode, struct decode_conn *c, int64_t offset, const struct ws_http_head *head)
{
	if (ws_buf_append(&c->pending->request, head->all) != WS_OK)
		decode->stats.no_memory++; /* the answer will have to do */
	c->stage = STAGE_OPENING;
	c->pending->request_begin = offset;
	c->pending->request_time = decode->now;
	c->streams[DIR_C2S].state = STREAM_HELD;
	c->streams[DIR_S2C].state = STREAM_HEAD;
	tell_request(decode, c, head);
	judge_h2_request(decode, c, head);
}

static void tell_h2_answer(struct decode *decode, struct decode_conn *c, int64_t offset,
			   const struct ws_http_head *request, const struct ws_http_head *response)
{
	struct event event;
	bool opens = event_opens(response);

	answer_event(decode, c, offset, request, response, &event);
	/* known even where the request could not be kept */
	event.as.handshake.took = decode_since(decode, c->pending->request_time);
	take_deflate(c, request, response, opens, &event);
	decode_emit(decode, &event);
	if (!opens)
		return;
	c->handshake_seen = true;
	judge_h2_answer(decode, c, request, response);
}

void decode_h2_answer(struct decode *decode, struct decode_conn *c, int64_t offset, const struct ws_http_head *head)
{
	struct ws_http_head request;
	bool known;

	if (c->stage != STAGE_OPENING)
		return;
	if (!head) {
		decode_conn_open_unanswered(decode, c);
		decode_conn_run(decode, c);
		return;
	}
	known = c->pending->request.len && h2_head(ws_buf_span(&c->pending->request), false, &request);
	tell_h2_answer(decode, c, offset, known ? &request : NULL, head);
	if (event_opens(head))
		decode_conn_open(decode, c);
	else
		c->gone = true;
	decode_conn_run(decode, c);
}
