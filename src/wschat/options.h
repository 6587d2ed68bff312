/* What the command line and the configuration file ask for: the same names in both. */
#ifndef WSCHAT_OPTIONS_H
#define WSCHAT_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>

#include "wschat/history.h"
#include "wschat/limits.h"

enum {
	OPTION_LIST_MAX = 64, /* of each option that may be given several times */
	OPTION_URL_MAX = 200, /* characters of --websocket-url */
};

/* An option that may be given several times. */
struct option_list {
	const char *at[OPTION_LIST_MAX];
	size_t count;
};

/* --trusted-proxy ADDRESS[/BITS] */
struct network {
	unsigned char address[16]; /* IPv6, or IPv4-mapped */
	unsigned bits;
};

enum log_level {
	LOG_ERRORS,
	LOG_NOTICES,  /* default: start, stop, limits met */
	LOG_REQUESTS, /* each connection too */
};

struct options {
	struct option_list listen;  /* --listen ADDRESS:PORT; default 127.0.0.1:7272 */
	struct option_list web;     /* --web ADDRESS:PORT; default 127.0.0.1:55151; "none" for no page */
	struct option_list origins; /* --origin PATTERN (fnmatch); the page's own are always allowed */
	struct network proxies[OPTION_LIST_MAX];
	size_t proxy_count;
	const char *websocket_url; /* --websocket-url: what the page is told, where it cannot find out by itself */
	const char *web_root;      /* --web-root: assets from this folder instead of the built-in ones */
	char *data_folder; /* --data; default $XDG_DATA_HOME/wschat, ~/.local/share/wschat, or $STATE_DIRECTORY */
	enum durability durability; /* --durability process|power */
	unsigned threads;           /* --threads; 0: as many as there are cores */
	bool compress;              /* --no-compress clears it */
	bool io_uring;              /* --no-io-uring clears it */
	bool echo;                  /* --echo: the endpoint /echo, for conformance suites */
	const char
	    *control; /* --control PATH: the socket that status and connections ask; default in the data folder */
	enum log_level log_level; /* --log errors|notices|requests */
	bool log_json;            /* --log-format text|json */
	const char *config;       /* --config */
	char *config_text;        /* what the texts from the configuration file point into */
	const char *lang;         /* --lang */
	struct chat_limits limits;
};

enum {
	OPTIONS_ERROR_MAX = 1024,
};

/* The defaults. */
void options_init(struct options *options);
void options_finish(struct options *options);

enum options_result {
	OPTIONS_RUN,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_STATUS,      /* wschat status */
	OPTIONS_CONNECTIONS, /* wschat connections */
	OPTIONS_WRONG,       /* error says why */
};

/* Reads the configuration file that --config names (or the default one, where it exists), then the command line over
 * it. Texts in options point into argv and into memory that options own. */
enum options_result options_read(struct options *options, int argc, char **argv, char error[static OPTIONS_ERROR_MAX]);

/* Prints what --help prints. */
void options_help(FILE *to);

#endif
