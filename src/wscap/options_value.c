/* From an option's text to its value. */
#include "wscap/options_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "wscap/packet.h"

static void *field_of(const struct option_use *use)
{
	return (char *)use->options + use->row->field;
}

__attribute__((format(printf, 2, 3))) static bool complain(const struct option_use *use, const char *format, ...)
{
	int done = snprintf(use->error, use->error_size, "%s%s%s: ", use->shown, use->text ? " " : "",
			    use->text ? use->text : "");
	va_list args;

	if (done < 0 || (size_t)done >= use->error_size)
		return false;
	va_start(args, format);
	vsnprintf(use->error + done, use->error_size - (size_t)done, format, args);
	va_end(args);
	return false;
}

struct unit {
	const char *suffix;
	uint64_t factor;
};

static const struct unit no_units[] = {{"", 1}, {NULL, 0}};
static const struct unit size_units[] = {
    {"", 1}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0},
};
static const struct unit time_units[] = {
    {"", NSEC_PER_SEC},          {"s", NSEC_PER_SEC},           {"ms", NSEC_PER_SEC / 1000},
    {"m", 60ULL * NSEC_PER_SEC}, {"h", 3600ULL * NSEC_PER_SEC}, {NULL, 0},
};

/* Digits and a unit, nothing before, between or behind; base 0 takes 0x and 0 in front as strtol does. */
static bool parse(const char *text, int base, const struct unit *units, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	value = strtoull(text, &end, base);
	if (errno)
		return false;
	for (; units->suffix; units++) {
		if (strcasecmp(end, units->suffix) == 0)
			return !__builtin_mul_overflow((uint64_t)value, units->factor, ret);
	}
	return false;
}

static bool take_number(const struct option_use *use, int base, const struct unit *units, uint64_t *ret)
{
	if (parse(use->text, base, units, ret) && *ret >= use->row->min && *ret <= use->row->max)
		return true;
	return complain(use, _("not a number from %llu to %llu"), (unsigned long long)use->row->min,
			(unsigned long long)use->row->max);
}

bool set_flag(const struct option_use *use)
{
	*(bool *)field_of(use) = true;
	return true;
}

bool set_count(const struct option_use *use)
{
	uint8_t *count = field_of(use);

	if (*count < UINT8_MAX)
		++*count;
	return true;
}

bool set_text(const struct option_use *use)
{
	*(const char **)field_of(use) = use->text;
	return true;
}

bool set_u32(const struct option_use *use)
{
	uint64_t value = 0;

	if (!take_number(use, 0, no_units, &value))
		return false;
	*(uint32_t *)field_of(use) = (uint32_t)value;
	return true;
}

bool set_number(const struct option_use *use)
{
	uint64_t value = 0;

	if (!take_number(use, 10, size_units, &value))
		return false;
	*(uint32_t *)field_of(use) = (uint32_t)value;
	return true;
}

bool set_u64(const struct option_use *use)
{
	return take_number(use, 10, no_units, field_of(use));
}

bool set_megabytes(const struct option_use *use)
{
	uint64_t value = 0;

	if (!take_number(use, 10, no_units, &value))
		return false;
	*(uint64_t *)field_of(use) = value * 1000000;
	return true;
}

bool set_size(const struct option_use *use)
{
	uint64_t value = 0;

	if (!parse(use->text, 10, size_units, &value) || value < use->row->min || value > use->row->max)
		return complain(use, _("not a size from %llu to %llu bytes, as 512, 64K, 16M or 1G"),
				(unsigned long long)use->row->min, (unsigned long long)use->row->max);
	*(size_t *)field_of(use) = (size_t)value;
	return true;
}

bool set_time(const struct option_use *use)
{
	uint64_t value = 0;

	if (!parse(use->text, 10, time_units, &value) || value < use->row->min || value > use->row->max)
		return complain(use, _("not a time, as 500ms, 2s, 5m or 1h"));
	*(int64_t *)field_of(use) = (int64_t)value;
	return true;
}

bool set_time_style(const struct option_use *use)
{
	if (use->options->time == TIME_SINCE_FIRST)
		return complain(use, _("only -t, -tt, -ttt, -tttt and -ttttt are there"));
	use->options->time++;
	return true;
}

bool set_direction(const struct option_use *use)
{
	static const struct {
		const char *name;
		char value;
	} directions[] = {{"in", 'i'}, {"out", 'o'}, {"inout", 0}};

	for (size_t i = 0; i < sizeof(directions) / sizeof(*directions); i++) {
		if (strcasecmp(use->text, directions[i].name) == 0) {
			use->options->direction = directions[i].value;
			return true;
		}
	}
	return complain(use, _("not one of %s"), "in, out, inout");
}

/* As tcpdump: only the beginning of the word counts. */
bool set_precision(const struct option_use *use)
{
	bool nano = strncmp(use->text, "nano", 4) == 0;

	if (!nano && strncmp(use->text, "micro", 5) != 0)
		return complain(use, _("not one of %s"), "micro, nano");
	use->options->nanoseconds = nano;
	return true;
}

bool set_micro(const struct option_use *use)
{
	use->options->nanoseconds = false;
	return true;
}

bool set_language(const struct option_use *use)
{
	char names[128] = "";

	if (i18n_init(use->text)) {
		use->options->lang = use->text;
		return true;
	}
	for (const char *const *lang = i18n_languages; *lang; lang++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", *names ? ", " : "", *lang);
	return complain(use, _("not one of %s"), names);
}

/* The place of the option's text among names, or -1 and a complaint that lists them. */
static int choose(const struct option_use *use, const char *const names[], int count, const char *list)
{
	for (int i = 0; i < count; i++)
		if (strcmp(use->text, names[i]) == 0)
			return i;
	complain(use, _("not one of %s"), list);
	return -1;
}

bool set_color(const struct option_use *use)
{
	static const char *const names[] = {
	    [COLOR_AUTO] = "auto",
	    [COLOR_ALWAYS] = "always",
	    [COLOR_NEVER] = "never",
	};
	int found = choose(use, names, sizeof(names) / sizeof(names[0]), "auto, always, never");

	if (found < 0)
		return false;
	use->options->color = (enum color)found;
	return true;
}

bool set_overlap(const struct option_use *use)
{
	static const char *const names[] = {
	    [OVERLAP_ACK] = "ack",
	    [OVERLAP_FIRST] = "first",
	    [OVERLAP_LAST] = "last",
	};
	int found = choose(use, names, sizeof(names) / sizeof(names[0]), "ack, first, last");

	if (found < 0)
		return false;
	use->options->limits.overlap = (enum overlap)found;
	if (found != OVERLAP_FIRST) /* nothing else can be chosen of what was read already */
		use->options->limits.acknowledged = true;
	return true;
}

bool set_refused(const struct option_use *use)
{
	snprintf(use->error, use->error_size, _("%s: tcpdump has this option, wscap does not"), use->shown);
	return false;
}
