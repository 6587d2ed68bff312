#include "parts.h"

#include <stdlib.h>

#include "speakers.h"

/* The owner of a packet that is of no connection. */
#define PART_NONE SIZE_MAX

/* Either may be the client: who is may turn out later. */
struct ends {
	struct endpoint a, b;
};

void parts_init(struct parts *parts, size_t packets)
{
	*parts = (struct parts){.packets = packets};
	parts->owners = or_abort(calloc(packets + 1, sizeof(*parts->owners)));
	parts->ends = or_abort(calloc(packets + 1, sizeof(*parts->ends)));
}

void parts_finish(struct parts *parts)
{
	free(parts->owners);
	free(parts->ends);
}

static bool is_between(const struct ends *ends, const struct endpoint *a, const struct endpoint *b)
{
	return (same_end(&ends->a, a) && same_end(&ends->b, b)) || (same_end(&ends->a, b) && same_end(&ends->b, a));
}

void parts_take(struct parts *parts, size_t place, const struct packet_view *view)
{
	struct ends ends;
	size_t i = 0;

	parts->owners[place] = PART_NONE;
	if (!view->is_segment)
		return;
	ends = (struct ends){.a = conn_client(view->conn), .b = conn_server(view->conn)};
	while (i < parts->count && !is_between(&parts->ends[i], &ends.a, &ends.b))
		i++;
	if (i == parts->count)
		parts->ends[parts->count++] = ends;
	parts->owners[place] = i;
}

static void begin(const struct parts *parts, struct part *ret)
{
	*ret = (struct part){.places = or_abort(calloc(parts->packets + 1, sizeof(*ret->places)))};
}

void part_whole(const struct parts *parts, struct part *ret)
{
	begin(parts, ret);
	while (ret->count < parts->packets) {
		ret->places[ret->count] = ret->count;
		ret->count++;
	}
}

void part_one(const struct parts *parts, size_t number, struct part *ret)
{
	begin(parts, ret);
	for (size_t i = 0; i < parts->packets; i++)
		if (parts->owners[i] == number || parts->owners[i] == PART_NONE)
			ret->places[ret->count++] = i;
}

void part_finish(struct part *part)
{
	free(part->places);
}
