#include "wschat/control.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/i18n.h"
#include "wschat/site.h"
#include "wschat/worker.h"

enum {
	QUESTION_MAX = 64,
	ANSWER_MAX = 64 << 20,
};

bool control_path(const struct options *options, char *ret, size_t size)
{
	int len = options->control ? snprintf(ret, size, "%s", options->control)
				   : snprintf(ret, size, "%s/control", options->data_folder);

	return len > 0 && (size_t)len < size && (size_t)len < sizeof(((struct sockaddr_un *)0)->sun_path);
}

static int open_socket(const char *path, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret->sun_path, path, strlen(path) + 1); /* control_path() looked at its length */
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

int control_listen(const char *path, char error[static CONTROL_ERROR_MAX])
{
	struct sockaddr_un address;
	int fd = open_socket(path, &address);
	mode_t before = umask(0177);

	/* The history's lock says that no other server lives here: a socket that is left is a dead one's. */
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0) {
		snprintf(error, CONTROL_ERROR_MAX, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	umask(before);
	return fd;
}

static void send_all(int fd, struct ws_span text)
{
	while (text.len) {
		ssize_t sent = send(fd, text.data, text.len, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		text = ws_span_from(text, (size_t)sent);
	}
}

static void reported(struct worker_report *report)
{
	sem_post(report->context);
}

/* Each worker writes its own lines, in its own thread. */
static void answer_connections(struct server *server, int fd)
{
	static const char heading[] = "ID                 ADDRESS                                  STATE    DIALECT "
				      "  SECONDS  MESSAGES   WAITING\n";
	sem_t done;

	send_all(fd, ws_span_str(heading));
	sem_init(&done, 0, 0);
	for (unsigned i = 0; i < server->worker_count; i++) {
		struct worker_report report = {.worker = server->workers[i], .done = reported, .context = &done};

		ws_buf_init(&report.text, ANSWER_MAX);
		worker_ask_report(&report);
		while (sem_wait(&done) < 0)
			;
		send_all(fd, ws_buf_span(&report.text));
		ws_buf_finish(&report.text);
	}
	sem_destroy(&done);
}

static void answer_status(struct server *server, int fd)
{
	struct ws_buf metrics;
	struct ws_span rest;
	const uint8_t *end;

	/* The metrics, as a table: without their comments and their prefix. */
	ws_buf_init(&metrics, ANSWER_MAX);
	metrics_write(server, &metrics);
	for (rest = ws_buf_span(&metrics); rest.len && (end = memchr(rest.data, '\n', rest.len));) {
		size_t len = (size_t)(end - rest.data);
		static const size_t prefix = sizeof("wschat_") - 1;
		const uint8_t *space = memrchr(rest.data, ' ', len);
		char line[256];

		if (rest.data[0] != '#' && space && len > prefix && len < sizeof(line)) {
			snprintf(line, sizeof(line), "%-36.*s %.*s\n", (int)((size_t)(space - rest.data) - prefix),
				 (const char *)rest.data + prefix, (int)(end - space - 1), (const char *)space + 1);
			send_all(fd, ws_span_str(line));
		}
		rest = ws_span_from(rest, len + 1);
	}
	ws_buf_finish(&metrics);
}

void control_answer(struct server *server, int listening)
{
	const struct timeval patience = {.tv_sec = 1};
	char question[QUESTION_MAX] = "";
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (recv(fd, question, sizeof(question) - 1, 0) > 0) {
		if (strcmp(question, "connections") == 0)
			answer_connections(server, fd);
		else if (strcmp(question, "status") == 0)
			answer_status(server, fd);
	}
	close(fd);
}

int control_ask(const char *path, const char *question)
{
	struct sockaddr_un address;
	int fd = open_socket(path, &address);
	char text[4096];
	ssize_t got;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		fprintf(stderr, _("wschat: %s: no server answers there: %s\n"), path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return 1;
	}
	send_all(fd, ws_span_str(question));
	while ((got = recv(fd, text, sizeof(text), 0)) > 0)
		fwrite(text, 1, (size_t)got, stdout);
	close(fd);
	return fflush(stdout) == 0 && got == 0 ? 0 : 1;
}
