#include "wscap/sink_tls.h"

#include "wscap/sink_json_put.h"

static void put_hex(struct out *out, struct ws_span bytes)
{
	struct ws_cursor at = ws_cursor_of(bytes);
	uint8_t byte;

	while (ws_take_u8(&at, &byte))
		out_hex(out, byte, 2);
}

/* "TLS 1.3", or the number on the wire where that is none that is known. */
static void put_version(struct out *out, uint16_t version)
{
	const char *name = tls_version_name(version);

	if (name) {
		out_str(out, name);
		return;
	}
	out_lit(out, "0x");
	out_hex(out, version, 4);
}

static void put_suite(struct out *out, const struct tls_facts *facts)
{
	if (facts->suite) {
		out_str(out, facts->suite->name);
		return;
	}
	out_lit(out, "0x");
	out_hex(out, facts->suite_number, 4);
}

static void put_names(struct out *out, const struct tls_facts *facts)
{
	if (facts->version) {
		json_key(out, "version");
		out_char(out, '"');
		put_version(out, facts->version);
		out_char(out, '"');
	}
	if (facts->name_len) {
		json_key(out, "server_name");
		json_string(out, tls_facts_name(facts));
	}
	if (facts->protocol_len) {
		json_key(out, "alpn");
		json_string(out, tls_facts_protocol(facts));
	}
}

static const char *early_name(const struct tls_facts *facts)
{
	switch (facts->early) {
	case TLS_EARLY_OFFERED:
		return "offered";
	case TLS_EARLY_ACCEPTED:
		return "accepted";
	case TLS_EARLY_REJECTED:
		return "rejected";
	default:
		return NULL;
	}
}

void sink_tls_json(struct out *out, const struct event *event)
{
	const struct tls_facts *facts = event->as.tls.facts;
	const char *early = early_name(facts);

	put_names(out, facts);
	json_key(out, "suite");
	out_char(out, '"');
	put_suite(out, facts);
	out_lit(out, "\"");
	json_key(out, "resumed");
	out_str(out, facts->resumed ? "true" : "false");
	if (!early)
		return;
	json_key(out, "early_data");
	json_string(out, ws_span_str(early));
}

void sink_tls_locked_json(struct out *out, const struct event *event)
{
	const struct tls_facts *facts = event->as.tls.facts;

	json_key(out, "why");
	json_string(out, ws_span_str(tls_lock_names[event->as.tls.lock]));
	if (event->as.tls.missing) {
		json_key(out, "missing");
		json_string(out, ws_span_str(event->as.tls.missing));
	}
	if (!facts->has_random)
		return;
	json_key(out, "client_random");
	out_char(out, '"');
	put_hex(out, ws_span_of(facts->client_random, sizeof(facts->client_random)));
	out_char(out, '"');
}

void sink_tls_alert_json(struct out *out, const struct event *event)
{
	const char *name = tls_alert_name(event->as.tls.code);

	json_key(out, "dir");
	out_str(out, event->dir == DIR_C2S ? "\"c2s\"" : "\"s2c\"");
	json_key(out, "fatal");
	out_str(out, event->as.tls.level == TLS_ALERT_FATAL ? "true" : "false");
	json_key(out, "code");
	out_u64(out, event->as.tls.code);
	if (!name)
		return;
	json_key(out, "name");
	json_string(out, ws_span_str(name));
}

static void put_in_brackets(struct out *out, struct ws_span text)
{
	if (!text.len)
		return;
	out_lit(out, " [");
	safe_text(out, text, SAFE_ONE_LINE, "");
	out_char(out, ']');
}

void sink_tls_text(struct out *out, const struct event *event)
{
	const struct tls_facts *facts = event->as.tls.facts;

	put_version(out, facts->version);
	out_char(out, ' ');
	put_suite(out, facts);
	if (facts->name_len) {
		out_char(out, ' ');
		safe_text(out, tls_facts_name(facts), SAFE_ONE_LINE, "");
	}
	put_in_brackets(out, tls_facts_protocol(facts));
	if (facts->resumed)
		out_lit(out, " [resumed]");
}

void sink_tls_locked_text(struct out *out, const struct event *event)
{
	const struct tls_facts *facts = event->as.tls.facts;

	out_str(out, tls_lock_names[event->as.tls.lock]);
	if (!event->as.tls.missing)
		return;
	out_lit(out, ": ");
	out_str(out, event->as.tls.missing);
	out_char(out, ' ');
	put_hex(out, ws_span_of(facts->client_random, sizeof(facts->client_random)));
}

void sink_tls_alert_text(struct out *out, const struct event *event)
{
	const char *name = tls_alert_name(event->as.tls.code);

	out_str(out, event->as.tls.level == TLS_ALERT_FATAL ? "fatal: " : "warning: ");
	if (name)
		out_str(out, name);
	else
		out_u64(out, event->as.tls.code);
}
