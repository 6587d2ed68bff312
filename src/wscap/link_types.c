#include "wscap/link_types.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/i18n.h"

/* A handle for packets of that type, as libpcap makes one for a file that it reads. */
static pcap_t *open_handle(uint32_t number, char error[static PCAP_ERRBUF_SIZE])
{
	/* Without a snapshot length, libpcap sets the longest that there is for the type. */
	struct pcap_file_header head = {
	    .magic = 0xa1b2c3d4, .version_major = PCAP_VERSION_MAJOR, .version_minor = PCAP_VERSION_MINOR};
	FILE *stream;
	pcap_t *pcap;

	head.linktype = number;
	stream = fmemopen(&head, sizeof(head), "r");
	if (!stream) {
		snprintf(error, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
		return NULL;
	}
	pcap = pcap_fopen_offline(stream, error);
	if (!pcap)
		fclose(stream);
	return pcap;
}

struct link_type *link_types_get(struct link_types *types, uint32_t number, char error[static SENTENCE_SIZE])
{
	struct link_type *type = &types->types[types->count];
	char words[PCAP_ERRBUF_SIZE];

	for (unsigned i = 0; i < types->count; i++) {
		if (types->types[i].number == number)
			return &types->types[i];
	}
	if (types->count == LINK_TYPES_MAX) {
		snprintf(error, SENTENCE_SIZE, _("more than %d link types in one file"), LINK_TYPES_MAX);
		return NULL;
	}
	*type = (struct link_type){.number = number, .pcap = open_handle(number, words)};
	if (!type->pcap) {
		snprintf(error, SENTENCE_SIZE, "%s", words);
		return NULL;
	}
	type->dlt = pcap_datalink(type->pcap);
	type->longest = (uint32_t)pcap_snapshot(type->pcap);
	types->count++;
	return type;
}

/* As libpcap writes it into the head of a file. */
uint32_t link_types_number(int dlt)
{
	struct pcap_file_header head = {0};
	FILE *stream = fmemopen(&head, sizeof(head), "w");
	pcap_t *pcap = pcap_open_dead(dlt, 0);
	pcap_dumper_t *dumper = stream && pcap ? pcap_dump_fopen(pcap, stream) : NULL;

	if (dumper) {
		pcap_dump_flush(dumper);
		pcap_dump_close(dumper);
	} else if (stream) {
		fclose(stream);
	}
	if (pcap)
		pcap_close(pcap);
	return head.linktype;
}

void link_types_finish(struct link_types *types)
{
	for (unsigned i = 0; i < types->count; i++) {
		if (types->types[i].program.bf_insns)
			pcap_freecode(&types->types[i].program);
		pcap_close(types->types[i].pcap);
	}
	types->count = 0;
}
