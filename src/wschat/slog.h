/* The server's log: one line an event, as text or JSON, on standard error. Never a message's content. */
#ifndef WSCHAT_SLOG_H
#define WSCHAT_SLOG_H

#include "wschat/options.h"

void slog_init(const struct options *options);

/* An event, and pairs of names and values, all text, ended by NULL. Values may be a stranger's: they are made harmless.
 */
void slog(enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
