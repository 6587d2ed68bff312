/* Every growth that a stranger can cause has a limit with a name, a default and an option of that name.
 * 0 lifts those that say so. */
#ifndef WSCHAT_LIMITS_H
#define WSCHAT_LIMITS_H

#include <stddef.h>
#include <stdint.h>

struct chat_limits {
	uint32_t max_connections;         /* --max-connections: open sockets in all; 0 none */
	uint32_t connections_per_address; /* --connections-per-address: of one IPv4 address or IPv6 /64; 0 none */
	uint32_t
	    message_rate;   /* --message-rate: messages a second and client, averaged over RATE_BURST_SECONDS; 0 none */
	uint32_t max_rooms; /* --max-rooms: with somebody in them */
	uint32_t max_users_per_room; /* --max-users-per-room */
	size_t max_message;          /* --max-message: bytes of one WebSocket message from a client */
	size_t max_waiting;          /* --max-waiting: bytes that wait for a client who does not read; then 1008 */
	uint32_t handshake_timeout;  /* --handshake-timeout: seconds for the whole HTTP head */
	uint32_t ping_interval;      /* --ping-interval: seconds of silence before a ping */
	uint32_t idle_timeout;       /* --idle-timeout: seconds of silence before a client is given up */
	uint32_t close_timeout;      /* --close-timeout: seconds for the peer's close frame */
	uint32_t history_page;       /* --history-page: messages that one request for history gives at most */
};

enum {
	NAME_CHARS_MAX = 64,       /* Unicode characters of a name */
	ROOM_CHARS_MAX = 64,       /* of a room's name */
	CONTENT_BYTES_MAX = 16384, /* of a message's content, as UTF-8 */
	RATE_BURST_SECONDS = 5,    /* a client may save up this much of its rate */
	LIMIT_MAX_CONNECTIONS = 100000,
	LIMIT_CONNECTIONS_PER_ADDRESS = 100,
	LIMIT_MESSAGE_RATE = 10,
	LIMIT_MAX_ROOMS = 10000,
	LIMIT_MAX_USERS_PER_ROOM = 20000,
	LIMIT_MAX_MESSAGE = 128 << 10, /* CONTENT_BYTES_MAX with every byte as \u00XX */
	LIMIT_MAX_WAITING = 1 << 20,
	LIMIT_HANDSHAKE_TIMEOUT = 10,
	LIMIT_PING_INTERVAL = 30,
	LIMIT_IDLE_TIMEOUT = 90,
	LIMIT_CLOSE_TIMEOUT = 5,
	LIMIT_HISTORY_PAGE = 100,
};

#endif
