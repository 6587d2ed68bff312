/* TLS's events, for sinks that a machine reads or that print a line: what JSON and messages say of them. */
#ifndef WSCAP_SINK_TLS_H
#define WSCAP_SINK_TLS_H

#include "base/out.h"
#include "wscap/event.h"

/* The fields of an event, each with its comma before it: wscap-json(5). */
void sink_tls_json(struct out *out, const struct event *event);
void sink_tls_locked_json(struct out *out, const struct event *event);
void sink_tls_alert_json(struct out *out, const struct event *event);

/* The end of a line. */
void sink_tls_text(struct out *out, const struct event *event);
void sink_tls_locked_text(struct out *out, const struct event *event);
void sink_tls_alert_text(struct out *out, const struct event *event);

#endif
