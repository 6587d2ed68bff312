/* What the file that is read says of its sections, interfaces and names, and its keys where that is asked for, in the
 * file that is written. */
#include "wscap/options.h"
#include "wscap/writer_pcapng.h"

enum {
	ISB_START_TIME = 2,
	ISB_END_TIME = 3,
};

/* isb_starttime and isb_endtime: on the interface's clock, which may be another in the file that is written. */
static void put_times(struct out *body, const struct interface *interface, struct ws_span options, bool big)
{
	struct ws_cursor in = ws_cursor_of(options);
	struct ws_span value;
	uint32_t high, low;
	uint16_t code;

	while (pcapng_option_take(&in, big, &code, &value)) {
		struct ws_cursor time = ws_cursor_of(value);

		if ((code != ISB_START_TIME && code != ISB_END_TIME) || value.len != sizeof(uint64_t) ||
		    !fields_take_u32(&time, big, &high) || !fields_take_u32(&time, big, &low))
			continue;
		pcapng_put_u16(body, code);
		pcapng_put_u16(body, sizeof(uint64_t));
		interface_put_time(interface, body, interface_time(interface, (uint64_t)high << 32 | low));
	}
}

/* Statistics are kept with their interface, even where it has no packet in this file: it may have dropped them all. */
static void take_statistics(struct pcapng_writer *writer, const struct pcapng_block *block)
{
	struct ws_cursor in = ws_cursor_of(block->body);
	struct out *body = &writer->body;
	uint32_t number, high, low;
	struct interface *interface;
	struct ws_span options;

	if (!fields_take_u32(&in, block->big, &number) || !fields_take_u32(&in, block->big, &high) ||
	    !fields_take_u32(&in, block->big, &low) || number >= writer->interfaces.count)
		return;
	interface = &writer->interfaces.all[number];
	options = ws_span_of(in.at, ws_cursor_left(&in));
	interfaces_put(&writer->interfaces, interface, body, pcapng_writer_out(writer));
	pcapng_put_u32(body, (uint32_t)interface->written);
	interface_put_time(interface, body, interface_time(interface, (uint64_t)high << 32 | low));
	put_times(body, interface, options, block->big);
	pcapng_put_options(body, PCAPNG_STATISTICS, options, block->big);
	pcapng_put_option(body, PCAPNG_OPTION_END, ws_span_of(NULL, 0));
	pcapng_put_block(pcapng_writer_out(writer), PCAPNG_STATISTICS, body);
}

/* The block that was put together goes to this file, and to those that follow. */
static void put_and_keep(struct pcapng_writer *writer, uint32_t type)
{
	size_t before = writer->kept.len;

	if (before + writer->body.len > KEPT_MAX) {
		pcapng_put_block(pcapng_writer_out(writer), type, &writer->body);
		return;
	}
	pcapng_put_block(&writer->kept, type, &writer->body);
	out_bytes(pcapng_writer_out(writer), writer->kept.text + before, writer->kept.len - before);
}

void pcapng_put_secrets(struct out *body, uint32_t type, struct ws_span secrets)
{
	pcapng_put_u32(body, type);
	pcapng_put_u32(body, (uint32_t)secrets.len);
	pcapng_put_padded(body, secrets);
}

static void take_secrets(struct pcapng_writer *writer, const struct pcapng_block *block)
{
	struct ws_span secrets;
	uint32_t type;

	if (!writer->options->write_keys || !pcapng_secrets_parse(block, &type, &secrets))
		return;
	pcapng_put_secrets(&writer->body, type, secrets);
	put_and_keep(writer, PCAPNG_SECRETS);
}

static void take_names(struct pcapng_writer *writer, const struct pcapng_block *block)
{
	pcapng_put_names(&writer->body, block->body, block->big);
	put_and_keep(writer, PCAPNG_NAMES);
}

/* Those without a packet are kept, too: that nothing came is something to know. */
static void take_interface(struct pcapng_writer *writer, const struct pcapng_block *block)
{
	struct interface *interface = interfaces_take(&writer->interfaces, block, &writer->body);

	if (interface)
		interfaces_put(&writer->interfaces, interface, &writer->body, pcapng_writer_out(writer));
}

/* What nobody here reads goes on as it is: text, and what another program made to be copied, unless the byte order of
 * what is in it would have to be known. */
static void take_other(struct pcapng_writer *writer, const struct pcapng_block *block)
{
	if (block->type == PCAPNG_CUSTOM && block->big != HOST_BIG)
		return;
	out_bytes(&writer->body, (const char *)block->body.data, block->body.len);
	pcapng_put_block(pcapng_writer_out(writer), block->type, &writer->body);
}

/* It is the first, or one more; where nothing was written of the one before, that has nothing but its head to be there
 * for. */
static void take_section(struct pcapng_writer *writer, const struct pcapng_block *block, uint32_t first)
{
	struct pcapng_section section;

	if (!pcapng_section_parse(block, &section))
		return;
	pcapng_writer_held(writer);
	if (writer->described)
		pcapng_writer_section(writer);
	interfaces_begin_section(&writer->interfaces, first);
	writer->section.len = 0;
	if (section.options.len <= KEPT_MAX)
		pcapng_put_options(&writer->section, PCAPNG_SECTION, section.options, block->big);
	if (writer->due == NOTHING_DUE)
		writer->due = SECTION_DUE;
}

void pcapng_writer_take(void *state, const struct pcapng_block *block, const struct source_place *place)
{
	struct pcapng_writer *writer = state;

	if (block->type == PCAPNG_SECTION)
		take_section(writer, block, place->first);
	else if (block->type == PCAPNG_INTERFACE)
		take_interface(writer, block);
	else if (block->type == PCAPNG_STATISTICS)
		take_statistics(writer, block);
	else if (block->type == PCAPNG_SECRETS)
		take_secrets(writer, block);
	else if (block->type == PCAPNG_NAMES)
		take_names(writer, block);
	else if (block->type == PCAPNG_JOURNAL || block->type == PCAPNG_CUSTOM)
		take_other(writer, block);
	writer->described = true;
}
