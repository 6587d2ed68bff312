/* What is said at the end, on standard error: tcpdump's counters, and then ours. */
#ifndef WSCAP_REPORT_H
#define WSCAP_REPORT_H

#include "wscap/decode.h"
#include "wscap/source.h"

/* tcpdump's, of a live source: a line each, or all in one, as SIGUSR1 asks for it while the capture goes on. Of a file
 * there are none. */
void report_capture(struct source *source, uint64_t captured, bool in_one_line);

/* Ours: one line. */
void report_decode(const struct decode_stats *stats, uint64_t copies);

#endif
