/* The table of options, for who reads the command line and who prints the help. Private to options*.c. */
#ifndef WSCAP_OPTIONS_TABLE_H
#define WSCAP_OPTIONS_TABLE_H

#include "wscap/options.h"

struct option_row;

/* One use of an option on the command line. */
struct option_use {
	struct options *options;
	const struct option_row *row;
	const char *shown; /* as it is called in a complaint: "-s" */
	const char *text;  /* its argument, or NULL */
	char *error;       /* where a complaint goes */
	size_t error_size;
};

struct option_row {
	char letter;          /* 0: it only has a long name */
	const char *name;     /* the long name without dashes, or NULL */
	const char *argument; /* how the help calls it; NULL: it takes none */
	const char *help;     /* English, to be translated; NULL: one of tcpdump's that is not there */
	bool (*set)(const struct option_use *use); /* false with a complaint; NULL: the row is a heading */
	size_t field;                              /* offset in struct options */
	uint64_t min, max;                         /* of a number, a size or a time */
};

extern const struct option_row option_rows[];
extern const size_t option_row_count;

/* What a row's set may be; each writes the field that the row names. */
bool set_flag(const struct option_use *use);      /* bool */
bool set_count(const struct option_use *use);     /* uint8_t: how often it was given */
bool set_text(const struct option_use *use);      /* const char * */
bool set_u32(const struct option_use *use);       /* uint32_t, from min to max */
bool set_u64(const struct option_use *use);       /* uint64_t, from min to max */
bool set_size(const struct option_use *use);      /* size_t in bytes: 512, 64K, 16M, 1G */
bool set_number(const struct option_use *use);    /* uint32_t, with the same suffixes */
bool set_time(const struct option_use *use);      /* int64_t in nanoseconds: 2, 2s, 500ms, 5m, 1h */
bool set_megabytes(const struct option_use *use); /* uint64_t: millions of bytes */
bool set_time_style(const struct option_use *use);
bool set_direction(const struct option_use *use);
bool set_precision(const struct option_use *use);
bool set_micro(const struct option_use *use);
bool set_language(const struct option_use *use); /* takes effect at once, for complaints too */
bool set_color(const struct option_use *use);
bool set_overlap(const struct option_use *use);
bool set_refused(const struct option_use *use); /* never: says that this one of tcpdump's is not there */

#endif
