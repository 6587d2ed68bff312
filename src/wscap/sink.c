#include "wscap/sink.h"

#include <string.h>

const struct sink_ops *const sinks[] = {&sink_story, &sink_packets, &sink_json, &sink_null, NULL};

const struct sink_ops *sink_find(const char *name)
{
	for (const struct sink_ops *const *ops = sinks; *ops; ops++)
		if (strcmp((*ops)->name, name) == 0)
			return *ops;
	return NULL;
}
