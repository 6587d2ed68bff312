#include "wscap/source_internal.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "wscap/link.h"

/* An int64_t of nanoseconds reaches the year 2262; a file may say anything. */
static const int64_t seconds_max = 9000000000;

/* A set-uid program must not read other people's files for whoever runs it, nor keep a right that it no longer needs.
 */
static void give_up_borrowed_rights(void)
{
	if (setgid(getgid()) != 0 || setuid(getuid()) != 0)
		log_error("%s", strerror(errno));
}

struct source *source_open(const struct options *options, char error[static SENTENCE_SIZE])
{
	struct source *source;

	if (options_live(options)) {
		source = source_live_open(options, error);
		give_up_borrowed_rights();
		return source;
	}
	give_up_borrowed_rights();
	if (options->read_list)
		return source_list_open(options, error);
	return source_file_open(options, options->read_file, error);
}

void source_close(struct source *source)
{
	if (source)
		source->ops->close(source);
}

void source_announce(const struct source *source)
{
	if (source->ops->announce)
		source->ops->announce(source);
}

enum source_step source_next(struct source *source, struct packet *ret)
{
	enum source_step step;

	if (source->stop)
		return SOURCE_END;
	step = source->ops->next(source, ret);
	if (source->stop)
		return SOURCE_END;
	if (step == SOURCE_PACKET)
		ret->number = ++source->delivered;
	return step;
}

const char *source_error(const struct source *source)
{
	return source->error;
}

void source_on_wait(struct source *source, void (*wait)(void *context), void *context)
{
	source->wait = wait;
	source->wait_context = context;
}

void source_on_secrets(struct source *source, source_secrets *secrets, void *context)
{
	source->secrets = secrets;
	source->secrets_context = context;
}

void source_before_wait(struct source *source)
{
	if (source->wait)
		source->wait(source->wait_context);
}

int source_link_type(const struct source *source)
{
	return pcap_datalink(source->pcap);
}

uint32_t source_snaplen(const struct source *source)
{
	return (uint32_t)pcap_snapshot(source->pcap);
}

bool source_counters(struct source *source, struct source_counters *ret)
{
	return source->ops->counters && source->ops->counters(source, ret);
}

void source_break(struct source *source)
{
	source->stop = 1;
}

void source_describe_link(pcap_t *pcap, char *text, size_t size)
{
	int type = pcap_datalink(pcap);
	const char *name = pcap_datalink_val_to_name(type);

	if (name)
		snprintf(text, size, ", link-type %s (%s)", name, pcap_datalink_val_to_description(type));
	else
		snprintf(text, size, ", link-type %d", type);
}

bool source_check_link(pcap_t *pcap, const struct options *options, const char *name, char error[static SENTENCE_SIZE])
{
	int type = pcap_datalink(pcap);
	const char *type_name = pcap_datalink_val_to_name(type);
	char number[16];

	if (link_known(type) || (options->write_file && !options->print))
		return true;
	snprintf(number, sizeof(number), "%d", type);
	snprintf(error, SENTENCE_SIZE, _("%s: packets of link type %s cannot be read, only written with -w"), name,
		 type_name ? type_name : number);
	return false;
}

void source_fill(const struct source *source, const struct pcap_pkthdr *header, const u_char *bytes, struct packet *ret)
{
	bool nano = pcap_get_tstamp_precision(source->pcap) == PCAP_TSTAMP_PRECISION_NANO;
	int64_t seconds = header->ts.tv_sec;
	int64_t fraction = header->ts.tv_usec;

	if (seconds > seconds_max)
		seconds = seconds_max;
	if (seconds < -seconds_max)
		seconds = -seconds_max;
	ret->time = seconds * NSEC_PER_SEC + (nano ? fraction : fraction * (NSEC_PER_SEC / 1000000));
	ret->wire_len = header->len;
	ret->link_type = pcap_datalink(source->pcap);
	ret->bytes = ws_span_of(bytes, header->caplen);
}
