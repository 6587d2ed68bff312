/* Capture files and standard input, through libpcap.
 *
 * libpcap reads a stdio stream; ours stands on a function of our own, so that a pipe is read as it comes: before a
 * read that would have to wait, whoever prints is told to show what there is, and a signal ends the wait. */
#include "wscap/source_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"

enum {
	STREAM_SIZE = 256 * 1024, /* read at once */
	LOOK_MS = 100,            /* at most this long between two looks at signals */
};

struct file_source {
	struct source base;
	int fd;
	char *buffer; /* the stream's */
};

static ssize_t stream_read(void *cookie, char *bytes, size_t size)
{
	struct file_source *file = cookie;
	struct pollfd fd = {.fd = file->fd, .events = POLLIN};

	if (poll(&fd, 1, 0) == 0)
		source_before_wait(&file->base);
	while (!file->base.stop) {
		/* not read() itself: a signal right before it would be lost */
		if (poll(&fd, 1, LOOK_MS) > 0)
			return read(file->fd, bytes, size);
	}
	return 0;
}

static int stream_close(void *cookie)
{
	struct file_source *file = cookie;
	int ret = file->fd == STDIN_FILENO ? 0 : close(file->fd);

	file->fd = -1;
	return ret;
}

static enum source_step file_next(struct source *source, struct packet *ret)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int status = pcap_next_ex(source->pcap, &header, &bytes);

	if (status == 1) {
		source_fill(source, header, bytes, ret);
		return SOURCE_PACKET;
	}
	if (status == PCAP_ERROR_BREAK) /* its word for the end of a file */
		return SOURCE_END;
	snprintf(source->error, sizeof(source->error), "%s: %s", source->name, pcap_geterr(source->pcap));
	return SOURCE_ERROR;
}

static void file_close(struct source *source)
{
	struct file_source *file = (struct file_source *)source;

	if (source->pcap)
		pcap_close(source->pcap); /* closes the stream, and that the file */
	else if (file->fd > STDIN_FILENO)
		close(file->fd);
	free(file->buffer);
	free(file);
}

static const struct source_ops file_ops = {
    .next = file_next,
    .close = file_close,
};

/* The stream becomes libpcap's only when it succeeds. */
static bool open_pcap(struct file_source *file, char error[static SENTENCE_SIZE])
{
	static const cookie_io_functions_t functions = {.read = stream_read, .close = stream_close};
	char words[PCAP_ERRBUF_SIZE];
	FILE *stream = fopencookie(file, "r", functions);

	file->buffer = malloc(STREAM_SIZE);
	if (!stream || !file->buffer) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", file->base.name, strerror(ENOMEM));
		if (stream)
			fclose(stream);
		return false;
	}
	setvbuf(stream, file->buffer, _IOFBF, STREAM_SIZE);
	file->base.pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, words);
	if (!file->base.pcap) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", file->base.name, words);
		fclose(stream);
		return false;
	}
	return true;
}

/* In tcpdump's words. */
static void announce(const struct file_source *file, const char *path)
{
	char link[256];

	source_describe_link(file->base.pcap, link, sizeof(link));
	log_line("reading from file %s%s, snapshot length %d", path, link, pcap_snapshot(file->base.pcap));
	if (pcap_datalink(file->base.pcap) == DLT_LINUX_SLL2)
		log_line("Warning: interface names might be incorrect"); /* it has this machine's, not the capture's */
}

struct source *source_file_open(const struct options *options, const char *path, char error[static SENTENCE_SIZE])
{
	struct file_source *file = calloc(1, sizeof(*file));
	bool standard_input = strcmp(path, "-") == 0;

	if (!file) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", path, strerror(ENOMEM));
		return NULL;
	}
	file->base =
	    (struct source){.ops = &file_ops, .options = options, .name = standard_input ? _("standard input") : path};
	file->fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", path, strerror(errno));
		goto fail;
	}
	if (!open_pcap(file, error))
		goto fail;
	announce(file, path);
	if (!source_check_link(file->base.pcap, options, file->base.name, error) ||
	    !source_set_filter(file->base.pcap, options, error))
		goto fail;
	return &file->base;
fail:
	file_close(&file->base);
	return NULL;
}
