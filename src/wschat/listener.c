/* New connections: within the limits, or refused with a word where HTTP allows one. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "wschat/client.h"

/* There are no descriptors left: with the spare one the connection can at least be taken and closed, instead of waking
 * us for ever. */
static void refuse_one(struct listener *listener)
{
	struct worker *worker = listener->worker;
	int fd;

	if (worker->spare >= 0)
		close(worker->spare);
	fd = accept4(listener->watch.fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	worker->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	count(worker, COUNTER_REFUSED, 1);
	client_log_refused(NULL, "open files");
}

static void on_ready(struct watch *watch, uint32_t what)
{
	struct listener *listener = (struct listener *)watch;
	struct worker *worker = listener->worker;

	(void)what;
	for (int i = 0; i < WORKER_ACCEPTS; i++) {
		struct sockaddr_storage address = {0};
		socklen_t len = sizeof(address);
		int fd = accept4(watch->fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			client_accept(worker, fd, &address, listener->chat);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			refuse_one(listener);
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EMFILE)
			return;
	}
}

int worker_listen(struct worker *worker, const struct listening *listening, size_t count_of)
{
	worker->listeners = calloc(count_of, sizeof(*worker->listeners));
	if (!worker->listeners)
		return -ENOMEM;
	for (size_t i = 0; i < count_of; i++) {
		struct listener *listener = &worker->listeners[i];
		int status;

		*listener = (struct listener){.watch = {.fd = listening[i].fd, .ready = on_ready},
					      .worker = worker,
					      .chat = listening[i].chat,
					      .shared = listening[i].shared};
		status = loop_watch(worker->loop, &listener->watch, LOOP_READ);
		if (status < 0)
			return status;
		worker->listener_count++;
	}
	return 0;
}

void worker_stop_listening(struct worker *worker)
{
	for (size_t i = 0; i < worker->listener_count; i++) {
		loop_unwatch(worker->loop, &worker->listeners[i].watch);
		if (!worker->listeners[i].shared)
			close(worker->listeners[i].watch.fd);
	}
	worker->listener_count = 0;
	free(worker->listeners);
	worker->listeners = NULL;
}
