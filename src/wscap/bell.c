#include "wscap/bell.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int bell_init(struct bell *bell)
{
	*bell = (struct bell){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	return bell->fd < 0 ? -errno : 0;
}

void bell_finish(struct bell *bell)
{
	close(bell->fd);
}

bool bell_sleep(struct bell *bell, int timeout_ms)
{
	struct pollfd fd = {.fd = bell->fd, .events = POLLIN};
	eventfd_t rung;
	bool woken = poll(&fd, 1, timeout_ms) > 0;

	atomic_store(&bell->asleep, false);
	return woken && eventfd_read(bell->fd, &rung) == 0;
}

void bell_ring(struct bell *bell)
{
	if (atomic_load(&bell->asleep) && atomic_exchange(&bell->asleep, false))
		eventfd_write(bell->fd, 1);
}
