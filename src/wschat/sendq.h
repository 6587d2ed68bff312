/* What waits to be sent to one client: pieces of a tape, and bytes of its own between them, in order.
 *
 * An idle client costs this struct and no allocation. Sending is one sendmsg() for all that waits. */
#ifndef WSCHAT_SENDQ_H
#define WSCHAT_SENDQ_H

#include "wschat/tape.h"

struct sendq_block;

struct sendq {
	struct tape *tape;         /* the room's that it hears; NULL none */
	struct tape_reader reader; /* how far it was sent */
	struct sendq_block *first; /* bytes of its own, each with the tape place before which… */
	struct sendq_block *last;  /* …they go; freed as they are sent */
	uint64_t begun;            /* bytes still to be sent of a frame that was sent in part; 0: between two frames */
	size_t own;                /* bytes in the blocks that wait */
};

/* Own bytes, copied. They go behind all that the tape has now, before all that comes to it later. 0 or -ENOMEM. */
int sendq_add(struct sendq *queue, struct ws_span bytes);

/* Own bytes that are no WebSocket frames (HTTP); otherwise as sendq_add(). */
int sendq_add_raw(struct sendq *queue, struct ws_span bytes);

/* Hears this tape from its end on. What waits of the tape before is kept (as own bytes). 0 or -ENOMEM. */
int sendq_tune(struct sendq *queue, struct tape *tape);
int sendq_untune(struct sendq *queue);

uint64_t sendq_waiting(const struct sendq *queue); /* bytes */

/* What waits, when it lies in one piece, as is usual for who keeps up; the view lives until the queue is changed.
 * sendq_sent() then says how much of it went out. */
bool sendq_one_piece(const struct sendq *queue, struct ws_span *ret);
void sendq_sent(struct sendq *queue, struct ws_span piece, size_t sent);

/* One sendmsg() to fd. Returns bytes sent, -EAGAIN when the socket is full, another negative errno when it is broken.
 */
long sendq_send(struct sendq *queue, int fd);

/* Drops all that waits but the rest of a frame that was begun, and leaves the tape: what is added now can be
 * understood. 0 or -ENOMEM. */
int sendq_cut(struct sendq *queue);

void sendq_finish(struct sendq *queue);

#endif
