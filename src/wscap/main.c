/* wscap: a tcpdump that understands WebSocket and tells it in words. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "base/log.h"
#include "wscap/devices.h"
#include "wscap/options.h"
#include "wscap/run.h"
#include "wscap/source.h"

enum {
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

/* What was printed through stdio has reached standard output, or one line says why not. */
static int finish_stdout(void)
{
	if (fflush(stdout) == 0 || errno == EPIPE)
		return 0;
	log_error("%s: %s", _("standard output"), strerror(errno));
	return STATUS_FAILED;
}

static int list_devices(const struct options *options)
{
	char error[SENTENCE_SIZE];

	if (options->list_devices ? devices_list(error) : devices_list_link_types(options, error))
		return finish_stdout();
	log_error("%s", error);
	return STATUS_FAILED;
}

static const struct sink_ops *find_format(const char *name)
{
	const struct sink_ops *ops = sink_find(name);
	char names[256] = "";

	if (ops)
		return ops;
	for (const struct sink_ops *const *sink = sinks; *sink; sink++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", *names ? ", " : "",
			 (*sink)->name);
	log_error(_("--format %s: not one of %s"), name, names);
	return NULL;
}

static int do_what_is_asked(const struct options *options)
{
	const struct sink_ops *ops;

	if (options->help) {
		options_help(stdout);
		return finish_stdout();
	}
	if (options->version) {
		options_version(stdout);
		return finish_stdout();
	}
	ops = find_format(options->format);
	if (!ops)
		return STATUS_USAGE;
	if (options->list_devices || (options->list_link_types && options_live(options)))
		return list_devices(options);
	return run(options, ops);
}

int main(int argc, char **argv)
{
	struct options options;
	char error[SENTENCE_SIZE];
	int status;

	signal(SIGPIPE, SIG_IGN); /* a write says EPIPE instead, and that is no error */
	i18n_init(NULL);
	options_init(&options);
	status = options_parse(&options, argc, argv, error, sizeof(error));
	if (status < 0) {
		log_error("%s", error);
		status = status == -ENOMEM ? STATUS_FAILED : STATUS_USAGE;
	} else {
		status = do_what_is_asked(&options);
	}
	options_finish(&options);
	return status;
}
