/* A client whose WebSocket is open: its frames become messages, its messages commands. */
#include <errno.h>
#include <stdlib.h>

#include "wschat/client.h"
#include "wschat/dialect.h"

enum {
	MESSAGE = 1000,    /* one message, in thousandths: what an allowance is counted in */
	COMPRESS_MIN = 96, /* bytes from which on compressing pays */
	COMPRESS_LEVEL = 5,
	DEFLATE_BITS = 15,
};

/* Builds the frame of a text, compressed where that was agreed on and pays. */
static void send_message(struct client *client, uint8_t opcode, struct ws_span text)
{
	struct worker *worker = client->worker;
	struct ws_deflate **deflate = client->echo ? &client->deflate : &worker->deflate;
	struct ws_frame frame = {.fin = true, .opcode = opcode};

	ws_buf_clear(&worker->json);
	if (client->compress && !*deflate)
		*deflate = ws_deflate_create(client->deflate_bits, COMPRESS_LEVEL);
	if (client->compress && *deflate && text.len >= COMPRESS_MIN &&
	    ws_deflate_message(*deflate, text, false, &worker->json) == 0) {
		frame.rsv = WS_RSV1;
		text = ws_buf_span(&worker->json);
	}
	client_send_frame(client, &frame, text);
}

void client_send_text(struct client *client, struct ws_span text)
{
	send_message(client, WS_TEXT, text);
}

/* An allowance that fills at --message-rate, up to RATE_BURST_SECONDS of it. */
static bool within_rate(struct client *client)
{
	uint32_t rate = options_of(client->worker)->limits.message_rate;
	int64_t now = loop_now(client->worker->loop);
	uint64_t full = (uint64_t)rate * RATE_BURST_SECONDS * MESSAGE;
	uint64_t allowance = client->allowance + (uint64_t)(now - client->rate_at) * rate * MESSAGE / 1000;

	if (!rate)
		return true;
	client->rate_at = now;
	client->allowance = (uint32_t)(allowance < full ? allowance : full);
	if (client->allowance < MESSAGE)
		return false;
	client->allowance -= MESSAGE;
	return true;
}

static int emit_to_client(void *context, struct ws_span json)
{
	client_send_text(context, json);
	return 0;
}

static void refuse_for_rate(struct client *client, const struct command *command)
{
	struct delivery delivery = {.kind = DELIVERY_ERROR, .error = CHAT_ERROR_RATE, .reference = command->reference};
	struct ws_buf text;

	count(client->worker, COUNTER_RATE_LIMITED, 1);
	client_log_limited(client, "message-rate");
	ws_buf_init(&text, WORKER_RECEIVE);
	dialect_write((enum dialect_id)client->dialect, &delivery, &text, emit_to_client, client);
	ws_buf_finish(&text);
}

static void carry_out(struct client *client, struct command *command)
{
	struct worker *worker = client->worker;

	command->from = client->id;
	command->compressed = client->compress;
	if (command->kind == COMMAND_LOGIN) {
		client->dialect = (uint8_t)command->dialect;
		client->logged_in = true;
	}
	if (hub_submit(worker->server->hub, worker->index, command) < 0)
		client_close(client, WS_CLOSE_TRY_LATER, ws_span_str("out of memory"));
}

static void take_text(struct client *client, struct ws_span text)
{
	struct worker *worker = client->worker;
	bool allowed = within_rate(client);
	struct command command;

	switch (dialect_read((enum dialect_id)client->dialect, text, &worker->arena, &command)) {
	case DIALECT_COMMAND:
		if (allowed)
			carry_out(client, &command);
		else
			refuse_for_rate(client, &command);
		break;
	case DIALECT_IGNORED:
		count(worker, COUNTER_IGNORED, 1);
		break;
	case DIALECT_NOTHING:
		break;
	}
}

static void refuse_size(struct client *client)
{
	client_log_limited(client, "max-message");
	client_close(client, WS_CLOSE_TOO_BIG, ws_span_str("message too big"));
}

static void take_message(struct client *client, const struct ws_item *item)
{
	count(client->worker, COUNTER_MESSAGES_IN, 1);
	client->messages_in++;
	if (item->cut == WS_CUT_MESSAGE_LIMIT || item->cut == WS_CUT_INFLATED_LIMIT)
		refuse_size(client);
	else if (client->echo)
		send_message(client, item->opcode, item->payload);
	else if (item->opcode == WS_TEXT)
		take_text(client, item->payload);
	else
		count(client->worker, COUNTER_IGNORED, 1);
}

/* RFC 6455, section 5.5.1: a close frame is answered with its own code; then the server ends the connection. */
static void take_close(struct client *client, const struct ws_item *item)
{
	if (client->state == CLIENT_OPEN)
		client_close(client, item->close_code, ws_span_of(NULL, 0));
	client_finish(client);
}

static void take_control(struct client *client, const struct ws_item *item)
{
	if (item->opcode == WS_PING)
		client_send_frame(client, &(struct ws_frame){.fin = true, .opcode = WS_PONG}, item->payload);
	else if (item->opcode == WS_CLOSE)
		take_close(client, item);
}

/* The first violation ends it: RFC 6455, section 7.1.7. */
static void fail(struct client *client, enum ws_rule rule)
{
	const struct ws_rule_info *info = ws_rule_info(rule);

	count(client->worker, COUNTER_VIOLATIONS, 1);
	client_log_violation(client, info->id);
	client_close(client, info->close_code, ws_span_str(info->id));
	client_finish(client);
}

static void take_item(struct client *client, const struct ws_item *item)
{
	/* Behind our close frame only the peer's is of interest: section 7.1.1. */
	if (client->state == CLIENT_CLOSING && !(item->kind == WS_ITEM_CONTROL && item->opcode == WS_CLOSE))
		return;
	switch (item->kind) {
	case WS_ITEM_MESSAGE:
		take_message(client, item);
		break;
	case WS_ITEM_CONTROL:
		take_control(client, item);
		break;
	case WS_ITEM_VIOLATION:
		fail(client, item->rule);
		break;
	}
}

/* Bytes on the wire that a message of max bytes takes at most. What cannot be compressed becomes longer, with zlib's
 * least memory by an eighth and a little more. */
static uint64_t wire_max(size_t max, bool compressed)
{
	return compressed ? (uint64_t)max + max / 8 + max / 64 + 64 : max;
}

/* A message that cannot end well need not end first. RFC 6455, section 8.1, lets text that is no UTF-8 fail at once. */
static void check_pending(struct client *client)
{
	size_t max = client->echo ? (size_t)WS_MESSAGE_MAX_DEFAULT : options_of(client->worker)->limits.max_message;
	struct ws_item pending;

	if (client->state != CLIENT_OPEN || !ws_decoder_pending(client->decoder, &pending))
		return;
	if (pending.wire_len > wire_max(max, pending.compressed) || pending.cut == WS_CUT_MESSAGE_LIMIT ||
	    pending.cut == WS_CUT_INFLATED_LIMIT)
		refuse_size(client);
	else if (pending.cut == WS_CUT_BAD_DEFLATE)
		fail(client, WS_RULE_INFLATE);
	else if (pending.opcode == WS_TEXT && !pending.utf8)
		fail(client, WS_RULE_UTF8);
}

/* The decoder is there while something is under way. What agree_on_deflate() insists on makes that enough: no message
 * refers to an earlier one. */
static int take_up_decoder(struct client *client)
{
	struct worker *worker = client->worker;
	size_t max = options_of(worker)->limits.max_message;
	struct ws_decoder_config config = {.from_client = true,
					   .deflate = {.enabled = client->compress, .client_no_context_takeover = true},
					   .limits = {.message_max = client->echo ? WS_MESSAGE_MAX_DEFAULT : max,
						      .inflated_max = client->echo ? WS_INFLATED_MAX_DEFAULT : max},
					   .scratch = &worker->scratch};

	if (!client->decoder)
		client->decoder = ws_decoder_create(&config);
	return client->decoder ? 0 : -ENOMEM;
}

static void put_down_decoder(struct client *client)
{
	if (!ws_decoder_at_rest(client->decoder))
		return;
	ws_decoder_destroy(client->decoder);
	client->decoder = NULL;
}

bool client_read_frames(struct client *client, struct ws_span bytes)
{
	struct ws_cursor in = ws_cursor_of(bytes);
	struct ws_item item;

	if (take_up_decoder(client) < 0) {
		client_finish(client);
		return true;
	}
	while (client->state == CLIENT_OPEN || client->state == CLIENT_CLOSING) {
		switch (ws_decoder_next(client->decoder, &in, &item)) {
		case WS_STEP_ITEM:
			take_item(client, &item);
			break;
		case WS_STEP_MEMORY:
			client_close(client, WS_CLOSE_TRY_LATER, ws_span_str("out of memory"));
			break;
		case WS_STEP_MORE:
			check_pending(client);
			put_down_decoder(client);
			return true;
		}
	}
	return true;
}

/* What the server wants of permessage-deflate. Without context takeover a message is compressed once for everybody, and
 * no window is kept for anybody. */
static void agree_on_deflate(const struct client *client, const struct ws_http_head *request,
			     struct ws_deflate_params *ret)
{
	const struct ws_deflate_params want = {.enabled = true,
					       .server_no_context_takeover = true,
					       .client_no_context_takeover = true,
					       .server_max_window_bits = DEFLATE_BITS,
					       .client_max_window_bits = DEFLATE_BITS};
	struct ws_buf offers;

	*ret = (struct ws_deflate_params){0};
	if (!options_of(client->worker)->compress)
		return;
	ws_buf_init(&offers, WORKER_REQUEST_MAX);
	if (ws_http_field_join(request, "Sec-WebSocket-Extensions", &offers) < 0 ||
	    ws_deflate_choose(ws_buf_span(&offers), &want, ret) < 0)
		*ret = (struct ws_deflate_params){0};
	ws_buf_finish(&offers);
	/* A room's frames are made for the full window: who wants a smaller one gets them uncompressed. */
	if (!client->echo && ret->server_max_window_bits != DEFLATE_BITS)
		*ret = (struct ws_deflate_params){0};
}

static void answer(struct client *client, const struct ws_http_head *request, const struct ws_deflate_params *deflate)
{
	struct ws_buf response, extensions;

	ws_buf_init(&response, WORKER_REQUEST_MAX);
	ws_buf_init(&extensions, WORKER_REQUEST_MAX);
	if (deflate->enabled)
		ws_deflate_answer_write(deflate, &extensions);
	ws_response_write(&(struct ws_response){.key = ws_http_field(request, "Sec-WebSocket-Key"),
						.extensions = ws_buf_span(&extensions)},
			  &response);
	client_send_raw(client, ws_buf_span(&response));
	ws_buf_finish(&response);
	ws_buf_finish(&extensions);
}

bool client_upgrade(struct client *client, const struct ws_http_head *request, bool echo)
{
	const struct chat_limits *limits = &options_of(client->worker)->limits;
	struct ws_deflate_params deflate;

	client->echo = echo;
	agree_on_deflate(client, request, &deflate);
	if (worker_add(client->worker, client) < 0) {
		client_destroy(client);
		return false;
	}
	count(client->worker, COUNTER_HANDSHAKES, 1);
	answer(client, request, &deflate);
	client->compress = deflate.enabled;
	client->deflate_bits = deflate.server_max_window_bits;
	client->state = CLIENT_OPEN;
	client->rate_at = loop_now(client->worker->loop);
	client->allowance = limits->message_rate * RATE_BURST_SECONDS * MESSAGE;
	client_log_opened(client);
	loop_timer_set(client->worker->loop, &client->timer, limits->ping_interval * INT64_C(1000));
	return true;
}
