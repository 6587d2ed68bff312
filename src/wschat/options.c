#include "wschat/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "wschat/proxy.h"

enum {
	CONFIG_BYTES_MAX = 1 << 20,
	LONG_BASE = 256,
};

static const char config_default[] = "/etc/wschat.conf";

/* One use of an option, from either place. */
struct use {
	struct options *options;
	const struct row *row;
	const char *text; /* NULL: it takes none */
};

struct row {
	const char *name, *argument, *help;
	bool (*set)(const struct use *use);
	size_t field;
	uint64_t min, max;
};

static void *field_of(const struct use *use)
{
	return (char *)use->options + use->row->field;
}

static bool set_list(const struct use *use)
{
	struct option_list *list = field_of(use);

	if (list->count == OPTION_LIST_MAX)
		return false;
	list->at[list->count++] = use->text;
	return true;
}

static bool set_text(const struct use *use)
{
	*(const char **)field_of(use) = use->text;
	return true;
}

static bool set_true(const struct use *use)
{
	*(bool *)field_of(use) = true;
	return true;
}

static bool set_false(const struct use *use)
{
	*(bool *)field_of(use) = false;
	return true;
}

/* A whole number from min to max, with K, M or G behind it where that is a power of 1,024. */
static bool parse_number(const struct use *use, uint64_t *ret)
{
	static const char suffixes[] = "KMG";
	unsigned long long number;
	const char *suffix;
	char *end;

	errno = 0;
	number = strtoull(use->text, &end, 10);
	if (errno || end == use->text || *use->text == '-')
		return false;
	suffix = *end ? strchr(suffixes, *end) : NULL;
	if (*end && (!suffix || end[1]))
		return false;
	if (suffix) {
		unsigned shift = 10 * (unsigned)(suffix - suffixes + 1);

		if (number > UINT64_MAX >> shift)
			return false;
		number <<= shift;
	}
	*ret = number;
	return number >= use->row->min && number <= use->row->max;
}

static bool set_u32(const struct use *use)
{
	uint64_t number;

	if (!parse_number(use, &number))
		return false;
	*(uint32_t *)field_of(use) = (uint32_t)number;
	return true;
}

static bool set_size(const struct use *use)
{
	uint64_t number;

	if (!parse_number(use, &number))
		return false;
	*(size_t *)field_of(use) = (size_t)number;
	return true;
}

static bool set_proxy(const struct use *use)
{
	struct options *options = use->options;

	return options->proxy_count < OPTION_LIST_MAX &&
	       proxy_parse(use->text, &options->proxies[options->proxy_count]) && ++options->proxy_count;
}

static bool set_choice(const struct use *use, const char *const *choices, int *ret)
{
	for (*ret = 0; choices[*ret]; ++*ret)
		if (strcmp(use->text, choices[*ret]) == 0)
			return true;
	return false;
}

static bool set_durability(const struct use *use)
{
	static const char *const choices[] = {[DURABILITY_PROCESS] = "process", [DURABILITY_POWER] = "power", NULL};
	int choice;

	if (!set_choice(use, choices, &choice))
		return false;
	use->options->durability = (enum durability)choice;
	return true;
}

static bool set_log(const struct use *use)
{
	static const char *const choices[] = {
	    [LOG_ERRORS] = "errors", [LOG_NOTICES] = "notices", [LOG_REQUESTS] = "requests", NULL};
	int choice;

	if (!set_choice(use, choices, &choice))
		return false;
	use->options->log_level = (enum log_level)choice;
	return true;
}

static bool set_log_format(const struct use *use)
{
	static const char *const choices[] = {"text", "json", NULL};
	int choice;

	if (!set_choice(use, choices, &choice))
		return false;
	use->options->log_json = choice == 1;
	return true;
}

static bool set_lang(const struct use *use)
{
	use->options->lang = use->text;
	return i18n_init(use->text);
}

#define FIELD(name) offsetof(struct options, name)

static const struct row rows[] = {
    {NULL, NULL, N_("Where it is reached"), NULL, 0, 0, 0},
    {"listen", N_("ADDRESS:PORT"), N_("speak WebSocket here (127.0.0.1:7272); may be repeated"), set_list,
     FIELD(listen), 0, 0},
    {"web", N_("ADDRESS:PORT"),
     N_("give the page here, and the WebSocket at /ws (127.0.0.1:55151); 'none' for no page"), set_list, FIELD(web), 0,
     0},
    {"origin", N_("PATTERN"), N_("let pages of this origin open the chat, besides its own; may be repeated"), set_list,
     FIELD(origins), 0, 0},
    {"trusted-proxy", N_("ADDRESS[/BITS]"), N_("believe X-Forwarded-For from here; may be repeated"), set_proxy, 0, 0,
     0},
    {"websocket-url", N_("URL"), N_("tell the page that the WebSocket is there"), set_text, FIELD(websocket_url), 0, 0},
    {"web-root", N_("FOLDER"), N_("give the page's files from this folder instead of the built-in ones"), set_text,
     FIELD(web_root), 0, 0},
    {"echo", NULL, N_("open /echo, for conformance suites"), set_true, FIELD(echo), 0, 0},
    {NULL, NULL, N_("What it keeps"), NULL, 0, 0, 0},
    {"data", N_("FOLDER"), N_("keep the history in this folder (in the user's data folder)"), set_text,
     FIELD(data_folder), 0, 0},
    {"durability", N_("process|power"),
     N_("what was delivered survives the end of the process (default), or of the power"), set_durability, 0, 0, 0},
    {NULL, NULL, N_("Limits; 0 means none where it says so"), NULL, 0, 0, 0},
    {"max-connections", N_("NUMBER"), N_("open connections in all (100000); 0 none"), set_u32,
     FIELD(limits.max_connections), 0, UINT32_MAX},
    {"connections-per-address", N_("NUMBER"), N_("of one IPv4 address or IPv6 /64 (100); 0 none"), set_u32,
     FIELD(limits.connections_per_address), 0, UINT32_MAX},
    {"message-rate", N_("NUMBER"), N_("messages a second and client (10); 0 none"), set_u32, FIELD(limits.message_rate),
     0, 100000},
    {"max-rooms", N_("NUMBER"), N_("rooms with somebody in them (10000); 0 none"), set_u32, FIELD(limits.max_rooms), 0,
     UINT32_MAX},
    {"max-users-per-room", N_("NUMBER"), N_("people in one room (20000); 0 none"), set_u32,
     FIELD(limits.max_users_per_room), 0, UINT32_MAX},
    {"max-message", N_("BYTES"), N_("of one WebSocket message from a client (128K)"), set_size,
     FIELD(limits.max_message), 1024, 64 << 20},
    {"max-waiting", N_("BYTES"), N_("that wait for a client who does not read (1M); then it is closed with 1008"),
     set_size, FIELD(limits.max_waiting), 4096, UINT32_MAX},
    {"handshake-timeout", N_("SECONDS"), N_("for a request's head (10)"), set_u32, FIELD(limits.handshake_timeout), 1,
     3600},
    {"ping-interval", N_("SECONDS"), N_("of silence before a ping (30)"), set_u32, FIELD(limits.ping_interval), 1,
     86400},
    {"idle-timeout", N_("SECONDS"), N_("of silence before a client is given up (90)"), set_u32,
     FIELD(limits.idle_timeout), 1, 86400},
    {"close-timeout", N_("SECONDS"), N_("for the answer to a close frame (5)"), set_u32, FIELD(limits.close_timeout), 1,
     3600},
    {"history-page", N_("NUMBER"), N_("messages that one request for older ones gives (100)"), set_u32,
     FIELD(limits.history_page), 1, RESUME_MAX},
    {NULL, NULL, N_("How it runs"), NULL, 0, 0, 0},
    {"threads", N_("NUMBER"), N_("loop threads (as many as cores)"), set_u32, FIELD(threads), 1, 256},
    {"no-compress", NULL, N_("do not agree to permessage-deflate"), set_false, FIELD(compress), 0, 0},
    {"control", N_("PATH"), N_("the socket that 'wschat status' asks (control in the data folder)"), set_text,
     FIELD(control), 0, 0},
    {"log", N_("errors|notices|requests"), N_("how much is logged (notices)"), set_log, 0, 0, 0},
    {"log-format", N_("text|json"), N_("how it is logged (text)"), set_log_format, 0, 0, 0},
    {"lang", N_("LANGUAGE"), N_("en, it or zh_CN, instead of the locale's"), set_lang, 0, 0, 0},
    {"config", N_("FILE"), N_("read options from here, one a line: name value (/etc/wschat.conf)"), set_text,
     FIELD(config), 0, 0},
    {"help", NULL, N_("print this"), NULL, 0, 0, 0},
    {"version", NULL, N_("print the version"), NULL, 0, 0, 0},
};

enum {
	ROW_COUNT = sizeof(rows) / sizeof(*rows),
};

void options_init(struct options *options)
{
	*options = (struct options){
	    .compress = true,
	    .log_level = LOG_NOTICES,
	    .limits =
		{
		    .max_connections = LIMIT_MAX_CONNECTIONS,
		    .connections_per_address = LIMIT_CONNECTIONS_PER_ADDRESS,
		    .message_rate = LIMIT_MESSAGE_RATE,
		    .max_rooms = LIMIT_MAX_ROOMS,
		    .max_users_per_room = LIMIT_MAX_USERS_PER_ROOM,
		    .max_message = LIMIT_MAX_MESSAGE,
		    .max_waiting = LIMIT_MAX_WAITING,
		    .handshake_timeout = LIMIT_HANDSHAKE_TIMEOUT,
		    .ping_interval = LIMIT_PING_INTERVAL,
		    .idle_timeout = LIMIT_IDLE_TIMEOUT,
		    .close_timeout = LIMIT_CLOSE_TIMEOUT,
		    .history_page = LIMIT_HISTORY_PAGE,
		},
	};
}

void options_finish(struct options *options)
{
	if (!options)
		return;
	free(options->config_text);
	options->config_text = NULL;
}

static bool wrong(char *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool wrong(char *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, OPTIONS_ERROR_MAX, format, args);
	va_end(args);
	return false;
}

static bool set(struct options *options, const struct row *row, const char *text, char *error)
{
	if (row->set(&(struct use){.options = options, .row = row, .text = text}))
		return true;
	return wrong(error, _("%s: cannot be '%s'"), row->name, text ? text : "");
}

static const struct row *find_row(const char *name)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].name && strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r");
	len = strlen(text);
	while (len && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* "name value", "name = value", "name"; # begins a comment line. */
static bool read_line(struct options *options, char *line, const char *file, unsigned number, char *error)
{
	char *name = trim(line), *value;
	const struct row *row;
	char reason[OPTIONS_ERROR_MAX];

	if (!*name || *name == '#')
		return true;
	value = name + strcspn(name, " \t=");
	if (*value) {
		*value++ = '\0';
		value = trim(value + strspn(value, " \t="));
	}
	row = find_row(name);
	if (!row || !row->set || strcmp(name, "config") == 0)
		return wrong(error, _("%s: line %u: there is no option '%s'"), file, number, name);
	if (!row->argument == (*value != '\0'))
		return wrong(
		    error, row->argument ? _("%s: line %u: '%s' wants a value") : _("%s: line %u: '%s' takes no value"),
		    file, number, name);
	if (!set(options, row, row->argument ? value : NULL, reason))
		return wrong(error, _("%s: line %u: %.900s"), file, number, reason);
	return true;
}

static bool read_config(struct options *options, const char *file, bool required, char *error)
{
	FILE *in = fopen(file, "re");
	unsigned number = 0;
	size_t len;

	if (!in)
		return required ? wrong(error, "%s: %s", file, strerror(errno)) : true;
	options->config_text = calloc(1, CONFIG_BYTES_MAX + 1);
	if (!options->config_text) {
		fclose(in);
		return wrong(error, "%s: %s", file, strerror(ENOMEM));
	}
	len = fread(options->config_text, 1, CONFIG_BYTES_MAX, in);
	fclose(in);
	if (len == CONFIG_BYTES_MAX)
		return wrong(error, _("%s: too long for a configuration"), file);
	for (char *line = options->config_text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!read_line(options, line, file, ++number, error))
			return false;
	}
	return true;
}

static void long_options(struct option ret[static ROW_COUNT + 1])
{
	size_t count = 0;

	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].name)
			ret[count++] = (struct option){.name = rows[i].name,
						       .has_arg = rows[i].argument ? required_argument : no_argument,
						       .val = LONG_BASE + (int)i};
	ret[count] = (struct option){0};
}

/* --config and --lang have to be known before anything else is said or read. */
static const char *find_early(struct options *options, int argc, char **argv)
{
	const char *config = NULL;
	struct option names[ROW_COUNT + 1];
	int got;

	long_options(names);
	optind = 0;
	opterr = 0;
	while ((got = getopt_long(argc, argv, "+:h", names, NULL)) != -1) {
		if (got < LONG_BASE)
			continue;
		if (strcmp(rows[got - LONG_BASE].name, "config") == 0)
			config = optarg;
		if (strcmp(rows[got - LONG_BASE].name, "lang") == 0)
			set_lang(&(struct use){.options = options, .text = optarg});
	}
	return config;
}

static enum options_result read_verb(int argc, char **argv, char *error)
{
	if (optind == argc)
		return OPTIONS_RUN;
	if (optind + 1 == argc && strcmp(argv[optind], "status") == 0)
		return OPTIONS_STATUS;
	if (optind + 1 == argc && strcmp(argv[optind], "connections") == 0)
		return OPTIONS_CONNECTIONS;
	wrong(error, _("'%s' is no command: status and connections are"), argv[optind]);
	return OPTIONS_WRONG;
}

/* A list on the command line replaces the configuration file's. */
static void forget_list(struct options *options, const struct row *row, bool *seen)
{
	if (row->set == set_list && !seen[row - rows])
		((struct option_list *)((char *)options + row->field))->count = 0;
	seen[row - rows] = true;
}

enum options_result options_read(struct options *options, int argc, char **argv, char error[static OPTIONS_ERROR_MAX])
{
	const char *config = find_early(options, argc, argv);
	struct option names[ROW_COUNT + 1];
	bool seen[ROW_COUNT] = {false};
	int got;

	if (!read_config(options, config ? config : config_default, config != NULL, error))
		return OPTIONS_WRONG;
	long_options(names);
	optind = 0;
	while ((got = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
		const struct row *row = got >= LONG_BASE ? &rows[got - LONG_BASE] : NULL;

		if (got == 'h' || (row && strcmp(row->name, "help") == 0))
			return OPTIONS_HELP;
		if (row && strcmp(row->name, "version") == 0)
			return OPTIONS_VERSION;
		if (!row) {
			wrong(error, got == ':' ? _("%s wants a value") : _("there is no option %s"), argv[optind - 1]);
			return OPTIONS_WRONG;
		}
		forget_list(options, row, seen);
		if (!set(options, row, optarg, error))
			return OPTIONS_WRONG;
	}
	return read_verb(argc, argv, error);
}

void options_help(FILE *to)
{
	fprintf(to, "%s",
		_("Usage: wschat [OPTION…]\n"
		  "       wschat [OPTION…] status | connections\n"
		  "A chat over WebSocket, and the page for it.\n"));
	for (size_t i = 0; i < ROW_COUNT; i++) {
		char name[96];

		if (!rows[i].name) {
			fprintf(to, "\n%s:\n", _(rows[i].help));
			continue;
		}
		snprintf(name, sizeof(name), "--%s%s%s", rows[i].name, rows[i].argument ? " " : "",
			 rows[i].argument ? _(rows[i].argument) : "");
		fprintf(to, "  %-34s %s\n", name, _(rows[i].help));
	}
}
