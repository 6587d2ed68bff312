/* The table of options, for who reads them and who prints the help. Private to options*.c. */
#ifndef WSCHAT_OPTIONS_TABLE_H
#define WSCHAT_OPTIONS_TABLE_H

#include "wschat/options.h"

struct option_row;

/* One use of an option, on the command line or in the configuration file. */
struct option_use {
	struct options *options;
	const struct option_row *row;
	const char *text; /* its value; NULL: it takes none */
};

struct option_row {
	const char *name;                          /* without dashes; NULL: the row is a heading */
	const char *argument;                      /* how the help calls its value; NULL: it takes none */
	const char *help;                          /* English, to be translated */
	bool (*set)(const struct option_use *use); /* false: the value is wrong. NULL: for the command line alone */
	size_t field;                              /* offset in struct options */
	uint64_t min, max;                         /* of a number */
};

extern const struct option_row option_rows[];
enum {
	OPTION_ROWS_MAX = 48, /* for who keeps something about each */
};
extern const size_t option_row_count;

/* What a row's set may be; each writes the field that the row names. */
bool set_list(const struct option_use *use);  /* struct option_list */
bool set_text(const struct option_use *use);  /* const char * */
bool set_url(const struct option_use *use);   /* const char *, a WebSocket's */
bool set_true(const struct option_use *use);  /* bool */
bool set_false(const struct option_use *use); /* bool */
bool set_u32(const struct option_use *use);   /* uint32_t, from min to max; 10, 4K, 1M, 1G */
bool set_size(const struct option_use *use);  /* size_t, the same */
bool set_proxy(const struct option_use *use);
bool set_durability(const struct option_use *use);
bool set_log(const struct option_use *use);
bool set_log_format(const struct option_use *use);
bool set_lang(const struct option_use *use); /* takes effect at once, for complaints too */

#endif
