/* What goes to standard error: one line each, written at once. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum {
	SENTENCE_SIZE = 4608, /* room for a sentence about what failed, with the longest file name in it */
};

/* "wscap: " and the sentence: something failed. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Would a line be taken now? A terminal that was stopped, a pipe that nobody reads: whoever says something there is
 * held. */
bool log_is_heard(void);

/* The line as it is. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
