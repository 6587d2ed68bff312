#include "wscap/source_internal.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "wscap/link.h"

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
	return source_file_open(options, options->read_file, 0, error);
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
	if (step != SOURCE_PACKET)
		return source_stopped(source) ? SOURCE_END : step;
	ret->number = ++source->delivered;
	return SOURCE_PACKET;
}

size_t source_ahead(struct source *source, struct packet *ret, size_t count)
{
	return source->ops->ahead ? source->ops->ahead(source, ret, count) : 0;
}

void source_fetch(struct source *source, struct feed_window *window)
{
	if (source->ops->fetch)
		source->ops->fetch(source, window);
}

int source_turn(struct source *source, struct feed_window *window)
{
	return source->ops->turn ? source->ops->turn(source, window) : 0;
}

int source_leave(struct source *source, bool last)
{
	return source->ops->leave ? source->ops->leave(source, last) : 0;
}

bool source_left_out(const struct source *source)
{
	return source->left_out;
}

const char *source_error(struct source *source)
{
	if (source->ops->say)
		source->ops->say(source);
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

void source_on_blocks(struct source *source, source_blocks *blocks, void *context)
{
	source->blocks = blocks;
	source->blocks_context = context;
}

const char *source_name(const struct source *source)
{
	return source->name;
}

uint32_t source_resolution(const struct source *source)
{
	return source->resolution;
}

void source_before_wait(struct source *source)
{
	source = source->list ? source->list : source;
	if (source->wait)
		source->wait(source->wait_context);
}

int64_t source_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

int source_link_type(const struct source *source)
{
	return source->link_type;
}

uint32_t source_snaplen(const struct source *source)
{
	return source->snaplen;
}

bool source_counters(struct source *source, struct source_counters *ret)
{
	return source->ops->counters && source->ops->counters(source, ret);
}

void source_break(struct source *source)
{
	source->stop = 1;
}

void source_describe_link(int link_type, char *text, size_t size)
{
	const char *name = pcap_datalink_val_to_name(link_type);

	if (name)
		snprintf(text, size, ", link-type %s (%s)", name, pcap_datalink_val_to_description(link_type));
	else
		snprintf(text, size, ", link-type %d", link_type);
}

bool source_can_read(int link_type, const struct options *options)
{
	return link_known(link_type) || (options->write_file && !options->print);
}

void source_link_name(int link_type, char *text, size_t size)
{
	const char *name = pcap_datalink_val_to_name(link_type);

	if (name)
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%d", link_type);
}

void source_say_unknown(const char *name, const char *link_types, char error[static SENTENCE_SIZE])
{
	snprintf(error, SENTENCE_SIZE, _("%s: packets of link type %s cannot be read, only written with -w"), name,
		 link_types);
}

bool source_check_link(int link_type, const struct options *options, const char *name, char error[static SENTENCE_SIZE])
{
	char link_name[64];

	if (source_can_read(link_type, options))
		return true;
	source_link_name(link_type, link_name, sizeof(link_name));
	source_say_unknown(name, link_name, error);
	return false;
}
