/* The server as its threads share it: what was configured, the workers, the hub. Set up by main.c before the threads
 * start; read-only from then on, but for the counters (one set per worker, written by its thread alone, read by
 * anyone). */
#ifndef WSCHAT_SERVER_H
#define WSCHAT_SERVER_H

#include <stdatomic.h>

#include "wschat/limits.h"
#include "wschat/options.h"

struct addresses;
struct worker;
struct hub;

enum counter {
	COUNTER_ACCEPTED,
	COUNTER_REFUSED, /* at a limit of connections */
	COUNTER_HTTP_REQUESTS,
	COUNTER_HANDSHAKES,
	COUNTER_HANDSHAKES_FAILED,
	COUNTER_MESSAGES_IN,
	COUNTER_BYTES_IN,
	COUNTER_DELIVERIES, /* messages handed to clients' queues */
	COUNTER_BYTES_OUT,
	COUNTER_SENDS,   /* sends to clients, however many in one system call */
	COUNTER_IGNORED, /* unknown types, no JSON, no object */
	COUNTER_RATE_LIMITED,
	COUNTER_SLOW_CLOSED, /* closed with 1008 for not reading */
	COUNTER_VIOLATIONS,
	COUNTER_IDLE_CLOSED,
	COUNTER_COUNT,
};

struct counters {
	_Atomic uint64_t at[COUNTER_COUNT];
	_Atomic uint64_t open, websockets;
};

struct server {
	const struct options *options;
	struct worker **workers;
	unsigned worker_count;
	struct hub *hub;
	struct addresses *addresses;
	uint16_t chat_port; /* of the first --listen; 0: none */
	_Atomic uint32_t connections;
	_Atomic bool draining; /* stopping: no new connections */
};

#endif
