/* Many WebSocket clients of a chat, on one epoll: they come, log in, say and hear. */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ws/buf.h"
#include "ws/deflate.h"

enum {
	CROWD_RECEIVE = 256 << 10, /* bytes of one receive */
	CROWD_TEXT_MAX = 64 << 10, /* bytes of what is sent */
	CROWD_INFLATED_MAX = 16 << 20,
};

enum stage { CONNECTING, OPENING, ENTERING, INSIDE, GONE };

struct peer {
	int fd;
	enum stage stage;
	uint8_t *held; /* the beginning of a head or frame */
	size_t held_len, held_cap;
};

struct crowd {
	/* the caller's */
	unsigned clients;
	unsigned room_size; /* clients of each room; 0: all are in one */
	int port;
	bool log_in;   /* else the handshake is all */
	bool compress; /* offers permessage-deflate, without takeover */
	void (*hear)(struct crowd *crowd, unsigned peer, struct ws_span text); /* by somebody who is inside */
	/* its own */
	int epoll;
	struct peer *peers;
	unsigned started, connected, inside, gone;
	struct ws_inflate *inflate;
	struct ws_buf inflated;
	uint8_t receive[CROWD_RECEIVE];
};

void crowd_init(struct crowd *crowd);

/* Everybody comes, as fast as they are let in. Returns the nanoseconds until the last one is inside. */
int64_t crowd_come(struct crowd *crowd);

/* Waits until something comes, or until then, and takes it. Returns whether that was all. */
bool crowd_turn(struct crowd *crowd, int64_t until);

/* One text message. Who cannot send it at once is gone. */
void crowd_say(struct crowd *crowd, unsigned peer, const char *text, size_t len);

int64_t now_ns(void);
_Noreturn void die(const char *what);

#endif
