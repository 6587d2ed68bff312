/* Many small sends, handed to the kernel in one call.
 *
 *     add, add, add … ─► send: one io_uring_enter() carries them all out ─► done(owner, result) for each
 *
 * A system call for each receiver costs a good part of what sending a short message costs; here a room is one call.
 * Each send is one that does not wait (MSG_DONTWAIT), and so is carried out while it is handed over: when burst_send()
 * returns, nothing is under way, and the kernel holds nothing of ours.
 *
 * Linux 6.1 and later have what it takes, where io_uring is not forbidden (kernel.io_uring_disabled, a container's
 * seccomp rules); without it each client is sent to by itself.
 *
 * Belongs to the thread that first sends with it. */
#ifndef WSCHAT_BURST_H
#define WSCHAT_BURST_H

#include <stdbool.h>
#include <stddef.h>

enum {
	BURST_MAX = 256, /* sends of one call: what they touch should still be in the caches when they are done */
	BURST_FEW = 4,   /* up to here system calls are as cheap */
};

struct burst;

struct burst *burst_create(void); /* NULL with errno: the kernel does not let us, or no memory */
void burst_destroy(struct burst *burst);

/* One send, of bytes that stay as they are until burst_send(). False when BURST_MAX wait already. */
bool burst_add(struct burst *burst, int fd, const void *bytes, size_t len, void *owner);

size_t burst_count(const struct burst *burst); /* how many wait */

/* Carries out all that waits, then tells each owner, in the order of adding: bytes sent, or a negative errno (-EAGAIN:
 * the socket is full). done() may close that descriptor, but must not add. */
void burst_send(struct burst *burst, void (*done)(void *owner, long result));

#endif
