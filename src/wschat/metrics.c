/* /metrics: what the server is doing, as Prometheus reads it. */
#include <malloc.h>
#include <stdio.h>

#include "wschat/hub.h"
#include "wschat/site.h"
#include "wschat/slog.h"

static const struct {
	const char *name, *help;
} counters[COUNTER_COUNT] = {
    [COUNTER_ACCEPTED] = {"connections_accepted_total", "Connections that were accepted"},
    [COUNTER_REFUSED] = {"connections_refused_total", "Connections refused at a limit"},
    [COUNTER_HTTP_REQUESTS] = {"http_requests_total", "HTTP requests that were answered"},
    [COUNTER_HANDSHAKES] = {"handshakes_total", "WebSockets that were opened"},
    [COUNTER_HANDSHAKES_FAILED] = {"handshakes_failed_total", "Opening handshakes that were refused"},
    [COUNTER_MESSAGES_IN] = {"messages_received_total", "WebSocket messages from clients"},
    [COUNTER_BYTES_IN] = {"received_bytes_total", "Bytes from clients"},
    [COUNTER_DELIVERIES] = {"deliveries_total", "Messages handed to clients"},
    [COUNTER_BYTES_OUT] = {"sent_bytes_total", "Bytes to clients"},
    [COUNTER_SENDS] = {"sends_total", "Sends to clients, however many in one system call"},
    [COUNTER_IGNORED] = {"messages_ignored_total", "Messages of unknown type, or no JSON object"},
    [COUNTER_RATE_LIMITED] = {"messages_rate_limited_total", "Messages refused at --message-rate"},
    [COUNTER_SLOW_CLOSED] = {"slow_clients_closed_total", "Clients closed with 1008 for not reading"},
    [COUNTER_VIOLATIONS] = {"violations_total", "Connections failed for breaking the protocol"},
    [COUNTER_IDLE_CLOSED] = {"idle_clients_closed_total", "Clients given up after silence"},
};

static int put(struct ws_buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
	char text[512];
	int len = snprintf(text, sizeof(text), "# HELP wschat_%s %s\n# TYPE wschat_%s %s\nwschat_%s %llu\n", name, help,
			   name, type, name, (unsigned long long)value);

	return ws_buf_append(out, ws_span_of(text, (size_t)len));
}

static uint64_t sum(const struct server *server, enum counter counter)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < server->worker_count; i++)
		total += atomic_load_explicit(&worker_counters(server->workers[i])->at[counter], memory_order_relaxed);
	return total;
}

static int write_hub(const struct server *server, struct ws_buf *out)
{
	static const char *const errors[CHAT_ERROR_COUNT] = {
	    [CHAT_ERROR_NAME] = "name",      [CHAT_ERROR_ROOM] = "room",       [CHAT_ERROR_ROOMS] = "rooms",
	    [CHAT_ERROR_ROOM_FULL] = "full", [CHAT_ERROR_CONTENT] = "content", [CHAT_ERROR_NOBODY] = "nobody",
	    [CHAT_ERROR_RATE] = "rate",      [CHAT_ERROR_LOGIN] = "login",     [CHAT_ERROR_HISTORY] = "history",
	};
	struct hub_stats stats;
	char text[128];
	int status;

	hub_stats(server->hub, &stats);
	status = put(out, "rooms", "gauge", "Rooms with somebody in them", stats.chat.rooms);
	status |= put(out, "persons", "gauge", "People who are logged in", stats.chat.persons);
	status |= put(out, "logins_total", "counter", "Logins", stats.chat.logins);
	status |= put(out, "said_total", "counter", "Messages said to a room", stats.chat.said);
	status |= put(out, "said_private_total", "counter", "Messages said in private", stats.chat.said_private);
	status |= put(out, "commands_total", "counter", "Commands that the hub carried out", stats.commands);
	status |= put(out, "groups_total", "counter", "Groups written to the history", stats.groups);
	status |=
	    put(out, "group_failures_total", "counter", "Groups that could not be written", stats.commit_failures);
	status |=
	    put(out, "group_microseconds_total", "counter", "Time spent writing groups", stats.commit_microseconds);
	status |= put(out, "log_lines_lost_total", "counter", "Lines that the log's reader did not take", slog_lost());
	status |= put(out, "dropped_total", "counter", "Deliveries dropped for want of memory", stats.dropped);
	status |= ws_buf_append(out, ws_span_str("# HELP wschat_refused_total Commands that were refused, by reason\n"
						 "# TYPE wschat_refused_total counter\n"));
	for (int i = 0; i < CHAT_ERROR_COUNT; i++) {
		int len = snprintf(text, sizeof(text), "wschat_refused_total{reason=\"%s\"} %llu\n", errors[i],
				   (unsigned long long)stats.chat.errors[i]);

		status |= ws_buf_append(out, ws_span_of(text, (size_t)len));
	}
	return status;
}

/* What connections, rooms and people cost, apart from the pages that malloc keeps for later. */
static int write_memory(struct ws_buf *out)
{
	struct mallinfo2 info = mallinfo2();

	return put(out, "allocated_bytes", "gauge", "Bytes allocated with malloc", info.uordblks + info.hblkhd);
}

int metrics_write(struct server *server, struct ws_buf *out)
{
	uint64_t open = 0, websockets = 0;
	int status = 0;

	for (unsigned i = 0; i < server->worker_count; i++) {
		struct counters *of_worker = worker_counters(server->workers[i]);

		open += atomic_load_explicit(&of_worker->open, memory_order_relaxed);
		websockets += atomic_load_explicit(&of_worker->websockets, memory_order_relaxed);
	}
	status |= put(out, "connections", "gauge", "Open connections", open);
	status |= put(out, "websockets", "gauge", "Open WebSockets", websockets);
	for (unsigned i = 0; i < COUNTER_COUNT; i++)
		status |= put(out, counters[i].name, "counter", counters[i].help, sum(server, (enum counter)i));
	status |= write_hub(server, out);
	status |= write_memory(out);
	return status;
}
