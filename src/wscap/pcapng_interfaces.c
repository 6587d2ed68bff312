/* Resolution is kept where it is a power of ten down to nanoseconds, which is what our times are; a finer one, and
 * powers of two, become nanoseconds. */
#include "wscap/pcapng_interfaces.h"

#include <stdlib.h>

enum {
	DESCRIPTION_MAX = 2048, /* bytes kept of an interface's options: there may be 65,536 of them */
	NOT_WRITTEN = -1,
};

static void forget(struct interfaces *interfaces)
{
	for (uint32_t i = 0; i < interfaces->count; i++)
		free(interfaces->all[i].options);
	interfaces->count = 0;
}

void interfaces_finish(struct interfaces *interfaces)
{
	forget(interfaces);
	free(interfaces->all);
	interfaces->all = NULL;
	interfaces->room = 0;
}

void interfaces_begin_section(struct interfaces *interfaces, uint32_t first)
{
	forget(interfaces);
	interfaces->first = first;
	interfaces->in_file = 0;
}

void interfaces_begin_file(struct interfaces *interfaces)
{
	interfaces->in_file = 0;
	for (uint32_t i = 0; i < interfaces->count; i++)
		interfaces->all[i].written = NOT_WRITTEN;
}

struct interface *interfaces_add(struct interfaces *interfaces, uint16_t link_type, uint32_t snaplen, uint32_t unit,
				 struct ws_span options)
{
	uint32_t room = interfaces->room ? interfaces->room * 2 : 4;
	struct interface *all = interfaces->all, *added;

	if (interfaces->count == interfaces->room) {
		all = realloc(all, room * sizeof(*all));
		if (!all)
			return NULL;
		interfaces->all = all;
		interfaces->room = room;
	}
	added = &all[interfaces->count++];
	*added = (struct interface){
	    .written = NOT_WRITTEN, .unit = unit, .link_type = link_type, .snaplen = snaplen, .read = {.units = 1}};
	if (options.len && options.len <= DESCRIPTION_MAX && (added->options = malloc(options.len))) {
		memcpy(added->options, options.data, options.len);
		added->options_len = options.len;
	}
	return added;
}

struct interface *interfaces_take(struct interfaces *interfaces, const struct pcapng_block *block, struct out *body)
{
	struct pcapng_interface read;
	struct interface *added;
	const char *what;
	uint32_t unit;

	if (!pcapng_interface_parse(block, &read, &what))
		return NULL;
	unit = !read.binary && read.units <= NSEC_PER_SEC ? (uint32_t)(NSEC_PER_SEC / read.units) : 1;
	pcapng_put_options(body, PCAPNG_INTERFACE, read.options, block->big);
	added = interfaces_add(interfaces, read.link_type, read.snaplen, unit, ws_span_of(body->text, body->len));
	if (added) {
		added->read = read;
		added->read.options = ws_span_of(NULL, 0);
	}
	body->len = 0;
	return added;
}

struct interface *interfaces_find(struct interfaces *interfaces, uint32_t number)
{
	uint32_t index = number - interfaces->first;

	if (index < interfaces->count)
		return &interfaces->all[index];
	if (index > interfaces->count) /* the files before it had others */
		interfaces->first += index - interfaces->count;
	return NULL;
}

void interfaces_put(struct interfaces *interfaces, struct interface *interface, struct out *body, struct out *out)
{
	uint8_t power = 9;

	if (interface->written != NOT_WRITTEN)
		return;
	for (uint32_t unit = interface->unit; unit >= 10; unit /= 10)
		power--;
	pcapng_put_u16(body, interface->link_type);
	pcapng_put_u16(body, 0);
	pcapng_put_u32(body, interface->snaplen);
	out_bytes(body, interface->options, interface->options_len);
	pcapng_put_option(body, PCAPNG_OPTION_RESOLUTION, ws_span_of(&power, 1));
	pcapng_put_option(body, PCAPNG_OPTION_END, ws_span_of(NULL, 0));
	pcapng_put_block(out, PCAPNG_INTERFACE, body);
	interface->written = interfaces->in_file++;
}

void interface_put_time(const struct interface *interface, struct out *out, int64_t time)
{
	uint64_t units = time > 0 ? (uint64_t)time / interface->unit : 0; /* there is nothing before 1970 */

	pcapng_put_u32(out, (uint32_t)(units >> 32));
	pcapng_put_u32(out, (uint32_t)units);
}

int64_t interface_time(const struct interface *interface, uint64_t units)
{
	return pcapng_time(&interface->read, units);
}
