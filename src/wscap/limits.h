/* Every byte that a stranger can make us keep is counted against one of these. Each has an option of its name. */
#ifndef WSCAP_LIMITS_H
#define WSCAP_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which of two versions of the same bytes counts, while neither was read: waiting.h has the rules. */
enum overlap {
	OVERLAP_ACK,
	OVERLAP_FIRST,
	OVERLAP_LAST,
};

struct limits {
	uint32_t connections; /* --max-connections: SYN floods. The longest idle one is given up. */
	size_t waiting;       /* --max-waiting: bytes that wait out of order in one stream */
	size_t waiting_total; /* --max-waiting-total: the same over all streams; and heads that are not whole */
	size_t head;          /* --max-head: an HTTP head that never ends */
	size_t message;       /* --max-message: a message that never ends */
	size_t inflated;      /* --max-inflated: what one message may inflate to */
	size_t message_total; /* --max-message-total: messages under way and what inflates them, of all streams */
	size_t fragments;     /* --max-fragments: IP fragments that wait for the rest of their packets */
	size_t compared;      /* --max-compared: bytes that were read lately, of all streams: recent.h */
	enum overlap overlap; /* no limit, but it goes where they go: --overlap */
	bool acknowledged;    /* …and this: --acknowledged, or --overlap last or ack: bytes wait until they are */
	uint32_t streams;     /* --max-streams: WebSockets, and streams that may be some, in one HTTP/2 connection */
	int64_t idle; /* --idle-timeout: nanoseconds of capture time without a packet until a connection is given up */
	int64_t reorder;          /* --reorder-time: nanoseconds that a missing piece is waited for */
	uint32_t reorder_packets; /* packets of the connection that it is waited for */

	size_t tls_waiting;       /* --max-tls-waiting: TLS records of one connection that wait for a key */
	size_t tls_waiting_total; /* --max-tls-waiting-total: …of all of them */
	uint32_t keys;            /* --max-keys: TLS secrets that are remembered; the oldest goes first */
};

enum {
	LIMIT_CONNECTIONS = 1000000,
	LIMIT_WAITING = 4 << 20,
	LIMIT_WAITING_TOTAL = 256 << 20,
	LIMIT_HEAD = 64 << 10,
	LIMIT_MESSAGE = 16 << 20,
	LIMIT_INFLATED = 16 << 20,
	LIMIT_MESSAGE_TOTAL = 1 << 30,
	LIMIT_FRAGMENTS = 4 << 20, /* as Linux has it */
	LIMIT_COMPARED = 1 << 20,
	LIMIT_STREAMS = 1000,
	LIMIT_IDLE_SECONDS = 3600,
	LIMIT_REORDER_MS = 1000,
	LIMIT_REORDER_PACKETS = 64,
	LIMIT_TLS_WAITING = 1 << 20,
	LIMIT_TLS_WAITING_TOTAL = 64 << 20,
	LIMIT_KEYS = 250000,
};

#endif
