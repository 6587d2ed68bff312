#include "wschat/slog.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/safe.h"

enum {
	LEVEL_COUNT = LOG_REQUESTS + 1,
};

/* How many lines of slog_often() a level has had in a second. */
struct allowance {
	time_t second;
	unsigned lines;
	unsigned long long left_out;
};

static struct {
	enum log_level most;
	bool as_json;
	pthread_mutex_t lock; /* for what follows, and so that threads' lines do not mix */
	struct out out;
	struct allowance allowances[LEVEL_COUNT];
	unsigned lines;          /* in out */
	unsigned long long lost; /* since the last that was written */
	_Atomic unsigned long long lost_ever;
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *const levels[LEVEL_COUNT] = {
    [LOG_ERRORS] = "error", [LOG_NOTICES] = "notice", [LOG_REQUESTS] = "request"};
static const unsigned lines_max[LEVEL_COUNT] = {
    [LOG_ERRORS] = SLOG_LINES_MAX, [LOG_NOTICES] = SLOG_LINES_MAX, [LOG_REQUESTS] = SLOG_REQUESTS_MAX};

void slog_init(const struct options *options)
{
	state.most = options->log_level;
	state.as_json = options->log_json;
}

bool slog_wants(enum log_level level)
{
	return level <= state.most;
}

static void put_head(struct timespec now, enum log_level level, const char *event)
{
	struct out *out = &state.out;
	struct tm parts;
	char text[40];

	gmtime_r(&now.tv_sec, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	out_printf(out, state.as_json ? "{\"time\":\"%s.%03ldZ\",\"level\":\"%s\",\"event\":\"%s\"" : "%s.%03ldZ %s %s",
		   text, now.tv_nsec / 1000000, levels[level], event);
}

/* A value stands bare where nothing in it could be taken for something else. */
static bool is_bare(const char *value)
{
	static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:/+@%[]";

	return *value && value[strspn(value, bare)] == '\0';
}

static void put_pair(const char *name, const char *value)
{
	struct out *out = &state.out;
	bool quoted = state.as_json || !is_bare(value);

	out_printf(out, state.as_json ? ",\"%s\":" : " %s=", name);
	out_str(out, quoted ? "\"" : "");
	safe_json(out, ws_span_first(ws_span_str(value), SLOG_VALUE_BYTES_MAX));
	out_str(out, quoted ? "\"" : "");
}

static void end_line(void)
{
	state.lines++;
	out_str(&state.out, state.as_json ? "}\n" : "\n");
}

static bool is_ready(void)
{
	struct pollfd log = {.fd = state.out.fd, .events = POLLOUT};

	return poll(&log, 1, 0) == 1 && log.revents & POLLOUT;
}

static void lose(void)
{
	state.lost += state.lines;
	state.lost_ever += state.lines;
	state.out.len = 0;
}

/* What cannot be written at once is lost; perhaps the next can. */
static void write_out(void)
{
	if (!state.out.len)
		return;
	if (state.out.len > SLOG_WRITE_MAX || !is_ready() || out_flush(&state.out) < 0)
		lose();
	else
		state.lost = 0;
	state.out.error = 0;
	state.lines = 0;
}

/* Goes before the next line, and with it, so that it is no line of its own where that is lost. */
static void put_lost(struct timespec now)
{
	char lines[24];

	if (!state.lost)
		return;
	snprintf(lines, sizeof(lines), "%llu", state.lost);
	put_head(now, LOG_ERRORS, "lost");
	put_pair("lines", lines);
	end_line();
	state.lines--;
}

unsigned long long slog_lost(void)
{
	return state.lost_ever;
}

static void put_left_out(struct timespec now, enum log_level level)
{
	struct allowance *allowance = &state.allowances[level];
	char lines[24];

	if (!allowance->left_out)
		return;
	snprintf(lines, sizeof(lines), "%llu", allowance->left_out);
	put_head(now, level, "suppressed");
	put_pair("lines", lines);
	end_line();
	allowance->left_out = 0;
}

/* May one more line be written in this second? */
static bool take_allowance(struct timespec now, enum log_level level)
{
	struct allowance *allowance = &state.allowances[level];

	if (allowance->second != now.tv_sec) {
		put_left_out(now, level);
		allowance->second = now.tv_sec;
		allowance->lines = 0;
	}
	if (allowance->lines == lines_max[level]) {
		allowance->left_out++;
		return false;
	}
	allowance->lines++;
	return true;
}

static void put_line(enum log_level level, bool often, const char *event, va_list pairs)
{
	struct timespec now;
	const char *name;

	pthread_mutex_lock(&state.lock);
	clock_gettime(CLOCK_REALTIME, &now);
	if ((state.out.text || out_init(&state.out, STDERR_FILENO) == 0) && (!often || take_allowance(now, level))) {
		put_lost(now);
		put_head(now, level, event);
		while ((name = va_arg(pairs, const char *)))
			put_pair(name, va_arg(pairs, const char *));
		end_line();
		write_out();
	}
	pthread_mutex_unlock(&state.lock);
}

void slog(enum log_level level, const char *event, ...)
{
	va_list pairs;

	if (!slog_wants(level))
		return;
	va_start(pairs, event);
	put_line(level, false, event, pairs);
	va_end(pairs);
}

void slog_often(enum log_level level, const char *event, ...)
{
	va_list pairs;

	if (!slog_wants(level))
		return;
	va_start(pairs, event);
	put_line(level, true, event, pairs);
	va_end(pairs);
}

void slog_finish(void)
{
	struct timespec now;

	pthread_mutex_lock(&state.lock);
	clock_gettime(CLOCK_REALTIME, &now);
	for (unsigned i = 0; state.out.text && i < LEVEL_COUNT; i++)
		put_left_out(now, (enum log_level)i);
	if (state.out.text) {
		put_lost(now);
		write_out();
	}
	out_finish(&state.out);
	pthread_mutex_unlock(&state.lock);
}
