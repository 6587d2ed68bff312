#include "base/i18n.h"
#include "wscap/sink.h"

static int open_null(struct sink *sink)
{
	(void)sink;
	return 0;
}

const struct sink_ops sink_null = {
    .name = "null",
    .help = N_("nothing: everything is decoded, for measuring"),
    .depth = DECODE_ALL,
    .open = open_null,
};
