#include "base/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	LINE_SIZE = 8192, /* two file names of the greatest length fit */
};

static void log_with(const char *prefix, const char *format, va_list args)
{
	char line[LINE_SIZE];
	size_t len = (size_t)snprintf(line, sizeof(line), "%s", prefix);
	int more = vsnprintf(line + len, sizeof(line) - len, format, args);

	if (more > 0)
		len += (size_t)more;
	if (len > sizeof(line) - 1)
		len = sizeof(line) - 1;
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return; /* nobody is left to tell */
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_with("wscap: ", format, args);
	va_end(args);
}

void log_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_with("", format, args);
	va_end(args);
}

bool log_is_heard(void)
{
	struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};

	return poll(&fd, 1, 0) > 0 && (fd.revents & POLLOUT);
}
