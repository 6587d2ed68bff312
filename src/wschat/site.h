/* What the server answers over plain HTTP: the page, where its WebSocket is, health, metrics. */
#ifndef WSCHAT_SITE_H
#define WSCHAT_SITE_H

#include "wschat/client.h"

/* Queues the whole answer to a GET or HEAD on the page's port. */
void site_answer(struct client *client, const struct ws_http_head *request);

/* An answer that is one sentence of plain text. extra: whole header lines, or "". */
void site_say(struct client *client, const struct ws_http_head *request, unsigned status, const char *extra,
	      const char *sentence);

/* Does the connection go on after this answer? RFC 9112, section 9.3. */
bool site_keeps_alive(const struct ws_http_head *request);

/* metrics.c: Prometheus' text format. */
int metrics_write(struct server *server, struct ws_buf *out);

#endif
