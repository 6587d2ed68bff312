/* One connection: a socket, HTTP until it is upgraded, then libws.
 *
 *     HEAD ─► request ─► answer of http.h ─► HEAD (keep-alive) or FLUSHING
 *                   └─► 101 ─► OPEN ─► CLOSING (our close frame is out, the peer's is awaited) ─► FLUSHING ─► gone
 *
 * It belongs to its worker's thread. Small while idle: this struct, and nothing else. */
#ifndef WSCHAT_CLIENT_H
#define WSCHAT_CLIENT_H

#include "ws/close.h"
#include "ws/message.h"
#include "wschat/chat.h"
#include "wschat/sendq.h"
#include "wschat/worker_internal.h"

enum client_state {
	CLIENT_HEAD,     /* reading a request's head; writing answers */
	CLIENT_OPEN,     /* frames both ways */
	CLIENT_CLOSING,  /* a close frame is out: nothing more is sent, what comes is read for the peer's */
	CLIENT_FLUSHING, /* what waits is still sent, then the socket is shut; what comes is dropped */
};

struct client {
	struct watch watch; /* first: a watch is its client */
	struct timer timer;
	struct worker *worker;
	client_id id;
	struct client *next, **prev; /* of the worker's clients */
	struct client *next_dirty;   /* of those with something to send at the end of the turn */
	struct sendq queue;
	struct ws_decoder *decoder;  /* NULL while nothing has begun to come */
	struct ws_deflate *deflate;  /* of /echo alone: its own window */
	struct ws_buf head;          /* a request that is not whole yet */
	struct member member;        /* of a room: worker_internal.h */
	int64_t opened_at, heard_at; /* loop_now() */
	int64_t rate_at;             /* when its allowance was last counted */
	uint32_t allowance;          /* thousandths of a message */
	uint32_t messages_in;
	uint8_t address[16];  /* IPv6, or IPv4-mapped; behind a trusted proxy, what that says */
	uint16_t close_code;  /* what it was closed with, or closed us with; 0: not yet */
	uint8_t state;        /* enum client_state */
	uint8_t deflate_bits; /* the window of our frames */
	uint8_t dialect;      /* enum dialect_id; DIALECT_COUNT before the login */
	bool chat_port, proxied, counted, echo, compress;
	bool dirty, blocked, logged_in, pinged, shut;
};

/* A socket that was accepted. It is the worker's from now on, also on failure (then it is closed). */
void client_accept(struct worker *worker, int fd, const struct sockaddr_storage *address, bool chat_port);

/* One JSON text; one frame (its length is the payload's); bytes that are HTTP. Queued, sent at the end of the turn. */
void client_send_text(struct client *client, struct ws_span text);
void client_send_frame(struct client *client, const struct ws_frame *frame, struct ws_span payload);
void client_send_raw(struct client *client, struct ws_span bytes);

/* Says goodbye with this code (RFC 6455, section 7): a close frame (without a body for WS_CLOSE_NO_STATUS), then the
 * peer has close_timeout for its own. Its person leaves the chat at once. */
void client_close(struct client *client, uint16_t code, struct ws_span reason);

/* What waits is still sent, then the connection ends. */
void client_finish(struct client *client);

/* At the end of the turn: one send, now (then it may destroy the client), or with the worker's burst. No client that is
 * in a burst goes until that is sent: only a client's own send, and the next turn's readiness, end one. */
void client_flush(struct client *client);

/* Sends the worker's burst. May destroy those in it. */
void client_send_burst(struct worker *worker);

/* At once, with a 503 where nothing was said yet. */
void client_refuse(struct client *client);

/* Whose it is: counted against --connections-per-address; false when that one has too many. */
bool client_set_address(struct client *client, const uint8_t address[16]);

/* At once. */
void client_destroy(struct client *client);

/* client_log.c: what the log says of it. limit: the option's name. */
void client_log_accepted(const struct client *client);
void client_log_opened(const struct client *client);
void client_log_closed(const struct client *client);
void client_log_refused(const uint8_t *address, const char *limit); /* address may be NULL */
void client_log_handshake_refused(const struct client *client, unsigned status, const char *reason);
void client_log_limited(const struct client *client, const char *limit);
void client_log_violation(const struct client *client, const char *rule);

/* client_open.c. Bytes in order, for the state; false when the client was destroyed. */
bool client_upgrade(struct client *client, const struct ws_http_head *request, bool echo);
bool client_read_frames(struct client *client, struct ws_span bytes);
/* client_http.c */
bool client_read_head(struct client *client, struct ws_span bytes);

#endif
