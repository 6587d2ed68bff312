/* A worker's connections as lines of a table. */
#include <stdio.h>

#include "wschat/addresses.h"
#include "wschat/client.h"

static void write_line(struct client *client, struct ws_buf *out)
{
	static const char *const states[] = {"http", "open", "closing", "ending"};
	static const char *const dialects[] = {"A", "C", "ours", "-"};
	char address[ADDRESS_TEXT_MAX], line[256];
	int len;

	address_text(client->address, address);
	len = snprintf(line, sizeof(line), "%-18llx %-40s %-8s %-7s %9lld %9u %9llu\n", (unsigned long long)client->id,
		       address, states[client->state], dialects[client->dialect],
		       (long long)(loop_now(client->worker->loop) - client->opened_at) / 1000, client->messages_in,
		       (unsigned long long)sendq_waiting(&client->queue));
	ws_buf_append(out, ws_span_of(line, (size_t)len));
}

static void on_ask(struct post *post)
{
	struct worker_report *report = (struct worker_report *)((char *)post - offsetof(struct worker_report, post));

	for (struct client *client = report->worker->clients; client; client = client->next)
		write_line(client, &report->text);
	report->done(report);
}

void worker_ask_report(struct worker_report *report)
{
	report->post.arrive = on_ask;
	loop_post(report->worker->loop, &report->post);
}
