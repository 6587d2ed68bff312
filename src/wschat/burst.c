#include "wschat/burst.h"

#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL,
};

struct entry {
	void *owner;
	const void *bytes;
	size_t len;
	long result;
	int fd;
};

enum ring_state {
	RING_NOT_YET, /* this thread has not sent anything */
	RING_OPEN,
	RING_BROKEN, /* it failed once: it is not asked again */
};

struct burst {
	struct io_uring ring;
	enum ring_state state;
	size_t count;
	struct entry entries[BURST_MAX];
};

/* One thread hands over and collects, the one that opens it, and nothing interrupts it for that; one send that cannot
 * be handed over does not keep back those behind it. 0 or negative errno. */
static int open_ring(struct io_uring *ring)
{
	return io_uring_queue_init(BURST_MAX, ring,
				   IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL);
}

/* The ring that is tried here is not the one that is used: that has to be opened by the thread that sends. */
struct burst *burst_create(void)
{
	struct burst *burst = calloc(1, sizeof(*burst));
	int status;

	if (!burst)
		return NULL;
	status = open_ring(&burst->ring);
	if (status < 0) {
		free(burst);
		errno = -status;
		return NULL;
	}
	io_uring_queue_exit(&burst->ring);
	return burst;
}

void burst_destroy(struct burst *burst)
{
	if (!burst)
		return;
	if (burst->state == RING_OPEN)
		io_uring_queue_exit(&burst->ring);
	free(burst);
}

size_t burst_count(const struct burst *burst)
{
	return burst->count;
}

bool burst_add(struct burst *burst, int fd, const void *bytes, size_t len, void *owner)
{
	if (burst->count == BURST_MAX)
		return false;
	burst->entries[burst->count++] =
	    (struct entry){.owner = owner, .bytes = bytes, .len = len, .result = -EIO, .fd = fd};
	return true;
}

static long send_one(const struct entry *entry)
{
	ssize_t sent;

	do
		sent = send(entry->fd, entry->bytes, entry->len, SEND_FLAGS);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : (long)sent;
}

/* Hands over all entries. Returns how many the kernel took: the first ones; fewer than all when it is out of memory. */
static size_t hand_over(struct burst *burst)
{
	size_t taken = 0;

	for (struct entry *entry = burst->entries; entry < burst->entries + burst->count; entry++) {
		struct io_uring_sqe *request = io_uring_get_sqe(&burst->ring); /* there are BURST_MAX, all free */

		io_uring_prep_send(request, entry->fd, entry->bytes, entry->len, SEND_FLAGS);
		io_uring_sqe_set_data(request, entry);
	}
	while (taken < burst->count) {
		int status = io_uring_submit(&burst->ring);

		if (status > 0)
			taken += (size_t)status;
		else if (status != -EINTR)
			break;
	}
	return taken;
}

/* The results of so many, which are there already: sends that do not wait have been done when they were taken. Of one
 * that should be missing nobody knows what was sent: that is an error of its own. */
static void collect(struct burst *burst, size_t count)
{
	while (count) {
		struct io_uring_cqe *result;
		struct entry *entry;
		int status = io_uring_wait_cqe(&burst->ring, &result);

		if (status == -EINTR)
			continue;
		if (status < 0)
			return;
		entry = io_uring_cqe_get_data(result);
		entry->result = result->res;
		io_uring_cqe_seen(&burst->ring, result);
		if (entry->result == -EINTR)
			entry->result = send_one(entry);
		count--;
	}
}

/* What the ring did not take is still in it: it goes with all that, and the rest goes out one by one. */
static void give_up_ring(struct burst *burst)
{
	io_uring_queue_exit(&burst->ring);
	burst->state = RING_BROKEN;
}

static void send_all(struct burst *burst)
{
	size_t taken = 0;

	if (burst->state == RING_NOT_YET)
		burst->state = open_ring(&burst->ring) < 0 ? RING_BROKEN : RING_OPEN;
	if (burst->state == RING_OPEN && burst->count > BURST_FEW) {
		taken = hand_over(burst);
		collect(burst, taken);
		if (taken < burst->count)
			give_up_ring(burst);
	}
	for (struct entry *entry = burst->entries + taken; entry < burst->entries + burst->count; entry++)
		entry->result = send_one(entry);
}

void burst_send(struct burst *burst, void (*done)(void *owner, long result))
{
	size_t count = burst->count;

	if (!count)
		return;
	send_all(burst);
	burst->count = 0;
	for (size_t i = 0; i < count; i++)
		done(burst->entries[i].owner, burst->entries[i].result);
}
