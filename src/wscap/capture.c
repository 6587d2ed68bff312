#include "wscap/capture.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"
#include "wscap/capture_internal.h"
#include "wscap/unpack.h"

enum {
	MAGIC = 4, /* bytes that tell the kind of file */
};

void capture_init(struct capture *capture, struct link_types *types, feed_read *read, void *context)
{
	*capture = (struct capture){.types = types};
	feed_init(&capture->feed, read, context);
}

void capture_finish(struct capture *capture)
{
	feed_finish(&capture->feed);
	free(capture->interfaces);
	capture->interfaces = NULL;
}

enum capture_step capture_fail(struct capture *capture, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(capture->error, sizeof(capture->error), format, list);
	va_end(list);
	return CAPTURE_ERROR;
}

enum capture_step capture_feed_step(struct capture *capture, enum feed_step step)
{
	return step == FEED_IDLE ? CAPTURE_IDLE : capture_fail(capture, "%s", capture->feed.error);
}

static bool is_section(struct ws_span first)
{
	struct ws_cursor in = ws_cursor_of(first);
	uint32_t type;

	return ws_take_u32(&in, &type) && type == PCAPNG_SECTION;
}

enum capture_step capture_begin(struct capture *capture)
{
	struct feed *feed = &capture->feed;
	enum feed_step step = FEED_READY;
	const char *packing;

	if (!feed->unpack)
		step = feed_begin(feed);
	if (step == FEED_READY)
		step = feed_want(feed, MAGIC);
	if (step == FEED_END)
		return capture_fail(capture, "truncated dump file; tried to read %d file header bytes, only got %zu",
				    MAGIC, feed_left(feed).len);
	if (step != FEED_READY)
		return capture_feed_step(capture, step);
	capture->pcapng = is_section(feed_left(feed));
	if (capture->pcapng)
		return capture_blocks_begin(capture);
	if (pcap_head_known(feed_left(feed)))
		return capture_records_begin(capture);
	packing = unpack_unread(feed_left(feed));
	if (packing)
		return capture_fail(capture, _("packed by %s, which is not read: gzip, zstd and lz4 are"), packing);
	return capture_fail(capture, "unknown file format");
}

enum capture_step capture_next(struct capture *capture, struct packet *ret,
			       const struct capture_interface **ret_interface)
{
	if (!capture->pcapng)
		return capture_records_next(capture, ret, ret_interface);
	return capture_blocks_next(capture, ret, ret_interface);
}

size_t capture_ahead(struct capture *capture, struct packet *ret, size_t count)
{
	uint64_t here = feed_offset(&capture->feed);
	struct ws_span left;

	if (capture->ahead < here)
		capture->ahead = here;
	left = ws_span_from(feed_left(&capture->feed), (size_t)(capture->ahead - here));
	return capture->pcapng ? capture_blocks_ahead(capture, left, ret, count)
			       : capture_records_ahead(capture, left, ret, count);
}

static bool grow(struct capture *capture)
{
	uint32_t room = capture->interface_room ? capture->interface_room * 2 : 1;
	struct capture_interface *interfaces = realloc(capture->interfaces, room * sizeof(*interfaces));

	if (!interfaces)
		return false;
	capture->interfaces = interfaces;
	capture->interface_room = room;
	return true;
}

bool capture_add_interface(struct capture *capture, uint32_t number, uint32_t snaplen,
			   const struct pcapng_interface *clock)
{
	struct link_type *type = link_types_get(capture->types, number, capture->error);

	if (!type)
		return false;
	if (capture->interface_count == CAPTURE_INTERFACES_MAX) {
		capture_fail(capture, _("more than %d interfaces in one section"), CAPTURE_INTERFACES_MAX);
		return false;
	}
	if (capture->interface_count == capture->interface_room && !grow(capture)) {
		capture_fail(capture, "%s", strerror(ENOMEM));
		return false;
	}
	if (snaplen == 0 || snaplen > INT_MAX)
		snaplen = type->longest;
	capture->interfaces[capture->interface_count++] =
	    (struct capture_interface){.type = type, .snaplen = snaplen, .clock = *clock};
	return true;
}

const struct capture_interface *capture_first(const struct capture *capture)
{
	return &capture->first;
}

const char *capture_error(struct capture *capture)
{
	const struct capture_damage *damage = &capture->damage;
	int len;

	if (!damage->places)
		return *capture->error ? capture->error : NULL;
	if (damage->places == 1)
		len = snprintf(capture->said, sizeof(capture->said),
			       _("damaged at byte %llu (%s), %llu bytes were left out"),
			       (unsigned long long)damage->first, damage->why, (unsigned long long)damage->bytes);
	else
		len = snprintf(capture->said, sizeof(capture->said),
			       _("damaged in %llu places, first at byte %llu (%s), %llu bytes were left out"),
			       (unsigned long long)damage->places, (unsigned long long)damage->first, damage->why,
			       (unsigned long long)damage->bytes);
	if (*capture->error && len > 0 && (size_t)len < sizeof(capture->said))
		snprintf(capture->said + len, sizeof(capture->said) - (size_t)len, "; %.2000s", capture->error);
	return capture->said;
}
