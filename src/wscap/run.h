/* The capture itself: from the source to the sink and the writer, until it ends. */
#ifndef WSCAP_RUN_H
#define WSCAP_RUN_H

#include "wscap/options.h"
#include "wscap/sink.h"

/* Returns the exit status: 0, or 1 after a line on standard error. */
int run(const struct options *options, const struct sink_ops *ops);

#endif
