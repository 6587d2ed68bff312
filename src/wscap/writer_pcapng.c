/* pcapng files: the sections of the file that is read, with what they say of themselves, or one; in each the
 * interfaces, in the order in which they are described, and in the files that -C and -G begin those that have packets
 * in them; the packets with their comments; what writer_pcapng_take.c takes over from the file that is read; at the end
 * the counters of a live capture.
 *
 * The last packet is held, because at the end of the capture there may be something more to be said of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "wscap/drops.h"
#include "wscap/link_types.h"
#include "wscap/options.h"
#include "wscap/writer_pcapng.h"

enum {
	OPTION_HEAD = 4, /* bytes: the end of the options is nothing else */
	ISB_FILTER_ACCEPT = 6,
	ISB_IF_DROP = 5,
	ISB_OS_DROP = 7,
	ISB_DELIVERED = 8,
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

void pcapng_writer_section(struct pcapng_writer *writer)
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

void pcapng_writer_held(struct pcapng_writer *writer)
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

struct out *pcapng_writer_out(struct pcapng_writer *writer)
{
	if (writer->behind.len > KEPT_MAX)
		pcapng_writer_held(writer);
	pcapng_writer_section(writer);
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
	pcapng_writer_held(writer);
	pcapng_writer_section(writer);
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
	pcapng_writer_held(writer);
	if (options_live(writer->options))
		pcapng_writer_section(writer);
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
	pcapng_writer_held(writer);
	pcapng_writer_section(writer);
	put_interface(writer);
	put_counters(writer);
	failed = -out_flush(&writer->out);
	if (writer->fd > STDOUT_FILENO && close(writer->fd) != 0 && !failed)
		failed = errno;
	writer->fd = writer->out.fd = -1;
	return failed;
}

/* In this file only: it has the handshake that they belong to. */
static void write_secrets(void *state, struct ws_span lines)
{
	struct pcapng_writer *writer = state;

	pcapng_put_secrets(&writer->body, SECRETS_TLS_KEY_LOG, lines);
	pcapng_put_block(pcapng_writer_out(writer), PCAPNG_SECRETS, &writer->body);
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
    .block = pcapng_writer_take,
    .watch = watch,
    .secrets = write_secrets,
    .words = write_words,
};
