/* What the command line asks for. tcpdump's letters keep their meaning. */
#ifndef WSCAP_OPTIONS_H
#define WSCAP_OPTIONS_H

#include "wscap/limits.h"
#include "wscap/sink.h"

enum time_style {
	TIME_OF_DAY,     /* default: 17:50:00.523910 */
	TIME_NONE,       /* -t */
	TIME_EPOCH,      /* -tt */
	TIME_DELTA,      /* -ttt: since the packet before */
	TIME_DATE,       /* -tttt */
	TIME_SINCE_FIRST /* -ttttt */
};

enum color {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

struct options {
	/* where packets come from */
	const char *read_file;   /* -r; "-" is standard input */
	const char *read_list;   /* -V: a file of file names */
	const char *device;      /* -i; NULL is "any" */
	bool list_devices;       /* -D */
	bool list_link_types;    /* -L */
	const char *link_type;   /* -y */
	uint32_t snaplen;        /* -s; 0 asks for the default, 262144 */
	uint32_t buffer_kib;     /* -B */
	bool no_promiscuous;     /* -p */
	char direction;          /* -Q: 'i' in, 'o' out, 0 both */
	bool immediate;          /* --immediate-mode */
	bool nanoseconds;        /* --time-stamp-precision */
	uint64_t count;          /* -c; 0 is no limit */
	const char *filter_file; /* -F */
	char *filter;            /* the words of the command line, joined; NULL when none */

	/* how tcpdump's line looks */
	bool ascii;        /* -A */
	uint8_t hex;       /* -x: 1, -xx: 2 */
	uint8_t hex_ascii; /* -X: 1, -XX: 2 */
	bool link_header;  /* -e */
	bool numbers;      /* -# */
	uint8_t no_names;  /* -n: 1, -nn: 2 */
	bool absolute_seq; /* -S */
	bool no_checksums; /* -K */
	bool quiet;        /* -q */
	uint8_t verbose;   /* -v: 1, -vv: 2 */
	enum time_style time;
	bool line_buffered; /* -l */

	/* where they go */
	const struct sink_ops *sink; /* --format */
	const char *write_file;      /* -w */
	bool packet_buffered;        /* -U */
	uint64_t rotate_bytes;       /* -C, in bytes */
	uint32_t rotate_seconds;     /* -G */
	uint32_t rotate_files;       /* -W */
	bool print;                  /* --print */
	bool count_only;             /* --count */
	const char *drop_user;       /* -Z */

	/* ours */
	const char *lang;    /* --lang */
	enum color color;    /* --color */
	bool indent_json;    /* --indent: JSON messages indented in the story */
	int64_t copy_window; /* --copy-window: nanoseconds within which the same payload is a copy of one message */
	struct limits limits;
};

#endif
