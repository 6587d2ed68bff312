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

/* Where the line of view's packet, which will be printed, looks first for what it remembers of the connection, where
 * there are very many: relseq_far(). It is the caller who fetches it, as a function that did nothing else would be
 * taken for one that does nothing. */
const void *line_far(const struct line *line, const struct packet_view *view);

/* The same in two steps, for who prints on other threads. What a line needs of the packets before it is noted in the
 * packets' order, by one line; another one prints it, whenever, from the note and nothing else: where everything is in
 * the packet is noted, too, and not looked for again. A packet of which more would have to be noted is printed at once,
 * and its text is the note. */
struct line_note {
	uint64_t number; /* the packet's, as is all below */
	int64_t time;
	struct ws_span bytes;                 /* or the text. Whoever prints later keeps them */
	uint32_t seq, ack;                    /* as they are printed */
	uint32_t length;                      /* of the payload */
	uint8_t link_header_len, address_len; /* address_len is 0 for a text, of which nothing else is noted */
	bool has_stamps;
	bool has_interface; /* cooked, v2 */
};
bool line_can_note(const struct line *line); /* is there anything but text under its options? */
void line_note(struct line *line, const struct packet *packet, struct out *text, struct line_note *ret);
void line_print_noted(struct line *line, const struct line_note *note, struct out *out);

/* A line that only prints what was noted; as line_create(). */
struct line *line_create_printer(const struct options *options);

/* The pieces that other sinks use too. */
void line_time(struct line *line, int64_t time, struct out *out); /* as -t… asks, with a space behind it */
void line_endpoint(struct line *line, const struct endpoint *at, struct out *out); /* 127.0.0.1.7272, or names */

/* The same into room for LINE_ENDPOINT_ROOM more bytes, where line_has_names() says that there are none. Returns where
 * the text ends. */
enum {
	LINE_ENDPOINT_ROOM = 96,
};
bool line_has_names(const struct line *line);
char *line_endpoint_put(struct line *line, const struct endpoint *endpoint, char *at);

#endif
