/* The server's log: one line an event, as text or JSON, on standard error. Never a message's content, nor a name.
 *
 * Who reads it may stop reading (a pipe that is full, a terminal that is held): nobody waits for that. Lines that
 * cannot be written at once are lost, and counted; the next that can be comes with their number. */
#ifndef WSCHAT_SLOG_H
#define WSCHAT_SLOG_H

#include "wschat/options.h"

enum {
	SLOG_WRITE_MAX = 4096, /* bytes of one write: a pipe that is ready takes so many without waiting (PIPE_BUF) */
	SLOG_LINES_MAX = 20,   /* a second, of what strangers cause: a flood of them must not fill a disk */
	SLOG_REQUESTS_MAX = 1000,   /* …where each connection is asked for */
	SLOG_VALUE_BYTES_MAX = 512, /* of one value */
};

void slog_init(const struct options *options);
void slog_finish(void); /* says what is still to be said of lines that were left out */

unsigned long long slog_lost(void); /* lines that could not be written, up to now; any thread */

/* Is this level logged at all? */
bool slog_wants(enum log_level level);

/* An event, and pairs of names and values, all text, ended by NULL. Values may be a stranger's: they are made harmless.
 * Any thread. */
void slog(enum log_level level, const char *event, ...) __attribute__((sentinel));

/* The same for what strangers can cause as often as they like: at most so many lines a second of each level, then a
 * line "suppressed" with the number of those that were left out. */
void slog_often(enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
