/* Handshake messages: put together from records, and what each changes (RFC 8446, section 4; RFC 5246, section 7.4). */
#include "wscap/tls_internal.h"

enum {
	MESSAGE_HEADER_LEN = 4, /* a type, and a length in three bytes */
	FINISHED_12_LEN = 12,
};

struct message {
	uint8_t type;
	uint32_t len; /* of the body */
};

static bool take_header(struct ws_cursor *at, struct message *ret)
{
	uint32_t word;

	if (!ws_take_u32(at, &word))
		return false;
	ret->type = (uint8_t)(word >> 24);
	ret->len = word & 0xffffff;
	return true;
}

/* Whose body matters, or whose end: it is put together. */
static bool is_read(const struct message *message)
{
	switch (message->type) {
	case TLS_CLIENT_HELLO:
	case TLS_SERVER_HELLO:
	case TLS_ENCRYPTED_EXTENSIONS:
	case TLS_END_OF_EARLY_DATA:
	case TLS_FINISHED:
	case TLS_KEY_UPDATE:
		return message->len <= TLS_MESSAGE_MAX - MESSAGE_HEADER_LEN;
	default:
		return false;
	}
}

/* Keeps as much as there is room for. */
static uint8_t keep(char *to, size_t max, struct ws_span text)
{
	text = ws_span_first(text, max);
	if (text.len)
		memcpy(to, text.data, text.len);
	return (uint8_t)text.len;
}

static void keep_protocol(struct tls *tls, struct ws_span protocol)
{
	tls->facts.protocol_len = keep(tls->facts.protocol, sizeof(tls->facts.protocol), protocol);
}

/* A new beginning, or the answer to a HelloRetryRequest. */
static void client_hello(struct decode *decode, struct tls *tls, struct ws_span body)
{
	struct tls_hello hello;
	bool again = tls->facts.has_random;

	if (tls_client_hello_parse(body, &hello) != WS_OK)
		return;
	tls->facts.has_random = true;
	tls->both_hellos = tls->server_hello;
	memcpy(tls->facts.client_random, hello.random.data, sizeof(tls->facts.client_random));
	if (!tls->server_hello) {
		tls->facts.version = hello.version;
		keep_protocol(tls, hello.alpn);
	}
	tls->facts.name_len = keep(tls->facts.name, sizeof(tls->facts.name), hello.server_name);
	if (!again)
		tls->facts.early = hello.early_data ? TLS_EARLY_OFFERED : TLS_EARLY_NONE;
	if (!again)
		tls_tell_hello(decode, tls);
}

static void retry_request(struct decode *decode, struct tls *tls)
{
	tls->facts.retried = true;
	if (tls->facts.early == TLS_EARLY_OFFERED) /* RFC 8446, section 4.2.10 */
		tls_early_decided(decode, tls, false);
}

static void server_hello(struct decode *decode, struct tls *tls, struct ws_span body)
{
	struct tls_hello hello;

	if (tls_server_hello_parse(body, &hello) != WS_OK)
		return;
	if (hello.is_retry) {
		retry_request(decode, tls);
		return;
	}
	tls->server_hello = true;
	tls->both_hellos = tls->facts.has_random;
	memcpy(tls->server_random, hello.random.data, sizeof(tls->server_random));
	tls->facts.version = hello.version;
	tls->facts.suite_number = hello.suite;
	tls->facts.suite = tls_suite_find(hello.suite);
	tls->facts.resumed = hello.psk;
	tls->encrypt_then_mac = hello.encrypt_then_mac;
	keep_protocol(tls, hello.alpn);
	if (hello.version != TLS_VERSION_12 && hello.version != TLS_VERSION_13)
		tls_lock(decode, tls, TLS_LOCK_VERSION);
	else if (!tls->facts.suite || hello.compression ||
		 (hello.version == TLS_VERSION_13) != tls_suite_is_13(tls->facts.suite))
		tls_lock(decode, tls, TLS_LOCK_SUITE);
	else if (tls_is_13(tls))
		tls_set_epoch(&tls->sides[DIR_S2C], TLS_HANDSHAKE_EPOCH);
}

/* What the bytes above are, as far as the name tells (RFC 7301). */
static enum layer_protocol protocol_of(struct ws_span name)
{
	if (ws_span_equal(name, ws_span_str("h2")))
		return PROTOCOL_H2;
	return ws_span_equal(name, ws_span_str("http/1.1")) ? PROTOCOL_HTTP1 : PROTOCOL_UNKNOWN;
}

static void encrypted_extensions(struct decode *decode, struct tls *tls, struct ws_span body)
{
	struct tls_hello hello;

	if (tls_encrypted_extensions_parse(body, &hello) != WS_OK)
		return;
	keep_protocol(tls, hello.alpn);
	tls->seat.protocol = protocol_of(hello.alpn) & 3;
	if (tls->facts.early == TLS_EARLY_OFFERED)
		tls_early_decided(decode, tls, hello.early_data);
	tls_tell_open(decode, tls);
}

static void finished(struct decode *decode, struct tls *tls, enum dir dir)
{
	struct tls_side *side = &tls->sides[dir];

	if (!tls_is_13(tls) || side->epoch != TLS_HANDSHAKE_EPOCH)
		return;
	if (dir == DIR_C2S && tls->facts.early == TLS_EARLY_OFFERED) /* the server's answer could not be read */
		tls_early_decided(decode, tls, false);
	tls_set_epoch(side, TLS_TRAFFIC);
}

static void end_of_early_data(struct decode *decode, struct tls *tls, enum dir dir)
{
	struct tls_side *side = &tls->sides[dir];

	if (dir != DIR_C2S || side->epoch != TLS_EARLY)
		return;
	if (tls->facts.early == TLS_EARLY_OFFERED)
		tls_early_decided(decode, tls, true);
	tls_set_epoch(side, TLS_HANDSHAKE_EPOCH);
}

/* A whole message, one of those that are read. */
static void take_message(struct decode *decode, struct tls *tls, enum dir dir, uint8_t type, struct ws_span body)
{
	struct tls_side *side = &tls->sides[dir];
	bool clear = side->epoch == TLS_CLEAR;

	if (type == TLS_SERVER_HELLO && dir == DIR_S2C && side->epoch == TLS_TRAFFIC)
		tls_lock(decode, tls, TLS_LOCK_RENEGOTIATION); /* the client has only asked for it */
	else if (type == TLS_CLIENT_HELLO && dir == DIR_C2S && clear)
		client_hello(decode, tls, body);
	else if (type == TLS_SERVER_HELLO && dir == DIR_S2C && clear)
		server_hello(decode, tls, body);
	else if (type == TLS_ENCRYPTED_EXTENSIONS && dir == DIR_S2C && side->epoch == TLS_HANDSHAKE_EPOCH)
		encrypted_extensions(decode, tls, body);
	else if (type == TLS_END_OF_EARLY_DATA)
		end_of_early_data(decode, tls, dir);
	else if (type == TLS_FINISHED)
		finished(decode, tls, dir);
	else if (type == TLS_KEY_UPDATE && tls_is_13(tls) && side->epoch == TLS_TRAFFIC)
		tls_key_update(decode, tls, side);
}

/* One that is not read says at least that it is there: a server that shows a certificate resumes nothing. */
static void note_message(struct tls *tls, uint8_t type)
{
	if (type == TLS_CERTIFICATE || type == TLS_SERVER_KEY_EXCHANGE || type == TLS_SERVER_HELLO_DONE)
		tls->full = true;
}

/* Behind a gap: does a record begin with a message? Those that matter are alone in theirs, or first. */
static bool begins_message(const struct tls *tls, struct ws_span content)
{
	struct ws_cursor at = ws_cursor_of(content);
	struct message message;

	if (!take_header(&at, &message) || ws_cursor_left(&at) < message.len)
		return false;
	switch (message.type) {
	case TLS_CLIENT_HELLO:
	case TLS_SERVER_HELLO:
		return message.len > TLS_RANDOM_LEN;
	case TLS_KEY_UPDATE:
		return message.len == 1 && ws_cursor_left(&at) == 1;
	case TLS_FINISHED:
		return message.len == (tls_is_13(tls) ? tls_hash_sizes[tls->facts.suite->hash] : FINISHED_12_LEN);
	default:
		return false;
	}
}

/* Adds to the message under way up to so many bytes in all. Returns whether it has them now. */
static bool fill(struct decode *decode, struct tls *tls, struct tls_side *side, struct ws_cursor *at, size_t to)
{
	size_t more = side->message.len < to ? to - side->message.len : 0;
	struct ws_span part;

	more = more < ws_cursor_left(at) ? more : ws_cursor_left(at);
	if (ws_take_span(at, more, &part) && ws_buf_append(&side->message, part) != WS_OK) {
		decode->stats.no_memory++;
		tls->done = true;
	}
	return !tls->done && side->message.len >= to;
}

/* One step: a part of a message, or a whole one. Returns whether there is more to do. */
static bool step(struct decode *decode, struct tls *tls, enum dir dir, struct ws_cursor *at)
{
	struct tls_side *side = &tls->sides[dir];
	struct ws_cursor header_at;
	struct message message;
	struct ws_buf whole;
	struct ws_span part;

	if (side->message_left) {
		size_t pass = side->message_left < ws_cursor_left(at) ? (size_t)side->message_left : ws_cursor_left(at);

		ws_take_span(at, pass, &part);
		side->message_left -= pass;
		return true;
	}
	if (!fill(decode, tls, side, at, MESSAGE_HEADER_LEN))
		return false;
	header_at = ws_cursor_of(ws_buf_span(&side->message));
	if (!take_header(&header_at, &message))
		return false;
	if (!is_read(&message)) {
		note_message(tls, message.type);
		ws_buf_clear(&side->message);
		side->message_left = message.len;
		return true;
	}
	if (!fill(decode, tls, side, at, MESSAGE_HEADER_LEN + message.len))
		return false;
	whole = side->message; /* what it changes may be the side itself */
	ws_buf_init(&side->message, whole.max);
	take_message(decode, tls, dir, message.type, ws_span_from(ws_buf_span(&whole), MESSAGE_HEADER_LEN));
	ws_buf_finish(&whole);
	return true;
}

void tls_take_handshake(struct decode *decode, struct tls *tls, const struct tls_record *record, struct ws_span content)
{
	struct tls_side *side = &tls->sides[record->dir];
	struct ws_cursor at = ws_cursor_of(content);

	if (side->torn && !begins_message(tls, content))
		return;
	side->torn = false;
	while (!tls->done && ws_cursor_left(&at) && step(decode, tls, record->dir, &at))
		;
}
