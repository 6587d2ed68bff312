/* What TLS has to say for itself, as events. */
#include "wscap/tls_internal.h"

#include <openssl/crypto.h>

#include "base/out.h"

const char *const tls_lock_names[TLS_LOCK_COUNT] = {
    [TLS_LOCK_SECRET] = "secret", [TLS_LOCK_HANDSHAKE] = "handshake",       [TLS_LOCK_VERSION] = "version",
    [TLS_LOCK_SUITE] = "suite",   [TLS_LOCK_WRONG_SECRET] = "wrong-secret", [TLS_LOCK_RENEGOTIATION] = "renegotiation",
    [TLS_LOCK_LOST] = "lost",
};

const char *tls_version_name(uint16_t version)
{
	static const char *const names[] = {"SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"};
	unsigned minor = version & 0xff;

	return version >> 8 == 3 && minor < sizeof(names) / sizeof(*names) ? names[minor] : NULL;
}

const char *tls_alert_name(uint8_t code)
{
	static const struct {
		uint8_t code;
		const char *name;
	} names[] = {
	    {0, "close_notify"},
	    {10, "unexpected_message"},
	    {20, "bad_record_mac"},
	    {21, "decryption_failed"},
	    {22, "record_overflow"},
	    {40, "handshake_failure"},
	    {42, "bad_certificate"},
	    {43, "unsupported_certificate"},
	    {44, "certificate_revoked"},
	    {45, "certificate_expired"},
	    {46, "certificate_unknown"},
	    {47, "illegal_parameter"},
	    {48, "unknown_ca"},
	    {49, "access_denied"},
	    {50, "decode_error"},
	    {51, "decrypt_error"},
	    {70, "protocol_version"},
	    {71, "insufficient_security"},
	    {80, "internal_error"},
	    {86, "inappropriate_fallback"},
	    {90, "user_canceled"},
	    {100, "no_renegotiation"},
	    {109, "missing_extension"},
	    {110, "unsupported_extension"},
	    {112, "unrecognized_name"},
	    {113, "bad_certificate_status_response"},
	    {115, "unknown_psk_identity"},
	    {116, "certificate_required"},
	    {120, "no_application_protocol"},
	    {121, "ech_required"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].code == code)
			return names[i].name;
	return NULL;
}

static struct event event_of(const struct decode *decode, const struct tls *tls, enum event_kind kind, enum dir dir)
{
	struct event event = {
	    .kind = kind,
	    .dir = dir,
	    .time = decode->now,
	    .packet = decode->packet,
	    .conn = tls->seat.conn,
	    .stream = seat_stream(&tls->seat),
	    .tls = tls->depth > 0,
	    .channel = tls->above ? tls->above->ops->channel(tls->above) : NULL,
	};

	event.as.tls.facts = &tls->facts;
	return event;
}

void tls_tell_hello(struct decode *decode, struct tls *tls)
{
	struct event event = event_of(decode, tls, EVENT_TLS_HELLO, DIR_C2S);

	decode_emit(decode, &event);
}

void tls_tell_open(struct decode *decode, struct tls *tls)
{
	struct event event = event_of(decode, tls, EVENT_TLS_OPEN, DIR_S2C);

	if (tls->told_open || !tls->server_hello)
		return;
	tls->told_open = true;
	decode_emit(decode, &event);
}

void tls_tell_locked(struct decode *decode, struct tls *tls, enum tls_lock why)
{
	struct event event = event_of(decode, tls, EVENT_TLS_LOCKED, DIR_C2S);

	if (tls->told_locked)
		return;
	tls_tell_open(decode, tls);
	tls->told_locked = true;
	event.as.tls.lock = why;
	event.as.tls.missing = why == TLS_LOCK_SECRET ? tls_label_names[tls->missing] : NULL;
	decode_emit(decode, &event);
}

void tls_tell_secrets(struct decode *decode, struct tls *tls)
{
	struct out lines;

	if (!decode->on_secrets || out_init(&lines, -1) < 0)
		return;
	tls_keyring_put(decode->keyring, tls->facts.client_random, &tls->secrets, &lines);
	if (lines.len)
		decode->on_secrets(decode->secrets_context, ws_span_of(lines.text, lines.len));
	OPENSSL_cleanse(lines.text, lines.len);
	out_finish(&lines);
}

void tls_tell_readable(struct decode *decode, struct tls *tls)
{
	if (!tls->told_locked)
		return;
	tls->told_locked = false;
	decode->stats.tls_locked--;
}

void tls_lock(struct decode *decode, struct tls *tls, enum tls_lock why)
{
	tls_tell_locked(decode, tls, why);
	if (tls->above)
		layer_over(decode, tls->above);
	tls->done = true;
}

void tls_tell_overlap(struct decode *decode, struct tls *tls, enum dir dir, const struct conn_overlap *overlap)
{
	struct event event = event_of(decode, tls, EVENT_OVERLAP, dir);

	event.as.overlap = *overlap;
	decode_emit(decode, &event);
}

void tls_tell_alert(struct decode *decode, struct tls *tls, enum dir dir, struct ws_span content)
{
	struct event event = event_of(decode, tls, EVENT_TLS_ALERT, dir);
	struct ws_cursor at = ws_cursor_of(content);
	uint8_t level, code;

	if (!ws_take_u8(&at, &level) || !ws_take_u8(&at, &code) || ws_cursor_left(&at))
		return;
	event.as.tls.level = level;
	event.as.tls.code = code;
	decode_emit(decode, &event);
	if (code != TLS_ALERT_CLOSE_NOTIFY)
		return;
	tls->sides[dir].ended = true;
	if (tls->above)
		tls->above->ops->end(decode, tls->above, dir, tls->sides[dir].plain);
}
