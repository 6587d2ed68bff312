/* What the command line asks for. tcpdump's letters keep their meaning.
 *
 * One table (options_table.c) is the dispatch, what getopt is told, and the help text. */
#ifndef WSCAP_OPTIONS_H
#define WSCAP_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "wscap/limits.h"

enum {
	SNAPLEN_MAX = 262144,       /* libpcap's and tcpdump's; also the default */
	BACKLOG_DEFAULT = 64 << 20, /* bytes; two seconds of 100,000 messages of 140 bytes each */
};

enum time_style {                  /* in the order of how often -t is given */
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
	bool help;    /* -h */
	bool version; /* --version */

	/* where packets come from */
	const char *read_file;   /* -r; "-" is standard input */
	const char *read_list;   /* -V: a file of file names; "-" is standard input */
	bool follow;             /* --follow: the end of read_file is waited at */
	const char *device;      /* -i; NULL is "any" */
	bool list_devices;       /* -D */
	bool list_link_types;    /* -L */
	const char *link_type;   /* -y */
	uint32_t snaplen;        /* -s; 0 asks for the default, 262144 */
	uint32_t buffer_kib;     /* -B; 0 is the system's default */
	uint32_t rings;          /* --rings: of the kernel's that packets are taken from, at least 1 */
	size_t backlog;          /* --backlog: bytes of packets that were taken and wait to be told */
	bool no_promiscuous;     /* -p */
	char direction;          /* -Q: 'i' in, 'o' out, 0 both */
	bool immediate;          /* --immediate-mode */
	bool nanoseconds;        /* --time-stamp-precision=nano: printed and written times have nine digits */
	uint64_t count;          /* -c; 0 is no limit */
	const char *filter_file; /* -F */
	const char *keylog_file; /* --keylog */
	char *filter;            /* the words of the command line, joined; NULL when none */

	/* how tcpdump's line looks */
	uint8_t ascii;     /* -A: 1, -AA: 2 (with the link header) */
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
	const char *format;      /* --format: a name for sink_find(); never NULL */
	const char *write_file;  /* -w; "-" is standard output */
	bool write_keys;         /* --write-keys: secrets are written too */
	bool packet_buffered;    /* -U */
	uint64_t rotate_bytes;   /* -C, in bytes */
	uint32_t rotate_seconds; /* -G */
	uint32_t rotate_files;   /* -W */
	bool print;              /* --print */
	bool count_only;         /* --count */
	const char *drop_user;   /* -Z */

	/* ours */
	const char *lang;    /* --lang */
	enum color color;    /* --color */
	bool indent_json;    /* --indent: JSON messages indented in the story */
	int64_t copy_window; /* --copy-window: nanoseconds within which the same payload is a copy of one message */
	uint32_t threads;    /* --threads: to use, 1: no others print; 0: as many as pay */
	struct limits limits;
};

/* Everything at its default. Allocates nothing. */
void options_init(struct options *options);
void options_finish(struct options *options);

/* Reads the command line (and permutes argv as getopt does, the filter's words to its end). Returns 0, or -EINVAL for
 * wrong usage or -ENOMEM, with a sentence without a newline in error. The texts in options point into argv. */
int options_parse(struct options *options, int argc, char **argv, char *error, size_t error_size);

/* The --help text: every option of the table, and every format. */
void options_help(FILE *file);

void options_version(FILE *file);

/* Does anything print packets? (Not with -w alone, nor with --count.) */
static inline bool options_print(const struct options *options)
{
	return !options->count_only && (!options->write_file || options->print);
}

/* Is there a device, and no file? */
static inline bool options_live(const struct options *options)
{
	return !options->read_file && !options->read_list;
}

#endif
