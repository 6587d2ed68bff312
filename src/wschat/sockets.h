/* The sockets that the server listens on. */
#ifndef WSCHAT_SOCKETS_H
#define WSCHAT_SOCKETS_H

#include "wschat/worker.h"

enum {
	SOCKETS_ERROR_MAX = 512,
	SOCKETS_ADDRESS_MAX = 80,
};

/* Descriptors for one worker after another: count_of each. */
struct sockets {
	struct listening *at; /* worker i has at[i * count] to at[i * count + count - 1] */
	size_t count;
	uint16_t chat_port; /* of the first of the chat's; 0: none */
};

/* What systemd hands over (LISTEN_FDS; named "web" in the socket unit for the page's), or what --listen and --web name,
 * each once per worker with SO_REUSEPORT. False with a sentence in error: a port that is taken, an address that is
 * none. */
bool sockets_open(const struct options *options, unsigned workers, struct sockets *ret,
		  char error[static SOCKETS_ERROR_MAX]);

/* Where the first of the chat's, or of the page's, is reached: "127.0.0.1:7272", "[::1]:7272". False when there is
 * none.
 */
bool sockets_address(const struct sockets *sockets, bool chat, char ret[static SOCKETS_ADDRESS_MAX]);

/* Frees the list, not the descriptors: those are the workers'. */
void sockets_finish(struct sockets *sockets);

#endif
