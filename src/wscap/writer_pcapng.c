/* pcapng files: the sections of the file that is read, with what they say of themselves, or one; in each the
 * interfaces, in the order in which they are described, and in the files that -C and -G begin those that have packets
 * in them; the packets with their comments; what the file that is read says of its interfaces and names, and its keys
 * where that is asked for; at the end the counters of a live capture.
 *
 * The last packet is held, because at the end of the capture there may be something more to be said of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/i18n.h"
#include "wscap/drops.h"
#include "wscap/link_types.h"
#include "wscap/options.h"
#include "wscap/pcapng_interfaces.h"
#include "wscap/writer_internal.h"

enum {
	KEPT_MAX = 4 << 20, /* bytes of names and keys that are kept for the files that -C and -G begin */
	OPTION_HEAD = 4,    /* bytes: the end of the options is nothing else */
	HOST_BIG = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
	ISB_START_TIME = 2,
	ISB_END_TIME = 3,
	ISB_FILTER_ACCEPT = 6,
	ISB_IF_DROP = 5,
	ISB_OS_DROP = 7,
	ISB_DELIVERED = 8,
};

struct pcapng_writer {
	const struct options *options;
	struct source *source; /* NULL until it is watched */
	int link_type;         /* DLT_*, where no block says it */
	uint32_t snaplen;

	int fd;
	struct out out;
	struct out body;    /* of the block that is put together */
	struct out kept;    /* whole blocks that each file begins with */
	struct out section; /* the options of the section that is read, without an end */
	enum section_due {
		NOTHING_DUE,
		SECTION_DUE, /* before the next block */
		FILE_DUE,    /* …and it is the first of a file */
	} due;

	struct out held;     /* the last packet's block, without the options' end; empty where there is none */
	struct out behind;   /* whole blocks that follow it */
	size_t held_options; /* where they begin in it */

	struct interfaces interfaces;
	bool described;   /* the file that is read says what its interfaces are */
	uint64_t packets; /* in all files */
	int64_t last_time;
};

static void destroy(void *state)
{
	struct pcapng_writer *writer = state;

	if (!writer)
		return;
	if (writer->fd > STDOUT_FILENO)
		close(writer->fd);
	interfaces_finish(&writer->interfaces);
	out_finish(&writer->out);
	out_finish(&writer->body);
	out_finish(&writer->kept);
	out_finish(&writer->section);
	out_finish(&writer->held);
	out_finish(&writer->behind);
	free(writer);
}

static bool create(void **ret_state, const struct options *options, int link_type, uint32_t snaplen,
		   char error[static SENTENCE_SIZE])
{
	struct pcapng_writer *writer = calloc(1, sizeof(*writer));

	*ret_state = writer;
	if (writer)
		*writer =
		    (struct pcapng_writer){.options = options, .link_type = link_type, .snaplen = snaplen, .fd = -1};
	if (writer && out_init(&writer->out, -1) == 0 && out_init(&writer->body, -1) == 0 &&
	    out_init(&writer->kept, -1) == 0 && out_init(&writer->section, -1) == 0 &&
	    out_init(&writer->held, -1) == 0 && out_init(&writer->behind, -1) == 0)
		return true;
	snprintf(error, SENTENCE_SIZE, "%s: %s", options->write_file, strerror(ENOMEM));
	return false;
}

static bool begin(void *state, const char *path, char error[static SENTENCE_SIZE])
{
	struct pcapng_writer *writer = state;

	writer->fd =
	    strcmp(path, "-") == 0 ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (writer->fd < 0) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", path, strerror(errno));
		return false;
	}
	writer->out.fd = writer->fd;
	interfaces_begin_file(&writer->interfaces);
	writer->due = FILE_DUE; /* its options may be read yet */
	return true;
}

/* The section's head, if it is not there yet. */
static void put_section(struct pcapng_writer *writer)
{
	struct out *body = &writer->body, *options = &writer->section;

	if (writer->due == NOTHING_DUE)
		return;
	pcapng_put_section(&writer->out, body, ws_span_of(options->text, options->len), ws_span_str("wscap " VERSION));
	if (writer->due == FILE_DUE)
		out_bytes(&writer->out, writer->kept.text, writer->kept.len);
	writer->due = NOTHING_DUE;
}

/* One that no block describes: a device's, or a classic file's. */
static struct interface *default_interface(struct pcapng_writer *writer, int link_type)
{
	struct source *source = writer->source;
	struct out *body = &writer->body;
	struct interface *added;

	if (source && options_live(writer->options))
		pcapng_put_option(body, PCAPNG_OPTION_NAME, ws_span_str(source_name(source)));
	added = interfaces_add(&writer->interfaces, (uint16_t)link_types_number(link_type), writer->snaplen,
			       source ? source_resolution(source) : 1, ws_span_of(body->text, body->len));
	body->len = 0;
	return added;
}

static void put_held(struct pcapng_writer *writer)
{
	struct out *held = &writer->held, *behind = &writer->behind;

	if (!held->len)
		return;
	if (held->len > writer->held_options)
		pcapng_put_option(held, PCAPNG_OPTION_END, ws_span_of(NULL, 0));
	pcapng_put_block(&writer->out, PCAPNG_PACKET, held);
	out_bytes(&writer->out, behind->text, behind->len);
	behind->len = 0;
}

/* Where a block goes that comes now. */
static struct out *out_now(struct pcapng_writer *writer)
{
	if (writer->behind.len > KEPT_MAX)
		put_held(writer);
	put_section(writer);
	return writer->held.len ? &writer->behind : &writer->out;
}

static int write_packet(void *state, const struct packet *packet, struct ws_span comment,
			char error[static SENTENCE_SIZE])
{
	struct pcapng_writer *writer = state;
	struct interface *interface = interfaces_find(&writer->interfaces, packet->interface);
	struct out *held = &writer->held;

	(void)error;
	if (!interface)
		interface = default_interface(writer, packet->link_type);
	if (!interface)
		return ENOMEM;
	put_held(writer);
	put_section(writer);
	interfaces_put(&writer->interfaces, interface, &writer->body, &writer->out);
	pcapng_put_u32(held, (uint32_t)interface->written);
	interface_put_time(interface, held, packet->time);
	pcapng_put_u32(held, (uint32_t)packet->bytes.len);
	pcapng_put_u32(held, packet->wire_len);
	pcapng_put_padded(held, packet->bytes);
	writer->held_options = held->len;
	pcapng_put_options(held, PCAPNG_PACKET, packet->options, packet->options_big);
	if (comment.len && !pcapng_has_comment(packet->options, packet->options_big, comment))
		pcapng_put_option(held, PCAPNG_OPTION_COMMENT, comment);
	writer->packets++;
	writer->last_time = packet->time;
	return out_error(held) ? out_error(held) : out_error(&writer->out);
}

/* It is there already where the file that is read was written by us. */
static void write_words(void *state, struct ws_span words)
{
	struct pcapng_writer *writer = state;
	struct out *held = &writer->held;
	struct ws_span options = ws_span_from(ws_span_of(held->text, held->len), writer->held_options);

	if (held->len && !pcapng_has_comment(options, HOST_BIG, words))
		pcapng_put_option(held, PCAPNG_OPTION_COMMENT, words);
}

/* In the file. */
static size_t held_size(const struct pcapng_writer *writer)
{
	size_t len = writer->held.len;

	return len ? len + PCAPNG_BLOCK_MIN + (len > writer->held_options ? OPTION_HEAD : 0) : 0;
}

static int64_t size(void *state)
{
	const struct pcapng_writer *writer = state;
	off_t written = lseek(writer->fd, 0, SEEK_CUR);

	return written < 0 ? -1 : written + (int64_t)(writer->out.len + held_size(writer) + writer->behind.len);
}

static int flush(void *state)
{
	struct pcapng_writer *writer = state;

	if (writer->fd < 0)
		return 0;
	put_held(writer);
	if (options_live(writer->options))
		put_section(writer);
	return -out_flush(&writer->out);
}

/* What the kernel counted, where it is the kernel that packets come from. No counter is ours alone: what we left out
 * was accepted, not dropped by the system, and not delivered; so it shows in the difference, and a comment says it. All
 * of them count from the beginning of the capture, whatever -C and -G do. */
static void put_counters(struct pcapng_writer *writer)
{
	const struct interface *interface = writer->interfaces.all;
	struct out *body = &writer->body;
	struct source_counters counters;
	char sentence[SENTENCE_SIZE];

	if (!writer->source || !writer->interfaces.in_file || !source_counters(writer->source, &counters))
		return;
	pcapng_put_u32(body, (uint32_t)interface->written);
	interface_put_time(interface, body, writer->last_time);
	if (counters.left) {
		drops_say_ours(sentence, counters.left);
		pcapng_put_option(body, PCAPNG_OPTION_COMMENT, ws_span_str(sentence));
	}
	pcapng_put_option_u64(body, ISB_FILTER_ACCEPT, counters.received);
	pcapng_put_option_u64(body, ISB_IF_DROP, counters.dropped_by_interface);
	pcapng_put_option_u64(body, ISB_OS_DROP, counters.dropped);
	pcapng_put_option_u64(body, ISB_DELIVERED, writer->packets);
	pcapng_put_option(body, PCAPNG_OPTION_END, ws_span_of(NULL, 0));
	pcapng_put_block(&writer->out, PCAPNG_STATISTICS, body);
}

/* Without a packet, it is there all the same. */
static void put_interface(struct pcapng_writer *writer)
{
	struct interface *interface;

	if (writer->described || writer->interfaces.count)
		return;
	interface = default_interface(writer, writer->link_type);
	if (interface)
		interfaces_put(&writer->interfaces, interface, &writer->body, &writer->out);
}

static int end(void *state)
{
	struct pcapng_writer *writer = state;
	int failed;

	if (writer->fd < 0)
		return 0;
	put_held(writer);
	put_section(writer);
	put_interface(writer);
	put_counters(writer);
	failed = -out_flush(&writer->out);
	if (writer->fd > STDOUT_FILENO && close(writer->fd) != 0 && !failed)
		failed = errno;
	writer->fd = writer->out.fd = -1;
	return failed;
}

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
	interfaces_put(&writer->interfaces, interface, body, out_now(writer));
	pcapng_put_u32(body, (uint32_t)interface->written);
	interface_put_time(interface, body, interface_time(interface, (uint64_t)high << 32 | low));
	put_times(body, interface, options, block->big);
	pcapng_put_options(body, PCAPNG_STATISTICS, options, block->big);
	pcapng_put_option(body, PCAPNG_OPTION_END, ws_span_of(NULL, 0));
	pcapng_put_block(out_now(writer), PCAPNG_STATISTICS, body);
}

/* The block that was put together goes to this file, and to those that follow. */
static void put_and_keep(struct pcapng_writer *writer, uint32_t type)
{
	size_t before = writer->kept.len;

	if (before + writer->body.len > KEPT_MAX) {
		pcapng_put_block(out_now(writer), type, &writer->body);
		return;
	}
	pcapng_put_block(&writer->kept, type, &writer->body);
	out_bytes(out_now(writer), writer->kept.text + before, writer->kept.len - before);
}

static void put_secrets(struct out *body, uint32_t type, struct ws_span secrets)
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
	put_secrets(&writer->body, type, secrets);
	put_and_keep(writer, PCAPNG_SECRETS);
}

/* In this file only: it has the handshake that they belong to. */
static void write_secrets(void *state, struct ws_span lines)
{
	struct pcapng_writer *writer = state;

	put_secrets(&writer->body, SECRETS_TLS_KEY_LOG, lines);
	pcapng_put_block(out_now(writer), PCAPNG_SECRETS, &writer->body);
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
		interfaces_put(&writer->interfaces, interface, &writer->body, out_now(writer));
}

/* What nobody here reads goes on as it is: text, and what another program made to be copied, unless the byte order of
 * what is in it would have to be known. */
static void take_other(struct pcapng_writer *writer, const struct pcapng_block *block)
{
	if (block->type == PCAPNG_CUSTOM && block->big != HOST_BIG)
		return;
	out_bytes(&writer->body, (const char *)block->body.data, block->body.len);
	pcapng_put_block(out_now(writer), block->type, &writer->body);
}

/* It is the first, or one more; where nothing was written of the one before, that has nothing but its head to be there
 * for. */
static void take_section(struct pcapng_writer *writer, const struct pcapng_block *block, uint32_t first)
{
	struct pcapng_section section;

	if (!pcapng_section_parse(block, &section))
		return;
	put_held(writer);
	if (writer->described)
		put_section(writer);
	interfaces_begin_section(&writer->interfaces, first);
	writer->section.len = 0;
	if (section.options.len <= KEPT_MAX)
		pcapng_put_options(&writer->section, PCAPNG_SECTION, section.options, block->big);
	if (writer->due == NOTHING_DUE)
		writer->due = SECTION_DUE;
}

static void take_block(void *state, const struct pcapng_block *block, const struct source_place *place)
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

static void watch(void *state, struct source *source)
{
	struct pcapng_writer *writer = state;

	writer->source = source;
}

const struct writer_kind writer_pcapng = {
    .create = create,
    .destroy = destroy,
    .begin = begin,
    .packet = write_packet,
    .size = size,
    .flush = flush,
    .end = end,
    .block = take_block,
    .watch = watch,
    .secrets = write_secrets,
    .words = write_words,
};
