/* tcpdump's rules (its manual page, and what it does where that is silent):
 *
 *   -G  a new file with the first packet after so many seconds of wall clock time; the name goes through strftime
 *       with the time when the file was begun; -W then ends the capture after so many files
 *   -C  a new file with the first packet after the file grew beyond the size; the name gets a number from the second
 *       file on; -W makes the numbers turn, and gives each of them, the first too, zeroes in front
 *   both: -G begins again at the first number; -W counts -C's files only */
#include "wscap/writer.h"

#include <errno.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/i18n.h"
#include "wscap/options.h"

struct writer {
	const struct options *options;
	pcap_t *form; /* a handle without a device: it says what the files' heads say */
	pcap_dumper_t *dumper;
	char path[PATH_MAX + 1];
	time_t begun;     /* when -G last began a file */
	uint32_t by_time; /* files that -G has ended */
	uint32_t by_size; /* the number that -C has reached */
	unsigned digits;  /* of -C's numbers under -W; 0: as many as they need, and none for the first */
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

static enum writer_step fail(struct writer *writer, int error)
{
	bool standard_output = strcmp(writer->path, "-") == 0;

	if (standard_output && error == EPIPE)
		return WRITER_CLOSED;
	snprintf(writer->error, sizeof(writer->error), "%s: %s", standard_output ? _("standard output") : writer->path,
		 strerror(error));
	return WRITER_ERROR;
}

enum writer_step writer_flush(struct writer *writer)
{
	if (!writer->dumper || (pcap_dump_flush(writer->dumper) == 0 && !ferror(pcap_dump_file(writer->dumper))))
		return WRITER_DONE;
	return fail(writer, errno);
}

static enum writer_step begin_file(struct writer *writer)
{
	if (!make_path(writer)) {
		snprintf(writer->error, sizeof(writer->error), "-w: %s", strerror(ENAMETOOLONG));
		return WRITER_ERROR;
	}
	writer->dumper = pcap_dump_open(writer->form, writer->path);
	if (!writer->dumper) {
		snprintf(writer->error, sizeof(writer->error), "%s", pcap_geterr(writer->form));
		return WRITER_ERROR;
	}
	return writer->options->packet_buffered ? writer_flush(writer) : WRITER_DONE;
}

static enum writer_step end_file(struct writer *writer)
{
	enum writer_step step = writer_flush(writer);

	if (writer->dumper)
		pcap_dump_close(writer->dumper);
	writer->dumper = NULL;
	return step;
}

struct writer *writer_open(const struct options *options, int link_type, uint32_t snaplen,
			   char error[static SENTENCE_SIZE])
{
	struct writer *writer = calloc(1, sizeof(*writer));

	if (writer)
		writer->form = pcap_open_dead_with_tstamp_precision(link_type, (int)snaplen,
								    options->nanoseconds ? PCAP_TSTAMP_PRECISION_NANO
											 : PCAP_TSTAMP_PRECISION_MICRO);
	if (!writer || !writer->form) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", options->write_file, strerror(ENOMEM));
		writer_close(writer);
		return NULL;
	}
	writer->options = options;
	writer->begun = time(NULL);
	writer->digits = digits_for(options->rotate_files);
	if (begin_file(writer) == WRITER_DONE)
		return writer;
	snprintf(error, SENTENCE_SIZE, "%s", writer->error);
	writer_close(writer);
	return NULL;
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
	int64_t size = pcap_dump_ftell64(writer->dumper);
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

enum writer_step writer_packet(struct writer *writer, const struct packet *packet)
{
	const struct options *options = writer->options;
	int64_t fraction = packet->time % NSEC_PER_SEC;
	int64_t seconds = packet->time / NSEC_PER_SEC - (fraction < 0);
	struct pcap_pkthdr header = {.caplen = (bpf_u_int32)packet->bytes.len, .len = packet->wire_len};
	enum writer_step step = WRITER_DONE;

	if (options->rotate_seconds)
		step = rotate_by_time(writer);
	if (step == WRITER_DONE && options->rotate_bytes)
		step = rotate_by_size(writer);
	if (step != WRITER_DONE)
		return step;
	fraction += fraction < 0 ? NSEC_PER_SEC : 0;
	header.ts.tv_sec = seconds;
	header.ts.tv_usec = options->nanoseconds ? fraction : fraction / (NSEC_PER_SEC / 1000000);
	pcap_dump((u_char *)writer->dumper, &header, packet->bytes.data);
	if (ferror(pcap_dump_file(writer->dumper)))
		return fail(writer, errno);
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
	if (writer->dumper)
		pcap_dump_close(writer->dumper);
	if (writer->form)
		pcap_close(writer->form);
	free(writer);
}
