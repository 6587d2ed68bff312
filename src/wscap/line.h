/* tcpdump's line and dump for a packet, to the byte. */
#ifndef WSCAP_LINE_H
#define WSCAP_LINE_H

#include "base/out.h"
#include "wscap/decode.h"

struct options;

struct line; /* what tcpdump remembers between packets: the time of the first and the last, sequence numbers, names */

struct line *line_create(const struct options *options); /* NULL when out of memory */
void line_destroy(struct line *line);

/* The line(s), with -v's continuation lines, then the dump that -A, -X, -XX, -x or -xx asks for. Ends with a newline.
 */
void line_print(struct line *line, const struct packet_view *view, struct out *out);

/* The pieces that other sinks use too. */
void line_time(struct line *line, int64_t time, struct out *out); /* as -t… asks, with a space behind it */
void line_endpoint(struct line *line, const struct endpoint *at, struct out *out); /* 127.0.0.1.7272, or names */

#endif
