#include "wscap/source_links.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void keep_other(struct source_links *links, const char *sentence)
{
	if (*links->other)
		return;
	links->source->left_out = true;
	snprintf(links->other, sizeof(links->other), "%s", sentence);
}

/* Another link type that nothing can be made of: all of them are named in one sentence. */
static void keep_unknown(struct source_links *links, int link_type)
{
	size_t len = strlen(links->unknown);

	links->source->left_out = true;
	snprintf(links->unknown + len, sizeof(links->unknown) - len, "%s", len ? ", " : "");
	len = strlen(links->unknown);
	source_link_name(link_type, links->unknown + len, sizeof(links->unknown) - len);
}

/* Before the first packet of a type: can it be read, and what is its filter? */
static void prepare(struct source_links *links, struct link_type *type)
{
	const struct options *options = links->source->options;
	char error[SENTENCE_SIZE];

	type->prepared = true;
	type->unreadable = true;
	if (!source_can_read(type->dlt, options))
		keep_unknown(links, type->dlt);
	else if (links->filter && !source_compile_filter(type->pcap, options, links->filter, &type->program, error))
		keep_other(links, error);
	else
		type->unreadable = false;
	type->passes = !type->unreadable && !links->filter;
}

bool source_links_pass(struct source_links *links, struct link_type *type, const struct packet *packet)
{
	if (!type->prepared)
		prepare(links, type);
	if (type->unreadable)
		return false;
	return !type->program.bf_insns ||
	       bpf_filter(type->program.bf_insns, packet->bytes.data, packet->wire_len, (u_int)packet->bytes.len);
}

bool source_links_first(struct source_links *links, struct link_type *type, bool pcapng,
			char error[static SENTENCE_SIZE])
{
	const struct options *options = links->source->options;

	if (!source_read_filter(options, &links->filter, error))
		return false;
	if (pcapng && !source_can_read(type->dlt, options))
		return true;
	type->prepared = true;
	type->passes = !links->filter;
	return source_check_link(type->dlt, options, links->source->name, error) &&
	       (!links->filter || source_compile_filter(type->pcap, options, links->filter, &type->program, error));
}

void source_links_finish(struct source_links *links)
{
	link_types_finish(&links->types);
	free(links->filter);
}
