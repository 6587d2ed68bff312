/* -Z: who the program is, once it has opened what needs root. */
#ifndef WSCAP_PRIVILEGES_H
#define WSCAP_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>

/* Becomes user, with that user's groups, and says so on standard error as tcpdump does. Who is not root stays who they
 * are. False with a sentence in error. */
bool privileges_drop(const char *user, char *error, size_t error_size);

#endif
