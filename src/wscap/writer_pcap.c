/* The classic capture file, through libpcap: tcpdump's, to the byte. */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "wscap/options.h"
#include "wscap/writer_internal.h"

struct pcap_writer {
	pcap_t *form; /* a handle without a device: it says what the files' heads say */
	pcap_dumper_t *dumper;
	int link_type;
	bool nanoseconds;
};

static bool create(void **ret_state, const struct options *options, int link_type, uint32_t snaplen,
		   char error[static SENTENCE_SIZE])
{
	struct pcap_writer *writer = calloc(1, sizeof(*writer));

	*ret_state = writer;
	if (writer)
		writer->form = pcap_open_dead_with_tstamp_precision(link_type, (int)snaplen,
								    options->nanoseconds ? PCAP_TSTAMP_PRECISION_NANO
											 : PCAP_TSTAMP_PRECISION_MICRO);
	if (!writer || !writer->form) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", options->write_file, strerror(ENOMEM));
		return false;
	}
	writer->link_type = link_type;
	writer->nanoseconds = options->nanoseconds;
	return true;
}

static bool begin(void *state, const char *path, char error[static SENTENCE_SIZE])
{
	struct pcap_writer *writer = state;

	writer->dumper = pcap_dump_open(writer->form, path);
	if (!writer->dumper)
		snprintf(error, SENTENCE_SIZE, "%s", pcap_geterr(writer->form));
	return writer->dumper;
}

static int write_packet(void *state, const struct packet *packet, struct ws_span comment,
			char error[static SENTENCE_SIZE])
{
	struct pcap_writer *writer = state;
	int64_t fraction = packet->time % NSEC_PER_SEC;
	int64_t seconds = packet->time / NSEC_PER_SEC - (fraction < 0);
	struct pcap_pkthdr header = {.caplen = (bpf_u_int32)packet->bytes.len, .len = packet->wire_len};

	(void)comment;
	if (packet->link_type != writer->link_type) {
		snprintf(error, SENTENCE_SIZE,
			 _("packets of several link types: only a file whose name ends in .pcapng can hold them"));
		return -1;
	}
	fraction += fraction < 0 ? NSEC_PER_SEC : 0;
	header.ts.tv_sec = seconds;
	header.ts.tv_usec = writer->nanoseconds ? fraction : fraction / (NSEC_PER_SEC / 1000000);
	pcap_dump((u_char *)writer->dumper, &header, packet->bytes.data);
	return ferror(pcap_dump_file(writer->dumper)) ? errno : 0;
}

static int64_t size(void *state)
{
	struct pcap_writer *writer = state;

	return pcap_dump_ftell64(writer->dumper);
}

static int flush(void *state)
{
	struct pcap_writer *writer = state;

	if (!writer->dumper || (pcap_dump_flush(writer->dumper) == 0 && !ferror(pcap_dump_file(writer->dumper))))
		return 0;
	return errno;
}

static int end(void *state)
{
	struct pcap_writer *writer = state;
	int failed = flush(writer);

	if (writer->dumper)
		pcap_dump_close(writer->dumper);
	writer->dumper = NULL;
	return failed;
}

static void destroy(void *state)
{
	struct pcap_writer *writer = state;

	if (!writer)
		return;
	if (writer->dumper)
		pcap_dump_close(writer->dumper);
	if (writer->form)
		pcap_close(writer->form);
	free(writer);
}

const struct writer_kind writer_pcap = {
    .create = create,
    .destroy = destroy,
    .begin = begin,
    .packet = write_packet,
    .size = size,
    .flush = flush,
    .end = end,
};
