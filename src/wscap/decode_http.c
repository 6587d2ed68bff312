/* Heads: the requests that may come before an upgrade, the upgrade, and its answer (RFC 6455, section 4; RFC 9112).
 *
 * Only the client's side of plain HTTP is read; the server's answers to it, which need not say how long they are, are
 * passed over: the answer to an upgrade is what comes behind its request. */
#include "wscap/decode_internal.h"

enum {
	LOOKS_LIKE_LEN = sizeof("GET ") - 1, /* bytes of a request that tell it in the middle of a stream */
};

/* How in begins, against a pattern; '?' stands for any byte. */
static enum match match(struct ws_span in, const char *pattern)
{
	struct ws_cursor at = ws_cursor_of(in);
	uint8_t byte;

	for (; *pattern; pattern++) {
		if (!ws_take_u8(&at, &byte))
			return MATCH_MORE;
		if (*pattern != '?' && byte != (uint8_t)*pattern)
			return MATCH_NO;
	}
	return MATCH_YES;
}

enum match decode_match_get(struct ws_span in)
{
	return match(in, "GET ");
}

enum match decode_match_answer(struct ws_span in)
{
	return match(in, "HTTP/");
}

enum match decode_match_upgrade(struct ws_span in)
{
	return match(in, "HTTP/1.? 101");
}

/* A 101 alone may open other things than a WebSocket. */
static bool opens_websocket(const struct ws_http_head *response)
{
	return ws_http_list_has(response, "Upgrade", "websocket") ||
	       ws_http_field_count(response, "Sec-WebSocket-Accept");
}

/* Where in what is passed over, behind its first byte, a 101 may begin: at its end where none does. */
static size_t find_answer(struct ws_span in)
{
	struct ws_span rest = ws_span_from(in, 1);
	const uint8_t *begin;

	while ((begin = rest.len ? memchr(rest.data, 'H', rest.len) : NULL)) {
		rest = ws_span_from(rest, (size_t)(begin - rest.data));
		if (decode_match_upgrade(rest) != MATCH_NO)
			return in.len - rest.len;
		rest = ws_span_from(rest, 1);
	}
	return in.len;
}

/* What follows is not looked at, unless it is HTTP/2 (RFC 7540, section 3.2): then it is kept for another
 * layer. */
static size_t tell_upgrade(struct decode *decode, struct decode_conn *c, const struct ws_http_head *response)
{
	struct event event = decode_event(decode, c, EVENT_UPGRADE, DIR_S2C);

	if (!ws_http_field_count(response, "Upgrade")) { /* RFC 9110, section 15.2.2: it would say to what */
		decode_stream_set(c, DIR_S2C, STREAM_ANSWERS);
		return response->all.len;
	}
	event.as.upgrade.protocol = ws_http_field(response, "Upgrade");
	decode_emit(decode, &event);
	c->pending->h2c =
	    seat_takes_h2(&c->layer.at) && ws_span_equal_nocase(event.as.upgrade.protocol, ws_span_str("h2c"));
	if (c->pending->h2c)
		decode_stream_set(c, DIR_S2C, STREAM_HELD);
	else
		c->gone = true;
	return response->all.len;
}

/* The answer to a CONNECT, whose head is in c->pending->request. Behind it everything is as at a connection's
 * beginning. */
static size_t take_tunnel(struct decode *decode, struct decode_conn *c, struct ws_span in)
{
	struct event event = decode_event(decode, c, EVENT_TUNNEL, DIR_S2C);
	struct ws_http_head request, response;
	long len = decode_head_parse(decode, in, &response);

	if (len == 0)
		return 0;
	if (len > 0 && response.status < 200)
		return (size_t)len;
	if (len > 0 && ws_http_head_parse(ws_buf_span(&c->pending->request), &request) > 0) {
		event.as.tunnel.target = request.target;
		event.as.tunnel.response = &response;
		decode_emit(decode, &event);
	}
	ws_buf_finish(&c->pending->request);
	return len < 0 ? in.len : (size_t)len;
}

size_t decode_step_answers(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset,
			   struct ws_span in)
{
	enum match request = conn_role(c->layer.at.conn) == ROLE_UNKNOWN ? decode_match_get(in) : MATCH_NO;
	enum match upgrade = decode_match_upgrade(in);
	struct ws_http_head head;

	c->pending->earlier = 0; /* it answers; who asks again after that has waited */
	if (c->pending->request.len && !c->refused && decode_match_answer(in) == MATCH_YES)
		return take_tunnel(decode, c, in);
	if (request == MATCH_YES)
		c->turned = true;
	else if (upgrade == MATCH_YES && decode_head_parse(decode, in, &head) > 0 && !opens_websocket(&head))
		return tell_upgrade(decode, c, &head);
	else if (upgrade == MATCH_YES)
		decode_stream_set(c, dir, STREAM_HELD);
	if (request != MATCH_NO || upgrade != MATCH_NO)
		return 0;
	/* Who speaks first, and not HTTP, is no web server. */
	if (offset == 0 && decode_match_answer(in) == MATCH_NO) {
		if (decode_match_h2(c, dir, offset, in) == MATCH_MORE)
			return 0;
		c->gone = true;
	}
	/* What was asked is missing: it may have been the upgrade, and this frames. */
	if (c->pending->streams[dir].lost_from < 0 && conn_is_behind(c->layer.at.conn, DIR_C2S))
		decode_seek_from(c, dir, offset);
	return c->refused ? find_answer(in) : in.len;
}

/* Answers to requests that the client sent one behind the other, the upgrade the last of them: each is read, so that
 * none passes for the answer to the upgrade. */
size_t decode_step_earlier(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset,
			   struct ws_span in)
{
	struct stream_pending *server = &c->pending->streams[dir];
	struct ws_http_head head;
	long len = decode_head_parse(decode, in, &head);
	bool bare;

	(void)offset;
	if (len == 0)
		return 0;
	/* Who did not ask for it gets no 101; and what is no head is the rest of an answer that had begun before. */
	if (len < 0 || head.status == 101) {
		c->pending->earlier = 0;
		decode_stream_set(c, dir, STREAM_HEAD);
		return 0;
	}
	if (head.status < 200)
		return (size_t)len;
	c->pending->earlier--;
	bare = c->pending->earlier_head >> c->pending->earlier & 1;
	if (!bare && !decode_body_begin(server, &head)) { /* nobody knows where it ends */
		c->pending->earlier = 0;
		decode_stream_set(c, dir, STREAM_HEAD);
	} else if (!bare && server->body != BODY_NONE)
		decode_stream_set(c, dir, STREAM_BODY);
	else if (!c->pending->earlier)
		decode_stream_set(c, dir, STREAM_HEAD);
	return (size_t)len;
}

/* One more whose answer is to come. More than can be counted are given up: their answers are passed over as they come.
 */
static void count_request(struct decode_conn *c, bool head)
{
	c->pending->earlier = c->pending->earlier < 32 ? (uint8_t)(c->pending->earlier + 1) : 0;
	c->pending->earlier_head = c->pending->earlier_head << 1 | head;
}

/* RFC 9110, section 9.3.6. */
static void connect_request(struct decode *decode, struct decode_conn *c, const struct ws_http_head *head)
{
	c->pending->request.len = 0;
	c->pending->places.known = false;
	c->pending->like = NULL;
	if (ws_buf_append(&c->pending->request, head->all) == WS_OK)
		return;
	decode->stats.no_memory++;
	c->gone = true;
}

static void plain_request(struct decode *decode, struct decode_conn *c, const struct ws_http_head *head)
{
	struct stream_pending *client = &c->pending->streams[DIR_C2S], *server = &c->pending->streams[DIR_S2C];
	bool connects = ws_span_equal(head->method, ws_span_str("CONNECT"));

	server->gap_len = client->gap_len = 0; /* whatever it was, it was before this */
	server->lost_from = client->lost_from = -1;
	count_request(c, connects || ws_span_equal(head->method, ws_span_str("HEAD")));
	if (connects)
		connect_request(decode, c, head);
	else if (!decode_body_begin(client, head))
		decode_stream_set(c, DIR_C2S, STREAM_SEEK);
	else if (client->body != BODY_NONE)
		c->streams[DIR_C2S].state = STREAM_BODY;
	if (c->streams[DIR_S2C].state == STREAM_SEEK)
		decode_stream_set(c, DIR_S2C, STREAM_ANSWERS);
}

static void upgrade_request(struct decode *decode, struct decode_conn *c, int64_t offset,
			    const struct decode_head *request)
{
	struct decode_pending *pending = c->pending;

	pending->request.len = 0;
	if (ws_buf_append(&pending->request, request->head->all) != WS_OK) {
		decode->stats.no_memory++;
		c->gone = true;
		return;
	}
	pending->like = request->like;
	pending->places.known = false;
	if (request->like)
		pending->like_stamp = request->like->stamp;
	else
		head_places_take(&pending->places, request->head);
	decode_conn_known(decode, c);
	c->stage = STAGE_OPENING;
	pending->request_begin = offset;
	pending->request_time = decode->now;
	decode_stream_set(c, DIR_S2C, pending->earlier ? STREAM_EARLIER : STREAM_HEAD);
	decode_stream_set(c, DIR_C2S, STREAM_HELD);
	decode_handshake_asked(decode, c, request);
	if (decode->folded)
		decode_violation(decode, c, DIR_C2S, WS_RULE_LINE_FOLDING);
}

/* A request without Upgrade, or of another method, is still one to open a WebSocket when it carries a key: then it is
 * a wrong one. */
static bool is_upgrade(const struct ws_http_head *head)
{
	return ws_handshake_is_request(head) || ws_http_field_count(head, "Sec-WebSocket-Key");
}

/* What was found in the middle only began like a request; or it is frames: then there was an answer, which waits, or
 * was not captured. Or what was taken for a refusal answered another request, and the client goes on as if it had not
 * been there: so does this. */
static size_t no_request(struct decode_conn *c, struct ws_span in)
{
	size_t begin = decode_match_get(in) == MATCH_YES ? LOOKS_LIKE_LEN : 0;

	c->pending->sought += begin;
	if (c->refused) {
		c->stage = STAGE_OPENING;
		decode_stream_set(c, DIR_S2C, STREAM_HEAD);
	}
	decode_stream_set(c, DIR_C2S, c->refused ? STREAM_HELD : STREAM_SEEK);
	return begin;
}

/* Must what stands where a request may stand be one? Not where the stream's beginning is only guessed: it may look like
 * one by chance. */
static bool must_be_request(const struct decode_conn *c)
{
	return !c->waiting && !c->refused && !c->pending->streams[DIR_C2S].tried && conn_saw_syn(c->layer.at.conn);
}

static bool is_line_end(struct ws_span in)
{
	return *in.data == '\r' || *in.data == '\n';
}

static size_t take_request(struct decode *decode, struct decode_conn *c, int64_t offset, struct ws_span in)
{
	struct decode_head request;
	long len;

	if (conn_role(c->layer.at.conn) == ROLE_UNKNOWN && decode_match_answer(in) == MATCH_YES) {
		c->turned = true;
		return 0;
	}
	if (is_line_end(in)) /* RFC 9112, section 2.2: there may be more before a request than should be */
		return 1;
	len = decode_head_read(decode, DIR_C2S, in, &request);
	if (len == 0)
		return 0;
	if (len < 0 && !must_be_request(c))
		return no_request(c, in);
	if (c->refused)
		ws_buf_finish(&c->pending->request);
	c->refused = false;
	if (len == WS_E_LIMIT)
		decode_limit(decode, c, DIR_C2S, "max-head");
	if (len < 0 && ws_http_head_plausible(in))
		return decode_head_lose(decode, c, DIR_C2S, in);
	if (len < 0 || request.head->is_response || request.head->version_major > 1)
		c->gone = true;
	else if (request.like || is_upgrade(request.head))
		upgrade_request(decode, c, offset, &request);
	else
		plain_request(decode, c, request.head);
	return len < 0 ? in.len : (size_t)len;
}

/* The request as it was read; NULL where it is not known. */
static const struct decode_head *asked(const struct decode_pending *pending, struct decode_head *ret)
{
	struct ws_span all = ws_buf_span(&pending->request);

	if (!all.len)
		return NULL;
	ret->like = alike_again(pending->like, pending->like_stamp, all);
	ret->head = ret->like ? &ret->like->head : &ret->own;
	if (!ret->like && !head_places_read(&pending->places, all, &ret->own) &&
	    ws_http_head_parse(all, &ret->own) <= 0)
		return NULL;
	return ret;
}

static void final_answer(struct decode *decode, struct decode_conn *c, int64_t offset,
			 const struct decode_head *response)
{
	struct decode_head room;
	const struct decode_head *request = asked(c->pending, &room);

	/* Without its request: perhaps nothing of the client will be seen. */
	c->streams[DIR_C2S].unseen = !request && !c->pending->streams[DIR_C2S].kept.len && !c->streams[DIR_C2S].fed;
	c->pending->streams[DIR_S2C].lost_from = -1; /* no frame is before it */
	decode_conn_known(decode, c);
	decode_handshake(decode, c, offset, request, response);
	if (decode->folded)
		decode_violation(decode, c, DIR_S2C, WS_RULE_LINE_FOLDING);
	if (response->head->status == 101) {
		decode_conn_open(decode, c);
		return;
	}
	decode_conn_refused(c);
	decode_seek_from(c, DIR_S2C, offset + (int64_t)response->head->all.len); /* if it is no refusal */
}

/* In place of the answer stands something else: frames, when the answer was not captured, or the rest of an answer to
 * a plain request. */
static size_t no_answer(struct decode *decode, struct decode_conn *c, struct ws_span in)
{
	struct decode_weight weight;
	size_t passed;

	decode_weigh(in, false, &weight);
	if (weight.bits >= TRUST_KNOWN) {
		decode_conn_open_unanswered(decode, c);
		return 0;
	}
	passed = find_answer(in);
	c->pending->sought += passed;
	c->gone = c->pending->sought > LIMIT_UNDECIDED_BYTES;
	return passed;
}

/* Behind the request stands another: so it was refused, and its answer not captured, or not yet. */
static bool asks_again(const struct decode_conn *c)
{
	return c->streams[DIR_C2S].state == STREAM_HELD &&
	       decode_match_get(ws_buf_span(&c->pending->streams[DIR_C2S].kept)) == MATCH_YES;
}

static size_t take_answer(struct decode *decode, struct decode_conn *c, int64_t offset, struct ws_span in)
{
	struct decode_head answer;
	const struct ws_http_head *head;
	long len;

	if (decode_match_answer(in) == MATCH_NO)
		return no_answer(decode, c, in);
	len = decode_head_read(decode, DIR_S2C, in, &answer);
	head = answer.head;
	if (len == 0)
		return 0;
	if (len == WS_E_LIMIT)
		decode_limit(decode, c, DIR_S2C, "max-head");
	if (len < 0)
		return decode_head_lose(decode, c, DIR_S2C, in);
	if (c->stage == STAGE_HTTP && !opens_websocket(head))
		return tell_upgrade(decode, c, head);
	if ((c->pending->sought || c->refused) && head->status == 101 && !opens_websocket(head))
		return (size_t)len; /* in what is passed over: no answer */
	if (c->refused && head->status != 101)
		return (size_t)len; /* to another request as well */
	if (head->status == 101 && asks_again(c)) {
		decode_conn_refused(c);
		return 0;
	}
	if (head->status >= 200 || head->status == 101)
		final_answer(decode, c, offset, &answer);
	return (size_t)len;
}

size_t decode_step_head(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span in)
{
	return dir == DIR_C2S ? take_request(decode, c, offset, in) : take_answer(decode, c, offset, in);
}
