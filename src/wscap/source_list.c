/* -V: capture files one after the other, their names in a file. Packets are numbered through. */
#include "wscap/source_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "wscap/writer.h"

struct list_source {
	struct source base;
	FILE *names;
	char *path; /* of the current file; getline()'s */
	size_t path_size;
	struct source *file;
};

/* The sentence that waited for the end makes room for another. */
static void say_left_out(struct list_source *list)
{
	if (list->base.left_out)
		log_error("%s", list->base.error);
	list->base.left_out = false;
}

/* The files behind one in which something was left out are read all the same. */
static void keep_left_out(struct list_source *list)
{
	if (!list->file->left_out)
		return;
	say_left_out(list);
	list->base.left_out = true;
	snprintf(list->base.error, sizeof(list->base.error), "%s", source_error(list->file));
}

/* Opens the next file of the list. Returns 1, 0 at its end, -1 with error set. */
static int open_next(struct list_source *list, char error[static SENTENCE_SIZE])
{
	ssize_t len = getline(&list->path, &list->path_size, list->names);
	struct source *file;

	if (len < 0)
		return 0;
	if (len > 0 && list->path[len - 1] == '\n')
		list->path[len - 1] = '\0';
	file = source_file_open(list->base.options, list->path, list->file ? list->file->interfaces : 0, error);
	if (!file)
		return -1;
	if (list->file && list->base.options->write_file && !writer_is_pcapng(list->base.options) &&
	    source_link_type(file) != source_link_type(list->file)) {
		snprintf(error, SENTENCE_SIZE,
			 _("%s: its link type is another than in the file before; one file cannot hold both"),
			 list->path);
		source_close(file);
		return -1;
	}
	source_close(list->file);
	list->file = file;
	list->base.link_type = file->link_type;
	list->base.snaplen = file->snaplen;
	list->base.resolution = file->resolution;
	file->list = &list->base;
	return 1;
}

static enum source_step list_next(struct source *source, struct packet *ret)
{
	struct list_source *list = (struct list_source *)source;

	for (;;) {
		enum source_step step = source_next(list->file, ret);
		char error[SENTENCE_SIZE];
		int opened;

		if (step == SOURCE_PACKET || step == SOURCE_IDLE)
			return step;
		if (step == SOURCE_ERROR) {
			say_left_out(list);
			snprintf(source->error, sizeof(source->error), "%s", source_error(list->file));
			return step;
		}
		keep_left_out(list);
		opened = source->stop ? 0 : open_next(list, error);
		if (opened == 0)
			return SOURCE_END;
		if (opened < 0) {
			say_left_out(list);
			snprintf(source->error, sizeof(source->error), "%s", error);
			return SOURCE_ERROR;
		}
	}
}

static size_t list_ahead(struct source *source, struct packet *ret, size_t count)
{
	return source_ahead(((struct list_source *)source)->file, ret, count);
}

static void list_close(struct source *source)
{
	struct list_source *list = (struct list_source *)source;

	source_close(list->file);
	if (list->names && list->names != stdin)
		fclose(list->names);
	free(list->path);
	free(list);
}

static const struct source_ops list_ops = {
    .next = list_next,
    .ahead = list_ahead,
    .close = list_close,
};

struct source *source_list_open(const struct options *options, char error[static SENTENCE_SIZE])
{
	const char *path = options->read_list;
	struct list_source *list = calloc(1, sizeof(*list));
	int opened;

	if (!list) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", path, strerror(ENOMEM));
		return NULL;
	}
	list->base = (struct source){.ops = &list_ops, .options = options, .name = path};
	list->names = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	if (!list->names) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", path, strerror(errno));
		goto fail;
	}
	opened = open_next(list, error);
	if (opened == 0)
		snprintf(error, SENTENCE_SIZE, _("%s: names no file"), path);
	if (opened > 0)
		return &list->base;
fail:
	list_close(&list->base);
	return NULL;
}
