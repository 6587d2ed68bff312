/* What the log says of a client: who, when and why; never what. */
#include <stdio.h>

#include "wschat/addresses.h"
#include "wschat/client.h"
#include "wschat/slog.h"

void client_log_accepted(const struct client *client)
{
	char address[ADDRESS_TEXT_MAX];

	if (slog_wants(LOG_REQUESTS))
		slog_often(LOG_REQUESTS, "accepted", "address", address_text(client->address, address), "port",
			   client->chat_port ? "chat" : "web", NULL);
}

void client_log_opened(const struct client *client)
{
	char address[ADDRESS_TEXT_MAX];

	if (slog_wants(LOG_REQUESTS))
		slog_often(LOG_REQUESTS, "opened", "address", address_text(client->address, address), NULL);
}

void client_log_closed(const struct client *client)
{
	int64_t lasted = loop_now(client->worker->loop) - client->opened_at;
	char address[ADDRESS_TEXT_MAX], code[8] = "-", seconds[24], messages[16];

	if (!slog_wants(LOG_REQUESTS))
		return;
	if (client->decoder) /* it was a WebSocket */
		snprintf(code, sizeof(code), "%u", client->close_code ? client->close_code : WS_CLOSE_ABNORMAL);
	snprintf(seconds, sizeof(seconds), "%lld.%03lld", (long long)lasted / 1000, (long long)lasted % 1000);
	snprintf(messages, sizeof(messages), "%u", client->messages_in);
	slog_often(LOG_REQUESTS, "closed", "address", address_text(client->address, address), "code", code, "seconds",
		   seconds, "messages", messages, NULL);
}

void client_log_refused(const uint8_t *address, const char *limit)
{
	char text[ADDRESS_TEXT_MAX] = "-";

	if (slog_wants(LOG_NOTICES))
		slog_often(LOG_NOTICES, "refused", "address", address ? address_text(address, text) : text, "limit",
			   limit, NULL);
}

void client_log_handshake_refused(const struct client *client, unsigned status, const char *reason)
{
	char address[ADDRESS_TEXT_MAX], number[8];

	snprintf(number, sizeof(number), "%u", status);
	slog_often(LOG_NOTICES, "handshake-refused", "address", address_text(client->address, address), "status",
		   number, "reason", reason, NULL);
}

static void log_pair(const struct client *client, const char *event, const char *name, const char *value)
{
	char address[ADDRESS_TEXT_MAX];

	if (slog_wants(LOG_NOTICES))
		slog_often(LOG_NOTICES, event, "address", address_text(client->address, address), name, value, NULL);
}

void client_log_limited(const struct client *client, const char *limit)
{
	log_pair(client, "limited", "limit", limit);
}

void client_log_violation(const struct client *client, const char *rule)
{
	log_pair(client, "violation", "rule", rule);
}
