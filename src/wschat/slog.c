#include "wschat/slog.h"

#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "base/safe.h"

enum {
	LINE_MAX_BYTES = 4096,
};

static enum log_level most;
static bool as_json;

void slog_init(const struct options *options)
{
	most = options->log_level;
	as_json = options->log_json;
}

static void put_time(struct out *out)
{
	struct timespec now;
	struct tm parts;
	char text[40];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	out_printf(out, "%s.%03ldZ", text, now.tv_nsec / 1000000);
}

static void put_pair(struct out *out, const char *name, const char *value)
{
	struct ws_span text = ws_span_first(ws_span_str(value), LINE_MAX_BYTES);

	if (as_json) {
		out_printf(out, ",\"%s\":\"", name);
		safe_json(out, text);
		out_char(out, '"');
	} else {
		out_printf(out, " %s=", name);
		safe_text(out, text, SAFE_ONE_LINE, "");
	}
}

/* One write for the whole line, so that threads' lines do not mix. */
void slog(enum log_level level, const char *event, ...)
{
	static const char *const levels[] = {
	    [LOG_ERRORS] = "error", [LOG_NOTICES] = "notice", [LOG_REQUESTS] = "request"};
	struct out out;
	const char *name;
	va_list pairs;

	if (level > most || out_init(&out, -1) < 0)
		return;
	out_str(&out, as_json ? "{\"time\":\"" : "");
	put_time(&out);
	if (as_json)
		out_printf(&out, "\",\"level\":\"%s\",\"event\":\"%s\"", levels[level], event);
	else
		out_printf(&out, " %s %s", levels[level], event);
	va_start(pairs, event);
	while ((name = va_arg(pairs, const char *)))
		put_pair(&out, name, va_arg(pairs, const char *));
	va_end(pairs);
	out_str(&out, as_json ? "}\n" : "\n");
	out.fd = STDERR_FILENO;
	out_flush(&out); /* nobody can be told that the log cannot be written */
	out_finish(&out);
}
