#include "wschat/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "wschat/options_table.h"

enum {
	CONFIG_BYTES_MAX = 1 << 20,
	LONG_BASE = 256,
};

static const char config_default[] = "/etc/wschat.conf";

void options_init(struct options *options)
{
	*options = (struct options){
	    .compress = true,
	    .io_uring = true,
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

/* dashes: before its name, where it was given on the command line. */
static bool set(struct options *options, const struct option_row *row, const char *dashes, const char *text,
		char *error)
{
	if (row->set(&(struct option_use){.options = options, .row = row, .text = text}))
		return true;
	return wrong(error, _("%s%s: cannot be '%s'"), dashes, row->name, text ? text : "");
}

static const struct option_row *find_row(const char *name)
{
	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].name && strcmp(option_rows[i].name, name) == 0)
			return &option_rows[i];
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
	const struct option_row *row;
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
	if (!set(options, row, "", row->argument ? value : NULL, reason))
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

static void long_options(struct option ret[static OPTION_ROWS_MAX + 1])
{
	size_t count = 0;

	for (size_t i = 0; i < option_row_count; i++)
		if (option_rows[i].name)
			ret[count++] =
			    (struct option){.name = option_rows[i].name,
					    .has_arg = option_rows[i].argument ? required_argument : no_argument,
					    .val = LONG_BASE + (int)i};
	ret[count] = (struct option){0};
}

/* What has to be known before anything else is said or read. */
struct early {
	const char *config;
	enum options_result result; /* OPTIONS_HELP and OPTIONS_VERSION need nothing more */
};

static struct early look_early(struct options *options, int argc, char **argv)
{
	struct early early = {.result = OPTIONS_RUN};
	struct option names[OPTION_ROWS_MAX + 1];
	int got;

	long_options(names);
	optind = 0;
	opterr = 0;
	while ((got = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
		const char *name = got >= LONG_BASE ? option_rows[got - LONG_BASE].name : got == 'h' ? "help" : "";

		if (strcmp(name, "config") == 0)
			early.config = optarg;
		else if (strcmp(name, "lang") == 0)
			set_lang(&(struct option_use){.options = options, .text = optarg});
		else if (strcmp(name, "help") == 0)
			early.result = OPTIONS_HELP;
		else if (strcmp(name, "version") == 0)
			early.result = OPTIONS_VERSION;
	}
	return early;
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
static void forget_list(struct options *options, const struct option_row *row, bool *seen)
{
	if (!seen[row - option_rows] && row->set == set_list)
		((struct option_list *)((char *)options + row->field))->count = 0;
	else if (!seen[row - option_rows] && row->set == set_proxy)
		options->proxy_count = 0;
	seen[row - option_rows] = true;
}

/* got: what getopt could not take. */
static bool complain(int got, const char *word, char *error)
{
	if (got == ':')
		return wrong(error, _("%s wants a value"), word);
	if (optopt >= LONG_BASE)
		return wrong(error, _("--%s takes no value"), option_rows[optopt - LONG_BASE].name);
	return wrong(error, _("there is no option %s"), word);
}

static bool read_command_line(struct options *options, int argc, char **argv, char *error)
{
	struct option names[OPTION_ROWS_MAX + 1];
	bool seen[OPTION_ROWS_MAX] = {false};
	int got;

	long_options(names);
	optind = 0;
	while ((got = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
		if (got < LONG_BASE)
			return complain(got, argv[optind - 1], error);
		forget_list(options, &option_rows[got - LONG_BASE], seen);
		if (!set(options, &option_rows[got - LONG_BASE], "--", optarg, error))
			return false;
	}
	return true;
}

enum options_result options_read(struct options *options, int argc, char **argv, char error[static OPTIONS_ERROR_MAX])
{
	struct early early = look_early(options, argc, argv);

	if (early.result != OPTIONS_RUN)
		return early.result;
	if (!read_config(options, early.config ? early.config : config_default, early.config != NULL, error) ||
	    !read_command_line(options, argc, argv, error))
		return OPTIONS_WRONG;
	if (options->limits.idle_timeout <= options->limits.ping_interval) {
		wrong(error, _("--idle-timeout (%u) must be longer than --ping-interval (%u)"),
		      options->limits.idle_timeout, options->limits.ping_interval);
		return OPTIONS_WRONG;
	}
	return read_verb(argc, argv, error);
}
