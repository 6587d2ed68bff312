#include "packets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "wscap/capture.h"

static ssize_t give(void *context, uint8_t *bytes, size_t size)
{
	ssize_t len = read(*(int *)context, bytes, size);

	return len < 0 ? -errno : len;
}

static void *or_abort(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* What lives only until the next packet is copied, into one piece of memory. */
static void add(struct packets *packets, const struct packet *packet)
{
	size_t len = packet->bytes.len;
	uint8_t *copy = or_abort(malloc(len ? len : 1));

	if (len)
		memcpy(copy, packet->bytes.data, len);
	if (!(packets->count & (packets->count - 1)))
		packets->list =
		    or_abort(realloc(packets->list, (packets->count ? 2 * packets->count : 1) * sizeof(struct packet)));
	packets->list[packets->count] = *packet;
	packets->list[packets->count].number = packets->count + 1;
	packets->list[packets->count].bytes = ws_span_of(copy, len);
	packets->list[packets->count].options = ws_span_of(NULL, 0);
	packets->count++;
	packets->bytes += len;
}

bool packets_read(const char *path, struct packets *ret)
{
	const struct capture_interface *interface;
	struct link_types types = {0};
	struct capture capture;
	struct packet packet;
	enum capture_step step;
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	*ret = (struct packets){0};
	capture_init(&capture, &types, give, &fd);
	step = capture_begin(&capture);
	while (step == CAPTURE_PACKET && (step = capture_next(&capture, &packet, &interface)) == CAPTURE_PACKET)
		add(ret, &packet);
	if (capture_error(&capture))
		fprintf(stderr, "%s: %s\n", path, capture_error(&capture));
	step = capture_error(&capture) ? CAPTURE_ERROR : step;
	capture_finish(&capture);
	link_types_finish(&types);
	close(fd);
	return step == CAPTURE_END;
}

void packets_finish(struct packets *packets)
{
	for (size_t i = 0; i < packets->count; i++)
		free((void *)(uintptr_t)packets->list[i].bytes.data);
	free(packets->list);
}
