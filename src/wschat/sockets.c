#include "wschat/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/i18n.h"

enum {
	BACKLOG = 4096,
};

static const char *const default_listen = "127.0.0.1:7272";
static const char *const default_web = "127.0.0.1:55151";

/* "127.0.0.1:7272", "[::1]:7272", "localhost:7272", ":7272" (every address) in its two parts. */
static bool split(const char *text, char host[static 256], const char **ret_port)
{
	const char *colon = strrchr(text, ':');
	const char *begin = text, *end = colon;

	if (!colon || !colon[1])
		return false;
	if (*begin == '[') {
		begin++;
		end--;
		if (end < begin || *end != ']')
			return false;
	}
	if (end - begin >= 256)
		return false;
	memcpy(host, begin, (size_t)(end - begin));
	host[end - begin] = '\0';
	*ret_port = colon + 1;
	return true;
}

/* A number that fits, or a service's name: getaddrinfo() takes the lower 16 bits of any number. */
static bool good_port(const char *text)
{
	return text[strspn(text, "0123456789")] || (strlen(text) < 10 && atol(text) <= UINT16_MAX);
}

static int open_one(const struct addrinfo *address, bool share)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (share)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

/* Sockets that share a port would let a second server share it too, unseen: one that does not share is tried first. */
static int probe(const struct addrinfo *address)
{
	int fd = open_one(address, false);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static bool fail(char *error, const char *where, const char *what)
{
	snprintf(error, SOCKETS_ERROR_MAX, "%s: %s", where, what);
	return false;
}

static bool open_for_workers(const struct addrinfo *address, const char *where, bool chat, unsigned workers,
			     struct sockets *sockets, size_t place, char *error)
{
	int status = probe(address);

	for (unsigned i = 0; status >= 0 && i < workers; i++) {
		status = open_one(address, true);
		if (status >= 0)
			sockets->at[i * sockets->count + place] = (struct listening){.fd = status, .chat = chat};
	}
	return status >= 0 ? true : fail(error, where, strerror(-status));
}

static uint16_t port_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} address = {0};
	socklen_t len = sizeof(address);

	if (getsockname(fd, &address.any, &len) < 0)
		return 0;
	return ntohs(address.any.sa_family == AF_INET6 ? address.in6.sin6_port : address.in.sin_port);
}

static bool open_named(const char *where, bool chat, unsigned workers, struct sockets *sockets, size_t place,
		       char *error)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *found = NULL;
	const char *port;
	char host[256];
	bool opened;
	int status;

	if (!split(where, host, &port) || !good_port(port))
		return fail(error, where, _("is no ADDRESS:PORT"));
	status = getaddrinfo(*host ? host : NULL, port, &hints, &found);
	if (status != 0)
		return fail(error, where, gai_strerror(status));
	opened = open_for_workers(found, where, chat, workers, sockets, place, error);
	freeaddrinfo(found);
	if (opened && chat && !sockets->chat_port)
		sockets->chat_port = port_of(sockets->at[place].fd);
	return opened;
}

static void close_all(struct sockets *sockets, unsigned workers)
{
	for (size_t i = 0; i < workers * sockets->count; i++)
		if (sockets->at[i].fd >= 0)
			close(sockets->at[i].fd);
	sockets_finish(sockets);
}

static bool make_list(struct sockets *sockets, unsigned workers, size_t count)
{
	sockets->count = count;
	sockets->at = calloc(workers * count + 1, sizeof(*sockets->at));
	for (size_t i = 0; sockets->at && i < workers * count; i++)
		sockets->at[i].fd = -1;
	return sockets->at;
}

/* Handed over by systemd: all workers listen on the same sockets. */
static bool take_activated(unsigned workers, struct sockets *ret, char *error)
{
	char **names = NULL;
	int count = sd_listen_fds_with_names(1, &names);

	if (count <= 0)
		return false;
	if (!make_list(ret, workers, (size_t)count))
		return fail(error, "LISTEN_FDS", strerror(ENOMEM));
	for (int i = 0; i < count; i++) {
		int fd = SD_LISTEN_FDS_START + i;
		bool chat = strcmp(names[i], "web") != 0;

		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		for (unsigned worker = 0; worker < workers; worker++)
			ret->at[worker * ret->count + (size_t)i] =
			    (struct listening){.fd = fd, .chat = chat, .shared = true};
		if (chat && !ret->chat_port)
			ret->chat_port = port_of(fd);
		free(names[i]);
	}
	free(names);
	return true;
}

bool sockets_open(const struct options *options, unsigned workers, struct sockets *ret,
		  char error[static SOCKETS_ERROR_MAX])
{
	struct option_list listen_at = options->listen, web = options->web;
	size_t place = 0;

	*ret = (struct sockets){0};
	if (take_activated(workers, ret, error))
		return true;
	if (!listen_at.count)
		listen_at.at[listen_at.count++] = default_listen;
	if (!web.count)
		web.at[web.count++] = default_web;
	if (strcmp(web.at[0], "none") == 0)
		web.count = 0;
	if (!make_list(ret, workers, listen_at.count + web.count))
		return fail(error, "--listen", strerror(ENOMEM));
	for (size_t i = 0; i < listen_at.count; i++)
		if (!open_named(listen_at.at[i], true, workers, ret, place++, error))
			goto failed;
	for (size_t i = 0; i < web.count; i++)
		if (!open_named(web.at[i], false, workers, ret, place++, error))
			goto failed;
	return true;
failed:
	close_all(ret, workers);
	return false;
}

bool sockets_address(const struct sockets *sockets, bool chat, char ret[static SOCKETS_ADDRESS_MAX])
{
	char host[INET6_ADDRSTRLEN + 16], port[8];
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	size_t i = 0;

	while (i < sockets->count && sockets->at[i].chat != chat)
		i++;
	if (i == sockets->count || getsockname(sockets->at[i].fd, (struct sockaddr *)&address, &len) < 0 ||
	    getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return false;
	snprintf(ret, SOCKETS_ADDRESS_MAX, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	return true;
}

void sockets_finish(struct sockets *sockets)
{
	free(sockets->at);
	*sockets = (struct sockets){0};
}
