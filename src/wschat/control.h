/* What `wschat status` and `wschat connections` ask a running server: a local socket that its owner alone can open. */
#ifndef WSCHAT_CONTROL_H
#define WSCHAT_CONTROL_H

#include "wschat/server.h"

enum {
	CONTROL_ERROR_MAX = 512,
};

/* The socket's path: --control, or "control" in the data folder. False when it is too long for one. */
bool control_path(const struct options *options, char *ret, size_t size);

/* Server. Returns a listening descriptor, or -1 with a sentence in error. */
int control_listen(const char *path, char error[static CONTROL_ERROR_MAX]);
/* One question is waiting on the listening descriptor: it is answered, within a second or not at all. */
void control_answer(struct server *server, int listening);

/* Client: asks and prints. Returns the exit status. */
int control_ask(const char *path, const char *question);

#endif
