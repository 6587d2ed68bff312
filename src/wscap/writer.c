/* tcpdump's rules (its manual page, and what it does where that is silent):
 *
 *   -G  a new file with the first packet after so many seconds of wall clock time; the name goes through strftime
 *       with the time when the file was begun; -W then ends the capture after so many files
 *   -C  a new file with the first packet after the file grew beyond the size; the name gets a number from the second
 *       file on; -W makes the numbers turn, and gives each of them, the first too, zeroes in front
 *   both: -G begins again at the first number; -W counts -C's files only */
#include "wscap/writer_internal.h"

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/i18n.h"
#include "base/out.h"
#include "wscap/options.h"

static const char pcapng_suffix[] = ".pcapng";

struct writer {
	const struct options *options;
	const struct writer_kind *kind;
	void *file; /* the kind's own */
	char path[PATH_MAX + 1];
	time_t begun;       /* when -G last began a file */
	uint32_t by_time;   /* files that -G has ended */
	uint32_t by_size;   /* the number that -C has reached */
	struct out secrets; /* lines of a key log that wait for a packet: it may begin a file */
	unsigned digits;    /* of -C's numbers under -W; 0: as many as they need, and none for the first */
	char error[SENTENCE_SIZE];
};

/* How many digits the numbers 0 to count - 1 need. */
static unsigned digits_for(uint32_t count)
{
	unsigned digits = 0;

	for (uint32_t last = count - 1; count && last > 0; last /= 10)
		digits++;
	return digits;
}

/* False when the name is too long. */
static bool make_path(struct writer *writer)
{
	const struct options *options = writer->options;
	bool numbered = options->rotate_bytes && (writer->by_size || writer->digits);
	char name[PATH_MAX + 1] = "";
	struct tm local;
	int len;

	if (options->rotate_seconds)
		strftime(name, sizeof(name), options->write_file, localtime_r(&writer->begun, &local));
	len = snprintf(writer->path, sizeof(writer->path), "%s", options->rotate_seconds ? name : options->write_file);
	if (len >= 0 && (size_t)len < sizeof(writer->path) && numbered)
		len += snprintf(writer->path + len, sizeof(writer->path) - (size_t)len, "%0*u", (int)writer->digits,
				writer->by_size);
	return len > 0 && (size_t)len < sizeof(writer->path);
}

static const char *shown_path(const struct writer *writer)
{
	return strcmp(writer->path, "-") == 0 ? _("standard output") : writer->path;
}

static enum writer_step fail(struct writer *writer, int error)
{
	if (strcmp(writer->path, "-") == 0 && error == EPIPE)
		return WRITER_CLOSED;
	snprintf(writer->error, sizeof(writer->error), "%s: %s", shown_path(writer), strerror(error));
	return WRITER_ERROR;
}

enum writer_step writer_flush(struct writer *writer)
{
	int failed = writer->kind->flush(writer->file);

	return failed ? fail(writer, failed) : WRITER_DONE;
}

static enum writer_step begin_file(struct writer *writer)
{
	if (!make_path(writer)) {
		snprintf(writer->error, sizeof(writer->error), "-w: %s", strerror(ENAMETOOLONG));
		return WRITER_ERROR;
	}
	if (!writer->kind->begin(writer->file, writer->path, writer->error))
		return WRITER_ERROR;
	return writer->options->packet_buffered ? writer_flush(writer) : WRITER_DONE;
}

static enum writer_step end_file(struct writer *writer)
{
	int failed = writer->kind->end(writer->file);

	return failed ? fail(writer, failed) : WRITER_DONE;
}

void writer_secrets(struct writer *writer, struct ws_span lines)
{
	out_bytes(&writer->secrets, lines.data, lines.len);
}

static void put_secrets(struct writer *writer)
{
	struct out *secrets = &writer->secrets;

	if (!secrets->len)
		return;
	if (writer->kind->secrets)
		writer->kind->secrets(writer->file, ws_span_of(secrets->text, secrets->len));
	OPENSSL_cleanse(secrets->text, secrets->len);
	secrets->len = 0;
}

void writer_words(struct writer *writer, struct ws_span words)
{
	if (words.len && writer->kind->words)
		writer->kind->words(writer->file, words);
}

enum writer_step writer_end(struct writer *writer)
{
	put_secrets(writer);
	return end_file(writer);
}

bool writer_is_pcapng(const struct options *options)
{
	const char *name = options->write_file ? options->write_file : "";
	size_t len = strlen(name), suffix = strlen(pcapng_suffix);

	return len >= suffix && strcmp(name + len - suffix, pcapng_suffix) == 0;
}

struct writer *writer_open(const struct options *options, int link_type, uint32_t snaplen,
			   char error[static SENTENCE_SIZE])
{
	struct writer *writer = calloc(1, sizeof(*writer));

	if (!writer) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", options->write_file, strerror(ENOMEM));
		return NULL;
	}
	writer->options = options;
	writer->kind = writer_is_pcapng(options) ? &writer_pcapng : &writer_pcap;
	writer->begun = time(NULL);
	writer->digits = digits_for(options->rotate_files);
	if (out_init(&writer->secrets, -1) < 0) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", options->write_file, strerror(ENOMEM));
		writer_close(writer);
		return NULL;
	}
	if (!writer->kind->create(&writer->file, options, link_type, snaplen, error)) {
		writer_close(writer);
		return NULL;
	}
	if (begin_file(writer) == WRITER_DONE)
		return writer;
	snprintf(error, SENTENCE_SIZE, "%s", writer->error);
	writer_close(writer);
	return NULL;
}

/* What a pcapng file brings besides packets. */
static void on_block(void *context, const struct pcapng_block *block, const struct source_place *place)
{
	const struct writer *writer = context;

	writer->kind->block(writer->file, block, place);
}

void writer_watch(struct writer *writer, struct source *source)
{
	if (writer->kind->block)
		source_on_blocks(source, on_block, writer);
	if (writer->kind->watch)
		writer->kind->watch(writer->file, source);
}

static enum writer_step rotate_by_time(struct writer *writer)
{
	const struct options *options = writer->options;
	time_t now = time(NULL);
	enum writer_step step;

	if (now - writer->begun < (time_t)options->rotate_seconds)
		return WRITER_DONE;
	writer->begun = now;
	writer->by_time++;
	writer->by_size = 0;
	step = end_file(writer);
	if (step != WRITER_DONE)
		return step;
	if (!options->rotate_bytes && options->rotate_files && writer->by_time >= options->rotate_files)
		return WRITER_FULL;
	return begin_file(writer);
}

static enum writer_step rotate_by_size(struct writer *writer)
{
	const struct options *options = writer->options;
	int64_t size = writer->kind->size(writer->file);
	enum writer_step step;

	if (size < 0)
		return fail(writer, errno);
	if ((uint64_t)size <= options->rotate_bytes)
		return WRITER_DONE;
	step = end_file(writer);
	if (step != WRITER_DONE)
		return step;
	writer->by_size++;
	if (options->rotate_files && writer->by_size >= options->rotate_files)
		writer->by_size = 0;
	return begin_file(writer);
}

enum writer_step writer_packet(struct writer *writer, const struct packet *packet, struct ws_span comment)
{
	const struct options *options = writer->options;
	enum writer_step step = WRITER_DONE;
	char reason[SENTENCE_SIZE];
	int failed;

	if (options->rotate_seconds)
		step = rotate_by_time(writer);
	if (step == WRITER_DONE && options->rotate_bytes)
		step = rotate_by_size(writer);
	if (step != WRITER_DONE)
		return step;
	put_secrets(writer);
	failed = writer->kind->packet(writer->file, packet, comment, reason);
	if (failed > 0)
		return fail(writer, failed);
	if (failed < 0) {
		snprintf(writer->error, sizeof(writer->error), "%s: %.400s", shown_path(writer), reason);
		return WRITER_ERROR;
	}
	return options->packet_buffered ? writer_flush(writer) : WRITER_DONE;
}

const char *writer_error(const struct writer *writer)
{
	return writer->error;
}

void writer_close(struct writer *writer)
{
	if (!writer)
		return;
	writer->kind->destroy(writer->file);
	out_finish(&writer->secrets);
	free(writer);
}
