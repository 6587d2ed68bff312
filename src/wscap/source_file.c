/* Capture files and standard input: what reads them, and the filter over their packets.
 *
 * A pipe is read as it comes: before a read that would have to wait, whoever prints is told to show what there is, and
 * a signal ends the wait. With --follow the end of a file is such a wait too, until another one has its name, or it was
 * cut short: then reading goes on at the beginning of what there is now. */
#include "wscap/source_internal.h"
#include "wscap/source_links.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "wscap/capture_usual.h"
#include "wscap/follow.h"
#include "wscap/writer.h"

enum {
	LOOK_MS = 100, /* at most this long between two looks at signals, and at a file that is followed */
};

struct file_source {
	struct source base;
	int fd;
	bool follow;
	bool by_turns;          /* it is read ahead, by who does not print; none that is followed is */
	bool plain;             /* all of its packets are wanted, and nothing else is to be done for them */
	bool opened;            /* all is well with the first one that has the name */
	bool beginning;         /* the first interface of one that follows is not known yet */
	enum follow_step after; /* what there is to go on with, behind the end of this one */
	struct source_links links;
	struct capture capture;
	uint32_t first_interface; /* numbers below it are those of the files before, in a list */
	int64_t last_time;        /* of the last packet… */
	int64_t last_seen;        /* …and when that came, on the monotonic clock */
};

static int64_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static void before_wait(struct file_source *file)
{
	if (!file->by_turns)
		source_before_wait(&file->base);
}

/* The end of a file that is followed: more of it may be there a little later. Where another has its name, what was
 * written to it before that is there by now. */
static ssize_t wait_for_more(struct file_source *file, uint8_t *bytes, size_t size)
{
	enum follow_step after = follow_look(file->fd, file->base.name);
	ssize_t len;

	if (after != FOLLOW_SAME && file->opened) {
		len = after == FOLLOW_REPLACED ? read(file->fd, bytes, size) : 0;
		if (len <= 0)
			file->after = after;
		return len < 0 ? -errno : len;
	}
	before_wait(file);
	poll(NULL, 0, LOOK_MS);
	return source_stopped(&file->base) ? 0 : -EAGAIN;
}

static ssize_t file_read(void *context, uint8_t *bytes, size_t size)
{
	struct file_source *file = context;
	struct pollfd fd = {.fd = file->fd, .events = POLLIN};

	if (poll(&fd, 1, 0) == 0)
		before_wait(file);
	while (!source_stopped(&file->base)) {
		ssize_t len;

		/* not read() itself: a signal right before it would be lost */
		if (poll(&fd, 1, LOOK_MS) <= 0)
			continue;
		len = read(file->fd, bytes, size);
		if (len < 0 && errno == EINTR)
			continue;
		if (len == 0 && file->follow)
			return wait_for_more(file, bytes, size);
		return len < 0 ? -errno : len;
	}
	return 0;
}

static void add_sentence(struct file_source *file, const char *sentence)
{
	char *error = file->base.error;
	size_t len = strlen(error);

	snprintf(error + len, sizeof(file->base.error) - len, "%s%s", len ? "; " : "", sentence);
}

/* What went wrong, or was left out, with the file's name. */
static void file_say(struct source *source)
{
	struct file_source *file = (struct file_source *)source;
	const char *words = capture_error(&file->capture);
	char sentence[SENTENCE_SIZE];

	*file->base.error = '\0';
	if (words) {
		snprintf(sentence, sizeof(sentence), "%s: %.3000s", file->base.name, words);
		add_sentence(file, sentence);
	}
	if (*file->links.other)
		add_sentence(file, file->links.other);
	if (*file->links.unknown) {
		source_say_unknown(file->base.name, file->links.unknown, sentence);
		add_sentence(file, sentence);
	}
}

static enum source_step idle(const struct file_source *file, struct packet *ret)
{
	ret->time = file->last_time ? file->last_time + (monotonic() - file->last_seen) : 0;
	return SOURCE_IDLE;
}

/* Handed on to who asked for it. */
static void take_block(void *context, const struct pcapng_block *block)
{
	struct file_source *file = context;
	const struct source *source = file->base.list ? file->base.list : &file->base;
	const struct capture *capture = &file->capture;
	const struct source_place place = {file->first_interface + capture->interface_first, capture->interface_count};
	struct ws_span secrets;
	uint32_t type;

	if (source->blocks)
		source->blocks(source->blocks_context, block, &place);
	if (block->type == PCAPNG_SECTION && source->secrets)
		source->secrets(source->secrets_context, SECRETS_MAY_COME, ws_span_of(NULL, 0));
	if (block->type == PCAPNG_SECRETS && source->secrets && pcapng_secrets_parse(block, &type, &secrets))
		source->secrets(source->secrets_context, type, secrets);
}

/* What its beginning says. */
static void take_head(struct file_source *file)
{
	const struct capture_interface *first = capture_first(&file->capture);

	file->base.link_type = first->type->dlt;
	file->base.snaplen = first->snaplen;
	file->base.resolution = file->capture.pcapng ? 1 : file->capture.head.unit;
	file->capture.on_block = take_block;
	file->capture.block_context = file;
}

static enum source_step next_packet(struct file_source *file, struct packet *ret)
{
	struct source *source = &file->base;
	const struct capture_interface *interface;
	enum capture_step step;

	do {
		step = capture_next(&file->capture, ret, &interface);
		if (file->capture.damage.places)
			source->left_out = true;
		if (step != CAPTURE_PACKET)
			break;
		if (file->follow) {
			file->last_time = ret->time;
			file->last_seen = monotonic();
		}
		if (interface->type->passes || source_links_pass(&file->links, interface->type, ret)) {
			ret->interface += file->first_interface;
			return SOURCE_PACKET;
		}
	} while (!source_stopped(source));
	if (step == CAPTURE_IDLE)
		return file->capture.feed.full ? SOURCE_TURN : idle(file, ret);
	source->interfaces = file->first_interface + file->capture.interface_first + file->capture.interface_count;
	return step == CAPTURE_END ? SOURCE_END : SOURCE_ERROR;
}

static void say_after(struct file_source *file)
{
	const char *words = capture_error(&file->capture);

	if (words)
		log_error("%s: %s", file->base.name, words);
	if (file->after == FOLLOW_CUT)
		log_line(_("%s: it was cut short, and is read from its new beginning"), file->base.name);
	else
		log_line(_("%s: another file has this name now, and is read from its beginning"), file->base.name);
}

/* Goes on with what there is to be read now. False where it cannot be. */
static bool go_on(struct file_source *file)
{
	int fd = file->after == FOLLOW_REPLACED ? open(file->base.name, O_RDONLY | O_CLOEXEC) : file->fd;
	int failed = fd < 0 || lseek(fd, 0, SEEK_SET) < 0 ? errno : 0;

	say_after(file);
	file->after = FOLLOW_SAME;
	file->first_interface += file->capture.interface_first + file->capture.interface_count;
	capture_finish(&file->capture);
	capture_init(&file->capture, &file->links.types, file_read, file);
	file->beginning = true;
	if (failed) {
		capture_fail(&file->capture, "%s", strerror(failed));
		return false;
	}
	if (fd != file->fd)
		close(file->fd);
	file->fd = fd;
	return true;
}

/* The beginning of the file that is gone on with. SOURCE_PACKET: packets may be asked for. */
static enum source_step begin_again(struct file_source *file, struct packet *ret)
{
	const struct options *options = file->base.options;
	enum capture_step step = capture_begin(&file->capture);
	int before = file->base.link_type;

	if (step == CAPTURE_IDLE)
		return idle(file, ret);
	if (step != CAPTURE_PACKET)
		return SOURCE_ERROR;
	file->beginning = false;
	take_head(file);
	if (options->write_file && !writer_is_pcapng(options) && file->base.link_type != before) {
		capture_fail(&file->capture, "%s",
			     _("its link type is another than before; one file cannot hold both"));
		return SOURCE_ERROR;
	}
	return SOURCE_PACKET;
}

static __attribute__((noinline)) enum source_step next_of_any(struct file_source *file, struct packet *ret)
{
	enum source_step step;

	do {
		step = file->beginning ? begin_again(file, ret) : SOURCE_PACKET;
		if (step == SOURCE_PACKET)
			step = next_packet(file, ret);
		if ((step != SOURCE_END && step != SOURCE_ERROR) || file->after == FOLLOW_SAME ||
		    source_stopped(&file->base))
			return step;
	} while (go_on(file));
	return SOURCE_ERROR;
}

static enum source_step file_next(struct source *source, struct packet *ret)
{
	struct file_source *file = (struct file_source *)source;

	if (!file->plain || !capture_usual(&file->capture, ret))
		return next_of_any(file, ret);
	ret->interface = file->first_interface;
	return SOURCE_PACKET;
}

static size_t file_ahead(struct source *source, struct packet *ret, size_t count)
{
	struct file_source *file = (struct file_source *)source;

	return file->beginning ? 0 : capture_ahead(&file->capture, ret, count);
}

/* Beside who prints: what came before is shown without being asked for, as what was fetched is filled in at once. */
static void file_fetch(struct source *source, struct feed_window *window)
{
	struct file_source *file = (struct file_source *)source;

	file->by_turns = true;
	feed_fetch(&file->capture.feed, window);
}

static int file_turn(struct source *source, struct feed_window *window)
{
	return feed_turn(&((struct file_source *)source)->capture.feed, window);
}

static int file_leave(struct source *source, bool last)
{
	if (last)
		source->stop = true; /* who fetches may wait for what does not come */
	return feed_leave(&((struct file_source *)source)->capture.feed);
}

static void file_close(struct source *source)
{
	struct file_source *file = (struct file_source *)source;

	capture_finish(&file->capture);
	source_links_finish(&file->links);
	if (file->fd > STDIN_FILENO)
		close(file->fd);
	free(file);
}

static const struct source_ops file_ops = {
    .next = file_next,
    .ahead = file_ahead,
    .fetch = file_fetch,
    .turn = file_turn,
    .leave = file_leave,
    .say = file_say,
    .close = file_close,
};

static bool begin(struct file_source *file, char error[static SENTENCE_SIZE])
{
	enum capture_step step;

	do {
		step = capture_begin(&file->capture);
	} while (step == CAPTURE_IDLE && !source_stopped(&file->base));
	if (step != CAPTURE_PACKET) {
		const char *words = capture_error(&file->capture);

		snprintf(error, SENTENCE_SIZE, "%s: %.3000s", file->base.name, words ? words : "");
		return false;
	}
	take_head(file);
	return true;
}

/* In tcpdump's words. */
static void announce(const struct file_source *file, const char *path)
{
	char link[256];

	source_describe_link(file->base.link_type, link, sizeof(link));
	log_line("reading from file %s%s, snapshot length %u", path, link, file->base.snaplen);
	if (file->base.link_type == DLT_LINUX_SLL2)
		log_line("Warning: interface names might be incorrect"); /* it has this machine's, not the capture's */
}

struct source *source_file_open(const struct options *options, const char *path, uint32_t first_interface,
				char error[static SENTENCE_SIZE])
{
	struct file_source *file = calloc(1, sizeof(*file));
	bool standard_input = strcmp(path, "-") == 0;

	if (!file) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", path, strerror(ENOMEM));
		return NULL;
	}
	file->base =
	    (struct source){.ops = &file_ops, .options = options, .name = standard_input ? _("standard input") : path};
	file->links.source = &file->base;
	file->follow = options->follow;
	file->first_interface = first_interface;
	capture_init(&file->capture, &file->links.types, file_read, file);
	file->fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", path, strerror(errno));
		goto fail;
	}
	if (!begin(file, error))
		goto fail;
	announce(file, path);
	if (!source_links_first(&file->links, capture_first(&file->capture)->type, file->capture.pcapng, error))
		goto fail;
	file->plain = !file->follow && capture_first(&file->capture)->type->passes;
	file->opened = true;
	return &file->base;
fail:
	file_close(&file->base);
	return NULL;
}
