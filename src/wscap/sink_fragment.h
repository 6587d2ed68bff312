/* IP fragments, as JSON tells them. */
#ifndef WSCAP_SINK_FRAGMENT_H
#define WSCAP_SINK_FRAGMENT_H

#include "base/out.h"
#include "wscap/fragments.h"

/* The fields of an event, each with its comma before it: wscap-json(5). */
void sink_fragment_json(struct out *out, const struct fragment *fragment);

#endif
