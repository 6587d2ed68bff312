/* tcpdump's line and dump for a packet, to the byte. */
#ifndef WSCAP_LINE_H
#define WSCAP_LINE_H

#include "base/out.h"
#include "wscap/decode.h"
#include "wscap/relseq.h"

struct options;

struct line; /* what tcpdump remembers between packets: the time of the first and the last, sequence numbers, names */

struct line *line_create(const struct options *options); /* NULL when out of memory */
void line_destroy(struct line *line);

/* The line(s), with -v's continuation lines, then the dump that -A, -X, -XX, -x or -xx asks for. Ends with a newline.
 */
void line_print(struct line *line, const struct packet *packet, struct out *out);

/* The same in two steps, for who prints on other threads. What a line needs of the packets before it is noted in the
 * packets' order, by one line; another one prints it, whenever. line_note() returns false, and has noted nothing, for a
 * packet that line_print() has to print in its turn, by the line that notes. */
struct line_note {
	uint64_t number; /* the packet's, as all but the last is */
	int64_t time;
	struct ws_span bytes; /* whoever prints later keeps them */
	uint32_t wire_len;
	int link_type;
	struct relseq_view numbers;
};
bool line_can_note(const struct line *line); /* is there any other under its options? */
bool line_note(struct line *line, const struct packet *packet, struct line_note *ret);
void line_print_noted(struct line *line, const struct line_note *note, struct out *out);

/* A line that only prints what was noted; as line_create(). */
struct line *line_create_printer(const struct options *options);

/* The pieces that other sinks use too. */
void line_time(struct line *line, int64_t time, struct out *out); /* as -t… asks, with a space behind it */
void line_endpoint(struct line *line, const struct endpoint *at, struct out *out); /* 127.0.0.1.7272, or names */

#endif
