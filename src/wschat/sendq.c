#include "wschat/sendq.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "ws/frame.h"

enum {
	SENDQ_PIECES = 64, /* of one sendmsg(); more waits for the next */
};

struct sendq_block {
	struct sendq_block *next;
	uint64_t place; /* of the tape: these bytes go before what it has from here on */
	size_t len, sent;
	bool raw; /* no frames: one piece that may not be cut */
	uint8_t bytes[];
};

static uint64_t tape_waiting(const struct sendq *queue)
{
	return queue->tape ? queue->tape->end - queue->reader.at : 0;
}

uint64_t sendq_waiting(const struct sendq *queue)
{
	return queue->own + tape_waiting(queue);
}

static struct sendq_block *block_create(size_t len)
{
	struct sendq_block *block = malloc(sizeof(*block) + len);

	if (block)
		*block = (struct sendq_block){.len = len};
	return block;
}

static void block_append(struct sendq *queue, struct sendq_block *block)
{
	block->place = queue->tape ? queue->tape->end : 0;
	if (queue->last)
		queue->last->next = block;
	else
		queue->first = block;
	queue->last = block;
	queue->own += block->len;
}

static int add(struct sendq *queue, struct ws_span bytes, bool raw)
{
	struct sendq_block *block = block_create(bytes.len);

	if (!block)
		return -ENOMEM;
	memcpy(block->bytes, bytes.data, bytes.len);
	block->raw = raw;
	block_append(queue, block);
	return 0;
}

int sendq_add(struct sendq *queue, struct ws_span bytes)
{
	return add(queue, bytes, false);
}

int sendq_add_raw(struct sendq *queue, struct ws_span bytes)
{
	return add(queue, bytes, true);
}

/* Views of what waits, in order, from the very front. Returns how many of max. */
static size_t view(const struct sendq *queue, struct iovec *ret, size_t max)
{
	struct tape_reader at = queue->reader;
	size_t count = 0;

	for (struct sendq_block *block = queue->first; block && count < max; block = block->next) {
		if (queue->tape && at.at < block->place) {
			count += tape_view(&at, block->place, ret + count, max - count);
			at.at = block->place;
		}
		if (count < max)
			ret[count++] = (struct iovec){block->bytes + block->sent, block->len - block->sent};
	}
	if (queue->tape && count < max)
		count += tape_view(&at, queue->tape->end, ret + count, max - count);
	return count;
}

static void block_drop_first(struct sendq *queue)
{
	struct sendq_block *block = queue->first;

	queue->first = block->next;
	if (!queue->first)
		queue->last = NULL;
	free(block);
}

/* The next len bytes, which waited, have gone. */
static void consume(struct sendq *queue, size_t len)
{
	while (len) {
		struct sendq_block *block = queue->first;
		uint64_t upto = block ? block->place : queue->tape ? queue->tape->end : 0;
		size_t piece;

		if (queue->tape && queue->reader.at < upto) {
			piece = upto - queue->reader.at < len ? (size_t)(upto - queue->reader.at) : len;
			tape_advance(queue->tape, &queue->reader, piece);
		} else if (block) {
			piece = block->len - block->sent < len ? block->len - block->sent : len;
			block->sent += piece;
			queue->own -= piece;
			if (block->sent == block->len)
				block_drop_first(queue);
		} else {
			return;
		}
		len -= piece;
	}
}

/* sent bytes of these pieces went out, and not all: how much is left of the frame in which that ended? Frames never
 * begin in raw bytes, which only stand at the front. */
static uint64_t find_begun(const struct sendq *queue, const struct iovec *pieces, size_t count, size_t sent)
{
	uint64_t at = queue->begun; /* where the next frame begins */
	size_t passed = 0;

	if (!at && queue->first && queue->first->raw)
		at = queue->first->len - queue->first->sent;
	while (count && at < sent) {
		struct ws_frame frame;

		while (count && at >= passed + pieces->iov_len) {
			passed += pieces->iov_len;
			pieces++;
			count--;
		}
		/* A frame lies in one piece, as it was appended. */
		if (!count ||
		    !ws_frame_parse(ws_span_from(ws_span_of(pieces->iov_base, pieces->iov_len), at - passed), &frame))
			break;
		at += frame.header_len + frame.payload_len;
	}
	return at > sent ? at - sent : 0;
}

/* Only a send that stopped short has to be looked through, or one that ended where the pieces did. */
static void take_sent(struct sendq *queue, const struct iovec *pieces, size_t count, size_t sent)
{
	if (sent == sendq_waiting(queue))
		queue->begun = 0;
	else
		queue->begun = find_begun(queue, pieces, count, sent);
	consume(queue, sent);
}

bool sendq_one_piece(const struct sendq *queue, struct ws_span *ret)
{
	struct iovec pieces[2];

	if (view(queue, pieces, 2) != 1)
		return false;
	*ret = ws_span_of(pieces->iov_base, pieces->iov_len);
	return true;
}

void sendq_sent(struct sendq *queue, struct ws_span piece, size_t sent)
{
	take_sent(queue, &(struct iovec){.iov_base = (void *)piece.data, .iov_len = piece.len}, 1, sent);
}

long sendq_send(struct sendq *queue, int fd)
{
	struct iovec pieces[SENDQ_PIECES];
	struct msghdr message = {.msg_iov = pieces};
	ssize_t sent;

	message.msg_iovlen = view(queue, pieces, SENDQ_PIECES);
	if (!message.msg_iovlen)
		return 0;
	do
		sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	take_sent(queue, pieces, message.msg_iovlen, (size_t)sent);
	return sent;
}

/* All that waits becomes one block of its own, free of any tape. */
static int flatten(struct sendq *queue)
{
	uint64_t waiting = sendq_waiting(queue);
	struct iovec pieces[SENDQ_PIECES];
	struct sendq_block *block;
	size_t count, at = 0;

	if (!tape_waiting(queue)) {
		for (block = queue->first; block; block = block->next)
			block->place = 0;
		return 0;
	}
	block = block_create(waiting);
	if (!block)
		return -ENOMEM;
	while ((count = view(queue, pieces, SENDQ_PIECES))) {
		size_t len = 0;

		for (size_t i = 0; i < count; i++) {
			memcpy(block->bytes + at + len, pieces[i].iov_base, pieces[i].iov_len);
			len += pieces[i].iov_len;
		}
		consume(queue, len);
		at += len;
	}
	block_append(queue, block);
	block->place = 0;
	return 0;
}

int sendq_untune(struct sendq *queue)
{
	int status;

	if (!queue->tape)
		return 0;
	status = flatten(queue);
	if (status < 0)
		return status;
	tape_leave(queue->tape, &queue->reader);
	queue->tape = NULL;
	return 0;
}

int sendq_tune(struct sendq *queue, struct tape *tape)
{
	int status = sendq_untune(queue);

	if (status == 0)
		status = tape_join(tape, &queue->reader);
	if (status < 0)
		return status;
	/* What waits goes before anything of the new tape. */
	for (struct sendq_block *block = queue->first; block; block = block->next)
		block->place = tape->end;
	queue->tape = tape;
	return 0;
}

/* Copies the first len bytes that wait. */
static struct sendq_block *copy_front(const struct sendq *queue, uint64_t len)
{
	struct iovec pieces[SENDQ_PIECES];
	size_t count = view(queue, pieces, SENDQ_PIECES);
	struct sendq_block *block = block_create(len);
	size_t at = 0;

	for (size_t i = 0; block && i < count && at < len; i++) {
		size_t piece = pieces[i].iov_len < len - at ? pieces[i].iov_len : len - at;

		memcpy(block->bytes + at, pieces[i].iov_base, piece);
		at += piece;
	}
	if (block && at < len) {
		free(block);
		return NULL;
	}
	return block;
}

int sendq_cut(struct sendq *queue)
{
	uint64_t begun = queue->begun;
	struct sendq_block *block = NULL;

	if (begun) {
		block = copy_front(queue, begun);
		if (!block)
			return -ENOMEM;
	}
	sendq_finish(queue);
	if (block)
		block_append(queue, block);
	queue->begun = begun;
	return 0;
}

void sendq_finish(struct sendq *queue)
{
	if (!queue)
		return;
	while (queue->first)
		block_drop_first(queue);
	tape_leave(queue->tape, &queue->reader);
	*queue = (struct sendq){0};
}
