/* The time stamp as -t, -tt, -ttt, -tttt and -ttttt ask for it. */
#include "wscap/line_internal.h"

#include <time.h>

#include "base/put.h"

enum {
	NSEC_PER_USEC = 1000,
	EPOCH_MAX = INT32_MAX, /* tcpdump shows no time beyond 2038 */
	TIME_ROOM = 96,        /* more than any time can take */
};

/* ".523910" */
static char *put_fraction(const struct line *line, char *at, int64_t nsec)
{
	uint32_t usec = (uint32_t)(nsec / NSEC_PER_USEC);

	at = put_six(put_char(at, '.'), usec);
	if (line->options->nanoseconds)
		at = put_digits(at, (uint32_t)(nsec % NSEC_PER_USEC), 3);
	return at;
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
	clock->absolute = !relative;
	return true;
}

/* Is time within the second whose text is kept? ret_nsec is where in it. */
static inline bool in_kept_second(const struct line_clock *clock, enum time_style style, int64_t time,
				  uint64_t *ret_nsec)
{
	*ret_nsec = (uint64_t)time - (uint64_t)clock->second * NSEC_PER_SEC;
	return *ret_nsec < NSEC_PER_SEC && clock->absolute && clock->of == style;
}

static char *put_kept_clock(const struct line *line, char *at, int64_t nsec)
{
	memcpy(at, line->clock.text, sizeof(line->clock.text));
	return put_fraction(line, at + line->clock.len, nsec);
}

static char *put_clock(struct line *line, char *at, int64_t second, int64_t nsec)
{
	if (!make_second(&line->clock, second, line->options->time))
		return put_lit(at, "[Error converting time]");
	return put_kept_clock(line, at, nsec);
}

static char *put_epoch(const struct line *line, char *at, int64_t second, int64_t nsec)
{
	if (second < 0 || second > EPOCH_MAX)
		return put_lit(at, "[Error converting time]");
	return put_fraction(line, put_u64(at, (uint64_t)second), nsec);
}

/* Since the packet before (-ttt), or since the first (-ttttt). A reference of zero counts as none, as with tcpdump. */
static char *put_since(struct line *line, char *at, int64_t time)
{
	struct line_clock *clock = &line->clock;
	uint64_t since;

	if (!line->options->nanoseconds)
		time -= time % NSEC_PER_USEC;
	if (clock->reference == 0)
		clock->reference = time;
	if (time < clock->reference) {
		since = (uint64_t)clock->reference - (uint64_t)time;
		at = put_char(at, '-');
	} else {
		since = (uint64_t)time - (uint64_t)clock->reference;
		at = put_char(at, ' ');
	}
	if (line->options->time == TIME_DELTA)
		clock->reference = time;
	return put_clock(line, at, (int64_t)(since / NSEC_PER_SEC), (int64_t)(since % NSEC_PER_SEC));
}

static APART char *put_time(struct line *line, char *at, int64_t time)
{
	int64_t second = time / NSEC_PER_SEC;
	int64_t nsec = time % NSEC_PER_SEC;

	if (nsec < 0) {
		nsec += NSEC_PER_SEC;
		second--;
	}
	switch (line->options->time) {
	case TIME_NONE:
		break;
	case TIME_EPOCH:
		return put_epoch(line, at, second, nsec);
	case TIME_DELTA:
	case TIME_SINCE_FIRST:
		return put_since(line, at, time);
	case TIME_OF_DAY:
	case TIME_DATE:
		return put_clock(line, at, second, nsec);
	}
	return at;
}

void line_time(struct line *line, int64_t time, struct out *out)
{
	uint64_t nsec;
	char *room, *at;

	if (line->options->time == TIME_NONE)
		return;
	room = out_room(out, TIME_ROOM);
	if (!room)
		return;
	if (in_kept_second(&line->clock, line->options->time, time, &nsec))
		at = put_kept_clock(line, room, (int64_t)nsec);
	else
		at = put_time(line, room, time);
	out_advance(out, (size_t)(put_char(at, ' ') - room));
}
