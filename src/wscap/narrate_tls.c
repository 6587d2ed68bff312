/* TLS: who asks for it, what is agreed on, and why it cannot be read where it cannot. */
#include "wscap/narrate_words.h"

/* What the protocol calls itself, or a number. */
static struct arg version_arg(const struct tls_facts *facts)
{
	const char *name = tls_version_name(facts->version);

	return name ? ARG_TEXT(name) : ARG_PLAIN(facts->version);
}

static struct arg suite_arg(const struct tls_facts *facts)
{
	return facts->suite ? ARG_TEXT(facts->suite->name) : ARG_PLAIN(facts->suite_number);
}

void narrate_tls_hello(struct narrator *narrator, const struct scene *scene, const struct event *event)
{
	const struct tls_facts *facts = event->as.tls.facts;

	TITLE(narrator, "TLS handshake, the client's hello · %1$s %2$s", ARG_FROM(scene, DIR_C2S),
	      ARG_TO(scene, DIR_C2S));
	if (facts->name_len)
		SENTENCE(narrator, "%1$s asks for %2$s with %3$s.", ARG_PARTY(&scene->client, PARTY_START),
			 version_arg(facts), ARG_STRANGER(tls_facts_name(facts)));
	else
		SENTENCE(narrator, "%1$s asks for %2$s.", ARG_PARTY(&scene->client, PARTY_START), version_arg(facts));
	if (facts->protocol_len)
		SENTENCE(narrator, "Inside it would like to speak %1$s.", ARG_STRANGER(tls_facts_protocol(facts)));
	if (facts->early)
		SENTENCE(narrator, "It sends data along before there is an answer (0-RTT).");
	narrate_end_line(narrator);
}

void narrate_tls_open(struct narrator *narrator, const struct scene *scene, const struct event *event)
{
	const struct tls_facts *facts = event->as.tls.facts;

	TITLE(narrator, "TLS handshake, what is agreed on · %1$s %2$s", ARG_FROM(scene, DIR_S2C),
	      ARG_TO(scene, DIR_S2C));
	SENTENCE(narrator, "%1$s with %2$s.", version_arg(facts), suite_arg(facts));
	if (facts->protocol_len)
		SENTENCE(narrator, "Inside they speak %1$s.", ARG_STRANGER(tls_facts_protocol(facts)));
	if (facts->retried)
		SENTENCE(narrator, "The server asked for a second hello first.");
	if (facts->resumed)
		SENTENCE(narrator, "It goes on with an earlier session: no certificate is shown again.");
	if (facts->early == TLS_EARLY_ACCEPTED)
		SENTENCE(narrator, "The data that the client sent along is taken.");
	else if (facts->early == TLS_EARLY_REJECTED)
		SENTENCE(narrator, "The data that the client sent along is not taken: it has to be sent again.");
	narrate_end_line(narrator);
}

void narrate_tls_alert(struct narrator *narrator, const struct scene *scene, const struct event *event)
{
	const char *name = tls_alert_name(event->as.tls.code);
	struct arg sender = ARG_PARTY(scene_sender(scene, event->dir), PARTY_START);
	struct arg code = name ? ARG_TEXT(name) : ARG_PLAIN(event->as.tls.code);

	TITLE(narrator, "TLS alert · %1$s %2$s", ARG_FROM(scene, event->dir), ARG_TO(scene, event->dir));
	if (event->as.tls.code == TLS_ALERT_CLOSE_NOTIFY)
		SENTENCE(narrator, "%1$s ends its side of TLS: nothing else comes from it.", sender);
	else if (event->as.tls.level == TLS_ALERT_FATAL)
		SENTENCE(narrator, "%1$s gives up: %2$s.", sender, code);
	else
		SENTENCE(narrator, "%1$s warns: %2$s.", sender, code);
	narrate_end_line(narrator);
}

/* Secrets are found by the client's random, and used as the server's choice says. */
static void tell_lost_handshake(struct narrator *narrator, const struct tls_facts *facts)
{
	if (!facts->has_random)
		SENTENCE(
		    narrator,
		    "The client's hello was not captured: without it nobody knows which secrets of a key log are its.");
	else if (!facts->suite_number)
		SENTENCE(narrator,
			 "The server's hello was not captured: without it nobody knows how what follows is protected.");
	else
		SENTENCE(narrator, "What matters of its handshake was not captured, so a key log would not help.");
}

void narrate_tls_locked(struct narrator *narrator, const struct scene *scene, const struct event *event)
{
	const struct tls_facts *facts = event->as.tls.facts;

	TITLE(narrator, "TLS that cannot be read · connection #%1$s", ARG_CONN(scene));
	switch (event->as.tls.lock) {
	case TLS_LOCK_SECRET:
		SENTENCE(narrator, "No key log has its %1$s.", ARG_TEXT(event->as.tls.missing));
		break;
	case TLS_LOCK_HANDSHAKE:
		tell_lost_handshake(narrator, facts);
		break;
	case TLS_LOCK_VERSION:
		SENTENCE(narrator, "It is %1$s: only TLS 1.2 and 1.3 are read.", version_arg(facts));
		break;
	case TLS_LOCK_SUITE:
		SENTENCE(narrator, "It is protected in a way that is not known here: %1$s.", suite_arg(facts));
		break;
	case TLS_LOCK_WRONG_SECRET:
		SENTENCE(narrator,
			 "The secret that the key log has for it does not fit: what is said is not authentic.");
		break;
	case TLS_LOCK_RENEGOTIATION:
		SENTENCE(narrator,
			 "A second handshake begins inside of the first one's protection: that is not followed.");
		break;
	case TLS_LOCK_LOST:
	case TLS_LOCK_COUNT:
		SENTENCE(narrator, "Behind bytes that were not captured, its records could not be found again.");
		break;
	}
	narrate_end_line(narrator);
}
