/* The time stamp as -t, -tt, -ttt, -tttt and -ttttt ask for it. */
#include "wscap/line_internal.h"

#include <time.h>

enum {
	NSEC_PER_USEC = 1000,
	EPOCH_MAX = INT32_MAX, /* tcpdump shows no time beyond 2038 */
};

static void print_fraction(const struct line *line, int64_t nsec, struct out *out)
{
	out_char(out, '.');
	if (line->options->nanoseconds)
		out_u64_padded(out, (uint64_t)nsec, 9, '0');
	else
		out_u64_padded(out, (uint64_t)nsec / NSEC_PER_USEC, 6, '0');
}

/* The text of a second is kept: most packets share it with the one before. */
static bool make_second(struct line_clock *clock, int64_t second, enum time_style style)
{
	time_t when = (time_t)second;
	bool relative = style == TIME_DELTA || style == TIME_SINCE_FIRST;
	struct tm tm;

	if (clock->len && clock->second == second && clock->of == style)
		return true;
	if (second < 0 || second > EPOCH_MAX || !(relative ? gmtime_r(&when, &tm) : localtime_r(&when, &tm)))
		return false;
	clock->len =
	    strftime(clock->text, sizeof(clock->text), style == TIME_DATE ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &tm);
	clock->second = second;
	clock->of = style;
	return true;
}

static void print_clock(struct line *line, int64_t second, int64_t nsec, struct out *out)
{
	if (make_second(&line->clock, second, line->options->time)) {
		out_bytes(out, line->clock.text, line->clock.len);
		print_fraction(line, nsec, out);
	} else {
		out_lit(out, "[Error converting time]");
	}
}

static void print_epoch(const struct line *line, int64_t second, int64_t nsec, struct out *out)
{
	if (second >= 0 && second <= EPOCH_MAX) {
		out_u64(out, (uint64_t)second);
		print_fraction(line, nsec, out);
	} else {
		out_lit(out, "[Error converting time]");
	}
}

/* Since the packet before (-ttt), or since the first (-ttttt). A reference of zero counts as none, as with tcpdump. */
static void print_since(struct line *line, int64_t time, struct out *out)
{
	struct line_clock *clock = &line->clock;
	uint64_t since;

	if (!line->options->nanoseconds)
		time -= time % NSEC_PER_USEC;
	if (clock->reference == 0)
		clock->reference = time;
	if (time < clock->reference) {
		since = (uint64_t)clock->reference - (uint64_t)time;
		out_char(out, '-');
	} else {
		since = (uint64_t)time - (uint64_t)clock->reference;
		out_char(out, ' ');
	}
	print_clock(line, (int64_t)(since / NSEC_PER_SEC), (int64_t)(since % NSEC_PER_SEC), out);
	if (line->options->time == TIME_DELTA)
		clock->reference = time;
}

void line_time(struct line *line, int64_t time, struct out *out)
{
	int64_t second = time / NSEC_PER_SEC;
	int64_t nsec = time % NSEC_PER_SEC;

	if (nsec < 0) {
		nsec += NSEC_PER_SEC;
		second--;
	}
	switch (line->options->time) {
	case TIME_NONE:
		return;
	case TIME_EPOCH:
		print_epoch(line, second, nsec, out);
		break;
	case TIME_DELTA:
	case TIME_SINCE_FIRST:
		print_since(line, time, out);
		break;
	case TIME_OF_DAY:
	case TIME_DATE:
		print_clock(line, second, nsec, out);
		break;
	}
	out_char(out, ' ');
}
