/* wschat: sets everything up, waits for a signal or a question, and takes it all down in the order in which nothing is
 * lost. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/i18n.h"
#include "wschat/addresses.h"
#include "wschat/control.h"
#include "wschat/hub.h"
#include "wschat/pulse.h"
#include "wschat/slog.h"
#include "wschat/sockets.h"
#include "wschat/worker.h"

enum {
	EXIT_WRONG_USAGE = 2,
	FOLDER_MAX = 4000,
	ERROR_MAX = 1024,
};

struct app {
	struct options options;
	struct server server;
	struct sockets sockets;
	struct pulse *pulse;
	int control, signals;
	char folder[FOLDER_MAX]; /* where --data does not say */
	char control_path[FOLDER_MAX + 16];
};

static int complain(const char *sentence)
{
	fprintf(stderr, "wschat: %s\n", sentence);
	return EXIT_FAILURE;
}

/* systemd's, else the user's data folder (XDG Base Directory Specification). */
static bool default_folder(struct options *options, char *folder, size_t size)
{
	const char *state = getenv("STATE_DIRECTORY"), *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	int len;

	if (options->data_folder)
		return true;
	if (state && *state)
		len = snprintf(folder, size, "%s", state);
	else if (data && *data == '/')
		len = snprintf(folder, size, "%s/wschat", data);
	else if (home && *home)
		len = snprintf(folder, size, "%s/.local/share/wschat", home);
	else
		return false;
	options->data_folder = folder;
	return len > 0 && (size_t)len < size;
}

/* A connection is a descriptor: as many as the system lets us have. */
static void raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static unsigned worker_count(const struct options *options)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return options->threads ? options->threads : cores > 0 ? (unsigned)cores : 1;
}

/* Blocked before any thread starts, so that all of them have it so. */
static int take_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

static bool make_workers(struct app *app, char *error, size_t error_size)
{
	struct server *server = &app->server;

	server->workers = calloc(server->worker_count, sizeof(struct worker *));
	for (unsigned i = 0; server->workers && i < server->worker_count; i++) {
		const struct listening *own = app->sockets.at + i * app->sockets.count;

		server->workers[i] = worker_create(server, i, own, app->sockets.count, error, error_size);
		if (!server->workers[i])
			return false;
	}
	return server->workers;
}

/* Over all loops: the workers', and the hub's. */
static struct pulse *make_pulse(const struct server *server)
{
	struct loop **loops = calloc(server->worker_count + 1, sizeof(struct loop *));
	struct pulse *pulse = NULL;

	if (!loops)
		return NULL;
	for (unsigned i = 0; i < server->worker_count; i++)
		loops[i] = worker_loop(server->workers[i]);
	loops[server->worker_count] = hub_loop(server->hub);
	pulse = pulse_create(loops, server->worker_count + 1);
	free(loops);
	return pulse;
}

static bool set_up(struct app *app, char error[static ERROR_MAX])
{
	struct server *server = &app->server;

	server->options = &app->options;
	server->worker_count = worker_count(&app->options);
	if (!sockets_open(&app->options, server->worker_count, &app->sockets, error))
		return false;
	server->chat_port = app->sockets.chat_port;
	server->addresses = addresses_create(app->options.limits.connections_per_address);
	server->hub = hub_create(server, error, ERROR_MAX);
	if (!server->hub || !server->addresses || !make_workers(app, error, ERROR_MAX))
		return false;
	app->pulse = make_pulse(server);
	if (!app->pulse)
		return false;
	app->control = control_listen(app->control_path, error);
	return app->control >= 0;
}

static bool start(struct app *app)
{
	if (hub_start(app->server.hub) < 0)
		return false;
	for (unsigned i = 0; i < app->server.worker_count; i++)
		if (worker_start(app->server.workers[i]) < 0)
			return false;
	return true;
}

/* SIGHUP ends nothing: there is no file to open anew, and a terminal that goes away is no reason for people to go. */
static bool take_signal(int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return false;
	if (info.ssi_signo != SIGHUP)
		return true;
	slog(LOG_NOTICES, "hangup", NULL);
	return false;
}

static void wait_for_signal(struct app *app)
{
	struct pollfd ready[] = {{.fd = app->signals, .events = POLLIN},
				 {.fd = app->control, .events = POLLIN},
				 {.fd = pulse_descriptor(app->pulse), .events = POLLIN}};

	for (;;) {
		if (poll(ready, sizeof(ready) / sizeof(*ready), -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (ready[0].revents & POLLIN && take_signal(app->signals))
			return;
		if (ready[1].revents & POLLIN)
			control_answer(&app->server, app->control);
		if (ready[2].revents & POLLIN)
			pulse_beat(app->pulse);
	}
}

/* Clients first, with a word; then the hub, with all that they said; then the history. */
static void take_down(struct app *app)
{
	struct server *server = &app->server;

	for (unsigned i = 0; server->workers && i < server->worker_count && server->workers[i]; i++)
		worker_drain(server->workers[i]);
	for (unsigned i = 0; server->workers && i < server->worker_count && server->workers[i]; i++)
		worker_stop(server->workers[i]);
	hub_stop(server->hub);
	for (unsigned i = 0; server->workers && i < server->worker_count; i++)
		worker_destroy(server->workers[i]);
	free(server->workers);
	hub_destroy(server->hub);
	pulse_destroy(app->pulse);
	addresses_destroy(server->addresses);
	sockets_finish(&app->sockets);
	if (app->control >= 0) {
		close(app->control);
		unlink(app->control_path);
	}
}

/* With the addresses as a browser and a client take them. */
static void log_ready(const struct app *app)
{
	char chat[SOCKETS_ADDRESS_MAX + 8] = "ws://", web[SOCKETS_ADDRESS_MAX + 8] = "http://", threads[16];
	bool has_chat = sockets_address(&app->sockets, true, chat + strlen(chat));
	bool has_web = sockets_address(&app->sockets, false, web + strlen(web));

	snprintf(threads, sizeof(threads), "%u", app->server.worker_count);
	slog(LOG_NOTICES, "ready", "chat", has_chat ? chat : "none", "web", has_web ? web : "none", "data",
	     app->options.data_folder, "threads", threads, "io_uring",
	     worker_has_burst(*app->server.workers) ? "yes" : "no", NULL);
}

static int serve(struct app *app)
{
	char error[ERROR_MAX] = "out of memory";

	slog_init(&app->options);
	raise_descriptors();
	app->signals = take_signals();
	app->control = -1;
	if (!set_up(app, error) || !start(app)) {
		take_down(app);
		return complain(error);
	}
	log_ready(app);
	sd_notify(0, "READY=1");
	wait_for_signal(app);
	sd_notify(0, "STOPPING=1");
	slog(LOG_NOTICES, "stopping", NULL);
	take_down(app);
	slog(LOG_NOTICES, "stopped", NULL);
	slog_finish();
	return EXIT_SUCCESS;
}

static int run(struct app *app, int argc, char **argv)
{
	char error[OPTIONS_ERROR_MAX];
	enum options_result result = options_read(&app->options, argc, argv, error);

	switch (result) {
	case OPTIONS_HELP:
		options_help(stdout);
		return EXIT_SUCCESS;
	case OPTIONS_VERSION:
		puts("wschat " VERSION);
		return EXIT_SUCCESS;
	case OPTIONS_WRONG:
		complain(error);
		return EXIT_WRONG_USAGE;
	case OPTIONS_RUN:
	case OPTIONS_STATUS:
	case OPTIONS_CONNECTIONS:
		break;
	}
	if (!default_folder(&app->options, app->folder, sizeof(app->folder)))
		return complain(_("say with --data where the history is to be kept"));
	if (!control_path(&app->options, app->control_path, sizeof(app->control_path)))
		return complain(_("the path of the control socket is too long; --control gives a shorter one"));
	if (result == OPTIONS_RUN)
		return serve(app);
	return control_ask(app->control_path, result == OPTIONS_STATUS ? "status" : "connections");
}

int main(int argc, char **argv)
{
	static struct app app;
	int status;

	i18n_init(NULL);
	options_init(&app.options);
	status = run(&app, argc, argv);
	options_finish(&app.options);
	return status;
}
